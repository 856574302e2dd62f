"""What a response gave, sent back as input, is what Bedrock gave."""

import base64
from typing import Any

import pytest
from catalog.families import family_of
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response
from router.dialects.converse.events import events_of

from tests.support.converse import assert_accepted
from tests.support.responses import ASKED, as_the_sdk_hears, last_response, translated, written

CLAUDE = family_of("anthropic.claude-sonnet-4-6")
NOVA = family_of("amazon.nova-pro-v1:0")

OFFER: dict[str, Any] = {
    **ASKED,
    "tools": [
        {"type": "function", "name": "get_weather", "parameters": None, "strict": False},
        {"type": "custom", "name": "exec"},
        {
            "type": "namespace",
            "name": "clock",
            "description": "Time.",
            "tools": [{"type": "function", "name": "now"}, {"type": "custom", "name": "sleep"}],
        },
    ],
}

CHARACTERS = st.characters(exclude_categories=["Cs"])
WORDS = st.text(CHARACTERS, min_size=1).filter(lambda text: bool(text.strip()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


def thought(text: str, signature: str) -> dict[str, Any]:
    return {"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}


def redacted(data: bytes) -> dict[str, Any]:
    return {"reasoningContent": {"redactedContent": base64.b64encode(data).decode()}}


def tool_use(name: str, given: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": "", "name": name, "input": given}}


BLOCKS = (
    st.builds(thought, st.text(CHARACTERS), st.text("aZ09+/=", min_size=1))
    | st.builds(redacted, st.binary(min_size=1))
    | st.builds(lambda text: {"text": text}, WORDS)
    | st.builds(
        tool_use,
        st.sampled_from(["get_weather", "clock__now"]),
        st.dictionaries(WORDS, VALUES, max_size=3),
    )
    | st.builds(
        tool_use,
        st.sampled_from(["exec", "clock__sleep"]),
        st.builds(lambda text: {"input": text}, st.text(CHARACTERS)),
    )
)


def apart(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks with ids of their own and no two texts beside each other, which become one."""
    found: list[dict[str, Any]] = []
    for index, block in enumerate(blocks):
        if "toolUse" in block:
            use = {**block["toolUse"], "toolUseId": f"tooluse_{index}"}
            found.append({"toolUse": use})
        elif not ("text" in block and found and "text" in found[-1]):
            found.append(block)
    return found


CONTENTS = st.lists(BLOCKS, min_size=1, max_size=6).map(apart)

CONTENT = [
    thought("The user wants the weather.", "EqQBCkYIBxgCKkD+/w=="),
    redacted(b"\x00\x01\x02"),
    {"text": "I'll look."},
    tool_use("get_weather", {"city": "Tromsø", "days": [1, 2.5, None]}),
    tool_use("exec", {"input": 'text("hi");\n'}),
    tool_use("clock__now", {}),
]


def wire_of(content: list[dict[str, Any]]) -> bytes:
    stop = "tool_use" if any("toolUse" in block for block in content) else "end_turn"
    message = {"role": "assistant", "content": content}
    usage = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}
    answer = {"output": {"message": message}, "stopReason": stop, "usage": usage}
    return written(list(events_of(answer)), OFFER, CLAUDE)


def answers_to(output: list[Any]) -> list[dict[str, Any]]:
    return [
        {"type": f"{item['type']}_output", "call_id": item["call_id"], "output": "done"}
        for item in output
        if "call_id" in item
    ]


def next_request(output: list[Any]) -> dict[str, Any]:
    asked = {"role": "user", "content": "Hi"}
    last = answers_to(output) or [{"role": "user", "content": "Go on."}]
    return {**OFFER, "input": [asked, *output, *last]}


def replayed(output: list[Any]) -> list[dict[str, Any]]:
    """The blocks of the assistant's turn in the next request."""
    found = translated(next_request(output), CLAUDE)
    assert_accepted(found.body)
    assert not found.changes
    turn = found.body["messages"][1]
    assert turn["role"] == "assistant"
    return turn["content"]


@given(CONTENTS)
def test_the_blocks_of_an_answer_come_back_as_they_were(content: list[dict[str, Any]]) -> None:
    assert replayed(last_response(wire_of(content))["output"]) == content


@pytest.mark.parametrize("held_as", ["whole", "stream"])
def test_they_do_through_the_objects_of_the_sdk(held_as: str) -> None:
    content = apart(CONTENT)
    wire = wire_of(content)
    if held_as == "stream":
        response = as_the_sdk_hears(wire, tools=OFFER["tools"])
    else:
        response = Response.model_validate(last_response(wire))
    assert replayed([item.to_dict(mode="json") for item in response.output]) == content


def test_another_familys_reasoning_is_left_out_with_a_notice() -> None:
    output = last_response(wire_of(apart(CONTENT)))["output"]
    found = translated(next_request(output), NOVA)
    assert_accepted(found.body)
    assert "reasoning of another model dropped" in found.changes
    assert not any("reasoningContent" in block for block in found.body["messages"][1]["content"])
