"""What Chat Completions refuses, and in which words."""

import json
from typing import Any

import pytest

from local.bedrock.messages import Request
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import Answer, order, read

GPT = "us.openai.gpt-6-sol"
SOL = "us.openai.gpt-6.1-sol"
GPT_OSS = "openai.gpt-oss-120b-1:0"
GROK = "us.xai.grok-4.7"
QWEN = "qwen.qwen3-32b-v1:0"
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/simteam00002"

TOOL = {"type": "function", "function": {"name": "now"}}
ASKED = {
    "role": "assistant",
    "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": "now", "arguments": "{}"}}],
}  # fmt: skip
IMAGE = "data:image/png;base64,iVBORw0KGgo="


def complete(sim: Simulator, model: str | None, **fields: Any) -> Answer:
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], **fields}
    return send(sim, json.dumps(body).encode())


def send(sim: Simulator, content: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read(sim.handle(Request("POST", "/openai/v1/chat/completions", "", named, content)))


def part(**content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [content]}]


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "strict": True, "parameters": schema}}


@pytest.mark.parametrize(
    ("model", "fields", "code", "message"),
    [
        (GPT, {"max_tokens": 5}, "unsupported_parameter", "'max_tokens' is not supported"),
        (GPT, {"max_completion_tokens": 999_999}, "invalid_value", "is too large: 999999"),
        (GPT, {"temperature": 0}, "unsupported_parameter", "'temperature'"),
        (GPT, {"top_p": 1}, "unsupported_parameter", "'top_p'"),
        (GPT, {"presence_penalty": 0}, "unsupported_parameter", "'presence_penalty'"),
        (GPT, {"stop": "x"}, "validation_error", "doesn't support the stopSequences field"),
        (GPT, {"tools": [TOOL]}, None, f"not supported for {GPT} in /v1/chat/completions"),
        (GPT, {"tools": [TOOL], "reasoning_effort": "low"}, None, "Function tools with reasoning"),
        (GPT, {"reasoning_effort": "minimal"}, "unsupported_value", f"with the '{GPT}' model"),
        (GPT, {"reasoning_effort": "lots"}, "invalid_value", "Invalid value: 'lots'"),
        (SOL, {"reasoning_effort": "none"}, "unsupported_value", "'low', 'medium', 'high'"),
        (GPT, {"service_tier": "flex"}, "validation_error", "'flex' is not supported"),
        (GPT, {"service_tier": "reserved"}, "invalid_value", "'flex', and 'priority'"),
        (GPT, {"thinking": {}}, "unknown_parameter", "Unknown parameter: 'thinking'."),
        (GPT, {"n": 2}, "integer_above_max_value", "Expected a value <= 1, but got 2 instead."),
        (GPT, {"logprobs": True}, "unsupported_parameter", "'logprobs'"),
        (GPT, {"modalities": ["audio"]}, "unsupported_parameter", "'modalities'"),
        (GPT, {"functions": [{"name": "f"}]}, "unsupported_parameter", "'functions'"),
        (GPT, {"messages": []}, "empty_array", "Invalid 'messages': empty array."),
        (GPT, {"messages": "hi"}, "invalid_type", "expected an array, but got a string instead"),
        (GPT, {"messages": [{"content": "x"}]}, "missing_required_parameter", "messages[0].role"),
        (GPT, {"response_format": {"type": "json_object"}}, None, "must contain the word 'json'"),
        (GPT, {"prompt_cache_options": {"ttl": "1h"}}, "invalid_value", "Supported values are: '30m'"),
        (SOL, {"messages": part(type="file", file={"file_data": IMAGE})}, "validation_error",
         "Model does not support document modality"),
        (GPT, {"messages": part(type="image_url", image_url={"url": "https://a.b/c.png"})},
         "invalid_value", "messages[0].content[0].image_url.url"),
        (GPT_OSS, {"logit_bias": {"5": 1}}, "unsupported_parameter", "'logit_bias'"),
        (GPT_OSS, {"thinking": {}}, "validation_error", "thinking: unknown field `thinking`"),
        (GPT_OSS, {"messages": part(type="image_url", image_url={"url": IMAGE})},
         "validation_error", "Model does not support image modality"),
        (GROK, {"reasoning_effort": "none"}, "unsupported_value", "and 'xhigh'."),
        (GROK, {"temperature": 3}, "decimal_above_max_value",
         "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3"),
        (GROK, {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}},
         None, "Tool choice 'x' not found"),
        (GROK, {"tools": [TOOL, TOOL]}, "invalid_value", "duplicate tool name 'now'"),
        (GROK, {"tools": []}, "empty_array", "Invalid 'tools'"),
        (GROK, {"tools": [{"type": "function", "function": {"name": "a.b"}}]}, "invalid_value",
         "Invalid 'tools[0].function.name': string does not match pattern"),
        (GROK, {"tools": [{"type": "web_search"}]}, "invalid_value", "'custom' and 'function'"),
        (GROK, {"tool_choice": "auto"}, None, "only allowed when 'tools' are specified"),
        (GROK, {"tools": [strict({"type": "object"})]}, "invalid_function_parameters",
         "In context=(), 'additionalProperties' is required to be supplied and to be false."),
        (GROK, {"tools": [strict({"type": "object", "additionalProperties": False,
                                  "properties": {"a": {"type": "string"}}})]},
         "invalid_function_parameters", "Missing 'a'."),
        (GROK, {"response_format": {"type": "json_schema", "json_schema": {
            "name": "a", "strict": True, "schema": {"anyOf": [{"type": "object"}]}}}},
         "invalid_json_schema", "In context=('anyOf', '0')"),
        (QWEN, {"messages": [ASKED]}, None, "did not have response messages: call_0"),
        (QWEN, {"messages": [ASKED, {"role": "user", "content": "x"}]}, None, "call_0"),
        (QWEN, {"messages": [{"role": "tool", "tool_call_id": "a", "content": "x"}]}, None,
         "must be a response to a preceeding message"),
        (QWEN, {"messages": [ASKED, {"role": "tool", "content": "x"}]},
         "missing_required_parameter", "messages[1].tool_call_id"),
        (QWEN, {"messages": [{"role": "user"}]}, None, "expected a string, got null"),
        (QWEN, {"messages": [{"role": "robot", "content": "x"}]}, "validation_error",
         "unknown variant `robot`, expected one of `developer`"),
        (QWEN, {"stop": ["a", "b", "c", "d", "e"]}, "array_above_max_length", "Invalid 'stop'"),
        (QWEN, {"stop": {}}, "validation_error", "stop: invalid type: object"),
        (None, {}, "missing_required_parameter", "Missing required parameter: 'model'."),
        ("gpt-5", {}, "validation_error", "The provided model identifier is invalid."),
        ("openai.gpt-6-sol", {}, "validation_error", "on-demand throughput"),
        (PROFILE, {}, "validation_error", "Application inference profiles are not supported"),
    ],
)  # fmt: skip
def test_refusals(
    sim: Simulator, model: str | None, fields: Any, code: str | None, message: str
) -> None:
    answer = complete(sim, model, **fields)
    error = answer.json["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error"), answer.json
    assert error["code"] == code
    assert message in error["message"]
    assert not answer.exception
    assert sim.bill.show()["calls"] == []


def test_a_type_there_is_not_is_refused_by_its_place(sim: Simulator) -> None:
    error = complete(sim, GPT, messages=part(type="sound")).json["error"]
    assert error["param"] == "messages[0].content[0].type"
    assert error["message"].startswith("Invalid value: 'sound'. Supported values are: ")


@pytest.mark.parametrize(
    "model",
    ["us.anthropic.claude-sonnet-4-6", "amazon.nova-micro-v1:0", "us.deepseek.r1-v1:0",
     "us.meta.llama4-maverick-17b-instruct-v1:0", "amazon.titan-embed-text-v2:0"],
)  # fmt: skip
def test_models_beyond_openai_s_apis_are_said_not_to_exist(sim: Simulator, model: str) -> None:
    answer = complete(sim, model)
    assert answer.status == 404
    assert answer.json["error"] == {
        "message": "The model doesn't exist or doesn't support this API. Retry your request with a "
        "different model ID.",
        "type": "not_found_error",
        "param": None,
        "code": "model_not_found",
    }


@pytest.mark.parametrize("penalty", ["frequency_penalty", "presence_penalty"])
def test_grok_fails_at_penalties(sim: Simulator, penalty: str) -> None:
    assert complete(sim, GROK, **{penalty: 0.5}).status == 503


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (GPT, {"temperature": 1, "max_completion_tokens": 9, "verbosity": "low", "store": True}),
        (GPT, {"temperature": 0.2, "top_p": 0.5, "reasoning_effort": "none", "tools": [TOOL]}),
        (GPT, {"tools": [TOOL], "reasoning_effort": "none", "tool_choice": "auto"}),
        (GPT, {"service_tier": "auto", "metadata": {"a": "b"}, "user": None}),
        (GPT, {"messages": part(type="image_url", image_url={"url": IMAGE})}),
        (GPT, {"messages": part(type="image_url", image_url={"url": "s3://bucket/a.png"})}),
        (GPT, {"messages": part(type="text", text="as json"), "response_format": {"type": "json_object"}}),
        (GPT_OSS, {"max_tokens": 9, "tools": [TOOL], "reasoning_effort": "high", "stop": "x"}),
        (GROK, {"tools": [TOOL], "temperature": 2, "top_p": 1}),
        (QWEN, {"frequency_penalty": 1, "logit_bias": {"1": 2}, "service_tier": "priority"}),
        (QWEN, {"messages": [{"role": "developer", "content": "Short."}, *part(type="text", text="x")]}),
    ],
)  # fmt: skip
def test_what_is_accepted(sim: Simulator, model: str, fields: Any) -> None:
    answer = complete(sim, model, **fields)
    assert answer.status == 200, answer.json


def test_a_prompt_longer_than_the_context_is_refused(sim: Simulator) -> None:
    answer = complete(sim, QWEN, messages=[{"role": "user", "content": "x" * 150_000}])
    assert answer.json["error"]["code"] == "context_length_exceeded"
    assert "maximum context length is 32768 tokens" in answer.json["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": "\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(sim: Simulator, content: bytes) -> None:
    answer = send(sim, content)
    assert answer.status == 400
    assert answer.json["error"]["type"] == "invalid_request_error"


def test_only_the_default_project_is_known(sim: Simulator) -> None:
    body = json.dumps({"model": QWEN, "messages": [{"role": "user", "content": "hi"}]}).encode()
    own = "arn:aws:bedrock:us-east-1:123456789012:project/default"
    assert send(sim, body, openai_project="default").status == 200
    assert send(sim, body, openai_project=own).status == 200
    assert send(sim, body, openai_project="proj_1").status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/chat/completions"),
        ("GET", "/openai/v1/chat/completions"),
        ("GET", "/openai/v1/models"),
        ("POST", "/openai/v1/embeddings"),
        ("POST", "/openai/v1/chat/completions/"),
        ("POST", "/openai"),
    ],
)
def test_an_unknown_path_is_told_with_status_200(sim: Simulator, method: str, path: str) -> None:
    answer = read(sim.handle(Request(method, path, "", {}, b"{}")))
    assert answer.status == 200
    assert answer.json["Output"]["__type"].endswith("UnknownOperationException")


def test_an_order_that_cannot_be_followed_is_refused(sim: Simulator) -> None:
    messages = [{"role": "user", "content": order(dance=True)}]
    answer = complete(sim, QWEN, messages=messages)
    assert answer.status == 400
    assert "'dance' is none of its words" in answer.json["error"]["message"]
