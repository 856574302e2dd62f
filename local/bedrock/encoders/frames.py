"""What a stream is made of before it is bytes."""

import base64
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from local.bedrock import eventstream
from local.bedrock.answers import Usage
from local.bedrock.errors import ServiceError

_PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Piece(Protocol):
    """What a stream sends at once."""

    @property
    def tokens(self) -> int:
        """How many tokens of the answer it carries."""

    def encode(self, index: int, /) -> bytes:
        """Its bytes; `index` is its place in the stream."""


class Wire(NamedTuple):
    """How a format of streams tells a failure, and what damage does to it."""

    exception: Callable[[ServiceError, int], bytes]
    """The bytes that end a stream after so many pieces."""
    damage: Callable[[bytes], bytes]


class Frame(NamedTuple):
    """One event: its type, its payload and how many tokens of the answer it carries."""

    kind: str
    payload: dict[str, Any]
    tokens: int = 0

    def encode(self, index: int) -> bytes:
        """The frame's bytes; as in the service, padding hides how long its content is."""
        padding = _PADDING[: 3 + index * 29 % 58]
        payload = {**self.payload, "p": padding}
        return eventstream.event(self.kind, dict(sorted(payload.items())))


def chunk(inner: dict[str, Any], tokens: int = 0) -> Frame:
    """An event of a model's own format, as InvokeModelWithResponseStream wraps it."""
    content = base64.b64encode(eventstream.to_json(inner)).decode()
    return Frame("chunk", {"bytes": content}, tokens)


def invocation_metrics(usage: Usage, latency_ms: int) -> dict[str, dict[str, int]]:
    """What the last chunk of a stream tells of the tokens used."""
    metrics = {
        "inputTokenCount": usage.input,
        "outputTokenCount": usage.output,
        "invocationLatency": latency_ms,
        "firstByteLatency": 100,
    }
    if usage.cache_read or usage.cache_write:
        metrics["cacheReadInputTokenCount"] = usage.cache_read
        metrics["cacheWriteInputTokenCount"] = usage.cache_write
    return {"amazon-bedrock-invocationMetrics": metrics}


def _exception(error: ServiceError, _index: int) -> bytes:
    kind = error.name[:1].lower() + error.name[1:]
    return eventstream.exception(kind, error.body)


EVENT_STREAM = Wire(_exception, eventstream.damage)
"""AWS's binary event stream."""
