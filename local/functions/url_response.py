"""What a Lambda Function URL makes of a function's answer: an HTTP head and a body.

Buffered payloads: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
Streams of type `application/vnd.awslambda.http-integration-response`: a JSON prelude
`{"statusCode", "headers", "cookies"}`, eight NUL bytes, then the body.
"""

import base64
import binascii
import json
from typing import Any, NamedTuple

from local.functions.http_server import Headers

HTTP_INTEGRATION_TYPE = "application/vnd.awslambda.http-integration-response"
_SEPARATOR = b"\0" * 8

# The URL frames the body itself, whatever the function says about it.
_FRAMING_HEADERS = frozenset({"connection", "content-length", "transfer-encoding"})


class Head(NamedTuple):
    status: int
    headers: Headers


class InvalidResponseError(ValueError):
    """The function's answer is no HTTP response; on AWS the caller gets a 502."""


class PreludeReader:
    """Collects a stream's first bytes until its prelude is complete."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> tuple[Head, bytes] | None:
        """The head and the body's first bytes, or None while the prelude goes on.

        Raises InvalidResponseError when the prelude is not as described above.
        """
        self._buffer += data
        prelude, separator, body = self._buffer.partition(_SEPARATOR)
        if not separator:
            return None
        return _head(_json_object(prelude)), body


def read_buffered(payload: bytes) -> tuple[Head, bytes]:
    """The head and body of a buffered answer; JSON without a `statusCode` is itself the body.

    Raises InvalidResponseError when the payload is not JSON or its fields have wrong types.
    """
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise InvalidResponseError("the payload is not JSON") from error
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Head(200, [("content-type", "application/json")]), payload
    head = _head(answer)
    if not any(name == "content-type" for name, _ in head.headers):
        head.headers.append(("content-type", "application/json"))
    return head, _buffered_body(answer)


def _buffered_body(answer: dict[str, Any]) -> bytes:
    body = _present(answer, "body", "")
    if not isinstance(body, str):
        raise InvalidResponseError("body is not a string")
    if not answer.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise InvalidResponseError("body is not base64") from error


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as error:
        raise InvalidResponseError("the prelude is not JSON") from error
    if not isinstance(value, dict):
        raise InvalidResponseError("the prelude is not a JSON object")
    return value


def _present(answer: dict[str, Any], name: str, default: Any) -> Any:
    value = answer.get(name)
    return default if value is None else value


def _head(answer: dict[str, Any]) -> Head:
    status = answer.get("statusCode", 200)
    headers, cookies = _present(answer, "headers", {}), _present(answer, "cookies", [])
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise InvalidResponseError(f"statusCode {status!r} is no HTTP status")
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        raise InvalidResponseError("headers must be an object and cookies a list")
    kept = [
        (name.lower(), str(value))
        for name, value in headers.items()
        if name.lower() not in _FRAMING_HEADERS
    ]
    return Head(status, kept + [("set-cookie", str(cookie)) for cookie in cookies])
