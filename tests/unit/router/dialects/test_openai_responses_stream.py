"""ConverseStream events become the events of a response that OpenAI's clients read."""

import json
from pathlib import Path
from typing import Any

import pytest
from openai import APIError
from openai.types.responses import Response, ResponseFunctionToolCall
from router.dialects.converse.events import events_of
from router.errors import ApiError
from router.sse import KEEP_ALIVE

from tests.support import recordings
from tests.support.responses import (
    ASKED,
    Events,
    as_the_sdk_hears,
    events_in,
    last_response,
    writer,
    written,
)

STREAMS = Path(__file__).with_name("openai_responses_streams")

WEATHER = {"type": "function", "name": "get_weather", "parameters": None, "strict": False}
CLOCK = {
    "type": "namespace",
    "name": "clock",
    "description": "Tells the time.",
    "tools": [{"type": "function", "name": "now"}],
}
EXEC = {"type": "custom", "name": "exec", "description": "Runs code."}
CITY = {
    "type": "json_schema",
    "name": "city",
    "schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}

TRANSCRIPTS: dict[str, dict[str, Any]] = {
    "cited": ASKED,
    "custom": {**ASKED, "tools": [EXEC]},
    "cut_short": {**ASKED, "tools": [WEATHER]},
    "json": {**ASKED, "text": {"format": CITY}},
    "reasoning": ASKED,
    "summary": {**ASKED, "reasoning": {"summary": "auto"}},
    "text": {
        **ASKED,
        "instructions": "Be brief.",
        "max_output_tokens": 99,
        "metadata": {"team": "é"},
        "service_tier": "flex",
        "temperature": 0.5,
        "user": "u1",
    },
    "tools": {**ASKED, "tools": [WEATHER, CLOCK], "tool_choice": "auto"},
}
"""The requests that the recorded streams answer."""


def events_of_transcript(name: str) -> Events:
    lines = (STREAMS / f"{name}.events").read_text().splitlines()
    return [
        (kind, json.loads(payload)) for kind, _, payload in (line.partition(" ") for line in lines)
    ]


def wire_of(name: str) -> bytes:
    return (STREAMS / f"{name}.sse").read_bytes()


def recorded_events(recording_id: str) -> Events:
    events = recordings.load(recording_id)["response"]["events"]
    return [(event["headers"][":event-type"], event["payload"]) for event in events]


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_stream_is_the_reviewed_one_to_the_byte(name: str) -> None:
    wire = written(events_of_transcript(name), TRANSCRIPTS[name])
    assert wire == wire_of(name)


@pytest.mark.parametrize("name", [*TRANSCRIPTS, "broken_off"])
def test_every_event_is_named_numbered_and_as_the_sdk_declares_it(name: str) -> None:
    kinds = [event["type"] for event in events_in(wire_of(name))]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds.count("response.output_item.added") >= kinds.count("response.output_item.done")


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_what_the_stream_told_piece_by_piece_is_what_its_last_event_repeats(name: str) -> None:
    events = events_in(wire_of(name))
    output = events[-1]["response"]["output"]
    assert output == [
        event["item"] for event in events if event["type"] == "response.output_item.done"
    ]
    for index, item in enumerate(output):
        deltas = [
            event["delta"]
            for event in events
            if event["type"].endswith(".delta") and event["output_index"] == index
        ]
        parts = [*item.get("content", ()), *item.get("summary", ())]
        whole = [part["text"] for part in parts] or [item.get("arguments", item.get("input", ""))]
        assert ["".join(deltas)] == whole


@pytest.mark.parametrize("name", [name for name in TRANSCRIPTS if name != "cut_short"])
def test_the_sdks_stream_helper_puts_a_response_together_again(name: str) -> None:
    heard = as_the_sdk_hears(wire_of(name))
    told = Response.model_validate(last_response(wire_of(name)), strict=True)
    assert heard.status == "completed"
    assert heard.output_text == told.output_text
    assert [(item.type, item.id) for item in heard.output] == [
        (item.type, item.id) for item in told.output
    ]


def test_every_member_of_the_sdks_response_is_there() -> None:
    response = last_response(wire_of("text"))
    assert Response.model_fields.keys() <= response.keys()
    assert response["usage"].keys() >= {"input_tokens", "output_tokens", "total_tokens", "cost"}


def test_the_sdk_finds_the_namespace_of_a_call() -> None:
    calls = [
        item
        for item in as_the_sdk_hears(wire_of("tools")).output
        if isinstance(item, ResponseFunctionToolCall)
    ]
    assert [(call.call_id, call.name, call.namespace) for call in calls] == [
        ("tooluse_1", "get_weather", None),
        ("tooluse_2", "now", "clock"),
    ]


def test_the_input_of_a_custom_tool_comes_decoded_as_it_arrives() -> None:
    kind = "response.custom_tool_call_input.delta"
    deltas = [event["delta"] for event in events_in(wire_of("custom")) if event["type"] == kind]
    assert deltas == ["text(", '"hi");', "\n// ", "\N{GRINNING FACE}"]


def test_an_answer_that_was_cut_short_is_incomplete_and_so_is_its_last_item() -> None:
    event = events_in(wire_of("cut_short"))[-1]
    assert event["type"] == "response.incomplete"
    assert event["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [item["status"] for item in event["response"]["output"]] == ["completed", "incomplete"]


def test_blocks_whose_pieces_come_mixed_keep_apart() -> None:
    start, delta, stop = "contentBlockStart", "contentBlockDelta", "contentBlockStop"
    one = {"toolUse": {"name": "one", "toolUseId": "t1"}}
    two = {"toolUse": {"name": "two", "toolUseId": "t2"}}
    events: Events = [
        ("messageStart", {"role": "assistant"}),
        (start, {"contentBlockIndex": 3, "start": one}),
        (start, {"contentBlockIndex": 7, "start": two}),
        (delta, {"contentBlockIndex": 7, "delta": {"toolUse": {"input": '{"b":2}'}}}),
        (delta, {"contentBlockIndex": 3, "delta": {"toolUse": {"input": '{"a":1}'}}}),
        (stop, {"contentBlockIndex": 3}),
        (delta, {"contentBlockIndex": 9, "delta": {"text": "Both."}}),
        (stop, {"contentBlockIndex": 7}),
        ("messageStop", {"stopReason": "tool_use"}),
    ]
    first, second, said = as_the_sdk_hears(written(events)).to_dict()["output"]
    assert (first["arguments"], second["arguments"]) == ('{"a":1}', '{"b":2}')
    assert said["content"][0]["text"] == "Both."


def test_the_sdk_passes_over_keep_alives() -> None:
    wire = wire_of("text")
    first, rest = wire.split(b"\n\n", 1)
    body = b"".join([KEEP_ALIVE, first, b"\n\n", KEEP_ALIVE, rest, KEEP_ALIVE])
    assert as_the_sdk_hears(body).output_text == "Hello wörld!"


def broken_off() -> bytes:
    stream = writer({**ASKED, "tools": [WEATHER]})
    wire = b"".join(stream.feed(*event) for event in events_of_transcript("broken_off"))
    assert stream.fault is not None
    return wire + stream.fail(ApiError("throttled", "Too many requests."))


def test_a_stream_that_breaks_off_is_the_reviewed_one_to_the_byte() -> None:
    assert broken_off() == wire_of("broken_off")


def test_the_sdk_raises_what_broke_a_stream_off() -> None:
    with pytest.raises(APIError, match="Too many requests") as raised:
        as_the_sdk_hears(broken_off())
    assert raised.value.code == "rate_limit_exceeded"


def test_a_response_that_broke_off_has_failed_and_keeps_what_is_whole() -> None:
    *_, error, failed = events_in(broken_off())
    assert error["type"] == "error"
    response = failed["response"]
    assert response["status"] == "failed"
    assert response["error"] == {"code": "rate_limit_exceeded", "message": "Too many requests."}
    assert [item["type"] for item in response["output"]] == ["message"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [("invalid_request", "invalid_prompt"), ("unavailable", "server_error")],
)
def test_a_stream_that_never_began_fails_as_a_whole_one_does(kind: str, code: str) -> None:
    events = events_in(writer().fail(ApiError(kind, "No.")))
    assert [event["type"] for event in events] == [
        "response.created",
        "response.in_progress",
        "error",
        "response.failed",
    ]
    assert events[-1]["response"]["error"]["code"] == code


def test_a_stream_is_at_fault_until_it_is_whole() -> None:
    stream = writer()
    for kind, payload in events_of_transcript("text"):
        assert kind == "metadata" or stream.fault is not None
        stream.feed(kind, payload)
        assert kind not in ("messageStop", "metadata") or stream.fault is None


def test_a_malformed_answer_ends_in_a_fault() -> None:
    stream = writer()
    stream.feed("messageStart", {"role": "assistant"})
    assert stream.feed("messageStop", {"stopReason": "malformed_tool_use"}) == b""
    assert stream.fault is not None
    assert stream.fault.kind == "model_error"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("somethingNew", {}),
        ("contentBlockStart", {"contentBlockIndex": 0, "start": {"image": {"format": "png"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"image": {"source": {}}}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
    ],
)
def test_what_a_response_has_no_place_for_makes_no_event(
    kind: str, payload: dict[str, Any]
) -> None:
    assert writer().feed(kind, payload) == b""


@recordings.parametrize(op="converse-stream", status=200)
def test_a_recorded_stream_passes_without_loss(recording_id: str) -> None:
    events = recorded_events(recording_id)
    wire = written(events)
    assert events_in(wire)
    assert_nothing_lost(events, last_response(wire))


@recordings.parametrize(op="converse", status=200)
def test_a_recorded_answer_passes_without_loss(recording_id: str) -> None:
    answer = recordings.load(recording_id)["response"]["json"]
    events = list(events_of(answer))
    assert_nothing_lost(events, last_response(written(events)))


def assert_nothing_lost(events: Events, response: dict[str, Any]) -> None:
    """Fails unless the response says what the events of the answer said."""
    heard = Response.model_validate(response, strict=True)
    deltas = [payload["delta"] for kind, payload in events if kind == "contentBlockDelta"]
    assert all(delta.keys() <= {"text", "toolUse"} for delta in deltas)
    assert heard.output_text == "".join(delta.get("text", "") for delta in deltas)
    starts = [
        payload["start"]["toolUse"] for kind, payload in events if kind == "contentBlockStart"
    ]
    calls = [item for item in heard.output if isinstance(item, ResponseFunctionToolCall)]
    assert [(call.call_id, call.name) for call in calls] == [
        (start["toolUseId"], start["name"]) for start in starts
    ]
    arguments = "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta)
    assert "".join(call.arguments for call in calls) == arguments
    (stop,) = [payload["stopReason"] for kind, payload in events if kind == "messageStop"]
    reason = heard.incomplete_details and heard.incomplete_details.reason
    assert (heard.status, reason) == {
        "end_turn": ("completed", None),
        "guardrail_intervened": ("incomplete", "content_filter"),
        "max_tokens": ("incomplete", "max_output_tokens"),
        "tool_use": ("completed", None),
    }[stop]
    (usage,) = [payload["usage"] for kind, payload in events if kind == "metadata"]
    assert heard.usage is not None
    assert heard.usage.output_tokens == usage["outputTokens"]
    assert heard.usage.total_tokens == usage["totalTokens"]
