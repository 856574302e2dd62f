"""`python -m local`: BedrockRouter on this machine, with nothing to sign up for."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local.announcement import announce
from local.child_processes import ChildFailedError
from local.deployment import DeploymentError
from local.functions.configuration import WrapperMissingError
from local.options import (
    OptionError,
    Options,
    checked_endpoint,
    checked_ready_file,
    checked_region,
    checked_url,
    parse_aliases,
)
from local.ready_file import write_ready_file
from local.stack import RunningStack, StartError, run

_FAILURES = (OptionError, ChildFailedError, DeploymentError, WrapperMissingError, StartError)

DEFAULT_PROXY_PORT = 8787
DEFAULT_CONSOLE_PORT = 8788


# A traceback with the values of variables in it would show keys.
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(  # noqa: PLR0913, PLR0917 -- an option each
    port: Annotated[int, typer.Option(help="Where the proxy listens; 0 takes a free port.")] = (
        DEFAULT_PROXY_PORT
    ),
    console_port: Annotated[
        int, typer.Option(help="Where the console listens; 0 takes a free port.")
    ] = DEFAULT_CONSOLE_PORT,
    bedrock: Annotated[
        str,
        typer.Option(
            metavar="simulated|aws|URL",
            help="Who answers the model calls: a simulation on this machine, Amazon Bedrock with "
            "your AWS credentials, or a Bedrock endpoint of your own.",
        ),
    ] = "simulated",
    openai_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where calls to OpenAI itself go.")
    ] = None,
    anthropic_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where calls to Anthropic itself go.")
    ] = None,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS, with a certificate authority made for it.")
    ] = False,
    max_concurrency: Annotated[
        int, typer.Option(min=1, help="How many calls a function runs at once; more get a 429.")
    ] = 16,
    alias: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=ID", help="Serve the model NAME by the Bedrock model ID; repeatable."
        ),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Default: AWS_REGION, or us-east-1.")] = None,
    ready_file: Annotated[
        Path | None,
        typer.Option(help="A file that holds every address and key, as JSON, while all is up."),
    ] = None,
) -> None:
    """Run BedrockRouter on this machine: its stack, its functions and a simulated Bedrock."""
    errors = Console(stderr=True)
    try:
        options = Options(
            port=port,
            console_port=console_port,
            bedrock=checked_endpoint("--bedrock", bedrock),
            openai_url=openai_url and checked_url("--openai-url", openai_url),
            anthropic_url=anthropic_url and checked_url("--anthropic-url", anthropic_url),
            tls=tls,
            max_concurrency=max_concurrency,
            aliases=parse_aliases(alias or []),
            region=checked_region(region or os.environ.get("AWS_REGION") or "us-east-1"),
            ca_bundle=os.environ.get("AWS_CA_BUNDLE"),
            recordings=os.environ.get("BEDROCK_RECORDINGS"),
        )
        with _stale_at_exit(checked_ready_file(ready_file)):
            asyncio.run(_run_until_signalled(options, ready_file))
    except _FAILURES as error:
        errors.print(f"[bold red]error:[/] {type(error).__name__}:", str(error), soft_wrap=True)
        raise typer.Exit(1) from None


@contextmanager
def _stale_at_exit(ready_file: Path | None) -> Iterator[None]:
    """A ready file of another run says nothing about this one."""
    if ready_file:
        ready_file.unlink(missing_ok=True)
    try:
        yield
    finally:
        if ready_file:
            ready_file.unlink(missing_ok=True)


async def _run_until_signalled(options: Options, ready_file: Path | None) -> None:
    """Return once SIGINT or SIGTERM has come and everything has been stopped."""

    def is_ready(stack: RunningStack) -> None:
        if ready_file:
            write_ready_file(ready_file, stack._asdict())
        announce(stack, Console())
        sys.stdout.flush()

    running = asyncio.create_task(run(options, is_ready))
    signalled = asyncio.Event()

    def stop() -> None:
        # Once: another signal must not interrupt the stopping.
        if not signalled.is_set():
            signalled.set()
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await running
    except asyncio.CancelledError:
        if not signalled.is_set():
            raise


if __name__ == "__main__":
    app()
