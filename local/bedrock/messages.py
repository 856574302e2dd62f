"""HTTP requests and answers as the service sees them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from local.bedrock.errors import ServiceError
from local.bedrock.eventstream import to_json

JSON = "application/json"

_ERROR_SUFFIX = ":http://internal.amazon.com/coral/com.amazon.bedrock/"


class Request(NamedTuple):
    """An HTTP request; header names in lower case, the path as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """An HTTP answer; an iterator's pieces are sent as they come, and may raise ConnectionCut."""

    status: int
    headers: Mapping[str, str]
    body: bytes | Iterator[bytes]


def json_reply(value: Any, status: int = 200) -> Reply:
    """An answer with a JSON body."""
    body = to_json(value)
    return Reply(status, {"content-type": JSON, "content-length": str(len(body))}, body)


def error_reply(error: ServiceError) -> Reply:
    """An exception as an answer."""
    reply = json_reply(error.body, error.status)
    return reply._replace(
        headers={**reply.headers, "x-amzn-errortype": f"{error.name}{_ERROR_SUFFIX}"}
    )
