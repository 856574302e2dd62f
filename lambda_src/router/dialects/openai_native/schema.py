"""The words in which the shapes of relayed bodies are told.

A `Check` takes one value at one place of the client's JSON and looks at all that is in it. It raises
`ApiError` for what the route would refuse. What the route has no name for, but clients send for the
sake of other APIs, it takes out of the JSON with a notice; members that are null it takes out without.
"""

from collections.abc import Callable, Mapping
from typing import Any

from router.dialects import checks
from router.dialects.checks import Json, boolean, clipped, document, invalid, text
from router.dialects.checks import name as filled
from router.dialects.converse.draft import Draft

Check = Callable[[Any, str, Draft], None]

ECHOED = frozenset({"annotations", "index", "parsed", "parsed_arguments"})
"""Members of an answer that SDKs send back with it, and that say nothing to the model."""

DROPPED = frozenset({"cache_control", "reasoning", "reasoning_content", "reasoning_details"})
"""Members that belong to other APIs: these models cache without being asked, and their reasoning
comes back as an item of its own or not at all."""


def string(value: Any, where: str, _draft: Draft) -> None:
    """Any string."""
    # Most of what is checked: a call less for each counts.
    if not (isinstance(value, str) and value.isascii()):
        text(value, where)


def name(value: Any, where: str, _draft: Draft) -> None:
    """A string that is not empty."""
    filled(value, where)


def flag(value: Any, where: str, _draft: Draft) -> None:
    """True or false."""
    boolean(value, where)


def free_object(value: Any, where: str, _draft: Draft) -> None:
    """An object of any content: a JSON Schema, or what the route is left to judge."""
    document(value, where)


def text_object(value: Any, where: str, _draft: Draft) -> None:
    """An object of strings."""
    for member in document(value, where).values():
        if not isinstance(member, str):
            raise invalid(where, "must hold strings only")


def free_list(value: Any, where: str, _draft: Draft) -> None:
    """A list of any content."""
    if not isinstance(value, list):
        raise invalid(where, "must be a list")
    document({"": value}, where)


def longest(limit: int) -> Check:
    """A string of at most that many characters."""

    def check(value: Any, where: str, _draft: Draft) -> None:
        if len(text(value, where)) > limit:
            raise invalid(where, f"must have at most {limit} characters")

    return check


def matching(characters: frozenset[str], limit: int) -> Check:
    """A string of 1 to `limit` of those characters."""

    def check(value: Any, where: str, _draft: Draft) -> None:
        if len(filled(value, where)) > limit or not characters.issuperset(value):
            raise invalid(where, f"must be {limit} letters, digits, hyphens or underscores at most")

    return check


def whole(least: int, most: int) -> Check:
    """An integer in that range."""

    def check(value: Any, where: str, _draft: Draft) -> None:
        checks.integer(value, where, least, most)

    return check


def number(least: float, most: float) -> Check:
    """A number in that range."""

    def check(value: Any, where: str, _draft: Draft) -> None:
        checks.number(value, where, least, most)

    return check


def one_of(*choices: str) -> Check:
    """One of those strings."""

    def check(value: Any, where: str, _draft: Draft) -> None:
        if value not in choices:
            raise invalid(where, f"must be one of {', '.join(choices)}")

    return check


def list_of(item: Check, least: int = 0) -> Check:
    """A list of at least that many such items."""

    def check(value: Any, where: str, draft: Draft) -> None:
        if not isinstance(value, list):
            raise invalid(where, "must be a list")
        if len(value) < least:
            raise invalid(where, "must not be empty")
        for index, one in enumerate(value):
            item(one, f"{where}[{index}]", draft)

    return check


def string_or(other: Check) -> Check:
    """A string, or what `other` takes."""

    def check(value: Any, where: str, draft: Draft) -> None:
        if isinstance(value, str):
            text(value, where)
        else:
            other(value, where, draft)

    return check


def object_of(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with those members."""
    known = {**required, **(optional or {})}
    known_keys, required_keys = frozenset(known), frozenset(required)

    def check(value: Any, where: str, draft: Draft) -> None:
        if not isinstance(value, dict):
            raise invalid(where, "must be an object")
        if None in value.values() or not value.keys() <= known_keys:
            _take_out(value, known_keys, where, draft)
        if not required_keys <= value.keys():
            missing = next(key for key in required if key not in value)
            raise invalid(f"{where}.{missing}", "must be given")
        for key, member in value.items():
            known[key](member, f"{where}.{key}", draft)

    return check


def _take_out(value: Json, known: frozenset[str], where: str, draft: Draft) -> None:
    """Takes out the members that are null or that the route does not know."""
    for key in [key for key in value if value[key] is None or key not in known]:
        if value.pop(key) is None or key in ECHOED:
            continue
        if key not in DROPPED:
            raise invalid(f"{where}.{clipped(key)}", "is not supported")
        draft.changes.add(f"{key} dropped")


def tagged(kinds: Mapping[str, Check], untagged: str = "", key: str = "type") -> Check:
    """An object of one of several kinds, told apart by its member `key`."""

    def check(value: Any, where: str, draft: Draft) -> None:
        if not isinstance(value, dict):
            raise invalid(where, "must be an object")
        kind = value.get(key) or untagged
        if not isinstance(kind, str) or kind not in kinds:
            raise invalid(f"{where}.{key}", f"must be {' or '.join(kinds)}")
        kinds[kind](value, where, draft)

    return check
