"""Calls of Bedrock that run no model, relayed for any valid key: nothing is admitted or settled."""

from router import bedrock_errors
from router.aws import Endpoint
from router.http import Request
from router.http_pool import Answer, UpstreamUnreachable

_LIMIT_S = 30.0


def ask(endpoint: Endpoint, method: str, path: str, request: Request) -> tuple[Answer, bytes]:
    """Bedrock's answer to `path` with the request's query, and its body. Raises `ApiError`."""
    headers = [("accept", "application/json")]
    try:
        answer = endpoint.call(method, path, headers, b"", query=request.query, limit_s=_LIMIT_S)
        body = answer.read()
    except UpstreamUnreachable as error:
        raise bedrock_errors.unreachable() from error
    if bedrock_errors.is_unknown_operation(body):
        raise bedrock_errors.unknown_operation()
    return answer, body
