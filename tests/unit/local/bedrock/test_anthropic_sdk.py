"""The simulated Claudes as Anthropic's own client for Bedrock reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

from tests.support.simulated_bedrock import order, serving, simulator

OPUS_5 = "us.anthropic.claude-opus-5"

Json = dict[str, Any]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[anthropic.AnthropicBedrock]:
    with (
        serving(simulator(tmp_path)) as url,
        anthropic.AnthropicBedrock(
            aws_access_key="key",
            aws_secret_key="secret",
            aws_region="us-east-1",
            base_url=url,
            max_retries=0,
        ) as made,
    ):
        yield made


def said(prompt: str, **fields: Any) -> Json:
    turns = [{"role": "user", "content": prompt}]
    return {"model": OPUS_5, "max_tokens": 2000, "messages": turns, **fields}


LOOK: Json = {
    "name": "look",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
SHOWN: Json = {"type": "adaptive", "display": "summarized"}
CITED: Json = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "It rains."},
    "citations": {"enabled": True},
}

ASKED: dict[str, Json] = {
    "text": said("Hello"),
    "thinking": said("Hello", thinking=SHOWN),
    "omitted thinking": said("Hello", thinking={"type": "adaptive"}),
    "redacted thinking": said(order(redacted="Hm", say="x")),
    "calls": said(order(tool=[{"name": "look", "input": {"city": "Oslo"}}] * 2), tools=[LOOK]),
    "refusal": said(order(refusal="bio", say="Well")),
    "citations": said("", messages=[{"role": "user", "content": [CITED]}]),
    "cache": said(order(cache_write=5, cache_write_1h=6, cache_read=7, say="x")),
}


@pytest.mark.parametrize("case", ASKED)
def test_a_streamed_message_is_the_whole_one(client: anthropic.AnthropicBedrock, case: str) -> None:
    with client.messages.stream(**ASKED[case]) as stream:
        streamed = stream.get_final_message().to_dict(exclude_none=True)
    whole = client.messages.create(**ASKED[case]).to_dict(exclude_none=True)
    for message in (streamed, whole):
        del message["id"]
        for block in message["content"]:
            block.pop("id", None)
            # What the SDK's helper adds to each block.
            block.pop("parsed_output", None)
    assert streamed == whole


def test_a_turn_with_thinking_is_taken_back_as_the_sdk_has_it(
    client: anthropic.AnthropicBedrock,
) -> None:
    asked = said("call look", thinking=SHOWN, tools=[LOOK])
    message = client.messages.create(**asked)
    thought, used = message.content
    assert thought.type == "thinking"
    assert used.type == "tool_use"
    assert used.input == {"city": "city"}
    result = {"type": "tool_result", "tool_use_id": used.id, "content": "seen"}
    asked["messages"] += [message.to_param(), {"role": "user", "content": [result]}]
    assert client.messages.create(**asked).stop_reason == "end_turn"


def test_what_the_sdk_does_not_know_goes_through_it(client: anthropic.AnthropicBedrock) -> None:
    prompt = order(deltas=[{"type": "glow_delta", "glow": 1}], events=[{"type": "pulse"}], say="x")
    stream = client.messages.create(**said(prompt), stream=True)
    kinds = [getattr(getattr(e, "delta", None), "type", None) or e.type for e in stream]
    assert kinds[2] == "glow_delta"
    assert kinds[-3:] == ["pulse", "message_delta", "message_stop"]


def test_a_refusal_of_the_service_is_an_error_of_the_sdk(
    client: anthropic.AnthropicBedrock,
) -> None:
    with pytest.raises(anthropic.BadRequestError, match="invalid beta flag"):
        client.beta.messages.create(**said("Hello"), betas=["fast-mode-2026-02-01"])
