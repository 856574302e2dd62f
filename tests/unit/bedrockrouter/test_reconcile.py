"""``bedrockrouter reconcile``: what it prints, and what it ends with."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.console_answers import recorded_reconciliation

PATH = "/api/reconciliation"
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("width", [80, 120])
def test_the_printout_is_the_reviewed_one(
    run: Any, width: int, snapshot: SnapshotAssertion
) -> None:
    result, _ = run("reconcile", answers={PATH: recorded_reconciliation()}, width=width)
    printed = "\n".join(line.rstrip() for line in result.stdout.splitlines()) + "\n"
    assert printed == snapshot
    assert max(map(len, printed.splitlines())) <= width


def test_the_documentation_shows_what_is_printed(run: Any) -> None:
    result, _ = run("reconcile", answers={PATH: recorded_reconciliation()})
    page = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")
    assert "\n".join(line.rstrip() for line in result.stdout.splitlines()) in page


def test_days_and_tolerance_are_the_consoles_to_read(run: Any) -> None:
    arguments = "--from", "2026-11-19", "--to", "2026-11-23", "--tolerance", "0.5"
    _, console = run("reconcile", *arguments, answers={PATH: recorded_reconciliation()})
    asked = {"from": "2026-11-19", "to": "2026-11-23", "tolerance": "0.5"}
    assert console.asked() == [(PATH, asked)]


def test_drift_within_the_tolerance_ends_well(run: Any) -> None:
    answer = recorded_reconciliation(tolerance=2000)
    result, _ = run("reconcile", answers={PATH: answer})
    assert result.exit_code == 0
    assert "charged more than billed" not in result.stdout


def test_drift_beyond_it_ends_with_one(run: Any) -> None:
    for form in ((), ("--json",)):
        result, _ = run("reconcile", *form, answers={PATH: recorded_reconciliation()})
        assert result.exit_code == 1


def test_json_is_the_consoles_answer(run: Any) -> None:
    answer = recorded_reconciliation()
    result, _ = run("reconcile", "--json", answers={PATH: answer})
    assert json.loads(result.stdout) == answer


def test_nothing_charged_is_said(run: Any) -> None:
    answer = recorded_reconciliation() | {"rows": [], "models": [], "within_tolerance": True}
    answer |= {"only_in_ledger": [], "only_in_bill": []}
    result, _ = run("reconcile", answers={PATH: answer})
    assert result.stdout.splitlines() == [
        "Nothing was charged from 2026-11-19 to 2026-11-23.",
        "Reading the bill cost $0.03.",
    ]


def test_days_without_a_complete_bill_are_said_to_be_so(run: Any) -> None:
    answer = recorded_reconciliation() | {"models": [], "within_tolerance": True}
    result, _ = run("reconcile", answers={PATH: answer})
    assert result.exit_code == 0
    assert "nothing is judged" in result.stdout
    assert "By model" not in result.stdout


def test_what_the_console_cannot_do_ends_with_two(run: Any) -> None:
    error = {
        "error": {"code": "cost_explorer_disabled", "message": "open [it] once", "field": None}
    }
    for form in ((), ("--json",)):
        result, _ = run("reconcile", *form, answers={PATH: httpx.Response(409, json=error)})
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "error: open [it] once\n"
