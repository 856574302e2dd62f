"""``bedrockrouter usage``: what keys have used."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console

from bedrockrouter.cli.options import (
    AdminKey,
    AsJson,
    ConsoleUrl,
    FromDay,
    ToDay,
    console_at,
    print_json,
)
from bedrockrouter.cli.tables import NUMBER, TEXT, WORD, count, dollars, plain, show, table
from bedrockrouter.console_client import ConsoleClient

_TEXTS = {"day": WORD, "model": TEXT, "key": WORD, "name": TEXT}
_NUMBERS = {
    "Requests": "requests",
    "Cost $": "cost_usd",
    "Input": "input_tokens",
    "Output": "output_tokens",
    "Cache\nread": "cache_read_tokens",
    "Cache\nwrite": "cache_write_tokens",
}
"""Heading of a column → what it shows."""

_WRITES = ("cache_write_5m_tokens", "cache_write_1h_tokens")


def usage(
    console_url: ConsoleUrl,
    admin_key: AdminKey = None,
    key: Annotated[
        str | None, typer.Option(metavar="ID", help="Of this key only. Default: of all keys.")
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="day|model|key", help="A row for each; several with commas.")
    ] = "model",
    from_day: FromDay = None,
    to_day: ToDay = None,
    as_json: AsJson = False,
) -> None:
    """Show what keys have used: requests, tokens and cost, by day, model or key."""
    asked = {"from": from_day, "to": to_day, "by": by}
    with console_at(console_url, admin_key) as console:
        if key:
            found = console.get(f"/api/keys/{quote(key, safe='')}/usage", asked)
        else:
            found = _of_all(console, asked)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _of_all(console: ConsoleClient, asked: dict[str, str | None]) -> dict[str, Any]:
    """One answer of all pages; keys are told by their names too."""
    pages = list(console.pages("/api/usage", asked))
    by = (asked["by"] or "").split(",")
    rows = _summed([row for page in pages for row in page["rows"]], by)
    if "key" in by:
        names = {
            each["id"]: each["name"]
            for page in console.pages("/api/keys", {"limit": "100"})
            for each in page["keys"]
        }
        rows = [{"key": row["key"], "name": names.get(row["key"], ""), **row} for row in rows]
    (totals,) = _summed([page["totals"] for page in pages], [])
    return {
        "from": pages[0]["from"],
        "to": pages[0]["to"],
        "keys": sum(page["keys"] for page in pages),
        "rows": rows,
        "totals": totals,
    }


def _summed(rows: Iterable[dict[str, Any]], by: list[str]) -> list[dict[str, Any]]:
    """One row for each value of the dimensions in `by`, in their order."""
    sums: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        group = tuple(row[dimension] for dimension in by)
        before = sums.get(group)
        sums[group] = _added(before, row) if before else row
    return [sums[group] for group in sorted(sums)]


def _added(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    added = {
        name: value + other[name] if isinstance(value, int) else value
        for name, value in one.items()
    }
    cost = Decimal(one["cost_usd"]) + Decimal(other["cost_usd"])
    return {**added, "cost_usd": f"{cost.normalize():f}"}


def _print(found: dict[str, Any]) -> None:
    output = Console()
    rows, totals = found["rows"], found["totals"]
    if not rows:
        output.print(f"Nothing was used from {found['from']} to {found['to']}.")
        return
    texts = [name for name in _TEXTS if name in rows[0]]
    shown = table(
        f"Used from {found['from']} to {found['to']}",
        *((name.title(), _TEXTS[name]) for name in texts),
        *((heading, NUMBER) for heading in _NUMBERS),
    )
    if "day" not in texts:
        rows = sorted(rows, key=lambda row: -Decimal(row["cost_usd"]))
    for row in rows:
        shown.add_row(*(plain(row[name]) for name in texts), *_numbers(row))
    shown.add_section()
    shown.add_row("total", *[""] * (len(texts) - 1), *_numbers(totals), style="bold")
    show(output, shown)
    if totals["bounded_requests"]:
        output.print(
            f"{totals['bounded_requests']:,} requests were charged the most they can have cost, "
            "as Bedrock did not report their usage."
        )


def _numbers(row: dict[str, Any]) -> list[str]:
    told = {**row, "cache_write_tokens": sum(row[name] for name in _WRITES)}
    return [
        dollars(told[name]) if name == "cost_usd" else count(told[name])
        for name in _NUMBERS.values()
    ]
