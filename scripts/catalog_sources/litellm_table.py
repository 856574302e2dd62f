"""Prices and facts out of litellm's `model_prices_and_context_window_backup.json`.

https://docs.litellm.ai/docs/provider_registration/add_model_pricing. An entry's costs are in USD per
token, and name a context tier (`…_above_200k_tokens`) or a service tier (`…_flex`) at their end.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]
Row = dict[str, Any]

PARTS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}
FLAT = ("output_cost_per_image", "input_cost_per_query")
"""Costs of a whole request: each of Stability's answers has one image."""

THRESHOLDS = (100, 200, 272)
TIERS = {"flex": 50, "priority": 175}
"""Service tiers and the percentage of the default price that most models take for them."""

CAPABILITIES = {
    "tools": "supports_function_calling",
    "vision": "supports_vision",
    "documents": "supports_pdf_input",
    "reasoning": "supports_reasoning",
}
MODES = {
    "chat": "chat",
    "responses": "chat",
    "embedding": "embeddings",
    "rerank": "rerank",
    "image_generation": "images",
    "image_edit": "images",
}


def read(path: Path) -> dict[str, Entry]:
    """Every entry by its key; costs are exact decimals."""
    found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return {key: entry for key, entry in found.items() if "litellm_provider" in entry}


def usd(value: Decimal) -> str:
    """``4.40`` as ``"4.4"``, never with an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def per_million(cost: Any) -> str:
    """A cost in USD per token as one per million tokens."""
    return usd(Decimal(cost) * 10**6)


def price(entry: Entry) -> Row:
    """A price row of the catalog; empty for an entry that is priced by neither token nor request."""
    flat = [entry[key] for key in FLAT if entry.get(key)]
    if flat:
        return {"input": "0", "request": usd(Decimal(flat[0]))}
    row: Row = _rates(entry)
    if not row:
        return {}
    above = [
        {"tokens": threshold * 1000, **rates}
        for threshold in THRESHOLDS
        if (rates := _rates(entry, f"_above_{threshold}k_tokens"))
    ]
    if above:
        row["above"] = above
    tiers = {tier: rates for tier in TIERS if (rates := _odd_tier(entry, row, tier))}
    if tiers:
        row["tiers"] = tiers
    return row


def _rates(entry: Entry, ending: str = "") -> Row:
    costs = {part: entry.get(key + ending) for part, key in PARTS.items()}
    if entry.get("mode") == "embedding":
        costs["output"] = None
    # A cost of nothing is one that the table does not know.
    return {part: per_million(cost) for part, cost in costs.items() if cost}


def _odd_tier(entry: Entry, base: Row, tier: str) -> Row:
    """What a service tier costs where that is not the percentage that it costs elsewhere."""
    rates = _rates(entry, f"_{tier}")
    share = Decimal(TIERS[tier]) / 100
    is_odd = any(Decimal(rate) != Decimal(base[part]) * share for part, rate in rates.items())
    return rates if is_odd else {}


def facts(entries: Iterable[Entry]) -> Row:
    """Limits, capabilities and end of life of a model, from the entries of all its ids."""
    known = list(entries)
    what = MODES[known[0]["mode"]]
    row: Row = {"context_window": max(entry["max_input_tokens"] for entry in known)}
    if what == "chat":
        row["max_output_tokens"] = max(entry["max_output_tokens"] for entry in known)
    extra = [name for name, flag in CAPABILITIES.items() if any(e.get(flag) for e in known)]
    row["capabilities"] = [what, *(extra if what == "chat" else ())]
    ends = [entry["deprecation_date"] for entry in known if entry.get("deprecation_date")]
    if ends:
        row["end_of_life"] = max(ends)
    return row


def by_region(table: Mapping[str, Entry], model_id: str) -> dict[str, Row]:
    """The price rows of a foundation model in Regions where the table has one of their own."""
    places = {
        key.split("/")[1]: price(entry)
        for key, entry in table.items()
        if key.startswith("bedrock/") and key.endswith(f"/{model_id}") and key.count("/") == 2
    }
    return {region: row for region, row in sorted(places.items()) if row and _is_region(region)}


def _is_region(text: str) -> bool:
    return text.count("-") >= 2 and text[-1:].isdecimal()
