"""What passes between the runtime loop and the endpoints: a whole request in, a response out.

A response's body is either bytes or an iterator of bytes; an iterator is sent piece by piece as it
yields. The classes are plain because `dataclasses` alone would add a fifth to the cold start.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

Headers = list[tuple[str, str]]

JSON_HEADERS: Headers = [("content-type", "application/json")]


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
    """Status, headers and body; `closed` runs once when the body has been sent or given up."""

    __slots__ = ("body", "closed", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: Headers,
        body: bytes | Iterator[bytes],
        closed: Callable[[], None] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.closed = closed
