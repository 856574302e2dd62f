import json
from pathlib import Path
from typing import Any

import pytest
from catalog import models
from catalog.models import Catalog, base_id, geography, provider
from catalog.pricing import Price, parse_price

ACCOUNT_ARN = "arn:aws:bedrock:us-east-1:123456789012"


def row(name: str, ids: list[str], **more: Any) -> dict[str, Any]:
    """A model whose ids cost 1, 2, 3… USD per million tokens."""
    return {
        "name": name,
        "context_window": 1000,
        "max_output_tokens": 100,
        "capabilities": ["chat"],
        "ids": {i: {"input": str(n), "output": str(n)} for n, i in enumerate(ids, 1)},
    } | more


DATA: dict[str, Any] = {
    "service_tiers": {"default": 100, "flex": 50},
    "fallback": {"input": "15", "output": "75", "context_window": 5000, "max_output_tokens": 500},
    "models": [
        row(
            "opus",
            ["global.acme.opus-1", "us.acme.opus-1", "eu.acme.opus-1", "jp.acme.opus-1"],
            aliases=["best", "opus-latest"],
        ),
        row("nova", ["acme.nova:0", "us.acme.nova:0", "apac.acme.nova:0"]),
        row("llama", ["us.acme.llama"]),
    ],
}


def catalog(region: str = "us-east-1", **aliases: str) -> Catalog:
    return Catalog(DATA, region=region, aliases=aliases)


def per_million(price: Price) -> float:
    return price.base.input / 1_000_000


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["opus", "best", "opus-latest"])
def test_a_model_is_found_by_its_name_and_its_aliases(name: str) -> None:
    target = catalog().resolve(name)
    assert target.requested == name
    assert target.model_id == "us.acme.opus-1"
    assert per_million(target.price) == 2
    assert (target.context_window, target.max_output_tokens) == (1000, 100)
    assert target.priced


def test_the_owners_aliases_come_before_the_catalogs_names() -> None:
    owned = catalog(best="us.acme.llama", opus="eu.acme.opus-1")
    assert owned.resolve("best").model_id == "us.acme.llama"
    assert owned.resolve("opus").model_id == "eu.acme.opus-1"
    assert owned.owner_aliases == {"best": "us.acme.llama", "opus": "eu.acme.opus-1"}


def test_the_owners_alias_may_stand_for_a_name_of_the_catalogs() -> None:
    assert catalog(**{"gpt-5": "opus"}).resolve("gpt-5").model_id == "us.acme.opus-1"


def test_the_owners_alias_may_stand_for_a_model_that_the_catalog_does_not_know() -> None:
    target = catalog(**{"gpt-5": "acme.brand-new"}).resolve("gpt-5")
    assert (target.model_id, target.priced) == ("acme.brand-new", False)


def test_names_are_told_from_ids() -> None:
    owned = catalog(**{"gpt-5": "opus"})
    for name in ("gpt-5", "opus", "best"):
        assert owned.is_name(name)
    for model_id in ("us.acme.opus-1", "acme.opus-1", "acme.brand-new", ""):
        assert not owned.is_name(model_id)


# --- geographies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "opus", "nova"),
    [
        ("us-east-1", "us.acme.opus-1", "us.acme.nova:0"),
        ("ca-central-1", "us.acme.opus-1", "us.acme.nova:0"),
        ("eu-central-1", "eu.acme.opus-1", "acme.nova:0"),
        ("ap-northeast-1", "jp.acme.opus-1", "apac.acme.nova:0"),
        ("ap-southeast-2", "global.acme.opus-1", "apac.acme.nova:0"),
        ("ap-south-1", "global.acme.opus-1", "apac.acme.nova:0"),
        ("sa-east-1", "global.acme.opus-1", "acme.nova:0"),
        ("us-gov-west-1", "global.acme.opus-1", "acme.nova:0"),
    ],
)
def test_a_name_stands_for_the_regions_own_profile(region: str, opus: str, nova: str) -> None:
    assert catalog(region).resolve("opus").model_id == opus
    assert catalog(region).resolve("nova").model_id == nova


def test_a_model_that_the_region_has_no_way_to_run_keeps_the_one_id_it_has() -> None:
    assert catalog("eu-central-1").resolve("llama").model_id == "us.acme.llama"


@pytest.mark.parametrize(
    ("region", "model_id"),
    [
        ("us-east-1", "us.anthropic.claude-opus-5-5"),
        ("eu-central-1", "eu.anthropic.claude-opus-5-5"),
        ("ap-northeast-1", "jp.anthropic.claude-opus-5-5"),
        ("ap-northeast-3", "jp.anthropic.claude-opus-5-5"),
        ("ap-southeast-2", "au.anthropic.claude-opus-5-5"),
        ("ap-southeast-4", "au.anthropic.claude-opus-5-5"),
        ("ap-south-1", "apac.anthropic.claude-opus-5-5"),
        ("us-gov-west-1", "us-gov.anthropic.claude-opus-5-5"),
        ("ca-central-1", "us.anthropic.claude-opus-5-5"),
        ("sa-east-1", "global.anthropic.claude-opus-5-5"),
    ],
)
def test_claude_opus_is_called_where_the_stack_is(region: str, model_id: str) -> None:
    assert models.load(region).resolve("opus").model_id == model_id


def test_ids_are_taken_apart() -> None:
    assert geography("us.acme.opus-1") == "us"
    assert geography("us-gov.acme.opus-1") == "us-gov"
    assert geography("acme.opus-1") == ""
    assert geography("global") == ""
    assert base_id("eu.acme.opus-1") == "acme.opus-1"
    assert base_id("deepseek.v3.2") == "deepseek.v3.2"
    assert provider("jp.acme.opus-1") == "acme"


# --- ids and ARNs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model_id", "price"), [("global.acme.opus-1", 1), ("eu.acme.opus-1", 3), ("acme.nova:0", 1)]
)
def test_an_id_stays_as_it_is_and_has_its_own_price(model_id: str, price: int) -> None:
    target = catalog("us-east-1").resolve(model_id)
    assert (target.model_id, per_million(target.price)) == (model_id, price)


def test_a_foundation_models_id_that_only_profiles_run_becomes_the_regions_profile() -> None:
    assert catalog().resolve("acme.opus-1").model_id == "us.acme.opus-1"


@pytest.mark.parametrize(
    ("arn", "price"),
    [
        (f"{ACCOUNT_ARN}:inference-profile/eu.acme.opus-1", 3),
        ("arn:aws:bedrock:us-east-1::foundation-model/acme.nova:0", 1),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/acme.nova%3A0", 1),
    ],
)
def test_an_arn_stays_as_it_is_and_is_priced_as_what_it_names(arn: str, price: int) -> None:
    target = catalog().resolve(arn)
    assert (target.model_id, per_million(target.price)) == (arn, price)
    assert target.listed_as == arn.rpartition("/")[2].replace("%3A", ":")


@pytest.mark.parametrize(
    "model_id",
    [
        "acme.brand-new",
        "",
        "opus ",
        f"{ACCOUNT_ARN}:application-inference-profile/abc123",
        f"{ACCOUNT_ARN}:prompt-router/us.acme.opus-1",
        f"{ACCOUNT_ARN}:provisioned-model/acme.nova:0",
        "ca.acme.opus-1",
    ],
)
def test_what_the_catalog_does_not_know_goes_through_at_the_fallback_price(model_id: str) -> None:
    target = catalog().resolve(model_id)
    assert target.model_id == model_id
    assert not target.priced
    assert target.price == parse_price({"input": "15", "output": "75"})
    assert (target.context_window, target.max_output_tokens) == (5000, 500)


def test_a_geography_without_a_price_is_charged_as_its_dearest_sibling() -> None:
    target = catalog().resolve("apac.acme.opus-1")
    assert (target.model_id, target.priced) == ("apac.acme.opus-1", True)
    assert per_million(target.price) == 4


def test_asking_twice_gives_the_same_answer() -> None:
    once = catalog()
    for name in ("opus", "acme.nova:0", "acme.brand-new"):
        assert once.resolve(name) == once.resolve(name)


def test_made_up_names_do_not_fill_the_memory() -> None:
    crowded = catalog()
    for number in range(3000):
        crowded.resolve(f"made-up-{number}")
        crowded.resolve(f"arn:aws:bedrock:us-east-{number}::foundation-model/acme.nova:0")
    assert len(crowded._targets) <= 1000
    assert crowded.resolve("opus").model_id == "us.acme.opus-1"


def test_the_catalog_that_ships_is_loaded_with_the_owners_aliases() -> None:
    loaded = models.load("us-east-1", {"gpt-5": "claude-opus-5-5"})
    assert loaded.resolve("gpt-5").model_id == "us.anthropic.claude-opus-5-5"
    rows = json.loads(Path(models.__file__).with_name("models.json").read_text())["models"]
    assert [model.name for model in loaded.models] == [row["name"] for row in rows]
