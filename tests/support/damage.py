"""Requests with something wrong in them: valid ones, changed in one to three places."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.support.json_values import ANY_JSON, Place, at, places

Json = dict[str, Any]

_HUGE = 100_000
_DEEP = 300


def _copy(value: Any) -> Any:
    """The value anew, in which nothing is one and the same object twice."""
    return json.loads(json.dumps(value))


_TEXTS = (
    *("", " ", "\0", "\ud800", "\udc00x", "a\x1b[0m", "\u202e", "x" * 65, "x" * _HUGE),
    *("data:,", "data:image/png;base64,", "data:image/png;base64,%%%", "=", "AAAA", "s3://b/k"),
    *("https://", "http://a", "https://127.0.0.1/", "https://[::1/", "file:///etc/passwd"),
    *("{", "[]", '{"a":', "null", "NaN", "../..", "%2e%2e"),
)

_NUMBERS = (0, 1, -1, 0.5, 2**31, -(2**63), 10**30, 10**400, 1e308, 1e-320, -0.0)

_OTHERS = (None, True, False, [], {}, [[]], [None], {"": None}, {"type": "text"}, {"type": []})

_TROUBLE = st.sampled_from((*_TEXTS, *_NUMBERS, *_OTHERS)).map(_copy)
"""What has broken programs before."""


def _nested(value: Any) -> Any:
    for _ in range(_DEEP):
        value = [value]
    return value


def _retyped(value: Any) -> Any:
    """The value as another type that a careless client might send."""
    if isinstance(value, str):
        return list(value[:3])
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return str(value)[:50]
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    if isinstance(value, dict):
        return json.dumps(value)[:_HUGE]
    return "null"


_RESHAPED: tuple[Callable[[Any], Any], ...] = (
    _retyped,
    _nested,
    lambda value: [value],
    lambda value: [_copy(value) for _ in range(30)],
    lambda value: {"type": value},
    lambda value: value,
)


_ODD_NAMES = st.sampled_from(["", "x", "\ud800", "\0", "a.b", "y" * 1000])


def damaged(originals: Sequence[Json]) -> st.SearchStrategy[Any]:
    """One of the requests, damaged; parts of the others are among the spares."""
    spares = [at(body, place) for body in originals for place in places(body)]
    known = {key for body in originals for place in places(body) for key in place}
    names = st.sampled_from(sorted(key for key in known if isinstance(key, str)))
    return _damaged(originals, st.sampled_from(spares), names | _ODD_NAMES)


@st.composite
def _damaged(
    draw: st.DrawFn,
    originals: Sequence[Json],
    spares: st.SearchStrategy[Any],
    names: st.SearchStrategy[str],
) -> Any:
    body = _copy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        found = places(body)
        if not found:
            break
        place = draw(st.sampled_from(found))
        holder, key = at(body, place[:-1]), place[-1]
        match draw(st.sampled_from(["value", "delete", "move", "add"])):
            case "value":
                holder[key] = draw(_values(holder[key], spares))
            case "delete":
                del holder[key]
            case "move":
                _swap(body, place, draw(st.sampled_from(found)))
            case _ if isinstance(holder, dict):
                holder[draw(names)] = draw(_values(holder[key], spares))
            case _:
                index = draw(st.integers(0, len(holder)))
                holder.insert(index, draw(_values(holder[key], spares)))
    return body


def _values(old: Any, spares: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What may stand in a value's place: strangers, values from elsewhere, or itself in disguise."""
    disguised = st.sampled_from(_RESHAPED).map(lambda reshape: reshape(_copy(old)))
    return _TROUBLE | ANY_JSON | spares.map(_copy) | disguised


def _swap(body: Any, place: Place, other: Place) -> None:
    """Puts two values in each other's place; of one inside the other only the outer is replaced."""
    outer, inner = sorted((place, other), key=len)
    outer_value, inner_value = _copy(at(body, outer)), _copy(at(body, inner))
    at(body, outer[:-1])[outer[-1]] = inner_value
    if inner[: len(outer)] != outer:
        at(body, inner[:-1])[inner[-1]] = outer_value
