"""A JSON value with one thing in it changed."""

import copy
from typing import Any

Place = tuple[Any, ...]
"""The keys and indices down to a value."""


def places(value: Any, path: Place = ()) -> list[Place]:
    """Every place in a JSON value."""
    found = [path] if path else []
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return found + [place for key, item in inner for place in places(item, (*path, key))]


def changed(body: Any, place: Place, value: Any, *, drop: bool) -> Any:
    """The value with another one in a place, or with none there."""
    body = copy.deepcopy(body)
    holder = body
    for key in place[:-1]:
        holder = holder[key]
    if drop:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return body
