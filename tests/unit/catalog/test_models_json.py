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
from catalog import models
from catalog.models import base_id, geography
from catalog.pricing import Usage, parse_price
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.inventory import MODELS as MODELS_SIMULATED

FOLDER = Path(catalog.__file__).parent
FILES = ["models.json", "vendors/anthropic.json", "vendors/openai.json"]
SCHEMA = json.loads((FOLDER / "schema.json").read_text())
DATA: dict[str, Any] = json.loads((FOLDER / "models.json").read_text())
MODELS: list[dict[str, Any]] = DATA["models"]
IDS = [(model_id, price, model) for model in MODELS for model_id, price in model["ids"].items()]

KNOWN = models.load("us-east-1")

NOT_FOR_EVERYONE = {"claude-mythos-preview", "jurassic-2-ultra"}
"""Dearer than what a model without a price is charged: one runs for who is invited only, the other,
of 2023, no more."""


@pytest.mark.parametrize("name", FILES)
def test_the_files_keep_to_their_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    found = json.loads((FOLDER / name).read_text())
    jsonschema.validate(found, SCHEMA, format_checker=jsonschema.FormatChecker())


def test_the_schema_refuses_what_is_no_price() -> None:
    broken = json.loads(json.dumps(DATA))
    broken["models"][0]["ids"]["us.acme.model"] = {"input": 1.5}
    with pytest.raises(jsonschema.ValidationError, match="is not of type 'string'"):
        jsonschema.validate(broken, SCHEMA)


@pytest.mark.parametrize(
    ("terms", "refused"),
    [
        (("tiers", "request"), True),
        (("regions", "request"), True),
        (("regions", "above"), True),
        (("tiers", "regions"), False),
        (("tiers", "above"), False),
    ],
)
def test_the_schema_refuses_terms_that_leave_a_price_open(
    terms: tuple[str, ...], refused: bool
) -> None:
    """Such as what a search costs where another price of its model holds."""
    rates = {"input": "1", "output": "2"}
    every = {
        "request": "0.01",
        "above": [{"tokens": 1, **rates}],
        "tiers": {"flex": rates},
        "regions": [{"in": ["eu-west-2"], **rates}],
    }
    line = {**rates, **{term: every[term] for term in terms}}
    model = {**MODELS[0], "ids": {"us.acme.model": line}}
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid({**DATA, "models": [model]}) != refused


def test_the_catalog_is_as_large_as_is_promised() -> None:
    assert len(IDS) >= 250
    assert len(MODELS) >= 100


def test_a_model_lies_in_one_place_of_the_file() -> None:
    """One block for each model and one line for each of its ids, for people to read."""
    lines = (FOLDER / "models.json").read_text().splitlines()
    assert sum(line.startswith('    {"name"') for line in lines) == len(MODELS)
    assert sum(line.startswith("      ") for line in lines) == len(IDS)


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
    assert (price.base.input > 0) != (price.request > 0)
    regions = [parse_price(own) for own in row.get("regions", ())]
    every = [price, *regions, *price.tiers.values()]
    for rates in (rates for one in every for rates in (one.base, *(own for _, own in one.above))):
        assert all(rate > 0 for rate in rates) or price.request
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
    fallback = parse_price(DATA["fallback"])
    price = parse_price(row)
    dear = False
    for threshold in (0, *(limit for limit, _ in price.above)):
        pairs = zip(price.rates(threshold + 1), fallback.rates(threshold + 1), strict=True)
        dear = dear or any(rate > most for rate, most in pairs)
    assert dear == (model["name"] in NOT_FOR_EVERYONE)


def test_the_fallbacks_limits_are_no_lower_than_what_models_on_bedrock_have() -> None:
    windows = {model["name"]: model["context_window"] for model in MODELS}
    wide = {name for name, window in windows.items() if window > DATA["fallback"]["context_window"]}
    assert wide <= {"llama-4-scout"}


def test_every_model_of_the_simulated_account_has_a_price() -> None:
    for model in MODELS_SIMULATED.values():
        ids = [f"{place}.{model.id}" for place in model.geographies]
        for model_id in (*ids, model.id):
            assert KNOWN.resolve(model_id).priced, model_id


CALLS = st.tuples(*(st.integers(0, 400_000) for _ in Usage._fields))
TIERS = st.sampled_from(["default", "flex", "priority", "reserved", "new"])


@given(st.sampled_from([model_id for model_id, _, _ in IDS]), CALLS, TIERS, st.booleans())
def test_no_call_costs_more_than_what_was_held_for_it(
    model_id: str, tokens: tuple[int, ...], asked: str, is_lowered: bool
) -> None:
    """Bedrock serves a call in the tier it asks for, or in the default one."""
    used = Usage(*tokens)
    target = KNOWN.resolve(model_id)
    held = target.most(used.prompt, used.output, asked)
    assert held >= target.cost(used, "default" if is_lowered else asked)
    assert isinstance(held, int)
