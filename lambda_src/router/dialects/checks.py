"""Reading values out of a client's JSON: the value in the wanted form, or a 400 that names the field.

Every `where` is the field's path as the client wrote it: ``messages[2].content[0].text``.
"""

import json
from collections.abc import Iterable
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from router.errors import ApiError

Json = dict[str, Any]

MAX_INTEGER = 2**31 - 1
"""Converse's integers are 32-bit."""

MAX_DEPTH = 100
"""How deep a tool's schema or arguments may nest. Far above real ones, and far below the depth at
which Python's JSON encoder gives up."""

_LONGEST_NAME = 64


class Fields(NamedTuple):
    """The members an object may have; any other that is not null is refused."""

    read: frozenset[str]
    dropped: frozenset[str]
    """Have no counterpart in Converse; that they were given is told in the response header."""
    echoed: frozenset[str]
    """Repeat what other members say; SDKs send them back with an answer of the router's own."""


def fields(*read: str, dropped: Iterable[str] = (), echoed: Iterable[str] = ()) -> Fields:
    """The `Fields` of those names."""
    return Fields(frozenset(read), frozenset(dropped), frozenset(echoed))


def invalid(where: str, why: str) -> ApiError:
    """The 400 for the field at `where`; `why` completes the sentence."""
    return ApiError("invalid_request", f"{where} {why}.", param=where)


def clipped(name: str) -> str:
    """A client's own name for something, fit for a message: short, and escaped if it is no plain text."""
    told = name if name and name.isprintable() else json.dumps(name[:_LONGEST_NAME])
    return told if len(told) <= _LONGEST_NAME else f"{told[:_LONGEST_NAME]}…"


def request_object(body: bytes) -> Json:
    """A request body as a JSON object. Raises `ApiError`."""
    try:
        content = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError("invalid_request", "The request body is not valid JSON.") from error
    if not isinstance(content, dict):
        raise ApiError("invalid_request", "The request body must be a JSON object.")
    return content


def upstream_object(data: bytes) -> Json:
    """An answer of Bedrock's, or an event of one, as a JSON object. Raises `ApiError`."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ApiError("bad_upstream", "Bedrock's answer is not a JSON object.")
    return content


def _refuse_constant(constant: str) -> NoReturn:
    # Python reads NaN and Infinity, which JSON has not and Bedrock refuses.
    raise ValueError(constant)


def members(value: object, where: str, known: Fields, changes: set[str]) -> Json:
    """`value` as an object with known members; notes in `changes` those that are dropped."""
    if not isinstance(value, dict):
        raise invalid(where, "must be an object")
    if value.keys() <= known.read:
        return value
    for key in value.keys() - known.read:
        # A response may repeat the object, so all of it must be fit to be written again.
        text(key, where)
        if value[key] is None or key in known.echoed:
            continue
        if key not in known.dropped:
            raise invalid(f"{where}.{clipped(key)}", "is not supported")
        document({key: value[key]}, f"{where}.{key}")
        changes.add(f"{key} dropped")
    return value


def type_of(value: object) -> str:
    """The `type` of an object; "" where there is none to be read."""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def text(value: object, where: str) -> str:
    """`value` as a string of whole Unicode characters."""
    if not isinstance(value, str):
        raise invalid(where, "must be a string")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise invalid(where, "holds half of a surrogate pair") from None
    return value


def name(value: object, where: str) -> str:
    """`value` as a string that is not empty."""
    if value == "":
        raise invalid(where, "must not be empty")
    return text(value, where)


def is_blank(string: str) -> bool:
    """Whether a string has nothing but whitespace, which Bedrock refuses as a text block."""
    return not string or string.isspace()


def boolean(value: object, where: str) -> bool:
    """`value` as true or false."""
    if not isinstance(value, bool):
        raise invalid(where, "must be true or false")
    return value


def flag(values: Json, key: str, where: str) -> bool:
    """A member that is true or false, and false when it is left out."""
    value = values.get(key)
    return value is not None and boolean(value, where)


def integer(value: object, where: str, least: int, most: int) -> int:
    """`value` as an integer in that range."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise invalid(where, f"must be an integer from {least} to {most}")
    return value


def positive_integer(value: object, where: str) -> int:
    """`value` as an integer of at least 1 that Converse's 32 bits hold."""
    return integer(value, where, 1, MAX_INTEGER)


def number(value: object, where: str, least: float, most: float) -> float:
    """`value` as a number in that range."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise invalid(where, f"must be a number from {least} to {most}")
    return value


def items(value: object, where: str) -> list[Any]:
    """`value` as a list."""
    if not isinstance(value, list):
        raise invalid(where, "must be a list")
    return value


def document(value: object, where: str) -> Json:
    """`value` as an object of any content that is fit to be written as JSON again."""
    if not isinstance(value, dict):
        raise invalid(where, "must be an object")
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        level = [below for node in level for below in _children(node, where)]
        if not level:
            return value
    raise invalid(where, f"nests deeper than {MAX_DEPTH} levels")


def _children(node: Any, where: str) -> list[object]:
    """The objects and lists in an object or a list; refuses what JSON or UTF-8 cannot write."""
    below: list[object] = []
    for child in (*node, *node.values()) if isinstance(node, dict) else node:
        if isinstance(child, str):
            if not child.isascii():
                text(child, where)
        elif isinstance(child, dict | list):
            below.append(child)
        elif isinstance(child, float) and not isfinite(child):
            raise invalid(where, "holds a number outside the range of JSON")
    return below
