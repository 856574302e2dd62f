"""What OpenAI and Anthropic charge on their own, for keys of one's own there."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scripts.catalog_sources import litellm_table
from scripts.catalog_sources.litellm_table import Row
from scripts.catalog_sources.prices import Prices, Tables

VENDORS = ("anthropic", "openai")

_MODES = frozenset({"chat", "responses", "embedding"})
_OTHER_UNITS = ("input_cost_per_audio_token", "input_cost_per_second", "input_cost_per_image_token")


def build(vendor: str, tables: Tables, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a vendor's file that are its own, in the catalog's shape."""
    prices = Prices(tables, overrides)
    listed = {
        name: litellm_table.facts([entry])
        for name, entry in tables[0].items()
        if _is_listed(vendor, name, entry)
    }
    listed |= {
        name: {key: value for key, value in decided.items() if key != "why"}
        for name, decided in overrides["models"].items()
    }
    models = [_model(name, facts, prices) for name, facts in sorted(listed.items())]
    prices.check_all_used()
    return {
        "service_tiers": overrides["service_tiers"],
        "fallback": _dearest(models),
        "models": models,
    }


def _is_listed(vendor: str, name: str, entry: litellm_table.Entry) -> bool:
    return (
        entry["litellm_provider"] == vendor
        and entry.get("mode") in _MODES
        and not set("/:") & set(name)
        and not any(entry.get(key) for key in _OTHER_UNITS)
        and entry.get("max_input_tokens") is not None
        and bool(litellm_table.price(entry))
    )


def _model(name: str, facts: Row, prices: Prices) -> dict[str, Any]:
    source, row = prices.find(name)
    return {"name": name, "source": source} | facts | {"ids": {name: row}}


def _dearest(models: list[dict[str, Any]]) -> Row:
    """What a model without a price is charged: of each part the most that any model costs."""
    rows = [row for model in models for row in model["ids"].values()]
    steps = [step for row in rows for step in (row, *row.get("above", ()))]
    most = {
        part: litellm_table.usd(max(Decimal(step.get(part, step["input"])) for step in steps))
        for part in litellm_table.PARTS
    }
    return most | {
        "context_window": max(model["context_window"] for model in models),
        "max_output_tokens": max(model.get("max_output_tokens", 0) for model in models),
    }
