"""``python -m local.bedrock``: starts the simulated Bedrock and serves until told to stop."""

import json
import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from local.bedrock.server import Server
from local.bedrock.service import Settings, Simulator

_PRICES = Path(__file__).parents[2] / "lambda_src" / "catalog" / "models.json"


def main(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 0,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    ready_file: Annotated[
        Path | None, typer.Option(help='Written when it listens: {"url": …, "pid": …}.')
    ] = None,
    region: Annotated[str, typer.Option(help="The Region it plays.")] = "us-east-1",
    access_key: Annotated[str, typer.Option(help="Checks signatures against this key.")] = "",
    secret_key: Annotated[str, typer.Option(help="The secret of the access key.")] = "",
    recordings: Annotated[
        Path | None, typer.Option(help="A folder of recorded calls to replay.")
    ] = None,
    prices: Annotated[
        Path, typer.Option(help="What its bill is made from.", show_default="the catalog")
    ] = _PRICES,
) -> None:
    """A strict simulation of Amazon Bedrock on this machine."""
    simulator = Simulator(
        Settings(
            region=region,
            prices=prices,
            access_key=access_key,
            secret_key=secret_key,
            recordings=recordings,
        )
    )
    server = Server(host, port, simulator)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    typer.echo(f"simulated Bedrock ({region}) at {server.url}")
    if ready_file is not None:
        _write_ready(ready_file, server.url)
    stopped.wait()
    server.shutdown()
    server.server_close()


def _write_ready(path: Path, url: str) -> None:
    """Writes the ready file in one step, so that a reader never sees half of it."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(json.dumps({"url": url, "pid": os.getpid()}))
    draft.replace(path)


if __name__ == "__main__":
    typer.run(main)
