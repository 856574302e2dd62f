"""OpenAI's own Node SDK against the local stack."""

from tests.support.node_client import PROGRAMS, run_node_client
from tests.support.stack import LocalStack


def test_the_node_sdk_completes_streams_calls_tools_and_reads_errors(stack: LocalStack) -> None:
    seen = run_node_client(PROGRAMS / "openai_node.mjs", stack)
    assert seen["text"] == seen["streamed"] == "one two three"
    assert seen["finishReason"] == "stop"
    assert seen["totalTokens"] > 3
    assert seen["toolCity"] == "Rome"
    assert seen["afterTool"] == "string"
    assert seen["error"] == {"name": "NotFoundError", "status": 404, "code": "model_not_found"}
