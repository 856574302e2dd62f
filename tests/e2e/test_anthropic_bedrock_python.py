"""Anthropic's Python SDK for Bedrock against the local stack: Claude by Bedrock's own route."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from tests.support.billing import billed_calls, billed_tokens
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack

MODEL = "us.anthropic.claude-sonnet-5-5"
MODELS = [
    MODEL,
    "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "us.anthropic.claude-3-haiku-20240307-v1:0",
]
"""One that knows the version which the SDK names, and two older than that version."""


@pytest.fixture
def client(stack: LocalStack) -> Iterator[anthropic.AnthropicBedrock]:
    with bedrock_client(stack, stack.new_key()["key"]) as client:
        yield client


def bedrock_client(stack: LocalStack, key: str) -> anthropic.AnthropicBedrock:
    return anthropic.AnthropicBedrock(
        aws_region="us-east-1", base_url=stack.proxy_url, api_key=key, max_retries=0
    )


def ask(text: str, **directive: Any) -> Any:
    """A turn that says what to do."""
    return {"role": "user", "content": f"{text} {order(**directive)}"}


@pytest.mark.parametrize("model", MODELS)
def test_a_message(stack: LocalStack, client: anthropic.AnthropicBedrock, model: str) -> None:
    with billed_calls(stack) as calls:
        message = client.messages.create(
            model=model, max_tokens=100, messages=[ask("Hi", say="Hello there")]
        )
    assert message.content[0].type == "text"
    assert message.content[0].text == "Hello there"
    assert (message.usage.input_tokens, message.usage.output_tokens) == billed_tokens(calls)


@pytest.mark.parametrize("model", MODELS)
def test_a_streamed_message(
    stack: LocalStack, client: anthropic.AnthropicBedrock, model: str
) -> None:
    with (
        billed_calls(stack) as calls,
        client.messages.stream(
            model=model, max_tokens=100, messages=[ask("Hi", say="one two three")]
        ) as stream,
    ):
        assert "".join(stream.text_stream) == "one two three"
        message = stream.get_final_message()
    assert message.stop_reason == "end_turn"
    assert (message.usage.input_tokens, message.usage.output_tokens) == billed_tokens(calls)


@pytest.mark.parametrize("model", MODELS)
def test_a_tool_call_goes_round(client: anthropic.AnthropicBedrock, model: str) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    terms: Any = {
        "model": model,
        "max_tokens": 100,
        "tools": [{"name": "get_weather", "input_schema": schema}],
    }
    call = {"name": "get_weather", "input": {"city": "Rome"}}
    question = ask("Rome?", tool=call)
    with client.messages.stream(messages=[question], **terms) as stream:
        first = stream.get_final_message()
    (block,) = first.content
    assert block.type == "tool_use"
    assert block.input == call["input"]
    told = {"type": "tool_result", "tool_use_id": block.id, "content": order(say="It is warm.")}
    turns = [{"role": "assistant", "content": first.content}, {"role": "user", "content": [told]}]
    message = client.messages.create(messages=[question, *turns], **terms)
    assert message.content[0].type == "text"
    assert message.content[0].text == "It is warm."


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        (MODEL, {"type": "adaptive", "display": "summarized"}),
        (MODELS[1], {"type": "enabled", "budget_tokens": 1024}),
    ],
)
def test_thinking_goes_round(
    client: anthropic.AnthropicBedrock, model: str, thinking: dict[str, Any]
) -> None:
    terms: Any = {"model": model, "max_tokens": 2000, "thinking": thinking}
    question = ask("Why?", reasoning="It rains.", say="Because.")
    first = client.messages.create(messages=[question], **terms)
    assert [block.type for block in first.content] == ["thinking", "text"]
    turns = [{"role": "assistant", "content": first.content}, ask("Sure?", say="Yes.")]
    message = client.messages.create(messages=[question, *turns], **terms)
    assert message.content[-1].type == "text"
    assert message.content[-1].text == "Yes."


def test_bedrocks_own_refusal_arrives_in_its_words(client: anthropic.AnthropicBedrock) -> None:
    with pytest.raises(anthropic.BadRequestError, match="model identifier is invalid"):
        client.messages.create(
            model="us.anthropic.no-such-model", max_tokens=10, messages=[ask("Hi", say="Yes")]
        )


def test_a_wrong_key_is_refused(stack: LocalStack) -> None:
    with (
        bedrock_client(stack, "sk_m11_no") as client,
        pytest.raises(anthropic.AuthenticationError),
    ):
        client.messages.create(model=MODEL, max_tokens=10, messages=[ask("Hi", say="Yes")])
