"""Thinking that is bound to the conversation it is from."""

from copy import deepcopy
from typing import Any

import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import assert_refused, call, claude_body, order

FABLE_5_1 = "us.anthropic.claude-fable-5-1"
OPUS_5_5 = "us.anthropic.claude-opus-5-5"
OPUS_5 = "us.anthropic.claude-opus-5"
CONTROLS = "thinking-binding-controls-2026-08-01"

Json = dict[str, Any]

TOOLS: list[Json] = [
    {"name": "look", "input_schema": {"type": "object"}},
    {"name": "later", "input_schema": {"type": "object"}, "defer_loading": True},
]
FIELDS: Json = {
    "anthropic_beta": [CONTROLS, "tool-search-tool-2025-10-19"],
    "system": "Be brief.",
    "tools": TOOLS,
    "max_tokens": 2000,
}


def thought_about(sim: Simulator, **reasoning: str) -> Json:
    """A body that gives back what a model thought about its first turn, before a tool's result."""
    prompt = order(tool={"name": "look"}, **(reasoning or {"reasoning": "Hm"}))
    turns: list[Json] = [{"role": "user", "content": prompt}]
    answer = call(sim, "invoke", FABLE_5_1, claude_body(messages=turns, **FIELDS)).json
    [thought, used] = answer["content"]
    given = {"type": "tool_result", "tool_use_id": used["id"], "content": "seen"}
    turns += [
        {"role": "assistant", "content": [thought, used]},
        {"role": "user", "content": [given]},
    ]
    return claude_body(messages=turns, **FIELDS)


def other_system(body: Json) -> None:
    body["system"] = "Be long."


def other_tool(body: Json) -> None:
    body["tools"] = [{**TOOLS[0], "description": "Looks."}, TOOLS[1]]


def other_turn(body: Json) -> None:
    body["messages"][0]["content"] += " "


def turn_before(body: Json) -> None:
    body["messages"].insert(0, {"role": "user", "content": "By the way:"})


OTHERS = [other_system, other_tool, other_turn, turn_before]


def cached_system(body: Json) -> None:
    text = {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}
    body["system"] = [text]


def block_for_text(body: Json) -> None:
    [turn, *_] = body["messages"]
    turn["content"] = [{"type": "text", "text": turn["content"]}]


def turns_apart(body: Json) -> None:
    thought, used = body["messages"][1]["content"]
    apart = [{"role": "assistant", "content": [block]} for block in (thought, used)]
    body["messages"][1:2] = apart


def another_deferred_tool(body: Json) -> None:
    body["tools"] = [*TOOLS, {**TOOLS[1], "name": "latest"}]


def no_thinking(body: Json) -> None:
    del body["messages"][1]["content"][0]


def more_turns(body: Json) -> None:
    body["messages"].append({"role": "user", "content": "And now?"})


SAME = [
    cached_system,
    block_for_text,
    turns_apart,
    another_deferred_tool,
    no_thinking,
    more_turns,
]


@pytest.mark.parametrize("change", SAME)
def test_the_same_conversation_may_be_written_in_another_way(sim: Simulator, change: Any) -> None:
    body = thought_about(sim)
    assert call(sim, "invoke", FABLE_5_1, body).json["input_transformations"] == []
    change(body)
    assert call(sim, "invoke", FABLE_5_1, body).status == 200


@pytest.mark.parametrize("change", OTHERS)
@pytest.mark.parametrize(
    ("reasoning", "refused"),
    [
        ("reasoning", "Invalid `signature` in `thinking` block."),
        ("redacted", "Invalid `data` in `redacted_thinking` block."),
    ],
)
def test_thinking_out_of_another_conversation_is_refused(
    sim: Simulator, change: Any, reasoning: str, refused: str
) -> None:
    body = thought_about(sim, **{reasoning: "Hm"})
    change(body)
    place = f"messages.{len(body['messages']) - 2}.content.0"
    answer = call(sim, "invoke", FABLE_5_1, body)
    assert_refused(answer, "ValidationException", f"{place}: {refused} The block is bound to a")


def test_or_dropped_when_asked_to(sim: Simulator) -> None:
    body = thought_about(sim)
    other_system(body)
    body["thinking"] = {"type": "adaptive", "block_binding": {"mismatch_behavior": "drop_block"}}
    left_out = {
        "type": "thinking_dropped",
        "path": "messages.1.content.0",
        "reason": "prefix_binding_mismatch",
    }
    answer = call(sim, "invoke", FABLE_5_1, body)
    assert answer.json["input_transformations"] == [left_out]


@pytest.mark.parametrize(("model", "asked"), [(OPUS_5_5, 400), (OPUS_5, 200)])
def test_other_models_look_when_asked_or_never(sim: Simulator, model: str, asked: int) -> None:
    body = thought_about(sim)
    other_system(body)
    assert call(sim, "invoke", model, body).status == 200
    strict = deepcopy(body)
    strict["thinking"] = {"type": "adaptive", "block_binding": {"mismatch_behavior": "error"}}
    assert call(sim, "invoke", model, strict).status == asked
