"""Kept-alive HTTP/1.1 connections to the few hosts the router talks to.

A worker serves one request at a time, so there is one connection per host. `http.client` does the
protocol; this module adds what it lacks: noticing that a connection was closed while Lambda had the
process frozen, and waiting for the next bytes of a stream with a time limit. The wait polls the
socket instead of setting a timeout on it, because Python's buffered socket reader refuses to read
on after a timeout.
"""

import http.client
import io
import select
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


class _SocketReader(io.RawIOBase):
    """Reads a socket, waiting at most `limit_s` for each piece, or `probe_s` while probing."""

    def __init__(self, sock: socket.socket, limit_s: float) -> None:
        self._socket = sock
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self.limit_s = limit_s
        self.probe_s: float | None = None
        self.at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if not self._has_bytes(self.limit_s if self.probe_s is None else self.probe_s):
            if self.probe_s is not None:
                return None
            raise SilentTooLong(f"no byte within {self.limit_s:.0f} s")
        size = self._socket.recv_into(buffer)
        self.at_end = size == 0
        return size

    def _has_bytes(self, wait_s: float) -> bool:
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(self._poll.poll(max(0.0, wait_s) * 1000))


class _Socket:
    """What `http.client` needs of a socket, with a `_SocketReader` in place of its own reader."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.limit_s = CONNECT_TIMEOUT_S
        self.reader: _SocketReader | None = None
        self.sendall = sock.sendall

    def close(self) -> None:
        """Nothing: `http.client` closes before a last body is read; `Connection` closes for good."""

    def makefile(self, _mode: str) -> io.BufferedReader:
        self.reader = _SocketReader(self.sock, self.limit_s)
        return io.BufferedReader(self.reader, READ_SIZE)

    def limit(self, limit_s: float) -> None:
        """Bounds each later wait; the socket's own timeout only backs the poll up under TLS."""
        self.limit_s = limit_s
        self.sock.settimeout(limit_s)

    def is_idle(self) -> bool:
        """Whether nothing waits to be read, as it must be on a connection between two requests."""
        return not select.select([self.sock], [], [], 0)[0]


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
                if arrived:
                    silent_s = 0.0
                    if piece := response.read1(READ_SIZE):
                        yield piece
                    continue
                silent_s += waited_s
                if silent_s >= reader.limit_s:
                    raise SilentTooLong(f"no byte within {reader.limit_s:.0f} s")
                yield None
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

    def open(self) -> tuple[http.client.HTTPConnection, _Socket]:
        """Connects unless connected; called early so that a request need not wait for it."""
        if self._open is None:
            sock = socket.create_connection((self._hostname, self._port), CONNECT_TIMEOUT_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls().wrap_socket(sock, server_hostname=self._hostname)
            wrapped = _Socket(sock)
            connection = http.client.HTTPConnection(self._hostname, self._port)
            connection.sock = cast("socket.socket", wrapped)
            self._open = connection, wrapped
        return self._open

    def close(self) -> None:
        """Closes the connection; the next request opens a new one."""
        if self._open is not None:
            self._open[1].sock.close()
            self._open = None

    def request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Answer:
        """Sends a request and reads the answer's head; each wait for bytes is at most `limit_s`.

        Raises `UpstreamUnreachable`. A kept-alive connection that breaks at once is replaced and
        the request sent again, since the peer had closed it before; one that breaks later is not,
        since the peer may have run the request.
        """
        if self._open is not None and not self._open[1].is_idle():
            self.close()
        reused = self._open is not None
        try:
            self.open()
        except OSError as error:
            raise NeverSent(f"{type(error).__name__}: {error}") from error
        sent_at = time.monotonic()
        try:
            return self._request(method, target, headers, body, limit_s)
        except _FAILURES as error:
            self.close()
            broke = isinstance(
                error, http.client.RemoteDisconnected | BrokenPipeError | ConnectionResetError
            )
            if not (reused and broke and time.monotonic() - sent_at < _STALE_WITHIN_S):
                raise _unreachable(error) from error
        return self.request(method, target, headers, body, limit_s)

    def start_chunked(self, method: str, target: str, headers: Headers) -> "ChunkedRequest":
        """Sends a request's head; the body follows in pieces. Raises `UpstreamUnreachable`."""
        try:
            connection, sock = self.open()
            sock.limit(CONNECT_TIMEOUT_S)
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

    def _request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Answer:
        connection, sock = self.open()
        sock.limit(limit_s)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("host", self.host)
        for name, value in headers:
            connection.putheader(name, value)
        if body or method != "GET":
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body or None)
        return Answer(connection.getresponse(), sock, self.close)


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
            answer = Answer(self._connection.getresponse(), self._socket, self._hang_up)
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
    """A `Connection` per endpoint URL; TLS is set up when the first https one is opened."""

    def __init__(self, tls: Callable[[], ssl.SSLContext]) -> None:
        self._tls = tls
        self._connections: dict[str, Connection] = {}

    def connection(self, url: str) -> Connection:
        """The one connection to that endpoint."""
        found = self._connections.get(url)
        if found is None:
            found = self._connections[url] = Connection(url, self._tls)
        return found


def tls_context(ca_bundle: str | None) -> Callable[[], ssl.SSLContext]:
    """Makes the TLS settings once, when first asked: loading the CA certificates takes 20 ms."""
    made: list[ssl.SSLContext] = []

    def context() -> ssl.SSLContext:
        if not made:
            made.append(ssl.create_default_context(cafile=ca_bundle))
        return made[0]

    return context


def _unreachable(error: BaseException) -> UpstreamUnreachable:
    if isinstance(error, UpstreamUnreachable):
        return error
    return UpstreamUnreachable(f"{type(error).__name__}: {error}")
