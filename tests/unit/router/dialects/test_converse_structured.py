"""JSON is asked for in the best way a family has, and comes out as text either way."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from catalog.families import FAMILIES, UNKNOWN, Family
from router.dialects.converse.draft import Draft
from router.dialects.converse.structured import JsonForm, ask_json
from router.dialects.converse.tools import NO_LONGER_OFFERED, Choice
from router.dialects.converse.unwrapping import AS_TEXT, MEMBER, WRAPPER
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.converse import assert_accepted, refusal_by
from tests.support.drafts import (
    EXAMPLES,
    FORCED,
    NAMED,
    NO_TOOLS,
    SCHEMA,
    question,
    tool_loop,
)

CLOSED = {**SCHEMA, "additionalProperties": False}
RANGED = {"type": "object", "properties": {"size": {"type": "integer", "minimum": 1}}}
CITIES = {"type": "array", "items": {"$ref": "#/$defs/city"}, "$defs": {"city": SCHEMA}}
FORMS = {
    "any object": JsonForm(),
    "object": JsonForm(CLOSED, "weather"),
    "object with a range": JsonForm(RANGED),
    "array": JsonForm(CITIES),
}
REQUESTS: dict[str, Callable[[Family], Draft]] = {
    "no tools": question,
    "tools": lambda row: question(row, Choice("auto") if row.tools else NO_TOOLS),
    "tools of the past": lambda row: tool_loop(row, offered=False) if row.tools else question(row),
}

BY_TOOL = UNKNOWN._replace(name="by-tool", structured="tool")
NATIVELY = UNKNOWN._replace(name="natively", structured="native", structured_beside_tools=False)
BESIDE_TOOLS = NATIVELY._replace(structured_beside_tools=True)
BY_INSTRUCTIONS = UNKNOWN._replace(name="by-instructions", structured="instructions")


def asked(row: Family, form: JsonForm, choice: Choice = NO_TOOLS) -> Draft:
    draft = question(row, choice)
    ask_json(draft, form, "response_format")
    return draft


def method(draft: Draft) -> str:
    """How a draft asks for JSON, in a line."""
    choice = json.dumps(draft.body.get("toolConfig", {}).get("toolChoice"))
    if "outputConfig" in draft.body:
        return "outputConfig" if choice == "null" else f"outputConfig and {choice}"
    if draft.answer_tool == AS_TEXT:
        return "instructions"
    return f"tool {draft.answer_tool} by {choice}"


def native_form(draft: Draft) -> dict[str, Any]:
    text_format = draft.body["outputConfig"]["textFormat"]
    assert text_format["type"] == "json_schema"
    definition: dict[str, Any] = text_format["structure"]["jsonSchema"]
    return {**definition, "schema": json.loads(definition["schema"])}


def answer_schema(draft: Draft) -> dict[str, Any]:
    spec = draft.body["toolConfig"]["tools"][-1]["toolSpec"]
    assert spec["name"] == draft.answer_tool
    assert "strict" not in spec
    schema: dict[str, Any] = spec["inputSchema"]["json"]
    return schema


def test_each_family_is_asked_in_its_best_way(snapshot: SnapshotAssertion) -> None:
    found: dict[str, dict[str, str]] = {}
    for row in FAMILIES:
        found[row.name] = {}
        for request, begin in REQUESTS.items():
            for kind, form in FORMS.items():
                draft = begin(row)
                ask_json(draft, form, "response_format")
                assert_accepted(draft.body)
                if row.name in EXAMPLES:
                    assert refusal_by(EXAMPLES[row.name], draft.body) is None
                told = {
                    "outputConfig": set(),
                    "instructions": {"response format asked for by instructions"},
                }.get(method(draft), {"response format asked for by a tool"})
                assert draft.changes - begin(row).changes == told
                found[row.name][f"{kind}, {request}"] = method(draft)
    assert found == snapshot.use_extension(JSONSnapshotExtension)


def test_a_native_form_is_named_described_and_closed() -> None:
    draft = asked(NATIVELY, JsonForm(SCHEMA, "weather", "Where it is warm."))
    assert native_form(draft) == {
        "schema": CLOSED,
        "name": "weather",
        "description": "Where it is warm.",
    }
    assert draft.answer_tool is None
    assert draft.changes == set()
    assert native_form(asked(NATIVELY, JsonForm(CLOSED))) == {"schema": CLOSED}


def test_the_client_s_schema_is_left_as_it_is() -> None:
    schema = json.loads(json.dumps(CITIES))
    for row in (NATIVELY, BY_TOOL, BY_INSTRUCTIONS):
        asked(row, JsonForm(schema))
        asked(row, JsonForm(schema["$defs"]["city"]))
    assert schema == CITIES


def test_an_object_is_the_input_of_the_tool() -> None:
    draft = asked(BY_TOOL, JsonForm(RANGED, "size", "How big it is."))
    assert answer_schema(draft) == RANGED
    assert draft.body["toolConfig"]["toolChoice"] == {"tool": {"name": "json_answer"}}
    description = draft.body["toolConfig"]["tools"][0]["toolSpec"]["description"]
    assert description.endswith("How big it is.")


@pytest.mark.parametrize(
    ("schema", "inner"),
    [
        ({"type": "array", "items": {}}, {"type": "array", "items": {}}),
        ({"enum": ["$ref", "a"]}, {"enum": ["$ref", "a"]}),
        ({"const": {"$ref": "#/$defs/a"}}, {"const": {"$ref": "#/$defs/a"}}),
        (
            {"anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "string"}}},
            {
                "anyOf": [{"$ref": f"#/properties/{MEMBER}/$defs/a"}],
                "$defs": {"a": {"type": "string"}},
            },
        ),
        ({"items": {"$ref": "#"}}, {"items": {"$ref": f"#/properties/{MEMBER}"}}),
        (
            {"items": {"properties": {"$ref": {"$ref": "#/items"}, "enum": {"$ref": "#"}}}},
            {
                "items": {
                    "properties": {
                        "$ref": {"$ref": f"#/properties/{MEMBER}/items"},
                        "enum": {"$ref": f"#/properties/{MEMBER}"},
                    }
                }
            },
        ),
        ({"$ref": "https://example.com/s"}, {"$ref": "https://example.com/s"}),
        ({"type": ["object", "null"]}, {"type": ["object", "null"]}),
        ({"type": "object", "oneOf": [CLOSED]}, {"type": "object", "oneOf": [CLOSED]}),
        ({"type": "object", "allOf": []}, {"type": "object", "allOf": []}),
        ({}, {}),
    ],
    ids=json.dumps,
)
def test_what_is_no_plain_object_is_wrapped_into_one_with_its_references(
    schema: dict[str, Any], inner: dict[str, Any]
) -> None:
    draft = asked(BY_TOOL, JsonForm(schema))
    assert draft.answer_tool is not None
    assert draft.answer_tool.startswith(WRAPPER)
    assert answer_schema(draft) == {
        "type": "object",
        "properties": {MEMBER: inner},
        "required": [MEMBER],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("schema", [CLOSED, {"type": "array"}], ids=["object", "array"])
def test_the_answer_s_tool_has_a_name_of_its_own(schema: dict[str, Any]) -> None:
    draft = question(BY_TOOL, Choice("auto"))
    spec = draft.body["toolConfig"]["tools"][0]["toolSpec"]
    names = {"get_weather"}
    for _ in range(3):
        names.add(str(asked(BY_TOOL, JsonForm(schema)).answer_tool))
        ask_json(draft, JsonForm(schema), "response_format")
        assert draft.answer_tool not in names - {draft.answer_tool}
        draft.body["toolConfig"].pop("toolChoice")
        names.add(str(draft.answer_tool))
    tools = [tool["toolSpec"]["name"] for tool in draft.body["toolConfig"]["tools"]]
    assert len(set(tools)) == len(tools)
    assert spec["name"] == "get_weather"


def test_beside_the_client_s_tools_the_model_calls_one_or_answers() -> None:
    draft = asked(BY_TOOL, JsonForm(CLOSED), Choice("auto"))
    assert draft.body["toolConfig"]["toolChoice"] == {"any": {}}
    named_only = BY_TOOL._replace(tool_choices=frozenset({"auto", "tool"}))
    assert method(asked(named_only, JsonForm(CLOSED), Choice("auto"))) == "instructions"


def test_beside_tools_that_are_no_longer_offered_the_model_answers() -> None:
    draft = tool_loop(BY_TOOL, offered=False)
    ask_json(draft, JsonForm(CLOSED), "response_format")
    (past, answer) = draft.body["toolConfig"]["tools"]
    assert past["toolSpec"]["description"] == NO_LONGER_OFFERED
    assert draft.body["toolConfig"]["toolChoice"] == {"tool": {"name": answer["toolSpec"]["name"]}}


def test_a_native_form_stands_beside_tools_where_the_family_takes_that() -> None:
    together = asked(BESIDE_TOOLS, JsonForm(CLOSED), Choice("auto"))
    assert native_form(together)["schema"] == CLOSED
    assert len(together.body["toolConfig"]["tools"]) == 1
    assert method(asked(NATIVELY, JsonForm(CLOSED), Choice("auto"))).startswith("tool")


@pytest.mark.parametrize("row", [NATIVELY, BESIDE_TOOLS, BY_TOOL, BY_INSTRUCTIONS])
@pytest.mark.parametrize("choice", [FORCED, NAMED])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_forced_call_of_the_client_s_tool_is_no_answer_to_form(
    row: Family, choice: Choice, form: JsonForm
) -> None:
    draft = asked(row, form, choice)
    assert draft.body == question(row, choice).body
    assert draft.answer_tool is None
    assert draft.changes == set()


def test_instructions_give_the_schema_and_what_it_is_for() -> None:
    draft = asked(BY_INSTRUCTIONS, JsonForm({"type": "array"}, "", "Größen"))
    (given, ours) = draft.body["system"]
    assert given == {"text": "Be brief."}
    assert '{"type":"array"}' in ours["text"]
    assert ours["text"].endswith("It is: Größen")
    assert "JSON value" in ours["text"]
    assert "JSON object" in asked(BY_INSTRUCTIONS, JsonForm()).body["system"][1]["text"]


def test_instructions_are_in_the_question_where_there_is_no_system_prompt() -> None:
    draft = asked(BY_INSTRUCTIONS._replace(system=False), JsonForm())
    assert "system" not in draft.body
    (ours, question_itself) = draft.body["messages"][0]["content"]
    assert "JSON object" in ours["text"]
    assert question_itself == {"text": "What is the weather?"}


def test_a_schema_that_cannot_be_sent_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"items": deep}
    for row in (NATIVELY, BY_TOOL, BY_INSTRUCTIONS):
        with pytest.raises(ApiError) as refusal:
            asked(row, JsonForm(deep))
        assert refusal.value.param == "response_format"
