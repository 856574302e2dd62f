"""The Lambda Runtime API loop, with response streaming.

Lambda's managed Python buffers a whole response; the Runtime API itself does not, for any process
that speaks it (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html, "Response
streaming"): the response is POSTed chunked with `Lambda-Runtime-Function-Response-Mode: streaming`,
as a JSON prelude (status, headers), eight NUL bytes, and the body. A fault after the first byte goes
into the trailers.
"""

import base64
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

from router.http import Request, Response
from router.http_pool import Answer, Connection, UpstreamUnreachable
from router.metering import log_error

INTEGRATION_RESPONSE = "application/vnd.awslambda.http-integration-response"

_PRELUDE_END = b"\0" * 8

_API = "/2018-06-01/runtime"

# `next` is a long poll: it answers when there is an invocation, however long the process was frozen.
_NEXT_LIMIT_S = 10**6

_ANSWER_LIMIT_S = 10.0

# A client may read slowly, and Lambda paces large answers: https://docs.aws.amazon.com/lambda/latest/dg/
# configuration-response-streaming.html, "Bandwidth limits for response streaming".
_SEND_LIMIT_S = 60.0

Handler = Callable[[Request], Response]


def run(api_host: str, handler: Handler) -> NoReturn:
    """Serves invocations, one at a time, until the process is told to end."""
    signal.signal(signal.SIGTERM, _exit)
    connection = Connection(f"http://{api_host}", _no_tls)
    while True:
        serve_one(connection, handler)


def report_init_error(api_host: str, error: Exception) -> None:
    """Tells Lambda that the process could not start, so that the invocation fails with the reason."""
    connection = Connection(f"http://{api_host}", _no_tls)
    _post_error(connection, f"{_API}/init/error", error)
    connection.close()


def serve_one(connection: Connection, handler: Handler) -> None:
    """Takes the next invocation and answers it."""
    invocation = connection.request(
        "GET", f"{_API}/invocation/next", [], b"", limit_s=_NEXT_LIMIT_S
    )
    body = invocation.read()
    request_id = invocation.header("lambda-runtime-aws-request-id") or ""
    invocation_path = f"{_API}/invocation/{request_id}"
    try:
        response = handler(parse_event(json.loads(body), invocation))
    except Exception as error:
        _post_error(connection, f"{invocation_path}/error", error)
        return
    _stream(connection, f"{invocation_path}/response", response)


def parse_event(event: dict[str, Any], invocation: Answer) -> Request:
    """A Function URL's event (payload format 2.0) as a `Request`.

    Shape: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
    """
    text = event.get("body") or ""
    encoded = event.get("isBase64Encoded", False)
    deadline_ms = invocation.header("lambda-runtime-deadline-ms")
    return Request(
        method=event["requestContext"]["http"]["method"],
        path=event["rawPath"],
        query=event.get("rawQueryString", ""),
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        body=base64.b64decode(text) if encoded else text.encode(),
        request_id=invocation.header("lambda-runtime-aws-request-id") or "",
        deadline=int(deadline_ms) / 1000 if deadline_ms else time.time() + 900,
    )


def prelude(response: Response) -> bytes:
    """Status and headers as the Function URL reads them, up to where the body begins."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    head = {"statusCode": response.status, "headers": headers, "cookies": []}
    return json.dumps(head, separators=(",", ":")).encode() + _PRELUDE_END


def _stream(connection: Connection, path: str, response: Response) -> None:
    trailers = []
    try:
        outgoing = connection.start_chunked(
            "POST",
            path,
            [
                ("content-type", INTEGRATION_RESPONSE),
                ("lambda-runtime-function-response-mode", "streaming"),
                (
                    "trailer",
                    "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
                ),
            ],
            _SEND_LIMIT_S,
        )
        # The head goes with the first piece, so that a short answer is a single write.
        waiting = prelude(response)
        try:
            for piece in _pieces(response):
                outgoing.send(waiting + piece)
                waiting = b""
        except UpstreamUnreachable:
            raise
        except Exception as error:
            trailers = _error_trailers(error)
        outgoing.send(waiting)
        outgoing.end(trailers)
    except UpstreamUnreachable as error:
        # The Runtime API went away: the answer is lost, the next poll shows whether Lambda is too.
        log_error(error)


def _pieces(response: Response) -> Iterator[bytes]:
    return iter((response.body,)) if isinstance(response.body, bytes) else response.body


def _post_error(connection: Connection, path: str, error: Exception) -> None:
    log_error(error)
    connection.request(
        "POST",
        path,
        [
            ("content-type", "application/json"),
            ("lambda-runtime-function-error-type", _error_type(error)),
        ],
        _error_body(error),
        limit_s=_ANSWER_LIMIT_S,
    ).read()


def _error_trailers(error: Exception) -> list[tuple[str, str]]:
    log_error(error)
    return [
        ("Lambda-Runtime-Function-Error-Type", _error_type(error)),
        ("Lambda-Runtime-Function-Error-Body", base64.b64encode(_error_body(error)).decode()),
    ]


def _error_type(error: Exception) -> str:
    return f"Router.{type(error).__name__}"


def _error_body(error: Exception) -> bytes:
    # The exception's own text may quote a request, so only its name leaves the process.
    return json.dumps(
        {"errorMessage": "the router failed", "errorType": _error_type(error), "stackTrace": []}
    ).encode()


def _exit(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _no_tls() -> NoReturn:
    raise ValueError("the Runtime API is plain HTTP")
