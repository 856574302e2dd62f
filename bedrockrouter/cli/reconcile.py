"""``bedrockrouter reconcile``: the ledger held against AWS's bill."""

from typing import Annotated, Any

import typer
from rich.console import Console

from bedrockrouter.cli.options import (
    DRIFT,
    AdminKey,
    AsJson,
    ConsoleUrl,
    FromDay,
    ToDay,
    console_at,
    print_json,
)
from bedrockrouter.cli.tables import NUMBER, TEXT, WORD, dollars, plain, show, signed, table

REQUEST_CENTS = 1
"""What Cost Explorer takes for a request."""

_AMOUNTS = (("Charged", NUMBER), ("Billed", NUMBER), ("Drift", NUMBER), ("%", NUMBER))


def reconcile(
    console_url: ConsoleUrl,
    admin_key: AdminKey = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    tolerance: Annotated[
        str,
        typer.Option(
            metavar="PERCENT", help="Drift of a model, of what was billed for it, that is none."
        ),
    ] = "1",
    as_json: AsJson = False,
) -> None:
    """Compare what keys were charged with what AWS bills, by day and model.

    Ends with 0 where the drift of every model is within the tolerance,
    with 1 where it is not, and with 2 where the console cannot answer.
    Days whose bill is not complete yet are shown and not judged.
    Reading the bill costs some cents.
    """
    asked = {"from": from_day, "to": to_day, "tolerance": tolerance}
    with console_at(console_url, admin_key) as console:
        found = console.get("/api/reconciliation", asked)
    if as_json:
        print_json(found)
    else:
        _print(found, Console())
    if not found["within_tolerance"]:
        raise typer.Exit(DRIFT)


def _print(found: dict[str, Any], output: Console) -> None:
    if found["rows"]:
        _print_days(found, output)
    else:
        output.print(f"Nothing was charged from {found['from']} to {found['to']}.")
    if found["models"]:
        _print_models(found, output)
    elif found["rows"]:
        output.print("Of none of these days the bill is complete yet, so nothing is judged.\n")
    _print_apart(found, output)
    cents = found["cost_explorer_requests"] * REQUEST_CENTS
    output.print(f"Reading the bill cost ${cents / 100:.2f}.")


def _print_days(found: dict[str, Any], output: Console) -> None:
    title = f"Dollars charged and billed in {found['region']}, {found['from']} to {found['to']}"
    shown = table(title, ("Day", WORD), ("Model", TEXT), ("", WORD), *_AMOUNTS)
    before = ""
    for row in found["rows"]:
        day, before = "" if row["day"] == before else row["day"], row["day"]
        shown.add_row(day, plain(row["model"]), _verdict(row), *_amounts(row))
    show(output, shown)


def _print_models(found: dict[str, Any], output: Console) -> None:
    title = f"By model, up to {found['complete_until']}, as far as the bill is complete"
    shown = table(title, ("Model", TEXT), ("", WORD), *_AMOUNTS)
    for model in found["models"]:
        shown.add_row(plain(model["model"]), _verdict(model), *_amounts(model))
    shown.add_section()
    shown.add_row("total", "", *_amounts(found["totals"]["complete"]), style="bold")
    show(output, shown)
    for model in found["models"]:
        if model["verdict"] != "agrees":
            output.print(plain(f"{model['model']}: {model['explanation']}\n"))


def _print_apart(found: dict[str, Any], output: Console) -> None:
    """What has nothing on the other side to be compared with."""
    for title, side, name, amount in (
        ("Only in the ledger", "only_in_ledger", "model", "ledger_usd"),
        ("Only on the bill", "only_in_bill", "what", "billed_usd"),
    ):
        if found[side]:
            apart = table(f"{title}, not compared", ("", TEXT), ("Why", TEXT), ("$", NUMBER))
            for each in found[side]:
                apart.add_row(plain(each[name]), plain(each["explanation"]), dollars(each[amount]))
            show(output, apart)


def _verdict(row: dict[str, Any]) -> str:
    return str(row["verdict"]).replace("_", " ")


def _amounts(row: dict[str, Any]) -> list[str]:
    return [
        dollars(row["ledger_usd"]),
        dollars(row["billed_usd"]),
        signed(row["drift_usd"]),
        row["drift_percent"] or "",
    ]
