"""Anthropic's own Python SDK in its Bedrock mode against the local stack."""

from collections.abc import Iterator

import anthropic
import pytest

from tests.support.stack import LocalStack

MODEL = "us.anthropic.claude-sonnet-5-5"


@pytest.fixture
def client(stack: LocalStack) -> Iterator[anthropic.AnthropicBedrock]:
    with bedrock_client(stack, stack.new_key()["key"]) as client:
        yield client


def bedrock_client(stack: LocalStack, key: str) -> anthropic.AnthropicBedrock:
    return anthropic.AnthropicBedrock(
        aws_region="us-east-1", base_url=stack.proxy_url, api_key=key, max_retries=0
    )


def test_a_message(client: anthropic.AnthropicBedrock) -> None:
    message = client.messages.create(
        model=MODEL,
        max_tokens=100,
        messages=[{"role": "user", "content": 'Hi <<sim {"say": "Hello there"}>>'}],
    )
    assert message.content[0].type == "text"
    assert message.content[0].text == "Hello there"
    assert message.usage.output_tokens == 2


def test_a_streamed_message(client: anthropic.AnthropicBedrock) -> None:
    with client.messages.stream(
        model=MODEL,
        max_tokens=100,
        messages=[{"role": "user", "content": 'Hi <<sim {"say": "one two three"}>>'}],
    ) as stream:
        assert "".join(stream.text_stream) == "one two three"
        assert stream.get_final_message().stop_reason == "end_turn"


def test_a_wrong_key_is_refused(stack: LocalStack) -> None:
    with (
        bedrock_client(stack, "sk_m11_no") as client,
        pytest.raises(anthropic.AuthenticationError),
    ):
        client.messages.create(
            model=MODEL, max_tokens=10, messages=[{"role": "user", "content": "Hi"}]
        )
