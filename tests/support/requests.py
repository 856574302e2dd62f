"""Requests as the runtime loop hands them over, for tests of what is behind it."""

import json
from collections.abc import Mapping

from router.http import Request, Response

DEADLINE = 2_000_000_000.0


def request(
    method: str = "POST",
    path: str = "/",
    *,
    headers: Mapping[str, str] | None = None,
    body: object = b"",
    query: str = "",
    deadline: float = DEADLINE,
) -> Request:
    """A request; a `body` that is not bytes is sent as JSON."""
    return Request(
        method=method,
        path=path,
        query=query,
        headers=dict(headers or {}),
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        request_id="11111111-2222-3333-4444-555555555555",
        deadline=deadline,
    )


def body_of(response: Response) -> bytes:
    """A response's body, read to its end."""
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


def json_of(response: Response) -> object:
    """A response's JSON."""
    return json.loads(body_of(response))
