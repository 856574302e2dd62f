"""Chat Completions as the router serves them: what Bedrock is sent, and what the client is answered."""

import json
from typing import Any

import pytest
from catalog import models
from openai.types.chat import ChatCompletion
from router.dialects.openai_chat.dialect import ChatDialect
from router.errors import ApiError
from router.eventstream import Decoder
from router.http import Response

from tests.support.openai_sdk import streamed_completion
from tests.support.requests import json_of, request
from tests.support.upstream import event

CATALOG = models.load("us-east-1")
NOW = 1_700_000_000.9
REQUEST_ID = "11111111-2222-3333-4444-555555555555"

CLAUDE = "claude-sonnet-4-6"
NOVA = "nova-pro"
WITHOUT_STREAMED_TOOLS = "us.meta.llama3-1-70b-instruct-v1:0"

USER = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "files.read"}}
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
JSON_CITY = {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY}}

USAGE = {"inputTokens": 100, "outputTokens": 50, "totalTokens": 150}


def answer(*content: dict[str, Any], stop: str = "end_turn", **members: Any) -> bytes:
    message = {"role": "assistant", "content": list(content)}
    whole = {"output": {"message": message}, "stopReason": stop, "usage": USAGE, **members}
    return json.dumps(whole).encode()


class Exchange:
    """A request's dialect and the call that came of it."""

    def __init__(self, model: str = CLAUDE, **parameters: Any) -> None:
        self.dialect = ChatDialect(REQUEST_ID, NOW)
        body = {"model": model, "messages": [USER], **parameters}
        self.call = self.dialect.parse(request(path="/v1/chat/completions", body=body), CATALOG)
        self.sent = json.loads(self.call.body)

    def answered(self, body: bytes) -> Response:
        return self.dialect.answer(self.call, [], body)

    def streamed(self, *events: tuple[str, dict[str, Any]]) -> bytes:
        translator = self.dialect.stream(self.call, [])
        frames = Decoder().feed(b"".join(event(*each) for each in events))
        return translator.translate(frames) + translator.end()


def header(response: Response, name: str) -> str | None:
    return dict(response.headers).get(name)


def test_a_request_goes_to_the_model_that_its_name_stands_for() -> None:
    exchange = Exchange(max_tokens=99, service_tier="flex")
    call = exchange.call
    assert call.target.model_id.endswith("anthropic.claude-sonnet-4-6")
    assert call.operation == "converse"
    assert exchange.sent["messages"] == [{"role": "user", "content": [{"text": "Hi"}]}]
    assert exchange.sent["serviceTier"] == {"type": "flex"}
    assert (call.output_tokens, call.service_tier) == (99, "flex")
    assert call.draft is not None
    assert call.draft.remote == []


def test_a_stream_is_asked_for_where_the_client_wants_one() -> None:
    assert Exchange(stream=True).call.operation == "converse-stream"
    assert Exchange(stream=False).call.operation == "converse"


def test_media_by_url_come_with_the_call() -> None:
    part = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    call = Exchange(messages=[{"role": "user", "content": [part]}]).call
    assert call.draft is not None
    assert [remote.url for remote in call.draft.remote] == ["https://example.com/a.png"]


def test_an_answer_tells_its_request_and_what_became_of_it() -> None:
    exchange = Exchange(NOVA, seed=7, user="u")
    response = exchange.answered(answer({"text": "Hello"}, serviceTier={"type": "default"}))
    completion: Any = json_of(response)
    ChatCompletion.model_validate(completion, strict=True)
    assert completion["id"] == f"chatcmpl-{REQUEST_ID}"
    assert completion["created"] == 1_700_000_000
    assert completion["model"] == NOVA
    assert completion["service_tier"] == "default"
    price = exchange.call.target.price.base
    cost = 100 * price.input + 50 * price.output
    assert completion["usage"]["cost"] == f"{cost / 10**12:.12f}".rstrip("0")
    assert header(response, "x-request-id") == REQUEST_ID
    assert header(response, "x-bedrockrouter-changes") == "seed dropped; user dropped"


def test_nothing_bent_is_nothing_told() -> None:
    response = Exchange().answered(answer({"text": "Hello"}))
    assert header(response, "x-bedrockrouter-changes") is None


def test_tools_keep_their_names_on_the_way() -> None:
    exchange = Exchange(tools=[TOOL])
    name = exchange.sent["toolConfig"]["tools"][0]["toolSpec"]["name"]
    use = {"toolUse": {"toolUseId": "t", "name": name, "input": {}}}
    completion: Any = json_of(exchange.answered(answer(use, stop="tool_use")))
    (call,) = completion["choices"][0]["message"]["tool_calls"]
    assert call["function"]["name"] == "files.read" != name


def json_tool(exchange: Exchange) -> str:
    (tool,) = exchange.sent["toolConfig"]["tools"]
    return str(tool["toolSpec"]["name"])


def test_json_that_had_to_be_a_tool_call_is_text_again() -> None:
    exchange = Exchange(NOVA, response_format=JSON_CITY)
    use = {"toolUse": {"toolUseId": "t", "name": json_tool(exchange), "input": {"city": "Oslo"}}}
    completion: Any = json_of(exchange.answered(answer(use, stop="tool_use")))
    (choice,) = completion["choices"]
    assert json.loads(choice["message"]["content"]) == {"city": "Oslo"}
    assert "tool_calls" not in choice["message"]
    assert choice["finish_reason"] == "stop"


def test_streamed_json_that_had_to_be_a_tool_call_is_text_again() -> None:
    exchange = Exchange(NOVA, response_format=JSON_CITY, stream=True)
    place = {"contentBlockIndex": 0}
    start = {"toolUse": {"toolUseId": "t", "name": json_tool(exchange)}}
    body = exchange.streamed(
        ("messageStart", {"role": "assistant"}),
        ("contentBlockStart", {**place, "start": start}),
        ("contentBlockDelta", {**place, "delta": {"toolUse": {"input": '{"city":'}}}),
        ("contentBlockDelta", {**place, "delta": {"toolUse": {"input": '"Oslo"}'}}}),
        ("contentBlockStop", place),
        ("messageStop", {"stopReason": "tool_use"}),
        ("metadata", {"usage": USAGE}),
    )
    (choice,) = streamed_completion(body).choices
    assert json.loads(choice.message.content or "") == {"city": "Oslo"}
    assert choice.finish_reason == "stop"


def test_a_model_that_streams_no_tools_is_asked_for_a_whole_answer() -> None:
    exchange = Exchange(
        WITHOUT_STREAMED_TOOLS, tools=[TOOL], stream=True, stream_options={"include_usage": True}
    )
    assert exchange.call.operation == "converse"
    assert Exchange(WITHOUT_STREAMED_TOOLS, stream=True).call.operation == "converse-stream"
    name = exchange.sent["toolConfig"]["tools"][0]["toolSpec"]["name"]
    use = {"toolUse": {"toolUseId": "t", "name": name, "input": {"path": "/å"}}}
    response = exchange.answered(answer({"text": "I'll look."}, use, stop="tool_use"))
    assert header(response, "content-type") == "text/event-stream; charset=utf-8"
    assert isinstance(response.body, bytes)
    assert response.body.endswith(b"data: [DONE]\n\n")
    completion = streamed_completion(response.body)
    (choice,) = completion.choices
    assert choice.message.content == "I'll look."
    (call,) = choice.message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "files.read"
    assert json.loads(call.function.arguments) == {"path": "/å"}
    assert choice.finish_reason == "tool_calls"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 150


@pytest.mark.parametrize("stream", [False, True])
def test_a_malformed_answer_is_an_error(stream: bool) -> None:
    exchange = Exchange(WITHOUT_STREAMED_TOOLS, tools=[TOOL], stream=stream)
    with pytest.raises(ApiError) as fault:
        exchange.answered(answer({"text": "{"}, stop="malformed_tool_use"))
    assert fault.value.kind == "model_error"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"[" * 100_000])
def test_what_is_no_answer_is_bedrocks_fault(body: bytes) -> None:
    with pytest.raises(ApiError) as fault:
        Exchange().answered(body)
    assert fault.value.kind == "bad_upstream"


def test_a_stream_that_ends_too_early_is_bedrocks_fault() -> None:
    exchange = Exchange(stream=True)
    with pytest.raises(ApiError) as fault:
        exchange.streamed(("messageStart", {"role": "assistant"}))
    assert fault.value.kind == "bad_upstream"


def test_a_guardrail_in_the_headers_is_asked_for() -> None:
    dialect = ChatDialect(REQUEST_ID, NOW)
    headers = {
        "x-amzn-bedrock-guardrailidentifier": "gr4rdr41l",
        "x-amzn-bedrock-guardrailversion": "DRAFT",
    }
    asked = request(path="/v1/chat/completions", body={"model": CLAUDE, "messages": [USER]})
    call = dialect.parse(asked._replace(headers={**asked.headers, **headers}), CATALOG)
    assert json.loads(call.body)["guardrailConfig"] == {
        "guardrailIdentifier": "gr4rdr41l",
        "guardrailVersion": "DRAFT",
    }


def test_refusals_and_errors_are_openais() -> None:
    dialect = ChatDialect(REQUEST_ID, NOW)
    headers = [("x-amzn-errortype", "ThrottlingException")]
    response = dialect.refusal(429, headers, b'{"message":"Slow down."}')
    error: Any = json_of(response)
    assert (response.status, error["error"]["code"]) == (429, "rate_limit_exceeded")
    assert header(response, "x-request-id") == REQUEST_ID
