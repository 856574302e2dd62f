"""Every way a request can be refused or fail, and what each is called in each protocol.

One table, `KINDS`, says what a kind of error is on the wire of every API the router speaks; a
dialect renders it in its own envelope. The names are the vendors' own:
OpenAI https://platform.openai.com/docs/guides/error-codes,
Anthropic https://docs.anthropic.com/en/api/errors,
Bedrock the exceptions of botocore's ``bedrock-runtime`` service model.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """How one kind of error looks on the wire."""

    status: int
    openai_type: str
    openai_code: str | None
    anthropic_type: str
    bedrock_exception: str
    own_anthropic_status: int | None = None
    """Where Anthropic's API has another status than the others."""
    is_fault: bool = False
    """Whether nothing that the client does helps, and the owner has to know: Bedrock, the account or
    the router failed. Every other kind refuses a request for what it asks or for its key's limits."""

    @property
    def anthropic_status(self) -> int:
        """The HTTP status in Anthropic's API."""
        return self.own_anthropic_status or self.status


_WAIT = Kind(
    429,
    "rate_limit_exceeded",
    "rate_limit_exceeded",
    "rate_limit_error",
    "ThrottlingException",
)

KINDS = {
    "invalid_request": Kind(
        400, "invalid_request_error", None, "invalid_request_error", "ValidationException"
    ),
    "invalid_key": Kind(
        401,
        "invalid_request_error",
        "invalid_api_key",
        "authentication_error",
        "UnrecognizedClientException",
    ),
    "out_of_credit": Kind(
        402, "insufficient_quota", "insufficient_quota", "billing_error", "AccessDeniedException"
    ),
    "model_not_allowed": Kind(
        403,
        "invalid_request_error",
        "model_not_allowed",
        "permission_error",
        "AccessDeniedException",
    ),
    "access_denied": Kind(
        403,
        "invalid_request_error",
        "access_denied",
        "permission_error",
        "AccessDeniedException",
        is_fault=True,
    ),
    "unknown_model": Kind(
        404,
        "invalid_request_error",
        "model_not_found",
        "not_found_error",
        "ResourceNotFoundException",
    ),
    "unknown_path": Kind(
        404, "invalid_request_error", "unknown_url", "not_found_error", "UnknownOperationException"
    ),
    "method_not_allowed": Kind(
        405,
        "invalid_request_error",
        "method_not_allowed",
        "invalid_request_error",
        "UnknownOperationException",
    ),
    "too_large": Kind(
        413,
        "invalid_request_error",
        "request_too_large",
        "request_too_large",
        "ValidationException",
    ),
    # These three look the same to a client, which has to wait; the log tells them apart.
    "rate_limited": _WAIT,
    "credit_reserved": _WAIT,
    "throttled": _WAIT._replace(is_fault=True),
    "model_timeout": Kind(
        408,
        "server_error",
        "model_timeout",
        "timeout_error",
        "ModelTimeoutException",
        504,
        is_fault=True,
    ),
    "model_error": Kind(
        424, "server_error", "model_error", "api_error", "ModelErrorException", 500, is_fault=True
    ),
    "internal": Kind(
        500, "server_error", None, "api_error", "InternalServerException", is_fault=True
    ),
    "bad_upstream": Kind(
        502, "server_error", "bad_upstream", "api_error", "InternalServerException", is_fault=True
    ),
    "unavailable": Kind(
        503,
        "server_error",
        "service_unavailable",
        "overloaded_error",
        "ServiceUnavailableException",
        529,
        is_fault=True,
    ),
    "deadline": Kind(
        504, "server_error", "deadline", "timeout_error", "ModelTimeoutException", is_fault=True
    ),
}


class ApiError(Exception):
    """A refusal or failure to be told to the client, in the client's own protocol.

    `message` is for people and says what to do; it never holds a key or a word of a prompt beyond
    the name of the field at fault, which is `param` (``messages[2].content``).
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        param: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.param = param
        self.retry_after = retry_after

    @property
    def wire(self) -> Kind:
        """The row of `KINDS` for this error."""
        return KINDS[self.kind]


def internal_error() -> ApiError:
    """What a client is told of a fault of the router's own; the log holds the rest."""
    return ApiError("internal", "The router failed. The failure has been logged.")
