"""Limits and sampling parameters reach each family as far as it takes them, and the rest is told."""

from typing import Any

import pytest
from catalog.families import FAMILIES, UNKNOWN, Family
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.draft import Draft
from router.dialects.converse.sampling import Sampling, apply_sampling
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.converse import assert_accepted, refusal_by
from tests.support.drafts import EXAMPLES, family, question

EVERYTHING = Sampling(
    max_tokens=2_000,
    temperature=0.3,
    top_p=0.5,
    stop=["END", "\n\n"],
    extra={"top_k": 40, "seed": 1, "frequency_penalty": 0.5, "presence_penalty": 0},
)


def sampled(row: Family, sampling: Sampling) -> Draft:
    draft = question(row)
    apply_sampling(draft, sampling)
    return draft


def config(draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = draft.body.get("inferenceConfig", {})
    return found


def test_each_family_gets_what_it_takes(snapshot: SnapshotAssertion) -> None:
    found = {}
    for row in FAMILIES:
        draft = sampled(row, EVERYTHING)
        assert_accepted(draft.body)
        written: dict[str, str] = {
            name: str(draft.body[name])
            for name in ("inferenceConfig", "additionalModelRequestFields")
            if name in draft.body
        }
        found[row.name] = {**written, "changes": ", ".join(sorted(draft.changes))}
    assert found == snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_model_of_the_family_accepts_it(name: str) -> None:
    assert refusal_by(EXAMPLES[name], sampled(family(name), EVERYTHING).body) is None


@pytest.mark.parametrize("row", FAMILIES, ids=lambda row: row.name)
def test_what_asks_for_nothing_is_left_out_without_a_word(row: Family) -> None:
    neutral = Sampling(
        temperature=1,
        top_p=1,
        extra={"frequency_penalty": 0, "presence_penalty": 0.0, "seed": None, "top_a": 0},
    )
    assert sampled(row, neutral).changes == set()
    assert sampled(row, Sampling()).changes == set()


@pytest.mark.parametrize(
    ("sampling", "written", "changes"),
    [
        (Sampling(temperature=2), {"temperature": 1}, {"temperature lowered to 1"}),
        (Sampling(temperature=-1), {"temperature": 0}, {"temperature raised to 0"}),
        (Sampling(top_p=1.5), {"topP": 1}, {"top_p lowered to 1"}),
        (Sampling(temperature=0, top_p=0), {"temperature": 0, "topP": 0}, set()),
        (Sampling(max_tokens=1), {"maxTokens": 1}, set()),
        (Sampling(stop=[" "]), {"stopSequences": [" "]}, set()),
    ],
)
def test_a_number_out_of_range_becomes_the_nearest(
    sampling: Sampling, written: dict[str, Any], changes: set[str]
) -> None:
    draft = sampled(UNKNOWN, sampling)
    assert config(draft) == written
    assert draft.changes == changes


@pytest.mark.parametrize(
    ("sampling", "written", "changes"),
    [
        (Sampling(temperature=0.2, top_p=0.9), {"temperature": 0.2}, {"top_p dropped"}),
        (Sampling(temperature=0.2, top_p=1), {"temperature": 0.2}, set()),
        (Sampling(temperature=1, top_p=0.9), {"topP": 0.9}, set()),
        (Sampling(temperature=1, top_p=1), {"topP": 1}, set()),
        (Sampling(top_p=0.9), {"topP": 0.9}, set()),
    ],
)
def test_a_model_that_takes_one_of_two_gets_the_one_that_says_more(
    sampling: Sampling, written: dict[str, Any], changes: set[str]
) -> None:
    draft = sampled(UNKNOWN._replace(one_sampling=True), sampling)
    assert config(draft) == written
    assert draft.changes == changes


def test_a_limit_below_the_least_is_raised() -> None:
    draft = sampled(UNKNOWN._replace(least_tokens=16), Sampling(max_tokens=15))
    assert config(draft) == {"maxTokens": 16}
    assert draft.changes == {"max_tokens raised to 16"}


def test_a_limit_left_out_is_the_family_s() -> None:
    row = UNKNOWN._replace(default_tokens=32_000)
    assert config(sampled(row, Sampling())) == {"maxTokens": 32_000}
    assert config(sampled(row, Sampling(max_tokens=5))) == {"maxTokens": 5}
    assert config(sampled(UNKNOWN, Sampling())) == {}


def test_a_blank_stop_is_kept_from_a_family_that_refuses_it() -> None:
    draft = sampled(UNKNOWN._replace(blank_stops=False), Sampling(stop=["\n", "END", " "]))
    assert config(draft) == {"stopSequences": ["END"]}
    assert draft.changes == {"blank stop dropped"}


def test_a_parameter_of_the_family_s_own_goes_where_it_wants_it() -> None:
    row = UNKNOWN._replace(extra={"top_k": ("inferenceConfig", "topK"), "seed": ("seed",)})
    draft = sampled(row, Sampling(extra={"top_k": 3, "seed": 0, "min_p": 0.1}))
    fields = draft.body["additionalModelRequestFields"]
    assert fields == {"inferenceConfig": {"topK": 3}, "seed": 0}
    assert draft.changes == {"min_p dropped"}


@pytest.mark.parametrize(
    ("asked", "sent", "changes"), [(128, 128, set()), (129, 128, {"top_k lowered to 128"})]
)
def test_a_parameter_of_the_family_s_own_is_held_to_its_bound(
    asked: int, sent: int, changes: set[str]
) -> None:
    draft = sampled(family("nova"), Sampling(extra={"top_k": asked}))
    assert draft.body["additionalModelRequestFields"] == {"inferenceConfig": {"topK": sent}}
    assert draft.changes == changes


NUMBER = st.none() | st.integers(-3, 3) | st.floats(-3, 3)


@given(
    st.sampled_from(sorted(EXAMPLES)),
    st.builds(
        Sampling,
        max_tokens=st.none() | st.integers(1, 2_000),
        temperature=NUMBER,
        top_p=NUMBER,
        stop=st.lists(st.text(min_size=1, max_size=3), max_size=4),
        extra=st.dictionaries(st.sampled_from(["top_k", "seed", "min_p"]), st.integers(1, 10**6)),
    ),
)
def test_no_model_refuses_what_is_written(name: str, sampling: Sampling) -> None:
    draft = sampled(family(name), sampling)
    assert_accepted(draft.body)
    assert refusal_by(EXAMPLES[name], draft.body) is None
