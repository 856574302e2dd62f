"""Server-sent events are cut out of a stream however it comes, and not a byte of them is lost."""

from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder as OpenAIDecoder
from router.sse import DONE, KEEP_ALIVE, SseDecoder, data_event, named_event

LINES = st.lists(
    st.sampled_from(["data: {}", "data:x", "event: a", "id: 1", ": note", "data", "data:  y", "z"]),
    min_size=1,
    max_size=4,
)
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    events = []
    for lines in draw(st.lists(LINES, max_size=5)):
        end = draw(ENDS)
        events.append(end.join(lines) + end * 2)
    return "".join(events).encode()


def pieces_of(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[a:b] for a, b in pairwise(places)]


@given(streams(), st.lists(st.integers(0, 1000), max_size=10))
def test_events_are_whole_wherever_the_stream_is_cut(stream: bytes, cuts: list[int]) -> None:
    decoder = SseDecoder()
    events = [event for piece in pieces_of(stream, cuts) for event in decoder.feed(piece)]
    assert b"".join(event.raw for event in events) == stream
    assert events == SseDecoder().feed(stream)
    assert not decoder.pending


@given(streams())
def test_data_is_what_the_openai_sdk_reads(stream: bytes) -> None:
    theirs = [event.data for event in OpenAIDecoder().iter_bytes(iter([stream])) if event.data]
    ours = [event.data.decode() for event in SseDecoder().feed(stream) if event.data]
    assert ours == theirs


def test_an_event_in_part_is_pending() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: 1\n\ndata: 2\n") == SseDecoder().feed(b"data: 1\n\n")
    assert decoder.pending
    (event,) = decoder.feed(b"\n")
    assert event.data == b"2"
    assert not decoder.pending


@pytest.mark.parametrize("written", [data_event({"a": "é\n"}), named_event("a.b", {"a": "é\n"})])
def test_a_written_event_reads_back(written: bytes) -> None:
    (event,) = SseDecoder().feed(written)
    assert event.raw == written
    assert httpx.Response(200, content=event.data).json() == {"a": "é\n"}


def test_a_sign_of_life_holds_no_data() -> None:
    assert [event.data for event in SseDecoder().feed(KEEP_ALIVE + DONE)] == [b"", b"[DONE]"]
