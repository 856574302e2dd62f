"""The command ``bedrockrouter`` with a console that tests answer for."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bedrockrouter import console_client
from bedrockrouter.cli import app, options
from tests.support.console_answers import ADMIN_KEY, CONSOLE_URL, AnsweringConsole

Run = Callable[..., tuple[Result, AnsweringConsole]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command with these arguments against these answers, `width` columns wide.

    `environment` changes what its variables are.
    """

    def runner(
        *arguments: str,
        answers: dict[str, Any],
        width: int = 80,
        typed: str | None = None,
        **environment: str | None,
    ) -> tuple[Result, AnsweringConsole]:
        console = AnsweringConsole(answers)
        monkeypatch.setattr(options, "connect", partial(console_client.connect, transport=console))
        told = {
            "BEDROCKROUTER_CONSOLE_URL": CONSOLE_URL,
            "BEDROCKROUTER_ADMIN_KEY": ADMIN_KEY,
            "COLUMNS": str(width),
            "TERM": "dumb",
            **environment,
        }
        return CliRunner().invoke(app, arguments, env=told, input=typed), console

    return runner
