"""An emulated Lambda Function URL: HTTP in, invocations out, answers back as they are produced."""

import asyncio
import json
import time
import uuid

import h11

from local.functions.http_server import Exchange, Headers, Reply, merged
from local.functions.invocation import MAX_BUFFERED_PAYLOAD_BYTES, ResponseSink
from local.functions.url_event import HttpRequest, UrlIdentity, function_url_event
from local.functions.url_response import (
    HTTP_INTEGRATION_TYPE,
    Head,
    InvalidResponseError,
    PreludeReader,
    read_buffered,
)
from local.functions.worker import InitError
from local.functions.worker_pool import ThrottledError, WorkerPool


class FunctionUrl:
    """Serves one function at one URL. `invoke_mode` is BUFFERED or RESPONSE_STREAM, as on AWS."""

    def __init__(self, pool: WorkerPool, identity: UrlIdentity, invoke_mode: str) -> None:
        self._pool = pool
        self._identity = identity
        self._streams = invoke_mode == "RESPONSE_STREAM"
        self._calls: set[asyncio.Task[None]] = set()

    def accept(self, request: h11.Request, reply: Reply, peer: str) -> Exchange:
        return _UrlExchange(self, request, reply, peer)

    def invoke(self, request: HttpRequest, reply: Reply) -> None:
        request_id = str(uuid.uuid4())
        event = function_url_event(request, self._identity, request_id, time.time())
        if len(event) > MAX_BUFFERED_PAYLOAD_BYTES:
            _refuse(reply, request_id, 413, {"Message": "Request Entity Too Large"})
            return
        if worker := self._pool.take_idle():
            worker.run(request_id, event, self._sink(reply, request_id))
            return
        call = asyncio.create_task(self._call_when_possible(event, reply, request_id))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call_when_possible(self, event: bytes, reply: Reply, request_id: str) -> None:
        try:
            worker = await self._pool.acquire()
        except ThrottledError:
            reason = "ConcurrentInvocationLimitExceeded"
            error = {"Reason": reason, "Type": "User", "message": "Rate Exceeded."}
            _refuse(reply, request_id, 429, error)
            return
        except InitError:
            _fail(reply, request_id)
            return
        worker.run(request_id, event, self._sink(reply, request_id))

    def _sink(self, reply: Reply, request_id: str) -> ResponseSink:
        if self._streams:
            return _StreamingSink(reply, request_id)
        return _BufferedSink(reply, request_id)


class _UrlExchange:
    """Collects a request, and no more of it than a function could ever get."""

    def __init__(self, url: FunctionUrl, request: h11.Request, reply: Reply, peer: str) -> None:
        self._url = url
        self._request = request
        self._reply = reply
        self._peer = peer
        self._body = bytearray()

    def body_chunk(self, data: bytes) -> None:
        # One byte over the limit is enough to be refused; the rest is read and dropped, so that
        # the client gets to see the answer.
        self._body += data[: MAX_BUFFERED_PAYLOAD_BYTES + 1 - len(self._body)]

    def body_complete(self, trailers: dict[str, str]) -> None:  # noqa: ARG002
        request = HttpRequest(
            method=self._request.method.decode(),
            target=self._request.target.decode("latin-1"),
            headers=merged(self._request.headers),
            body=bytes(self._body),
            source_ip=self._peer,
        )
        self._url.invoke(request, self._reply)

    def connection_lost(self) -> None: ...


class _StreamingSink:
    """Passes an answer on chunk by chunk, once its prelude is complete."""

    def __init__(self, reply: Reply, request_id: str) -> None:
        self._reply = reply
        self._request_id = request_id
        self._prelude: PreludeReader | None = None
        self._started = False
        self._refused = False

    def begin(self, content_type: str) -> None:
        if content_type == HTTP_INTEGRATION_TYPE:
            self._prelude = PreludeReader()
        else:
            self._start(Head(200, [("content-type", content_type)]))

    def chunk(self, data: bytes) -> None:
        if self._started:
            self._reply.write(data)
        elif self._prelude and not self._refused:
            self._read_prelude(self._prelude, data)

    def complete(self) -> None:
        if self._started:
            self._reply.finish()
        elif not self._refused:
            _fail(self._reply, self._request_id)

    def fail(self, reason: str) -> None:  # noqa: ARG002
        if self._started:
            self._reply.abort()
        elif not self._refused:
            _fail(self._reply, self._request_id)

    def _read_prelude(self, prelude: PreludeReader, data: bytes) -> None:
        try:
            read = prelude.feed(data)
        except InvalidResponseError:
            self._refuse()
            return
        if read:
            head, body = read
            self._start(head)
            self.chunk(body)

    def _start(self, head: Head) -> None:
        try:
            self._reply.start(head.status, _with_request_id(head.headers, self._request_id))
        except ValueError:
            self._refuse()
        else:
            self._started = True

    def _refuse(self) -> None:
        self._refused = True
        _fail(self._reply, self._request_id)


class _BufferedSink:
    """Sends an answer when all of it is there."""

    def __init__(self, reply: Reply, request_id: str) -> None:
        self._reply = reply
        self._request_id = request_id
        self._payload = bytearray()

    def begin(self, content_type: str) -> None: ...

    def chunk(self, data: bytes) -> None:
        self._payload += data

    def complete(self) -> None:
        try:
            head, body = read_buffered(bytes(self._payload))
            self._reply.send(head.status, _with_request_id(head.headers, self._request_id), body)
        except ValueError:
            _fail(self._reply, self._request_id)

    def fail(self, reason: str) -> None:  # noqa: ARG002
        _fail(self._reply, self._request_id)


def _with_request_id(headers: Headers, request_id: str) -> Headers:
    kept = [(name, value) for name, value in headers if name != "x-amzn-requestid"]
    return [*kept, ("x-amzn-requestid", request_id)]


def _refuse(reply: Reply, request_id: str, status: int, error: dict[str, str]) -> None:
    headers = _with_request_id([("content-type", "application/json")], request_id)
    reply.send(status, headers, json.dumps(error).encode())


def _fail(reply: Reply, request_id: str) -> None:
    """What AWS's URLs answer for a function that broke, whatever the reason."""
    headers = _with_request_id([("content-type", "application/json")], request_id)
    reply.send(502, headers, b"Internal Server Error")
