"""Where, how many and how long Converse lets a prompt be cached.

https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html. GPT, Grok and Kimi K3 cache by
themselves and call the block an unsupported field; other models without a cache deny it as if by policy.
"""

from typing import Any

from local.bedrock.errors import ModelRefusal, ServiceError, unsupported
from local.bedrock.models import Model

_MOST_CACHE_POINTS = 4


def check_cache_points(model: Model, request: dict[str, Any]) -> None:
    """Raises the refusal of cache points that the model does not take, or not so many or so long."""
    places = _places(request)
    points = [
        (place, position, block["cachePoint"].get("ttl", "5m"))
        for place, blocks in places.items()
        for position, block in enumerate(blocks)
        if "cachePoint" in block
    ]
    if not points:
        return
    _check_cached(model)
    if len(points) > _MOST_CACHE_POINTS:
        raise ModelRefusal(
            f"A maximum of {_MOST_CACHE_POINTS} blocks with cache_control may be provided. Found "
            f"{len(points)}."
        )
    _check_lifetimes(model, [lifetime for _, _, lifetime in points])
    for place, position, _ in points:
        _check_place(model, place, position, places[place])


def _places(request: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Everything that may hold a cache point, in the order of the cache."""
    places = {
        "tools": (request.get("toolConfig") or {}).get("tools", []),
        "system": request.get("system") or [],
    }
    for index, message in enumerate(request.get("messages") or []):
        places[f"messages/{index}/content"] = message["content"]
    return places


def _check_cached(model: Model) -> None:
    if model.openai is not None and model.openai.responses:
        raise unsupported("cachePoint")
    if not model.cache_minimum:
        raise ServiceError(
            "AccessDeniedException",
            "You invoked an unsupported model or your request did not allow prompt caching. See the "
            "documentation for more information.",
        )


def _check_lifetimes(model: Model, lifetimes: list[str]) -> None:
    if "1h" not in lifetimes:
        return
    if not (model.claude and model.claude.long_cache):
        raise unsupported("cachePoint.ttl")
    if "5m" in lifetimes and "1h" in lifetimes[lifetimes.index("5m") :]:
        raise ModelRefusal(
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. "
            "Note that blocks are processed in the following order: `tools`, `system`, `messages`."
        )


def _check_place(model: Model, place: str, position: int, blocks: list[dict[str, Any]]) -> None:
    if place.startswith("messages") and position == 0:
        raise ModelRefusal(f"{place.replace('/', '.')}.0.type: Field required")
    beside_tools = any("toolUse" in block or "toolResult" in block for block in blocks)
    if model.family == "nova" and (place == "tools" or beside_tools):
        raise ModelRefusal(
            f"Malformed input request: #/{place}/{position}: extraneous key [cachePoint] is not "
            "permitted, please reformat your input and try again."
        )
