"""What becomes of a request's parameters, by a table with one row for each.

Either a translator reads it, or the row says which of its values ask for nothing (and are accepted
without a word), and whether any other value is dropped with a notice or refused by name. A parameter
without a row is the model's own and passed on to it.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from router.dialects.checks import Json, clipped, document, invalid
from router.dialects.converse.tools import NAME_CHARACTERS
from router.errors import ApiError


class Parameter(NamedTuple):
    """How the values of one parameter are handled."""

    translated: bool = False
    neutral: tuple[object, ...] = ()
    """Values that ask for what happens anyway."""
    dropped: type | None = None
    """The type whose other values are dropped with a notice: they ask for nothing of the answer's
    content, and clients send them as a matter of course. None refuses them."""
    instead: str = ""
    """What to do where it is refused."""


TRANSLATED = Parameter(translated=True)
REFUSED = Parameter()


def only(*neutral: object, instead: str = "") -> Parameter:
    """A parameter of which other values are refused."""
    return Parameter(neutral=neutral, instead=instead)


def dropped(kind: type, *neutral: object) -> Parameter:
    """A parameter of which other values of that type are dropped."""
    return Parameter(neutral=neutral, dropped=kind)


_TYPE_NAMES = {
    bool: "true or false",
    dict: "an object",
    int: "an integer",
    list: "a list",
    str: "a string",
}

MOST_PASSED_ON = 16
"""Parameters without a row, each of which becomes a word in a response header."""

_LONGEST_NAME = 64


def check_parameters(table: Mapping[str, Parameter], body: Json, changes: set[str]) -> Json:
    """The parameters without a row, which are the model's own and passed on to it.

    Refuses what the table refuses, and notes in `changes` what it drops.
    """
    passed_on: Json = {}
    for key, value in body.items():
        if value is None:
            continue
        parameter = table.get(key)
        if parameter is None:
            _check_name(key)
            passed_on |= document({key: value}, key)
            changes.add(f"{key} passed on")
        elif not parameter.translated:
            _check_value(key, value, parameter, changes)
    if len(passed_on) > MOST_PASSED_ON:
        raise invalid(
            next(reversed(passed_on)), f"is one of more than {MOST_PASSED_ON} extra fields"
        )
    return passed_on


def _check_name(key: str) -> None:
    if not key or len(key) > _LONGEST_NAME or not NAME_CHARACTERS.issuperset(key):
        raise invalid(clipped(key), "is not supported")


def _check_value(key: str, value: object, parameter: Parameter, changes: set[str]) -> None:
    if any(_same(value, other) for other in parameter.neutral):
        return
    if parameter.dropped is None:
        raise _refusal(key, parameter)
    if not _is_a(value, parameter.dropped):
        raise invalid(key, f"must be {_TYPE_NAMES[parameter.dropped]}")
    # Some are repeated in the response, so they must be fit to be written again.
    document({key: value}, key)
    changes.add(f"{key} dropped")


def _same(value: object, other: object) -> bool:
    # Python holds True for equal to 1; JSON does not.
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _is_a(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _refusal(key: str, parameter: Parameter) -> ApiError:
    values = " or ".join(json.dumps(value) for value in parameter.neutral)
    why = f"is only supported as {values}" if values else "is not supported"
    return invalid(key, f"{why}: {parameter.instead}" if parameter.instead else why)
