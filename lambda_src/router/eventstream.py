"""The frames of ``application/vnd.amazon.eventstream``, in which Bedrock streams its answers.

    u32 total length | u32 headers length | u32 CRC of those 8 bytes | headers | payload | u32 CRC

Numbers are big-endian; the last CRC covers all before it. Each header is u8 name length, name, u8
type, value. https://smithy.io/2.0/aws/amazon-eventstream.html; the size limits are botocore's.
"""

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

HeaderValue = bool | int | bytes | str

MAX_HEADERS = 128 * 1024  # bytes
MAX_PAYLOAD = 24 * 1024 * 1024  # bytes

_PRELUDE = struct.Struct(">III")
_LENGTHS = struct.Struct(">II")
_U32 = struct.Struct(">I")
_U16 = struct.Struct(">H")
_OVERHEAD = 16

_TRUE, _FALSE, _BYTES, _STRING = 0, 1, 6, 7
_FIXED_SIZE = {
    2: struct.Struct(">b"),
    3: struct.Struct(">h"),
    4: struct.Struct(">i"),
    5: struct.Struct(">q"),
    8: struct.Struct(">q"),  # timestamp
    9: struct.Struct(">16s"),  # UUID
}


class CorruptFrame(ValueError):
    """The bytes are not a frame; where the next one begins is not to be known."""


class Frame(NamedTuple):
    """One frame. Timestamps are milliseconds since the epoch, UUIDs their 16 bytes."""

    headers: Mapping[str, HeaderValue]
    """Shared between frames whose headers are alike."""
    payload: bytes
    raw: bytes
    """The whole frame as it came."""


class Decoder:
    """Cuts one stream's bytes, however they were split on the way, into frames."""

    __slots__ = ("_held", "_needed")

    def __init__(self) -> None:
        self._held = bytearray()
        self._needed = 0

    @property
    def pending(self) -> int:
        """Bytes of a frame not yet complete: a stream that ends with any was cut off."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order.

        Raises `CorruptFrame`; if intact frames came before the corrupt one, they are returned and
        the next call raises.
        """
        if self._held:
            self._held += data
            if len(self._held) < self._needed:
                return []  # copying nothing: a large frame in many pieces takes linear time
            data = bytes(self._held)
        frames: list[Frame] = []
        start, end = 0, len(data)
        needed = _PRELUDE.size
        try:
            while end - start >= needed:
                needed = _total_length(data, start)
                stop = start + needed
                if stop <= end:
                    frames.append(_parse(data[start:stop]))
                    start = stop
                    needed = _PRELUDE.size
        except CorruptFrame:
            if not frames:
                raise
        finally:
            self._held = bytearray(data[start:])
            self._needed = needed
        return frames


def encode(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One frame with these headers, all of type string. Raises ValueError if they are too long."""
    block = b"".join([_encode_header(name, value) for name, value in headers.items()])
    if len(block) > MAX_HEADERS or len(payload) > MAX_PAYLOAD:
        raise ValueError("too long for an event stream frame")
    lengths = _LENGTHS.pack(_OVERHEAD + len(block) + len(payload), len(block))
    message = lengths + _U32.pack(crc32(lengths)) + block + payload
    return message + _U32.pack(crc32(message))


def _encode_header(name: str, value: str) -> bytes:
    name_bytes, value_bytes = name.encode(), value.encode()
    if len(name_bytes) > 0xFF or len(value_bytes) > 0xFFFF:
        raise ValueError(f"too long for an event stream header: {name[:64]}")
    name_length, value_length = bytes([len(name_bytes)]), _U16.pack(len(value_bytes))
    return name_length + name_bytes + bytes([_STRING]) + value_length + value_bytes


def _total_length(data: bytes, start: int) -> int:
    """The length of the frame whose prelude is at `start`."""
    total, headers_length, prelude_crc = _PRELUDE.unpack_from(data, start)
    if crc32(data[start : start + _LENGTHS.size]) != prelude_crc:
        raise CorruptFrame("the checksum of a frame's prelude does not match")
    payload_length = total - headers_length - _OVERHEAD
    if headers_length > MAX_HEADERS or not 0 <= payload_length <= MAX_PAYLOAD:
        raise CorruptFrame(f"impossible frame: {total} bytes, of them {headers_length} of headers")
    return int(total)


def _parse(raw: bytes) -> Frame:
    """The frame that `raw` is; its prelude has been checked."""
    if crc32(memoryview(raw)[:-4]) != int.from_bytes(raw[-4:], "big"):
        raise CorruptFrame("the checksum of a frame does not match")
    headers_end = _PRELUDE.size + int.from_bytes(raw[4:8], "big")
    return Frame(_headers(raw[_PRELUDE.size : headers_end]), raw[headers_end:-4], raw)


@lru_cache(maxsize=64)
def _headers(block: bytes) -> Mapping[str, HeaderValue]:
    """The headers in `block`. Bedrock's streams repeat a handful of blocks, hence the cache."""
    headers: dict[str, HeaderValue] = {}
    position, end = 0, len(block)
    try:
        while position < end:
            name_end = position + 1 + block[position]
            name = block[position + 1 : name_end].decode()
            if name in headers:
                raise CorruptFrame("a frame has two headers of one name")
            headers[name], position = _value(block[name_end], block, name_end + 1)
    except (IndexError, KeyError, UnicodeDecodeError, struct.error) as cause:
        raise CorruptFrame("a frame's headers cannot be read") from cause
    if position > end:
        raise CorruptFrame("a frame's last header is cut off")
    return headers


def _value(kind: int, block: bytes, start: int) -> tuple[HeaderValue, int]:
    """The header value of type `kind` at `start`, and where it ends."""
    if kind in {_STRING, _BYTES}:
        end = start + 2 + _U16.unpack_from(block, start)[0]
        value = block[start + 2 : end]
        return (value.decode() if kind == _STRING else value), end
    if kind in {_TRUE, _FALSE}:
        return kind == _TRUE, start
    layout = _FIXED_SIZE[kind]
    return layout.unpack_from(block, start)[0], start + layout.size
