"""Schemas on Converse: who keeps to one, what it may hold, and what is answered to it."""

import json
from typing import Any

import jsonschema
import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import CLAUDE, NOVA, assert_refused, call, claude_body, user

HAIKU_4_5 = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
OPUS_4_7 = "us.anthropic.claude-opus-4-7"
OPUS_4_8 = "us.anthropic.claude-opus-4-8"
OPUS_4_1 = "us.anthropic.claude-opus-4-1-20250805-v1:0"
QWEN = "qwen.qwen3-32b-v1:0"
DEEPSEEK = "us.deepseek.v3.2"
MISTRAL = "mistral.mistral-large-3-675b-instruct"
GLM = "zai.glm-5"
KIMI = "moonshotai.kimi-k2.5"
GROK = "us.xai.grok-4.7"
SAID = "The model returned the following errors: "

Json = dict[str, Any]


def closed(**properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TRIP = {
    **closed(
        city={"type": "string"},
        unit={"enum": ["C", "F"]},
        days={"type": "array", "items": {"$ref": "#/$defs/day"}, "minItems": 1},
        note={"anyOf": [{"type": "null"}, {"type": "string"}]},
    ),
    "$defs": {"day": closed(date={"type": "string", "format": "date"}, warm={"type": "boolean"})},
}


def answered_as(schema: Any) -> Json:
    """A request for an answer that keeps to a schema."""
    text = schema if isinstance(schema, str) else json.dumps(schema)
    structure = {"jsonSchema": {"schema": text, "name": "trip"}}
    output = {"textFormat": {"type": "json_schema", "structure": structure}}
    return {"messages": user("Plan a trip"), "outputConfig": output}


def tooled(schema: Any, choice: Json | None = None, **spec: Any) -> Json:
    tool = {"toolSpec": {"name": "look", "inputSchema": {"json": schema}, **spec}}
    config = {"tools": [tool], **({"toolChoice": choice} if choice else {})}
    return {"messages": user("hi"), "toolConfig": config}


REFUSED: dict[str, tuple[str, Json, str]] = {
    "a format for a Nova": (NOVA, answered_as(TRIP), "support the outputConfig.textFormat field"),
    "a format for Kimi": (KIMI, answered_as(TRIP), "support the outputConfig.textFormat field"),
    "a format for Grok": (GROK, answered_as(TRIP), "support the outputConfig.textFormat field"),
    "a format for an older Claude": (
        OPUS_4_1,
        answered_as(TRIP),
        f"{SAID}output_config.format: Extra inputs are not permitted",
    ),
    "a format for Opus 4.7": (OPUS_4_7, answered_as(TRIP), "output_config.format: Extra inputs"),
    "no JSON": (QWEN, answered_as("{"), "jsonSchema.schema isn't a JSON schema."),
    "no schema": (QWEN, answered_as([]), "jsonSchema.schema isn't a JSON schema."),
    "an open object": (
        CLAUDE,
        answered_as({"type": "object", "properties": {}}),
        (
            f"{SAID}output_config.format.schema: For 'object' type, 'additionalProperties' must be "
            "explicitly set to false"
        ),
    ),
    "an open object within": (
        QWEN,
        answered_as(closed(inner={"type": "array", "items": {"type": "object"}})),
        "'additionalProperties' must be explicitly set to false",
    ),
    "a limit of a number": (
        CLAUDE,
        answered_as(closed(days={"type": "integer", "minimum": 3})),
        "For 'integer' type, property 'minimum' is not supported",
    ),
    "a limit of a text": (
        CLAUDE,
        answered_as(closed(name={"type": ["null", "string"], "maxLength": 3})),
        "For 'string' type, property 'maxLength' is not supported",
    ),
    "a list of some length": (
        CLAUDE,
        answered_as(closed(names={"type": "array", "minItems": 2})),
        "'minItems' values other than 0 or 1 are not supported",
    ),
    "a schema elsewhere": (
        CLAUDE,
        answered_as(closed(a={"$ref": "https://example.com/s"})),
        "External '$ref' is not supported",
    ),
    "a strict tool for a Nova": (
        NOVA,
        tooled(closed(), strict=False),
        "This model doesn't support the toolConfig.tools.0.toolSpec.strict field.",
    ),
    "a strict tool for GLM": (GLM, tooled(closed(), strict=True), "toolSpec.strict field"),
    "a strict tool for an older Claude": (
        OPUS_4_1,
        tooled(closed(), strict=True),
        f"{SAID}tools.0.custom.strict: Extra inputs are not permitted",
    ),
    "a strict tool for Opus 4.8": (
        OPUS_4_8,
        tooled(closed(), strict=True),
        "tools.0.custom.strict",
    ),
    "a strict tool that is open": (
        CLAUDE,
        tooled({"type": "object"}, strict=True),
        "'additionalProperties' must be explicitly set to false",
    ),
    "a tool that takes a text": (
        NOVA,
        tooled({"type": "string"}),
        (
            "The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the "
            "following: object."
        ),
    ),
    "a tool that takes anything": (QWEN, tooled({}), "inputSchema.json.type must be one of"),
    "a choice of inputs for a Claude": (
        CLAUDE,
        tooled({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        (
            f"{SAID}tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf "
            "at the top level"
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(sim: Simulator, case: str) -> None:
    model, body, message = REFUSED[case]
    assert_refused(call(sim, "converse", model, body), "ValidationException", message)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({}, "tools.0.custom.input_schema.type: Field required"),
        ({"type": "array"}, "tools.0.custom.input_schema.type: Input should be 'object'"),
        ({"type": "object", "oneOf": []}, "input_schema does not support oneOf, allOf, or anyOf"),
    ],
)
def test_a_tool_of_invoke_model_takes_an_object(sim: Simulator, schema: Json, message: str) -> None:
    body = claude_body(tools=[{"name": "look", "input_schema": schema}])
    assert_refused(call(sim, "invoke", CLAUDE, body), "ValidationException", message)


@pytest.mark.parametrize(
    "model", [CLAUDE, HAIKU_4_5, QWEN, DEEPSEEK, MISTRAL, GLM, "openai.gpt-oss-20b-1:0"]
)
def test_an_answer_keeps_to_the_schema(sim: Simulator, model: str) -> None:
    answer = call(sim, "converse", model, answered_as(TRIP))
    [block] = answer.json["output"]["message"]["content"]
    jsonschema.validate(json.loads(block["text"]), TRIP)


@pytest.mark.parametrize("model", [CLAUDE, NOVA, QWEN, KIMI])
@pytest.mark.parametrize("choice", [{"any": {}}, {"tool": {"name": "look"}}])
def test_the_input_of_a_forced_tool_keeps_to_its_schema(
    sim: Simulator, model: str, choice: Json
) -> None:
    schema = {
        "type": "object",
        "properties": {
            "size": {"type": "integer", "minimum": 10, "multipleOf": 4},
            "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
        },
        "required": ["size", "code", "tags"],
    }
    answer = call(sim, "converse", model, tooled(schema, choice))
    [block] = answer.json["output"]["message"]["content"]
    assert answer.json["stopReason"] == "tool_use"
    jsonschema.validate(block["toolUse"]["input"], schema)


@pytest.mark.parametrize("model", [CLAUDE, QWEN, DEEPSEEK, MISTRAL])
def test_a_strict_tool_is_taken(sim: Simulator, model: str) -> None:
    answer = call(sim, "converse", model, tooled(TRIP, {"any": {}}, strict=True))
    [block] = answer.json["output"]["message"]["content"]
    jsonschema.validate(block["toolUse"]["input"], TRIP)
