"""Error envelopes of the protocols, and which one a path belongs to."""

from collections.abc import Callable, Mapping

from router.dialects import bedrock
from router.errors import ApiError
from router.http import Headers, Response, json_response

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


def anthropic_response(error: ApiError) -> Response:
    """An error as Anthropic's API answers it (https://docs.anthropic.com/en/api/errors)."""
    message = f"{error.param}: {error.message}" if error.param else error.message
    content = {"type": "error", "error": {"type": error.wire.anthropic_type, "message": message}}
    return json_response(error.wire.status, content, _retry_after(error))


def error_shape(path: str, headers: Mapping[str, str]) -> ErrorShape:
    """The envelope of the API that a path, known or not, resembles."""
    if path.startswith(bedrock.PATHS):
        return bedrock.error_response
    if path.startswith(("/v1/messages", "/anthropic/")) or "anthropic-version" in headers:
        return anthropic_response
    return openai_response


def _retry_after(error: ApiError) -> Headers:
    return [] if error.retry_after is None else [("retry-after", str(error.retry_after))]
