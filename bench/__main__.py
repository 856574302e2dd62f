"""``python -m bench``: measures the router's speed and size on this machine."""

import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bench import machine, report
from bench.measures import MEASURES, NEEDS
from bench.plan import FULL, QUICK
from bench.processes import BenchError
from bench.results import Result
from bench.session import Session

RESULTS = Path(__file__).parent / "results"

LOG_WIDTH = 120
"""Columns, where the output is no terminal."""


def main(
    quick: Annotated[
        bool, typer.Option("--quick", help="A rough look in under 40 seconds.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help=f"Measure this only, of: {', '.join(MEASURES)}."),
    ] = None,
) -> None:
    """Measure the router's speed and size; the results go to bench/results/ too."""
    console = Console()
    if not console.is_terminal:
        console.width = LOG_WIDTH
    wanted = set(only or MEASURES)
    if unknown := wanted - MEASURES.keys():
        raise typer.BadParameter(f"there is no {sorted(unknown)}", param_hint="--only")
    for name in tuple(wanted):
        wanted |= set(NEEDS.get(name, ()))
    # So that whatever ends the bench ends its processes too.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(128 + signal.SIGTERM))
    before = machine.condition()
    results: dict[str, Result] = {}
    try:
        with (
            Progress(console=console, transient=True) as progress,
            Session(QUICK if quick else FULL, progress) as session,
        ):
            for name, measure in MEASURES.items():
                if name in wanted:
                    results |= {found.name: found for found in measure(session, results)}
    except BenchError as error:
        console.print("\n".join([str(error), *error.__notes__]), style="red", markup=False)
        raise typer.Exit(1) from error
    now = datetime.now().astimezone()
    found = list(results.values())
    here, after = machine.this_machine(), machine.condition()
    path = RESULTS / f"{now:%Y-%m-%dT%H%M%S}.json"
    report.write(
        path,
        report.record(
            found, here, (before, after), quick=quick, at=now.isoformat(timespec="seconds")
        ),
    )
    console.print(report.table(found))
    console.print(
        f"{here.cores} x {here.cpu}, Python {here.python}, Linux {here.kernel}; "
        f"load {before.load:.1f} before, {after.load:.1f} after; "
        f"loop {before.loop_ms:.1f} ms before, {after.loop_ms:.1f} ms after. Written to {path}."
    )


if __name__ == "__main__":
    typer.run(main)
