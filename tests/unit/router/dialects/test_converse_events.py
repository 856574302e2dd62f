"""A whole answer tells as much when it is told in events."""

import json
from typing import Any

import pytest
from router.dialects.converse.events import content_of, events_of
from router.dialects.openai_chat.answer import from_converse
from router.dialects.openai_chat.stream import ChunkStream
from router.errors import ApiError

from tests.support import recordings
from tests.support.chat import reply
from tests.support.openai_sdk import streamed_completion

USAGE = {"inputTokens": 3, "outputTokens": 5, "totalTokens": 8}


def answer(*content: dict[str, Any], stop: str = "end_turn", **members: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": list(content)}
    return {"output": {"message": message}, "stopReason": stop, "usage": USAGE, **members}


WHOLE = {
    "text": answer({"text": "Hello"}, {"text": " wörld"}),
    "tools": answer(
        {"text": "I'll look."},
        {"toolUse": {"toolUseId": "a", "name": "now", "input": {}}},
        {"toolUse": {"toolUseId": "b", "name": "add", "input": {"n": [1, "å"]}}},
        stop="tool_use",
    ),
    "reasoning": answer(
        {"reasoningContent": {"reasoningText": {"text": "2 and 2", "signature": "EqQB"}}},
        {"reasoningContent": {"redactedContent": "AAEC"}},
        {"text": "4"},
        additionalModelResponseFields={"usage": {"output_tokens_details": {"thinking_tokens": 4}}},
    ),
    "citation": answer(
        {
            "citationsContent": {
                "content": [{"text": "4 °C"}],
                "citations": [{"title": "A", "location": {"web": {"url": "https://a.example"}}}],
            }
        }
    ),
    "beside": answer(
        {"text": "Hi"}, serviceTier={"type": "flex"}, trace={"guardrail": {"action": "NONE"}}
    ),
    "nothing": answer(stop="guardrail_intervened"),
}


def as_streamed(whole: dict[str, Any]) -> dict[str, Any]:
    """The completion that the SDK puts together from the answer's events."""
    stream = ChunkStream(reply(include_usage=True))
    chunks = [chunk for event in events_of(whole) for chunk in stream.feed(*event)]
    assert stream.fault is None
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    message = streamed_completion("".join(lines).encode()).choices[0].model_dump()
    return {**message, **{name: chunks[-1].get(name) for name in ("usage", "service_tier")}}


def told(choice: dict[str, Any]) -> dict[str, Any]:
    """What a choice says, without what the SDK adds."""
    message = choice["message"]
    return {
        "content": message["content"] or None,
        "reasoning": message.get("reasoning_content"),
        "details": message.get("reasoning_details"),
        "annotations": message.get("annotations"),
        "calls": [
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in message.get("tool_calls") or ()
        ],
        "finish_reason": choice["finish_reason"],
    }


def assert_same(whole: dict[str, Any]) -> None:
    completion = from_converse(whole, reply())
    streamed = as_streamed(whole)
    assert told(streamed) == told(completion["choices"][0])
    assert streamed["usage"] == completion["usage"]
    assert streamed["service_tier"] == completion["service_tier"]


@pytest.mark.parametrize("name", WHOLE)
def test_events_tell_what_the_whole_answer_tells(name: str) -> None:
    assert_same(WHOLE[name])


@recordings.parametrize(op="converse", status=200)
def test_events_tell_what_a_recorded_answer_tells(recording_id: str) -> None:
    assert_same(recordings.load(recording_id)["response"]["json"])


@pytest.mark.parametrize("whole", [{}, [], None, {"output": {}}, {"output": {"message": {}}}])
def test_what_holds_no_message_is_bedrocks_fault(whole: Any) -> None:
    with pytest.raises(ApiError) as fault:
        content_of(whole)
    assert fault.value.kind == "bad_upstream"
