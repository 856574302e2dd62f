"""Bedrock's streamed answers, whichever way they are framed: their events, usage and faults."""

import json
from collections.abc import Iterable
from typing import Any, Protocol

from catalog.pricing import Usage

from router import bedrock_errors, usage
from router.errors import ApiError
from router.eventstream import Decoder
from router.http_pool import Answer
from router.sse import SseDecoder, SseEvent


class AnswerStream(Protocol):
    """Reads one answer as it arrives."""

    @property
    def usage(self) -> Usage | None:
        """What the answer has reported so far."""
        ...

    @property
    def service_tier(self) -> str | None:
        """The tier that the answer says served it."""
        ...

    @property
    def streamed(self) -> int | None:
        """Bytes of content so far, which bound the tokens produced where a stream breaks off.

        None where they do not.
        """
        ...

    @property
    def pending(self) -> bool:
        """Whether an event has come in part."""
        ...

    def feed(self, piece: bytes) -> list[Any]:
        """The events that are whole now. Raises `eventstream.CorruptFrame`."""
        ...

    def fault(self, events: Iterable[Any]) -> ApiError | None:
        """The error that the first of the events which is one tells."""
        ...


def stream_of(answer: Answer) -> AnswerStream | None:
    """The reader of a streamed answer; None for an answer that comes whole."""
    content_type = answer.header("content-type") or ""
    if "application/vnd.amazon.eventstream" in content_type:
        return EventStream()
    if "text/event-stream" in content_type:
        return SseStream()
    return None


class EventStream:
    """AWS's binary event stream, of `Frame`s: Converse and InvokeModel."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._read = usage.StreamUsage()

    @property
    def usage(self) -> Usage | None:
        return self._read.usage

    @property
    def service_tier(self) -> str | None:
        return self._read.service_tier

    @property
    def streamed(self) -> int:
        return self._read.streamed

    @property
    def pending(self) -> bool:
        return bool(self._decoder.pending)

    def feed(self, piece: bytes) -> list[Any]:
        frames = self._decoder.feed(piece)
        for frame in frames:
            self._read.read(frame)
        return frames

    def fault(self, events: Iterable[Any]) -> ApiError | None:
        return bedrock_errors.first_fault(events)


class SseStream:
    """Server-sent events: bedrock-runtime's own OpenAI API."""

    streamed = None
    """Its models reason first and do not show it."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.service_tier: str | None = None
        self._decoder = SseDecoder()

    @property
    def pending(self) -> bool:
        return self._decoder.pending

    def feed(self, piece: bytes) -> list[SseEvent]:
        events = self._decoder.feed(piece)
        for event in events:
            if b'"usage"' in event.data:
                self._read(event.data)
        return events

    def fault(self, events: Iterable[SseEvent]) -> ApiError | None:
        for event in events:
            if b'"error"' in event.data and (error := bedrock_errors.from_sse(event.data)):
                return error
        return None

    def _read(self, data: bytes) -> None:
        try:
            content = json.loads(data)
        except (ValueError, RecursionError):
            return
        used, tier = usage.from_openai(content)
        self.usage = used or self.usage
        self.service_tier = tier or self.service_tier
