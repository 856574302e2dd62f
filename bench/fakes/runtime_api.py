"""A worker's side of the Lambda Runtime API, as bare as can be."""

import os
from collections.abc import Iterator

from bench import wire

_INVOCATION = "/2018-06-01/runtime/invocation"
_PRELUDE = b'{"statusCode":200,"headers":{"content-type":"application/octet-stream"}}' + bytes(8)
_HEADERS = {
    "content-type": "application/vnd.awslambda.http-integration-response",
    "lambda-runtime-function-response-mode": "streaming",
    "transfer-encoding": "chunked",
}


class RuntimeApi:
    """The connection that ``AWS_LAMBDA_RUNTIME_API`` names."""

    def __init__(self) -> None:
        host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
        self._socket = wire.connect((host, int(port)))
        self._socket.settimeout(None)
        self._reader = self._socket.makefile("rb")
        self._headers = {"host": host}
        self._request_id = ""
        self._waiting = b""
        self._prelude = b""

    def invocations(self) -> Iterator[bytes]:
        """The events; each is to be answered before the next is taken."""
        while True:
            self._socket.sendall(wire.message(f"GET {_INVOCATION}/next HTTP/1.1", self._headers))
            invocation = wire.read_message(self._reader)
            if invocation is None:
                return
            self._request_id = invocation.headers["lambda-runtime-aws-request-id"]
            yield invocation.body

    def begin(self) -> None:
        """Starts a streamed answer; its head goes with the first piece."""
        target = f"{_INVOCATION}/{self._request_id}/response"
        self._waiting = wire.head(f"POST {target} HTTP/1.1", self._headers | _HEADERS)
        self._prelude = _PRELUDE

    def send(self, piece: bytes) -> None:
        """One piece of the answer's body."""
        self._socket.sendall(self._waiting + wire.chunk(self._prelude + piece))
        self._waiting = self._prelude = b""

    def end(self) -> None:
        """Ends the answer."""
        self._socket.sendall(wire.LAST_CHUNK)
        wire.read_message(self._reader)
