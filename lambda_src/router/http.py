"""What passes between the runtime loop and the endpoints: a whole request in, a response out.

A response's body is either bytes or an iterator of bytes; an iterator is sent piece by piece as it
yields. The classes are plain because `dataclasses` alone would add a fifth to the cold start.
"""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Headers = list[tuple[str, str]]


class Request(NamedTuple):
    """One HTTP request as the Function URL hands it over."""

    method: str
    path: str
    """As it came: still percent-encoded where the caller encoded it."""
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    request_id: str
    """Lambda's id of this invocation, unique to it."""
    deadline: float
    """Seconds since the epoch at which Lambda ends the invocation."""


class Response:
    """Status, headers and body."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes | Iterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.body = body


def json_response(status: int, content: object, headers: Headers | None = None) -> Response:
    """A JSON answer, with `headers` beside the content type."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return Response(status, [("content-type", "application/json"), *(headers or ())], body)
