"""A Claude's answers on their way to the client, one with each kind of event."""

import copy
import json
from pathlib import Path
from typing import Any

import anthropic
import pytest
from catalog.pricing import Usage
from hypothesis import given
from hypothesis import strategies as st
from ledger.money import to_usd
from router.answer_streams import EventStream
from router.errors import ApiError

from local.bedrock.seals import seal
from tests.support.anthropic_native import REQUEST_ID, Relayed, relayed
from tests.support.anthropic_sdk import client_hearing, events, streamed_message
from tests.support.anthropic_streams import (
    NAME,
    Data,
    asked,
    assert_relayed,
    framed,
    passed_on,
    relay,
    told_in_part,
)
from tests.support.requests import json_of
from tests.support.upstream import event, exception

STREAMS = Path(__file__).with_name("streams")


def events_of(name: str) -> list[bytes]:
    """A stream's events as Bedrock's frames hold them."""
    return (STREAMS / f"{name}.events").read_bytes().splitlines()


def wire(name: str) -> bytes:
    return b"".join(map(framed, events_of(name)))


NAMES = sorted(path.stem for path in STREAMS.glob("*.events"))


# --- transcripts ----------------------------------------------------------------------------------


def test_there_is_a_stream_of_each_kind() -> None:
    assert NAMES == ["cached", "citations", "redacted", "text", "tools", "unknown"]


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_is_the_reviewed_one_to_the_byte(name: str) -> None:
    assert passed_on(wire(name)).decode() == (STREAMS / f"{name}.sse").read_text()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_stream_is_the_same_in_pieces_of_any_size(name: str, size: int) -> None:
    translator, stream, frames = relay(), EventStream(), wire(name)
    pieces = [frames[start : start + size] for start in range(0, len(frames), size)]
    told = b"".join(translator.translate(stream.feed(piece)) for piece in pieces)
    assert told + translator.end() == passed_on(frames)


@pytest.mark.parametrize("name", NAMES)
def test_events_pass_byte_for_byte_and_in_order(name: str) -> None:
    assert_relayed(events_of(name), passed_on(wire(name)))


@pytest.mark.parametrize("name", ["cached", "citations", "redacted", "text", "tools"])
def test_the_sdk_reads_what_is_known_of_a_stream(name: str) -> None:
    message = streamed_message(passed_on(wire(name)))
    assert message.model == NAME
    assert message.usage.input_tokens > 0


def test_the_thinking_and_its_signature_come_byte_for_byte() -> None:
    message = streamed_message(passed_on(wire("tools")))
    thinking, text, first, second = message.content
    assert thinking.type == "thinking"
    assert (thinking.thinking, thinking.signature) == ("Rain, né?", seal("Rain, né?"))
    assert text.type == "text"
    assert first.type == second.type == "tool_use"
    assert (first.input, second.input) == ({"city": "Rome"}, {})
    assert message.stop_reason == "tool_use"


def test_the_sdk_hears_the_text_of_a_stream() -> None:
    client = client_hearing(passed_on(wire("text")), content_type="text/event-stream")
    with client, client.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
        assert "".join(stream.text_stream) == "Hello né"


def test_events_and_deltas_that_nobody_knows_yet_pass() -> None:
    told = passed_on(wire("unknown"))
    assert b"event: content_block_hint\n" in told
    assert b'"type":"tempo_delta"' in told
    kinds = [content["type"] for content in events(told)]
    assert kinds[-1] == "message_stop"


def test_a_stream_names_the_model_as_the_client_did() -> None:
    start = next(events(passed_on(wire("text"))))
    assert start["message"]["model"] == NAME
    found = relayed({"model": "opus", "max_tokens": 9, "messages": [], "stream": True})
    assert next(events(passed_on(wire("text"), found)))["message"]["model"] == "opus"


def test_the_wish_for_a_long_window_is_no_part_of_the_models_name() -> None:
    found = asked(model="claude-sonnet-4-5[1m]")
    assert next(events(passed_on(wire("text"), found)))["message"]["model"] == "claude-sonnet-4-5"
    answer = found.dialect.answer(found.call, [], b'{"model": "claude-sonnet-4-5"}')
    assert json_of(answer) == {"model": "claude-sonnet-4-5"}


def test_a_line_break_within_an_event_does_not_part_it() -> None:
    spread = json.dumps({"type": "content_block_stop", "index": 0}, indent=1).encode()
    told = passed_on(framed(spread.replace(b"\n", b"\r\n")) + wire("text"))
    content = next(events(told))
    assert content == {"type": "content_block_stop", "index": 0}
    assert b"\r" not in told


def test_a_silent_stream_gets_a_ping() -> None:
    assert relay().silence() == b'event: ping\ndata: {"type":"ping"}\n\n'


def test_a_frame_that_is_no_chunk_is_not_for_the_client() -> None:
    assert passed_on(event("novelty", {}) + wire("text")) == passed_on(wire("text"))


def test_a_stream_tells_the_request_and_what_was_changed() -> None:
    headers = dict(relay(asked(speed="fast")).headers)
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["request-id"] == REQUEST_ID
    assert headers["x-bedrockrouter-changes"] == "speed dropped"
    assert "x-bedrockrouter-changes" not in dict(relay().headers)


# --- usage and its cost ---------------------------------------------------------------------------

CACHED = Usage(input=12, output=25, cache_read=1000, cache_write_5m=300, cache_write_1h=200)
"""What the stream ``cached`` has used."""


def test_the_last_delta_tells_all_that_was_used_and_its_cost() -> None:
    found = asked()
    told = next(
        content
        for content in events(passed_on(wire("cached")))
        if content["type"] == "message_delta"
    )
    assert told["usage"] == {
        "input_tokens": 12,
        "cache_creation_input_tokens": 500,
        "cache_read_input_tokens": 1000,
        "output_tokens": 25,
        "cost": to_usd(found.call.cost(CACHED, None)),
    }


def test_a_stream_tells_the_cost_that_is_settled() -> None:
    stream = EventStream()
    stream.feed(wire("cached"))
    assert stream.usage == CACHED


def test_the_tier_that_served_is_the_one_that_is_charged() -> None:
    found = asked()
    served = found.call._replace(service_tier="flex")
    translator = found.dialect.stream(served, [])
    told = translator.translate(EventStream().feed(wire("cached")))
    assert f'"cost":"{to_usd(found.call.cost(CACHED, "flex"))}"'.encode() in told


def test_a_delta_that_counts_the_prompt_anew_is_believed() -> None:
    given = events_of("cached")
    place = next(i for i, told in enumerate(given) if b'"message_delta"' in told)
    content = json.loads(given[place])
    content["usage"]["input_tokens"] = 99
    given[place] = json.dumps(content).encode()
    told = passed_on(b"".join(map(framed, given)))
    assert b'"usage":{"input_tokens":99,"cache_creation_input_tokens":500,' in told


@pytest.mark.parametrize("usage", [None, 3, [], {"output_tokens": None}, {"input_tokens": "9"}])
def test_an_odd_usage_does_no_harm(usage: object) -> None:
    start = {"type": "message_start", "message": {"model": "x", "usage": usage}}
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}
    stop = {"type": "message_stop"}
    told = passed_on(b"".join(framed(json.dumps(one).encode()) for one in (start, delta, stop)))
    assert [content["type"] for content in events(told)][-1] == "message_stop"


# --- streams that go wrong ------------------------------------------------------------------------

TYPES = {
    "throttlingException": "rate_limit_error",
    "serviceUnavailableException": "overloaded_error",
    "modelStreamErrorException": "api_error",
    "modelTimeoutException": "timeout_error",
    "internalServerException": "api_error",
    "validationException": "invalid_request_error",
}


@pytest.mark.parametrize("name", TYPES)
def test_an_exception_in_mid_stream_is_one_error_event_of_its_type(name: str) -> None:
    frames = b"".join(map(framed, events_of("text")[:4])) + exception(name, "It is over.")
    told = list(events(told_in_part(frames)))
    assert [content["type"] for content in told].count("error") == 1
    assert told[-1]["error"] == {"type": TYPES[name], "message": "It is over."}
    assert "message_stop" not in {content["type"] for content in told}


def test_the_sdk_raises_what_went_wrong() -> None:
    frames = b"".join(map(framed, events_of("text")[:4]))
    told = told_in_part(frames + exception("throttlingException", "Too many requests."))
    client = client_hearing(told, content_type="text/event-stream")
    with (
        client,
        client.messages.stream(model="m", max_tokens=1, messages=[]) as stream,
        pytest.raises(anthropic.APIError, match=r"Too many requests\."),
    ):
        list(stream)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_a_stream_cut_anywhere_ends_in_one_error_behind_whole_events(
    name: str, data: st.DataObject
) -> None:
    frames = wire(name)
    told = told_in_part(frames[: data.draw(st.integers(0, len(frames) - 1))])
    heard = list(events(told))
    assert [content["type"] for content in heard].count("error") == 1
    assert heard[-1]["type"] == "error"
    assert heard[-1]["error"]["type"] == "api_error"
    assert "message_stop" not in {content["type"] for content in heard}
    whole = passed_on(frames)
    assert whole.startswith(told[: told.rindex(b"event: error")])


@pytest.mark.parametrize("broken", [b"", b"<html>", b"[]", b'"Hi"', b"{", b"[" * 100_000])
def test_an_event_that_is_none_ends_the_stream(broken: bytes) -> None:
    told = told_in_part(framed(events_of("text")[0]) + framed(broken))
    assert list(events(told))[-1]["error"] == {
        "type": "api_error",
        "message": "Bedrock's answer is not a JSON object.",
    }


# --- whole answers --------------------------------------------------------------------------------

ANSWER: Data = {
    "model": "claude-sonnet-4-5-20250929",
    "id": "msg_bdrk_1",
    "type": "message",
    "role": "assistant",
    "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": seal("Hm.")},
        {"type": "text", "text": "né"},
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 12,
        "cache_creation_input_tokens": 500,
        "cache_read_input_tokens": 1000,
        "cache_creation": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 200},
        "output_tokens": 25,
    },
}
COUNTED = [
    ("x-amzn-bedrock-input-token-count", "12"),
    ("x-amzn-bedrock-output-token-count", "25"),
    ("x-amzn-bedrock-cache-read-input-token-count", "1000"),
    ("x-amzn-bedrock-cache-write-input-token-count", "500"),
]


def answered(answer: object, found: Relayed | None = None) -> Data:
    found = found or asked(model="opus", stream=False)
    told: Any = json_of(found.dialect.answer(found.call, COUNTED, json.dumps(answer).encode()))
    return dict(told)


def test_a_whole_answer_is_bedrocks_with_the_clients_model_and_the_cost() -> None:
    found = asked(model="opus", stream=False)
    expected = copy.deepcopy(ANSWER)
    expected["model"] = "opus"
    expected["usage"]["cost"] = to_usd(found.call.cost(CACHED, None))
    assert answered(ANSWER, found) == expected


@pytest.mark.parametrize("answer", [{}, {"usage": None}, {"usage": 3}, {"content": 7}])
def test_an_odd_answer_is_passed_on(answer: Data) -> None:
    assert answered(answer) == {**answer, "model": "opus"}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"Hi"', b"[" * 10**5])
def test_an_answer_that_is_none_is_a_fault_of_bedrocks(body: bytes) -> None:
    found = asked(stream=False)
    with pytest.raises(ApiError) as error:
        found.dialect.answer(found.call, [], body)
    assert error.value.kind == "bad_upstream"


def test_a_refusal_is_told_in_anthropics_form_and_in_bedrocks_words() -> None:
    found = asked()
    headers = [("x-amzn-errortype", "ValidationException:http://internal.amazon.com/coral/")]
    told = found.dialect.refusal(400, headers, b'{"message": "messages.0: Field required"}')
    assert told.status == 400
    assert json_of(told) == {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "messages.0: Field required"},
        "request_id": REQUEST_ID,
    }
    assert dict(told.headers)["request-id"] == REQUEST_ID
