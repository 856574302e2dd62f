"""What a request will cost and did cost, as clients of the local stack are told and as Bedrock bills it."""

from typing import Any

import anthropic
import httpx
import openai
import pytest
from ledger.money import from_usd, to_usd

from tests.support.stack import LocalStack

STORY = "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 20
TURNS = [{"role": "user", "content": STORY}]

REQUESTS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": TURNS, "max_tokens": 50},
    "/v1/responses": {"input": STORY, "max_output_tokens": 50},
    "/v1/messages": {"messages": TURNS, "max_tokens": 50},
    "/v1/embeddings": {"input": [STORY, "Ho"]},
    "/model/us.amazon.nova-lite-v1:0/converse": {
        "messages": [{"role": "user", "content": [{"text": STORY}]}],
        "inferenceConfig": {"maxTokens": 50},
    },
}


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/chat/completions", "claude-sonnet-5-5"),
        ("/v1/chat/completions", "grok-4.7"),
        ("/v1/responses", "nova-pro"),
        ("/v1/responses", "gpt-6.1-sol"),
        ("/v1/messages", "claude-sonnet-5-5"),
        ("/v1/messages", "nova-pro"),
        ("/v1/embeddings", "titan-embed-text-v2"),
        ("/v1/embeddings", "cohere-embed-v4"),
        ("/model/us.amazon.nova-lite-v1:0/converse", None),
    ],
)
def test_bedrock_bills_what_the_answer_says_and_what_the_estimate_allowed(
    stack: LocalStack, path: str, model: str | None
) -> None:
    key = stack.new_key(credit_limit_usd="1")
    proxy = stack.proxy(key["key"])
    body = {**REQUESTS[path], **({} if model is None else {"model": model})}
    before = stack.bill()["total_picodollars"]
    told = proxy.post("/v1/estimate", json={"path": path, "body": body}).json()
    assert stack.bill()["total_picodollars"] == before
    answer = proxy.post(path, json=body)
    assert answer.status_code == 200, answer.text
    billed = stack.bill()["total_picodollars"] - before
    assert answer.headers["x-bedrockrouter-cost-usd"] == to_usd(billed)
    assert 0 < from_usd(told["least_usd"]) <= billed <= from_usd(told["most_usd"])
    assert stack.settled_account(key["id"])["spent_usd"] == to_usd(billed)


def test_openais_sdk_reads_an_estimate_and_a_cost(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "nova-pro", "max_tokens": 50, "messages": TURNS}
    told: Any = client.post("/estimate", cast_to=object, body=asked)
    assert told["path"] == "/v1/chat/completions"
    raw = client.chat.completions.with_raw_response.create(**asked)
    usage: Any = raw.parse().usage
    assert raw.headers["x-bedrockrouter-cost-usd"] == usage.cost
    assert from_usd(usage.cost) <= from_usd(told["most_usd"])
    with pytest.raises(openai.BadRequestError) as raised:
        client.post("/estimate", cast_to=object, body={**asked, "max_tokens": "many"})
    assert raised.value.param == "max_tokens"


def test_anthropics_sdk_reads_an_estimate_and_a_cost(messages_client: anthropic.Anthropic) -> None:
    asked: dict[str, Any] = {"model": "claude-sonnet-5-5", "max_tokens": 50, "messages": TURNS}
    told: Any = messages_client.post("/v1/estimate", cast_to=object, body=asked)
    assert told["path"] == "/v1/messages"
    raw = messages_client.messages.with_raw_response.create(**asked)
    usage: Any = raw.parse().usage
    assert raw.headers["x-bedrockrouter-cost-usd"] == usage.cost
    assert from_usd(told["least_usd"]) <= from_usd(usage.cost) <= from_usd(told["most_usd"])
    with pytest.raises(anthropic.NotFoundError):
        messages_client.post("/v1/estimate", cast_to=object, body={**asked, "model": "a/b/c"})


@pytest.mark.parametrize("missing", [0, 1])
def test_a_key_with_just_the_credit_affords_what_it_is_told_it_does(
    stack: LocalStack, missing: int
) -> None:
    body = {"model": "nova-pro", "max_tokens": 50, "messages": TURNS}
    reserved = from_usd(estimated(stack.proxy(), body)["reserved_usd"])
    key = stack.new_key(credit_limit_usd=to_usd(reserved - missing))
    told = estimated(stack.proxy(key["key"]), body)
    answer = stack.proxy(key["key"]).post("/v1/chat/completions", json=body)
    assert (told["affordable"], answer.status_code) == ((True, 200), (False, 402))[missing]


def estimated(proxy: httpx.Client, body: dict[str, Any]) -> Any:
    answer = proxy.post("/v1/estimate", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()
