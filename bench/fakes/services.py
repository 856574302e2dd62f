"""Fake Bedrock, DynamoDB and Secrets Manager over plain HTTP and over TLS: an address each."""

import json
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from bench import wire
from bench.fakes import answers
from bench.fakes.key import SECRET, updated
from bench.wire import Message

Respond = Callable[[Message], Iterator[bytes]]

_OK = "HTTP/1.1 200 OK"
_BEFORE, _AFTER = json.dumps(updated("|"), separators=(",", ":")).encode().split(b"|")
_NAME = b'"#reservation":"'


def bedrock(request: Message) -> Iterator[bytes]:
    """The Runtime API's Converse, and its streams of Converse and of a Claude."""
    asked = answers.steering(request.body)
    headers = {"x-amzn-requestid": "0f0e0d0c-0b0a-4908-8706-050403020100"}
    if not request.start_line.split()[1].endswith("-stream"):
        headers["content-type"] = "application/json"
        time.sleep(asked.wait_s)
        yield wire.message(_OK, headers, answers.whole(asked.chunks))
        return
    headers["content-type"] = "application/vnd.amazon.eventstream"
    waiting = wire.head(_OK, headers | {"transfer-encoding": "chunked"})
    make = answers.claude_stream if "/invoke-" in request.start_line else answers.stream
    for frames in answers.streamed(asked, make(asked.chunks)):
        yield waiting + b"".join([wire.chunk(frame) for frame in frames])
        waiting = b""
    yield wire.LAST_CHUNK


def dynamodb(request: Message) -> Iterator[bytes]:
    """Every update succeeds at once."""
    if not request.headers["x-amz-target"].endswith(".UpdateItem"):
        raise ValueError("the fake table only updates")
    # Found without reading the JSON, as the table is not what is measured.
    reservation = request.body.partition(_NAME)[2].partition(b'"')[0]
    answer = _BEFORE + reservation + _AFTER
    yield wire.message(_OK, {"content-type": "application/x-amz-json-1.0"}, answer)


def secrets_manager(_request: Message) -> Iterator[bytes]:
    """The one secret, under whatever name."""
    body = json.dumps({"SecretString": SECRET, "VersionStages": ["AWSCURRENT"]}).encode()
    yield wire.message(_OK, {"content-type": "application/x-amz-json-1.1"}, body)


SERVICES: Mapping[str, Respond] = {
    "bedrock": bedrock,
    "dynamodb": dynamodb,
    "secretsmanager": secrets_manager,
}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, respond: Respond, tls: ssl.SSLContext | None) -> None:
        self.respond = respond
        self.tls = tls
        super().__init__(("127.0.0.1", 0), _Connection)


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = cast("_Server", self.server)
        sock: socket.socket = self.request
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if server.tls is not None:
                sock = server.tls.wrap_socket(sock, server_side=True)
            with sock.makefile("rb") as reader:
                while (request := wire.read_message(reader)) is not None:
                    for piece in server.respond(request):
                        sock.sendall(piece)
        except (ConnectionError, ssl.SSLError):
            pass  # the peer has gone


def serve(tls: ssl.SSLContext) -> dict[str, str]:
    """Serves every service, until the process ends; URL by name, with ``_tls`` where it is https."""
    urls = {}
    for name, respond in SERVICES.items():
        for suffix, scheme, context in (("", "http", None), ("_tls", "https", tls)):
            server = _Server(respond, context)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            urls[name + suffix] = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    return urls
