"""Builds ``lambda_src/catalog/models.json`` and ``lambda_src/catalog/vendors/*.json``.

    PYTHONPATH=lambda_src python -m scripts.build_catalog LITELLM GENAI

LITELLM is `litellm/model_prices_and_context_window_backup.json` out of the wheel of litellm, GENAI is
`genai_prices/data.py` out of that of genai-prices, in the versions that `SOURCES` names:

    pip download --no-deps litellm==1.109.1 genai-prices==0.2.3, and unzip

``scripts/catalog_sources/`` has what people decide: models.json says which models and profiles are
listed and what they are called, overrides.json says what to take where the two tables disagree or
know too little, and why. A disagreement that is not decided there, or a decision that decides
nothing, fails the build. The same tables give the same files, to the byte.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts.catalog_sources import genai_table, litellm_table, vendors
from scripts.catalog_sources.litellm_table import Row
from scripts.catalog_sources.prices import Prices, Tables

REPO = Path(__file__).parents[1]
CATALOG = REPO / "lambda_src" / "catalog"
REVIEWED = Path(__file__).parent / "catalog_sources"

CHECKED = "2026-11-22"
SOURCES = {
    "litellm": "litellm 1.109.1, Copyright (c) 2023 Berri AI, MIT: https://github.com/BerriAI/litellm",
    "genai-prices": "genai-prices 0.2.3, Copyright (c) Pydantic Services Inc. 2025 to present, MIT: "
    "https://github.com/pydantic/genai-prices",
    "overrides": "scripts/catalog_sources/overrides.json, each with its own source",
}
HEAD: Row = {
    "checked": CHECKED,
    "sources": SOURCES,
    "unit": "USD per million tokens; request: USD per request",
}

IN_REGION = "region"
"""What the reviewed list calls a foundation model's own id, which runs in the Region alone."""


def reviewed(name: str) -> Any:
    """One of the files that people decide in."""
    return json.loads((REVIEWED / name).read_text(encoding="utf-8"))


def build(
    tables: Tables, models: list[dict[str, Any]], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """The catalog as it is written."""
    prices = Prices(tables, overrides)
    rows = [_model(tables[0], prices, model, overrides["models"]) for model in models]
    prices.check_all_used()
    return HEAD | {
        "service_tiers": overrides["service_tiers"],
        "fallback": overrides["fallback"],
        "models": rows,
    }


def profile_ids(model: Mapping[str, Any]) -> Iterator[str]:
    """The ids that a reviewed model is listed under."""
    for place in model["in"]:
        yield model["id"] if place == IN_REGION else f"{place}.{model['id']}"


def _model(
    table: Mapping[str, litellm_table.Entry],
    prices: Prices,
    model: dict[str, Any],
    decided: Mapping[str, Row],
) -> dict[str, Any]:
    base = model["id"]
    ids = list(profile_ids(model))
    entries = [table[key] for key in (base, *ids) if key in table]
    facts = (litellm_table.facts(entries) if entries else {}) | decided.get(base, {})
    facts.pop("why", None)
    found = {model_id: prices.find(model_id) for model_id in ids}
    sources = [source for source, _ in found.values()]
    source = max(sources, key=sources.count)
    rows = {
        model_id: row if own == source else {**row, "source": own}
        for model_id, (own, row) in found.items()
    }
    if base in rows:
        odd = _in_regions(rows[base], litellm_table.by_region(table, model.get("regions_of", base)))
        rows[base] = ({"regions": odd} if odd else {}) | rows[base]
    names = {key: model[key] for key in ("name", "aliases") if key in model}
    return names | {"source": source} | facts | {"ids": rows}


def _in_regions(base: Row, regions: Mapping[str, Row]) -> list[Row]:
    """``[{"in": ["eu-west-2"], "input": …}]`` where a Region's prices are not the base's."""
    kept = {region: _rates(row) for region, row in regions.items() if _rates(row) != _rates(base)}
    groups = sorted({json.dumps(row): row for row in kept.values()}.items())
    return [{"in": [r for r, own in kept.items() if own == row], **row} for _, row in groups]


def _rates(row: Row) -> Row:
    return {part: row[part] for part in litellm_table.PARTS if part in row}


def text(data: Mapping[str, Any]) -> str:
    """JSON with a line for each model and for each of its ids."""
    head = {key: value for key, value in data.items() if key != "models"}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    return "\n".join(
        ("{", *lines, '  "models": [', ",\n".join(map(_block, data["models"])), "  ]\n}\n")
    )


def _block(model: Mapping[str, Any]) -> str:
    facts = json.dumps({key: value for key, value in model.items() if key != "ids"})
    rows = ",\n".join(
        f"      {json.dumps(key)}: {json.dumps(row)}" for key, row in model["ids"].items()
    )
    return f'    {facts[:-1]}, "ids": {{\n{rows}\n    }}}}'


def main(litellm: str, genai: str) -> None:
    """Writes the files."""
    table = litellm_table.read(Path(litellm))
    others = genai_table.read(Path(genai))
    overrides = reviewed("overrides.json")
    catalog = build((table, others["aws"]), reviewed("models.json"), overrides)
    (CATALOG / "models.json").write_text(text(catalog), encoding="utf-8")
    for vendor in vendors.VENDORS:
        own = HEAD | vendors.build(vendor, (table, others[vendor]), overrides["vendors"][vendor])
        (CATALOG / "vendors" / f"{vendor}.json").write_text(text(own), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
