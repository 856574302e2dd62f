"""Whatever a request holds, the answer is one the service could give: never an internal error."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.inventory import MODELS
from local.bedrock.messages import Request
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import CLAUDE, NOVA, call, claude_body, read, simulator, user

IDS = sorted(
    {
        model.id if model.on_demand else f"{model.geographies[0]}.{model.id}"
        for model in MODELS.values()
    }
)
OPERATIONS = [
    "converse",
    "converse-stream",
    "invoke",
    "invoke-with-response-stream",
    "count-tokens",
]

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["user", "assistant", "system", "text", "tool_use", "adaptive", "enabled", "x"]
    )
    | st.text(max_size=8)
)
_NAMES = st.sampled_from(
    ["messages", "role", "content", "text", "type", "toolUse", "toolResult", "toolUseId", "name",
     "input", "json", "toolConfig", "tools", "toolSpec", "inputSchema", "toolChoice", "any", "system",
     "inferenceConfig", "maxTokens", "stopSequences", "additionalModelRequestFields", "thinking",
     "budget_tokens", "cachePoint", "document", "source", "bytes", "image", "format", "prompt",
     "inputText", "anthropic_version", "max_tokens", "tool_choice", "output_config", "format",
     "schema", "converse", "invokeModel", "body", "additionalModelResponseFieldPaths",
     "reasoningContent", "reasoningText", "signature", "stop", "texts", "input_type"]
)  # fmt: skip
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)
_BLOCKS = st.dictionaries(
    st.sampled_from(["text", "type", "toolUse", "toolResult", "cachePoint", "reasoningContent"]),
    _TREES,
    max_size=2,
) | st.just({"text": "hi"})
_CONVERSATIONS = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "system"]),
            "content": st.lists(_BLOCKS, max_size=3) | st.text(max_size=5),
        }
    ),
    max_size=4,
)


@cache
def shared() -> Simulator:
    """One simulator for all examples: it has no state they could spoil for each other."""
    with TemporaryDirectory() as folder:
        return simulator(Path(folder), gate_seconds=0)


def assert_answered(operation: str, model: str, content: bytes) -> None:
    path = f"/model/{model}/{operation}"
    reply = shared().handle(Request("POST", path, "", {}, content))
    assert reply.status in {200, 400, 403, 404, 408, 424, 429}
    if not isinstance(reply.body, bytes):
        assert b"".join(reply.body)


@given(st.sampled_from(OPERATIONS), st.sampled_from(IDS), _TREES)
def test_any_json(operation: str, model: str, body: Any) -> None:
    assert_answered(operation, model, json.dumps(body).encode())


@given(st.sampled_from(OPERATIONS), st.sampled_from(IDS), st.binary(max_size=50))
def test_any_bytes(operation: str, model: str, body: bytes) -> None:
    assert_answered(operation, model, body)


@given(
    st.sampled_from(OPERATIONS[:2]),
    st.sampled_from([CLAUDE, NOVA, "openai.gpt-oss-20b-1:0", "us.anthropic.claude-opus-4-8"]),
    _CONVERSATIONS,
    st.dictionaries(_NAMES, _TREES, max_size=3),
)
def test_anything_like_a_conversation(
    operation: str, model: str, messages: list[Any], fields: dict[str, Any]
) -> None:
    assert_answered(operation, model, json.dumps({**fields, "messages": messages}).encode())


@given(
    st.sampled_from([CLAUDE, "us.anthropic.claude-opus-4-8", "us.anthropic.claude-opus-5-5"]),
    _CONVERSATIONS,
    st.dictionaries(_NAMES, _TREES, max_size=3),
)
def test_anything_like_a_claude_body(
    model: str, messages: list[Any], fields: dict[str, Any]
) -> None:
    body = {**claude_body(), **fields, "messages": messages}
    assert_answered("invoke", model, json.dumps(body).encode())


@given(st.dictionaries(_NAMES, _TREES, max_size=3))
def test_any_model_fields_and_schemas(fields: dict[str, Any]) -> None:
    spec = {"name": "a", "inputSchema": {"json": fields}}
    body = {
        "messages": user("call a"),
        "toolConfig": {"tools": [{"toolSpec": spec}]},
        "additionalModelRequestFields": fields,
    }
    for model in (CLAUDE, NOVA):
        assert_answered("converse", model, json.dumps(body).encode())


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("depth", [500, 100_000])
def test_deeply_nested_json(sim: Simulator, operation: str, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    body = b'{"messages": [{"role": "user", "content": [{"text": "x"}]}], "max_tokens": 5, '
    body += b'"anthropic_version": "bedrock-2023-05-31", "additionalModelRequestFields": %b}' % deep
    assert call(sim, operation, CLAUDE, body).status in {200, 400}


def test_a_number_too_long_to_read(sim: Simulator) -> None:
    body = b'{"messages": %b}' % (b"9" * 5000)
    assert call(sim, "converse", CLAUDE, body).status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "HEAD", "DELETE"])
@pytest.mark.parametrize("path", ["/", "//", "/model", "/model//converse", "/model/a/b/c", "/x?y"])
def test_any_other_path_is_an_unknown_operation(sim: Simulator, method: str, path: str) -> None:
    answer = read(sim.handle(Request(method, path, "", {}, b"")))
    assert answer.status == 200
    assert answer.json == {
        "Output": {"__type": "com.amazon.coral.service#UnknownOperationException"},
        "Version": "1.0",
    }
