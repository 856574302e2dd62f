"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from typing import Any, NamedTuple

from local.bedrock.encoders.frames import Wire
from local.bedrock.errors import ServiceError
from local.bedrock.eventstream import to_json
from local.bedrock.openai.errors import from_service

CONTENT_TYPE = "text/event-stream; charset=utf-8"


class Chunk(NamedTuple):
    """A chunk of a chat completion; an empty one ends the stream."""

    payload: dict[str, Any]
    tokens: int = 0

    def encode(self, _index: int, /) -> bytes:
        """The event's bytes."""
        return _data(to_json(self.payload) if self.payload else b"[DONE]")


class ResponseEvent(NamedTuple):
    """An event of a response's stream; its sequence number is its place in it."""

    type: str
    payload: dict[str, Any]
    tokens: int = 0

    def encode(self, index: int) -> bytes:
        """The event's bytes."""
        content = {"type": self.type, "sequence_number": index, **self.payload}
        return f"event: {self.type}\n".encode() + _data(to_json(content))


def _data(content: bytes) -> bytes:
    return b"data: %b\n\n" % content


def _chunk_exception(error: ServiceError, _index: int) -> bytes:
    return b"event: error\n" + _data(to_json({"error": from_service(error).detail}))


def _response_exception(error: ServiceError, index: int) -> bytes:
    told = from_service(error)
    fields = {"code": told.code, "message": told.message, "param": told.param}
    return ResponseEvent("error", fields).encode(index)


def _damage(event: bytes) -> bytes:
    """The event with the end of its JSON lost."""
    return event[:-3] + event[-2:]


CHUNKS = Wire(_chunk_exception, _damage)
RESPONSE_EVENTS = Wire(_response_exception, _damage)
