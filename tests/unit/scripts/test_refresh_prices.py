"""The AWS Price List is read as it is written, and what it tells otherwise is taken over."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from catalog import models
from console import billed_names

from scripts import refresh_prices
from scripts.catalog_sources import price_list
from scripts.catalog_sources.price_list import Listed
from scripts.refresh_prices import Change, bases, changes, decisions, take_over, text, unnamed

# Attributes, units and prices as quoted in https://github.com/aws/aws-cli/issues/9567 (Claude 2.0), and
# as the file of us-west-2 of 2026-09-25 had them for Claude (servicename, usagetype, unit, USD).
OPUS = "Claude Opus 5.5 (Amazon Bedrock Edition)"
HAIKU = "Claude Haiku 4.5 (Amazon Bedrock Edition)"
ROWS = [
    ("Amazon Bedrock", "USE1-Claude2.0-input-tokens", "1K tokens", "0.0080000000"),
    ("Amazon Bedrock", "USE1-NovaPro-output-tokens", "1K tokens", "0.0032000000"),
    ("Amazon Bedrock", "USE1-NovaPro-input-tokens-latency-optimized", "1K tokens", "0.001"),
    ("Amazon Bedrock", "USE1-NovaPro-input-tokens-batch", "1K tokens", "0.0004"),
    ("Amazon Bedrock", "USE1-NovaPro-input-tokens-flex", "1K tokens", "0.0004"),
    ("Amazon Bedrock", "USE1-Nova2.0Lite-input-tokens-cross-region-global", "1K tokens", "0.0003"),
    ("Amazon Bedrock", "EU-NovaPro-input-tokens-cross-region-eu", "1K tokens", "0.001"),
    (
        "Amazon Bedrock",
        "USE1-openai.gpt-oss-120b-mantle-input-tokens-standard",
        "1K tokens",
        "0.00015",
    ),
    (OPUS, "USW2-MP:USW2_input_tokens_standard-Units", "1M tokens", "4.4000000000"),
    (OPUS, "USW2-MP:USW2_output_tokens_global_standard-Units", "1M tokens", "20.0000000000"),
    (OPUS, "USW2-MP:USW2_cache_write_tokens_1h_standard-Units", "1M tokens", "8.8"),
    (OPUS, "USW2-MP:USW2_input_tokens_batch-Units", "1M tokens", "2.2"),
    (OPUS, "USW2-MP:USW2_Reserved_1Month_InputTPM_Global-Units", "Units", "0.18"),
    (HAIKU, "USW2-MP:USW2_InputTokenCount-Units", "1M tokens", "1.1000000000"),
    (HAIKU, "USW2-MP:USW2_CacheReadInputTokenCount_Global-Units", "1M tokens", "0.1"),
    (HAIKU, "USW2-MP:USW2_CacheWrite1hInputTokenCount-Units", "Units", "2.2"),
    (HAIKU, "USW2-MP:USW2_InputTokenCount_LCtx_Global-Units", "1M tokens", "2"),
    (HAIKU, "USW2-MP:USW2_MillionBatchInputTokens-Units", "1M tokens", "0.55"),
    ("Amazon Bedrock", "USE1-Guardrail-ContentPolicyUnitsConsumed", "1K text units", "0.15"),
]


def offer(rows: list[tuple[str, str, str, str]] = ROWS) -> dict[str, Any]:
    """An offer file with a product and an on-demand term for each row."""
    return {
        "publicationDate": "2026-12-01T09:39:35Z",
        "products": {
            f"SKU{n}": {"sku": f"SKU{n}", "attributes": {"servicename": name, "usagetype": usage}}
            for n, (name, usage, _, _) in enumerate(rows)
        },
        "terms": {
            "OnDemand": {
                f"SKU{n}": {
                    f"SKU{n}.JRTCKXETXF": {
                        "priceDimensions": {"d": {"unit": unit, "pricePerUnit": {"USD": usd}}}
                    }
                }
                for n, (_, _, unit, usd) in enumerate(rows)
            }
        },
    }


def test_prices_of_tokens_in_the_default_tier_are_read_and_nothing_else() -> None:
    assert list(price_list.read(offer())) == [
        Listed("Claude2.0", False, "input", Decimal(8)),
        Listed("NovaPro", False, "output", Decimal("3.2")),
        Listed("Nova2.0Lite", True, "input", Decimal("0.3")),
        Listed("openai.gpt-oss-120b-mantle", False, "input", Decimal("0.15")),
        Listed("Claude Opus 5.5", False, "input", Decimal("4.4")),
        Listed("Claude Opus 5.5", True, "output", Decimal(20)),
        Listed("Claude Opus 5.5", False, "cache_write_1h", Decimal("8.8")),
        Listed("Claude Haiku 4.5", False, "input", Decimal("1.1")),
        Listed("Claude Haiku 4.5", True, "cache_read", Decimal("0.1")),
        Listed("Claude Haiku 4.5", False, "cache_write_1h", Decimal("2.2")),
    ]


def test_a_product_with_several_prices_or_none_is_left_out() -> None:
    several = offer(ROWS[:2])
    several["terms"]["OnDemand"]["SKU0"]["more"] = several["terms"]["OnDemand"]["SKU0"][
        "SKU0.JRTCKXETXF"
    ]
    del several["terms"]["OnDemand"]["SKU1"]
    assert list(price_list.read(several)) == []


NAMES = {"Opus": "acme.opus", "Nova": "acme.nova"}
CATALOG: dict[str, dict[str, Any]] = {
    "us.acme.opus": {"input": "4.4", "output": "22"},
    "global.acme.opus": {"input": "4", "output": "20", "source": "genai-prices"},
    "acme.nova": {
        "input": "1",
        "output": "2",
        "regions": [{"in": ["eu-west-1", "eu-west-2"], "input": "1.2", "output": "2.4"}],
    },
}


def listed(model: str, part: str, usd: str, *, is_global: bool = False) -> Listed:
    return Listed(model, is_global, part, Decimal(usd))


@pytest.mark.parametrize(
    ("found", "region", "expected"),
    [
        (listed("Opus", "input", "4.40"), "us-west-2", []),
        (listed("Opus", "input", "5"), "us-west-2", [Change("us.acme.opus", "input", "4.4", "5")]),
        (
            listed("Opus", "output", "18", is_global=True),
            "eu-west-1",
            [Change("global.acme.opus", "output", "20", "18")],
        ),
        (listed("Opus", "input", "5"), "eu-west-1", []),
        (
            listed("Opus", "cache_read", "1"),
            "us-east-1",
            [Change("us.acme.opus", "cache_read", "none", "1")],
        ),
        (listed("Nova", "input", "1.2"), "eu-west-2", []),
        (listed("Nova", "input", "1.3"), "eu-west-2", [Change("acme.nova", "input", "1.2", "1.3")]),
        (listed("Unknown", "input", "1"), "us-east-1", []),
    ],
)
def test_what_the_list_tells_otherwise_is_a_change(
    found: Listed, region: str, expected: list[Change]
) -> None:
    assert list(changes(CATALOG, [found], NAMES, region)) == expected


def test_models_without_an_id_are_told() -> None:
    assert unnamed([listed("Unknown", "input", "1"), listed("Opus", "input", "1")], NAMES) == [
        "Unknown"
    ]


def test_a_change_becomes_a_decision_with_its_source_and_date() -> None:
    changed = [
        Change("us.acme.opus", "input", "4.4", "5"),
        Change("us.acme.opus", "cache_read", "none", "0.5"),
    ]
    (decided,) = decisions(CATALOG, changed, "us-east-1", "2026-12-01T09:39:35Z")
    assert decided["ids"] == ["us.acme.opus"]
    assert decided["price"] == {"input": "5", "output": "22", "cache_read": "0.5"}
    assert decided["checked"] == "2026-12-01"
    assert "/us-east-1/" in decided["source"]


def test_a_change_in_one_region_leaves_the_others_as_they_are() -> None:
    changed = [Change("acme.nova", "input", "1.2", "1.3")]
    (decided,) = decisions(CATALOG, changed, "eu-west-2", "2026-12-01T09:39:35Z")
    assert decided["price"] == {
        "input": "1",
        "output": "2",
        "regions": [
            {"in": ["eu-west-1"], "input": "1.2", "output": "2.4"},
            {"in": ["eu-west-2"], "input": "1.3", "output": "2.4"},
        ],
    }


def test_a_decision_takes_the_place_of_an_earlier_one_on_the_same_id() -> None:
    old = [{"ids": ["a"], "why": "old"}, {"ids": ["a", "b"], "why": "both"}]
    new = [{"ids": ["a"], "why": "new"}]
    taken = take_over({"prices": old, "fallback": {}}, new)
    assert [decision["why"] for decision in taken["prices"]] == ["both", "new"]


def test_the_overrides_are_written_as_they_are_kept() -> None:
    kept = (refresh_prices.REVIEWED / "overrides.json").read_text()
    assert text(json.loads(kept)) == kept


def test_the_lists_names_lead_to_the_catalogs_foundation_models() -> None:
    names = billed_names.load(models.load("us-west-2"))
    found = [listed("Claude Opus 5.5", "input", "1"), listed("Next 9", "input", "1")]
    assert bases(found, names) == {"Claude Opus 5.5": "anthropic.claude-opus-5-5"}


def test_the_script_prints_the_changes_and_writes_them_where_they_are_reviewed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overrides = (refresh_prices.REVIEWED / "overrides.json").read_text()
    (tmp_path / "overrides.json").write_text(overrides)
    monkeypatch.setattr(refresh_prices, "REVIEWED", tmp_path)
    rows = [
        (OPUS, "USE1-MP:USE1_input_tokens_standard-Units", "1M tokens", "3.3"),
        (
            "Claude Next 9 (Amazon Bedrock Edition)",
            "USE1-MP:USE1_InputTokenCount-Units",
            "Units",
            "1",
        ),
    ]
    answer = json.dumps(offer(rows)).encode()
    fetched: list[str] = []

    def fetch(url: str, timeout: float) -> io.BytesIO:
        fetched.append(url)
        return io.BytesIO(answer)

    monkeypatch.setattr("urllib.request.urlopen", fetch)
    refresh_prices.main(["us-east-1", "--write"])
    assert all("/current/us-east-1/index.json" in url for url in fetched)
    told = capsys.readouterr().out
    assert "us.anthropic.claude-opus-5-5 input: 4.4 -> 3.3\n" in told
    assert "no id is known for Claude Next 9\n" in told
    written = json.loads((tmp_path / "overrides.json").read_text())["prices"][-1]
    assert (written["ids"], written["price"]["input"]) == (["us.anthropic.claude-opus-5-5"], "3.3")
