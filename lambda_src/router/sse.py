"""Server-sent events, read and written (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import json
from typing import Any, NamedTuple

from router.http import Headers

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment, which every parser of server-sent events passes over."""

STREAM_HEADERS: Headers = [
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
]

DONE = b"data: [DONE]\n\n"
"""How OpenAI ends a stream of chunks."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


class SseEvent(NamedTuple):
    """One event as it came."""

    data: bytes
    """The event's `data`, its lines joined; empty for a comment."""
    raw: bytes
    """All of it, the blank line at its end included."""


def data_event(content: dict[str, Any]) -> bytes:
    """An event that holds JSON and has no name of its own."""
    return b"data: %b\n\n" % _encode(content).encode("ascii")


def named_event(name: str, content: dict[str, Any]) -> bytes:
    """An event with a name."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _encode(content).encode("ascii"))


class SseDecoder:
    """Cuts a stream that comes in pieces of any size into its events."""

    def __init__(self) -> None:
        self._buffer = b""

    @property
    def pending(self) -> bool:
        """Whether an event has come in part."""
        return bool(self._buffer.strip())

    def feed(self, piece: bytes) -> list[SseEvent]:
        """The events that are whole now."""
        buffer = self._buffer + piece
        events = []
        start = 0
        while True:
            end = _end_of_event(buffer, start)
            if end < 0:
                break
            raw = buffer[start:end]
            events.append(SseEvent(_data_of(raw), raw))
            start = end
        self._buffer = buffer[start:]
        return events


def _end_of_event(buffer: bytes, start: int) -> int:
    """Where the blank line after the event at `start` ends; -1 when it has not come yet."""
    ends = [
        found + len(blank)
        for blank in (b"\n\n", b"\r\n\r\n")
        if (found := buffer.find(blank, start)) >= 0
    ]
    return min(ends, default=-1)


def _data_of(raw: bytes) -> bytes:
    lines = [line.partition(b":") for line in raw.splitlines() if line.startswith(b"data")]
    return b"\n".join([value.removeprefix(b" ") for field, _, value in lines if field == b"data"])
