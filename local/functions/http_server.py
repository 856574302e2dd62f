"""HTTP/1.1 on asyncio: one exchange at a time per connection, bodies handed over as they arrive."""

import asyncio
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Protocol, cast

import h11

Headers = list[tuple[str, str]]

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: request line and headers.
_MAX_HEAD_BYTES = 1_000_000

_BODILESS_STATUSES = frozenset({204, 304})


class Exchange(Protocol):
    """The receiving side of one request, told about its body piece by piece."""

    def body_chunk(self, data: bytes) -> None: ...

    def body_complete(self, trailers: dict[str, str]) -> None: ...

    def connection_lost(self) -> None:
        """The peer went away before the answer was complete."""


class Reply:
    """The answering side of one exchange. Once the peer has gone, everything is a no-op."""

    def __init__(self, connection: "HttpConnection", *, bodiless: bool) -> None:
        self._connection = connection
        self._bodiless = bodiless

    def start(self, status: int, headers: Headers) -> None:
        """Send the head; without a content-length the body is chunked.

        Raises ValueError when HTTP does not allow the status or a header.
        """
        self._bodiless = self._bodiless or status in _BODILESS_STATUSES
        try:
            head = h11.Response(
                status_code=status, headers=[*headers, ("date", formatdate(usegmt=True))]
            )
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise ValueError(str(error)) from error
        self._connection.send(head)

    def write(self, data: bytes) -> None:
        if data and not self._bodiless:
            self._connection.send(h11.Data(data=data))

    def finish(self) -> None:
        self._connection.finish()

    def abort(self) -> None:
        """Cut the connection, so that the peer sees its answer break off."""
        self._connection.abort()

    def send(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer."""
        self.start(status, [*headers, ("content-length", str(len(body)))])
        self.write(body)
        self.finish()


Accept = Callable[[h11.Request, Reply, str], Exchange]
"""Called with each request, the reply to it and the peer's address; names who takes the body."""


class HttpConnection(asyncio.Protocol):
    """One server connection, kept alive from exchange to exchange."""

    def __init__(self, accept: Accept) -> None:
        self.closed = asyncio.Event()
        self._accept = accept
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._exchange: Exchange | None = None
        self._peer = ""
        self._outgoing: list[bytes] = []
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._peer = transport.get_extra_info("peername")[0]

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        exchange, self._exchange = self._exchange, None
        if exchange:
            exchange.connection_lost()
        self.closed.set()

    def send(self, event: h11.Event) -> None:
        """Write an event; all those of one turn of the loop leave together, as one packet."""
        if not self._transport.is_closing() and (data := self._http.send(event)):
            if not self._outgoing:
                asyncio.get_running_loop().call_soon(self._flush)
            self._outgoing.append(data)

    def finish(self) -> None:
        self._exchange = None
        self.send(h11.EndOfMessage())
        if self._http.our_state is h11.MUST_CLOSE:
            self._close()
        elif self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._advance()

    def abort(self) -> None:
        self._exchange = None
        self._flush()
        self._transport.abort()

    def _advance(self) -> None:
        while not self._transport.is_closing():
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(error.error_status_hint)
                return
            if isinstance(event, h11.Request):
                self._open(event)
            elif isinstance(event, h11.Data):
                if self._exchange:
                    self._exchange.body_chunk(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                if self._exchange:
                    self._exchange.body_complete(merged(event.headers))
            else:
                return

    def _open(self, request: h11.Request) -> None:
        if self._http.they_are_waiting_for_100_continue:
            self.send(h11.InformationalResponse(status_code=100, headers=[]))
        reply = Reply(self, bodiless=request.method == b"HEAD")
        self._exchange = self._accept(request, reply, self._peer)

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if outgoing and not self._transport.is_closing():
            self._transport.write(b"".join(outgoing))

    def _close(self) -> None:
        self._flush()
        self._transport.close()

    def _refuse(self, status: int) -> None:
        if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            Reply(self, bodiless=False).send(status, [], b"")
        self._close()


def merged(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Lower-case names (as h11 gives them), repeated headers joined by a comma as Lambda does."""
    result: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        result[name] = f"{result[name]},{value}" if name in result else value
    return result
