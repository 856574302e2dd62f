"""Kept-alive HTTP/1.1 connections to the few hosts the router talks to.

A worker serves one request at a time, so there is one connection per host. `http.client` does the
protocol; this module adds what it lacks: reuse that notices a connection closed while Lambda had the
process frozen, and waiting for the next bytes of a stream with a time limit. The wait polls the socket
instead of setting a timeout on it, because Python's buffered socket reader refuses to read on after a
timeout.
"""

import http.client
import io
import select
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from router.http import Headers

READ_SIZE = 65536

CONNECT_TIMEOUT_S = 5.0


class UpstreamUnreachable(Exception):
    """No whole answer came: refused, reset, timed out, or cut off inside a body."""


class SilentTooLong(UpstreamUnreachable):
    """The time limit passed with the answer still unfinished."""


class _SocketReader(io.RawIOBase):
    """Reads a socket, waiting no longer than `wait_s` (None: `limit_s`) for each piece."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self.probe_s: float | None = None
        self.limit_s: float = CONNECT_TIMEOUT_S

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        probing = self.probe_s is not None
        if not self._has_bytes(self.probe_s if self.probe_s is not None else self.limit_s):
            if probing:
                return None
            raise SilentTooLong(f"no byte within {self.limit_s:.0f} s")
        return self._socket.recv_into(buffer)

    def _has_bytes(self, wait_s: float) -> bool:
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(self._poll.poll(max(0.0, wait_s) * 1000))


class _Socket:
    """What `http.client` needs of a socket, with `_SocketReader` in place of its own reader."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.reader = _SocketReader(sock)
        self.sendall = sock.sendall
        self.close = sock.close

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self.reader, READ_SIZE)


class Answer:
    """An upstream's answer: status and headers now, body when read."""

    def __init__(self, response: http.client.HTTPResponse, connection: "Connection") -> None:
        self._response = response
        self._connection = connection
        self.status = response.status
        self.headers: Headers = [(name.lower(), value) for name, value in response.getheaders()]

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        return next((value for found, value in self.headers if found == name), None)

    def read(self) -> bytes:
        """The whole body."""
        try:
            return self._response.read()
        except (http.client.HTTPException, OSError, UpstreamUnreachable) as error:
            self.close()
            raise _unreachable(error) from error

    def pieces(self, silence_s: float) -> Iterator[bytes | None]:
        """The body as it arrives; None each time nothing has come for `silence_s` seconds.

        Raises `UpstreamUnreachable` when the body breaks off or the request's time limit passes.
        """
        response, reader = self._response, self._connection.reader
        buffered = cast("io.BufferedReader", response.fp)
        silent_s = 0.0
        try:
            while not response.isclosed():
                reader.probe_s = min(silence_s, reader.limit_s - silent_s)
                # An empty peek with the end not reached means the probe's time is up.
                arrived = buffered.peek(1) or self._connection.at_end()
                reader.probe_s = None
                if not arrived:
                    silent_s += silence_s
                    if silent_s >= reader.limit_s:
                        raise SilentTooLong(f"no byte within {reader.limit_s:.0f} s")
                    yield None
                    continue
                silent_s = 0.0
                piece = response.read1(READ_SIZE)
                if piece:
                    yield piece
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
        except (http.client.HTTPException, OSError, UpstreamUnreachable) as error:
            self.close()
            raise _unreachable(error) from error
        finally:
            reader.probe_s = None

    def close(self) -> None:
        """Gives the connection up unless the body was read to its end, when it is kept for reuse."""
        if not self._response.isclosed() or self._response.will_close:
            self._connection.close()


class Connection:
    """One kept-alive connection to one host, opened when first needed."""

    def __init__(self, url: str, tls: Callable[[], ssl.SSLContext]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http or https URL: {url}")
        self._secure = parts.scheme == "https"
        self._tls = tls
        self._hostname = parts.hostname
        self._port = parts.port or (443 if self._secure else 80)
        self.host = parts.netloc
        self._http: http.client.HTTPConnection | None = None

    @property
    def reader(self) -> _SocketReader:
        """The reader under the open connection."""
        assert self._http is not None  # noqa: S101
        return cast("_Socket", self._http.sock).reader

    def open(self) -> None:
        """Connects now, so that a later request need not."""
        if self._http is None:
            connection = http.client.HTTPConnection(self._hostname, self._port)
            plain = socket.create_connection(
                (self._hostname, self._port), timeout=CONNECT_TIMEOUT_S
            )
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock = (
                self._tls().wrap_socket(plain, server_hostname=self._hostname)
                if self._secure
                else plain
            )
            sock.settimeout(None)
            connection.sock = cast("socket.socket", _Socket(sock))
            self._http = connection

    def close(self) -> None:
        """Closes the connection; the next request opens a new one."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def at_end(self) -> bool:
        """Whether the peer has closed, told by a socket that is readable with no bytes to read."""
        sock = cast("_Socket", cast("http.client.HTTPConnection", self._http).sock).sock
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return False
        if not select.select([sock], [], [], 0)[0]:
            return False
        if isinstance(sock, ssl.SSLSocket):
            return True
        return not sock.recv(1, socket.MSG_PEEK)

    def request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Answer:
        """Sends a request and reads the answer's head; each wait for bytes is at most `limit_s`.

        A kept-alive connection that turns out to be closed is replaced once: the peer closed it
        before it had read the request, so nothing ran twice that could have run once.
        """
        reused = self._http is not None
        if reused and self.at_end():
            self.close()
            reused = False
        try:
            return self._request(method, target, headers, body, limit_s)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            self.close()
            if not reused:
                raise _unreachable(error) from error
        except (http.client.HTTPException, OSError, UpstreamUnreachable) as error:
            self.close()
            raise _unreachable(error) from error
        try:
            return self._request(method, target, headers, body, limit_s)
        except (http.client.HTTPException, OSError, UpstreamUnreachable) as error:
            self.close()
            raise _unreachable(error) from error

    def _request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Answer:
        self.open()
        connection = cast("http.client.HTTPConnection", self._http)
        self.reader.limit_s = limit_s
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("host", self.host)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        return Answer(connection.getresponse(), self)


class Pool:
    """A `Connection` per endpoint URL."""

    def __init__(self, tls: Callable[[], ssl.SSLContext]) -> None:
        self._tls = tls
        self._connections: dict[str, Connection] = {}

    def connection(self, url: str) -> Connection:
        """The one connection to that endpoint."""
        found = self._connections.get(url)
        if found is None:
            found = self._connections[url] = Connection(url, self._tls)
        return found


def _unreachable(error: BaseException) -> UpstreamUnreachable:
    if isinstance(error, UpstreamUnreachable):
        return error
    return UpstreamUnreachable(f"{type(error).__name__}: {error}")
