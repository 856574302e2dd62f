"""A value that fits a JSON schema, always the same one: what a simulated model fills in."""

from collections.abc import Iterator
from typing import Any

from local.bedrock.scalars import ImpossibleError, count, is_a, number, numbered, string

_DEEPEST = 24
_DEEPEST_OPTIONAL = 4
"""Deeper than this an array is empty when it may be."""
_MOST_ITEMS = 10
_MOST_TRIES = 10_000

_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""What tells the type of a schema that does not name it."""

_COMBINING = ("$ref", "allOf", "anyOf", "oneOf")

Schema = dict[str, Any]


def sample(schema: Any, name: str = "value") -> Any:
    """A value for the schema, required properties only; `name` is what a string says.

    What nothing fits is filled in as well as may be.
    """
    try:
        return _Sampler(schema).fill(schema, name)
    except ImpossibleError:
        return _Sampler(schema, lenient=True).fill(schema, name)


class _Sampler:
    """Fills in the schemas of one document."""

    def __init__(self, document: Any, *, lenient: bool = False) -> None:
        self._document = document
        self._lenient = lenient
        self._left = _MOST_TRIES

    def fill(self, schema: Any, name: str, nth: int = 0, depth: int = 0) -> Any:
        """The `nth` value for a schema: as far as there are several, each is different."""
        try:
            for option in self._options(schema, depth):
                try:
                    return self._plain(option, name, nth, depth)
                except ImpossibleError:
                    continue
        except ImpossibleError:
            # A reference to nothing.
            pass
        if not self._lenient:
            raise ImpossibleError
        return numbered(name, nth) if depth else {}

    def _options(self, schema: Any, depth: int) -> Iterator[Schema]:
        """The schema without references and combinations, once for each way to fulfil it."""
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST or schema is False:
            return
        if not isinstance(schema, dict):
            yield {}
            return
        key = next((key for key in _COMBINING if key in schema), "")
        rest = {name: value for name, value in schema.items() if name != key}
        parts = schema.get(key)
        if key == "$ref":
            parts = [self._target(parts)]
        if not isinstance(parts, list) or not parts:
            yield rest
            return
        if key == "allOf" and len(parts) > 1:
            rest, parts = {**rest, "allOf": parts[1:]}, parts[:1]
        for part in parts:
            for option in self._options(part, depth + 1):
                yield from self._options(_merged(rest, option), depth + 1)

    def _target(self, reference: Any) -> Schema:
        target = self._document
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise ImpossibleError
        for part in reference[1:].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            target = target.get(key) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise ImpossibleError
        return target

    def _plain(self, schema: Schema, name: str, nth: int, depth: int) -> Any:
        if "const" in schema:
            return schema["const"]
        kind = _kind(schema)
        listed = schema.get("enum")
        if isinstance(listed, list) and listed:
            fit = [value for value in listed if not kind or is_a(value, kind)] or listed
            return fit[nth % len(fit)]
        if "default" in schema and not nth and (not kind or is_a(schema["default"], kind)):
            return schema["default"]
        match kind:
            case "string":
                return string(schema, name, nth)
            case "integer" | "number":
                return number(schema, nth, whole=kind == "integer")
            case "boolean":
                return nth % 2 == 0
            case "null":
                return None
            case "array":
                return self._array(schema, name, depth)
            case "object":
                return self._object(schema, depth)
        return {} if not depth else numbered(name, nth)

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        fewest, most = count(schema, "minItems", 0), count(schema, "maxItems", _MOST_ITEMS)
        first, rest = schema.get("prefixItems"), schema.get("items", {"type": "string"})
        if isinstance(rest, list):
            # As drafts before 2020-12 have it.
            first, rest = rest, schema.get("additionalItems", {"type": "string"})
        places = list(first) if isinstance(first, list) else []
        if rest is False:
            most = min(most, len(places))
        if depth > _DEEPEST_OPTIONAL and not fewest and "contains" not in schema:
            return []
        length = min(max(fewest, len(places), 1), most, _MOST_ITEMS * 10)
        if "contains" in schema and len(places) < length:
            places.append(schema["contains"])
        places += [rest] * (length - len(places))
        return [
            self.fill(inner, name, nth if schema.get("uniqueItems") else 0, depth + 1)
            for nth, inner in enumerate(places[:length])
        ]

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        known = properties if isinstance(properties, dict) else {}
        required = schema.get("required")
        listed = required if isinstance(required, list) else []
        wanted = [key for key in listed if isinstance(key, str)]
        fewest = count(schema, "minProperties", 0)
        for key in [*known, *(f"key{n}" for n in range(min(fewest, _MOST_ITEMS)))]:
            if len(set(wanted)) < fewest and key not in wanted:
                wanted.append(key)
        others = schema.get("additionalProperties", {})
        ordered = [*(key for key in known if key in wanted), *dict.fromkeys(wanted)]
        return {
            key: self.fill(known.get(key, others), key, 0, depth + 1)
            for key in dict.fromkeys(ordered)
        }


def _merged(one: Schema, other: Schema) -> Schema:
    """What fulfils both, as far as that is plain to see."""
    merged = {**one, **other}
    for key in ("properties", "$defs"):
        if isinstance(one.get(key), dict) and isinstance(other.get(key), dict):
            shared = one[key].keys() & other[key].keys()
            both = {name: {"allOf": [one[key][name], other[key][name]]} for name in shared}
            merged[key] = {**one[key], **other[key], **both}
    for key in ("required", "allOf"):
        if isinstance(one.get(key), list) and isinstance(other.get(key), list):
            merged[key] = [*one[key], *other[key]]
    return merged


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return str(kind[0]) if kind else ""
    if kind is not None:
        return str(kind)
    return next((kind for kind, keys in _HINTS.items() if schema.keys() & set(keys)), "")
