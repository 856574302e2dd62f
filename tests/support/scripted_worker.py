"""A Lambda worker that does what each request's JSON body says, speaking the Runtime API itself.

The body is a list of steps. A stream is begun by the first step that writes to it, and ended after
the last step. Every invocation and the status of every post are printed.

    {"write": text}      streams text, behind a prelude
    {"raw": text}        streams text as it is, without one
    {"prelude": text}    streams text in the prelude's place
    {"fail": type}       ends the stream with error trailers
    {"buffered": answer} answers in one piece
    {"fill": n}          answers with n letters
    {"report": type}     posts an error in place of an answer
    {"post": path}       posts to that path of the Runtime API
    {"wait": path}       waits for a file
    {"idle": path}       ends the stream, and waits for a file before the next poll
    {"touch": path}      makes a file
    {"pause": seconds}   sleeps
    {"exit": status}     ends the process
"""

import http.client
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

PRELUDE = json.dumps(
    {
        "statusCode": 201,
        "headers": {"content-type": "text/plain", "x-worker": str(os.getpid())},
        "cookies": ["a=1", "b=2"],
    }
).encode() + bytes(8)

API = "/2018-06-01/runtime"
ERROR_TYPE = "lambda-runtime-function-error-type"
INTEGRATION_TYPE = "application/vnd.awslambda.http-integration-response"


class Answer:
    """One invocation's answer; every verb of a script is a method."""

    def __init__(self, request_id: str) -> None:
        self._invocation = f"/invocation/{request_id}"
        self._stream: http.client.HTTPConnection | None = None

    def play(self, steps: list[dict[str, Any]]) -> None:
        for step in steps:
            [(verb, value)] = step.items()
            getattr(self, verb)(value)
        self._end()

    def write(self, text: str) -> None:
        if self._stream is None:
            self._begin(INTEGRATION_TYPE)
            self._chunk(PRELUDE)
        self._chunk(text.encode())

    def raw(self, text: str) -> None:
        if self._stream is None:
            self._begin("text/raw")
        self._chunk(text.encode())

    def prelude(self, text: str) -> None:
        self._begin(INTEGRATION_TYPE)
        self._chunk(text.encode())

    def fail(self, error_type: str) -> None:
        self._end(f"Lambda-Runtime-Function-Error-Type: {error_type}\r\n")

    def report(self, error_type: str) -> None:
        self._post(f"{self._invocation}/error", b"{}", {ERROR_TYPE: error_type})

    def buffered(self, payload: object) -> None:
        data = payload if isinstance(payload, str) else json.dumps(payload)
        self._post(f"{self._invocation}/response", data.encode(), {})

    def fill(self, size: int) -> None:
        self._post(f"{self._invocation}/response", b"x" * size, {})

    def post(self, path: str) -> None:
        self._post(path, b"{}", {})

    def wait(self, path: str) -> None:
        while not Path(path).exists():
            time.sleep(0.005)

    def idle(self, path: str) -> None:
        self._end()
        self.wait(path)

    def touch(self, path: str) -> None:
        Path(path).touch()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def exit(self, status: int) -> None:
        os._exit(status)

    def _begin(self, content_type: str) -> None:
        self._stream = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        self._stream.putrequest("POST", f"{API}{self._invocation}/response")
        self._stream.putheader("content-type", content_type)
        self._stream.putheader("transfer-encoding", "chunked")
        self._stream.putheader("lambda-runtime-function-response-mode", "streaming")
        self._stream.endheaders()

    def _chunk(self, data: bytes) -> None:
        assert self._stream
        if data:
            self._stream.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _end(self, trailers: str = "") -> None:
        stream, self._stream = self._stream, None
        if stream:
            stream.send(f"0\r\n{trailers}\r\n".encode())
            say(f"posted {stream.getresponse().status}")

    def _post(self, path: str, payload: bytes, headers: dict[str, str]) -> None:
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request("POST", API + path, payload, headers)
        say(f"posted {connection.getresponse().status}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", f"{API}/invocation/next")
        invocation = api.getresponse()
        event = json.loads(invocation.read())
        say(json.dumps({"headers": dict(invocation.getheaders()), "event": event}))
        answer = Answer(invocation.headers["lambda-runtime-aws-request-id"])
        answer.play(json.loads(event["body"]))


if __name__ == "__main__":
    main()
