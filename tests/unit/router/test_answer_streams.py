"""Both framings of a streamed answer give events, usage and faults alike."""

import json
import re
from base64 import b64decode, b64encode

import pytest
from catalog.pricing import Usage
from router.answer_streams import AnswerStream, EventStream, SseStream, stream_of
from router.eventstream import Decoder, Frame

from tests.support import recordings
from tests.support.upstream import Said, event, exception

CHUNK = b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2},"service_tier":"flex"}\n\n'
ERROR = b'data: {"error":{"message":"Busy.","code":"service_unavailable"}}\n\n'

TEXT = event("contentBlockDelta", {"delta": {"text": "Hi"}, "contentBlockIndex": 0})
METADATA = event(
    "metadata",
    {"usage": {"inputTokens": 7, "outputTokens": 2}, "serviceTier": {"type": "flex"}},
)
EXCEPTION = exception("serviceUnavailableException", "Busy.")


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/vnd.amazon.eventstream", EventStream),
        ("text/event-stream; charset=utf-8", SseStream),
        ("application/json", None),
        (None, None),
    ],
)
def test_the_content_type_tells_the_framing(content_type: str | None, kind: type | None) -> None:
    headers = [] if content_type is None else [("content-type", content_type)]
    stream = stream_of(Said(200, headers, []))
    assert type(stream) is (kind or type(None))


@pytest.mark.parametrize(
    ("stream", "pieces"),
    [(EventStream(), (TEXT, METADATA)), (SseStream(), (CHUNK, USAGE))],
    ids=["frames", "sse"],
)
def test_usage_and_tier_are_read_as_they_come(
    stream: AnswerStream, pieces: tuple[bytes, bytes]
) -> None:
    stream.feed(pieces[0])
    assert (stream.usage, stream.service_tier) == (None, None)
    for index in range(len(pieces[1])):
        stream.feed(pieces[1][index : index + 1])
    assert (stream.usage, stream.service_tier) == (Usage(7, 2), "flex")
    assert not stream.pending


def test_what_came_bounds_what_was_produced_where_nothing_is_hidden() -> None:
    frames, sse = EventStream(), SseStream()
    frames.feed(TEXT)
    sse.feed(CHUNK)
    assert frames.streamed is not None
    assert 0 < frames.streamed <= len(TEXT)
    assert sse.streamed is None


@pytest.mark.parametrize(
    ("stream", "text", "error"),
    [(EventStream(), TEXT, EXCEPTION), (SseStream(), CHUNK, ERROR)],
    ids=["frames", "sse"],
)
def test_a_fault_among_the_events_is_found(stream: AnswerStream, text: bytes, error: bytes) -> None:
    assert stream.fault(stream.feed(text)) is None
    fault = stream.fault(stream.feed(text + error))
    assert fault is not None
    assert (fault.kind, fault.message) == ("unavailable", "Busy.")


def chunk(inner: dict[str, object]) -> bytes:
    return event("chunk", {"bytes": b64encode(json.dumps(inner).encode()).decode()})


def sse(content: object) -> bytes:
    return b"data: %b\n\n" % json.dumps(content).encode()


def delta(content: dict[str, object]) -> bytes:
    return sse({"choices": [{"index": 0, "delta": content}]})


@pytest.mark.parametrize(
    "piece",
    [
        TEXT,
        event("contentBlockDelta", {"delta": {"toolUse": {"input": "{"}}}),
        event("contentBlockDelta", {"delta": {"reasoningContent": {"text": "Hm"}}}),
        chunk({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hi"}}),
        chunk({"type": "content_block_delta", "delta": {"text": 'the "message_start" event'}}),
        chunk({"contentBlockDelta": {"delta": {"text": "Hi"}}}),
        chunk({"generation": "Hi"}),
    ],
)
def test_what_the_model_says_thinks_or_calls_is_a_token(piece: bytes) -> None:
    stream = EventStream()
    assert stream.has_token(stream.feed(piece))


@pytest.mark.parametrize(
    "piece",
    [
        event("messageStart", {"role": "assistant"}),
        event("contentBlockStart", {"start": {"toolUse": {"name": "f", "toolUseId": "1"}}}),
        METADATA,
        EXCEPTION,
        chunk({"type": "message_start", "message": {"usage": {"input_tokens": 7}}}),
        chunk({"type": "content_block_start", "content_block": {"type": "text", "text": ""}}),
        chunk({"type": "ping"}),
        chunk({"messageStart": {"role": "assistant"}}),
        chunk({"contentBlockStart": {"start": {"toolUse": {"name": "f"}}}}),
        TEXT[:-1],
    ],
)
def test_what_comes_before_the_first_token_is_none(piece: bytes) -> None:
    stream = EventStream()
    assert not stream.has_token(stream.feed(piece))


@recordings.parametrize(stream=True, status=200)
def test_the_first_token_of_a_recorded_stream_is_the_first_that_says_something(
    recording_id: str,
) -> None:
    frames = Decoder().feed(b64decode(recordings.load(recording_id)["response"]["raw_b64"]))
    first = next(index for index, frame in enumerate(frames) if EventStream().has_token([frame]))
    assert SAYS_SOMETHING.search(content_of(frames[first]))
    assert not any(SAYS_SOMETHING.search(content_of(frame)) for frame in frames[:first])


SAYS_SOMETHING = re.compile(rb'"(text|outputText)":"[^"]|"(partial_json|input)":"')
"""In the words of Converse, Anthropic and Amazon. A call of a tool has its name before its input, which
begins empty."""


def content_of(frame: Frame) -> bytes:
    inner = json.loads(frame.payload).get("bytes")
    return frame.payload if inner is None else b64decode(inner)


@pytest.mark.parametrize(
    "piece",
    [
        CHUNK,
        delta({"role": "assistant", "content": "Hi"}),
        delta({"reasoning": "Hm"}),
        delta({"tool_calls": [{"index": 0, "function": {"name": "f"}}]}),
        sse({"type": "response.output_text.delta", "delta": "Hi"}),
        sse({"type": "response.reasoning_text.delta", "delta": "Hm"}),
        sse({"type": "response.function_call_arguments.delta", "delta": "{"}),
    ],
)
def test_what_is_a_token_over_sse(piece: bytes) -> None:
    stream = SseStream()
    assert stream.has_token(stream.feed(piece))


@pytest.mark.parametrize(
    "piece",
    [
        USAGE,
        ERROR,
        delta({"role": "assistant", "content": ""}),
        delta({}),
        sse({"type": "response.created", "response": {}}),
        sse({"type": "response.output_item.added", "item": {"type": "message"}}),
        sse({"choices": [None, {"delta": None}, {"delta": "Hi"}]}),
        sse({"choices": "Hi"}),
        sse(["Hi"]),
        b"data: [DONE]\n\n",
        b": a comment\n\n",
    ],
)
def test_what_is_no_token_over_sse(piece: bytes) -> None:
    stream = SseStream()
    assert not stream.has_token(stream.feed(piece))


def test_an_event_in_part_is_pending() -> None:
    for stream, whole in ((EventStream(), TEXT), (SseStream(), CHUNK)):
        stream.feed(whole[:-1])
        assert stream.pending


@pytest.mark.parametrize("usage", [b'"usage"', b'{"usage":', b'{"usage":[]}'])
def test_what_only_looks_like_usage_is_none(usage: bytes) -> None:
    stream = SseStream()
    stream.feed(b"data: " + usage + b"\n\n")
    assert stream.usage is None


def test_later_usage_takes_the_place_of_earlier() -> None:
    stream = SseStream()
    for tokens in (1, 2):
        told = {"usage": {"input_tokens": tokens, "output_tokens": tokens}}
        stream.feed(b"data: %b\n\n" % json.dumps({"response": told}).encode())
    assert stream.usage == Usage(2, 2)
