"""What a simulated model fills in fits the schema it is given: a validator that is not ours says so."""

import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.patterns import fitting
from local.bedrock.samples import sample

Json = dict[str, Any]

_NUMBERS = st.integers(-1_000, 1_000) | st.floats(-50, 50).map(lambda x: round(x, 2))


@st.composite
def _numeric(draw: st.DrawFn) -> Json:
    low, high = sorted((draw(_NUMBERS), draw(_NUMBERS)))
    bounds = {
        draw(st.sampled_from(["minimum", "exclusiveMinimum"])): low,
        draw(st.sampled_from(["maximum", "exclusiveMaximum"])): high + 3,
    }
    kept = draw(st.sets(st.sampled_from(sorted(bounds))))
    return {
        "type": draw(st.sampled_from(["integer", "number"])),
        **{key: bounds[key] for key in kept},
        **draw(st.sampled_from([{}, {"multipleOf": 2}, {"multipleOf": 0.5}])),
    }


@st.composite
def _textual(draw: st.DrawFn) -> Json:
    shortest = draw(st.integers(0, 20))
    limits = {"minLength": shortest, "maxLength": shortest + draw(st.integers(0, 9))}
    return {
        "type": "string",
        **{key: limits[key] for key in draw(st.sets(st.sampled_from(sorted(limits))))},
    }


def _is_dense(items: Json) -> bool:
    """Whether there are as many different values as one may ask for."""
    return items.get("type") == "number" and "multipleOf" not in items


def _arrays(items: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    least = st.integers(0, 3)
    return st.builds(
        lambda items, fewest, more, unique: {
            "type": "array",
            "items": items,
            "minItems": fewest,
            "maxItems": fewest + more,
            **({"uniqueItems": True} if unique and _is_dense(items) else {}),
        },
        items,
        least,
        least,
        st.booleans(),
    )


def _objects(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    properties = st.dictionaries(st.text(max_size=5), values, max_size=4)
    return st.builds(
        lambda properties, left_out, more: {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name != left_out] + more,
            "additionalProperties": bool(more),
        },
        properties,
        st.text(max_size=5),
        st.lists(st.sampled_from(["extra", "other"]), max_size=2, unique=True),
    )


_SCALARS = st.one_of(
    _numeric(),
    _textual(),
    st.just({"type": "boolean"}),
    st.just({"type": ["null", "string"]}),
    st.builds(lambda values: {"enum": values}, st.lists(st.integers() | st.text(), min_size=1)),
    st.builds(lambda value: {"const": value}, st.none() | st.booleans() | st.text()),
    st.sampled_from(["date-time", "date", "email", "ipv4", "uuid", "uri"]).map(
        lambda name: {"type": "string", "format": name}
    ),
)
_SCHEMAS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        _arrays(inner),
        _objects(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
        _objects(inner).map(lambda whole: {"$defs": {"x": whole}, "allOf": [whole]}),
    ),
    max_leaves=8,
)


@given(_SCHEMAS)
def test_a_sample_is_valid_against_its_schema(schema: Json) -> None:
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(sample(schema))


NODE = {
    "type": "object",
    "properties": {
        "value": {"type": "integer"},
        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
    },
    "required": ["value", "next"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, Json] = {
    "a reference": {"$defs": {"a/b": {"type": "integer"}}, "$ref": "#/$defs/a~1b"},
    "a list that may end": {"$defs": {"node": NODE}, "$ref": "#/$defs/node"},
    "a tree": {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["children"],
    },
    "a pattern": {"type": "string", "pattern": r"^[A-Z]{2}-\d{4}(\.[a-z]+)?$", "maxLength": 9},
    "a pattern of some length": {"type": "string", "pattern": "^[^0-9]+$", "minLength": 12},
    "a choice with what all share": {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
        "anyOf": [{"properties": {"size": {"type": "integer"}}, "required": ["size"]}],
    },
    "all of several": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"a": {"minLength": 9}, "b": {"type": "null"}}, "required": ["b"]},
        ]
    },
    "an option nobody can fulfil": {
        "anyOf": [False, {"type": "string", "pattern": "(?!)"}, {"type": "integer"}]
    },
    "so many properties": {"type": "object", "minProperties": 2, "properties": {"a": {}}},
    "different items": {
        "type": "array",
        "items": {"type": "string", "maxLength": 5},
        "minItems": 3,
        "uniqueItems": True,
    },
    "items by their place": {"type": "array", "prefixItems": [{"type": "null"}], "items": False},
    "an item among others": {"type": "array", "contains": {"const": 7}, "minItems": 2},
    "no items": {"type": "array", "items": {"type": "string"}, "maxItems": 0},
    "a type that is not named": {"properties": {"a": {"minimum": 4}}, "required": ["a"]},
}


@pytest.mark.parametrize("case", SCHEMAS)
def test_a_sample_fits(case: str) -> None:
    jsonschema.validate(sample(SCHEMAS[case]), SCHEMAS[case])


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/nowhere"},
        {"$ref": "https://example.com/schema"},
        {"$defs": {"x": {"anyOf": [{"$ref": "#/$defs/x"}] * 4}}, "$ref": "#/$defs/x"},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "nothing"},
    ],
)
def test_a_schema_nothing_fits_is_answered_with_an_empty_object(schema: Json) -> None:
    assert sample(schema) == {}


def test_what_nothing_fits_is_filled_in_as_well_as_may_be() -> None:
    schema = {
        "type": "object",
        "properties": {"a": False, "b": {"type": "integer", "minimum": 5}, "c": {"$ref": "#/x"}},
        "required": ["a", "b", "c", "d"],
        "additionalProperties": False,
    }
    assert sample(schema) == {"a": "a", "b": 5, "c": "c", "d": "d"}


@pytest.mark.filterwarnings("ignore:Possible (nested set|set)")
@given(st.from_regex(r"[a-c?*+.()\[\]{}|\\dws0-3^$-]{0,12}", fullmatch=True), st.integers(0, 30))
def test_a_text_for_a_pattern_is_one_it_is_found_in(pattern: str, shortest: int) -> None:
    text = fitting(pattern, shortest)
    if text is not None:
        assert re.search(pattern, text)
