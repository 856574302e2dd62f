"""What every row of ``models.json`` must be, whoever edits it."""

import datetime as dt
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import catalog
import jsonschema
import pytest
from botocore.session import Session
from catalog.models import base_id, geography
from catalog.pricing import Rates, parse_price

DATA: dict[str, Any] = json.loads(Path(catalog.__file__).with_name("models.json").read_text())
MODELS: list[dict[str, Any]] = DATA["models"]
IDS = [(model_id, price, model) for model in MODELS for model_id, price in model["ids"].items()]

CAPABILITIES = ["chat", "documents", "embeddings", "reasoning", "tools", "vision"]

USD = {"type": "string", "pattern": r"^\d{1,4}(\.\d{1,6})?$"}
TOKENS = {"type": "integer", "minimum": 1}
PARTS = dict.fromkeys(Rates._fields, USD)

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["checked", "source", "unit", "service_tiers", "fallback", "models"],
    "properties": {
        "checked": {"type": "string", "format": "date"},
        "source": {"type": "string", "pattern": "https://"},
        "unit": {"const": "USD per million tokens"},
        "service_tiers": {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 1000},
            "required": ["default"],
        },
        "fallback": {
            "type": "object",
            "additionalProperties": False,
            "required": ["input", "output", "context_window", "max_output_tokens"],
            "properties": {**PARTS, "context_window": TOKENS, "max_output_tokens": TOKENS},
        },
        "models": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/model"}},
    },
    "$defs": {
        "model": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "context_window", "capabilities", "ids"],
            "properties": {
                "name": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9.-]*$"},
                "aliases": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                "context_window": TOKENS,
                "max_output_tokens": TOKENS,
                "capabilities": {
                    "type": "array",
                    "items": {"enum": CAPABILITIES},
                    "minItems": 1,
                    "uniqueItems": True,
                },
                "ids": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"$ref": "#/$defs/price"},
                },
            },
        },
        "price": {
            "type": "object",
            "additionalProperties": False,
            "required": ["input"],
            "properties": {
                **PARTS,
                "above": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["tokens", "input", "output"],
                        "properties": {**PARTS, "tokens": TOKENS},
                    },
                },
            },
        },
    },
}


def test_the_file_keeps_to_its_schema() -> None:
    jsonschema.validate(DATA, SCHEMA)


def test_the_file_says_when_it_was_checked() -> None:
    assert dt.date.fromisoformat(DATA["checked"]) >= dt.date(2026, 11, 22)


def test_no_name_alias_or_id_stands_for_two_models() -> None:
    names = [name for model in MODELS for name in (model["name"], *model.get("aliases", ()))]
    ids = [model_id for model_id, _, _ in IDS]
    assert sorted(names + ids) == sorted(set(names + ids))


def test_the_ids_of_one_model_are_one_foundation_model_in_several_geographies() -> None:
    for model in MODELS:
        assert len({base_id(model_id) for model_id in model["ids"]}) == 1, model["name"]
        geographies = [geography(model_id) for model_id in model["ids"]]
        assert len(set(geographies)) == len(geographies), model["name"]


def test_ids_are_ones_that_bedrock_takes() -> None:
    """``modelId`` has a pattern in botocore's service model."""
    service = Session().get_service_model("bedrock-runtime")
    shape = service.operation_model("Converse").input_shape.members["modelId"]
    schema = {"type": "string", "pattern": shape.metadata["pattern"]}
    for model_id, _, _ in IDS:
        jsonschema.validate(model_id, schema)


def test_service_tiers_are_the_ones_bedrock_has() -> None:
    service = Session().get_service_model("bedrock-runtime")
    tier = service.operation_model("Converse").input_shape.members["serviceTier"]
    assert sorted(DATA["service_tiers"]) == sorted(tier.members["type"].enum)
    assert DATA["service_tiers"]["default"] == 100


@pytest.mark.parametrize(("model_id", "row", "model"), IDS, ids=[i for i, _, _ in IDS])
def test_prices_are_ones_that_can_be_charged(
    model_id: str, row: dict[str, Any], model: dict[str, Any]
) -> None:
    price = parse_price(row)
    assert price.base.input > 0
    for rates in (price.base, *(rates for _, rates in price.above)):
        assert all(rate > 0 for rate in rates)
        assert rates.cache_read <= rates.input <= rates.cache_write_5m <= rates.cache_write_1h
    thresholds = [limit for limit, _ in price.above]
    assert all(lower < higher for lower, higher in pairwise(thresholds))
    chats = "chat" in model["capabilities"]
    assert ("output" in row) == chats
    assert ("max_output_tokens" in model) == chats


@pytest.mark.parametrize(("model_id", "row", "model"), IDS, ids=[i for i, _, _ in IDS])
def test_no_model_is_dearer_than_one_without_a_price(
    model_id: str, row: dict[str, Any], model: dict[str, Any]
) -> None:
    """Else a name that the catalog does not know, an application profile's, would be a discount."""
    fallback = parse_price(DATA["fallback"]).base
    price = parse_price(row)
    for rates in (price.base, *(rates for _, rates in price.above)):
        assert all(rate <= most for rate, most in zip(rates, fallback, strict=True))


def test_the_fallbacks_limits_are_no_lower_than_what_models_on_bedrock_have() -> None:
    windows = {model["name"]: model["context_window"] for model in MODELS}
    wide = {name for name, window in windows.items() if window > DATA["fallback"]["context_window"]}
    assert wide <= {"llama-4-scout"}
