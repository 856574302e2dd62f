"""An answer given by a tool, or in a fence, comes out as text: whole, and piece by piece."""

import json
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.unwrapping import (
    AS_TEXT,
    MEMBER,
    WRAPPER,
    Event,
    Unwrapper,
    unwrap_answer,
)

TOOL = "json_answer"
OTHER = "get_weather"

Block = dict[str, Any]


def text(words: str) -> Block:
    return {"text": words}


def call(name: str, **given_input: Any) -> Block:
    return {"toolUse": {"toolUseId": "c1", "name": name, "input": given_input}}


def thought(words: str) -> Block:
    return {"reasoningContent": {"reasoningText": {"text": words}}}


def answer(*content: Block, stop: str = "tool_use") -> dict[str, Any]:
    message = {"role": "assistant", "content": list(content)}
    return {"output": {"message": message}, "stopReason": stop, "usage": {"outputTokens": 1}}


def unwrapped(tool: str, *content: Block, stop: str = "tool_use") -> tuple[list[Block], str]:
    found = unwrap_answer(answer(*content, stop=stop), tool)
    assert found["usage"] == {"outputTokens": 1}
    assert found["output"]["message"]["role"] == "assistant"
    return found["output"]["message"]["content"], found["stopReason"]


def pieces(string: str, sizes: list[int]) -> list[str]:
    """The string cut into pieces of those sizes, over and over."""
    found: list[str] = []
    for size in cycle(sizes):
        if not string:
            return found
        found.append(string[:size])
        string = string[size:]
    return found


def events(
    content: list[Block], stop: str, sizes: list[int], indent: int | None = None
) -> list[Event]:
    """The events with which Bedrock streams an answer."""
    found: list[Event] = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(content):
        place = {"contentBlockIndex": index}
        deltas: list[Block]
        if "toolUse" in block:
            start = {key: block["toolUse"][key] for key in ("toolUseId", "name")}
            found.append(("contentBlockStart", {**place, "start": {"toolUse": start}}))
            written = json.dumps(block["toolUse"]["input"], indent=indent)
            deltas = [{"toolUse": {"input": piece}} for piece in pieces(written, sizes)]
        elif "text" in block:
            deltas = [{"text": piece} for piece in pieces(block["text"], sizes)]
        else:
            words = block["reasoningContent"]["reasoningText"]["text"]
            deltas = [{"reasoningContent": {"text": piece}} for piece in pieces(words, sizes)]
        found += [("contentBlockDelta", {**place, "delta": delta}) for delta in deltas]
        found.append(("contentBlockStop", place))
    return [*found, ("messageStop", {"stopReason": stop}), ("metadata", {"usage": {}})]


def collected(streamed: list[Event]) -> tuple[list[Block], str]:
    """The content and the stop reason that events add up to."""
    blocks: dict[int, Block] = {}
    stop = ""
    for event_type, payload in streamed:
        if event_type == "messageStop":
            stop = payload["stopReason"]
        if event_type == "contentBlockStart":
            given_call = {**payload["start"]["toolUse"], "input": ""}
            blocks[payload["contentBlockIndex"]] = {"toolUse": given_call}
        if event_type == "contentBlockDelta":
            (kind,) = payload["delta"]
            index, value = payload["contentBlockIndex"], payload["delta"][kind]
            if kind == "text":
                blocks.setdefault(index, text(""))["text"] += value
            elif kind == "toolUse":
                blocks[index]["toolUse"]["input"] += value["input"]
            else:
                block = blocks.setdefault(index, thought(""))
                block["reasoningContent"]["reasoningText"]["text"] += value["text"]
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return [block for _, block in sorted(blocks.items())], stop


def streamed(
    tool: str, content: list[Block], stop: str, sizes: list[int], indent: int | None = None
) -> tuple[list[Block], str]:
    unwrapper = Unwrapper(tool)
    fed = [unwrapper.feed(*event) for event in events(content, stop, sizes, indent)]
    return collected([event for several in fed for event in several])


def read(blocks: list[Block]) -> list[Any]:
    """Blocks by what they say, however their JSON is spaced; a text of nothing is no block."""
    found: list[Any] = []
    for block in blocks:
        if "text" not in block:
            found.append(block)
        elif block["text"]:
            try:
                found.append(("JSON", json.loads(block["text"])))
            except ValueError:
                found.append(("text", block["text"]))
    return found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([MEMBER, '"', "a:b", "\\", "{"]) | st.text(), inner)
    ),
    max_leaves=8,
)
WORDS = st.sampled_from(["Sure!", "```json\n[1]\n```", "Here:\n```json\n{}\n```"]) | st.text(
    min_size=1, max_size=20
)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=4)
INDENT = st.sampled_from([None, 0, 3])
OBJECT = st.dictionaries(st.text(max_size=3), JSON, max_size=3)


def content_with(answer_input: st.SearchStrategy[Block], tool: str) -> Any:
    return st.lists(
        st.one_of(
            WORDS.map(text),
            WORDS.map(thought),
            OBJECT.map(lambda given_input: {"toolUse": {**CALL, "input": given_input}}),
            answer_input.map(
                lambda given_input: {"toolUse": {**CALL, "name": tool, "input": given_input}}
            ),
        ),
        max_size=4,
    )


CALL = {"toolUseId": "c1", "name": OTHER}


@given(content_with(OBJECT, TOOL), st.sampled_from(["tool_use", "max_tokens"]), SIZES, INDENT)
def test_a_streamed_answer_by_tool_is_what_the_whole_one_is(
    content: list[Block], stop: str, sizes: list[int], indent: int | None
) -> None:
    whole, whole_stop = unwrapped(TOOL, *content, stop=stop)
    blocks, stream_stop = streamed(TOOL, content, stop, sizes, indent)
    assert read(blocks) == read(whole)
    assert stream_stop == whole_stop
    assert all(block.get("toolUse", CALL)["name"] == OTHER for block in blocks)


@given(
    content_with(JSON.map(lambda value: {MEMBER: value}), WRAPPER),
    st.sampled_from(["tool_use", "max_tokens"]),
    SIZES,
    INDENT,
)
def test_a_streamed_answer_in_a_wrapper_is_what_the_whole_one_is(
    content: list[Block], stop: str, sizes: list[int], indent: int | None
) -> None:
    whole, whole_stop = unwrapped(WRAPPER, *content, stop=stop)
    blocks, stream_stop = streamed(WRAPPER, content, stop, sizes, indent)
    assert read(blocks) == read(whole)
    assert stream_stop == whole_stop


FENCED = st.builds(
    lambda before, label, value, after: f"{before}```{label}\n{json.dumps(value)}\n```{after}",
    st.sampled_from(["", "\n", "Sure, here it is:\n", "`code`: ", "x" * 999]),
    st.sampled_from(["json", "JSON", " json ", "", "python", "y" * 21]),
    JSON,
    st.sampled_from(["", "\n", "\nThat is all. ```"]),
)


@given(FENCED | JSON.map(json.dumps) | st.text("` \nj{", max_size=12) | WORDS, SIZES)
def test_a_streamed_text_is_what_the_whole_one_is(words: str, sizes: list[int]) -> None:
    content = [thought("Hm."), text(words)]
    whole, stop = unwrapped(AS_TEXT, *content, stop="end_turn")
    blocks, stream_stop = streamed(AS_TEXT, content, "end_turn", sizes)
    assert [block for block in blocks if block != text("")] == [
        block for block in whole if block != text("")
    ]
    assert stop == stream_stop == "end_turn"


@pytest.mark.parametrize("value", [{}, {"a": ["```"]}, [1], "a\nb", -1.5, True, None])
@pytest.mark.parametrize(
    "form",
    [
        "{}",
        " {}\n",
        "```json\n{}\n```",
        "```\n{}\n```",
        "\n```JSON\n{}\n```\n",
        "```json\r\n{}\r\n```",
        "Sure! Here is the JSON:\n\n```json\n{}\n```\n\nDo you need more?",
        "```json\n{}",
    ],
)
def test_what_is_left_of_a_text_is_json(value: Any, form: str) -> None:
    words = form.replace("{}", json.dumps(value, indent=2))
    ((block,), _) = unwrapped(AS_TEXT, text(words), stop="end_turn")
    assert json.loads(block["text"]) == value


@pytest.mark.parametrize(
    "words",
    [
        "I cannot do that.",
        "Try:\n```\nls\n```",
        "```python\nprint()\n```",
        '{"a": "```json\\n{}\\n```"}',
        "",
        "``",
        "```",
        "x" * 1_000 + "\n```json\n{}\n```",
    ],
)
def test_a_text_without_json_in_a_fence_stays_as_it_is(words: str) -> None:
    assert unwrapped(AS_TEXT, text(words), stop="end_turn") == ([text(words)], "end_turn")


@pytest.mark.parametrize(
    ("content", "found", "stop"),
    [
        ([call(TOOL, a="é")], [text('{"a":"é"}')], "end_turn"),
        ([call(TOOL)], [text("{}")], "end_turn"),
        ([text("I answer:"), call(TOOL, a=1)], [text('{"a":1}')], "end_turn"),
        ([call(TOOL, a=1), text("Done.")], [text('{"a":1}')], "end_turn"),
        ([thought("Hm."), call(TOOL, a=1)], [thought("Hm."), text('{"a":1}')], "end_turn"),
        ([call(TOOL, a=1), call(TOOL, a=2)], [text('{"a":1}')], "end_turn"),
        ([text("I look."), call(OTHER)], [text("I look."), call(OTHER)], "tool_use"),
        ([call(OTHER), call(TOOL, a=1)], [call(OTHER), text('{"a":1}')], "tool_use"),
        ([text("```json\n{}\n```")], [text("{}")], "tool_use"),
        ([text("I cannot.")], [text("I cannot.")], "tool_use"),
        ([], [], "tool_use"),
    ],
)
def test_the_input_of_the_tool_is_the_answer(
    content: list[Block], found: list[Block], stop: str
) -> None:
    assert unwrapped(TOOL, *content) == (found, stop)
    for size in (1, 3, 1_000):
        blocks, stream_stop = streamed(TOOL, content, "tool_use", [size])
        assert read(blocks) == read(found)
        assert stream_stop == stop


@pytest.mark.parametrize("value", [[1, {"a": [2]}], "a, b: {}", '"\\', 0, None, False, {}])
def test_the_member_of_a_wrapper_is_the_answer(value: Any) -> None:
    content = [call(WRAPPER, before=[1, {MEMBER: 2}], **{MEMBER: value}, behind="x")]
    ((block,), stop) = unwrapped(WRAPPER, *content)
    assert (json.loads(block["text"]), stop) == (value, "end_turn")
    for size in (1, 2, 1_000):
        ((piece,), stop) = streamed(WRAPPER, content, "tool_use", [size])
        assert (json.loads(piece["text"]), stop) == (value, "end_turn")


@pytest.mark.parametrize(
    ("stop", "told"),
    [("tool_use", "malformed_model_output"), ("max_tokens", "max_tokens")],
)
def test_a_wrapper_without_its_member_is_malformed(stop: str, told: str) -> None:
    content = [call(WRAPPER, values=[1])]
    assert unwrapped(WRAPPER, *content, stop=stop) == ([], told)
    assert streamed(WRAPPER, content, stop, [4]) == ([], told)


def test_a_stop_for_another_reason_stays() -> None:
    for stop in ("max_tokens", "guardrail_intervened", "model_context_window_exceeded"):
        assert unwrapped(TOOL, call(TOOL, a=1), stop=stop)[1] == stop
        assert streamed(TOOL, [call(TOOL, a=1)], stop, [2])[1] == stop


def passed_on(tool: str, content: list[Block], sizes: list[int]) -> list[str]:
    """The text that comes out for each piece of text or input that goes in."""
    unwrapper = Unwrapper(tool)
    found = []
    for event_type, payload in events(content, "tool_use", sizes):
        came = unwrapper.feed(event_type, payload)
        if event_type == "contentBlockDelta":
            found.append("".join(one["delta"]["text"] for _, one in came))
    return found


def test_pieces_of_an_answer_are_passed_on_as_they_come() -> None:
    given_input = {"city": "Oslo", "warm": False}
    assert passed_on(TOOL, [call(TOOL, **given_input)], [7]) == pieces(json.dumps(given_input), [7])


def test_pieces_of_a_wrapped_answer_are_passed_on_as_they_come() -> None:
    content = [call(WRAPPER, **{MEMBER: ["abc", {"d": 1}]})]
    assert passed_on(WRAPPER, content, [11, 4, 4, 4, 99]) == [
        " [",
        '"abc',
        '", {',
        '"d":',
        " 1}]",
    ]


def test_pieces_inside_a_fence_are_passed_on_as_they_come() -> None:
    content = [text('Here:\n```json\n{"a": [1,\n 2]}\n```\nBye.')]
    assert passed_on(AS_TEXT, content, [14, 5, 5, 1, 99]) == ["", '{"a":', " [1,", "\n ", "2]}"]


def test_words_without_json_are_passed_on_before_they_are_over() -> None:
    found = passed_on(AS_TEXT, [text("No. " * 1_000)], [100])
    assert "".join(found) == "No. " * 1_000
    assert [len(piece) for piece in found] == [0] * 9 + [1_000] + [100] * 30
