"""Texts and numbers that fit a JSON schema, always the same ones."""

import math
from fractions import Fraction
from typing import Any

from local.bedrock.patterns import fitting

_MOST_CHARACTERS = 10_000

_FORMATS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "duration": "P1D",
    "email": "name@example.com",
    "idn-email": "name@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "uri": "https://example.com/",
    "uri-reference": "/path",
    "json-pointer": "/path",
    "regex": "a",
}

Schema = dict[str, Any]


class ImpossibleError(Exception):
    """Nothing fits, or only something without end."""


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def is_a(value: Any, kind: str) -> bool:
    """Whether a value is of a type of JSON Schema."""
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, ()))


def count(schema: Schema, key: str, otherwise: int) -> int:
    """A limit that a schema sets."""
    value = _fraction(schema.get(key))
    return otherwise if value is None or value < 0 else int(value)


def numbered(name: str, nth: int) -> str:
    """The `nth` text made from a name."""
    return f"{name}{nth}" if nth else name


def string(schema: Schema, name: str, nth: int) -> str:
    """The `nth` text for a schema; it says `name` when it may."""
    shortest = min(count(schema, "minLength", 0), _MOST_CHARACTERS)
    longest = count(schema, "maxLength", _MOST_CHARACTERS)
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        found = fitting(pattern, shortest)
        if found is None or len(found) > longest:
            raise ImpossibleError
        return found
    if str(schema.get("format")) in _FORMATS:
        return _FORMATS[schema["format"]]
    text = numbered(name, nth).ljust(shortest, "x")
    # What tells one text from the next is at the end.
    return text if len(text) <= longest else text[len(text) - longest if nth else 0 :][:longest]


class _Range:
    """The numbers a schema allows."""

    def __init__(self, schema: Schema) -> None:
        self.low, self.above = _bound(schema, "minimum", "exclusiveMinimum", max)
        self.high, self.below = _bound(schema, "maximum", "exclusiveMaximum", min)

    def __contains__(self, value: Fraction) -> bool:
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        return self.high is None or value < self.high or (value == self.high and not self.below)


def _bound(schema: Schema, closed: str, opened: str, tighter: Any) -> tuple[Fraction | None, bool]:
    """(bound, whether it is excluded); draft 4 says the latter by a boolean."""
    inner, outer = _fraction(schema.get(closed)), _fraction(schema.get(opened))
    if outer is None or inner is None:
        bound = inner if outer is None else outer
        return bound, outer is not None or schema.get(opened) is True
    return tighter(inner, outer), tighter(inner, outer) == outer


def _fraction(value: Any) -> Fraction | None:
    return Fraction(str(value)) if is_a(value, "number") and math.isfinite(value) else None


def number(schema: Schema, nth: int, *, whole: bool) -> int | float:
    """The `nth` number for a schema."""
    allowed = _Range(schema)
    step = _fraction(schema.get("multipleOf"))
    if step is None or step <= 0:
        step = Fraction(1) if whole else None
    elif whole:
        step = Fraction(step.numerator)
    value = _between(allowed, nth) if step is None else _multiple(allowed, step, nth)
    if value not in allowed:
        raise ImpossibleError
    return int(value) if value.denominator == 1 else float(value)


def _multiple(allowed: _Range, step: Fraction, nth: int) -> Fraction:
    lowest = highest = None
    if allowed.low is not None:
        lowest = math.ceil(allowed.low / step) * step
        lowest = lowest if lowest > allowed.low or not allowed.above else lowest + step
    if allowed.high is not None:
        highest = math.floor(allowed.high / step) * step
        highest = highest if highest < allowed.high or not allowed.below else highest - step
    first = math.ceil(Fraction(1) / step) * step
    if lowest is None:
        return first + nth * step if highest is None else min(first, highest) - nth * step
    first = max(first, lowest)
    if highest is None:
        return first + nth * step
    if highest < lowest:
        raise ImpossibleError
    steps = (min(first, highest) - lowest) / step + nth
    return lowest + steps % ((highest - lowest) / step + 1) * step


def _between(allowed: _Range, nth: int) -> Fraction:
    low, high, one = allowed.low, allowed.high, Fraction(1)
    if low is not None and high is not None:
        if low == high:
            return low
        start = one if one in allowed else (low + high) / 2
        # Ever closer to the farther end.
        end = high if high - start > start - low else low
        return start + (end - start) * nth / (nth + 1)
    if high is not None:
        return (one if one in allowed else high - 1) - nth
    return (one if low is None or one in allowed else low + 1) + nth
