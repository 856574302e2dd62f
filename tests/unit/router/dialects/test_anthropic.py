"""What Messages requests have in common, whichever way they are served."""

from typing import Any

import pytest
from catalog.families import UNKNOWN
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.anthropic import (
    ATTRIBUTION,
    asked_betas,
    fit_metadata,
    lower_limit,
    system_blocks,
)
from router.dialects.converse.draft import Draft
from router.errors import ApiError

from tests.support.anthropic_native import CATALOG
from tests.support.anthropic_native_requests import BILLING, CLAUDE_CODE_USER, EPHEMERAL, words

Json = dict[str, Any]


def fitted(user_id: object) -> tuple[Any, set[str]]:
    """The user's id as it goes on, and the notices."""
    draft, asked = Draft(UNKNOWN), {"metadata": {"user_id": user_id}}
    fit_metadata(draft, asked)
    return asked["metadata"]["user_id"], draft.changes


# --- betas ----------------------------------------------------------------------------------------


def test_betas_of_the_header_and_the_body_are_one_list_without_repetition() -> None:
    asked: Json = {"anthropic_beta": ["b", "c"], "betas": ["c", "d"], "model": "m"}
    assert asked_betas({"anthropic-beta": " a,b,, b ,"}, asked) == ["a", "b", "c", "d"]
    assert asked == {"model": "m"}


def test_a_request_without_betas_has_none() -> None:
    assert asked_betas({}, {"anthropic_beta": None, "betas": []}) == []


# --- the user -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "user_id", ["", "u-1", "someone@example.test", "a b:_@$#=/+,-.", "x" * 256]
)
def test_a_users_id_that_bedrock_takes_stays(user_id: str) -> None:
    assert fitted(user_id) == (user_id, set())


@pytest.mark.parametrize("user_id", [CLAUDE_CODE_USER, "né", "x" * 257, "a\nb", "{}"])
def test_a_users_id_that_bedrock_refuses_is_hashed(user_id: str) -> None:
    told, changes = fitted(user_id)
    assert len(told) == 64
    assert int(told, 16) > 0
    assert changes == {"metadata.user_id hashed"}


@given(st.text(max_size=300))
def test_any_users_id_becomes_one_that_stays(user_id: str) -> None:
    told, _ = fitted(user_id)
    assert fitted(told) == (told, set())


@pytest.mark.parametrize("metadata", [None, {}, {"user_id": None}])
def test_metadata_of_nobody_say_nothing(metadata: object) -> None:
    asked = {"metadata": metadata}
    fit_metadata(Draft(UNKNOWN), asked)
    assert asked.get("metadata") is None


@pytest.mark.parametrize("user_id", [5, [], {}, True, "\ud800"])
def test_what_is_no_id_is_refused_by_its_place(user_id: object) -> None:
    with pytest.raises(ApiError) as error:
        fitted(user_id)
    assert error.value.param == "metadata.user_id"


# --- the system prompt ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "blocks"),
    [
        (BILLING, []),
        (f"{BILLING}\n\nBe brief.", [words("Be brief.")]),
        ([words(BILLING), words("Be brief.")], [words("Be brief.")]),
        (
            [words(f"{BILLING}\nBe brief.", cache_control=EPHEMERAL)],
            [words("Be brief.", cache_control=EPHEMERAL)],
        ),
    ],
)
def test_a_billing_header_is_taken_out_and_nothing_else(system: object, blocks: list[Json]) -> None:
    draft = Draft(UNKNOWN)
    assert system_blocks(draft, {"system": system}) == blocks
    assert draft.changes == {"billing header dropped"}


@pytest.mark.parametrize(
    ("system", "blocks"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("Be brief.", [words("Be brief.")]),
        ([words(f"I say {ATTRIBUTION}")], [words(f"I say {ATTRIBUTION}")]),
        ([{"type": "novelty", "text": 5}], [{"type": "novelty", "text": 5}]),
    ],
)
def test_any_other_system_prompt_stays(system: object, blocks: list[Json]) -> None:
    draft = Draft(UNKNOWN)
    assert system_blocks(draft, {"system": system}) == blocks
    assert draft.changes == set()


@pytest.mark.parametrize(("system", "where"), [(5, "system"), ({}, "system"), ([5], "system[0]")])
def test_what_is_no_system_prompt_is_refused_by_its_place(system: object, where: str) -> None:
    with pytest.raises(ApiError) as error:
        system_blocks(Draft(UNKNOWN), {"system": system})
    assert error.value.param == where


# --- the limit ------------------------------------------------------------------------------------


def test_a_limit_above_the_models_is_lowered_to_it() -> None:
    target = CATALOG.resolve("claude-sonnet-4-5")
    asked = {"max_tokens": 10**6}
    assert lower_limit(asked, target) == "max_tokens lowered to 64000"
    assert asked == {"max_tokens": 64_000}


@pytest.mark.parametrize("limit", [1, 64_000, "a lot", None])
def test_other_limits_stay(limit: object) -> None:
    asked = {"max_tokens": limit}
    assert lower_limit(asked, CATALOG.resolve("claude-sonnet-4-5")) is None
    assert asked == {"max_tokens": limit}


def test_the_limit_of_a_model_that_nobody_knows_is_bedrocks_to_judge() -> None:
    asked = {"max_tokens": 10**9}
    assert lower_limit(asked, CATALOG.resolve("anthropic.claude-of-tomorrow")) is None
    assert asked == {"max_tokens": 10**9}
