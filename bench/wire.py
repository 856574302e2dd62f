"""As much of HTTP/1.1 as the bench's own ends of a connection need, cheap and on blocking sockets."""

import socket
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

TIMEOUT_S = 30.0
"""Nothing here waits longer for a peer."""


class Message(NamedTuple):
    """A request or a response. Header names are in lower case."""

    start_line: str
    headers: Mapping[str, str]
    body: bytes


def connect(address: tuple[str, int]) -> socket.socket:
    """A connection that sends every write at once."""
    sock = socket.create_connection(address, TIMEOUT_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def read_head(reader: BinaryIO) -> Message | None:
    """Start line and headers, with an empty body; None at the connection's end."""
    start_line = reader.readline()
    if not start_line:
        return None
    headers = {}
    while line := reader.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Message(start_line.decode("latin-1").rstrip("\r\n"), headers, b"")


def read_body(reader: BinaryIO, headers: Mapping[str, str]) -> Iterator[bytes]:
    """The body's pieces as they come: a chunked one chunk by chunk, else all at once."""
    if headers.get("transfer-encoding") != "chunked":
        yield reader.read(int(headers.get("content-length", "0")))
        return
    while size := int(reader.readline(), 16):
        piece = reader.read(size)
        reader.readline()
        yield piece
    while reader.readline() not in {b"\r\n", b""}:
        pass  # trailers


def read_message(reader: BinaryIO) -> Message | None:
    """A whole message; None at the connection's end."""
    head = read_head(reader)
    return head and head._replace(body=b"".join(read_body(reader, head.headers)))


def message(start_line: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A message with its content length."""
    return head(start_line, {**headers, "content-length": str(len(body))}) + body


def head(start_line: str, headers: Mapping[str, str]) -> bytes:
    """A message's start line and headers, up to where the body begins."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{start_line}\r\n{lines}\r\n".encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
