import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from catalog import models
from catalog.models import Catalog, base_id, geography, provider
from catalog.pricing import Price, Usage, parse_price

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
        "s a.acme.opus-1",
        "acme/.acme.opus-1",
        ".acme.opus-1",
    ],
)
def test_what_the_catalog_does_not_know_goes_through_at_the_fallback_price(model_id: str) -> None:
    target = catalog().resolve(model_id)
    assert target.model_id == model_id
    assert not target.priced
    assert target.price == parse_price({"input": "15", "output": "75"})
    assert (target.context_window, target.max_output_tokens) == (5000, 500)


@pytest.mark.parametrize("place", ["apac", "ca", "in", "sa", "mx-gov"])
def test_a_geography_without_a_price_is_charged_as_its_dearest_sibling(place: str) -> None:
    for model_id in (
        f"{place}.acme.opus-1",
        f"{ACCOUNT_ARN}:inference-profile/{place}.acme.opus-1",
    ):
        target = catalog().resolve(model_id)
        assert (target.model_id, target.priced) == (model_id, True)
        assert per_million(target.price) == 4


def test_the_arn_of_a_foundation_model_that_only_profiles_run_is_priced_as_the_regions_profile() -> (
    None
):
    arn = "arn:aws:bedrock:eu-central-1::foundation-model/acme.opus-1"
    target = catalog("eu-central-1").resolve(arn)
    assert (target.model_id, per_million(target.price)) == (arn, 3)


def test_an_application_profile_is_priced_as_what_it_stands_for_once_that_is_learned() -> None:
    arn = f"{ACCOUNT_ARN}:application-inference-profile/abc123"
    taught = catalog(team=arn)
    before = taught.resolve("team")
    assert (before.model_id, before.runs, before.priced) == (arn, arn, False)
    taught.learn(arn, ["eu.acme.opus-1"])
    for name in (arn, "team"):
        target = taught.resolve(name)
        assert (target.requested, target.model_id) == (name, arn)
        assert (target.runs, target.listed_as) == ("eu.acme.opus-1", "eu.acme.opus-1")
        assert (per_million(target.price), target.context_window) == (3, 1000)
        assert target.called == (name, arn), "what it stands for must not allow it"
    taught.learn(arn, ["acme.brand-new"])
    assert not taught.resolve(arn).priced
    assert not taught.resolve("team").priced


@pytest.mark.parametrize(
    ("may_stand_for", "runs", "price"),
    [
        (["eu.acme.opus-1", "us.acme.opus-1"], "eu.acme.opus-1", 3),
        (["us.acme.opus-1", "eu.acme.opus-1"], "eu.acme.opus-1", 3),
        (["jp.acme.nova:0", "apac.acme.nova:0"], "apac.acme.nova:0", 3),
        # Of what has no price of its own, the dearest sibling's.
        (["jp.acme.nova:0", "au.acme.nova:0"], "jp.acme.nova:0", 3),
        (["acme.opus-1"], "acme.opus-1", 2),
    ],
)
def test_an_application_profile_is_charged_the_dearest_that_it_may_stand_for(
    may_stand_for: list[str], runs: str, price: int
) -> None:
    arn = f"{ACCOUNT_ARN}:application-inference-profile/abc123"
    taught = catalog()
    taught.learn(arn, may_stand_for)
    target = taught.resolve(arn)
    assert (target.runs, per_million(target.price), target.priced) == (runs, price, True)


def test_an_application_profile_of_a_model_that_has_no_price_tells_the_model() -> None:
    arn = f"{ACCOUNT_ARN}:application-inference-profile/abc123"
    taught = catalog()
    taught.learn(arn, ["us.acme.brand-new"])
    target = taught.resolve(arn)
    assert (target.runs, target.priced, target.listed_as) == ("us.acme.brand-new", False, None)


def test_learned_arns_do_not_fill_the_memory() -> None:
    taught = catalog()
    for number in range(3000):
        taught.learn(f"{ACCOUNT_ARN}:application-inference-profile/{number}", ["us.acme.llama"])
    assert len(taught._learned) <= 1000
    assert taught.resolve(f"{ACCOUNT_ARN}:application-inference-profile/2999").priced


HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
DEPLOYED = "0123456789ab"


@pytest.mark.parametrize(
    ("written", "charged_as"),
    [
        ("claude-haiku-4-5", f"us.{HAIKU}"),
        ("claude-haiku-4-5-20251001", f"us.{HAIKU}"),
        ("anthropic/claude-haiku-4.5", f"us.{HAIKU}"),
        (HAIKU, f"us.{HAIKU}"),
        *((f"{place}.{HAIKU}", f"{place}.{HAIKU}") for place in ("global", "us", "eu", "apac")),
        *((f"{place}.{HAIKU}", f"{place}.{HAIKU}") for place in ("jp", "au", "in", "ca", "us-gov")),
        ("amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0"),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
            "amazon.nova-micro-v1:0",
        ),
        (f"{ACCOUNT_ARN}:inference-profile/us.{HAIKU}", f"us.{HAIKU}"),
        (f"{ACCOUNT_ARN}:inference-profile/global.{HAIKU}", f"global.{HAIKU}"),
        (f"{ACCOUNT_ARN}:application-inference-profile/learned", f"eu.{HAIKU}"),
        ("team", f"eu.{HAIKU}"),
        (f"{ACCOUNT_ARN}:application-inference-profile/unknown", "other"),
        (f"{ACCOUNT_ARN}:provisioned-model/{DEPLOYED}", "other"),
        (f"{ACCOUNT_ARN}:custom-model/amazon.nova-micro-v1:0/{DEPLOYED}", "other"),
        (f"{ACCOUNT_ARN}:custom-model-deployment/{DEPLOYED}", "other"),
        (f"{ACCOUNT_ARN}:imported-model/{DEPLOYED}", "other"),
        (f"{ACCOUNT_ARN}:prompt-router/{DEPLOYED}", "other"),
        (f"{ACCOUNT_ARN}:default-prompt-router/anthropic.claude:1", "other"),
        (f"{ACCOUNT_ARN}:prompt/ABCDEFGHIJ:1", "other"),
        ("arn:aws:sagemaker:us-east-1:123456789012:endpoint/mine", "other"),
        ("acme.brand-new", "other"),
        ("", "other"),
    ],
)
def test_any_id_has_a_price(written: str, charged_as: str) -> None:
    profile = f"{ACCOUNT_ARN}:application-inference-profile/learned"
    shipped = models.load("us-east-1", {"team": profile})
    shipped.learn(profile, [f"eu.{HAIKU}"])
    target = shipped.resolve(written)
    assert (target.listed_as or "other") == charged_as
    assert 0 < target.cost(Usage(input=1), "default") <= target.most(1, 0, "default")


# --- prices that depend on the Region and on the service tier -------------------------------------

PLACED: dict[str, Any] = DATA | {
    "models": [
        row("nova", [])
        | {
            "ids": {
                "acme.nova": {
                    "input": "1",
                    "output": "2",
                    "tiers": {"flex": {"input": "0.3", "output": "0.7"}},
                    "regions": [{"in": ["eu-west-2", "sa-east-1"], "input": "1.5", "output": "3"}],
                }
            }
        },
        row("gpt", ["acme.gpt"], service_tiers={"default": 100, "priority": 250}),
        row("paint", []) | {"ids": {"acme.paint": {"input": "0", "request": "0.04"}}},
    ]
}
TEN = Usage(input=10)


@pytest.mark.parametrize(
    ("region", "rate"),
    [("us-east-1", 1_000_000), ("eu-west-2", 1_500_000), ("sa-east-1", 1_500_000)],
)
def test_a_region_with_a_price_of_its_own_is_charged_that(region: str, rate: int) -> None:
    assert Catalog(PLACED, region=region).resolve("nova").price.base.input == rate


def test_a_service_tier_with_a_price_of_its_own_is_charged_that() -> None:
    nova = Catalog(PLACED, region="us-east-1").resolve("nova")
    assert nova.cost(TEN, "flex") == 10 * 300_000
    assert nova.cost(TEN, "default") == 10 * 1_000_000
    assert nova.most(10, 10, "flex") == nova.most(10, 10, "default") == 10 * 3_000_000


def test_a_model_may_have_service_tiers_of_its_own() -> None:
    gpt = Catalog(PLACED, region="us-east-1").resolve("gpt")
    assert gpt.cost(TEN, "priority") == 10 * 2_500_000
    assert gpt.cost(TEN, "flex") == 10 * 2_500_000
    assert gpt.most(10, 0, "priority") == 10 * 2_500_000


def test_a_request_may_have_a_price_whatever_its_tokens() -> None:
    paint = Catalog(PLACED, region="us-east-1").resolve("paint")
    assert paint.cost(TEN, "default") == paint.most(9_999, 0, "flex") == 40_000_000_000


# --- the makers' own APIs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vendor", "name", "usage", "usd"),
    [
        # 10,000 * $4 + 1,000 * $20 + 50,000 * $0.20, each for a million.
        ("anthropic", "claude-opus-5-5", Usage(10_000, 1_000, 50_000), "0.07"),
        # 300,000 tokens are above 272,000: 300,000 * $4 + 1,000 * $15.
        ("openai", "gpt-6.1-sol", Usage(300_000, 1_000), "1.215"),
        ("openai", "text-embedding-3-small", Usage(1_000_000), "0.02"),
    ],
)
def test_the_makers_own_prices_are_there(vendor: str, name: str, usage: Usage, usd: str) -> None:
    target = models.load_vendor(vendor).resolve(name)
    assert (target.model_id, target.priced) == (name, True)
    assert Decimal(target.cost(usage, "default")) / 10**12 == Decimal(usd)


@pytest.mark.parametrize("vendor", ["anthropic", "openai"])
def test_a_model_that_its_maker_has_since_is_charged_the_makers_dearest(vendor: str) -> None:
    catalog = models.load_vendor(vendor)
    new = catalog.resolve("brand-new")
    assert not new.priced
    for model in catalog.models:
        assert catalog.resolve(model.name).most(1_000_000, 1_000, "default") <= new.most(
            1_000_000, 1_000, "default"
        )


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
