"""The catalog is built from two tables, by decisions, and the same way each time."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts import build_catalog
from scripts.build_catalog import build, text
from scripts.catalog_sources import genai_table, litellm_table, vendors
from scripts.catalog_sources.prices import Undecided

# Both as the packages write them: https://github.com/BerriAI/litellm and https://github.com/pydantic/genai-prices.
LITELLM = """{
  "sample_spec": {"mode": "chat"},
  "acme.one": {"litellm_provider": "bedrock", "mode": "chat", "max_input_tokens": 1000,
    "max_output_tokens": 100, "input_cost_per_token": 4.4e-06, "output_cost_per_token": 2.2e-05,
    "cache_read_input_token_cost": 2.2e-07, "cache_creation_input_token_cost": 5.5e-06,
    "cache_creation_input_token_cost_above_1hr": 8.8e-06,
    "input_cost_per_token_above_200k_tokens": 8.8e-06,
    "output_cost_per_token_above_200k_tokens": 3.3e-05,
    "input_cost_per_token_flex": 2.2e-06, "output_cost_per_token_flex": 1.1e-05,
    "input_cost_per_token_priority": 7.8e-06, "output_cost_per_token_priority": 3.9e-05,
    "supports_function_calling": true, "supports_vision": false, "deprecation_date": "2027-01-08"},
  "us.acme.one": {"litellm_provider": "bedrock", "mode": "chat", "max_input_tokens": 1000,
    "max_output_tokens": 200, "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
    "supports_vision": true},
  "bedrock/eu-west-1/acme.one": {"litellm_provider": "bedrock", "mode": "chat",
    "input_cost_per_token": 5e-06, "output_cost_per_token": 2.5e-05},
  "bedrock/eu-west-2/acme.one": {"litellm_provider": "bedrock", "mode": "chat",
    "input_cost_per_token": 5e-06, "output_cost_per_token": 2.5e-05},
  "bedrock/invoke/acme.one": {"litellm_provider": "bedrock", "mode": "chat",
    "input_cost_per_token": 9e-06, "output_cost_per_token": 9e-06},
  "acme.embed": {"litellm_provider": "bedrock", "mode": "embedding", "max_input_tokens": 512,
    "input_cost_per_token": 2e-08, "output_cost_per_token": 0.0},
  "acme.paint": {"litellm_provider": "bedrock", "mode": "image_edit", "max_input_tokens": 77,
    "output_cost_per_image": 0.04},
  "gpt": {"litellm_provider": "openai", "mode": "responses", "max_input_tokens": 10,
    "max_output_tokens": 5, "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
  "gpt-audio": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 10,
    "input_cost_per_token": 1e-06, "input_cost_per_audio_token": 3e-05},
  "openai/gpt": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 10,
    "input_cost_per_token": 1e-06}
}"""
GENAI = '''"""Prices."""

import datetime
from decimal import Decimal

providers: list[Provider] = [
    Provider(
        id="aws",
        models=[
            ModelInfo(
                id="regional.acme.one",
                match=ClauseOr(or_=[ClauseEquals(equals="us.acme.one"), ClauseEndsWith(ends_with="!")]),
                prices=[
                    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal("9"))),
                    ConditionalPrice(
                        constraint=StartDateConstraint(start_date=datetime.date(2026, 8, 21)),
                        prices=ModelPrice(input_mtok=Decimal("1.5"), output_mtok=Decimal("2")),
                    ),
                ],
            ),
            ModelInfo(
                id="acme.two",
                match=ClauseOr(
                    or_=[ClauseStartsWith(starts_with="acme.two"), ClauseRegex(regex="^t.o$")]
                ),
                prices=ModelPrice(
                    input_mtok=TieredPrices(
                        base=Decimal("1"), tiers=[Tier(start=100000, price=Decimal("5"))]
                    ),
                    output_mtok=Decimal("3"),
                ),
            ),
        ],
    ),
]
'''
MODELS = [
    {"name": "one", "aliases": ["first"], "id": "acme.one", "in": ["region", "us"]},
    {"name": "two", "id": "acme.two", "in": ["region", "global"]},
    {"name": "embed", "id": "acme.embed", "in": ["region"]},
    {"name": "paint", "id": "acme.paint", "in": ["region"]},
]
DECISION = {"ids": ["us.acme.*"], "take": "genai-prices", "why": "it is newer"}
LIKE = {"ids": ["global.acme.two"], "like": "acme.two", "why": "no table has it"}
OVERRIDES: dict[str, Any] = {
    "service_tiers": {"default": 100},
    "fallback": {"input": "9", "output": "9"},
    "prices": [LIKE],
    "disagreements": [DECISION],
    "models": {
        "acme.two": {
            "context_window": 7,
            "max_output_tokens": 3,
            "capabilities": ["chat"],
            "why": "?",
        }
    },
}


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Any, Any]:
    (tmp_path / "litellm.json").write_text(LITELLM)
    (tmp_path / "data.py").write_text(GENAI)
    return (
        litellm_table.read(tmp_path / "litellm.json"),
        genai_table.read(tmp_path / "data.py")["aws"],
    )


def test_a_model_is_built_from_the_rows_of_all_its_ids(tables: Any) -> None:
    one = build(tables, MODELS, OVERRIDES)["models"][0]
    assert one == {
        "name": "one",
        "aliases": ["first"],
        "source": "litellm",
        "context_window": 1000,
        "max_output_tokens": 200,
        "capabilities": ["chat", "tools", "vision"],
        "end_of_life": "2027-01-08",
        "ids": {
            "acme.one": {
                "input": "4.4",
                "output": "22",
                "cache_read": "0.22",
                "cache_write_5m": "5.5",
                "cache_write_1h": "8.8",
                "above": [{"tokens": 200000, "input": "8.8", "output": "33"}],
                # Flex costs half, as elsewhere; priority does not cost 1.75 times as much.
                "tiers": {"priority": {"input": "7.8", "output": "39"}},
                "regions": [{"in": ["eu-west-1", "eu-west-2"], "input": "5", "output": "25"}],
            },
            "us.acme.one": {"input": "1.5", "output": "2", "source": "genai-prices"},
        },
    }


def test_what_one_table_lacks_the_other_or_a_decision_has(tables: Any) -> None:
    two = build(tables, MODELS, OVERRIDES)["models"][1]
    price = {
        "input": "1",
        "output": "3",
        "above": [{"tokens": 100000, "input": "5", "output": "3"}],
    }
    assert two["source"] == "genai-prices"
    assert (two["context_window"], "why" in two) == (7, False)
    assert two["ids"] == {"acme.two": price, "global.acme.two": {**price, "source": "overrides"}}


def test_embeddings_and_images_have_prices_of_their_own_kinds(tables: Any) -> None:
    embed, paint = build(tables, MODELS, OVERRIDES)["models"][2:]
    assert (embed["capabilities"], embed["ids"]) == (
        ["embeddings"],
        {"acme.embed": {"input": "0.02"}},
    )
    assert (paint["capabilities"], paint["ids"]) == (
        ["images"],
        {"acme.paint": {"input": "0", "request": "0.04"}},
    )


def test_a_disagreement_that_nobody_has_decided_fails_the_build(tables: Any) -> None:
    with pytest.raises(Undecided, match=r"us\.acme\.one: litellm .*'1'.*genai-prices .*'1\.5'"):
        build(tables, MODELS, OVERRIDES | {"disagreements": []})


def test_a_decision_that_decides_nothing_fails_the_build(tables: Any) -> None:
    idle = {"ids": ["acme.embed"], "take": "litellm", "why": "of old"}
    with pytest.raises(Undecided, match="decides nothing: of old"):
        build(tables, MODELS, OVERRIDES | {"disagreements": [DECISION, idle]})


def test_a_model_without_any_price_fails_the_build(tables: Any) -> None:
    with pytest.raises(Undecided, match=r"no source has a price of global\.acme\.two"):
        build(tables, MODELS, OVERRIDES | {"prices": []})


def test_the_same_tables_give_the_same_text(tables: Any) -> None:
    first, second = (text(build(tables, MODELS, OVERRIDES)) for _ in range(2))
    assert first == second
    assert json.loads(first) == build(tables, MODELS, OVERRIDES)


def test_a_vendors_file_has_its_own_models_that_cost_by_the_token(tables: Any) -> None:
    overrides = OVERRIDES | {"prices": [], "disagreements": [], "models": {}}
    found = vendors.build("openai", (tables[0], []), overrides)
    assert [model["name"] for model in found["models"]] == ["gpt"]
    assert found["models"][0]["capabilities"] == ["chat"]
    assert found["fallback"] == {
        "input": "1",
        "output": "2",
        "cache_read": "1",
        "cache_write_5m": "1",
        "cache_write_1h": "1",
        "context_window": 10,
        "max_output_tokens": 5,
    }


def test_code_in_a_table_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "data.py").write_text("providers: list = [open('x', 'w').write('y') + 1]\n")
    with pytest.raises(ValueError, match="not data"):
        genai_table.read(tmp_path / "data.py")
    assert not (tmp_path / "x").exists()


def test_the_catalog_that_ships_is_the_one_that_is_reviewed() -> None:
    """Ids, names and aliases, and the decisions; prices need the tables."""
    shipped = json.loads((build_catalog.CATALOG / "models.json").read_text())
    models = build_catalog.reviewed("models.json")
    assert [
        (model["name"], model.get("aliases"), list(model["ids"])) for model in shipped["models"]
    ] == [
        (model["name"], model.get("aliases"), list(build_catalog.profile_ids(model)))
        for model in models
    ]
    assert text(shipped) == (build_catalog.CATALOG / "models.json").read_text()
    overrides = build_catalog.reviewed("overrides.json")
    assert shipped["fallback"] == overrides["fallback"]
    rows = {model_id: row for model in shipped["models"] for model_id, row in model["ids"].items()}
    for override in overrides["prices"]:
        for model_id in override["ids"]:
            expected = override.get("price") or rows[override["like"]]
            assert {k: v for k, v in rows[model_id].items() if k != "source"} == expected


def test_every_decision_says_why_and_who_says_so() -> None:
    overrides = build_catalog.reviewed("overrides.json")
    every = [overrides, *overrides["vendors"].values()]
    for decision in (d for each in every for d in (*each["prices"], *each["disagreements"])):
        assert decision["why"]
        assert "https://" in decision["source"] or "AWS Price List" in decision["source"]
        assert decision["checked"] >= "2026-11-22"
    for facts in (facts for each in every for facts in each["models"].values()):
        assert "https://" in facts["why"] or "litellm" in facts["why"]
