"""A value that fits a JSON schema, always the same one: what a simulated model fills in."""

from typing import Any

_DEEPEST = 12


def sample(schema: Any, name: str = "value", depth: int = 0) -> Any:
    """A value for the schema; required properties only, `name` is what a string says."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return {} if depth == 0 else name
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "anyOf", "oneOf", "allOf"):
        options = schema.get(key)
        if isinstance(options, list) and options:
            return options[0] if key == "enum" else sample(options[0], name, depth + 1)
    return _typed(schema, name, depth)


def _typed(schema: dict[str, Any], name: str, depth: int) -> Any:
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) and kind else kind:
        case "string":
            return _string(schema, name)
        case "integer" | "number":
            least = schema.get("minimum")
            return least if isinstance(least, int | float) else 1
        case "boolean":
            return True
        case "null":
            return None
        case "array":
            fewest = schema.get("minItems")
            length = fewest if isinstance(fewest, int) and 0 <= fewest <= 10 else 1
            return [sample(schema.get("items", {"type": "string"}), name, depth + 1)] * length
    return _object(schema, depth)


def _string(schema: dict[str, Any], name: str) -> str:
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    text = name
    if isinstance(shortest, int):
        text = text.ljust(min(shortest, 1_000), "x")
    return text[:longest] if isinstance(longest, int) and longest >= 0 else text


def _object(schema: dict[str, Any], depth: int) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    required = schema.get("required")
    wanted = required if isinstance(required, list) else []
    return {
        key: sample(inner, key, depth + 1) for key, inner in properties.items() if key in wanted
    }
