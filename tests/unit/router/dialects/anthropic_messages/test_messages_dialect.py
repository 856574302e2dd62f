"""Messages as the router serves them over Converse: what Bedrock is sent, what the client is answered."""

import json
from typing import Any

import pytest
from catalog import models
from catalog.families import family_of
from router import token_estimates
from router.dialects.anthropic_messages.dialect import MessagesDialect
from router.errors import ApiError
from router.eventstream import Decoder
from router.http import Response

from tests.support.anthropic_sdk import events, streamed_message, whole_message
from tests.support.message_answers import answer, thought, tool_use
from tests.support.requests import json_of, request
from tests.support.upstream import event

CATALOG = models.load("us-east-1")
REQUEST_ID = "11111111-2222-3333-4444-555555555555"
MESSAGE_ID = "msg_11111111222233334444555555555555"

CLAUDE = "claude-sonnet-4-6"
NOVA = "nova-pro"
GPT_OSS = "openai.gpt-oss-120b-1:0"
WITHOUT_STREAMED_TOOLS = "us.meta.llama3-1-70b-instruct-v1:0"

TOOL = {"name": "files.read", "input_schema": {"type": "object", "properties": {}}}
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
JSON_CITY = {"format": {"type": "json_schema", "schema": CITY}}

USAGE = {"inputTokens": 100, "outputTokens": 50, "totalTokens": 150}

Events = tuple[tuple[str, dict[str, Any]], ...]

ENDING: Events = (("messageStop", {"stopReason": "end_turn"}), ("metadata", {"usage": USAGE}))
PLACE = {"contentBlockIndex": 0}
HELLO: Events = (
    ("messageStart", {"role": "assistant"}),
    ("contentBlockDelta", {**PLACE, "delta": {"text": "Hello"}}),
    ("contentBlockStop", PLACE),
)


class Exchange:
    """A request's dialect and the call that came of it."""

    def __init__(self, model: str = NOVA, **parameters: Any) -> None:
        self.dialect = MessagesDialect(REQUEST_ID)
        body = {
            "model": model,
            "max_tokens": 99,
            "messages": [{"role": "user", "content": "Hi"}],
            **parameters,
        }
        self.call = self.dialect.parse(request(path="/v1/messages", body=body), CATALOG)
        self.sent = json.loads(self.call.body)

    @property
    def tool(self) -> str:
        """The Bedrock name of the only tool."""
        (tool,) = self.sent["toolConfig"]["tools"]
        return str(tool["toolSpec"]["name"])

    def answered(self, *content: dict[str, Any], **members: Any) -> Response:
        whole = answer(*content, **{"usage": USAGE, **members})
        return self.dialect.answer(self.call, [], json.dumps(whole).encode())

    def streamed(self, *given: tuple[str, dict[str, Any]]) -> bytes:
        translator = self.dialect.stream(self.call, [])
        frames = Decoder().feed(b"".join(event(*each) for each in given))
        return translator.translate(frames) + translator.end()


def header(response: Response, name: str) -> str | None:
    return dict(response.headers).get(name)


def test_an_answer_tells_its_request_and_what_became_of_it() -> None:
    exchange = Exchange(thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=2000)
    response = exchange.answered({"text": "Hello"})
    message: Any = json_of(response)
    assert whole_message(json.dumps(message).encode()).content[0].type == "text"
    assert (message["id"], message["model"]) == (MESSAGE_ID, NOVA)
    price = exchange.call.target.price.base
    cost = 100 * price.input + 50 * price.output
    assert message["usage"]["cost"] == f"{cost / 10**12:.12f}".rstrip("0")
    assert header(response, "request-id") == REQUEST_ID
    assert header(response, "x-bedrockrouter-changes") == "reasoning dropped"


def test_a_limit_beyond_what_the_model_puts_out_is_lowered_to_that() -> None:
    exchange = Exchange(max_tokens=128_000)
    most = exchange.call.target.max_output_tokens
    assert exchange.sent["inferenceConfig"]["maxTokens"] == exchange.call.output_tokens == most
    told = header(exchange.answered({"text": "Hello"}), "x-bedrockrouter-changes")
    assert told == f"max_tokens lowered to {most}"


def test_a_stream_begins_with_an_estimate_and_says_so() -> None:
    exchange = Exchange(stream=True)
    assert exchange.call.operation == "converse-stream"
    headers = exchange.dialect.stream(exchange.call, []).headers
    assert ("x-bedrockrouter-input-tokens", "estimated") in headers
    assert ("request-id", REQUEST_ID) in headers
    start, *_, delta, _stop = events(exchange.streamed(*HELLO, *ENDING))
    family = family_of(exchange.call.target.model_id)
    estimate = token_estimates.input_tokens(exchange.sent, family)
    assert start["message"]["usage"]["input_tokens"] == estimate > 0
    assert delta["usage"]["input_tokens"] == 100


def test_tools_keep_their_names_on_the_way() -> None:
    exchange = Exchange(tools=[TOOL])
    assert exchange.tool != "files.read"
    message: Any = json_of(exchange.answered(tool_use(exchange.tool, {}), stop="tool_use"))
    assert message["content"][0]["name"] == "files.read"


def test_json_that_had_to_be_a_tool_call_is_text_again() -> None:
    exchange = Exchange(output_config=JSON_CITY)
    called = tool_use(exchange.tool, {"city": "Oslo"})
    message: Any = json_of(exchange.answered(called, stop="tool_use"))
    (block,) = message["content"]
    assert json.loads(block["text"]) == {"city": "Oslo"}
    assert message["stop_reason"] == "end_turn"


def test_streamed_json_that_had_to_be_a_tool_call_is_text_again() -> None:
    exchange = Exchange(output_config=JSON_CITY, stream=True)
    start = {"toolUse": {"toolUseId": "t", "name": exchange.tool}}
    body = exchange.streamed(
        ("messageStart", {"role": "assistant"}),
        ("contentBlockStart", {**PLACE, "start": start}),
        ("contentBlockDelta", {**PLACE, "delta": {"toolUse": {"input": '{"city":'}}}),
        ("contentBlockDelta", {**PLACE, "delta": {"toolUse": {"input": '"Oslo"}'}}}),
        ("contentBlockStop", PLACE),
        ("messageStop", {"stopReason": "tool_use"}),
        ("metadata", {"usage": USAGE}),
    )
    message = streamed_message(body)
    (block,) = message.content
    assert block.type == "text"
    assert json.loads(block.text) == {"city": "Oslo"}
    assert message.stop_reason == "end_turn"


def test_a_model_that_streams_no_tools_is_asked_for_a_whole_answer() -> None:
    exchange = Exchange(WITHOUT_STREAMED_TOOLS, tools=[TOOL], stream=True)
    assert exchange.call.operation == "converse"
    called = tool_use(exchange.tool, {"path": "/å"})
    response = exchange.answered({"text": "I'll look."}, called, stop="tool_use")
    assert header(response, "content-type") == "text/event-stream; charset=utf-8"
    # What its first event tells is what Bedrock has counted.
    assert header(response, "x-bedrockrouter-input-tokens") is None
    assert isinstance(response.body, bytes)
    start = next(events(response.body))
    assert start["message"]["usage"]["input_tokens"] == 100
    message = streamed_message(response.body)
    text, use = message.content
    assert (text.type, use.type) == ("text", "tool_use")
    assert use.type == "tool_use"
    assert (use.name, use.input) == ("files.read", {"path": "/å"})
    assert message.usage.output_tokens == 50


THINKING = {"type": "adaptive", "display": "summarized"}
OMITTED = {"type": "adaptive", "display": "omitted"}


def thinking_of(exchange: Exchange) -> list[dict[str, Any]]:
    message: Any = json_of(exchange.answered(thought("Hm.", "EqQB"), {"text": "Hi"}))
    return [block for block in message["content"] if block["type"] == "thinking"]


def test_thinking_is_shown_to_who_asks_for_it() -> None:
    (block,) = thinking_of(Exchange(GPT_OSS, thinking=THINKING))
    assert block["thinking"] == "Hm."


def test_thinking_that_is_not_asked_for_is_no_block_of_the_answer() -> None:
    assert thinking_of(Exchange(GPT_OSS)) == []
    assert thinking_of(Exchange(GPT_OSS, thinking=OMITTED)) == []


def test_thinking_between_tool_calls_goes_along_unseen() -> None:
    (block,) = thinking_of(Exchange(GPT_OSS, tools=[TOOL]))
    assert block["thinking"] == ""
    assert block["signature"]


def test_a_claudes_thinking_is_never_parted_from_its_signature() -> None:
    (block,) = thinking_of(Exchange(CLAUDE, thinking=OMITTED))
    assert (block["thinking"], block["signature"]) == ("Hm.", "EqQB")


def test_the_only_stop_sequence_is_the_one_that_stopped_the_model() -> None:
    exchange = Exchange(stop_sequences=["END"])
    message: Any = json_of(exchange.answered({"text": "One"}, stop="stop_sequence"))
    assert message["stop_sequence"] == "END"


def test_the_sequence_that_stopped_a_claude_is_asked_for() -> None:
    exchange = Exchange(CLAUDE, stop_sequences=["END", "STOP"])
    paths = exchange.sent["additionalModelResponseFieldPaths"]
    assert {"/stop_sequence", "/delta/stop_sequence"} <= {*paths}
    told = {"stop_sequence": "STOP"}
    response = exchange.answered(
        {"text": "One"}, stop="stop_sequence", additionalModelResponseFields=told
    )
    message: Any = json_of(response)
    assert message["stop_sequence"] == "STOP"


@pytest.mark.parametrize("stream", [False, True])
def test_a_malformed_answer_is_an_error(stream: bool) -> None:
    exchange = Exchange(WITHOUT_STREAMED_TOOLS, tools=[TOOL], stream=stream)
    with pytest.raises(ApiError) as fault:
        exchange.answered({"text": "{"}, stop="malformed_tool_use")
    assert fault.value.kind == "model_error"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"[" * 100_000])
def test_what_is_no_answer_is_bedrocks_fault(body: bytes) -> None:
    exchange = Exchange()
    with pytest.raises(ApiError) as fault:
        exchange.dialect.answer(exchange.call, [], body)
    assert fault.value.kind == "bad_upstream"


@pytest.mark.parametrize("events_that_come", [0, 1, 3, 4])
def test_a_stream_that_ends_before_it_tells_what_it_took_is_bedrocks_fault(
    events_that_come: int,
) -> None:
    given = [*HELLO, *ENDING][:events_that_come]
    with pytest.raises(ApiError) as fault:
        Exchange(stream=True).streamed(*given)
    assert fault.value.kind == "bad_upstream"


def test_a_silent_stream_gets_a_ping() -> None:
    exchange = Exchange(stream=True)
    (ping,) = events(exchange.dialect.stream(exchange.call, []).silence())
    assert ping == {"type": "ping"}


@pytest.mark.parametrize(
    ("kind", "anthropics"),
    [
        ("unavailable", "overloaded_error"),
        ("throttled", "rate_limit_error"),
        ("internal", "api_error"),
        ("bad_upstream", "api_error"),
        ("deadline", "timeout_error"),
    ],
)
def test_an_error_ends_a_stream_in_anthropics_words(kind: str, anthropics: str) -> None:
    exchange = Exchange(stream=True)
    translator = exchange.dialect.stream(exchange.call, [])
    (told,) = events(translator.fail(ApiError(kind, "Sorry.")))
    assert told == {"type": "error", "error": {"type": anthropics, "message": "Sorry."}}


def test_a_refusal_of_bedrocks_is_anthropics() -> None:
    dialect = MessagesDialect(REQUEST_ID)
    headers = [("x-amzn-errortype", "ThrottlingException")]
    response = dialect.refusal(429, headers, b'{"message":"Slow down."}')
    error: Any = json_of(response)
    assert (response.status, error["error"]["type"]) == (429, "rate_limit_error")
    assert header(response, "request-id") == REQUEST_ID
