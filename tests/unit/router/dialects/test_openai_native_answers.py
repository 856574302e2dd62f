"""Answers of Bedrock's own OpenAI API on their way to the client."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletion
from openai.types.responses import Response as SdkResponse
from router.dialects.openai_native.answers import Relay
from router.errors import ApiError
from router.sse import KEEP_ALIVE, SseDecoder

from tests.support.native import CHAT, GROK, RESPONSES, Relayed, answered, relayed
from tests.support.openai_sdk import client_hearing
from tests.support.requests import json_of
from tests.support.responses import events_in

STREAMS = Path(__file__).with_name("openai_native_streams")

TOOL = {"type": "function", "function": {"name": "get_weather"}}
USER = {"role": "user", "content": "Hi"}

ALIAS = "gpt-5"
"""The owner's name for Sol."""

STREAM = {"stream": True}
WITH_USAGE = {**STREAM, "stream_options": {"include_usage": True}}


def chat(**parameters: Any) -> Relayed:
    return relayed(CHAT, {"model": GROK, "messages": [USER], **parameters})


def response(**parameters: Any) -> Relayed:
    return relayed(RESPONSES, {"model": ALIAS, "input": "Hi", **parameters})


def said_by_bedrock(name: str) -> bytes:
    return (STREAMS / f"{name}.bedrock.sse").read_bytes()


def relay_of(found: Relayed) -> Relay:
    return found.dialect.stream(found.call, [])


def passed_on(relay: Relay, wire: bytes) -> bytes:
    """What a client gets of a stream as far as it has come."""
    return relay.translate(SseDecoder().feed(wire))


def whole(found: Relayed, wire: bytes) -> bytes:
    """What a client gets of a stream that goes well."""
    relay = relay_of(found)
    return passed_on(relay, wire) + relay.end()


TRANSCRIPTS: dict[str, Relayed] = {
    "chat_text": chat(**WITH_USAGE),
    "chat_tools": chat(tools=[TOOL], **STREAM),
    "response_text": response(**STREAM),
    "response_tools": response(tools=[{"type": "function", "name": "get_weather"}], **STREAM),
    "response_incomplete": response(max_output_tokens=20, **STREAM),
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_stream_is_the_reviewed_one_to_the_byte(name: str) -> None:
    found = whole(TRANSCRIPTS[name], said_by_bedrock(name))
    assert found.decode() == (STREAMS / f"{name}.sse").read_text()


@pytest.mark.parametrize("name", TRANSCRIPTS)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_stream_is_the_same_in_pieces_of_any_size(name: str, size: int) -> None:
    wire, relay, decoder = said_by_bedrock(name), relay_of(TRANSCRIPTS[name]), SseDecoder()
    pieces = [wire[start : start + size] for start in range(0, len(wire), size)]
    found = b"".join(relay.translate(decoder.feed(piece)) for piece in pieces) + relay.end()
    assert found == whole(TRANSCRIPTS[name], wire)


def heard(found: bytes) -> openai.OpenAI:
    return client_hearing(found, content_type="text/event-stream")


def completion_heard(found: bytes) -> ChatCompletion:
    with heard(found).chat.completions.stream(model="m", messages=[]) as stream:
        chunks = [event for event in stream if event.type == "chunk"]
    return chunks[-1].snapshot


def response_heard(found: bytes) -> SdkResponse:
    with heard(found).responses.stream(model="m", input="Hi") as stream:
        return list(stream)[-1].response  # type: ignore[union-attr]


def test_the_sdk_hears_text_usage_and_cost_under_the_clients_own_name_for_the_model() -> None:
    completion = completion_heard(whole(TRANSCRIPTS["chat_text"], said_by_bedrock("chat_text")))
    assert completion.choices[0].message.content == "Hello there"
    assert completion.model == GROK
    assert completion.usage is not None
    usage = completion.usage.model_dump()
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (15, 7)
    # 15 tokens at $2.20 and 7 at $6.60 a million
    assert usage["cost"] == "0.0000792"


def test_usage_that_the_client_does_not_want_is_withheld() -> None:
    found = whole(chat(**STREAM), said_by_bedrock("chat_text"))
    assert b'"usage"' not in found
    assert found.endswith(b"data: [DONE]\n\n")
    assert completion_heard(found).choices[0].finish_reason == "stop"


def test_calls_that_are_only_numbered_get_ids_that_no_other_turn_has() -> None:
    completion = completion_heard(whole(TRANSCRIPTS["chat_tools"], said_by_bedrock("chat_tools")))
    (call,) = completion.choices[0].message.tool_calls or []
    assert call.id == "call_111111112222333344445555555555550"
    assert json.loads(call.function.arguments) == {"city": "Oslo"}


def test_ids_that_are_unique_already_stay() -> None:
    wire = said_by_bedrock("chat_tools").replace(b'"call_0"', b'"call_a1B2"')
    assert b'"call_a1B2"' in whole(TRANSCRIPTS["chat_tools"], wire)


def test_the_sdk_hears_a_response_with_its_cost() -> None:
    found = whole(TRANSCRIPTS["response_text"], said_by_bedrock("response_text"))
    events_in(found)
    response_ = response_heard(found)
    assert (response_.output_text, response_.model) == ("Hello there", ALIAS)
    assert response_.usage is not None
    usage = response_.usage
    spent = usage.input_tokens * 2_200_000 + usage.output_tokens * 11_000_000
    assert usage.model_dump()["cost"] == f"{spent / 10**12:.12f}".rstrip("0")


def test_events_that_hold_neither_the_model_nor_usage_pass_as_they_came() -> None:
    wire = said_by_bedrock("response_text")
    given = {event.raw for event in SseDecoder().feed(wire)}
    kept = {event.raw for event in SseDecoder().feed(whole(TRANSCRIPTS["response_text"], wire))}
    told = [json.loads(raw.partition(b"data: ")[2])["type"] for raw in given - kept]
    assert sorted(told) == ["response.completed", "response.created", "response.in_progress"]


def test_a_model_that_speaks_of_models_is_not_corrected() -> None:
    said = 'I am "model":"us.openai.gpt-6.1-sol" and "response": "error" "usage"'
    wire = said_by_bedrock("response_text").replace(
        b'"delta":"Hello"', b'"delta":%b' % json.dumps(said).encode()
    )
    assert json.dumps(said).encode() in whole(TRANSCRIPTS["response_text"], wire)


def test_an_end_as_of_chunks_is_no_event_of_a_response() -> None:
    wire = said_by_bedrock("response_text") + b"data: [DONE]\n\n"
    found = whole(TRANSCRIPTS["response_text"], wire)
    assert found.endswith(b"data: [DONE]\n\n")
    assert response_heard(found).output_text == "Hello there"


def test_a_character_parted_between_two_chunks_comes_together_again() -> None:
    wire = said_by_bedrock("chat_text").replace(b'"Hello"', rb'"\ud83d"')
    found = whole(TRANSCRIPTS["chat_text"], wire.replace(b'" there"', rb'"\ude00 \u00e9"'))
    halves = [
        json.loads(event.data)["choices"][0]["delta"]["content"]
        for event in SseDecoder().feed(found)[1:3]
    ]
    assert found.isascii()
    assert "".join(halves) == "\ud83d\ude00 é"


def test_comments_and_carriage_returns_pass() -> None:
    wire = b": hello\r\n\r\n" + said_by_bedrock("chat_text").replace(b"\n", b"\r\n")
    found = whole(TRANSCRIPTS["chat_text"], wire)
    assert found.startswith(b": hello\r\n\r\n")
    assert completion_heard(found).choices[0].message.content == "Hello there"


@pytest.mark.parametrize("found", [chat(**STREAM), response(**STREAM)], ids=["chat", "responses"])
def test_a_silent_stream_gives_a_sign_of_life(found: Relayed) -> None:
    assert relay_of(found).silence() == KEEP_ALIVE


# --- streams that go wrong ------------------------------------------------------------------------


def prefixes(name: str) -> Iterator[tuple[Relayed, bytes]]:
    """A stream broken off after each of its events but the last that matters."""
    events = SseDecoder().feed(said_by_bedrock(name))
    for count in range(len(events)):
        yield TRANSCRIPTS[name], b"".join(event.raw for event in events[:count])


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_stream_that_breaks_off_is_never_passed_off_as_whole(name: str) -> None:
    for found, wire in prefixes(name):
        relay = relay_of(found)
        passed_on(relay, wire)
        with pytest.raises(ApiError, match="before it was complete"):
            relay.end()


@pytest.mark.parametrize("name", ["chat_tools", "response_text"])
def test_the_sdk_raises_for_every_stream_that_breaks_off(name: str) -> None:
    for found, wire in prefixes(name):
        relay = relay_of(found)
        told = passed_on(relay, wire) + relay.fail(ApiError("bad_upstream", "It broke off."))
        if name.startswith("response"):
            events = events_in(told)
            assert events[-1]["type"] == ("response.failed" if wire else "error")
        with pytest.raises(openai.APIError, match=r"It broke off\."):
            completion_heard(told) if name.startswith("chat") else response_heard(told)


def test_a_failed_response_says_which_it_was() -> None:
    relay = relay_of(TRANSCRIPTS["response_text"])
    events = SseDecoder().feed(said_by_bedrock("response_text"))[:5]
    passed_on(relay, b"".join(event.raw for event in events))
    *_, error, failed = events_in(
        b"".join(event.raw for event in events) + relay.fail(ApiError("deadline", "Too late."))
    )
    assert error["code"] == "deadline"
    assert failed["response"]["id"] == "resp_1"
    assert (failed["response"]["status"], failed["response"]["model"]) == ("failed", ALIAS)
    assert failed["response"]["error"] == {"code": "server_error", "message": "Too late."}


def test_an_error_of_bedrocks_in_a_chat_is_told_once() -> None:
    relay = relay_of(chat(**STREAM))
    told = passed_on(relay, said_by_bedrock("chat_exception"))
    assert relay.fail(ApiError("throttled", "Too many requests")) == b""
    with pytest.raises(openai.APIError, match="Too many requests, please wait"):
        completion_heard(told)


def test_an_error_of_bedrocks_in_a_response_is_told_in_both_ways_that_clients_know() -> None:
    relay = relay_of(response(**STREAM))
    told = passed_on(relay, said_by_bedrock("response_exception"))
    assert b"event: error" not in told
    told += relay.fail(ApiError("throttled", "Too many requests, please wait"))
    *_, error, failed = events_in(told)
    assert (error["type"], error["code"]) == ("error", "rate_limit_exceeded")
    assert failed["response"]["error"]["code"] == "rate_limit_exceeded"
    with pytest.raises(openai.APIError, match="Too many requests, please wait"):
        response_heard(told)


def test_a_response_that_bedrock_calls_failed_is_told_once() -> None:
    event = {
        "type": "response.failed",
        "sequence_number": 0,
        "response": {
            "id": "resp_1",
            "model": "us.openai.gpt-6.1-sol",
            "status": "failed",
            "error": {"code": "server_error", "message": "It failed."},
        },
    }
    relay = relay_of(response(**STREAM))
    told = passed_on(relay, b"event: response.failed\ndata: %b\n\n" % json.dumps(event).encode())
    assert json.loads(told.partition(b"data: ")[2])["response"]["model"] == ALIAS
    assert relay.fail(ApiError("internal", "It failed.")) == b""


@pytest.mark.parametrize(
    ("found", "name", "damaged"),
    [
        (chat(**STREAM), "chat_text", b'"choices":['),
        (response(**STREAM), "response_text", b'"response":{'),
    ],
    ids=["chat", "responses"],
)
def test_an_event_that_is_not_json_ends_the_stream(
    found: Relayed, name: str, damaged: bytes
) -> None:
    wire = said_by_bedrock(name).replace(damaged, damaged[:-1])
    with pytest.raises(ApiError, match="not a JSON object") as error:
        whole(found, wire)
    assert error.value.kind == "bad_upstream"


# --- whole answers --------------------------------------------------------------------------------

CALLED = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_790_000_000,
    "model": "us.xai.grok-4.7",
    "service_tier": "flex",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "logprobs": None,
            "message": {
                "role": "assistant",
                "content": None,
                "refusal": None,
                "annotations": [],
                "tool_calls": [
                    {
                        "id": f"call_{index}",
                        "type": "function",
                        "function": {"name": "get_weather", "arguments": "{}"},
                    }
                    for index in range(2)
                ],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 600},
        "completion_tokens_details": {"reasoning_tokens": 90},
    },
}

ANSWERED = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_790_000_000,
    "status": "completed",
    "model": "us.openai.gpt-6.1-sol",
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
        }
    ],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "usage": {
        "input_tokens": 2000,
        "input_tokens_details": {"cached_tokens": 500, "cache_write_tokens": 1000},
        "output_tokens": 100,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 2100,
    },
}


def test_a_whole_chat_has_the_clients_model_unique_ids_and_the_cost() -> None:
    told: Any = json_of(answered(chat(), CALLED))
    calls = told["choices"][0]["message"]["tool_calls"]
    assert [call["id"] for call in calls] == [
        "call_111111112222333344445555555555550",
        "call_111111112222333344445555555555551",
    ]
    assert told["model"] == GROK
    # Half of 400 tokens at $2.20, 600 cached ones at $0.55 and 100 at $6.60 a million
    assert told["usage"].pop("cost") == "0.000935"
    calls[0]["id"], calls[1]["id"] = "call_0", "call_1"
    assert told == {**CALLED, "model": GROK}
    client = client_hearing(json.dumps(told).encode(), content_type="application/json")
    with client:
        assert client.chat.completions.create(model="m", messages=[]).id == "chatcmpl-1"


def test_a_whole_response_has_the_clients_model_and_the_cost() -> None:
    told: Any = json_of(answered(response(), ANSWERED))
    # 500 tokens at $2.20, 500 cached at $0.11, 1,000 written at $2.75 and 100 at $11 a million
    assert told["usage"].pop("cost") == "0.005005"
    assert told == {**ANSWERED, "model": ALIAS}


def test_the_client_is_told_what_was_changed_and_which_request_it_was() -> None:
    headers = dict(answered(chat(stop="x", store=True), CALLED).headers)
    assert headers["x-bedrockrouter-changes"] == "stop dropped; store dropped"
    assert headers["x-request-id"] == "11111111-2222-3333-4444-555555555555"
    assert "x-bedrockrouter-changes" not in dict(answered(chat(), CALLED).headers)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"Hi"', b"[" * 10**5])
def test_an_answer_that_is_none_is_a_fault_of_bedrocks(body: bytes) -> None:
    found = chat()
    with pytest.raises(ApiError) as error:
        found.dialect.answer(found.call, [], body)
    assert error.value.kind == "bad_upstream"


@pytest.mark.parametrize(
    "answer", [{}, {"choices": None}, {"choices": [1, {"message": 2}]}, {"usage": 3, "model": 4}]
)
def test_an_odd_answer_is_passed_on(answer: dict[str, Any]) -> None:
    told: Any = json_of(answered(chat(), answer))
    assert told == ({**answer, "model": GROK} if "model" in answer else answer)


# --- refusals -------------------------------------------------------------------------------------


def test_a_refusal_keeps_bedrocks_words_and_the_field_it_names() -> None:
    error = {
        "message": "Unsupported value: 'minimal' is not supported with the 'us.xai.grok-4.7' model.",
        "type": "invalid_request_error",
        "param": "reasoning_effort",
        "code": "unsupported_value",
    }
    found = chat()
    told = found.dialect.refusal(400, [], json.dumps({"error": error}).encode())
    assert (told.status, json_of(told)) == (400, {"error": error})
    assert dict(told.headers)["x-request-id"] == "11111111-2222-3333-4444-555555555555"


def test_a_refusal_that_is_no_json_is_told_by_its_status() -> None:
    told = chat().dialect.refusal(503, [], b"<html>")
    content: Any = json_of(told)
    assert (told.status, content["error"]["code"]) == (503, "service_unavailable")


def test_an_overload_says_when_to_try_again() -> None:
    error = {"message": "Slow down", "type": "rate_limit_error", "param": None, "code": "x"}
    told = chat().dialect.refusal(429, [], json.dumps({"error": error}).encode())
    assert dict(told.headers)["retry-after"] == "2"
