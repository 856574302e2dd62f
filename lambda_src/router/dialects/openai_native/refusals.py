"""Errors of bedrock-runtime's own OpenAI API."""

import json

from router import bedrock_errors
from router.dialects import shapes
from router.http import Headers, Response

_KEPT = frozenset({"type", "param", "code"})


def refusal(status: int, headers: Headers, body: bytes, request_id: str) -> Response:
    """The client's response for an error answer: OpenAI's shape, Bedrock's message.

    Errors of the API itself come in that shape and keep what they say of themselves. Those of the
    service before it (access, throttling) come in AWS's.
    """
    error = bedrock_errors.from_answer(status, headers, body)
    response = shapes.openai_response(error, request_id)
    told = _error_of(body)
    if told is None or error.kind == "bad_upstream":
        return response
    kept = {key: value for key, value in told.items() if key in _KEPT and _is_text(value)}
    content = {
        "message": error.message,
        "type": error.wire.openai_type,
        "param": None,
        "code": None,
    }
    return Response(status, response.headers, json.dumps({"error": content | kept}).encode())


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _error_of(body: bytes) -> dict[str, object] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) else None
