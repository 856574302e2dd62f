"""How each protocol has what the router itself says, and which protocol a path belongs to."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from ledger.records import RateLimits

from router import rate_limits
from router.errors import ApiError
from router.http import Headers, Response, json_response
from router.sse import KEEP_ALIVE, named_event


class Envelope(NamedTuple):
    """What the router itself says to a protocol's clients."""

    refused: Callable[[ApiError, str], Response]
    """The response that tells an error, in the request with that id."""
    request_id: str
    """The response header for the request's id."""
    sign_of_life: bytes
    """What a stream gets that has been silent for a while."""
    rate_limits: Callable[[RateLimits, int], Headers]
    """The headers that tell a key's limits at an epoch second."""

    def told(self, request_id: str, changes: Collection[str]) -> Headers:
        """The headers that tell a client what became of its request."""
        return [(self.request_id, request_id), *changes_told(changes)]


def changes_told(changes: Collection[str]) -> Headers:
    """The header that tells a client what of its request was dropped or bent, if anything was."""
    return [("x-bedrockrouter-changes", "; ".join(sorted(changes)))] if changes else []


_OPENAI_REQUEST_ID = "x-request-id"
_ANTHROPIC_REQUEST_ID = "request-id"
_BEDROCK_REQUEST_ID = "x-amzn-requestid"

_LASTING = frozenset({"invalid_key", "out_of_credit", "deadline"})
"""Kinds of error that waiting does not help against, though there are clients that try again: Claude
Code after a 401 (https://github.com/Gitlawb/openclaude/issues/1356), all SDKs after a 504, where each
try takes 15 minutes and is charged."""


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


def openai_response(error: ApiError, request_id: str) -> Response:
    """An error as OpenAI's API answers it."""
    headers = [(_OPENAI_REQUEST_ID, request_id), *_when_to_retry(error)]
    return json_response(error.wire.status, openai_error(error), headers)


def anthropic_error(error: ApiError) -> dict[str, object]:
    """``{"type": "error", "error": {type, message}}``, as Anthropic's SDKs read it.

    It has no member for the field at fault, which the message names.
    """
    message = error.message
    if error.param is not None and error.param not in message:
        message = f"{error.param}: {message}"
    return {"type": "error", "error": {"type": error.wire.anthropic_type, "message": message}}


def anthropic_response(error: ApiError, request_id: str) -> Response:
    """An error as Anthropic's API answers it (https://platform.claude.com/docs/en/api/errors)."""
    headers = [(_ANTHROPIC_REQUEST_ID, request_id), *_when_to_retry(error)]
    content = {**anthropic_error(error), "request_id": request_id}
    return json_response(error.wire.anthropic_status, content, headers)


def bedrock_response(error: ApiError, request_id: str) -> Response:
    """An error as AWS's REST-JSON protocol has it: its name in a header, its message in the body."""
    headers = [
        ("content-type", "application/json"),
        ("x-amzn-errortype", error.wire.bedrock_exception),
        (_BEDROCK_REQUEST_ID, request_id),
    ]
    if error.retry_after is not None:
        headers.append(("retry-after", str(error.retry_after)))
    return Response(error.wire.status, headers, json.dumps({"message": error.message}).encode())


def _when_to_retry(error: ApiError) -> Headers:
    """What the SDKs of OpenAI and Anthropic go by before they go by the status.

    `_should_retry` and `_calculate_retry_timeout` in ``_base_client.py`` of openai 3.54.0 and anthropic
    2.12.0; Claude Code reads the same.
    """
    if error.retry_after is not None:
        return [("retry-after", str(error.retry_after))]
    return [("x-should-retry", "false")] if error.kind in _LASTING else []


OPENAI = Envelope(openai_response, _OPENAI_REQUEST_ID, KEEP_ALIVE, rate_limits.openai_headers)
ANTHROPIC = Envelope(
    anthropic_response,
    _ANTHROPIC_REQUEST_ID,
    named_event("ping", {"type": "ping"}),
    rate_limits.anthropic_headers,
)
BEDROCK = Envelope(bedrock_response, _BEDROCK_REQUEST_ID, b"", rate_limits.no_headers)

_BY_PATH = {
    "/anthropic/": ANTHROPIC,
    "/v1/messages": ANTHROPIC,
    "/v1/chat/": OPENAI,
    "/v1/embeddings": OPENAI,
    "/v1/responses": OPENAI,
    # bedrock-runtime and its control plane.
    "/async-invoke": BEDROCK,
    "/foundation-models": BEDROCK,
    "/guardrail": BEDROCK,
    "/inference-profiles": BEDROCK,
    "/model/": BEDROCK,
}
"""How paths begin that only one of the protocols has."""


def envelope_of(path: str, headers: Mapping[str, str]) -> Envelope:
    """That of the API which a path, known or not, resembles; else of the one the client speaks."""
    for beginning, envelope in _BY_PATH.items():
        if path.startswith(beginning):
            return envelope
    return ANTHROPIC if "anthropic-version" in headers else OPENAI
