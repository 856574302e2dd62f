"""Responses requests and answers through the translators, and as OpenAI's SDK hears them."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from catalog.families import UNKNOWN, Family
from openai.types.responses import Response, response_stream_event
from router.dialects.converse.events import events_of
from router.dialects.openai_responses.request import to_converse
from router.dialects.openai_responses.stream import ResponseStream, Wanted

from tests.support.openai_sdk import client_hearing

Events = list[tuple[str, dict[str, Any]]]
"""Converse's: type and payload of each."""

ASKED = {"model": "some-model", "input": "Hi"}

_union, *_ = get_args(response_stream_event.ResponseStreamEvent)

EVENT_CLASSES = {
    get_args(event.model_fields["type"].annotation)[0]: event for event in get_args(_union)
}
"""The SDK's class for every type of event."""


class Translated(NamedTuple):
    """What a request became."""

    body: dict[str, Any]
    stream: bool
    service_tier: str
    tools: dict[str, tuple[str, str, str | None]]
    summary: bool
    changes: tuple[str, ...]


def translated(
    body: dict[str, Any], family: Family = UNKNOWN, headers: Mapping[str, str] | None = None
) -> Translated:
    """Translates a request for a model of that family."""
    found = to_converse(body, family, headers)
    return Translated(
        found.draft.body,
        found.stream,
        found.service_tier,
        {name: tuple(tool) for name, tool in found.tools.items()},
        found.summary,
        tuple(sorted(found.draft.changes)),
    )


def writer(asked: dict[str, Any] = ASKED, family: Family = UNKNOWN) -> ResponseStream:
    """What writes the response to a request; each token costs a microdollar."""
    found = to_converse(asked, family)
    return ResponseStream(
        Wanted(
            response={"id": "resp_1", "created_at": 1_700_000_000, **found.response},
            ids="1",
            tools=found.tools,
            family=found.draft.family.name,
            summary=found.summary,
            answer_tool=found.draft.answer_tool,
            price=lambda used, _tier: used.total * 10**6,
        )
    )


def written(events: Events, asked: dict[str, Any] = ASKED, family: Family = UNKNOWN) -> bytes:
    """The whole of a response's stream; raises what is wrong with the answer."""
    stream = writer(asked, family)
    wire = [stream.feed(*event) for event in events]
    if stream.fault is not None:
        raise stream.fault
    return b"".join([*wire, stream.finish()[0]])


def answered(
    answer: dict[str, Any], asked: dict[str, Any] = ASKED, family: Family = UNKNOWN
) -> dict[str, Any]:
    """The response to a request whose answer comes whole."""
    return last_response(written(list(events_of(answer)), asked, family))


def events_in(wire: bytes) -> list[dict[str, Any]]:
    """The events of a stream; fails unless each is named, numbered and what the SDK declares."""
    found = []
    for number, told in enumerate(wire.decode("ascii").removesuffix("\n\n").split("\n\n")):
        name, data = told.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        assert event["sequence_number"] == number
        EVENT_CLASSES[event["type"]].model_validate(event, strict=True)
        found.append(event)
    return found


def last_response(wire: bytes) -> dict[str, Any]:
    """The response that the last event of a stream holds."""
    response: dict[str, Any] = json.loads(wire.rpartition(b"\ndata: ")[2])["response"]
    return response


def as_the_sdk_hears(wire: bytes, **asked: Any) -> Response:
    """The response that the SDK's own stream helper has put together at the end of a stream."""
    client = client_hearing(wire, content_type="text/event-stream")
    with client.responses.stream(**{**ASKED, **asked}) as stream:
        return stream.get_final_response()
