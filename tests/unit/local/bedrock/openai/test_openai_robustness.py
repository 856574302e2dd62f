"""Whatever a body holds, the OpenAI routes answer or refuse it by name: never with an internal error."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.messages import Request
from local.bedrock.seals import seal
from local.bedrock.service import Simulator
from tests.support.changed_json import changed, places
from tests.support.simulated_bedrock import order, read, simulator

_IMAGE = "data:image/png;base64,iVBORw0KGgo="
_SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "string", "minLength": 1}}},
    "required": ["a"],
    "additionalProperties": False,
}
_FUNCTION = {"name": "f", "description": "d", "parameters": _SCHEMA, "strict": True}
_CHAT = {
    "messages": [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": [
            {"type": "text", "text": "hi", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "image_url", "image_url": {"url": _IMAGE, "detail": "low"}},
        ]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_0", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "call_0", "content": [{"type": "text", "text": "x"}]},
        {"role": "user", "content": "call f"},
    ],
    "tools": [
        {"type": "function", "function": _FUNCTION},
        {"type": "custom", "custom": {"name": "c", "format": {"type": "text"}}},
    ],
    "tool_choice": {"type": "allowed_tools", "allowed_tools": {
        "mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}],
    }},
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": _SCHEMA}},
    "stream_options": {"include_usage": True},
    "service_tier": "default",
    "max_completion_tokens": 20,
    "temperature": 1,
    "parallel_tool_calls": False,
    "prompt_cache_options": {"mode": "explicit"},
}  # fmt: skip
_RESPONSES = {
    "input": [
        {"role": "developer", "content": "Be brief"},
        {"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "hi"},
            {"type": "input_image", "image_url": _IMAGE},
        ]},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": seal("x")},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": [
            {"type": "input_text", "text": "x"},
        ]},
        {"type": "custom_tool_call", "call_id": "c2", "name": "c", "input": "x"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "y"},
        {"type": "additional_tools", "tools": [{"type": "custom", "name": "d"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "ok"}]},
        {"role": "user", "content": "call f"},
    ],
    "tools": [
        {"type": "function", **_FUNCTION},
        {"type": "custom", "name": "c"},
        {"type": "namespace", "name": "n", "description": "d", "tools": [
            {"type": "function", "name": "g", "strict": True, "parameters": _SCHEMA},
        ]},
    ],
    "tool_choice": {"type": "function", "name": "f"},
    "text": {"format": {"type": "json_schema", "name": "s", "schema": _SCHEMA}, "verbosity": "low"},
    "reasoning": {"effort": "low", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
    "instructions": "Be kind",
    "max_output_tokens": 30,
    "store": False,
}  # fmt: skip
_ROUTES = {"chat/completions": _CHAT, "responses": _RESPONSES}
_MODELS = ["us.openai.gpt-6-sol", "us.xai.grok-4.7", "openai.gpt-oss-20b-1:0", "zai.glm-5"]

_WORDS = st.sampled_from(
    ["user", "tool", "text", "type", "function", "custom", "none", "auto", "required", "high",
     "json_object", "message", "reasoning", "item_reference", "input_text", "namespace", order(say="x")]
)  # fmt: skip
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats()
    | _WORDS
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=6,
)


@cache
def shared() -> Simulator:
    """One simulator for all examples: what they store is forgotten in time."""
    with TemporaryDirectory() as folder:
        return simulator(Path(folder), gate_seconds=0)


def answered(route: str, content: bytes) -> None:
    reply = read(shared().handle(Request("POST", f"/openai/v1/{route}", "", {}, content)))
    assert reply.status in {200, 400, 403, 404, 429, 503}, reply.json
    if reply.status != 200:
        assert set(reply.json["error"]) == {"message", "type", "param", "code"}
        assert reply.json["error"]["message"]


@given(st.data(), st.sampled_from(sorted(_ROUTES)), st.sampled_from(_MODELS), st.booleans())
def test_a_body_with_something_changed(
    data: st.DataObject,
    route: str,
    model: str,
    stream: bool,
) -> None:
    body = {**_ROUTES[route], "model": model, "stream": stream}
    if model != "us.openai.gpt-6-sol":
        body["temperature"] = 0.5
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(places(body)))
        body = changed(body, place, data.draw(_VALUES), drop=data.draw(st.booleans()))
    answered(route, json.dumps(body).encode())


@given(st.sampled_from(sorted(_ROUTES)), _VALUES)
def test_any_json(route: str, body: Any) -> None:
    answered(route, json.dumps(body).encode())


def test_what_is_changed_was_right_before() -> None:
    chat = {**_CHAT, "model": "us.xai.grok-4.7"}
    responses = {**_RESPONSES, "model": "us.openai.gpt-6-sol"}
    for route, body in (("chat/completions", chat), ("responses", responses)):
        request = Request("POST", f"/openai/v1/{route}", "", {}, json.dumps(body).encode())
        reply = read(shared().handle(request))
        assert reply.status == 200, reply.json
