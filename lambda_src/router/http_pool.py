"""Kept-alive HTTP/1.1 connections to the few hosts the router talks to.

A worker serves one request at a time, so it needs one connection per host, and more only where a
request makes several calls side by side. `http.client` does the protocol; this module adds what it
lacks: noticing that a connection was closed while Lambda had the process frozen, and waiting for the
next bytes of a stream with a time limit. For that it brings its own socket reader, because Python's
refuses to read on after a timeout.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from router.http import Headers

READ_SIZE = 65536

CONNECT_TIMEOUT_S = 5.0

_STALE_WITHIN_S = 1.0


class UpstreamUnreachable(Exception):
    """No whole answer came: refused, reset, timed out, or cut off inside a body."""


class NeverSent(UpstreamUnreachable):
    """No connection could be made, so the request cannot have run."""


class SilentTooLong(UpstreamUnreachable):
    """The time limit passed with the answer still unfinished."""


_FAILURES = (http.client.HTTPException, OSError, UpstreamUnreachable)

_BROKEN = (
    http.client.RemoteDisconnected,
    BrokenPipeError,
    ConnectionResetError,
    ssl.SSLEOFError,  # what OpenSSL makes of a broken pipe
)


class _SocketReader(io.RawIOBase):
    """Reads a socket, waiting at most `limit_s` for each piece, or `probe_s` while probing."""

    def __init__(self, sock: "_Socket", limit_s: float) -> None:
        self._socket = sock
        self._recv_into = sock.sock.recv_into
        self.limit_s = limit_s
        self.probe_s: float | None = None
        self.begun = False
        self.at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        # The socket's own timeout, unlike a poll, knows under TLS that a part of a record or a
        # session ticket is no byte yet.
        self._socket.wait_at_most(self.limit_s if self.probe_s is None else self.probe_s)
        try:
            size = self._recv_into(buffer)
        except TimeoutError:
            if self.probe_s is None:
                raise
            return None
        self.at_end = size == 0
        self.begun = self.begun or size > 0
        return size


class _Socket:
    """What `http.client` needs of a socket, with a `_SocketReader` in place of its own reader."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.limit_s = CONNECT_TIMEOUT_S
        self.reader: _SocketReader | None = None
        self.sendall = sock.sendall
        self._timeout_s: float | None = None

    def close(self) -> None:
        """Nothing: `http.client` closes before a last body is read; `Connection` closes for good."""

    def makefile(self, _mode: str) -> io.BufferedReader:
        self.reader = _SocketReader(self, self.limit_s)
        return io.BufferedReader(self.reader, READ_SIZE)

    def begin(self, limit_s: float) -> None:
        """Starts an exchange, in which each wait is at most `limit_s`."""
        self.limit_s = limit_s
        self.reader = None
        self.wait_at_most(limit_s)

    def wait_at_most(self, timeout_s: float) -> None:
        """Sets the socket's timeout. Unchanged it is left alone: to set it takes a system call."""
        if timeout_s != self._timeout_s:
            self._timeout_s = timeout_s
            self.sock.settimeout(timeout_s)

    def is_answering(self) -> bool:
        """Whether an answer to the request has begun to arrive."""
        return self.reader is not None and self.reader.begun

    def is_idle(self) -> bool:
        """Whether nothing waits to be read, as it must be on a connection between two requests.

        It is read, not polled: TLS has messages of its own, such as the session tickets that follow
        a handshake.
        """
        self.wait_at_most(0)
        try:
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False


class Answer:
    """An upstream's answer: status and headers now, body when read."""

    def __init__(
        self, response: http.client.HTTPResponse, sock: _Socket, hang_up: Callable[[], None]
    ) -> None:
        self._response = response
        self._reader = cast("_SocketReader", sock.reader)
        self._hang_up = hang_up
        self.status = response.status
        self.headers: Headers = [(name.lower(), value) for name, value in response.getheaders()]

    @property
    def is_read(self) -> bool:
        """Whether the body was read to its end."""
        return self._response.isclosed()

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        return next((value for found, value in self.headers if found == name), None)

    def read(self) -> bytes:
        """The whole body."""
        try:
            body = self._response.read()
        except _FAILURES as error:
            self._hang_up()
            raise _unreachable(error) from error
        self.close()
        return body

    def pieces(self, silence_s: float) -> Iterator[bytes | None]:
        """The body as it arrives; None each time nothing has come for `silence_s` seconds.

        Raises `UpstreamUnreachable` when the body breaks off or the time limit passes in silence.
        """
        response, reader = self._response, self._reader
        buffered = response.fp
        silent_s = 0.0
        try:
            while not response.isclosed() and response.length != 0:
                reader.probe_s = min(silence_s, reader.limit_s - silent_s)
                arrived = buffered.peek(1) or reader.at_end
                waited_s, reader.probe_s = reader.probe_s, None
                if not arrived:
                    silent_s += waited_s
                    if silent_s >= reader.limit_s:
                        raise SilentTooLong(f"no byte within {reader.limit_s:.0f} s")
                    yield None
                    continue
                silent_s = 0.0
                if response.chunk_left == 0:
                    # `read1` would read the line end after a chunk and then wait, beyond this loop's
                    # control, for the next chunk: it comes later, the line end came with the last.
                    buffered.read(2)
                    response.chunk_left = None
                elif piece := response.read1(READ_SIZE):
                    yield piece
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
        except _FAILURES as error:
            self._hang_up()
            raise _unreachable(error) from error
        self.close()

    def close(self) -> None:
        """Keeps the connection when the body was read to its end, gives it up otherwise."""
        response = self._response
        if response.length == 0:
            response.close()
        if not response.isclosed() or response.will_close:
            self._hang_up()


class Connection:
    """One kept-alive connection to one host, opened when first needed."""

    def __init__(self, url: str, tls: Callable[[], ssl.SSLContext]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http or https URL: {url}")
        self._tls = tls if parts.scheme == "https" else None
        self._hostname = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self.host = parts.netloc
        self._open: tuple[http.client.HTTPConnection, _Socket] | None = None
        self._answer: Answer | None = None

    def open(self) -> tuple[http.client.HTTPConnection, _Socket]:
        """Connects unless connected; called early so that a request need not wait for it."""
        if self._open is None:
            context = None if self._tls is None else self._tls()
            sock = socket.create_connection((self._hostname, self._port), CONNECT_TIMEOUT_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                sock = context.wrap_socket(sock, server_hostname=self._hostname)
            wrapped = _Socket(sock)
            connection = http.client.HTTPConnection(self._hostname, self._port)
            connection.sock = cast("socket.socket", wrapped)
            self._open = connection, wrapped
        return self._open

    def close(self) -> None:
        """Closes the connection; the next request opens a new one."""
        if self._open is not None:
            self._open[1].sock.close()
            self._open = self._answer = None

    def request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Answer:
        """Sends a request and reads the answer's head; each wait for bytes is at most `limit_s`.

        Raises `UpstreamUnreachable`. A kept-alive connection that breaks at once, without a byte of
        an answer, is replaced and the request sent again, since the peer had closed it before; one
        that breaks later is not, since the peer may have run the request.
        """
        if not self._is_free():
            self.close()
        reused = self._open is not None
        try:
            _, sock = self.open()
        except OSError as error:
            raise NeverSent(f"{type(error).__name__}: {error}") from error
        sent_at = time.monotonic()
        try:
            self._answer = self._request(method, target, headers, body, limit_s)
        except _FAILURES as error:
            self.close()
            at_once = time.monotonic() - sent_at < _STALE_WITHIN_S and not sock.is_answering()
            if not (reused and at_once and isinstance(error, _BROKEN)):
                raise _unreachable(error) from error
        except ValueError:
            # A header that HTTP cannot carry: the request is half made and nothing of it was sent.
            self.close()
            raise
        else:
            return self._answer
        return self.request(method, target, headers, body, limit_s)

    def start_chunked(
        self, method: str, target: str, headers: Headers, limit_s: float
    ) -> "ChunkedRequest":
        """Sends a request's head; the body follows in pieces, each sent within `limit_s`.

        Raises `UpstreamUnreachable`.
        """
        try:
            connection, sock = self.open()
            sock.begin(limit_s)
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("host", self.host)
            connection.putheader("transfer-encoding", "chunked")
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
        except _FAILURES as error:
            self.close()
            raise _unreachable(error) from error
        return ChunkedRequest(connection, sock, self.close)

    def _is_free(self) -> bool:
        """Whether the next request may use the connection: the last answer was read, nothing followed."""
        if self._open is None or (self._answer is not None and not self._answer.is_read):
            return False
        return self._open[1].is_idle()

    def _request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Answer:
        connection, sock = self.open()
        sock.begin(limit_s)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("host", self.host)
        for name, value in headers:
            connection.putheader(name, value)
        if body or method != "GET":
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body or None)
        return _answer(connection, sock, self.close)


class ChunkedRequest:
    """A request whose body is sent piece by piece, each at once."""

    def __init__(
        self, connection: http.client.HTTPConnection, sock: _Socket, hang_up: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._socket = sock
        self._hang_up = hang_up

    def send(self, piece: bytes) -> None:
        """One chunk; nothing for an empty piece, which would end the body."""
        if piece:
            self._sendall(b"%x\r\n%b\r\n" % (len(piece), piece))

    def end(self, trailers: Headers) -> bytes:
        """Ends the body, with trailers, and gives the answer's body."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in trailers)
        self._sendall(b"0\r\n%b\r\n" % lines.encode("latin-1"))
        try:
            answer = _answer(self._connection, self._socket, self._hang_up)
        except _FAILURES as error:
            self._hang_up()
            raise _unreachable(error) from error
        return answer.read()

    def _sendall(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            self._hang_up()
            raise _unreachable(error) from error


class Pool:
    """`Connection`s by endpoint URL; TLS is set up when the first https one is opened."""

    def __init__(self, tls: Callable[[], ssl.SSLContext]) -> None:
        self._tls = tls
        self._connections: dict[tuple[str, int], Connection] = {}

    def connection(self, url: str, lane: int = 0) -> Connection:
        """The connection to that endpoint; those of different lanes can be used at the same time."""
        found = self._connections.get((url, lane))
        if found is None:
            found = self._connections[url, lane] = Connection(url, self._tls)
        return found


def tls_context(ca_bundle: str | None) -> Callable[[], ssl.SSLContext]:
    """Makes the TLS settings once, when first asked: loading the CA certificates takes 20 ms."""
    made: list[ssl.SSLContext] = []

    def context() -> ssl.SSLContext:
        if not made:
            made.append(ssl.create_default_context(cafile=ca_bundle))
        return made[0]

    return context


def _answer(
    connection: http.client.HTTPConnection, sock: _Socket, hang_up: Callable[[], None]
) -> Answer:
    response = connection.getresponse()
    if cast("_SocketReader", sock.reader).at_end:
        # `http.client` takes a head that breaks off for one that ends there.
        raise http.client.IncompleteRead(b"")
    return Answer(response, sock, hang_up)


def _unreachable(error: BaseException) -> UpstreamUnreachable:
    if isinstance(error, UpstreamUnreachable):
        return error
    if isinstance(error, TimeoutError):
        return SilentTooLong(str(error))
    return UpstreamUnreachable(f"{type(error).__name__}: {error}")
