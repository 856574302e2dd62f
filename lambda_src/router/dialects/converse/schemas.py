"""JSON Schema: the part of it that Bedrock can hold a model to.

"Supported JSON Schema features" of
https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html, and the limits of
https://platform.claude.com/docs/en/build-with-claude/structured-outputs. Bedrock refuses any other
schema, so other ways of asking have to do for it.
"""

from collections.abc import Callable
from typing import Any

from router.dialects.checks import Json

_DEFINITIONS = ("$defs", "definitions")
_NAMED = frozenset({*_DEFINITIONS, "dependentSchemas", "patternProperties", "properties"})
"""Keywords whose values are schemas by name."""
_VALUES = frozenset({"const", "default", "enum", "examples"})
"""Keywords whose values are no schemas, whatever they look like."""
_ANNOTATIONS = frozenset(
    {"$comment", "$schema", "default", "deprecated", "description", "examples", "title"}
)
_FORMATS = (
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "time",
    "uri",
    "uuid",
)

_MOST_OPTIONAL = 24
"""Properties that are not required, in the whole schema."""
_MOST_UNIONS = 16
"""Values of more than one type, in the whole schema."""
_MOST_SCHEMAS = 1_000
"""In the whole schema, itself included. Bedrock says of no number, only that some are too complex."""


def rewritten(node: Any, change: Callable[[Json], Json]) -> Any:
    """A copy of a schema with `change` made to it and to every schema in it."""
    if isinstance(node, list):
        return [rewritten(one, change) for one in node]
    if not isinstance(node, dict):
        return node
    copy: Json = {}
    for key, value in node.items():
        if key in _VALUES:
            copy[key] = value
        elif key in _NAMED and isinstance(value, dict):
            copy[key] = {name: rewritten(one, change) for name, one in value.items()}
        else:
            copy[key] = rewritten(value, change)
    return change(copy)


def enforceable(schema: Json) -> Json | None:
    """`schema` in the form in which Bedrock enforces it; None when it cannot.

    Bedrock wants every object closed. One that does not say so is closed here, where its own
    properties are all that it can have: what then comes is valid by the client's schema too.
    """
    if schema.get("type") != "object":
        return None
    nodes = _nodes(schema)
    if nodes is None or _leads_back(schema, nodes):
        return None
    optional = sum(
        len(node.get("properties", {}).keys() - set(node.get("required", ()))) for node in nodes
    )
    unions = sum(isinstance(node.get("type"), list) or "anyOf" in node for node in nodes)
    if optional > _MOST_OPTIONAL or unions > _MOST_UNIONS:
        return None
    closed: Json = rewritten(schema, _closed)
    return closed


def _closed(node: Json) -> Json:
    if node.get("type") == "object":
        node.setdefault("additionalProperties", False)
    return node


def _nodes(schema: object) -> list[Json] | None:
    """The schema and all schemas in it; None when one of them is not supported."""
    found: list[Json] = []
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict) or not _is_supported(node):
            return None
        if len(found) == _MOST_SCHEMAS:
            return None
        found.append(node)
        waiting += [
            one for key in ("properties", *_DEFINITIONS) for one in node.get(key, {}).values()
        ]
        waiting += [one for key in ("anyOf", "allOf") for one in node.get(key, ())]
        waiting += [node["items"]] if "items" in node else []
    return found


def _is_supported(node: Json) -> bool:
    if not all(key in _SUPPORTED and _SUPPORTED[key](value) for key, value in node.items()):
        return False
    if node.get("type") != "object":
        return True
    # What else it says of properties would be nothing that a closed object can have.
    named = node.get("properties", {}).keys() >= set(node.get("required", ()))
    return named and node.keys().isdisjoint({"$ref", "allOf", "anyOf"})


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_scalar(value: object) -> bool:
    return not isinstance(value, dict | list)


def _is_type(value: object) -> bool:
    return isinstance(value, str) or _are_names(value)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _are_scalars(value: object) -> bool:
    return isinstance(value, list) and all(_is_scalar(one) for one in value)


def _is_internal(value: object) -> bool:
    return isinstance(value, str) and _definition(value) is not None


def _definition(reference: str) -> str | None:
    """The name of the schema's own definition that a ``$ref`` points to; None for another place."""
    for key in _DEFINITIONS:
        name = reference.removeprefix(f"#/{key}/")
        if name != reference and "/" not in name:
            return name
    return None


_SUPPORTED: dict[str, Callable[[object], bool]] = {
    **dict.fromkeys(_ANNOTATIONS, lambda value: True),  # noqa: ARG005
    **dict.fromkeys(("properties", *_DEFINITIONS, "items"), _is_object),
    "anyOf": _is_list,
    # Of one, as Pydantic writes it: closed objects have no properties in common with others.
    "allOf": lambda value: isinstance(value, list) and len(value) == 1,
    "$ref": _is_internal,
    "additionalProperties": lambda value: value is False,
    "const": _is_scalar,
    "enum": _are_scalars,
    "format": lambda value: value in _FORMATS,
    "minItems": lambda value: value in (0, 1),
    "required": _are_names,
    "type": _is_type,
}
"""The keywords that are supported, with what is to hold of their values."""


def _leads_back(schema: Json, nodes: list[Json]) -> bool:
    """Whether a definition leads back to itself, or a reference nowhere."""
    definitions = {name: one for key in _DEFINITIONS for name, one in schema.get(key, {}).items()}
    if not _references(nodes) <= definitions.keys():
        return True
    unresolved = {name: _references(_nodes(one) or []) for name, one in definitions.items()}
    while resolved := [name for name, needs in unresolved.items() if not needs & unresolved.keys()]:
        for name in resolved:
            del unresolved[name]
    return bool(unresolved)


def _references(nodes: list[Json]) -> set[str | None]:
    return {_definition(node["$ref"]) for node in nodes if "$ref" in node}
