"""Prompt caching: a client's ``cache_control`` marks as Converse's cache points.

A mark stands on the last thing to be cached, a cache point behind it. As a mark asks for nothing of
the answer's content, one that cannot be kept is dropped with a notice.

https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
"""

from typing import NamedTuple

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


def mark_all(draft: Draft, value: object) -> None:
    """A request's own `cache_control` asks to cache all of it."""
    if value is None:
        return
    point = cache_point(draft, value, "cache_control")
    if point is not None:
        draft.body["messages"][-1]["content"].append(point)


def check_cache_points(draft: Draft) -> None:
    """Brings the cache points of a whole draft down to what Bedrock and the model's family take.

    At most four, none at the head of a message or right behind another, and none for an hour behind
    one for five minutes, in the order of tools, system and messages. Of too many the earliest in the
    messages go: what they would have cached, a later one caches too.
    """
    body = draft.body
    before = _points(draft, "tools", body.get("toolConfig", {}).get("tools", []))
    before += _points(draft, "system", body.get("system", []))
    turns = [_points(draft, "messages", turn["content"]) for turn in body["messages"]]
    points = [point for found in turns for point in found] + before
    surplus = max(0, len(points) - MAX_CACHE_POINTS)
    for point in points[:surplus]:
        draft.changes.add(DROPPED)
        point.blocks[:] = [block for block in point.blocks if block is not point.block]
    kept = points[surplus:]
    _shorten(draft, kept[-len(before) :] + kept[: -len(before)] if before else kept)


class _Point(NamedTuple):
    """A cache point and the list of blocks it is in."""

    blocks: list[Json]
    block: Json


def _points(draft: Draft, place: str, blocks: list[Json]) -> list[_Point]:
    """The cache points of a list, without those that cannot stay."""
    if not any("cachePoint" in block for block in blocks):
        return []
    cached = draft.family.cached
    # Where tools cannot be cached, neither can their calls and results.
    beside_tools = any("toolUse" in block or "toolResult" in block for block in blocks)
    if place not in cached or (beside_tools and "tools" not in cached):
        draft.changes.add(DROPPED)
        blocks[:] = [block for block in blocks if "cachePoint" not in block]
    blocks[:] = [
        block
        for index, block in enumerate(blocks)
        if "cachePoint" not in block or (index and "cachePoint" not in blocks[index - 1])
    ]
    return [_Point(blocks, block) for block in blocks if "cachePoint" in block]


def _shorten(draft: Draft, points: list[_Point]) -> None:
    """Makes those behind one for five minutes last no longer."""
    shorter_before = False
    for point in points:
        inner = point.block["cachePoint"]
        if shorter_before and "ttl" in inner:
            draft.changes.add(SHORTENED)
            del inner["ttl"]
        shorter_before = shorter_before or "ttl" not in inner
