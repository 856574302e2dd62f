"""What several commands take and do alike."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from bedrockrouter.cli.tables import plain
from bedrockrouter.console_client import ConsoleClient, ConsoleError, connect

DRIFT, FAILURE = 1, 2
"""Exit codes; 2 is also what a wrong option ends with."""

ConsoleUrl = Annotated[
    str,
    typer.Option(
        envvar="BEDROCKROUTER_CONSOLE_URL",
        metavar="URL",
        help="Where the console is: an output of the stack.",
        show_default=False,
    ),
]
AdminKey = Annotated[
    str | None,
    typer.Option(
        envvar="BEDROCKROUTER_ADMIN_KEY",
        metavar="KEY",
        help="Opens the console. Others may see command lines: left out, it is asked for.",
        show_default=False,
    ),
]
FromDay = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DAY",
        help="The first UTC day, as 2026-11-23. Default: 29 days before the last.",
    ),
]
ToDay = Annotated[
    str | None, typer.Option("--to", metavar="DAY", help="The last UTC day. Default: today.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, amounts exact, for programs.")]


@contextmanager
def console_at(url: str, admin_key: str | None) -> Iterator[ConsoleClient]:
    """The console; what it cannot answer is told on standard error and ends the command."""
    try:
        with connect(url, admin_key or _asked_for()) as client:
            yield ConsoleClient(client)
    except ConsoleError as error:
        Console(stderr=True).print("[bold red]error:[/]", plain(str(error)), soft_wrap=True)
        raise typer.Exit(FAILURE) from None


def _asked_for() -> str:
    if not sys.stdin.isatty():
        raise ConsoleError("set BEDROCKROUTER_ADMIN_KEY to the console's admin key")
    try:
        return str(typer.prompt("Admin key", hide_input=True, err=True))
    except typer.Abort:
        raise ConsoleError("there is no answer without the admin key") from None


def print_json(value: dict[str, Any]) -> None:
    """JSON on standard output, never wrapped or coloured."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
