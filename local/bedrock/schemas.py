"""A small checker for the bodies InvokeModel takes, told in the two wordings the models use.

`Field` describes a JSON value. `check` returns the first things wrong with one. Claude words them as
its validation library does (``max_tokens: Field required``), every other model as a JSON-schema
validator does (``#: required key [messages] not found``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class Field(NamedTuple):
    """What a JSON value must be."""

    kind: str = "any"
    """A JSON type, ``any``, ``tagged`` (an object told apart by `tags`), ``text`` (a string or a
    list of `items`) or ``choice`` (one of `choices` or a tagged object)."""
    required: bool = False
    members: "Mapping[str, Field] | None" = None
    """Of an object: the members it may have; None for any."""
    items: "Field | None" = None
    tags: "Mapping[str, Field] | None" = None
    """Of a tagged value: the object for each value of its ``type``."""
    untagged: str = ""
    """Of a tagged value: the tag an object without ``type`` has; "" when it must have one."""
    choices: tuple[str | int, ...] = ()
    least: float | None = None
    """The least value, or the least length of a string or an array."""
    most: float | None = None
    pattern: str = ""


class Violation(NamedTuple):
    """Something wrong with a value."""

    path: tuple[str, ...]
    """Keys and indices down to the value; a tag stands in it as ``<tag>``."""
    problem: str
    detail: Any = None


def check(value: Any, field: Field, path: tuple[str, ...] = ()) -> Iterator[Violation]:
    """What is wrong with `value`, outermost first."""
    kind = field.kind
    if kind == "any":
        return
    if kind == "tagged" or (kind == "choice" and isinstance(value, dict)):
        yield from _check_tagged(value, field, path)
        return
    if kind == "choice":
        kind = "string"
    if kind == "text":
        kind = "string" if isinstance(value, str) else "array"
    if not _is(kind, value):
        yield Violation(path, "type", (kind, value))
        return
    if field.choices and value not in field.choices:
        yield Violation(path, "choice", (field.choices, value))
        return
    yield from _check_bounds(value, field, path, kind)
    if kind == "object":
        yield from _check_object(value, field, path)
    elif kind == "array" and field.items is not None:
        for index, item in enumerate(value):
            yield from check(item, field.items, (*path, str(index)))


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _check_tagged(value: Any, field: Field, path: tuple[str, ...]) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(path, "type", ("object", value))
        return
    tag = value.get("type", field.untagged or None)
    tags = field.tags or {}
    if tag is None:
        yield Violation((*path, "type"), "missing", "type")
    elif not isinstance(tag, str) or tag not in tags:
        yield Violation(path, "tag", (tag, sorted(tags)))
    else:
        yield from check(value, tags[tag], (*path, f"<{tag}>"))


def _check_bounds(
    value: Any, field: Field, path: tuple[str, ...], kind: str
) -> Iterator[Violation]:
    size = value if kind in {"number", "integer"} else len(value) if kind != "boolean" else 0
    if field.least is not None and size < field.least:
        yield Violation(path, f"{kind}-low", (field.least, size))
    if field.most is not None and size > field.most:
        yield Violation(path, f"{kind}-high", (field.most, size))
    if field.pattern and kind == "string" and not re.fullmatch(field.pattern, value):
        yield Violation(path, "pattern", (field.pattern, value))


def _check_object(
    value: dict[str, Any], field: Field, path: tuple[str, ...]
) -> Iterator[Violation]:
    if field.members is None:
        return
    for name, member in field.members.items():
        if member.required and value.get(name) is None:
            yield Violation((*path, name), "missing", name)
    for name, item in value.items():
        if name not in field.members:
            yield Violation((*path, name), "extra", name)
        elif item is not None:
            yield from check(item, field.members[name], (*path, name))


_CLAUDE_TYPES = {
    "string": "a valid string",
    "number": "a valid number",
    "integer": "a valid integer",
    "boolean": "a valid boolean",
    "array": "a valid list",
    "object": "a valid dictionary",
}

_CLAUDE_BOUNDS = {
    "number-low": "Input should be greater than or equal to {0:g}",
    "number-high": "Input should be less than or equal to {0:g}",
    "integer-low": "Input should be greater than or equal to {0:g}",
    "integer-high": "Input should be less than or equal to {0:g}",
    "string-low": "String should have at least {0:g} character",
    "string-high": "String should have at most {0:g} characters",
    "array-low": "List should have at least {0:g} item after validation, not {1}",
    "array-high": "List should have at most {0:g} items after validation, not {1}",
}


def in_claude_words(violation: Violation) -> str:
    """A violation as Claude words it: ``messages.0.content.0.text.foo: Extra inputs are …``."""
    path = ".".join(part.strip("<>") for part in violation.path)
    detail = violation.detail
    match violation.problem:
        case "missing":
            words = "Field required"
        case "extra":
            words = "Extra inputs are not permitted"
        case "type":
            words = f"Input should be {_CLAUDE_TYPES[detail[0]]}"
        case "choice":
            choices = [f"'{choice}'" for choice in detail[0]]
            words = f"Input should be {' or '.join(filter(None, [', '.join(choices[:-1]), choices[-1]]))}"
        case "tag":
            return unexpected_tag(path, *detail)
        case "pattern":
            words = f"String should match pattern '^{detail[0]}$'"
        case bound:
            words = _CLAUDE_BOUNDS[bound].format(*detail)
    return f"{path}: {words}"


def unexpected_tag(place: str, found: str, expected: Iterable[str]) -> str:
    """How Claude words an object whose ``type`` is none of those it knows there."""
    tags = ", ".join(f"'{tag}'" for tag in sorted(expected))
    return (
        f"{place}: Input tag '{found}' found using 'type' does not match any of the expected tags: "
        f"{tags}"
    )


_SCHEMA_TYPES = {
    "string": "String",
    "number": "Number",
    "integer": "Integer",
    "boolean": "Boolean",
    "array": "JSONArray",
    "object": "JSONObject",
}

_SCHEMA_BOUNDS = {
    "number-low": "{1} is not greater or equal to {0:g}",
    "number-high": "{1} is not less or equal to {0:g}",
    "integer-low": "{1} is not greater or equal to {0:g}",
    "integer-high": "{1} is not less or equal to {0:g}",
    "string-low": "expected minLength: {0:g}, actual: {1}",
    "string-high": "expected maxLength: {0:g}, actual: {1}",
    "array-low": "expected minimum item count: {0:g}, found: {1}",
    "array-high": "expected maximum item count: {0:g}, found: {1}",
}


def in_schema_words(violation: Violation) -> str:
    """A violation as the other models word it: ``#/texts: expected type: JSONArray, found: …``.

    Their bodies are described without tags and patterns.
    """
    detail = violation.detail
    named = violation.problem in {"missing", "extra"}
    parts = violation.path[:-1] if named else violation.path
    pointer = "/".join(("#", *parts))
    match violation.problem:
        case "missing":
            words = f"required key [{detail}] not found"
        case "extra":
            words = f"extraneous key [{detail}] is not permitted"
        case "type":
            words = f"expected type: {_SCHEMA_TYPES[detail[0]]}, found: {_schema_type(detail[1])}"
        case "choice":
            words = f"{detail[1]} is not a valid enum value"
        case bound:
            words = _SCHEMA_BOUNDS[bound].format(*detail)
    return f"{pointer}: {words}"


def _schema_type(value: Any) -> str:
    if isinstance(value, bool):
        return "Boolean"
    for kind, types in _TYPES.items():
        if isinstance(value, types):
            return _SCHEMA_TYPES[kind] if not isinstance(value, int) else "Integer"
    return "Null"
