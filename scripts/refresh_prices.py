"""Compares the catalog with the AWS Price List, and takes over what has changed.

    PYTHONPATH=lambda_src python -m scripts.refresh_prices us-east-1 [--write]

It fetches the public price list of a Region (no credentials), prints each price that differs and each
model of the list that neither the catalog nor ``lambda_src/console/billed_names.json`` names. With
``--write`` the changes become decisions in overrides.json, for a person to review; `build_catalog` then
builds the catalog with them.
"""

import argparse
import json
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from catalog.models import REGION_GEOGRAPHIES, Catalog, base_id, geography
from catalog.pricing import in_region
from console import billed_names
from console.billed_names import BilledNames

from scripts.catalog_sources import litellm_table, price_list
from scripts.catalog_sources.litellm_table import Row, usd
from scripts.catalog_sources.price_list import Listed

REPO = Path(__file__).parents[1]
CATALOG = REPO / "lambda_src" / "catalog" / "models.json"
REVIEWED = Path(__file__).parent / "catalog_sources"

BASE = "us-east-1"
"""The Region whose prices a foundation model's row has; those of others stand in its ``regions``."""


class Change(NamedTuple):
    """A price that the list tells otherwise than the catalog."""

    model_id: str
    part: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.model_id} {self.part}: {self.ours} -> {self.theirs}"


def changes(
    rows: Mapping[str, Row], listed: Iterable[Listed], names: Mapping[str, str], region: str
) -> Iterator[Change]:
    """The prices of a Region that differ from the price rows, which are by id."""
    for found in listed:
        base = names.get(found.model)
        for model_id in _ids(base, found, region) if base else ():
            if model_id in rows:
                ours = in_region(rows[model_id], region).get(found.part, "")
                if not ours or Decimal(ours) != found.usd:
                    yield Change(model_id, found.part, ours or "none", usd(found.usd))


def _ids(base: str, found: Listed, region: str) -> list[str]:
    """The ids that a price of the Region is of: in the Region alone, and the profile of its geography."""
    if found.is_global:
        return [f"global.{base}"]
    places = next((own for begins, own in REGION_GEOGRAPHIES if region.startswith(begins)), ())
    return [base, *(f"{place}.{base}" for place in places if place != "global")]


def bases(listed: Iterable[Listed], names: BilledNames) -> dict[str, str]:
    """The foundation models' ids of the list's models, by the list's names; without those unknown."""
    found = {each.model: names.find(each.model) for each in listed}
    return {name: base_id(model.ids[0]) for name, model in found.items() if model}


def unnamed(listed: Iterable[Listed], names: Mapping[str, str]) -> list[str]:
    """The models of the list that no id is known for."""
    return sorted({found.model for found in listed} - names.keys())


def decisions(
    rows: Mapping[str, Row], changed: Iterable[Change], region: str, published: str
) -> list[Row]:
    """The changes as entries of ``prices`` in overrides.json, one for each id."""
    by_id: dict[str, Row] = {}
    for change in changed:
        by_id.setdefault(change.model_id, {})[change.part] = change.theirs
    return [
        {
            "ids": [model_id],
            "price": _changed(rows[model_id], parts, _place(model_id, region)),
            "why": f"the price list of {region} of {published} has other prices of {model_id}",
            "source": price_list.url(price_list.OFFERS[-1], region),
            "checked": published[:10],
        }
        for model_id, parts in by_id.items()
    ]


def _place(model_id: str, region: str) -> str:
    """The Region that a row has to name; none for a profile, and for the one that rows are of."""
    return "" if geography(model_id) or region == BASE else region


def _changed(row: Row, parts: Row, region: str) -> Row:
    """A row with other prices in a Region; "" stands for everywhere that has none of its own."""
    row = {key: value for key, value in row.items() if key != "source"}
    if not region:
        return row | parts
    own = in_region(row, region)
    rates = {part: own[part] for part in litellm_table.PARTS if part in own}
    others = [
        {**other, "in": left}
        for other in row.get("regions", ())
        if (left := [place for place in other["in"] if place != region])
    ]
    return row | {"regions": [*others, {"in": [region], **rates, **parts}]}


def take_over(overrides: Row, decided: list[Row]) -> Row:
    """The overrides with new decisions, in place of earlier ones on the same ids alone."""
    ids = {model_id for decision in decided for model_id in decision["ids"]}
    kept = [old for old in overrides["prices"] if not ids.issuperset(old["ids"])]
    return overrides | {"prices": [*kept, *decided]}


def text(overrides: Row) -> str:
    """JSON with a line for each decision."""
    return f"{_laid_out(overrides)}\n"


def _laid_out(value: Any, depth: int = 0) -> str:
    margin = "  " * depth
    if isinstance(value, dict) and depth < 2 and value:
        lines = (f"{margin}  {json.dumps(k)}: {_laid_out(v, depth + 1)}" for k, v in value.items())
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(f"{margin}  {json.dumps(v)}" for v in value) + f"\n{margin}]"
    return json.dumps(value)


def main(arguments: list[str]) -> None:
    """Fetches, compares, and writes if asked to."""
    parser = argparse.ArgumentParser(prog="refresh_prices")
    parser.add_argument("region")
    parser.add_argument("--write", action="store_true", help="put the changes into overrides.json")
    asked = parser.parse_args(arguments)
    offers = [_fetched(price_list.url(offer, asked.region)) for offer in price_list.OFFERS]
    listed = [found for offer in offers for found in price_list.read(offer)]
    data = json.loads(CATALOG.read_text(encoding="utf-8"))
    rows = {model_id: row for model in data["models"] for model_id, row in model["ids"].items()}
    names = bases(listed, billed_names.load(Catalog(data, region=asked.region)))
    changed = list(changes(rows, listed, names, asked.region))
    sys.stdout.writelines(f"{change}\n" for change in changed)
    sys.stdout.writelines(f"no id is known for {name}\n" for name in unnamed(listed, names))
    if asked.write and changed:
        decided = decisions(rows, changed, asked.region, offers[0]["publicationDate"])
        file = REVIEWED / "overrides.json"
        overrides = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(text(take_over(overrides, decided)), encoding="utf-8")


def _fetched(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 (a constant https address)
        return json.load(response)


if __name__ == "__main__":
    main(sys.argv[1:])
