"""Thinking goes back to the model as it came from it, and nothing else gets in with it."""

import base64
import json
from typing import Any

import pytest
from catalog.families import FAMILIES, Family
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.anthropic_messages.thinking import (
    LEFT_OUT,
    SHOWN,
    SIGNED,
    reasoning_block,
    thinking_block,
)
from router.dialects.converse.draft import Draft
from router.dialects.converse.replay import is_sealed
from router.errors import ApiError

from tests.support.message_answers import CLAUDE, OPEN, thought, through_json

WORDS = st.text(min_size=1).filter(lambda words: not words.isspace())
REDACTED = st.binary(min_size=1).map(
    lambda data: {"reasoningContent": {"redactedContent": base64.b64encode(data).decode()}}
)
CLAUDES_OWN = st.one_of(st.builds(thought, st.text(), WORDS), REDACTED)
ANY_MODELS = st.one_of(CLAUDES_OWN, WORDS.map(thought))


def replayed(block: dict[str, Any], family: Family) -> tuple[dict[str, Any] | None, set[str]]:
    draft = Draft(family)
    found = reasoning_block(through_json(block), draft, "messages[1].content[0]")
    return found, draft.changes


@given(ANY_MODELS, st.sampled_from([SHOWN, SIGNED]))
def test_reasoning_comes_back_byte_for_byte(block: dict[str, Any], display: str) -> None:
    told = thinking_block(block, OPEN, display)
    assert told is not None
    assert replayed(told, OPEN) == (block, set())


@given(CLAUDES_OWN)
def test_a_claudes_own_comes_back_byte_for_byte(block: dict[str, Any]) -> None:
    told = thinking_block(block, CLAUDE, SHOWN)
    assert told is not None
    assert replayed(told, CLAUDE) == (block, set())


def test_a_claudes_own_signature_and_data_are_the_clients_to_see() -> None:
    assert thinking_block(thought("2 and 2 is 4.", "EqQB"), CLAUDE, SHOWN) == {
        "type": "thinking",
        "thinking": "2 and 2 is 4.",
        "signature": "EqQB",
    }
    redacted = {"reasoningContent": {"redactedContent": "AAEC"}}
    assert thinking_block(redacted, CLAUDE, SHOWN) == {"type": "redacted_thinking", "data": "AAEC"}


@given(ANY_MODELS, st.sampled_from([OPEN, CLAUDE]), st.sampled_from([SHOWN, SIGNED]))
def test_a_block_is_always_signed(block: dict[str, Any], family: Family, display: str) -> None:
    told = thinking_block(block, family, display)
    assert told is not None
    assert told.get("signature") or told.get("data")
    assert display == SHOWN or not told.get("thinking")


def test_what_is_shown_is_not_in_its_signature_again() -> None:
    words = "A thought of many words. " * 100
    told = thinking_block(thought(words), OPEN, SHOWN)
    assert told is not None
    assert len(told["signature"]) < 200


@pytest.mark.parametrize("block", [thought(""), thought("", ""), {"reasoningContent": {}}])
def test_nothing_thought_is_nothing_told(block: dict[str, Any]) -> None:
    assert thinking_block(block, OPEN, SHOWN) is None


def test_what_a_client_did_not_ask_for_can_be_left_out() -> None:
    assert thinking_block(thought("Secretly.", "EqQB"), OPEN, LEFT_OUT) is None


@given(ANY_MODELS, st.sampled_from(FAMILIES))
def test_no_model_gets_what_another_one_sealed(block: dict[str, Any], family: Family) -> None:
    told = thinking_block(block, OPEN, SHOWN)
    assert told is not None
    assert replayed(told, family) == (None, {"reasoning of another model dropped"})


@given(CLAUDES_OWN)
def test_no_other_model_gets_what_a_claude_signed(block: dict[str, Any]) -> None:
    told = thinking_block(block, CLAUDE, SHOWN)
    assert told is not None
    assert replayed(told, OPEN) == (None, {"reasoning of another model dropped"})


def test_what_a_model_does_not_take_back_is_left_out() -> None:
    told = thinking_block(thought("Hm."), OPEN, SHOWN)
    assert told is not None
    forgetful = OPEN._replace(replays=frozenset())
    assert replayed(told, forgetful) == (None, {"earlier reasoning dropped"})


@pytest.mark.parametrize("signature", [{}, {"signature": None}, {"signature": ""}])
def test_thinking_that_was_cut_off_becomes_text(signature: dict[str, Any]) -> None:
    block = {"type": "thinking", "thinking": "So far", **signature}
    for family in (OPEN, CLAUDE):
        assert replayed(block, family) == (
            {"text": "So far"},
            {"unsigned thinking turned to text"},
        )
        assert replayed({**block, "thinking": " \n"}, family) == (None, {"blank text dropped"})


@pytest.mark.parametrize(
    ("block", "where"),
    [
        ({"type": "thinking"}, ".thinking"),
        ({"type": "thinking", "thinking": 1}, ".thinking"),
        ({"type": "thinking", "thinking": "\ud800"}, ".thinking"),
        ({"type": "thinking", "thinking": "", "signature": 1}, ".signature"),
        ({"type": "redacted_thinking"}, ".data"),
        ({"type": "redacted_thinking", "data": {}}, ".data"),
        ({"type": "redacted_thinking", "data": "no base64"}, ".data"),
    ],
)
def test_what_is_no_thinking_is_refused_by_name(block: dict[str, Any], where: str) -> None:
    with pytest.raises(ApiError) as refusal:
        reasoning_block(block, Draft(CLAUDE), "messages[1].content[0]")
    assert str(refusal.value.param).endswith(where)


def _sealed(entries: object) -> str:
    return "bedrockrouter.1." + base64.b64encode(json.dumps(entries).encode()).decode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["reasoning.text", "reasoning.encrypted", "reasoning.summary"]),
        "format": st.just("bedrock/open"),
        "text": JSON,
        "signature": JSON,
        "data": JSON,
    },
)


@given(
    st.one_of(
        st.text().map("bedrockrouter.1.".__add__),
        JSON.map(_sealed),
        st.lists(ENTRIES).map(_sealed),
    ),
    st.sampled_from(["thinking", "redacted_thinking"]),
)
def test_a_damaged_seal_is_refused_or_left_out_and_never_breaks(seal: str, kind: str) -> None:
    assert is_sealed(seal)
    block = {"type": kind, "thinking": "Hm.", "signature": seal, "data": seal}
    draft = Draft(OPEN)
    found = refusal = None
    try:
        found = reasoning_block(block, draft, "here")
    except ApiError as error:
        refusal = error
    if refusal is None:
        assert (found is None) == bool(draft.changes)
    else:
        assert refusal.kind == "invalid_request"
        assert str(refusal.param).startswith("here.")
