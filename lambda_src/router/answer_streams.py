"""Bedrock's streamed answers, whichever way they are framed: their events, usage and faults."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from catalog.pricing import Usage

from router import bedrock_errors, usage
from router.errors import ApiError
from router.eventstream import Decoder, Frame
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

    def has_token(self, events: Iterable[Any]) -> bool:
        """Whether one of the events carries some of what the model says, thinks or calls."""
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

    def has_token(self, events: Iterable[Any]) -> bool:
        return any(_is_token(frame) for frame in events)

    def fault(self, events: Iterable[Any]) -> ApiError | None:
        return bedrock_errors.first_fault(events)


_OPENINGS = (
    b'"message_start"',
    b'"content_block_start"',
    b'"ping"',
    b'"messageStart"',
    b'"contentBlockStart"',
)
"""What comes before the first token in InvokeModel's streams, by Anthropic and by Amazon. A model's own
words cannot be taken for them, as quotes are escaped in JSON."""


def _is_token(frame: Frame) -> bool:
    event = frame.headers.get(":event-type")
    if event == "chunk":
        inner = usage.chunk_bytes(frame.payload)
        return not any(opening in inner for opening in _OPENINGS)
    return event == "contentBlockDelta"


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

    def has_token(self, events: Iterable[SseEvent]) -> bool:
        return any(_is_delta(usage.loads(event.data)) for event in events)

    def fault(self, events: Iterable[SseEvent]) -> ApiError | None:
        for event in events:
            if b'"error"' in event.data and (error := bedrock_errors.from_sse(event.data)):
                return error
        return None

    def _read(self, data: bytes) -> None:
        used, tier = usage.from_openai_body(data)
        self.usage = used or self.usage
        self.service_tier = tier or self.service_tier


def _is_delta(content: Mapping[str, Any]) -> bool:
    """Whether a chunk of Chat Completions or an event of Responses carries some of the answer."""
    choices = content.get("choices")
    deltas = [
        choice["delta"]
        for choice in (choices if isinstance(choices, list) else ())
        if isinstance(choice, dict) and isinstance(choice.get("delta"), dict)
    ]
    return str(content.get("type")).endswith(".delta") or any(
        value for delta in deltas for name, value in delta.items() if name != "role"
    )
