"""Bedrock's errors as the router's: by exception name, wherever it stands.

Names and statuses: botocore's ``bedrock-runtime`` service model; in streams the same names begin in
lower case. The client's message is Bedrock's own, as clients match on its wording.
"""

import json
from collections.abc import Iterable
from typing import Any

from router.errors import ApiError
from router.eventstream import Frame
from router.http import Headers

_KINDS = {
    "AccessDeniedException": "access_denied",
    "ConflictException": "invalid_request",
    "InternalServerException": "internal",
    "ModelErrorException": "model_error",
    "ModelNotReadyException": "throttled",
    "ModelStreamErrorException": "model_error",
    "ModelTimeoutException": "model_timeout",
    "ResourceNotFoundException": "unknown_model",
    "ServiceQuotaExceededException": "throttled",
    "ServiceUnavailableException": "unavailable",
    "ThrottlingException": "throttled",
    "UnknownOperationException": "bad_upstream",
    "ValidationException": "invalid_request",
}

_UNKNOWN_MODEL = ("The provided model identifier is invalid",)

# AWS refuses the router's own credentials with these; the client cannot mend that.
_NOT_THE_CLIENTS = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)

RETRY_AFTER_S = {"throttled": 2, "unavailable": 2}

_LONGEST_MESSAGE = 1_000


def unreachable() -> ApiError:
    """What a client is told when no connection to Bedrock can be made."""
    # Sooner than for a service that says it is overloaded: a new connection may well be made.
    return ApiError("unavailable", "Bedrock cannot be reached.", retry_after=1)


def unknown_operation() -> ApiError:
    """What a client is told when Bedrock does not have a path that the router has."""
    return ApiError("bad_upstream", "Bedrock does not know this operation.")


def from_answer(status: int, headers: Headers, body: bytes) -> ApiError:
    """The error of an error answer, or of the HTTP 200 with which unknown paths are refused."""
    content = _content(body)
    name = next((value for header, value in headers if header == "x-amzn-errortype"), None)
    name = (name or _type_of(content)).partition(":")[0].rpartition("#")[2]
    told = content.get("error")
    # bedrock-runtime's own OpenAI API wraps its errors as OpenAI does.
    told = told if isinstance(told, dict) else content
    message = told.get("message") or told.get("Message")
    text = message if isinstance(message, str) else f"Bedrock answered HTTP {status}."
    if name not in _KINDS and name not in _NOT_THE_CLIENTS:
        name = _NAMES_BY_STATUS.get(status, "InternalServerException")
    return from_exception(name, text)


_NAMES_BY_STATUS = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
}


def from_exception(name: str, message: str) -> ApiError:
    """The error for an exception of Bedrock's by name, in either spelling."""
    name = name[:1].upper() + name[1:]
    if name in _NOT_THE_CLIENTS:
        return ApiError("bad_upstream", f"Bedrock refused the router's own credentials ({name}).")
    kind = _KINDS.get(name, "internal")
    if kind == "invalid_request" and message.startswith(_UNKNOWN_MODEL):
        kind = "unknown_model"
    return ApiError(kind, _beginning(message), retry_after=RETRY_AFTER_S.get(kind))


def first_fault(frames: Iterable[Frame]) -> ApiError | None:
    """The error that the first frame of an event stream which is no ordinary event carries."""
    for frame in frames:
        if frame.headers.get(":message-type") != "event":
            return from_frame(frame)
    return None


def from_frame(frame: Frame) -> ApiError:
    """The error in an exception or error frame."""
    if frame.headers.get(":message-type") == "exception":
        name = str(frame.headers.get(":exception-type", ""))
        message = _content(frame.payload).get("message")
        return from_exception(name, message if isinstance(message, str) else name)
    code = str(frame.headers.get(":error-code", "InternalServerException"))
    return from_exception(code, str(frame.headers.get(":error-message", code)))


def from_sse(data: bytes) -> ApiError | None:
    """The error in an event of a stream of bedrock-runtime's own OpenAI API; None if it is none.

    Chat Completions sends ``{"error": {…}}``, Responses an event of the type ``error`` or
    ``response.failed`` (https://platform.openai.com/docs/api-reference/responses-streaming).
    """
    content = _content(data)
    if content.get("type") == "response.failed":
        answer = content.get("response")
        content = answer if isinstance(answer, dict) else {}
    error = content if content.get("type") == "error" else content.get("error")
    if not isinstance(error, dict):
        return None
    message = error.get("message")
    text = message if isinstance(message, str) else "Bedrock's answer broke off."
    return ApiError(_OPENAI_CODES.get(str(error.get("code")), "internal"), _beginning(text))


_OPENAI_CODES = {
    "invalid_prompt": "invalid_request",
    "rate_limit_exceeded": "throttled",
    "server_error": "internal",
    "service_unavailable": "unavailable",
}


def is_unknown_operation(body: bytes) -> bool:
    """Whether an answer, whatever its status, is Bedrock's for a path it does not have."""
    # A model may use the word too, so it is looked for in its place.
    name = "UnknownOperationException"
    return name.encode() in body and _type_of(_content(body)).endswith(name)


def _beginning(message: str) -> str:
    """A message that may repeat all of what it refuses, short enough to be read."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"


def _content(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _type_of(content: dict[str, Any]) -> str:
    """``__type``, which for an unknown operation stands in ``Output``."""
    output = content.get("Output")
    return str((output if isinstance(output, dict) else content).get("__type") or "")
