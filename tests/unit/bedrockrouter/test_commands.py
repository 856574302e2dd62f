"""What all commands have in common, and how the package is put together."""

import importlib
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bedrockrouter.cli import options
from bedrockrouter.cli.tables import count, dollars, signed

ROOT = Path(__file__).parents[3]
AT_A_TERMINAL = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
REFUSED = {
    path: httpx.Response(401, json={"error": {"message": "no"}})
    for path in ("/api/usage", "/api/reconciliation")
}


@pytest.mark.parametrize("command", ["usage", "reconcile"])
class TestAdminKey:
    def test_it_is_asked_for_and_not_shown_where_somebody_can_answer(
        self, run: Any, command: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(options, "sys", AT_A_TERMINAL)
        result, console = run(
            command, answers=REFUSED, typed="secret\n", BEDROCKROUTER_ADMIN_KEY=None
        )
        assert console.requests[0].headers["authorization"] == "Bearer secret"
        assert "secret" not in result.output

    def test_who_does_not_answer_gets_none(
        self, run: Any, command: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(options, "sys", AT_A_TERMINAL)
        result, console = run(command, answers={}, typed="", BEDROCKROUTER_ADMIN_KEY=None)
        assert (result.exit_code, console.requests) == (2, [])

    def test_a_program_is_told_where_to_put_it(self, run: Any, command: str) -> None:
        result, console = run(command, answers={}, BEDROCKROUTER_ADMIN_KEY=None)
        assert (result.exit_code, console.requests) == (2, [])
        assert "set BEDROCKROUTER_ADMIN_KEY" in result.stderr

    def test_the_console_has_to_be_named(self, run: Any, command: str) -> None:
        result, _ = run(command, answers={}, BEDROCKROUTER_CONSOLE_URL=None)
        assert result.exit_code == 2
        assert "--console-url" in result.stderr


def test_without_a_command_the_commands_are_told(run: Any) -> None:
    result, _ = run(answers={})
    for command in ("usage", "reconcile"):
        assert command in result.output


def test_the_package_installs_the_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["scripts"]["bedrockrouter"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ("0", "0.0000"),
        ("1234567.89", "1,234,567.8900"),
        ("0.00005", "<0.0001"),
        ("0.000000000001", "<0.0001"),
        ("-0.000000000001", "-<0.0001"),
        ("-2.5", "-2.5000"),
    ],
)
def test_dollars_are_rounded_but_never_to_nothing(exact: str, shown: str) -> None:
    assert dollars(exact) == shown


def test_a_difference_has_its_sign() -> None:
    assert [signed(each) for each in ("0.4", "0", "-0.1")] == ["+0.4000", "0.0000", "-0.1000"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (99_999, "99,999"), (123_456, "123.5k"), (12_345_678, "12.3M")],
)
def test_large_counts_are_shortened(number: int, shown: str) -> None:
    assert count(number) == shown
