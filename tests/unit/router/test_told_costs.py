"""What a call was charged, as its client is told: in a header, in the body, at the end of a stream.

All of the router over the simulated Bedrock, so that each way to Bedrock reports usage as it does.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from ledger.money import DOLLAR, to_usd
from router.dialects.bedrock import BedrockDialect
from router.http import Response
from router.http_pool import NeverSent, SilentTooLong
from router.metered_call import COST
from router.model_calls import ModelCall
from router.routes import handle

from tests.support.key_table import outage
from tests.support.requests import json_of
from tests.support.router import Router
from tests.support.upstream import said
from tests.support.whole_router import Outcome, WholeRouter

HI = [{"role": "user", "content": "Hi"}]
CONVERSED = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
CLAUDE_ID = "us.anthropic.claude-sonnet-4-6"
INVOKED = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": HI}


class Asked(NamedTuple):
    """A request, and the end of the path that it has on Bedrock."""

    path: str
    body: dict[str, Any]
    way: str


PROTOCOLS = {
    "chat": Asked(
        "/v1/chat/completions", {"model": "claude-sonnet-5-5", "messages": HI}, "converse"
    ),
    "chat, natively": Asked(
        "/v1/chat/completions", {"model": "grok-4.7", "messages": HI}, "openai/v1/chat/completions"
    ),
    "responses": Asked("/v1/responses", {"model": "nova-pro", "input": "Hi"}, "converse"),
    "responses, natively": Asked(
        "/v1/responses", {"model": "gpt-6.1-sol", "input": "Hi"}, "openai/v1/responses"
    ),
    "messages": Asked(
        "/v1/messages", {"model": "nova-pro", "max_tokens": 50, "messages": HI}, "converse"
    ),
    "messages, natively": Asked(
        "/v1/messages", {"model": "claude-sonnet-5-5", "max_tokens": 50, "messages": HI}, "invoke"
    ),
}
EMBEDDINGS = {
    "embeddings in one call": Asked(
        "/v1/embeddings", {"model": "cohere-embed-v4", "input": ["Hi", "Ho"]}, "invoke"
    ),
    "embeddings in two calls": Asked(
        "/v1/embeddings", {"model": "titan-embed-text-v2", "input": ["Hi", "Ho"]}, "invoke"
    ),
}
RELAYED = {
    "Converse": Asked("/model/amazon.nova-lite-v1:0/converse", CONVERSED, "converse"),
    "InvokeModel": Asked(f"/model/{CLAUDE_ID}/invoke", INVOKED, "invoke"),
}
STREAMED = {
    "ConverseStream": RELAYED["Converse"]._replace(
        path="/model/amazon.nova-lite-v1:0/converse-stream"
    ),
    "InvokeModelWithResponseStream": RELAYED["InvokeModel"]._replace(
        path=f"/model/{CLAUDE_ID}/invoke-with-response-stream"
    ),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> WholeRouter:
    return WholeRouter(tmp_path_factory.mktemp("bedrock"))


def send(whole: WholeRouter, asked: Asked, **more: Any) -> Outcome:
    outcome = whole.send("POST", asked.path, json.dumps(asked.body | more).encode())
    assert outcome.status == 200, outcome.body
    return outcome


def charged(outcome: Outcome) -> str:
    """What was metered, in dollars."""
    (record,) = outcome.records
    assert record.cost > 0
    return to_usd(record.cost)


def told_in_stream(body: bytes) -> Iterator[str]:
    """The costs in a stream's events, in order."""
    for line in body.splitlines():
        data = line.removeprefix(b"data: ")
        if data in {line, b"[DONE]"}:
            continue
        event = json.loads(data)
        usage = event.get("usage") or (event.get("response") or {}).get("usage") or {}
        if "cost" in usage:
            yield usage["cost"]


@pytest.mark.parametrize("name", PROTOCOLS | EMBEDDINGS)
def test_a_whole_answer_tells_its_cost_in_a_header_and_in_its_usage(
    whole: WholeRouter, name: str
) -> None:
    asked = (PROTOCOLS | EMBEDDINGS)[name]
    outcome = send(whole, asked)
    assert {call.path.endswith(f"/{asked.way}") for call in outcome.calls} == {True}
    assert outcome.headers[COST] == charged(outcome)
    assert json.loads(outcome.body)["usage"]["cost"] == charged(outcome)


@pytest.mark.parametrize("name", RELAYED)
def test_a_whole_answer_of_bedrocks_own_api_tells_its_cost_in_a_header(
    whole: WholeRouter, name: str
) -> None:
    outcome = send(whole, RELAYED[name])
    assert outcome.headers[COST] == charged(outcome)
    assert b"cost" not in outcome.body


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_stream_tells_its_cost_once_at_its_end(whole: WholeRouter, name: str) -> None:
    asked = PROTOCOLS[name]
    wanted = {"stream_options": {"include_usage": True}} if "chat" in name else {}
    outcome = send(whole, asked, stream=True, **wanted)
    assert outcome.streamed
    assert COST not in outcome.headers
    assert list(told_in_stream(outcome.body)) == [charged(outcome)]


@pytest.mark.parametrize("name", STREAMED)
def test_a_stream_of_bedrocks_own_api_is_relayed_as_it_comes(whole: WholeRouter, name: str) -> None:
    outcome = send(whole, STREAMED[name])
    assert outcome.streamed
    assert COST not in outcome.headers
    assert charged(outcome)


def test_the_tier_that_served_a_call_is_in_what_is_told(whole: WholeRouter) -> None:
    chat = PROTOCOLS["chat"]._replace(body={"model": "nova-pro", "messages": HI})
    usual, flex = send(whole, chat), send(whole, chat, service_tier="flex")
    assert flex.headers[COST] == json.loads(flex.body)["usage"]["cost"] == charged(flex)
    assert usual.records[0].usage == flex.records[0].usage
    assert flex.records[0].cost < usual.records[0].cost


# --- with a ledger ----------------------------------------------------------------------------------


def native(router: Router, operation: str = "converse", **more: Any) -> Response:
    request = router.request(path=f"/model/{CLAUDE_ID}/{operation}", body=CONVERSED, **more)
    return ModelCall(router.services, BedrockDialect(operation), request).serve()


def test_what_is_told_is_what_the_key_has_spent(router: Router) -> None:
    answer = {"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}}
    router.bedrock_says(said(answer | {"usage": {"inputTokens": 100, "outputTokens": 50}}))
    response = native(router)
    spent = router.account.spent
    assert spent > 0
    assert dict(response.headers)[COST] == to_usd(spent)


def test_a_call_that_failed_tells_what_it_was_charged(router: Router) -> None:
    router.bedrock_says(SilentTooLong("timed out"))
    response = native(router)
    assert response.status == 504
    assert dict(response.headers)[COST] == to_usd(router.account.spent) != "0"


WITH_USAGE: dict[str, tuple[str, dict[str, Any], Any]] = {
    "chat": (
        "/v1/chat/completions",
        {"model": "claude-sonnet-4-6", "messages": HI, "max_tokens": 50},
        {
            "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 100, "outputTokens": 50},
        },
    ),
    "chat, natively": (
        "/v1/chat/completions",
        {"model": "grok-4.7", "messages": HI, "max_tokens": 50},
        {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 50}},
    ),
    "embeddings": (
        "/v1/embeddings",
        {"model": "titan-embed-text-v2", "input": "Hi"},
        {"embedding": [0.5], "embeddingsByType": {"float": [0.5]}, "inputTextTokenCount": 1},
    ),
}


@pytest.mark.parametrize("name", WITH_USAGE)
def test_a_call_whose_settlement_is_lost_tells_what_its_reservation_will_charge(
    router: Router, name: str
) -> None:
    def fails_from_now_on() -> None:
        router.table.mishaps = [outage] * 10

    path, asked, answer = WITH_USAGE[name]
    router.bedrock_says(said(b"", 200, None, fails_from_now_on, json.dumps(answer).encode()))
    response = handle(router.services, router.request(path=path, body=asked))
    (reserved,) = router.reserved()
    assert router.record.cost == reserved
    assert dict(response.headers)[COST] == to_usd(reserved)
    assert json_of(response)["usage"]["cost"] == to_usd(reserved)


@pytest.mark.parametrize("answer", [said({"message": "Busy"}, 429), NeverSent("no route")])
def test_a_call_that_cost_nothing_says_so(router: Router, answer: Any) -> None:
    router.bedrock_says(answer)
    assert dict(native(router).headers)[COST] == "0"
    assert router.account.spent == 0


def test_counting_tokens_costs_nothing(router: Router) -> None:
    router.bedrock_says(said({"inputTokens": 3}))
    response = native(router, "count-tokens")
    assert (response.status, dict(response.headers)[COST]) == (200, "0")


@pytest.mark.parametrize("limit", [0, DOLLAR])
def test_what_was_never_admitted_tells_no_cost(router: Router, limit: int) -> None:
    router.new_key(credit_limit=limit, allowed_models=frozenset({"nova-*"}))
    response = native(router)
    assert response.status in {402, 403}
    assert COST not in dict(response.headers)


def test_what_calls_no_model_tells_no_cost(router: Router) -> None:
    response = handle(router.services, router.request("GET", "/v1/key"))
    assert response.status == 200
    assert COST not in dict(response.headers)


HEARD = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "us.xai.grok-4.7",
    "choices": [],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
}
SAID = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1000, "outputTokens": 500, "totalTokens": 1500},
}


WRITTEN = {"type": "message", "content": [], "usage": {"input_tokens": 1000, "output_tokens": 500}}
COUNTED = [
    ("x-amzn-bedrock-input-token-count", "1000"),
    ("x-amzn-bedrock-output-token-count", "500"),
]


@pytest.mark.parametrize(
    ("path", "model", "answer"),
    [
        ("/v1/chat/completions", "grok-4.7", HEARD),
        ("/v1/chat/completions", "nova-pro", SAID),
        ("/v1/messages", "claude-sonnet-5-5", WRITTEN),
    ],
)
def test_a_tier_that_only_the_headers_of_an_answer_name_is_in_all_that_is_told(
    router: Router, path: str, model: str, answer: dict[str, Any]
) -> None:
    costs = []
    for tier in ("default", "priority"):
        served = ("x-amzn-bedrock-service-tier", tier)
        router.bedrock_says(said(answer, 200, [*COUNTED, served]))
        router.new_key()
        body = {"model": model, "max_tokens": 500, "messages": HI}
        response = handle(router.services, router.request(path=path, body=body))
        assert dict(response.headers)[COST] == to_usd(router.account.spent)
        told: Any = json_of(response)
        assert told["usage"]["cost"] == to_usd(router.account.spent)
        costs.append(router.account.spent)
    assert 0 < costs[0] < costs[1]
