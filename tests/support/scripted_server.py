"""A server that says byte for byte what a test tells it to, on real sockets.

A script plays one connection. The server accepts connections one after the other and gives each to
the next script, as long as there are scripts; what one raises is raised again where the server is
closed.
"""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

import trustme

PATIENCE_S = 10.0
"""How long anything in a test waits for the other side before the test fails."""


class Received(NamedTuple):
    """A request as it came."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    """Names in lower case."""
    chunks: list[bytes]
    """The body: one piece, or one for each chunk."""
    trailers: list[tuple[str, str]]

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        return next((value for found, value in self.headers if found == name), None)


class Peer:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._reader: BinaryIO = sock.makefile("rb")

    def receive_head(self) -> tuple[str, str, list[tuple[str, str]]]:
        """Method, target and headers of the next request."""
        line = self._reader.readline().decode()
        if not line:
            raise EOFError("the client closed the connection")
        method, target, _version = line.split()
        return method, target, self._fields()

    def receive(self) -> Received:
        """The next request, read to its end."""
        method, target, headers = self.receive_head()
        found = dict(headers)
        if found.get("transfer-encoding") == "chunked":
            chunks = []
            while chunk := self.receive_chunk():
                chunks.append(chunk)
            return Received(method, target, headers, chunks, self._fields())
        body = self._reader.read(int(found.get("content-length", 0)))
        return Received(method, target, headers, [body], [])

    def receive_chunk(self) -> bytes:
        """The next chunk of a body; nothing for the one that ends it, whose trailers come next."""
        size = int(self._reader.readline(), 16)
        if not size:
            return b""
        chunk = self._reader.read(size)
        assert self._reader.read(2) == b"\r\n"
        return chunk

    def receive_trailers(self) -> list[tuple[str, str]]:
        """What follows the last chunk."""
        return self._fields()

    def is_closed_by_client(self) -> bool:
        """Waits for the client to close, having sent no more."""
        try:
            return self._reader.read(1) == b""
        except ConnectionResetError:
            return True

    def send(self, data: bytes) -> None:
        """Sends it now."""
        self.socket.sendall(data)

    def answer(self, body: bytes = b"", status: int = 200, headers: str = "") -> None:
        """A whole answer; `headers` are lines that each end in CRLF."""
        head = f"HTTP/1.1 {status} Said\r\n{headers}content-length: {len(body)}\r\n\r\n"
        self.send(head.encode() + body)

    def reset(self) -> None:
        """Closes the connection with a TCP reset."""
        sock = self.socket
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Closes the connection; under TLS without a word, as a process that ended would."""
        self._reader.close()
        self.socket.close()

    def _fields(self) -> list[tuple[str, str]]:
        fields = []
        while line := self._reader.readline().decode().strip():
            name, _, value = line.partition(":")
            fields.append((name.lower(), value.strip()))
        return fields


Script = Callable[[Peer], None]


class Server:
    """Where a scripted server is, and how many connections it has accepted."""

    def __init__(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._listener = listener
        self._tls = tls
        self.port: int = listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self.accepted = 0
        self._finishing = False
        self._fault: BaseException | None = None
        self._thread: threading.Thread | None = None

    def start(self, scripts: tuple[Script, ...]) -> None:
        """Starts to serve."""
        self._thread = threading.Thread(target=self._run, args=(scripts,), daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Lets the script that plays come to its end, and raises what one of them raised."""
        assert self._thread is not None
        self._finishing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)
        if self._fault is not None:
            raise self._fault
        assert not self._thread.is_alive(), "a script waits for something that does not come"

    def _run(self, scripts: tuple[Script, ...]) -> None:
        try:
            for script in scripts:
                try:
                    accepted, _ = self._listener.accept()
                except OSError:
                    if self._finishing:
                        return
                    raise
                self._play(accepted, script)
        except BaseException as fault:
            self._fault = fault
        finally:
            self._listener.close()

    def _play(self, accepted: socket.socket, script: Script) -> None:
        self.accepted += 1
        accepted.settimeout(PATIENCE_S)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.ExitStack() as stack:
            stack.callback(accepted.close)
            if self._tls is not None:
                accepted = self._tls.wrap_socket(
                    accepted, server_side=True, suppress_ragged_eofs=True
                )
                stack.callback(accepted.close)
            peer = Peer(accepted)
            stack.callback(peer.close)
            script(peer)


@contextmanager
def serving(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that plays `scripts`, one per connection, and then accepts no more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_S)
        server = Server(listener, tls)
        server.start(scripts)
        yield server
        server.finish()


class Authority(NamedTuple):
    """A certificate authority of the test's own, and a server certificate for localhost."""

    authority: trustme.CA
    server: ssl.SSLContext
    trusting: ssl.SSLContext

    def client(self) -> ssl.SSLContext:
        """Client settings that trust this authority only."""
        return self.trusting


def make_authority() -> Authority:
    """A fresh authority."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    return Authority(authority, server, client)
