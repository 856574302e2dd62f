"""The models a key may use: what is told of them, and which names find them."""

from decimal import Decimal
from typing import Any

import pytest
from catalog import models
from catalog.models import Catalog
from catalog.pricing import Usage
from ledger.money import to_usd
from router.model_list import Patterns, row, rows
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

ALIASES = {"gpt-5": "claude-sonnet-4-5", "team": "arn:aws:bedrock:us-east-1:1:application-x/y"}
CATALOG = models.load("us-east-1", ALIASES)

ALL: Patterns = None
MILLION = 10**6


def found(requested: str, allowed: Patterns = ALL, catalog: Catalog = CATALOG) -> dict[str, Any]:
    entry = row(catalog, requested, allowed)
    assert entry is not None
    return entry


def ids(*patterns: str) -> list[str]:
    return [entry["id"] for entry in rows(CATALOG, frozenset(patterns))]


# --- one model ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "requested",
    [
        "claude-sonnet-4-5",
        "gpt-oss-20b",
        "qwen3-next-80b",
        "titan-embed-text-v2",
        "stable-image-core",
        "cohere-rerank-3.5",
        "gpt-5",
        "team",
    ],
)
def test_a_model_is_told_as_reviewed(requested: str, snapshot: SnapshotAssertion) -> None:
    assert found(requested) == snapshot(extension_class=JSONSnapshotExtension)


PARTS = {
    "input": Usage(input=MILLION),
    "output": Usage(output=MILLION),
    "cache_read": Usage(cache_read=MILLION),
    "cache_write_5m": Usage(cache_write_5m=MILLION),
    "cache_write_1h": Usage(cache_write_1h=MILLION),
}


def price_of(prices: dict[str, Any], usage: Usage) -> Decimal:
    """What a call should cost by the prices told, in USD."""
    if "request" in prices:
        return Decimal(prices["request"])
    told = prices
    for step in prices.get("context_tiers", ()):
        if usage.prompt > step["above_prompt_tokens"]:
            told = step
    used = {part: count for part, count in usage._asdict().items() if count}
    return sum((Decimal(told[part]) * count / MILLION for part, count in used.items()), Decimal(0))


@pytest.mark.parametrize("tier", ["default", "flex", "priority", "reserved"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-2", "ap-south-1", "us-gov-west-1"])
def test_the_prices_told_are_the_ones_charged(region: str, tier: str) -> None:
    """Of every model, for short prompts and for such as are above every threshold."""
    catalog = models.load(region)
    for entry in rows(catalog, ALL):
        target, pricing = catalog.resolve(entry["id"]), entry["pricing"]
        if "service_tiers" not in pricing and tier != "default":
            continue
        prices = pricing.get("service_tiers", {}).get(tier, pricing)
        for part in [part for part in PARTS if part in prices] or ["input"]:
            for used in (PARTS[part], Usage(*(count // 100 for count in PARTS[part]))):
                charged = Decimal(to_usd(target.cost(used, tier)))
                assert price_of(prices, used) == charged, (entry["id"], used)


def test_a_price_is_told_for_all_that_costs_anything() -> None:
    for entry in rows(CATALOG, ALL):
        pricing = entry["pricing"]
        told = pricing["request" if pricing["unit"] == "USD per request" else "input"]
        assert Decimal(told) > 0, entry["id"]


def test_a_service_tier_with_prices_of_its_own_is_told_with_them() -> None:
    pricing = found("gemma-3-12b")["pricing"]
    assert (pricing["input"], pricing["output"]) == ("0.09", "0.29")
    flex, priority = pricing["service_tiers"]["flex"], pricing["service_tiers"]["priority"]
    assert (flex["input"], flex["output"]) == ("0.05", "0.15")
    assert (priority["input"], priority["output"]) == ("0.16", "0.51")


def test_prices_are_those_of_the_stacks_region() -> None:
    london = models.load("eu-west-2", {})
    pricing = found("qwen3-next-80b", ALL, london)["pricing"]
    assert (pricing["input"], pricing["output"]) == ("0.23", "1.86")
    assert pricing["service_tiers"]["flex"]["input"] == "0.115"


def test_a_model_that_is_sold_in_no_other_tier_is_told_so() -> None:
    assert found("gpt-6.1-sol")["pricing"]["service_tiers"] == {}


@pytest.mark.parametrize(
    ("requested", "target"),
    [
        ("claude-sonnet-4-5-20250929", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        (
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("gpt-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ],
)
def test_a_model_is_found_by_each_of_its_names_and_ids(requested: str, target: str) -> None:
    entry = found(requested)
    assert (entry["id"], entry["target"]) == (requested, target)
    assert {"claude-sonnet-4-5", "claude-sonnet-4-5-20250929"} - {requested} == set(
        entry["aliases"]
    )
    assert "chat" in entry["capabilities"]


def test_a_model_is_found_by_an_arn() -> None:
    arn = "arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-opus-5-5"
    entry = found(arn)
    assert (entry["target"], entry["pricing"]["input"]) == (arn, "4")


def test_a_profile_without_a_row_of_its_own_is_found_as_its_model() -> None:
    entry = found("apac.cohere.embed-v4:0")
    assert (entry["context_window"], entry["capabilities"]) == (128_000, ["embeddings"])


def test_an_alias_of_the_owners_for_what_the_catalog_does_not_know_tells_what_is_charged() -> None:
    entry = found("team")
    assert (entry["owned_by"], entry["target"]) == ("alias", ALIASES["team"])
    assert (entry["pricing"]["input"], entry["pricing"]["output"]) == ("15", "75")
    assert "capabilities" not in entry


@pytest.mark.parametrize("requested", ["", "no-such-model", "claude-sonnet-4-5/", "*", "\ud800"])
def test_what_no_model_is_called_finds_none(requested: str) -> None:
    assert row(CATALOG, requested, ALL) is None


# --- all of them ----------------------------------------------------------------------------------


def test_every_model_is_listed_once_after_the_owners_aliases() -> None:
    listed = [entry["id"] for entry in rows(CATALOG, ALL)]
    assert listed == [*ALIASES, *(model.name for model in CATALOG.models)]


def test_a_name_that_the_owner_gave_to_another_model_is_listed_once() -> None:
    catalog = models.load("us-east-1", {"nova-lite": "claude-sonnet-5-5"})
    targets = {entry["id"]: entry["target"] for entry in rows(catalog, ALL)}
    assert len(targets) == len(rows(catalog, ALL))
    assert targets["nova-lite"] == "us.anthropic.claude-sonnet-5-5"
    assert "us.amazon.nova-lite-v1:0" in targets.values()


def test_each_row_is_what_is_found_by_its_id() -> None:
    for entry in rows(CATALOG, ALL):
        assert row(CATALOG, entry["id"], ALL) == entry


def test_targets_are_those_of_the_stacks_region() -> None:
    tokyo = models.load("ap-northeast-1", {})
    assert found("claude-opus-5-5", ALL, tokyo)["target"] == "jp.anthropic.claude-opus-5-5"


# --- what a key may use ---------------------------------------------------------------------------


def test_what_a_key_may_not_use_is_neither_listed_nor_found() -> None:
    novas = ["micro", "lite", "pro", "2-lite", "2-pro-preview", "premier"]
    assert ids("nova-*") == [f"nova-{name}" for name in (*novas, "2-multimodal-embeddings")]
    assert row(CATALOG, "claude-opus-5-5", frozenset({"nova-*"})) is None
    assert row(CATALOG, "gpt-5", frozenset({"nova-*"})) is None


def test_a_model_allowed_by_its_target_is_listed_by_its_name() -> None:
    assert ids("us.anthropic.claude-opus-5-5") == ["claude-opus-5-5"]
    assert ids("us.anthropic.claude-sonnet-4-5-*") == ["gpt-5", "claude-sonnet-4-5"]


def test_a_model_allowed_by_an_alias_is_listed_by_that_and_may_be_called_by_all_its_names() -> None:
    assert ids("opus") == ["opus"]
    names = ["claude-opus-5-5", "claude-opus-latest"]
    assert found("opus", frozenset({"opus"}))["aliases"] == names
    for name in names:
        assert found(name, frozenset({"opus"}))["id"] == name


def test_a_model_allowed_in_another_geography_only_is_listed_by_that_id() -> None:
    elsewhere = "global.anthropic.claude-opus-5-5"
    assert ids(elsewhere) == [elsewhere]
    # Its names stand for the model in the geography of the stack.
    assert found(elsewhere, frozenset({elsewhere}))["aliases"] == []


def test_an_alias_of_the_owners_is_listed_for_keys_that_may_use_it() -> None:
    assert ids("gpt-6.1*") == ["gpt-6.1-sol", "gpt-6.1-terra"]
    assert ids("gpt-5") == ["gpt-5"]


def test_a_key_that_may_use_no_model_is_shown_none() -> None:
    assert ids("no-such-model") == []
