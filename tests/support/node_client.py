"""The Node programs of tests/e2e/clients, run against a local stack."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.stack import ROOT, LocalStack

PROGRAMS = ROOT / "tests" / "e2e" / "clients"
PINNED_NODE = ROOT / "node_modules" / ".bin" / "node"
"""The clients need Node 22; package.json brings one for Linux, elsewhere the machine's own serves."""

PATIENCE_S = 120


def node() -> str:
    """The Node that runs the clients."""
    return str(PINNED_NODE) if PINNED_NODE.exists() else "node"


def run_node_client(program: Path, stack: LocalStack, *arguments: str) -> dict[str, Any]:
    """What a program prints as JSON, called with the router's base URL, a new key and `arguments`."""
    done = subprocess.run(
        [node(), str(program), f"{stack.proxy_url}/v1", stack.new_key()["key"], *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
