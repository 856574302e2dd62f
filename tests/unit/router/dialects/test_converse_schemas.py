"""Bedrock is asked to enforce the schemas that it can, and no others."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.schemas import enforceable, rewritten
from router.dialects.converse.structured import JsonForm, ask_json

from tests.support.converse import assert_accepted, refusal_by
from tests.support.drafts import EXAMPLES, family, question

Schema = dict[str, Any]

STRING = {"type": "string"}


def an_object(*required: str, **properties: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def closed(*required: str, **properties: Any) -> Schema:
    return {**an_object(*required, **properties), "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "enforced"),
    [
        (closed("a", a=STRING), closed("a", a=STRING)),
        (an_object(a=STRING), closed(a=STRING)),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}),
        (
            an_object(a={"type": "array", "items": an_object(b=STRING), "minItems": 1}),
            closed(a={"type": "array", "items": closed(b=STRING), "minItems": 1}),
        ),
        (
            an_object(a={"anyOf": [an_object(), {"type": "null"}]}),
            closed(a={"anyOf": [closed(), {"type": "null"}]}),
        ),
        (
            {**an_object(a={"$ref": "#/$defs/b"}), "$defs": {"b": an_object()}},
            {**closed(a={"$ref": "#/$defs/b"}), "$defs": {"b": closed()}},
        ),
        (
            {**an_object(a={"$ref": "#/definitions/b"}), "definitions": {"b": STRING}},
            {**closed(a={"$ref": "#/definitions/b"}), "definitions": {"b": STRING}},
        ),
        (
            {**an_object(a={"allOf": [{"$ref": "#/$defs/b"}]}), "$defs": {"b": an_object()}},
            {**closed(a={"allOf": [{"$ref": "#/$defs/b"}]}), "$defs": {"b": closed()}},
        ),
        (
            an_object(a={"type": ["string", "null"], "enum": ["x", None], "default": {"y": 1}}),
            closed(a={"type": ["string", "null"], "enum": ["x", None], "default": {"y": 1}}),
        ),
        (
            an_object(a={"const": 1, "description": "One."}),
            closed(a={"const": 1, "description": "One."}),
        ),
        (an_object(a={**STRING, "format": "date"}), closed(a={**STRING, "format": "date"})),
        (
            an_object(minimum=STRING, properties=STRING, required=STRING),
            closed(minimum=STRING, properties=STRING, required=STRING),
        ),
    ],
    ids=lambda schema: json.dumps(schema)[:60],
)
def test_a_schema_is_enforced_with_its_objects_closed(schema: Schema, enforced: Schema) -> None:
    before = json.dumps(schema)
    assert enforceable(schema) == enforced
    assert json.dumps(schema) == before


LOOP = {"$defs": {"node": an_object(next={"$ref": "#/$defs/node"})}}
LONG_LOOP = {
    "$defs": {
        "a": an_object(b={"$ref": "#/$defs/b"}),
        "b": {"type": "array", "items": {"$ref": "#/$defs/c"}},
        "c": {"anyOf": [STRING, {"$ref": "#/$defs/a"}]},
    }
}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "array", "items": STRING},
        {"type": ["object", "null"]},
        {"anyOf": [an_object()]},
        {**an_object(), "additionalProperties": True},
        {**an_object(), "additionalProperties": STRING},
        an_object(a={"type": "integer", "minimum": 1}),
        an_object(a={"type": "number", "multipleOf": 0.1}),
        an_object(a={**STRING, "maxLength": 3}),
        an_object(a={**STRING, "pattern": "^a"}),
        an_object(a={**STRING, "format": "regex"}),
        an_object(a={"type": "array", "items": STRING, "minItems": 2}),
        an_object(a={"type": "array", "items": STRING, "maxItems": 2}),
        an_object(a={"type": "array", "items": [STRING]}),
        an_object(a={"type": "array", "items": True}),
        an_object(a={"oneOf": [STRING]}),
        an_object(a={"not": STRING}),
        an_object(a={"enum": [{"b": 1}]}),
        an_object(a={"const": [1]}),
        an_object(a={"$ref": "https://example.com/a"}),
        an_object(a={"$ref": "#"}),
        an_object(a={"$ref": "#/properties/b"}, b=STRING),
        an_object(a={"$ref": "#/$defs/missing"}),
        {**an_object(a={"$ref": "#/$defs/node"}), **LOOP},
        {**an_object(), **LOOP},
        {**an_object(a={"$ref": "#/$defs/a"}), **LONG_LOOP},
        {"type": "object", "required": ["a"]},
        {**an_object(), "anyOf": [an_object("a", a=STRING)]},
        {**an_object(a={"$ref": "#/$defs/b", "type": "object"}), "$defs": {"b": an_object()}},
        an_object(a={"allOf": [an_object(b=STRING), an_object(c=STRING)]}),
        {**an_object(), "patternProperties": {"a": STRING}},
        {**an_object(), "required": "a"},
        {**an_object(), "properties": []},
        an_object(a=True),
        an_object(a=None),
        an_object(**{f"p{number}": STRING for number in range(25)}),
        an_object(a=an_object(**{f"p{number}": STRING for number in range(24)})),
        an_object(
            *(f"p{number}" for number in range(17)),
            **{f"p{number}": {"type": ["string", "null"]} for number in range(17)},
        ),
        an_object(
            *(f"p{number}" for number in range(1_000)),
            **{f"p{number}": STRING for number in range(1_000)},
        ),
    ],
    ids=lambda schema: json.dumps(schema)[:60],
)
def test_a_schema_beyond_what_bedrock_enforces_is_told_from_others(schema: Schema) -> None:
    assert enforceable(schema) is None


def test_limits_are_reached_before_they_are_broken() -> None:
    optional = {f"p{number}": STRING for number in range(24)}
    assert enforceable(an_object(**optional)) == closed(**optional)
    unions = {f"p{number}": {"type": ["string", "null"]} for number in range(16)}
    assert enforceable(an_object(*unions, **unions)) == closed(*unions, **unions)
    many = {f"p{number}": STRING for number in range(999)}
    assert enforceable(an_object(*many, **many)) == closed(*many, **many)


ODD = st.sampled_from(
    [None, True, 1, 0.5, "x", "é", [], {}, [1], [{}], [None], {"a": 1}, {"a": []}, [["a"]], 10**400]
)
KEYWORDS = {
    "type": st.sampled_from(["object", "array", "string", ["string", "null"]]) | ODD,
    "enum": st.lists(ODD, max_size=2) | ODD,
    "const": ODD,
    "$ref": st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#/definitions/a", "#/$defs/"]) | ODD,
    "required": st.lists(st.sampled_from("ab"), max_size=2) | ODD,
    "additionalProperties": st.booleans() | ODD,
    "format": st.sampled_from(["date", "x"]) | ODD,
    "minItems": st.integers(0, 2) | ODD,
    "minimum": ODD,
}


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    by_name = st.dictionaries(st.sampled_from(["a", "b", "$ref", "enum"]), inner, max_size=2)
    nested = {
        "properties": by_name | ODD,
        "$defs": by_name | ODD,
        "definitions": by_name,
        "items": inner,
        "anyOf": st.lists(inner, max_size=2) | ODD,
        "allOf": st.lists(inner, max_size=2),
        "oneOf": st.lists(inner, max_size=2),
    }
    return st.fixed_dictionaries({}, optional={**KEYWORDS, **nested})


SCHEMAS = st.recursive(ODD, _schemas, max_leaves=6)
OBJECTS = _schemas(SCHEMAS).map(lambda schema: {**schema, "type": "object"})


@given(_schemas(SCHEMAS) | OBJECTS)
def test_any_object_at_all_is_a_schema_or_is_not(schema: Schema) -> None:
    before = json.dumps(schema)
    found = enforceable(schema)
    assert json.dumps(schema) == before
    if found is not None:
        assert enforceable(found) == found


@given(
    _schemas(SCHEMAS) | OBJECTS, st.sampled_from(["claude-4-5", "gpt-oss", "deepseek-v3", "nova"])
)
def test_no_model_refuses_the_form_in_which_it_gets_a_schema(schema: Schema, name: str) -> None:
    draft = question(family(name))
    ask_json(draft, JsonForm(schema), "response_format")
    assert_accepted(draft.body)
    assert refusal_by(EXAMPLES[name], draft.body) is None


@given(SCHEMAS)
def test_a_schema_that_nothing_is_changed_in_is_copied(schema: Any) -> None:
    copy = rewritten(schema, lambda node: node)
    assert copy == schema
    assert copy is not schema or not isinstance(schema, dict | list)
