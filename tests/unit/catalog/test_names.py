"""A model is found by its name however a client writes it, and by nothing that is another's."""

import string
from typing import Any

import pytest
from catalog import models
from catalog.betas import BETAS
from catalog.models import Catalog, base_id, geography
from catalog.names import (
    LONG_WINDOW_BETA,
    ClaudeName,
    asks_long_window,
    claude_name,
    without_window,
)
from hypothesis import given
from hypothesis import strategies as st
from ledger.updates import allows

CATALOG = models.load("us-east-1", {"team": "claude-sonnet-4.5", "arn": "arn:aws:bedrock:x:1:y/z"})
IDS = [model_id for model in CATALOG.models for model_id in model.ids]
NAMES = [name for model in CATALOG.models for name in (model.name, *model.aliases)]


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("claude-sonnet-4-5-20250929", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("claude-sonnet-4-5@20250929", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("claude-sonnet-4-5@default", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("anthropic/claude-sonnet-4.5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("anthropic/claude-4.5-sonnet", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("Claude-Sonnet-4-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("anthropic.claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("eu.anthropic.claude-sonnet-4-5", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("team", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("team[1m]", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("arn[1m]", "arn:aws:bedrock:x:1:y/z"),
        ("claude-opus-4-6", "us.anthropic.claude-opus-4-6-v1"),
        ("claude-opus-4-6-20260205", "us.anthropic.claude-opus-4-6-v1"),
        ("claude-opus-4-6[1m]", "us.anthropic.claude-opus-4-6-v1"),
        ("opus[1m]", "us.anthropic.claude-opus-5-5"),
        ("global.anthropic.claude-opus-4-6-v1[1M]", "global.anthropic.claude-opus-4-6-v1"),
        ("claude-opus-4-7", "us.anthropic.claude-opus-4-7"),
        ("claude-opus-4-1", "us.anthropic.claude-opus-4-1-20250805-v1:0"),
        ("claude-opus-4-0", "us.anthropic.claude-opus-4-20250514-v1:0"),
        ("claude-sonnet-4-0", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("claude-sonnet-4-20250514", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("claude-3-7-sonnet-latest", "us.anthropic.claude-3-7-sonnet-20250219-v1:0"),
        ("claude-3-5-haiku-latest", "us.anthropic.claude-3-5-haiku-20241022-v1:0"),
        ("anthropic/claude-3.5-haiku", "us.anthropic.claude-3-5-haiku-20241022-v1:0"),
        ("claude-fable-5", "us.anthropic.claude-fable-5"),
        ("claude-fable-5-1", "us.anthropic.claude-fable-5-1"),
        ("claude-mythos-5-1", "us.anthropic.claude-mythos-5-1"),
        ("anthropic/claude-opus-latest", "us.anthropic.claude-opus-5-5"),
        ("bedrock/anthropic.claude-opus-5-5", "us.anthropic.claude-opus-5-5"),
        ("bedrock/eu.anthropic.claude-opus-5-5", "eu.anthropic.claude-opus-5-5"),
        ("EU.Anthropic.Claude-Opus-5-5", "eu.anthropic.claude-opus-5-5"),
        ("openai/gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
        ("bedrock/openai.gpt-oss-120b-1:0", "openai.gpt-oss-120b-1:0"),
        ("x-ai/grok-4.7", "us.xai.grok-4.7"),
        ("amazon/Nova-Pro", "us.amazon.nova-pro-v1:0"),
    ],
)
def test_a_model_is_found_by_what_clients_call_it(name: str, model_id: str) -> None:
    target = CATALOG.resolve(name)
    assert (target.requested, target.model_id) == (name, model_id)
    assert target.priced == (not model_id.startswith("arn:"))
    assert CATALOG.is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "claude-sonnet-4-5-20240101",
        "claude-sonnet-9",
        "claude-sonnet",
        "claude-4",
        "claude-opus-4-6-fast",
        "claude-4-sonnet-5",
        "claude-opus-4-0-0",
        "claude-opus-4-6:thinking",
        "claude-opus-4-6[2m]",
        "claude-opus-4-6[1m][1m]",
        "gpt-oss-120b-20250805",
        "jp.anthropic.claude-opus-4-1",
        "openai/claude-opus-5-5",
        "amazon/claude-opus-5-5",
        "acme/claude-opus-5-5",
        "anthropic/openai/gpt-oss-120b",
        "anthropic/",
        "/claude-opus-5-5",
        " claude-opus-5-5",
        "[1m]",
        "team[1m][1m]",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/claude-opus-5-5",
    ],
)
def test_what_is_no_models_name_stays_what_it_is(name: str) -> None:
    target = CATALOG.resolve(name)
    assert (target.model_id, target.priced) == (name, False)
    assert not CATALOG.is_name(name)


@pytest.mark.parametrize(
    ("region", "model_id"),
    [
        ("eu-central-1", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("ap-northeast-1", "jp.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("sa-east-1", "global.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ],
)
def test_a_name_stands_for_the_profile_of_the_stacks_geography(region: str, model_id: str) -> None:
    assert models.load(region).resolve("anthropic/claude-sonnet-4.5").model_id == model_id


def test_the_owners_aliases_come_first_and_exact() -> None:
    owned = models.load("us-east-1", {"claude-opus-4-0": "nova-lite"})
    assert owned.resolve("claude-opus-4-0").model_id == "us.amazon.nova-lite-v1:0"
    assert "opus-4" in owned.resolve("Claude-Opus-4-0").model_id


def test_owners_aliases_that_stand_for_each_other_end() -> None:
    owned = models.load("us-east-1", {"a": "a[1m]", "b": "b[1m][1m]", "c": "d", "d": "c[1m]"})
    for name in ("a", "a[1m]", "b", "b[1m]", "b[1m][1m]", "c", "c[1m]", "d", "d[1m]"):
        assert not owned.resolve(name).priced


def test_of_two_snapshots_a_name_without_a_date_is_the_later() -> None:
    price = {"input": "1", "output": "1"}
    rows = [
        {
            "name": f"haiku-{date}",
            "context_window": 1,
            "capabilities": ["chat"],
            "ids": {f"anthropic.claude-haiku-9-{date}-v1:0": price},
        }
        for date in ("20260101", "20260301", "20260201")
    ]
    data: dict[str, Any] = {"service_tiers": {"default": 100}, "fallback": price, "models": rows}
    data["fallback"] = price | {"context_window": 1, "max_output_tokens": 1}
    found = Catalog(data, region="us-east-1")
    assert found.resolve("claude-haiku-9").model_id == "anthropic.claude-haiku-9-20260301-v1:0"
    dated = found.resolve("claude-9-haiku@20260201").model_id
    assert dated == "anthropic.claude-haiku-9-20260201-v1:0"


def test_a_long_window_is_asked_for_by_the_names_end() -> None:
    assert LONG_WINDOW_BETA in {beta.name for beta in BETAS}
    assert asks_long_window("claude-opus-4-6[1m]")
    assert asks_long_window("claude-opus-4-6[1M]")
    assert not asks_long_window("claude-opus-4-6")
    assert without_window("claude-opus-4-6[1M]") == "claude-opus-4-6"
    assert without_window("claude-opus-4-6") == "claude-opus-4-6"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("claude-3-5-haiku-20241022", ClaudeName("haiku-3-5", "20241022")),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", ClaudeName("haiku-4-5", "20251001")),
        ("claude-opus-4-6-v1", ClaudeName("opus-4-6", "")),
        ("nova-pro", None),
        ("claude", None),
        ("claude-opus-4-20260205-1", ClaudeName("opus-4-20260205-1", "")),
    ],
)
def test_of_a_claudes_name_the_version_and_the_date_count(
    name: str, said: ClaudeName | None
) -> None:
    assert claude_name(name) == said


# --- laws -----------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("claude", "-", "-", "opus", "sonnet", "haiku", "4", "5", "3", "0", "20250929", "latest"),
        *("/", "anthropic", "anthropic.", "openai", "bedrock", "us.", "eu.", "[1m]", "@", ".", ":"),
        *("-v1:0", *IDS[:20], *NAMES[:20], "arn:aws:bedrock:us-east-1:1:inference-profile/"),
    ]
)
WRITTEN = st.text() | st.lists(PIECES, max_size=8).map("".join)


@given(WRITTEN)
def test_any_text_is_resolved_and_what_it_is_resolved_to_stays(text: str) -> None:
    target = CATALOG.resolve(text)
    assert CATALOG.resolve(target.model_id).model_id == target.model_id
    assert CATALOG.is_name(text) or text in {target.model_id, base_id(target.model_id)}


@given(st.sampled_from(IDS))
def test_an_id_of_the_catalog_is_itself_and_no_name(model_id: str) -> None:
    assert CATALOG.resolve(model_id).model_id == model_id
    assert not CATALOG.is_name(model_id)


@given(st.sampled_from(IDS), st.data())
def test_capitals_and_a_gateway_do_not_matter(model_id: str, data: st.DataObject) -> None:
    bent = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in model_id)
    assert CATALOG.resolve(bent).model_id == model_id
    assert CATALOG.resolve(f"bedrock/{bent}").model_id == model_id


@given(WRITTEN)
def test_a_name_never_leads_from_one_geography_to_another(text: str) -> None:
    place = geography(text.rpartition("/")[2].lower())
    found = CATALOG.resolve(text)
    if place and CATALOG.is_name(text):
        assert geography(found.model_id) == place


LETTERS = string.ascii_lowercase + string.digits + "-./"


@given(st.text(LETTERS, max_size=4), WRITTEN)
def test_a_maker_before_a_slash_lets_nobody_in_to_the_models_of_another(
    more: str, text: str
) -> None:
    """A key that is allowed what begins with a maker's name is allowed that maker's models."""
    for maker in ("openai", "amazon", "anthropic"):
        target = CATALOG.resolve(f"{maker}/{more}{text}")
        if target.priced:
            assert allows(frozenset({f"*{maker}.*"}), (target.model_id,))
