"""Error envelopes of the protocols, and which one a path belongs to."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from router.dialects import bedrock
from router.errors import ApiError
from router.http import Headers, Response, json_response
from router.sse import KEEP_ALIVE, named_event

ErrorShape = Callable[[ApiError], Response]


def openai_error(error: ApiError) -> dict[str, object]:
    """``{"error": {message, type, param, code}}``, as OpenAI's SDKs read it."""
    return {
        "error": {
            "message": error.message,
            "type": error.wire.openai_type,
            "param": error.param,
            "code": error.wire.openai_code,
        }
    }


def openai_response(error: ApiError) -> Response:
    """An error as OpenAI's API answers it."""
    return json_response(error.wire.status, openai_error(error), _retry_after(error))


def anthropic_error(error: ApiError) -> dict[str, object]:
    """``{"type": "error", "error": {type, message}}``, as Anthropic's SDKs read it.

    It has no member for the field at fault, which the message names.
    """
    message = error.message
    if error.param is not None and error.param not in message:
        message = f"{error.param}: {message}"
    return {"type": "error", "error": {"type": error.wire.anthropic_type, "message": message}}


def anthropic_response(error: ApiError) -> Response:
    """An error as Anthropic's API answers it (https://docs.anthropic.com/en/api/errors)."""
    return json_response(error.wire.anthropic_status, anthropic_error(error), _retry_after(error))


class Envelope(NamedTuple):
    """How a protocol has what the router itself says to its clients."""

    error: ErrorShape
    request_id: str
    """The response header for the request's id."""
    sign_of_life: bytes
    """What a stream gets that has been silent for a while."""

    def refused(self, error: ApiError, request_id: str) -> Response:
        """The response that tells an error."""
        response = self.error(error)
        response.headers.append((self.request_id, request_id))
        return response

    def told(self, request_id: str, changes: Collection[str]) -> Headers:
        """The headers that tell a client what became of its request."""
        headers = [(self.request_id, request_id)]
        if changes:
            headers.append(("x-bedrockrouter-changes", "; ".join(sorted(changes))))
        return headers


OPENAI = Envelope(openai_response, "x-request-id", KEEP_ALIVE)
ANTHROPIC = Envelope(anthropic_response, "request-id", named_event("ping", {"type": "ping"}))


def error_shape(path: str, headers: Mapping[str, str]) -> ErrorShape:
    """The envelope of the API that a path, known or not, resembles."""
    if path.startswith(bedrock.PATHS):
        return bedrock.error_response
    if path.startswith(("/v1/messages", "/anthropic/")) or "anthropic-version" in headers:
        return anthropic_response
    return openai_response


def _retry_after(error: ApiError) -> Headers:
    return [] if error.retry_after is None else [("retry-after", str(error.retry_after))]
