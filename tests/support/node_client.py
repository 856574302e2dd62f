"""The Node programs of tests/e2e/clients, run against a local stack."""

import json
import subprocess
from typing import Any

from tests.support.agent_task import FORECAST_QUESTIONS, MODELS, QUESTION, WEATHER
from tests.support.stack import ROOT, LocalStack

PROGRAMS = ROOT / "tests" / "e2e" / "clients"
PINNED_NODE = ROOT / "node_modules" / ".bin" / "node"
"""The clients need Node 22; package.json brings one for Linux, elsewhere the machine's own serves."""

SCENARIO = {
    "models": list(MODELS),
    "task": {"question": QUESTION, "weather": WEATHER},
    "forecasts": FORECAST_QUESTIONS,
}
PATIENCE_S = 120


def node() -> str:
    """The Node that runs the clients."""
    return str(PINNED_NODE) if PINNED_NODE.exists() else "node"


def run_node_client(program: str, stack: LocalStack) -> dict[str, Any]:
    """What each scenario of a program has seen, by its name; ``{"failed": stack}`` where it failed.

    The program gets the router's base URL, a new key and `SCENARIO`.
    """
    key = stack.new_key()["key"]
    arguments = [f"{stack.proxy_url}/v1", key, json.dumps(SCENARIO)]
    done = subprocess.run(
        [node(), str(PROGRAMS / program), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
