"""The official Anthropic client, fed bytes instead of a connection: an oracle for what the router says."""

import json
from collections.abc import Iterator
from typing import Any

from anthropic import Anthropic
from anthropic.types import Message, RawMessageStreamEvent
from pydantic import TypeAdapter

from tests.support.one_answer import answering

_EVENT: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)

Data = dict[str, Any]


def client_hearing(body: bytes, *, content_type: str, status: int = 200) -> Anthropic:
    """A client to whose every request the answer is `body`."""
    return Anthropic(
        api_key="key",
        base_url="http://router.test",
        max_retries=0,
        http_client=answering(body, content_type=content_type, status=status),
    )


def whole_message(body: bytes) -> Message:
    """What the client makes of a whole answer; fails unless all of it has the SDK's types."""
    client = client_hearing(body, content_type="application/json")
    heard = client.messages.create(model="some-model", max_tokens=1, messages=[])
    return Message.model_validate(heard.model_dump(), strict=True)


def streamed_message(body: bytes) -> Message:
    """What the client's own helper has put together at the end of a stream.

    Fails unless every event has the SDK's types and its place in the order of Anthropic's.
    """
    assert_in_order(body)
    client = client_hearing(body, content_type="text/event-stream")
    with client.messages.stream(model="some-model", max_tokens=1, messages=[]) as stream:
        heard = stream.get_final_message()
    # The helper adds a member of its own to texts.
    return Message.model_validate(
        heard.model_dump(exclude={"content": {"__all__": {"parsed_output"}}}), strict=True
    )


def events(body: bytes) -> Iterator[Data]:
    """The data of each server-sent event, whose name must be its type."""
    assert body.endswith(b"\n\n"), "the stream ends inside an event"
    for told in body.decode().removesuffix("\n\n").split("\n\n"):
        name, data = told.split("\n")
        content = json.loads(data.removeprefix("data: "))
        assert name == f"event: {content['type']}"
        yield content


def assert_in_order(body: bytes) -> None:
    """Fails unless it is a whole stream in the order of
    https://platform.claude.com/docs/en/build-with-claude/streaming."""
    told = [event for event in events(body) if event["type"] != "ping"]
    for event in told:
        _EVENT.validate_python(event, strict=True)
    kinds = [event["type"] for event in told]
    assert [kinds[0], *kinds[-2:]] == ["message_start", "message_delta", "message_stop"]
    blocks = 0
    filling = False
    for event in told[1:-2]:
        if event["type"] == "content_block_start":
            assert not filling, "a block is opened while another one is open"
            blocks += 1
        filling = event["type"] != "content_block_stop"
        assert event["type"].startswith("content_block_")
        assert event["index"] == blocks - 1
    assert not filling, "the last block is never closed"
