"""Structured output on Converse: ``outputConfig.textFormat`` and strict tools.

https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html: a subset of JSON Schema
2020-12, checked before the model is called. Wordings are those of the Claude API for the same mistakes.
"""

import json
from collections.abc import Iterator
from typing import Any

from local.bedrock.errors import ModelRefusal, invalid, unsupported
from local.bedrock.models import Model

_UNSUPPORTED = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength"),
    "array": ("maxItems", "uniqueItems", "contains", "prefixItems"),
    "object": ("patternProperties", "minProperties", "maxProperties", "propertyNames"),
}
"""Keywords, by type, that the subset leaves out."""

_COMBINATIONS = {"oneOf", "allOf", "anyOf"}


def check_structured(model: Model, request: dict[str, Any]) -> None:
    """Raises the refusal of a schema for the answer, or of strict tools."""
    _check_text_format(model, request)
    for index, tool in enumerate((request.get("toolConfig") or {}).get("tools", ())):
        if "toolSpec" in tool:
            _check_tool(model, index, tool["toolSpec"])


def _check_tool(model: Model, index: int, spec: dict[str, Any]) -> None:
    schema = spec["inputSchema"].get("json")
    # https://github.com/cognitect-labs/aws-api/issues/272
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise invalid(
            f"The value at toolConfig.tools.{index}.toolSpec.inputSchema.json.type must be one of the "
            "following: object."
        )
    if model.claude is not None:
        check_input_schema(schema, index)
    if spec.get("strict") is None:
        return
    if model.claude is None and "strict_tools" not in model.features:
        raise unsupported(f"toolConfig.tools.{index}.toolSpec.strict")
    if spec["strict"] and (model.claude is None or model.claude.strict_tools):
        check_schema(schema, f"tools.{index}.custom.input_schema")


def check_input_schema(schema: dict[str, Any], index: int) -> None:
    """Raises a Claude's refusal of what one of its tools takes."""
    where = f"tools.{index}.custom.input_schema"
    if "type" not in schema:
        raise ModelRefusal(f"{where}.type: Field required")
    if schema["type"] != "object":
        raise ModelRefusal(f"{where}.type: Input should be 'object'")
    if _COMBINATIONS & schema.keys():
        raise ModelRefusal(
            f"{where}: input_schema does not support oneOf, allOf, or anyOf at the top level"
        )


def _check_text_format(model: Model, request: dict[str, Any]) -> None:
    text_format = (request.get("outputConfig") or {}).get("textFormat")
    if text_format is None:
        return
    if "structured" not in model.features and model.claude is None:
        raise unsupported("outputConfig.textFormat")
    try:
        schema = json.loads(text_format["structure"]["jsonSchema"]["schema"])
    except ValueError:
        schema = None
    if not isinstance(schema, dict):
        raise invalid(
            "The outputConfig.textFormat.structure.jsonSchema.schema isn't a JSON schema."
        )
    if model.claude is None or model.claude.structured:
        check_schema(schema, "output_config.format.schema")


def check_schema(schema: Any, where: str) -> None:
    """Raises the refusal of a schema outside the subset that answers can be held to."""
    for inner in _schemas(schema):
        kinds = inner.get("type")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            left_out = [name for name in _UNSUPPORTED.get(str(kind), ()) if name in inner]
            if left_out:
                raise ModelRefusal(
                    f"{where}: For '{kind}' type, property '{left_out[0]}' is not supported"
                )
            if kind == "object" and inner.get("additionalProperties") is not False:
                raise ModelRefusal(
                    f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to "
                    "false"
                )
            if kind == "array" and inner.get("minItems", 0) not in (0, 1):
                raise ModelRefusal(
                    f"{where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported"
                )
        reference = inner.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            raise ModelRefusal(f"{where}: External '$ref' is not supported")


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all within it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for name in ("properties", "$defs", "definitions"):
        inner = schema.get(name)
        for value in inner.values() if isinstance(inner, dict) else ():
            yield from _schemas(value)
    for name in ("anyOf", "oneOf", "allOf"):
        options = schema.get(name)
        for value in options if isinstance(options, list) else ():
            yield from _schemas(value)
    yield from _schemas(schema.get("items"))
