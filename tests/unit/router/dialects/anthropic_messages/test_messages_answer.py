"""Whole Converse answers become messages without loss, and streamed ones become the same."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from anthropic.types import Message
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.anthropic_messages.answer import from_converse
from router.dialects.anthropic_messages.reply import STOP_REASONS, Reply, stopped
from router.dialects.anthropic_messages.thinking import LEFT_OUT, SIGNED
from router.dialects.converse.events import events_of
from router.dialects.openai import TRACE
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support import recordings
from tests.support.anthropic_sdk import events, streamed_message, whole_message
from tests.support.message_answers import (
    CLAUDE,
    answer,
    reply,
    streamed,
    thought,
    tool_use,
)

WEB = {"title": "Oslo", "location": {"web": {"url": "https://example.com/oslo"}}}
CHARS = {
    "title": "notes txt",
    "sourceContent": [{"text": "4 "}, {"text": "degrees"}],
    "location": {"documentChar": {"documentIndex": 1, "start": 10, "end": 19}},
}
PAGES = {
    "title": "Report",
    "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 3}},
}
CHUNKS = {"location": {"documentChunk": {"documentIndex": 5, "start": 0, "end": 1}}}
FOUND = {
    "title": "Weather",
    "source": "https://example.com/weather",
    "sourceContent": [{"text": "4 degrees"}],
    "location": {"searchResultLocation": {"searchResultIndex": 2, "start": 0, "end": 1}},
}
NOWHERE = {"title": "Report", "location": {"web": {}}}

REDACTED = {"reasoningContent": {"redactedContent": "AAEC"}}


def cited(*citations: dict[str, Any]) -> dict[str, Any]:
    content = [{"text": "4 °C"}, {"text": "."}]
    return {"citationsContent": {"content": content, "citations": list(citations)}}


GOLDEN: dict[str, tuple[dict[str, Any], Reply]] = {
    "text": (answer({"text": "Hello wörld"}), reply()),
    "several_texts": (answer({"text": "Hel"}, {"text": ""}, {"text": "lo"}), reply()),
    "tool_calls_beside_text": (
        answer(
            {"text": "I'll look."},
            tool_use("get_weather", {"city": "Tromsø", "days": [1, 2]}),
            tool_use("clock_now_0123456789", {}),
            stop="tool_use",
        ),
        reply(),
    ),
    "tool_call_without_input": (answer(tool_use("now", None), stop="tool_use"), reply()),
    "thinking": (
        answer(thought("2 and 2 ", "EqQB"), REDACTED, thought("is 4."), {"text": "Four."}),
        reply(),
    ),
    "thinking_of_a_claude": (
        answer(thought("2 and 2 ", "EqQB"), REDACTED, thought("", "EqQC"), {"text": "Four."}),
        reply(CLAUDE),
    ),
    "thinking_signed_alone": (
        answer(thought("2 and 2 is 4."), {"text": "Four."}),
        reply(thinking=SIGNED),
    ),
    "thinking_left_out": (answer(thought("Hm."), {"text": "Four."}), reply(thinking=LEFT_OUT)),
    "cited_text": (
        answer(
            {"text": "It is "}, cited(WEB, CHARS, PAGES, CHUNKS, FOUND, NOWHERE), cited(NOWHERE)
        ),
        reply(titles=(None, "Notes: 4°")),
    ),
    "cached": (
        answer(
            {"text": "Hi"},
            usage={
                "inputTokens": 100,
                "outputTokens": 20,
                "totalTokens": 1190,
                "cacheReadInputTokens": 1000,
                "cacheWriteInputTokens": 70,
                "cacheDetails": [
                    {"ttl": "1h", "inputTokens": 50},
                    {"ttl": "5m", "inputTokens": 20},
                ],
            },
        ),
        reply(),
    ),
    "tier_asked_for": (answer({"text": "Hi"}), reply(service_tier="priority")),
    "tier_served": (
        answer({"text": "Hi"}, serviceTier={"type": "default"}),
        reply(service_tier="priority"),
    ),
    "guardrail": (
        answer(
            {"text": "Sorry."},
            stop="guardrail_intervened",
            trace={"guardrail": {"actionReason": "blocked"}, "promptRouter": {}},
        ),
        reply(),
    ),
    "filtered": (answer(stop="content_filtered"), reply()),
    "stopped_by_the_only_sequence": (
        answer({"text": "One"}, stop="stop_sequence"),
        reply(stops=("END",)),
    ),
    "stopped_by_a_sequence_that_is_told": (
        answer(
            {"text": "One"},
            stop="stop_sequence",
            additionalModelResponseFields={"stop_sequence": "STOP"},
        ),
        reply(stops=("END", "STOP")),
    ),
    "stopped_by_one_of_several_sequences": (
        answer({"text": "One"}, stop="stop_sequence"),
        reply(stops=("END", "STOP")),
    ),
    "tokens_of_thinking_told": (
        answer(
            {"text": "Four."},
            additionalModelResponseFields={
                "usage": {"output_tokens_details": {"thinking_tokens": 31}}
            },
        ),
        reply(),
    ),
    "text_beside_an_image": (
        answer({"image": {"format": "png", "source": {"bytes": "AAEC"}}}, {"text": "A cat."}),
        reply(),
    ),
    "nothing": (answer(), reply()),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_an_answer_becomes_the_reviewed_message(name: str, snapshot: SnapshotAssertion) -> None:
    message = from_converse(*GOLDEN[name])
    whole_message(json.dumps(message).encode())
    assert message == snapshot(extension_class=JSONSnapshotExtension)


def assert_streamed_alike(converse: dict[str, Any], answering: Reply) -> None:
    """Fails unless a client gets the same of an answer in events as of the whole of it."""
    message = from_converse(converse, answering)
    body = streamed(events_of(converse), answering)
    (told,) = [event for event in events(body) if event["type"] == "message_delta"]
    # The SDK's helper keeps less of these: what Anthropic's API changes at the end of a stream.
    assert told["usage"] == message["usage"]
    assert told.get(TRACE) == message.get(TRACE)
    whole = whole_message(json.dumps(message).encode())
    assert of_anthropic(streamed_message(body)) == of_anthropic(whole)


def of_anthropic(message: Message) -> dict[str, Any]:
    return message.model_dump(exclude={"usage", TRACE})


@pytest.mark.parametrize("name", GOLDEN)
def test_a_stream_says_the_same_as_a_whole_answer(name: str) -> None:
    assert_streamed_alike(*GOLDEN[name])


NAMES = st.sampled_from(["get_weather", "clock_now_0123456789"])
JSON = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
CITATIONS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [WEB, CHARS, PAGES, CHUNKS, FOUND, NOWHERE]
)
BLOCKS = st.one_of(
    st.text().map(lambda text: {"text": text}),
    st.builds(tool_use, NAMES, st.dictionaries(st.text(), JSON, max_size=3)),
    st.builds(thought, st.text(), st.none() | st.text()),
    st.lists(CITATIONS, max_size=3).map(lambda citations: cited(*citations)),
    st.just(REDACTED),
)
ANSWERS = st.lists(BLOCKS, max_size=5)
REPLIES = st.builds(
    reply,
    st.sampled_from([reply().family, CLAUDE]),
    thinking=st.sampled_from(["shown", SIGNED, LEFT_OUT]),
)


@given(ANSWERS, REPLIES)
def test_any_answer_is_streamed_as_it_is_told_whole(
    content: list[dict[str, Any]], answering: Reply
) -> None:
    assert_streamed_alike(answer(*content), answering)


def test_what_an_answer_cost_is_told_in_dollars() -> None:
    assert from_converse(answer({"text": "Hi"}), reply())["usage"]["cost"] == "0.00023"


def test_every_stop_reason_of_converse_has_its_own_or_is_an_error() -> None:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    malformed = {"malformed_model_output", "malformed_tool_use"}
    assert STOP_REASONS.keys() | malformed == {*model.shape_for("StopReason").enum, "refusal"}


@pytest.mark.parametrize("reason", ["malformed_model_output", "malformed_tool_use"])
def test_a_malformed_answer_is_not_passed_off_as_a_whole_one(reason: str) -> None:
    with pytest.raises(ApiError) as fault:
        from_converse(answer({"text": "{"}, stop=reason), reply())
    assert fault.value.kind == "model_error"


def test_a_stop_reason_of_tomorrow_is_an_ordinary_stop() -> None:
    assert stopped(reply(), {"stopReason": "tired"})["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    "fields",
    [
        {"stop_sequence": "STOP"},
        # Where ConverseStream has it.
        {"delta": {"stop_sequence": "STOP"}},
    ],
)
def test_the_sequence_that_stopped_a_claude_is_told(fields: dict[str, Any]) -> None:
    stop = {"stopReason": "stop_sequence", "additionalModelResponseFields": fields}
    assert stopped(reply(), stop)["stop_sequence"] == "STOP"


@pytest.mark.parametrize("fields", [None, [], {}, {"delta": None}, {"stop_sequence": 1}])
def test_fields_that_tell_no_sequence_do_no_harm(fields: object) -> None:
    stop = {"stopReason": "stop_sequence", "additionalModelResponseFields": fields}
    assert stopped(reply(), stop)["stop_sequence"] is None


@pytest.mark.parametrize("converse", [{}, {"Output": {}}, {"output": None}])
def test_an_answer_without_a_message_is_bedrocks_fault(converse: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as fault:
        from_converse(converse, reply())
    assert fault.value.kind == "bad_upstream"


def converse_blocks(message: Message) -> Iterator[dict[str, Any]]:
    """Content as Converse has it, read back from the SDK's own objects."""
    for block in message.content:
        if block.type == "text":
            yield {"text": block.text}
        elif block.type == "thinking":
            yield thought(block.thinking, block.signature)
        else:
            assert block.type == "tool_use"
            yield {"toolUse": {"toolUseId": block.id, "name": block.name, "input": block.input}}


@recordings.parametrize(op="converse", status=200)
def test_a_recorded_answer_passes_without_loss(recording_id: str) -> None:
    recorded = recordings.load(recording_id)["response"]["json"]
    message = whole_message(json.dumps(from_converse(recorded, reply(CLAUDE))).encode())
    assert list(converse_blocks(message)) == recorded["output"]["message"]["content"]
    assert message.stop_reason == STOP_REASONS[recorded["stopReason"]]
    told = recorded["usage"]
    assert message.usage.input_tokens == told["inputTokens"]
    assert message.usage.output_tokens == told["outputTokens"]
    assert message.usage.cache_read_input_tokens == told.get("cacheReadInputTokens", 0)
    assert message.usage.cache_creation_input_tokens == told.get("cacheWriteInputTokens", 0)
    assert_streamed_alike(recorded, reply())


def test_an_answer_without_usage_costs_what_is_not_known() -> None:
    counted = from_converse({**answer({"text": "Hi"}), "usage": None}, reply())["usage"]
    assert "cost" not in counted
    assert counted["input_tokens"] == 0


def test_usage_is_told_by_parts_that_do_not_overlap() -> None:
    told = from_converse(*GOLDEN["cached"])["usage"]
    parts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    assert sum(told[part] for part in parts) + told["output_tokens"] == 1190
    assert sum(told["cache_creation"].values()) == told["cache_creation_input_tokens"]
