"""What every client protocol has to say of itself: the interface between serving and translating."""

from typing import NamedTuple, Protocol

from catalog.models import Catalog, Target

from router.errors import ApiError
from router.eventstream import Frame
from router.http import Headers, Request, Response


class Call(NamedTuple):
    """One model call, ready to be priced, admitted and sent to Bedrock."""

    target: Target
    operation: str
    """The last part of Bedrock's path: ``converse``, ``converse-stream``, ``invoke``, …"""
    headers: Headers
    body: bytes
    prompt_tokens: int
    """The most tokens its prompt can have."""
    output_tokens: int
    """The most tokens its answer can have."""
    service_tier: str = "default"

    @property
    def streams(self) -> bool:
        """Whether Bedrock answers with an event stream."""
        return self.operation.endswith("-stream")

    @property
    def is_free(self) -> bool:
        """Whether Bedrock runs no model for it, so that it costs nothing."""
        return self.operation == "count-tokens"


class Translator(Protocol):
    """Turns one answer's event stream into the client's, as it arrives. Made for one call."""

    headers: Headers

    def translate(self, frames: list[Frame]) -> bytes:
        """What to send for the next frames; a fault among them is told by `fail` afterwards."""
        ...

    def silence(self) -> bytes:
        """What to send when nothing has come for a while; empty where the protocol has nothing."""
        ...

    def end(self) -> bytes:
        """What ends a stream that went well. Raises `ApiError` if it ended before it was complete."""
        ...

    def fail(self, error: ApiError) -> bytes:
        """What ends a stream that went wrong."""
        ...


class Dialect(Protocol):
    """One client protocol for one request: pure, without I/O or clock."""

    route: str
    """What the log calls it."""

    def parse(self, request: Request, catalog: Catalog) -> Call:
        """The call that the request asks for. Raises `ApiError`."""
        ...

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:
        """The client's response for a whole answer of Bedrock's. Raises `ApiError`."""
        ...

    def stream(self, call: Call, headers: Headers) -> Translator:
        """The translator for a streamed answer with those headers."""
        ...

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        """The client's response for an error answer of Bedrock's."""
        ...

    def error(self, error: ApiError) -> Response:
        """The client's response for an error of the router's own."""
        ...
