"""ConverseStream events become the events that Anthropic's clients read."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from anthropic import APIStatusError
from catalog.pricing import Usage
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.anthropic_messages.answer import from_converse
from router.dialects.anthropic_messages.reply import STOP_REASONS
from router.dialects.anthropic_messages.stream import MessageStream
from router.dialects.anthropic_messages.thinking import LEFT_OUT, SIGNED, thinking_block
from router.dialects.shapes import ANTHROPIC, anthropic_error
from router.errors import ApiError
from router.sse import named_event

from tests.support import recordings
from tests.support.anthropic_sdk import client_hearing, events, streamed_message, whole_message
from tests.support.message_answers import (
    CLAUDE,
    OPEN,
    USAGE,
    answer,
    reply,
    streamed,
    thought,
    tool_use,
)

STREAMS = Path(__file__).with_name("streams")

Events = list[tuple[str, dict[str, Any]]]


def events_of(name: str) -> Events:
    lines = (STREAMS / f"{name}.events").read_text().splitlines()
    return [
        (kind, json.loads(payload)) for kind, _, payload in (line.partition(" ") for line in lines)
    ]


TRANSCRIPTS: dict[str, dict[str, Any]] = {
    "text": {"expected": Usage(input=4)},
    "tools": {},
    "thinking": {},
    "thinking_of_a_claude": {"family": CLAUDE},
    "thinking_signed_alone": {"thinking": SIGNED},
    "thinking_left_out": {"thinking": LEFT_OUT},
    "cited": {"titles": ("Notes: 4°",)},
    "mixed": {},
    "guardrail": {},
    "tier": {"service_tier": "priority"},
}
"""What each is translated with. The events of the ways to show thinking are the same."""


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_stream_is_the_reviewed_one_to_the_byte(name: str) -> None:
    given_events = "thinking" if name.startswith("thinking") else name
    wire = streamed(events_of(given_events), reply(**TRANSCRIPTS[name]))
    assert wire.decode() == (STREAMS / f"{name}.sse").read_text()


def heard(name: str) -> Any:
    """What the SDK makes of a reviewed stream."""
    return streamed_message((STREAMS / f"{name}.sse").read_bytes())


def test_the_sdk_puts_text_and_tool_calls_together_again() -> None:
    text, *calls = heard("tools").content
    assert text.text == "I'll look."
    assert [(call.id, call.name, call.input) for call in calls] == [
        ("tooluse_1", "get_weather", {"city": "Oslo"}),
        ("tooluse_2", "clock.now", {}),
    ]
    assert heard("tools").stop_reason == "tool_use"
    assert heard("tools").usage.cache_read_input_tokens == 1000


def test_the_sdk_puts_thinking_together_again() -> None:
    thinking, redacted, text = heard("thinking_of_a_claude").content
    assert (thinking.thinking, thinking.signature) == ("2 and 2 is 4.", "EqQB")
    assert redacted.data == "AAEC"
    assert text.text == "Fo"


def test_blocks_that_come_mixed_are_told_one_after_the_other() -> None:
    text, *calls = heard("mixed").content
    assert text.text == "Both at once."
    assert [call.input for call in calls] == [{"a": 1}, {"b": 2}]


def test_a_signature_is_told_once_and_last() -> None:
    place = {"contentBlockIndex": 0}
    pieces = [{"text": "Hm"}, {"signature": "Eq"}, {"signature": "QB"}, {"text": "."}]
    deltas: Events = [
        ("contentBlockDelta", {**place, "delta": {"reasoningContent": piece}}) for piece in pieces
    ]
    body = streamed([*BEGINNING, *deltas, ("contentBlockStop", place), *ENDING], reply(CLAUDE))
    told = [event["delta"] for event in events(body) if event["type"] == "content_block_delta"]
    assert told == [
        {"type": "thinking_delta", "thinking": "Hm"},
        {"type": "thinking_delta", "thinking": "."},
        {"type": "signature_delta", "signature": "EqQB"},
    ]


def test_a_source_may_come_before_the_words_it_is_of() -> None:
    place = {"contentBlockIndex": 0}
    source = {"location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}}
    deltas: Events = [
        ("contentBlockDelta", {**place, "delta": {"citation": source}}),
        ("contentBlockDelta", {**place, "delta": {"text": "4 °C"}}),
    ]
    (block,) = streamed_message(streamed([*BEGINNING, *deltas, *ENDING], reply())).content
    assert block.type == "text"
    assert block.text == "4 °C"
    assert [citation.type for citation in block.citations or ()] == ["page_location"]


BEGINNING: Events = [("messageStart", {"role": "assistant"})]
ENDING: Events = [("messageStop", {"stopReason": "end_turn"}), ("metadata", {"usage": USAGE})]


def test_the_end_waits_for_what_the_answer_took() -> None:
    stream = MessageStream(reply())
    for kind, payload in events_of("text"):
        assert stream.fault is not None
        told = stream.feed(kind, payload)
        assert (b"message_delta" in told) == (kind == "metadata")
    assert stream.fault is None


def test_a_malformed_answer_ends_in_a_fault_and_not_in_a_stop_reason() -> None:
    stream = MessageStream(reply())
    stream.feed("messageStart", {"role": "assistant"})
    assert stream.feed("messageStop", {"stopReason": "malformed_tool_use"}) == b""
    assert stream.feed("metadata", {"usage": USAGE}) == b""
    assert stream.fault is not None
    assert stream.fault.kind == "model_error"


def test_the_sdk_passes_over_signs_of_life() -> None:
    wire = (STREAMS / "text.sse").read_bytes()
    body = wire.replace(b"\n\n", b"\n\n" + ANTHROPIC.sign_of_life)
    assert streamed_message(body).content == heard("text").content


def test_the_sdk_raises_an_error_that_comes_in_mid_stream() -> None:
    stream = MessageStream(reply())
    begun = b"".join(stream.feed(*event) for event in events_of("text")[:3])
    error = ApiError("unavailable", "Too many requests.")
    body = begun + named_event("error", anthropic_error(error))
    client = client_hearing(body, content_type="text/event-stream")
    with (
        pytest.raises(APIStatusError, match="Too many requests") as raised,
        client.messages.stream(model="some-model", max_tokens=1, messages=[]) as heard_stream,
    ):
        heard_stream.get_final_message()
    assert raised.value.type == "overloaded_error"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("somethingNew", {}),
        ("somethingNew", {"contentBlockIndex": 0}),
        ("contentBlockStart", {"contentBlockIndex": 0, "start": {"image": {"format": "png"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"image": {"source": {}}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": ""}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{}"}}}),
        (
            "contentBlockDelta",
            {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": ""}}},
        ),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"citation": {"title": "T"}}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
    ],
)
def test_what_a_message_has_no_place_for_makes_no_event(kind: str, payload: dict[str, Any]) -> None:
    assert MessageStream(reply()).feed(kind, payload) == b""


def pieces_of(random: Random, words: str) -> list[str]:
    """Words in pieces of any size, some of them empty."""
    cuts = sorted(random.randint(0, len(words)) for _ in range(random.randint(0, 3)))
    return [words[a:b] for a, b in zip([0, *cuts], [*cuts, len(words)], strict=True)]


def events_of_block(random: Random, block: dict[str, Any], index: int) -> Events:
    place = {"contentBlockIndex": index}
    start: Events = []
    deltas: list[dict[str, Any]] = []
    if "text" in block:
        deltas = [{"text": piece} for piece in pieces_of(random, block["text"])]
    elif "toolUse" in block:
        told = dict(block["toolUse"])
        arguments = json.dumps(told.pop("input"))
        start = [("contentBlockStart", {**place, "start": {"toolUse": told}})]
        deltas = [{"toolUse": {"input": piece}} for piece in pieces_of(random, arguments)]
    else:
        for member, words in block["reasoningContent"]["reasoningText"].items():
            deltas += [{"reasoningContent": {member: piece}} for piece in pieces_of(random, words)]
    said: Events = [("contentBlockDelta", {**place, "delta": delta}) for delta in deltas]
    return [*start, *said, ("contentBlockStop", place)]


def shuffled(random: Random, blocks: list[Events]) -> Events:
    """The events of all blocks, mixed; the blocks begin in order, and each is in order itself."""
    mixed: Events = []
    waiting = [list(block) for block in blocks]
    begun = 0
    while any(waiting):
        able = [i for i, block in enumerate(waiting) if block and i <= begun]
        chosen = random.choice(able)
        mixed.append(waiting[chosen].pop(0))
        begun = max(begun, chosen + 1)
    return mixed


BLOCKS = st.one_of(
    st.text(min_size=1).map(lambda text: {"text": text}),
    st.builds(tool_use, st.just("clock"), st.dictionaries(st.text(), st.integers(), max_size=2)),
    st.builds(thought, st.text(min_size=1), st.none() | st.text(min_size=1)),
)


@given(st.lists(BLOCKS, max_size=4), st.sampled_from([OPEN, CLAUDE]), st.randoms())
def test_pieces_in_any_order_are_told_as_a_whole_answer_is(
    content: list[dict[str, Any]], family: Any, random: Random
) -> None:
    gaps = sorted(random.sample(range(9), len(content)))
    blocks = [events_of_block(random, block, gap) for block, gap in zip(content, gaps, strict=True)]
    body = streamed([*BEGINNING, *shuffled(random, blocks), *ENDING], reply(family))
    whole = from_converse(answer(*content), reply(family))
    assert streamed_message(body).content == whole_message(json.dumps(whole).encode()).content


def recorded_events(recording_id: str) -> Events:
    told = recordings.load(recording_id)["response"]["events"]
    return [(event["headers"][":event-type"], event["payload"]) for event in told]


def content_of(recorded: Events) -> list[dict[str, Any]]:
    """The blocks that a recorded stream makes, put together without any help of the router's."""
    found: dict[int, dict[str, Any]] = {}
    for kind, payload in recorded:
        if kind == "contentBlockStart":
            tool = payload["start"]["toolUse"]
            found[payload["contentBlockIndex"]] = {"toolUse": {**tool, "input": ""}}
        if kind != "contentBlockDelta":
            continue
        index, delta = payload["contentBlockIndex"], payload["delta"]
        if "toolUse" in delta:
            found[index]["toolUse"]["input"] += delta["toolUse"]["input"]
        elif "text" in delta:
            block = found.setdefault(index, {"text": ""})
            block["text"] += delta["text"]
        else:
            block = found.setdefault(index, thought(""))
            told = block["reasoningContent"]["reasoningText"]
            for member, piece in delta["reasoningContent"].items():
                told[member] = told.get(member, "") + piece
    return list(found.values())


@recordings.parametrize(op="converse-stream", status=200)
def test_a_recorded_stream_passes_without_loss(recording_id: str) -> None:
    recorded = recorded_events(recording_id)
    message = streamed_message(streamed(recorded, reply(CLAUDE)))
    expected: list[dict[str, Any]] = []
    for block in content_of(recorded):
        if "toolUse" in block:
            tool = block["toolUse"]
            expected.append(
                {
                    "type": "tool_use",
                    "id": tool["toolUseId"],
                    "name": tool["name"],
                    "input": json.loads(tool["input"] or "{}"),
                }
            )
        elif "text" in block:
            expected.append({"type": "text", "text": block["text"]})
        else:
            found = thinking_block(block, CLAUDE, "shown")
            expected += [] if found is None else [found]
    told = [block.model_dump(exclude_none=True) for block in message.content]
    assert told == [block for block in expected if block.get("text") != ""]
    (stop,) = [payload["stopReason"] for kind, payload in recorded if kind == "messageStop"]
    assert message.stop_reason == STOP_REASONS[stop]
    (usage,) = [payload["usage"] for kind, payload in recorded if kind == "metadata"]
    assert message.usage.input_tokens == usage["inputTokens"]
    assert message.usage.output_tokens == usage["outputTokens"]
    assert message.usage.cache_read_input_tokens == usage.get("cacheReadInputTokens", 0)
