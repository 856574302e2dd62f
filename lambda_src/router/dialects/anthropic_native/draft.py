"""The InvokeModel body that a client's request is becoming."""

import json
from collections.abc import Iterable
from typing import Any

from catalog.families import Family

from router.dialects.checks import Json, clipped, invalid
from router.dialects.converse.draft import Draft
from router.errors import ApiError


class InvokeDraft(Draft):
    """A draft whose `body` is InvokeModel's, made of the client's own."""

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        self.betas: list[str] = []
        """The beta features asked for, as the client names them."""
        self.used: set[str] = set()
        """What of `catalog.betas.GATED` the request has."""

        self.limit_lowered = False
        """Whether `max_tokens` is less than the client's."""

    def instruct(self, words: str) -> None:
        self.body["system"] = [*self.body.get("system", ()), {"type": "text", "text": words}]

    def encode(self) -> bytes:
        """The request body. Raises `ApiError` for what JSON or UTF-8 cannot write."""
        try:
            return _encode(self.body).encode()
        except (ValueError, RecursionError):
            # Most of a body passes unread, so what cannot be written is looked for only now.
            raise _unwritable(self.body) from None


_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode


def _unwritable(body: Json) -> ApiError:
    """Names the innermost place, of those that clients know by name, of what cannot be written."""
    where = ""
    place: Any = body
    for _ in range(_DEEPEST):
        found = next((key for key in _keys(place) if not _is_writable({"": place[key]})), None)
        if found is None:
            break
        where += f"[{found}]" if isinstance(place, list) else f".{clipped(str(found))}"
        place = place[found]
    return invalid(where.lstrip("."), _WHY)


_DEEPEST = 6

_WHY = (
    "holds what JSON in UTF-8 cannot: half of a surrogate pair, a number out of range, or too many"
    " levels"
)


def _keys(place: object) -> Iterable[Any]:
    if isinstance(place, dict):
        return place
    return range(len(place)) if isinstance(place, list) else ()


def _is_writable(value: object) -> bool:
    try:
        _encode(value).encode()
    except (ValueError, RecursionError):
        return False
    return True
