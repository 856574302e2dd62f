"""ConverseStream events become the chunks that OpenAI's clients read."""

import json
from pathlib import Path
from typing import Any

import pytest
from openai import APIError
from router.dialects.openai_chat.reply import FINISH_REASONS
from router.dialects.openai_chat.stream import ChunkStream
from router.dialects.shapes import openai_error
from router.errors import ApiError
from router.sse import DONE, KEEP_ALIVE, data_event

from tests.support import recordings
from tests.support.chat import reply
from tests.support.openai_sdk import streamed_completion

STREAMS = Path(__file__).with_name("openai_chat_streams")

Events = list[tuple[str, dict[str, Any]]]


def events_of(name: str) -> Events:
    lines = (STREAMS / f"{name}.events").read_text().splitlines()
    return [
        (kind, json.loads(payload)) for kind, _, payload in (line.partition(" ") for line in lines)
    ]


def recorded_events(recording_id: str) -> Events:
    events = recordings.load(recording_id)["response"]["events"]
    return [(event["headers"][":event-type"], event["payload"]) for event in events]


def chunk_stream(**members: Any) -> ChunkStream:
    return ChunkStream(reply(**{"include_usage": True, **members}))


def chunks_of(events: Events, **members: Any) -> list[dict[str, Any]]:
    stream = chunk_stream(**members)
    return [chunk for kind, payload in events for chunk in stream.feed(kind, payload)]


def on_the_wire(chunks: list[dict[str, Any]]) -> bytes:
    return b"".join(data_event(chunk) for chunk in chunks) + DONE


TRANSCRIPTS: dict[str, dict[str, Any]] = {
    "text": {"include_usage": False},
    "tools": {},
    "reasoning": {"include_usage": False},
    "custom_tools": {"custom_tools": frozenset({"clock_now_0123456789", "shell"})},
    "function_call": {"legacy": True},
    "cited": {},
    "guardrail": {"include_usage": False},
    "tier": {"service_tier": "priority"},
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_stream_is_the_reviewed_one_to_the_byte(name: str) -> None:
    wire = on_the_wire(chunks_of(events_of(name), **TRANSCRIPTS[name]))
    assert wire.decode() == (STREAMS / f"{name}.sse").read_text()


def test_the_sdk_puts_text_and_tool_calls_together_again() -> None:
    (choice,) = streamed_completion((STREAMS / "tools.sse").read_bytes()).choices
    assert choice.message.content == "I'll look."
    assert choice.finish_reason == "tool_calls"
    calls = choice.message.tool_calls or []
    assert [(call.id, call.function.name) for call in calls] == [
        ("tooluse_1", "get_weather"),
        ("tooluse_2", "clock.now"),
    ]
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}, {}]


def test_the_sdk_puts_reasoning_together_again() -> None:
    message = streamed_completion((STREAMS / "reasoning.sse").read_bytes()).choices[0].message
    assert message.content == "Fo"
    told = message.model_dump()
    assert told["reasoning_content"] == "2 and 2 is 4."
    place = {"format": "bedrock/some-family"}
    text = {"type": "reasoning.text", "text": "2 and 2 is 4.", "signature": "EqQB", "index": 0}
    encrypted = {"type": "reasoning.encrypted", "data": "AAEC", "index": 1}
    assert told["reasoning_details"] == [{**text, **place}, {**encrypted, **place}]


def test_the_sdk_puts_a_function_call_together_again() -> None:
    (choice,) = streamed_completion((STREAMS / "function_call.sse").read_bytes()).choices
    assert choice.finish_reason == "function_call"
    called = choice.message.function_call
    assert called is not None
    assert (called.name, called.arguments) == ("get_weather", '{"city":"Oslo"}')


def test_the_inputs_of_custom_tools_come_out_of_their_json() -> None:
    inputs: dict[int, str] = {}
    for chunk in chunks_of(events_of("custom_tools"), **TRANSCRIPTS["custom_tools"]):
        for choice in chunk["choices"]:
            for call in choice["delta"].get("tool_calls", ()):
                if "custom" in call:
                    told = inputs.get(call["index"], "") + call["custom"]["input"]
                    inputs[call["index"]] = told
    assert inputs == {0: 'say "hi"\n', 2: '{"command":"ls"}'}


def test_reasoning_that_is_excluded_is_counted_and_not_shown() -> None:
    chunks = chunks_of(events_of("reasoning"), hides_reasoning=True)
    assert not any(
        "reasoning" in key for chunk in chunks for key in str(chunk["choices"]).split("'")
    )
    assert chunks[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"] == 10


def test_calls_whose_pieces_come_mixed_keep_apart() -> None:
    start = "contentBlockStart"
    delta = "contentBlockDelta"
    one = {"toolUse": {"name": "one", "toolUseId": "t1"}}
    two = {"toolUse": {"name": "two", "toolUseId": "t2"}}
    events: Events = [
        ("messageStart", {"role": "assistant"}),
        (start, {"contentBlockIndex": 3, "start": one}),
        (start, {"contentBlockIndex": 7, "start": two}),
        (delta, {"contentBlockIndex": 7, "delta": {"toolUse": {"input": '{"b":2}'}}}),
        (delta, {"contentBlockIndex": 3, "delta": {"toolUse": {"input": '{"a":1}'}}}),
        ("contentBlockStop", {"contentBlockIndex": 3}),
        ("contentBlockStop", {"contentBlockIndex": 7}),
        ("messageStop", {"stopReason": "tool_use"}),
    ]
    (choice,) = streamed_completion(on_the_wire(chunks_of(events))).choices
    calls = choice.message.tool_calls or []
    assert [call.function.arguments for call in calls] == ['{"a":1}', '{"b":2}']


def test_the_sdk_passes_over_keep_alives() -> None:
    first, *rest = [data_event(chunk) for chunk in chunks_of(events_of("text"))]
    body = b"".join([first, KEEP_ALIVE, *rest, KEEP_ALIVE, DONE])
    assert streamed_completion(body).choices[0].message.content == "Hello wörld"


def test_the_sdk_raises_an_error_that_comes_in_mid_stream() -> None:
    error = ApiError("throttled", "Too many requests.")
    body = b"".join(data_event(chunk) for chunk in chunks_of(events_of("text"))[:2])
    with pytest.raises(APIError, match="Too many requests") as raised:
        streamed_completion(body + data_event(openai_error(error)))
    assert raised.value.code == "rate_limit_exceeded"


def test_a_stream_is_at_fault_until_it_is_whole() -> None:
    stream = chunk_stream()
    for kind, payload in events_of("text"):
        assert kind == "metadata" or stream.fault is not None
        stream.feed(kind, payload)
        assert kind not in ("messageStop", "metadata") or stream.fault is None


def test_a_malformed_answer_ends_in_a_fault_and_not_in_a_finish_reason() -> None:
    stream = chunk_stream()
    stream.feed("messageStart", {"role": "assistant"})
    assert stream.feed("messageStop", {"stopReason": "malformed_tool_use"}) == []
    assert stream.feed("metadata", {"usage": {"inputTokens": 1, "outputTokens": 1}}) == []
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
def test_what_chat_completions_has_no_place_for_makes_no_chunk(
    kind: str, payload: dict[str, Any]
) -> None:
    assert chunk_stream().feed(kind, payload) == []


@recordings.parametrize(op="converse-stream", status=200)
def test_a_recorded_stream_passes_without_loss(recording_id: str) -> None:
    events = recorded_events(recording_id)
    (choice,) = (heard := streamed_completion(on_the_wire(chunks_of(events)))).choices
    deltas = [payload["delta"] for kind, payload in events if kind == "contentBlockDelta"]
    assert all(delta.keys() <= {"text", "toolUse", "reasoningContent"} for delta in deltas)
    thoughts = [delta["reasoningContent"] for delta in deltas if "reasoningContent" in delta]
    told = choice.message.model_dump()
    for ours, theirs in (("text", "text"), ("signature", "signature")):
        said = "".join(detail.get(ours) or "" for detail in told.get("reasoning_details", ()))
        assert said == "".join(thought.get(theirs, "") for thought in thoughts)
    assert told.get("reasoning_content", "") == "".join(t.get("text", "") for t in thoughts)
    assert (choice.message.content or "") == "".join(delta.get("text", "") for delta in deltas)
    starts = [
        payload["start"]["toolUse"] for kind, payload in events if kind == "contentBlockStart"
    ]
    calls = choice.message.tool_calls or []
    assert [(call.id, call.function.name) for call in calls] == [
        (start["toolUseId"], start["name"]) for start in starts
    ]
    arguments = "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta)
    assert "".join(call.function.arguments for call in calls) == arguments
    (stop,) = [payload["stopReason"] for kind, payload in events if kind == "messageStop"]
    assert choice.finish_reason == FINISH_REASONS[stop]
    (usage,) = [payload["usage"] for kind, payload in events if kind == "metadata"]
    assert heard.usage is not None
    assert heard.usage.completion_tokens == usage["outputTokens"]
    assert heard.usage.total_tokens == usage["totalTokens"]
    cached = heard.usage.prompt_tokens_details
    assert cached is not None
    assert cached.cached_tokens == usage.get("cacheReadInputTokens", 0)
    assert cached.cache_write_tokens == usage.get("cacheWriteInputTokens", 0)
