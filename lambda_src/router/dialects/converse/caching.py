"""Prompt caching: a client's ``cache_control`` marks as Converse's cache points.

A mark stands on the last thing to be cached, a cache point behind it. As a mark asks for nothing of
the answer's content, one that cannot be kept is dropped with a notice.

https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
"""

from router.dialects.checks import Json, fields, invalid, members
from router.dialects.converse.draft import Draft

CACHE_CONTROL = fields("type", "ttl", dropped=("scope",))

MAX_CACHE_POINTS = 4

LIFETIMES = ("5m", "1h")
"""The first is what a cache point without `ttl` gets."""

DROPPED = "cache_control dropped"
SHORTENED = "cache_control ttl lowered to 5m"


def cache_point(draft: Draft, value: object, where: str) -> Json | None:
    """The cache point for a `cache_control` object; None where the model's family caches nothing."""
    mark = members(value, where, CACHE_CONTROL, draft.changes)
    if mark.get("type") != "ephemeral":
        raise invalid(f"{where}.type", "must be ephemeral")
    ttl = LIFETIMES[0] if mark.get("ttl") is None else mark["ttl"]
    if ttl not in LIFETIMES:
        raise invalid(f"{where}.ttl", "must be 5m or 1h")
    if not draft.family.cache_ttls:
        draft.changes.add(DROPPED)
        return None
    if ttl == LIFETIMES[0]:
        return {"cachePoint": {"type": "default"}}
    if ttl not in draft.family.cache_ttls:
        draft.changes.add(SHORTENED)
        return {"cachePoint": {"type": "default"}}
    return {"cachePoint": {"type": "default", "ttl": ttl}}


def check_cache_points(draft: Draft) -> None:
    """Brings the cache points of a whole draft down to what Bedrock takes.

    At most four, none at the head of a message or right behind another, and none for an hour behind
    one for five minutes, in the order of tools, system and messages. Of too many the earliest in the
    messages go: what they would have cached, a later one caches too.
    """
    tools = _tidied(draft.body.get("toolConfig", {}).get("tools", []))
    system = _tidied(draft.body.get("system", []))
    turns = [place for turn in draft.body["messages"] for place in _tidied(turn["content"])]
    surplus = len(tools) + len(system) + len(turns) - MAX_CACHE_POINTS
    for place in (turns + system + tools)[: max(0, surplus)]:
        draft.changes.add(DROPPED)
        _remove(place)
    shortest_so_far = LIFETIMES[-1]
    for _, block in tools + system + turns:
        point = block["cachePoint"]
        if point.get("ttl") is None:
            shortest_so_far = LIFETIMES[0]
        elif shortest_so_far == LIFETIMES[0]:
            draft.changes.add(SHORTENED)
            del point["ttl"]


_Place = tuple[list[Json], Json]
"""A list of blocks and the cache point in it."""


def _tidied(blocks: list[Json]) -> list[_Place]:
    """The cache points of a list, once those are gone that have nothing of their own to cache."""
    if not any("cachePoint" in block for block in blocks):
        return []
    blocks[:] = [
        block
        for index, block in enumerate(blocks)
        if "cachePoint" not in block or (index and "cachePoint" not in blocks[index - 1])
    ]
    return [(blocks, block) for block in blocks if "cachePoint" in block]


def _remove(place: _Place) -> None:
    blocks, point = place
    blocks[:] = [block for block in blocks if block is not point]
