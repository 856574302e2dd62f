"""boto3 with a bearer key against the local stack: the native API, over TLS as boto3 demands."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from ledger.money import from_usd

from tests.support.stack import LocalStack

MODEL = "us.amazon.nova-lite-v1:0"
CLAUDE = "us.anthropic.claude-sonnet-5-5"

ClientOf = Callable[[str], Any]
"""Key → client."""


@pytest.fixture
def client_of(tls_stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClientOf]:
    with ExitStack() as owned:

        def make(key: str) -> Any:
            monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", key)
            client = boto3.client(
                "bedrock-runtime",
                region_name="us-east-1",
                endpoint_url=tls_stack.proxy_url,
                verify=tls_stack.ca_bundle,
                config=Config(retries={"total_max_attempts": 1}),
            )
            return owned.enter_context(closing(client))

        yield make


@pytest.fixture
def bedrock(tls_stack: LocalStack, client_of: ClientOf) -> Any:
    return client_of(tls_stack.new_key()["key"])


def ask(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"text": text}]}]


def test_converse(bedrock: Any) -> None:
    answer = bedrock.converse(modelId=MODEL, messages=ask('Hi <<sim {"say": "Hello there"}>>'))
    assert answer["output"]["message"]["content"] == [{"text": "Hello there"}]
    assert answer["usage"]["outputTokens"] == 2


def test_what_a_call_cost_is_in_its_headers(tls_stack: LocalStack, bedrock: Any) -> None:
    before = tls_stack.bill()["total_picodollars"]
    answer = bedrock.converse(modelId=MODEL, messages=ask("Hi"))
    billed = tls_stack.bill()["total_picodollars"] - before
    told = answer["ResponseMetadata"]["HTTPHeaders"]["x-bedrockrouter-cost-usd"]
    assert from_usd(told) == billed > 0


def test_converse_stream(bedrock: Any) -> None:
    answer = bedrock.converse_stream(modelId=MODEL, messages=ask('Hi <<sim {"say": "a b c"}>>'))
    events = list(answer["stream"])
    assert [next(iter(event)) for event in events] == [
        "messageStart",
        *["contentBlockDelta"] * 3,
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    text = "".join(
        event["contentBlockDelta"]["delta"]["text"]
        for event in events
        if "contentBlockDelta" in event
    )
    assert text == "a b c"


def test_invoke_model_with_its_headers(bedrock: Any) -> None:
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": 'Hi <<sim {"say": "Hello there"}>>'}],
    }
    answer = bedrock.invoke_model(modelId=CLAUDE, body=json.dumps(body))
    assert json.loads(answer["body"].read())["content"][0]["text"] == "Hello there"
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-bedrock-output-token-count"] == "2"


def test_invoke_model_with_response_stream(bedrock: Any) -> None:
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": 'Hi <<sim {"say": "a b c"}>>'}],
    }
    answer = bedrock.invoke_model_with_response_stream(modelId=CLAUDE, body=json.dumps(body))
    events = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    assert events[0]["type"] == "message_start"
    assert events[-1]["type"] == "message_stop"
    assert "amazon-bedrock-invocationMetrics" in events[-1]


def test_count_tokens(bedrock: Any) -> None:
    answer = bedrock.count_tokens(
        modelId="anthropic.claude-haiku-4-5-20251001-v1:0",
        input={"converse": {"messages": ask("Hi")}},
    )
    assert answer["inputTokens"] > 0


def test_an_inference_profile_by_its_arn(bedrock: Any) -> None:
    arn = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{MODEL}"
    answer = bedrock.converse(modelId=arn, messages=ask('Hi <<sim {"say": "by ARN"}>>'))
    assert answer["output"]["message"]["content"] == [{"text": "by ARN"}]


def test_bedrocks_own_refusal_arrives_word_for_word(bedrock: Any) -> None:
    with pytest.raises(ClientError) as caught:
        bedrock.converse(modelId="amazon.no-such-model-v1:0", messages=ask("Hi"))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Error"]["Message"] == "The provided model identifier is invalid."


@pytest.mark.parametrize(
    "directive",
    [
        '{"words": 20, "exception": "modelStreamErrorException", "after": 5}',
        '{"words": 20, "cut_after": 5}',
        '{"words": 20, "corrupt_after": 5}',
    ],
)
def test_a_fault_in_the_stream_is_an_exception_frame(bedrock: Any, directive: str) -> None:
    answer = bedrock.converse_stream(modelId=MODEL, messages=ask(f"Hi <<sim {directive}>>"))
    seen = []
    with closing(answer["stream"]) as stream, pytest.raises(EventStreamError):
        seen.extend(stream)
    assert seen


def test_a_key_out_of_credit_is_refused_before_bedrock(
    tls_stack: LocalStack, client_of: ClientOf
) -> None:
    poor = client_of(tls_stack.new_key(credit_limit_usd="0.000001")["key"])
    before = tls_stack.bedrock_state()["requests"]
    with pytest.raises(ClientError) as caught:
        poor.converse(modelId=MODEL, messages=ask("Hi"))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 402
    assert tls_stack.bedrock_state()["requests"] == before


@pytest.mark.parametrize("path", ["/inference-profiles?type=SYSTEM_DEFINED", "/foundation-models"])
def test_the_control_planes_lists_are_bedrocks_own(tls_stack: LocalStack, path: str) -> None:
    answer = tls_stack.proxy().get(path)
    assert answer.status_code == 200
    (rows,) = (value for value in answer.json().values() if isinstance(value, list))
    assert rows
