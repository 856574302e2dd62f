"""HTTP/1.1 for the simulator: kept-alive connections, a thread each, streams sent piece by piece."""

import http
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.bedrock.messages import Reply, Request
from local.bedrock.playback import ConnectionCut
from local.bedrock.service import Simulator


class Server(ThreadingHTTPServer):
    """Listens for one simulator."""

    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, simulator: Simulator) -> None:
        super().__init__((host, port), _Handler)
        self.simulator = simulator

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _answer(self) -> None:
        body = self._read_body()
        if body is None:
            self._send(_plain(http.HTTPStatus.LENGTH_REQUIRED))
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, body)
        simulator = self.server.simulator
        if simulator.is_test_operation(request):
            self._send(simulator.handle_test_operation(request))
            return
        with simulator.traffic.in_flight():
            self._send(simulator.handle(request))

    def _read_body(self) -> bytes | None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdigit():
            self.close_connection = True
            return None
        return self.rfile.read(int(length))

    def _send(self, reply: Reply) -> None:
        chunked = "content-length" not in reply.headers
        lines = [f"HTTP/1.1 {reply.status} {http.HTTPStatus(reply.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if chunked:
            lines.append("transfer-encoding: chunked")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if isinstance(reply.body, bytes):
            self.wfile.write(head + reply.body)
            return
        self.wfile.write(head)
        try:
            self._send_pieces(reply.body, chunked=chunked)
        except (ConnectionCut, ConnectionError):
            self.close_connection = True

    def _send_pieces(self, pieces: Iterator[bytes], *, chunked: bool) -> None:
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is logged: a request line holds a model id, and tests hold the rest."""


def _plain(status: http.HTTPStatus) -> Reply:
    return Reply(status, {"content-length": "0", "connection": "close"}, b"")
