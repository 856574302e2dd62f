"""One invocation of a function: what its worker gets, and where the answer goes."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

MAX_BUFFERED_PAYLOAD_BYTES = 6_291_556
"""Lambda's limit on an event and on a buffered answer, as its own error message states it."""


class ResponseSink(Protocol):
    """Takes an answer as it is produced. Exactly one of `complete` and `fail` ends it."""

    def begin(self, content_type: str) -> None: ...

    def chunk(self, data: bytes) -> None: ...

    def complete(self) -> None: ...

    def fail(self, reason: str) -> None:
        """The function broke: before `begin` there is no answer, after it the answer is cut."""


class InvocationRequest(NamedTuple):
    """`deadline_ms` is in epoch milliseconds; `event` is the JSON the function receives."""

    request_id: str
    trace_id: str
    deadline_ms: int
    event: bytes


class Invocation:
    """Passes a worker's answer on to its sink, and ends exactly once."""

    def __init__(
        self, request: InvocationRequest, sink: ResponseSink, on_end: Callable[[str | None], None]
    ) -> None:
        self.request = request
        self._sink = sink
        self._on_end = on_end
        self.ended = False

    def begin(self, content_type: str) -> None:
        if not self.ended:
            self._sink.begin(content_type)

    def chunk(self, data: bytes) -> None:
        if not self.ended:
            self._sink.chunk(data)

    def complete(self) -> None:
        if not self.ended:
            self._end(None)
            self._sink.complete()

    def fail(self, reason: str) -> None:
        if not self.ended:
            self._end(reason)
            self._sink.fail(reason)

    def _end(self, fault: str | None) -> None:
        self.ended = True
        self._on_end(fault)
