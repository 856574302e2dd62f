"""A Claude's streamed answer: the events that InvokeModel gives in frames, as server-sent events.

Each passes as it came, but for two. ``message_start`` names the model as the client does: Claude Code
drops the thinking of what another model than it asked for has said. ``message_delta`` tells all that was
used, as Anthropic's own does and some clients read nothing else; Bedrock's has the output alone
(https://platform.claude.com/docs/en/build-with-claude/streaming).
"""

from collections.abc import Callable

from catalog.pricing import Usage
from ledger.money import to_usd

from router import usage
from router.dialects import shapes
from router.dialects.checks import Json, upstream_object
from router.errors import ApiError
from router.eventstream import Frame
from router.http import Headers
from router.sse import STREAM_HEADERS, named_event

_BEGINS = b'{"type":"'

_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class MessagesRelay:
    """See `router.dialects.dialect.Translator`."""

    def __init__(self, headers: Headers, model: str, cost: Callable[[Usage], int]) -> None:
        """`model` is the client's own name for it; `cost` is in picodollars."""
        self.headers: Headers = [*STREAM_HEADERS, *headers]
        self._model = model
        self._cost = cost
        self._used: Json = {}
        """What ``message_start`` tells of usage."""
        self._complete = False

    def translate(self, frames: list[Frame]) -> bytes:
        return b"".join(
            [
                self._relay(usage.chunk_bytes(frame.payload))
                for frame in frames
                if frame.headers.get(":event-type") == "chunk"
            ]
        )

    def silence(self) -> bytes:
        return shapes.ANTHROPIC.sign_of_life

    def end(self) -> bytes:
        if not self._complete:
            raise ApiError("bad_upstream", "Bedrock's answer ended before it was complete.")
        return b""

    def fail(self, error: ApiError) -> bytes:
        return named_event("error", shapes.anthropic_error(error))

    def _relay(self, event: bytes) -> bytes:
        if event.startswith(_BEGINS):
            kind = event[len(_BEGINS) : event.find(b'"', len(_BEGINS))]
        else:
            kind = str(upstream_object(event).get("type", "")).encode()
        if kind == b"message_start":
            return self._start(event)
        if kind == b"message_delta":
            return self._delta(event)
        if kind == b"message_stop":
            self._complete = True
        # A line's end, of either form, can only stand between the tokens of JSON.
        data = event.replace(b"\n", b" ").replace(b"\r", b" ")
        return b"event: %b\ndata: %b\n\n" % (kind, data)

    def _start(self, event: bytes) -> bytes:
        content = upstream_object(event)
        message = content.get("message")
        if isinstance(message, dict):
            used = message.get("usage")
            self._used = used if isinstance(used, dict) else {}
            message["model"] = self._model
        return named_event("message_start", content)

    def _delta(self, event: bytes) -> bytes:
        content = upstream_object(event)
        told = content.get("usage")
        told = told if isinstance(told, dict) else {}
        used = {name: self._used[name] for name in _COUNTS if name in self._used} | told
        cost = self._cost(usage.from_anthropic({**self._used, **told}))
        content["usage"] = {**used, "cost": to_usd(cost)}
        return named_event("message_delta", content)
