"""Marks of prompt caching become cache points where Bedrock takes them."""

from typing import Any

import pytest
from catalog.families import UNKNOWN, Family
from router.dialects.converse.caching import cache_point, check_cache_points
from router.dialects.converse.draft import Draft
from router.errors import ApiError

SHORT = {"cachePoint": {"type": "default"}}
LONG = {"cachePoint": {"type": "default", "ttl": "1h"}}

MINUTES_ONLY = UNKNOWN._replace(cache_ttls=("5m",))
NOTHING = UNKNOWN._replace(cache_ttls=())

EPHEMERAL = {"type": "ephemeral"}


def text(number: int) -> dict[str, Any]:
    return {"text": f"text {number}"}


@pytest.mark.parametrize(
    ("mark", "family", "point", "changes"),
    [
        (EPHEMERAL, UNKNOWN, SHORT, set()),
        ({**EPHEMERAL, "ttl": None}, UNKNOWN, SHORT, set()),
        ({**EPHEMERAL, "ttl": "5m"}, UNKNOWN, SHORT, set()),
        ({**EPHEMERAL, "ttl": "1h"}, UNKNOWN, LONG, set()),
        ({**EPHEMERAL, "ttl": "1h"}, MINUTES_ONLY, SHORT, {"cache_control ttl lowered to 5m"}),
        ({**EPHEMERAL, "ttl": "1h"}, NOTHING, None, {"cache_control dropped"}),
        ({**EPHEMERAL, "scope": "global"}, UNKNOWN, SHORT, {"scope dropped"}),
    ],
)
def test_a_mark_becomes_what_the_family_takes(
    mark: object, family: Family, point: object, changes: set[str]
) -> None:
    draft = Draft(family)
    assert cache_point(draft, mark, "here") == point
    assert draft.changes == changes


@pytest.mark.parametrize(
    ("mark", "param"),
    [
        ("ephemeral", "here"),
        ({}, "here.type"),
        ({"type": "persistent"}, "here.type"),
        ({**EPHEMERAL, "ttl": "2h"}, "here.ttl"),
        ({**EPHEMERAL, "ttl": ["5m"]}, "here.ttl"),
        ({**EPHEMERAL, "size": 1}, "here.size"),
    ],
)
@pytest.mark.parametrize("family", [UNKNOWN, NOTHING])
def test_what_is_no_mark_is_refused(family: Family, mark: object, param: str) -> None:
    with pytest.raises(ApiError) as refusal:
        cache_point(Draft(family), mark, "here")
    assert refusal.value.param == param


def checked(
    *contents: list[dict[str, Any]],
    system: list[dict[str, Any]] | None = None,
    tools: list[dict[str, Any]] | None = None,
    family: Family = UNKNOWN,
) -> Draft:
    draft = Draft(family)
    draft.body["messages"] = [{"role": "user", "content": content} for content in contents]
    if system:
        draft.body["system"] = system
    if tools:
        draft.body["toolConfig"] = {"tools": tools}
    check_cache_points(draft)
    return draft


def contents(draft: Draft) -> list[list[dict[str, Any]]]:
    return [message["content"] for message in draft.body["messages"]]


def test_four_points_stay_where_they_are() -> None:
    tool = {"toolSpec": {"name": "f"}}
    draft = checked(
        [text(1), dict(SHORT), text(2)],
        [text(3), dict(SHORT)],
        system=[text(4), dict(LONG)],
        tools=[tool, dict(LONG)],
    )
    assert contents(draft) == [[text(1), SHORT, text(2)], [text(3), SHORT]]
    assert draft.body["system"] == [text(4), LONG]
    assert draft.body["toolConfig"]["tools"] == [tool, LONG]
    assert not draft.changes


def test_of_too_many_points_the_earliest_in_the_messages_go() -> None:
    draft = checked(
        *([text(number), {"cachePoint": {"type": "default"}}] for number in range(4)),
        system=[text(9), dict(SHORT)],
    )
    assert contents(draft) == [[text(0)], *([text(n), SHORT] for n in (1, 2, 3))]
    assert draft.body["system"] == [text(9), SHORT]
    assert draft.changes == {"cache_control dropped"}


def test_an_hour_behind_five_minutes_becomes_five_minutes() -> None:
    draft = checked(
        [text(1), {"cachePoint": {"type": "default", "ttl": "1h"}}],
        system=[text(2), dict(SHORT)],
    )
    assert contents(draft) == [[text(1), SHORT]]
    assert draft.changes == {"cache_control ttl lowered to 5m"}


def test_points_with_nothing_of_their_own_to_cache_go() -> None:
    draft = checked([dict(SHORT), text(1), dict(SHORT), dict(SHORT), text(2)])
    assert contents(draft) == [[text(1), SHORT, text(2)]]


CALL = {"toolUse": {"toolUseId": "a", "name": "f", "input": {}}}
RESULT = {"toolResult": {"toolUseId": "a", "content": [{"text": "1"}]}}


def test_a_family_that_caches_no_tools_gets_no_points_beside_them() -> None:
    draft = checked(
        [text(1), dict(SHORT)],
        [text(2), CALL, dict(SHORT)],
        [RESULT, text(3), dict(SHORT)],
        system=[text(4), dict(SHORT)],
        tools=[{"toolSpec": {"name": "f"}}, dict(SHORT)],
        family=UNKNOWN._replace(cached=frozenset({"system", "messages"})),
    )
    assert contents(draft) == [[text(1), SHORT], [text(2), CALL], [RESULT, text(3)]]
    assert draft.body["system"] == [text(4), SHORT]
    assert draft.body["toolConfig"]["tools"] == [{"toolSpec": {"name": "f"}}]
    assert draft.changes == {"cache_control dropped"}


def test_points_before_the_messages_go_when_there_are_too_many_of_them_alone() -> None:
    tool = {"toolSpec": {"name": "f"}}
    draft = checked(
        [text(1), dict(SHORT)],
        tools=[part for _ in range(5) for part in (tool, dict(LONG))],
    )
    assert contents(draft) == [[text(1)]]
    assert draft.body["toolConfig"]["tools"] == [
        tool,
        tool,
        LONG,
        tool,
        LONG,
        tool,
        LONG,
        tool,
        LONG,
    ]


def test_a_point_that_goes_shortens_none_behind_it() -> None:
    draft = checked(
        [text(0), dict(SHORT)],
        *([text(number), {"cachePoint": {"type": "default", "ttl": "1h"}}] for number in range(4)),
    )
    assert contents(draft) == [[text(0)], *([text(n), LONG] for n in range(4))]
