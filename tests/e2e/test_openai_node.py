"""OpenAI's own Node SDK against the local stack."""

import json
import subprocess
from pathlib import Path

from tests.support.stack import LocalStack

SCRIPT = Path(__file__).parent / "clients" / "openai_node.mjs"


def test_the_node_sdk_completes_streams_calls_tools_and_reads_errors(stack: LocalStack) -> None:
    done = subprocess.run(
        ["node", str(SCRIPT), f"{stack.proxy_url}/v1", stack.new_key()["key"]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["text"] == seen["streamed"] == "one two three"
    assert seen["finishReason"] == "stop"
    assert seen["totalTokens"] > 3
    assert seen["toolCity"] == "Rome"
    assert seen["afterTool"] == "string"
    assert seen["error"] == {"name": "NotFoundError", "status": 404, "code": "model_not_found"}
