"""The Lambda Runtime API as one worker sees it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, and for streamed answers
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

import json
from collections.abc import Callable
from typing import Protocol

import h11

from local.functions.http_server import Exchange, Reply, merged
from local.functions.invocation import MAX_BUFFERED_PAYLOAD_BYTES, Invocation

_VERSION = "/2018-06-01/runtime"
_NEXT = f"{_VERSION}/invocation/next"
_INIT_ERROR = f"{_VERSION}/init/error"
_INVOCATION = f"{_VERSION}/invocation/"

_RESPONSE_MODE = "lambda-runtime-function-response-mode"
_ERROR_TYPE = "lambda-runtime-function-error-type"
_JSON = ("content-type", "application/json")


class Runtime(Protocol):
    """What the API tells its owner about the worker behind it."""

    invocation: Invocation | None

    def polled(self, next_reply: "NextReply") -> None:
        """The worker is ready for an invocation."""

    def poll_lost(self) -> None:
        """The worker stopped waiting: its connection is gone."""

    def init_failed(self, error_type: str) -> None: ...


class NextReply:
    """The answer a polling worker waits for."""

    def __init__(self, reply: Reply, function_arn: str) -> None:
        self._reply = reply
        self._function_arn = function_arn

    def deliver(self, invocation: Invocation) -> None:
        request = invocation.request
        self._reply.send(
            200,
            [
                _JSON,
                ("lambda-runtime-aws-request-id", request.request_id),
                ("lambda-runtime-deadline-ms", str(request.deadline_ms)),
                ("lambda-runtime-trace-id", request.trace_id),
                ("lambda-runtime-invoked-function-arn", self._function_arn),
            ],
            request.event,
        )


class RuntimeApi:
    """Routes a worker's requests. One instance serves one worker only."""

    def __init__(self, runtime: Runtime, function_arn: str) -> None:
        self._runtime = runtime
        self._function_arn = function_arn

    def accept(self, request: h11.Request, reply: Reply, _peer: str) -> Exchange:
        route = (request.method.decode(), request.target.decode())
        match route:
            case ("GET", target) if target == _NEXT:
                return _Poll(self._runtime, reply, self._function_arn)
            case ("POST", target) if target == _INIT_ERROR:
                return _ErrorReport(reply, self._runtime.init_failed, _error_type(request))
            case ("POST", target) if target.startswith(_INVOCATION):
                return self._answer(request, reply)
        return _Refusal(reply, 404, "NotFound", "no such path in the Runtime API")

    def _answer(self, request: h11.Request, reply: Reply) -> Exchange:
        request_id, _, verb = request.target.decode()[len(_INVOCATION) :].partition("/")
        invocation = self._runtime.invocation
        if not invocation or invocation.request.request_id != request_id:
            return _Refusal(reply, 400, "InvalidRequestID", "Invalid request ID")
        if verb == "error":
            return _ErrorReport(reply, invocation.fail, _error_type(request))
        if verb != "response":
            return _Refusal(reply, 404, "NotFound", "no such path in the Runtime API")
        headers = merged(request.headers)
        content_type = headers.get("content-type", "application/octet-stream")
        if headers.get(_RESPONSE_MODE, "").lower() == "streaming":
            return _StreamedAnswer(reply, invocation, content_type)
        return _BufferedAnswer(reply, invocation, content_type)


class _Poll:
    def __init__(self, runtime: Runtime, reply: Reply, function_arn: str) -> None:
        self._runtime = runtime
        self._next_reply = NextReply(reply, function_arn)

    def body_chunk(self, data: bytes) -> None: ...

    def body_complete(self, trailers: dict[str, str]) -> None:  # noqa: ARG002
        self._runtime.polled(self._next_reply)

    def connection_lost(self) -> None:
        self._runtime.poll_lost()


class _StreamedAnswer:
    def __init__(self, reply: Reply, invocation: Invocation, content_type: str) -> None:
        self._reply = reply
        self._invocation = invocation
        invocation.begin(content_type)

    def body_chunk(self, data: bytes) -> None:
        self._invocation.chunk(data)

    def body_complete(self, trailers: dict[str, str]) -> None:
        if _ERROR_TYPE in trailers:
            self._invocation.fail(trailers[_ERROR_TYPE])
        else:
            self._invocation.complete()
        _accept(self._reply)

    def connection_lost(self) -> None:
        self._invocation.fail("Runtime.TruncatedResponse")


class _BufferedAnswer:
    def __init__(self, reply: Reply, invocation: Invocation, content_type: str) -> None:
        self._reply = reply
        self._invocation = invocation
        self._content_type = content_type
        self._payload = bytearray()

    def body_chunk(self, data: bytes) -> None:
        self._payload += data

    def body_complete(self, trailers: dict[str, str]) -> None:  # noqa: ARG002
        if len(self._payload) > MAX_BUFFERED_PAYLOAD_BYTES:
            self._invocation.fail("Function.ResponseSizeTooLarge")
            message = f"Exceeded maximum allowed payload size ({MAX_BUFFERED_PAYLOAD_BYTES} bytes)."
            _refuse(self._reply, 413, "RequestEntityTooLarge", message)
            return
        self._invocation.begin(self._content_type)
        self._invocation.chunk(bytes(self._payload))
        self._invocation.complete()
        _accept(self._reply)

    def connection_lost(self) -> None:
        self._invocation.fail("Runtime.TruncatedResponse")


class _ErrorReport:
    """The worker reports that the function, or its initialization, failed."""

    def __init__(self, reply: Reply, report: Callable[[str], None], error_type: str) -> None:
        self._reply = reply
        self._report = report
        self._error_type = error_type

    def body_chunk(self, data: bytes) -> None: ...

    def body_complete(self, trailers: dict[str, str]) -> None:  # noqa: ARG002
        self._report(self._error_type)
        _accept(self._reply)

    def connection_lost(self) -> None:
        self._report(self._error_type)


class _Refusal:
    def __init__(self, reply: Reply, status: int, error_type: str, message: str) -> None:
        self._reply = reply
        self._error = status, error_type, message

    def body_chunk(self, data: bytes) -> None: ...

    def body_complete(self, trailers: dict[str, str]) -> None:  # noqa: ARG002
        _refuse(self._reply, *self._error)

    def connection_lost(self) -> None: ...


def _error_type(request: h11.Request) -> str:
    return merged(request.headers).get(_ERROR_TYPE, "Runtime.Unknown")


def _accept(reply: Reply) -> None:
    reply.send(202, [_JSON], b'{"status":"OK"}')


def _refuse(reply: Reply, status: int, error_type: str, message: str) -> None:
    body = {"errorMessage": message, "errorType": error_type}
    reply.send(status, [_JSON], json.dumps(body).encode())
