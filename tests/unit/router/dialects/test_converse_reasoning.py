"""Reasoning is asked of each family in its own words, next to whatever else a request asks for."""

import json
from typing import Any

import pytest
from catalog.families import FAMILIES, UNKNOWN, Family
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.draft import Draft
from router.dialects.converse.reasoning import (
    EFFORTS,
    Reasoning,
    ask_reasoning,
    nearest_effort,
    reasoning_tokens,
    told_reasoning_tokens,
)
from router.dialects.converse.sampling import Sampling, apply_sampling
from router.dialects.converse.structured import JsonForm, ask_json
from router.dialects.converse.tools import AUTO, Choice
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from local.bedrock.seals import seal as signature_of
from tests.support.converse import assert_accepted, refusal_by
from tests.support.drafts import (
    EXAMPLES,
    FORCED,
    NAMED,
    NO_TOOLS,
    SCHEMA,
    family,
    question,
    tool_loop,
)

NOTHING_ELSE = Sampling()
LIMITS = (None, 1_000, 4_000, 32_000)
CHOICES = {"no tools": NO_TOOLS, "tools": AUTO, "forced tool": FORCED}


def asked(
    row: Family,
    reasoning: Reasoning,
    sampling: Sampling = NOTHING_ELSE,
    choice: Choice = NO_TOOLS,
) -> Draft:
    draft = question(row, choice if row.tools else NO_TOOLS)
    apply_sampling(draft, sampling)
    ask_reasoning(draft, reasoning, "reasoning_effort")
    return draft


def own_fields(draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = draft.body.get("additionalModelRequestFields", {})
    return found


def written(draft: Draft) -> str:
    """What of a draft concerns reasoning, in one line."""
    told = ", ".join(sorted(draft.changes))
    return f"{own_fields(draft) or ''} {f'({told})' if told else ''}".strip()


@pytest.mark.parametrize("row", FAMILIES, ids=lambda row: row.name)
def test_each_effort_is_asked_for_in_the_family_s_words(
    row: Family, snapshot: SnapshotAssertion
) -> None:
    found: dict[str, Any] = {}
    for effort in EFFORTS:
        for kind, choice in CHOICES.items():
            lines = {}
            for limit in LIMITS:
                draft = asked(row, Reasoning(effort), Sampling(limit), choice)
                assert_accepted(draft.body)
                lines[f"max_tokens {limit}"] = written(draft)
            distinct = set(lines.values())
            found[f"{effort}, {kind}"] = lines if len(distinct) > 1 else distinct.pop()
    assert found == snapshot.use_extension(JSONSnapshotExtension)


REASONING = st.builds(
    Reasoning,
    effort=st.none() | st.sampled_from(EFFORTS),
    budget=st.none() | st.integers(0, 50_000),
    shown=st.booleans(),
)
NUMBER = st.none() | st.floats(0, 2)
SAMPLING = st.builds(
    Sampling,
    max_tokens=st.none() | st.integers(1, 2_048),
    temperature=NUMBER,
    top_p=NUMBER,
    stop=st.just([]) | st.just(["END"]),
    extra=st.just({}) | st.just({"top_k": 5}),
)
FORMS = st.none() | st.sampled_from(
    [JsonForm(), JsonForm(SCHEMA, strict=True), JsonForm({"type": "array"})]
)


@given(
    st.sampled_from(sorted(EXAMPLES)),
    REASONING,
    SAMPLING,
    st.sampled_from([NO_TOOLS, AUTO, FORCED, NAMED]),
    FORMS,
)
def test_no_model_refuses_what_is_written(
    name: str, reasoning: Reasoning, sampling: Sampling, choice: Choice, form: JsonForm | None
) -> None:
    row = family(name)
    draft = question(row, choice if row.tools else NO_TOOLS)
    apply_sampling(draft, sampling)
    if form is not None:
        ask_json(draft, form, "response_format")
    forced = draft.body.get("toolConfig", {}).get("toolChoice")
    ask_reasoning(draft, reasoning, "reasoning_effort")

    assert_accepted(draft.body)
    assert refusal_by(EXAMPLES[name], draft.body) is None
    assert draft.body.get("toolConfig", {}).get("toolChoice") == forced
    if sampling.max_tokens is not None:
        limit = max(sampling.max_tokens, row.least_tokens)
        assert draft.body["inferenceConfig"]["maxTokens"] == limit


@pytest.mark.parametrize("name", ["claude-4", "claude-opus-4-1", "claude-4-5"])
@pytest.mark.parametrize(
    ("effort", "limit", "budget"),
    [
        ("low", 1_280, 1_024),
        ("high", 1_280, 1_024),
        ("high", 2_000, 1_600),
        ("low", 8_000, 1_600),
        ("medium", 8_000, 4_000),
        ("high", 8_000, 6_400),
        ("medium", None, 8_192),
        ("max", None, 24_576),
        ("low", 2_000_000, 2_048),
    ],
)
def test_a_budget_leaves_room_for_the_answer(
    name: str, effort: str, limit: int | None, budget: int
) -> None:
    draft = asked(family(name), Reasoning(effort), Sampling(limit))
    assert own_fields(draft)["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert draft.changes == set()


@pytest.mark.parametrize(
    ("budget", "limit", "given_budget", "changes"),
    [
        (2_000, 8_000, 2_000, set()),
        (500, 8_000, 1_024, {"reasoning budget raised to 1024"}),
        (16_000, 10_000, 8_000, {"reasoning budget lowered to 8000"}),
    ],
)
def test_a_budget_of_the_client_s_is_kept_as_far_as_it_fits(
    budget: int, limit: int, given_budget: int, changes: set[str]
) -> None:
    draft = asked(family("claude-4-5"), Reasoning(budget=budget), Sampling(limit))
    assert own_fields(draft)["thinking"] == {"type": "enabled", "budget_tokens": given_budget}
    assert draft.changes == changes


@pytest.mark.parametrize("reasoning", [Reasoning("high"), Reasoning(budget=2_000)])
def test_a_limit_with_no_room_for_a_budget_comes_before_reasoning(reasoning: Reasoning) -> None:
    draft = asked(family("claude-4-5"), reasoning, Sampling(1_279))
    assert own_fields(draft) == {}
    assert draft.body["inferenceConfig"] == {"maxTokens": 1_279}
    assert draft.changes == {"reasoning dropped, as max_tokens leaves no room"}


@pytest.mark.parametrize(
    ("budget", "effort"),
    [(0, "none"), (1, "low"), (2_048, "low"), (2_049, "medium"), (8_193, "high")],
)
def test_a_budget_becomes_the_effort_that_spends_about_as_much(budget: int, effort: str) -> None:
    draft = asked(family("gpt-5-6"), Reasoning(budget=budget))
    assert own_fields(draft) == {"reasoning": {"effort": effort}}
    assert draft.changes == {f"reasoning budget translated to effort {effort}"}


@pytest.mark.parametrize("name", ["claude-4", "claude-4-5", "claude-4-6"])
@pytest.mark.parametrize(
    ("sampling", "kept", "changes"),
    [
        (Sampling(4_000, temperature=0.2), {}, {"temperature dropped"}),
        (Sampling(4_000, temperature=1), {"temperature": 1}, set()),
        (Sampling(4_000, top_p=0.9), {}, {"top_p dropped"}),
        (Sampling(4_000, top_p=0.95), {"topP": 0.95}, set()),
        (Sampling(4_000, extra={"top_k": 5}), {}, {"top_k dropped"}),
    ],
)
def test_reasoning_comes_before_sampling(
    name: str, sampling: Sampling, kept: dict[str, Any], changes: set[str]
) -> None:
    draft = asked(family(name), Reasoning("high"), sampling)
    assert draft.body["inferenceConfig"] == {"maxTokens": 4_000, **kept}
    assert "thinking" in own_fields(draft)
    assert "top_k" not in own_fields(draft)
    assert draft.changes == changes


@pytest.mark.parametrize("name", ["claude-4", "claude-4-5", "claude-4-6"])
def test_a_forced_tool_call_comes_before_reasoning(name: str) -> None:
    draft = asked(family(name), Reasoning("high"), Sampling(4_000, temperature=0.2), FORCED)
    assert "thinking" not in own_fields(draft)
    assert draft.body["inferenceConfig"] == {"maxTokens": 4_000, "temperature": 0.2}
    assert draft.body["toolConfig"]["toolChoice"] == {"any": {}}
    assert draft.changes == {"reasoning dropped, as a tool call is forced"}


def test_a_model_that_reasons_unasked_does_so_beside_a_forced_tool_too() -> None:
    draft = asked(family("claude-5"), Reasoning("high"), choice=FORCED)
    assert own_fields(draft) == {"output_config": {"effort": "high"}}
    assert draft.changes == set()
    shown = asked(family("claude-5"), Reasoning("high", shown=True), choice=FORCED)
    assert own_fields(shown) == {"output_config": {"effort": "high"}}
    assert shown.changes == {"reasoning not shown, as a tool call is forced"}


@pytest.mark.parametrize("name", ["claude-4-7", "claude-5", "claude-fable-5-1"])
def test_reasoning_is_only_shown_to_who_asks_to_see_it(name: str) -> None:
    hidden = asked(family(name), Reasoning("low"))
    assert own_fields(hidden)["thinking"] == {"type": "adaptive"}
    shown = asked(family(name), Reasoning("low", shown=True))
    assert own_fields(shown)["thinking"] == {"type": "adaptive", "display": "summarized"}


def test_a_model_that_shows_its_reasoning_anyway_is_not_told_to() -> None:
    draft = asked(family("claude-4-6"), Reasoning("low", shown=True))
    assert own_fields(draft)["thinking"] == {"type": "adaptive"}


@pytest.mark.parametrize("row", FAMILIES, ids=lambda row: row.name)
def test_a_request_that_says_nothing_of_reasoning_leaves_it_to_the_model(row: Family) -> None:
    draft = asked(row, Reasoning(), Sampling(temperature=1))
    assert own_fields(draft) == {}
    assert draft.changes == set()


@pytest.mark.parametrize("row", FAMILIES, ids=lambda row: row.name)
@pytest.mark.parametrize("effort", ["none", "minimal"])
def test_a_model_that_can_rest_does_and_another_tells_that_it_cannot(
    row: Family, effort: str
) -> None:
    draft = asked(row, Reasoning(effort))
    can_rest = "none" in row.efforts or row.reasoning in {"none", "budget"}
    assert (draft.changes == set()) == can_rest
    if can_rest and not row.reasons_unasked:
        assert own_fields(draft) == {}


@pytest.mark.parametrize("effort", ["", "ultra", "None", "auto"])
@pytest.mark.parametrize("row", [UNKNOWN, *FAMILIES], ids=lambda row: row.name)
def test_an_effort_that_there_is_not_is_refused(row: Family, effort: str) -> None:
    with pytest.raises(ApiError, match="must be one of none, minimal, low") as refusal:
        asked(row, Reasoning(effort))
    assert refusal.value.param == "reasoning_effort"


def test_nova_keeps_a_limit_rather_than_its_highest_effort() -> None:
    everything = Sampling(4_000, temperature=0.2, top_p=0.5, extra={"top_k": 5})
    limited = asked(family("nova-2"), Reasoning("high"), everything)
    assert own_fields(limited)["reasoningConfig"]["maxReasoningEffort"] == "medium"
    assert limited.changes == {"reasoning effort lowered to medium, as max_tokens is set"}
    free = asked(family("nova-2"), Reasoning("high"), everything._replace(max_tokens=None))
    assert own_fields(free)["reasoningConfig"]["maxReasoningEffort"] == "high"
    assert free.body["inferenceConfig"] == {}
    assert free.changes == {"temperature dropped", "top_p dropped", "top_k dropped"}
    for draft in (limited, free):
        assert refusal_by(EXAMPLES["nova-2"], draft.body) is None


SIGNED = {"reasoningText": {"text": "Ask.", "signature": signature_of("Ask.")}}


@pytest.mark.parametrize("name", ["claude-4", "claude-4-5"])
def test_a_tool_loop_goes_on_reasoning_only_with_what_was_thought_before(name: str) -> None:
    lost = tool_loop(family(name))
    kept = tool_loop(family(name), {"reasoningContent": SIGNED})
    for draft in (lost, kept):
        apply_sampling(draft, Sampling(8_000))
        ask_reasoning(draft, Reasoning("low"), "reasoning_effort")
        assert_accepted(draft.body)
        assert refusal_by(EXAMPLES[name], draft.body) is None
    assert "thinking" not in own_fields(lost)
    assert lost.changes == {"reasoning dropped, as earlier reasoning is missing"}
    assert own_fields(kept)["thinking"]["type"] == "enabled"
    assert kept.changes == set()


@given(st.sampled_from(EFFORTS), st.sampled_from([row for row in FAMILIES if row.efforts]))
def test_the_nearest_effort_is_one_of_the_family_s_and_told_unless_the_same(
    effort: str, row: Family
) -> None:
    draft = Draft(row)
    nearest = nearest_effort(draft, effort)
    assert nearest in row.efforts
    same = nearest == effort or {nearest, effort} == {"none", "minimal"}
    assert (draft.changes == set()) == same


@pytest.mark.parametrize(
    ("output", "reasoning", "everything", "tokens"),
    [(100, 50, 200, 25), (100, 0, 10, 0), (100, 10, 10, 100), (100, 0, 0, 0), (7, 1, 3, 2)],
)
def test_reasoning_has_the_share_in_tokens_that_it_has_in_bytes(
    output: int, reasoning: int, everything: int, tokens: int
) -> None:
    assert reasoning_tokens(output, reasoning, everything) == tokens


def test_a_claude_is_asked_to_tell_its_reasoning_tokens() -> None:
    for name in ("claude-4-5", "claude-4-6", "claude-5"):
        draft = asked(family(name), Reasoning("low"))
        (path,) = draft.body["additionalModelResponseFieldPaths"]
        fields: Any = 12
        for key in reversed([*path.strip("/").split("/"), "thinking_tokens"]):
            fields = {key: fields}
        assert told_reasoning_tokens(fields) == 12


@pytest.mark.parametrize(
    "fields",
    [None, {}, [], "", {"usage": 1}, {"usage": {"output_tokens_details": None}}],
    ids=json.dumps,
)
def test_what_tells_no_reasoning_tokens_is_no_number(fields: object) -> None:
    assert told_reasoning_tokens(fields) is None
