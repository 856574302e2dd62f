"""The results as a table for people and as JSON for programs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.machine import Condition, Machine
from bench.results import Result

_VERDICT = {True: "[green]met", False: "[red]missed"}


def table(results: Sequence[Result]) -> Table:
    """A row a result; sections by measure."""
    found = Table(title="BedrockRouter bench", header_style="bold")
    found.add_column("what", overflow="fold")
    for column in ("median", "p10 to p90", "n", "target"):
        found.add_column(column, justify="right", no_wrap=True)
    for position, result in enumerate(results):
        summary = result.summary
        found.add_row(
            f"{result.label}\n    [dim]{result.note}" if result.note else result.label,
            f"{_number(summary.median)} {result.unit}",
            f"{_number(summary.p10)} to {_number(summary.p90)}" if summary.n > 1 else "",
            str(summary.n),
            "" if result.met is None else f"≤ {result.target:g} {_VERDICT[result.met]}",
            end_section=_ends_section(results, position),
        )
    return found


def record(
    results: Sequence[Result],
    machine: Machine,
    conditions: tuple[Condition, Condition],
    *,
    quick: bool,
    at: str,
) -> dict[str, Any]:
    """All of a run. `conditions` are the machine's before and after, `at` its ISO date and time."""
    before, after = conditions
    return {
        "at": at,
        "quick": quick,
        "machine": machine._asdict(),
        "before": before._asdict(),
        "after": after._asdict(),
        "results": [
            {
                **result._asdict(),
                "summary": result.summary._asdict(),
                "target": result.target,
                "met": result.met,
            }
            for result in results
        ],
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Puts the record at `path`."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _ends_section(results: Sequence[Result], position: int) -> bool:
    after = results[position + 1 : position + 2]
    return not after or _measure(after[0]) != _measure(results[position])


def _measure(result: Result) -> str:
    return result.name.partition(".")[0]


def _number(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
