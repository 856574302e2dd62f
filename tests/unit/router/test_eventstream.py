"""The event-stream codec is held to botocore's parser and to what Bedrock really sent."""

import base64
import json
import string
import struct
import tracemalloc
import zlib

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given, settings
from hypothesis import strategies as st
from router.eventstream import (
    MAX_HEADERS,
    MAX_PAYLOAD,
    CorruptFrame,
    Decoder,
    Frame,
    HeaderValue,
    encode,
)

from tests.support import recordings

TypedHeaders = dict[str, tuple[int, HeaderValue]]
"""Header values with their types on the wire."""

FIXED_SIZE = {2: ">b", 3: ">h", 4: ">i", 5: ">q", 8: ">q", 9: ">16s"}


def wire_header(name: str, kind: int, value: HeaderValue) -> bytes:
    """One header of any type, written out from the specification."""
    start = bytes([len(name.encode())]) + name.encode() + bytes([kind])
    if kind in FIXED_SIZE:
        return start + struct.pack(FIXED_SIZE[kind], value)
    if isinstance(value, bool):
        return start
    content = value.encode() if isinstance(value, str) else bytes(value)
    return start + struct.pack(">H", len(content)) + content


def wire_frame(block: bytes, payload: bytes) -> bytes:
    """A frame around a headers block, right or wrong, with both checksums right."""
    prelude = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + block + payload
    return message + struct.pack(">I", zlib.crc32(message))


def wire_typed_frame(headers: TypedHeaders, payload: bytes) -> bytes:
    block = b"".join(wire_header(name, kind, value) for name, (kind, value) in headers.items())
    return wire_frame(block, payload)


def decoded_by_botocore(data: bytes) -> list[tuple[dict[str, HeaderValue], bytes]]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return [(message.headers, message.payload) for message in buffer]


def without_raw(frames: list[Frame]) -> list[tuple[dict[str, HeaderValue], bytes]]:
    return [(dict(frame.headers), frame.payload) for frame in frames]


names = st.text(string.ascii_letters + string.digits + ":-_.\u00e9", min_size=1, max_size=20)
payloads = st.binary(max_size=80)
string_headers = st.dictionaries(names, st.text(max_size=20), max_size=4)
typed_values = st.one_of(
    st.just((0, True)),
    st.just((1, False)),
    st.tuples(st.just(2), st.integers(-(2**7), 2**7 - 1)),
    st.tuples(st.just(3), st.integers(-(2**15), 2**15 - 1)),
    st.tuples(st.just(4), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.sampled_from([5, 8]), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(6), st.binary(max_size=20)),
    st.tuples(st.just(7), st.text(max_size=20)),
    st.tuples(st.just(9), st.binary(min_size=16, max_size=16)),
)
typed_headers = st.dictionaries(names, typed_values, max_size=5)
typed_frames = st.builds(wire_typed_frame, typed_headers, payloads)

EVENT = encode(
    {
        ":event-type": "contentBlockDelta",
        ":content-type": "application/json",
        ":message-type": "event",
    },
    b'{"contentBlockIndex":0,"delta":{"text":"Hello"},"p":"abcd"}',
)


# --- right frames --------------------------------------------------------------------------------


@settings(max_examples=500, deadline=None)
@given(string_headers, payloads)
def test_encoded_frames_are_read_by_botocore(headers: dict[str, str], payload: bytes) -> None:
    assert decoded_by_botocore(encode(headers, payload)) == [(headers, payload)]


@settings(max_examples=500, deadline=None)
@given(st.lists(typed_frames, max_size=4))
def test_frames_of_every_header_type_are_read_as_botocore_reads_them(frames: list[bytes]) -> None:
    data = b"".join(frames)
    decoder = Decoder()
    decoded = decoder.feed(data)
    ours, theirs = without_raw(decoded), decoded_by_botocore(data)
    assert ours == theirs
    # True == 1, so equality alone would not tell a boolean from a number.
    assert [[type(value) for value in headers.values()] for headers, _ in ours] == [
        [type(value) for value in headers.values()] for headers, _ in theirs
    ]
    assert [frame.raw for frame in decoded] == frames
    assert decoder.pending == 0


@settings(max_examples=500, deadline=None)
@given(st.lists(typed_frames, min_size=1, max_size=4), st.data())
def test_splits_on_the_way_change_nothing(frames: list[bytes], drawn: st.DataObject) -> None:
    data = b"".join(frames)
    cuts = sorted(drawn.draw(st.lists(st.integers(0, len(data)), max_size=8)))
    decoder = Decoder()
    decoded: list[Frame] = []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        decoded += decoder.feed(data[start:end])
        assert b"".join(frame.raw for frame in decoded) == data[: end - decoder.pending]
    assert [frame.raw for frame in decoded] == frames
    assert decoder.pending == 0


def test_a_frame_is_out_with_its_last_byte() -> None:
    decoder = Decoder()
    decoded = [len(decoder.feed(EVENT[i : i + 1])) for i in range(len(EVENT))]
    assert decoded == [0] * (len(EVENT) - 1) + [1]


@pytest.mark.parametrize("piece", [1000, 16_384, 4_000_000])
def test_a_long_stream_is_read_whole(piece: int) -> None:
    data = EVENT * 20_000
    decoder = Decoder()
    frames = [
        frame
        for start in range(0, len(data), piece)
        for frame in decoder.feed(data[start : start + piece])
    ]
    assert len(frames) == 20_000
    assert {frame.raw for frame in frames} == {EVENT}
    assert decoder.pending == 0


def test_a_frame_in_many_pieces_is_not_copied_with_each() -> None:
    frame = encode({}, bytes(4_000_000))
    decoder = Decoder()
    tracemalloc.start()
    try:
        for start in range(0, len(frame) - 1, 100_000):
            assert decoder.feed(frame[start : min(start + 100_000, len(frame) - 1)]) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(frame)
    assert [whole.raw for whole in decoder.feed(frame[-1:])] == [frame]


def test_the_largest_frame_passes() -> None:
    headers = {"a": "x" * 65_000, "b": "x" * 65_000, "c": "x" * (MAX_HEADERS - 2 * 65_000 - 3 * 5)}
    frame = encode(headers, bytes(MAX_PAYLOAD))
    assert without_raw(Decoder().feed(frame)) == [(headers, bytes(MAX_PAYLOAD))]


@recordings.parametrize(stream=True)
def test_recorded_streams_are_read_and_written_as_bedrock_sent_them(recording_id: str) -> None:
    response = recordings.load(recording_id)["response"]
    data = base64.b64decode(response["raw_b64"])
    decoder = Decoder()
    frames = decoder.feed(data)
    assert [(frame.headers, json.loads(frame.payload)) for frame in frames] == [
        (event["headers"], event["payload"]) for event in response["events"]
    ]
    assert decoder.pending == 0
    written = [
        encode({name: str(value) for name, value in frame.headers.items()}, frame.payload)
        for frame in frames
    ]
    assert b"".join(written) == data


# --- wrong frames --------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(typed_frames)
def test_no_flipped_bit_is_accepted(frame: bytes) -> None:
    for bit in range(len(frame) * 8):
        flipped = bytearray(frame)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptFrame):
            Decoder().feed(bytes(flipped))


@settings(max_examples=100, deadline=None)
@given(typed_frames)
def test_a_truncated_frame_stays_pending(frame: bytes) -> None:
    for length in range(len(frame)):
        decoder = Decoder()
        assert decoder.feed(frame[:length]) == []
        assert decoder.pending == length


@pytest.mark.parametrize(
    ("total", "headers"),
    [
        (16 + MAX_PAYLOAD + 1, 0),
        (16 + MAX_HEADERS + 1, MAX_HEADERS + 1),
        (2**32 - 1, 0),
        (2**32 - 1, 2**32 - 1),
        (16, 1),
        (15, 0),
        (0, 0),
    ],
)
def test_impossible_lengths_are_refused_before_more_bytes_come(total: int, headers: int) -> None:
    lengths = struct.pack(">II", total, headers)
    with pytest.raises(CorruptFrame, match="impossible frame"):
        Decoder().feed(lengths + struct.pack(">I", zlib.crc32(lengths)))


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"\x01a\x0a", id="unknown type"),
        pytest.param(b"\x05a", id="name cut off"),
        pytest.param(b"\x01a", id="no type"),
        pytest.param(b"\x01a\x07", id="no length"),
        pytest.param(b"\x01a\x07\x00\x02x", id="string cut off"),
        pytest.param(b"\x01a\x06\x00\x02x", id="bytes cut off"),
        pytest.param(b"\x01a\x05\x00", id="number cut off"),
        pytest.param(b"\x01a\x09\x00", id="UUID cut off"),
        pytest.param(b"\x01a\x07\x00\x01\xff", id="value not UTF-8"),
        pytest.param(b"\x01\xff\x00", id="name not UTF-8"),
        pytest.param(b"\x01a\x00\x01a\x01", id="name twice"),
    ],
)
def test_unreadable_headers_are_refused(block: bytes) -> None:
    with pytest.raises(CorruptFrame):
        Decoder().feed(wire_frame(block, b"payload"))


def test_frames_before_a_corrupt_one_are_not_lost() -> None:
    decoder = Decoder()
    broken = EVENT[:-1] + bytes([EVENT[-1] ^ 1])
    assert [frame.raw for frame in decoder.feed(EVENT + EVENT + broken + EVENT)] == [EVENT, EVENT]
    assert decoder.pending == len(broken + EVENT)
    for data in (b"", EVENT):
        with pytest.raises(CorruptFrame):
            decoder.feed(data)


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        pytest.param({"n" * 256: "v"}, b"", id="name"),
        pytest.param({"n": "v" * 65_536}, b"", id="value"),
        pytest.param({str(n): "v" * 65_535 for n in range(3)}, b"", id="headers"),
        pytest.param({}, bytes(MAX_PAYLOAD + 1), id="payload"),
    ],
)
def test_what_does_not_fit_is_not_encoded(headers: dict[str, str], payload: bytes) -> None:
    with pytest.raises(ValueError, match="too long for an event stream"):
        encode(headers, payload)
