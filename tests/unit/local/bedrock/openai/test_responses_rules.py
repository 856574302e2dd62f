"""What Responses refuses, and in which words."""

import json
from typing import Any

import pytest

from local.bedrock.messages import Request
from local.bedrock.seals import seal
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import Answer, read

GPT = "us.openai.gpt-6-sol"
SOL = "us.openai.gpt-6.1-sol"
GROK = "us.xai.grok-4.7"
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/simteam00002"

TOOL = {"type": "function", "name": "now"}
NESTED = {"type": "function", "function": {"name": "now"}}
IMAGE = "data:image/png;base64,iVBORw0KGgo="
CALL = {"type": "function_call", "call_id": "call_1", "name": "now", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "noon"}


def respond(sim: Simulator, model: str | None, **fields: Any) -> Answer:
    body = {"model": model, "input": "Hello", "store": False, **fields}
    request = Request("POST", "/openai/v1/responses", "", {}, json.dumps(body).encode())
    return read(sim.handle(request))


def part(**content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [content]}]


def said(*items: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": "Hello"}, *items]


@pytest.mark.parametrize(
    ("model", "fields", "code", "message"),
    [
        (GPT, {"background": True}, "validation_error", "The background parameter is not supported."),
        (GPT, {"max_tokens": 50}, "unknown_parameter", "Unknown parameter: 'max_tokens'."),
        (GPT, {"max_output_tokens": 8}, "integer_below_min_value",
         "Expected a value >= 16, but got 8 instead."),
        (GPT, {"max_output_tokens": 999_999}, "integer_above_max_value", "got 999999"),
        (GPT, {"reasoning": {"effort": "minimal"}}, "unsupported_value", f"with the '{GPT}' model"),
        (SOL, {"reasoning": {"effort": "none"}}, "unsupported_value", "'none' is not supported"),
        (GROK, {"reasoning": {"effort": "none"}}, "unsupported_value", "and 'xhigh'."),
        (GROK, {"reasoning": {"effort": "max"}}, "unsupported_value", "'max' is not supported"),
        (GPT, {"reasoning": {"summary": "detailed"}}, "unsupported_parameter", "'reasoning.summary'"),
        (GPT, {"temperature": 0.5}, "unsupported_parameter", "'temperature'"),
        (GPT, {"top_p": 0.9}, "unsupported_parameter", "'top_p'"),
        (GROK, {"top_p": 2}, "decimal_above_max_value", "Expected a value <= 1, but got 2"),
        (GPT, {"conversation": "conv_1"}, "unsupported_parameter", "'conversation'"),
        (GPT, {"prompt": {"id": "pmpt_1"}}, "unsupported_parameter", "'prompt'"),
        (GPT, {"service_tier": "priority"}, "validation_error", "'priority' is not supported"),
        (GROK, {"service_tier": "standard"}, "invalid_value", "Invalid value: 'standard'"),
        (GPT, {"tools": [{"type": "web_search"}]}, "validation_error",
         "web search is not supported for this request"),
        (GROK, {"tools": [{"type": "web_search"}]}, "validation_error",
         "Tool type 'web_search' is not supported for model `xai.grok-4.7`."),
        (GPT, {"tools": [{"type": "code_interpreter"}]}, "validation_error", "'code_interpreter'"),
        (GPT, {"tools": [{"type": "local_shell"}]}, "validation_error", "'local_shell'"),
        (GPT, {"tools": [NESTED]}, "validation_error",
         "invalid request body: Invalid 'tools': missing field `name`"),
        (GPT, {"tools": [{"name": "now"}]}, "validation_error", "missing field `type`"),
        (GPT, {"tools": [{"type": "function", "name": "a.b"}]}, "invalid_value", "tools[0].name"),
        (GPT, {"tools": [TOOL, TOOL]}, "invalid_value", "duplicate tool name"),
        (GPT, {"tools": [{**TOOL, "strict": True, "parameters": {"type": "object"}}]},
         "invalid_function_parameters", "'additionalProperties' is required"),
        (GPT, {"tools": [TOOL], "tool_choice": {"type": "function", "name": "x"}}, None, "'x'"),
        (GPT, {"tool_choice": "maybe"}, "invalid_value", "Invalid value: 'maybe'"),
        (GPT, {"text": {"format": {"type": "json_object"}}}, None, "must contain the word 'json'"),
        (GPT, {"text": {"format": {"type": "json_schema", "name": "a", "strict": True,
                                   "schema": {"type": "object"}}}},
         "invalid_json_schema", "Invalid schema for response_format 'a'"),
        (GPT, {"include": ["everything"]}, "invalid_value", "Invalid value: 'everything'"),
        (GPT, {"input": None}, "missing_required_parameter", "'input'"),
        (GPT, {"input": []}, "missing_required_parameter", "'input'"),
        (GPT, {"input": 5}, "invalid_type", "Invalid type for 'input'"),
        (GPT, {"input": [{"type": "agent_message", "content": "x"}]}, "validation_error",
         "Invalid 'input': value did not match any expected variant"),
        (GPT, {"input": [{"role": "robot", "content": "x"}]}, "validation_error", "any expected"),
        (GPT, {"input": part(type="text", text="chat's own part")}, "validation_error", "variant"),
        (GPT, {"input": part(type="input_image", image_url="https://a.b/c.png")}, "invalid_value",
         "only data: and s3:// URLs"),
        (GPT, {"input": part(type="input_image", file_id="file-1")}, "missing_required_parameter",
         "input[0].content[0].image_url"),
        (GPT, {"input": part(type="input_file", file_data=IMAGE)}, "validation_error",
         "Model does not support document modality"),
        (GPT, {"input": said(OUTPUT)}, None,
         "No tool call found for function call output with call_id call_1."),
        (GPT, {"input": said(CALL)}, None, "No tool output found for function call call_1."),
        (GPT, {"input": said({"type": "reasoning", "summary": [], "encrypted_content": "AAAA"})},
         "invalid_encrypted_content", "could not be verified"),
        (GPT, {"previous_response_id": "resp_1"}, "previous_response_not_found", "'resp_1' not found"),
        (GPT, {"prompt_cache_options": {"ttl": "1h"}}, "invalid_value", "prompt_cache_options"),
        (None, {}, "missing_required_parameter", "Missing required parameter: 'model'."),
        (PROFILE, {}, "validation_error", "Application inference profiles are not supported"),
        ("openai.gpt-6-sol", {}, "validation_error", "on-demand throughput"),
        ("openai.gpt-oss-120b-1:0", {}, "validation_error",
         "The model 'openai.gpt-oss-120b-1:0' does not support the '/openai/v1/responses' API"),
        ("zai.glm-5", {}, "validation_error", "does not support the '/openai/v1/responses' API"),
    ],
)  # fmt: skip
def test_refusals(
    sim: Simulator, model: str | None, fields: Any, code: str | None, message: str
) -> None:
    answer = respond(sim, model, **fields)
    error = answer.json["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error"), answer.json
    assert error["code"] == code, error
    assert message in error["message"] or message in str(error["param"]), error
    assert sim.bill.show()["calls"] == []


def test_a_claude_is_said_not_to_exist(sim: Simulator) -> None:
    answer = respond(sim, "us.anthropic.claude-sonnet-4-6")
    assert (answer.status, answer.json["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (GPT, {"temperature": 1, "reasoning": {"effort": "low", "summary": "auto"}}),
        (GPT, {"temperature": 0, "top_p": 0.5, "reasoning": {"effort": "none"}}),
        (GPT, {"tools": [TOOL], "reasoning": {"effort": "high"}, "max_tool_calls": 1}),
        (GPT, {"tools": [{"type": "mcp", "server_label": "x"}, {"type": "tool_search"}]}),
        (GPT, {"tools": [{"type": "custom", "name": "x", "format": {"type": "text"}}]}),
        (GPT, {"input": said(CALL, OUTPUT)}),
        (GPT, {"input": said(CALL, {**OUTPUT, "output": [{"type": "input_text", "text": "x"}]})}),
        (GPT, {"input": said({"type": "reasoning", "id": "rs_1", "summary": [],
                              "encrypted_content": seal("Hm")})}),
        (GPT, {"input": part(type="input_image", image_url=IMAGE, detail="low")}),
        (GPT, {"input": part(type="input_image", image_url="s3://bucket/a.png")}),
        (GPT, {"input": "as JSON please", "text": {"format": {"type": "json_object"}}}),
        (GPT, {"client_metadata": {"a": "b"}, "prompt_cache_key": "k", "truncation": "auto"}),
        (GPT, {"instructions": None, "tools": [], "include": ["reasoning.encrypted_content"]}),
        (GROK, {"service_tier": "flex", "temperature": 1.5}),
    ],
)  # fmt: skip
def test_what_is_accepted(sim: Simulator, model: str, fields: Any) -> None:
    answer = respond(sim, model, **fields)
    assert answer.status == 200, answer.json


def test_a_prompt_longer_than_the_context_is_refused(sim: Simulator) -> None:
    answer = respond(sim, GROK, input="x" * 2_200_000)
    assert answer.json["error"]["code"] == "context_length_exceeded"


def test_an_image_weighs_as_one_not_as_its_text(sim: Simulator) -> None:
    image = f"data:image/jpeg;base64,{'A' * 400_000}"
    answer = respond(sim, GPT, input=part(type="input_image", image_url=image))
    assert 1_000 < answer.json["usage"]["input_tokens"] < 2_000


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/openai/v1/responses"),
        ("GET", "/openai/v1/responses/"),
        ("GET", "/openai/v1/responses/resp_1/input_items"),
        ("POST", "/openai/v1/responses/resp_1"),
        ("POST", "/openai/v1/responses/compact"),
        ("POST", "/v1/responses"),
    ],
)
def test_an_unknown_path_is_told_with_status_200(sim: Simulator, method: str, path: str) -> None:
    answer = read(sim.handle(Request(method, path, "", {}, b"{}")))
    assert answer.status == 200
    assert answer.json["Output"]["__type"].endswith("UnknownOperationException")
