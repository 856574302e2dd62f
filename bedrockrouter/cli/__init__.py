"""The command ``bedrockrouter``: a module for each of its commands."""

import typer

from bedrockrouter.cli.reconcile import reconcile
from bedrockrouter.cli.usage import usage

# A traceback with the values of variables in it would show the admin key.
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Look after a BedrockRouter: what its keys have used, and whether AWS bills the same.",
)
app.command()(usage)
app.command()(reconcile)
