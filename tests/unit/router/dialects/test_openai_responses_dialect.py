"""Responses as the router serves them: what Bedrock is sent, and what the client is answered."""

import json
from typing import Any

import pytest
from catalog import models
from openai.types.responses import Response as SdkResponse
from router.dialects.openai_responses.dialect import ResponsesDialect
from router.errors import ApiError
from router.eventstream import Decoder
from router.http import Response

from tests.support.requests import json_of, request
from tests.support.responses import events_in, last_response
from tests.support.responses_requests import WEATHER
from tests.support.upstream import event

CATALOG = models.load("us-east-1")
NOW = 1_700_000_000.9
REQUEST_ID = "11111111-2222-3333-4444-555555555555"

CLAUDE = "claude-sonnet-5-5"
WITHOUT_STREAMED_TOOLS = "us.meta.llama3-1-70b-instruct-v1:0"

USAGE = {"inputTokens": 100, "outputTokens": 50, "totalTokens": 150}


def answer(*content: dict[str, Any], stop: str = "end_turn", **members: Any) -> bytes:
    message = {"role": "assistant", "content": list(content)}
    whole = {"output": {"message": message}, "stopReason": stop, "usage": USAGE, **members}
    return json.dumps(whole).encode()


class Exchange:
    """A request's dialect and the call that came of it."""

    def __init__(self, **asked: Any) -> None:
        self.dialect = ResponsesDialect(REQUEST_ID, NOW)
        body = {"model": CLAUDE, "input": "Hi", **asked}
        self.call = self.dialect.parse(request(path="/v1/responses", body=body), CATALOG)

    def answered(self, body: bytes) -> Response:
        return self.dialect.answer(self.call, [], body)


def test_a_request_goes_to_the_model_that_its_name_stands_for() -> None:
    call = Exchange(max_output_tokens=99, service_tier="fast").call
    assert call.target.model_id.endswith("anthropic.claude-sonnet-5-5")
    assert call.operation == "converse"
    assert json.loads(call.body)["messages"] == [{"role": "user", "content": [{"text": "Hi"}]}]
    assert call.output_tokens == 99
    assert call.service_tier == "priority"
    assert call.draft is not None
    assert call.draft.remote == []


def test_a_stream_is_asked_for_where_the_client_wants_one() -> None:
    assert Exchange(stream=True).call.operation == "converse-stream"


def test_media_behind_urls_are_left_to_be_fetched() -> None:
    part = {"type": "input_image", "image_url": "https://example.com/a.png"}
    call = Exchange(input=[{"role": "user", "content": [part]}]).call
    assert call.draft is not None
    assert [remote.where for remote in call.draft.remote] == ["input[0].content[0].image_url"]


def test_an_answer_is_a_response_with_ids_of_its_request_and_its_exact_cost() -> None:
    exchange = Exchange(user="u1")
    response = exchange.answered(answer({"text": "Hello"}, serviceTier={"type": "flex"}))
    told = json_of(response)
    heard = SdkResponse.model_validate(told, strict=True)
    assert heard.output_text == "Hello"
    assert heard.id == "resp_11111111222233334444555555555555"
    assert heard.output[0].id == "msg_11111111222233334444555555555555_0"
    assert heard.created_at == 1_700_000_000
    assert (heard.model, heard.service_tier) == (CLAUDE, "flex")
    price = exchange.call.target.price.base
    picodollars = (100 * price.input + 50 * price.output) // 2
    assert told["usage"]["cost"] == f"{picodollars / 10**12:.12f}".rstrip("0")
    assert dict(response.headers) == {
        "content-type": "application/json",
        "x-request-id": REQUEST_ID,
        "x-bedrockrouter-changes": "user dropped",
    }


def test_a_stream_is_translated_as_its_frames_come() -> None:
    exchange = Exchange(stream=True)
    translator = exchange.dialect.stream(exchange.call, [])
    frames = Decoder().feed(
        event("messageStart", {"role": "assistant"})
        + event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hello"}})
        + event("contentBlockStop", {"contentBlockIndex": 0})
        + event("messageStop", {"stopReason": "end_turn"})
        + event("metadata", {"usage": USAGE})
    )
    wire = [translator.translate([frame]) for frame in frames]
    assert translator.silence() == b": keep-alive\n\n"
    wire.append(translator.end())
    assert last_response(b"".join(wire))["output"][0]["content"][0]["text"] == "Hello"
    assert len(events_in(b"".join(wire))) == 9
    assert dict(translator.headers) == {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-request-id": REQUEST_ID,
    }


def test_a_stream_that_ends_too_early_fails() -> None:
    exchange = Exchange(stream=True)
    translator = exchange.dialect.stream(exchange.call, [])
    frames = Decoder().feed(event("messageStart", {"role": "assistant"}))
    wire = translator.translate(frames)
    with pytest.raises(ApiError) as fault:
        translator.end()
    assert last_response(wire + translator.fail(fault.value))["status"] == "failed"


def test_a_model_that_streams_no_tool_calls_answers_in_one_piece() -> None:
    exchange = Exchange(model=WITHOUT_STREAMED_TOOLS, tools=[WEATHER], stream=True)
    assert exchange.call.operation == "converse"
    call = {"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": {"city": "Oslo"}}}
    response = exchange.answered(answer({"text": "I'll look."}, call, stop="tool_use"))
    assert isinstance(response.body, bytes)
    assert events_in(response.body)
    assert dict(response.headers)["content-type"].startswith("text/event-stream")
    said, called = last_response(response.body)["output"]
    assert said["content"][0]["text"] == "I'll look."
    assert called["arguments"] == '{"city":"Oslo"}'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", "bad_upstream"),
        (b'{"output":null}', "bad_upstream"),
        (answer({"text": "{"}, stop="malformed_model_output"), "model_error"),
    ],
)
def test_an_answer_that_cannot_be_read_is_no_response(body: bytes, kind: str) -> None:
    with pytest.raises(ApiError) as fault:
        Exchange().answered(body)
    assert fault.value.kind == kind


def test_bedrocks_refusal_keeps_its_words() -> None:
    refusal = b'{"message":"Too many tokens, please wait before trying again."}'
    headers = [("x-amzn-errortype", "ThrottlingException")]
    response = Exchange().dialect.refusal(429, headers, refusal)
    assert response.status == 429
    error = json_of(response)
    assert isinstance(error, dict)
    assert error["error"]["message"] == "Too many tokens, please wait before trying again."
    assert ("x-request-id", REQUEST_ID) in response.headers


@pytest.mark.parametrize(
    ("body", "param"), [(b"{", None), (b"[]", None), (b'{"input":"Hi"}', "model")]
)
def test_a_body_that_names_no_model_is_refused(body: bytes, param: str | None) -> None:
    with pytest.raises(ApiError) as refusal:
        ResponsesDialect(REQUEST_ID, NOW).parse(request(body=body), CATALOG)
    assert (refusal.value.kind, refusal.value.param) == ("invalid_request", param)
