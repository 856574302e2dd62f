"""Frames of ``application/vnd.amazon.eventstream``.

https://smithy.io/2.0/aws/amazon-eventstream.html: total length, headers length and the CRC-32 of these
eight bytes; the headers; the payload; the CRC-32 of everything before. All header values are strings.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

_STRING = 7


def encode(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One frame."""
    packed = b"".join(
        struct.pack(f">B{len(name)}sBH", len(name), name.encode(), _STRING, len(value.encode()))
        + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", len(packed) + len(payload) + 16, len(packed))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + packed + payload
    return message + struct.pack(">I", zlib.crc32(message))


def event(kind: str, payload: Mapping[str, Any]) -> bytes:
    """An event as Bedrock sends it."""
    headers = {
        ":event-type": kind,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return encode(headers, to_json(payload))


def exception(kind: str, payload: Mapping[str, Any]) -> bytes:
    """An exception in a stream, such as ``throttlingException``."""
    headers = {
        ":exception-type": kind,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return encode(headers, to_json(payload))


def damage(frame: bytes) -> bytes:
    """The frame with one byte of its payload changed and its checksums as they were."""
    return frame[:-5] + bytes((frame[-5] ^ 0xFF,)) + frame[-4:]


def split(stream: bytes) -> Iterator[bytes]:
    """The frames of a recorded stream, one by one."""
    while stream:
        (length,) = struct.unpack_from(">I", stream)
        yield stream[:length]
        stream = stream[length:]


def to_json(value: Any) -> bytes:
    """JSON as the service writes it: no spaces, UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
