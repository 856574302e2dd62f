"""Lowered bodies of any shape hold no limit above the one they were lowered to."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from router import bounds
from router.bounds import OUTPUT_LIMITS, OUTPUT_SECTIONS
from router.dialects.converse.draft import Draft
from router.dialects.lowering import (
    has_converse_limit,
    has_invoke_limit,
    lower_converse,
    lower_invoke,
)

from tests.support.drafts import family

MODEL_LIMIT = 64_000

NUMBERS = st.integers(-5, 200_000)
ODD = st.none() | st.booleans() | NUMBERS | st.floats() | st.text(max_size=3) | st.lists(NUMBERS)
LIMITS = st.dictionaries(st.sampled_from([*OUTPUT_LIMITS, "top_k"]), ODD, max_size=3)
THINKING = st.fixed_dictionaries({}, optional={"type": ODD, "budget_tokens": ODD}) | ODD
EFFORT = st.fixed_dictionaries({}, optional={"maxReasoningEffort": st.just("high") | ODD}) | ODD
FIELDS = st.builds(
    lambda limits, more: limits | more,
    LIMITS,
    st.fixed_dictionaries({}, optional={"thinking": THINKING, "reasoningConfig": EFFORT}),
)
CONVERSE = st.fixed_dictionaries(
    {},
    optional={"inferenceConfig": LIMITS | ODD, "additionalModelRequestFields": FIELDS | ODD},
)
INVOKE = st.builds(
    lambda fields, sections: fields | sections,
    FIELDS,
    st.dictionaries(st.sampled_from(OUTPUT_SECTIONS), LIMITS | ODD),
)
TOKENS = st.integers(256, 60_000)


def draft_of(body: dict[str, Any]) -> Draft:
    draft = Draft(family("claude-4-5"))
    draft.body = body
    return draft


def budget_in(holder: Any) -> int:
    thinking = holder.get("thinking") if isinstance(holder, dict) else None
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    return budget if isinstance(budget, int) else 0


@given(CONVERSE, TOKENS)
def test_a_converse_body_has_the_limit_and_no_higher_one(body: dict[str, Any], tokens: int) -> None:
    if not has_converse_limit(body):
        return
    draft = draft_of(body)
    lower_converse(draft, tokens)
    assert draft.body["inferenceConfig"]["maxTokens"] == tokens
    assert bounds.converse_output_tokens(draft.body, MODEL_LIMIT) == tokens
    assert budget_in(draft.body.get("additionalModelRequestFields")) < tokens
    assert f"max_tokens lowered to {tokens}, as credit is short" in draft.changes


@pytest.mark.parametrize(
    "holds", [has_invoke_limit, lambda body: has_converse_limit(in_fields(body))]
)
@pytest.mark.parametrize("asked", [{}, {"max_tokens": 9.0}, {"maxTokens": "9"}, {"n": 2}])
def test_a_body_is_lowered_only_where_that_bounds_it(
    holds: Callable[[dict[str, Any]], bool], asked: dict[str, Any]
) -> None:
    assert holds({"max_new_tokens": 9, **asked}) == (not asked)


def in_fields(body: dict[str, Any]) -> dict[str, Any]:
    return {"additionalModelRequestFields": body}


@given(INVOKE, TOKENS)
def test_an_invoke_body_has_no_higher_limit(body: dict[str, Any], tokens: int) -> None:
    if not has_invoke_limit(body):
        assert bounds.invoke_output_tokens(body, MODEL_LIMIT) >= MODEL_LIMIT
        return
    before = bounds.invoke_output_tokens(body, MODEL_LIMIT)
    draft = draft_of(body)
    lower_invoke(draft, tokens)
    assert bounds.invoke_output_tokens(draft.body, MODEL_LIMIT) == min(before, tokens)
    assert budget_in(draft.body) < tokens


@pytest.mark.parametrize(
    ("limit", "budget", "kept"),
    [
        (10_000, 8_000, 8_000),
        (10_000, 8_001, 8_000),
        (1_280, 2_000, 1_024),
        (1_279, 2_000, None),
        (1_279, 1_024, None),
    ],
)
def test_thinking_keeps_its_share_of_the_limit_or_goes(
    limit: int, budget: int, kept: int | None
) -> None:
    thinking = {"type": "enabled", "budget_tokens": budget}
    draft = draft_of({"max_tokens": 20_000, "thinking": thinking})
    lower_invoke(draft, limit)
    found = draft.body.get("thinking")
    assert (found and found["budget_tokens"]) == kept


def test_thinking_without_a_budget_stays() -> None:
    draft = draft_of({"max_tokens": 20_000, "thinking": {"type": "adaptive"}})
    lower_invoke(draft, 300)
    assert draft.body == {"max_tokens": 300, "thinking": {"type": "adaptive"}}
