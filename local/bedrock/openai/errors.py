"""Refusals and failures as the OpenAI routes word and shape them."""

from typing import Any

from local.bedrock.errors import ServiceError
from local.bedrock.messages import Reply, json_reply


class OpenAIError(Exception):
    """A refusal: ``{"error": {"message", "type", "param", "code"}}``."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = "validation_error",
        param: str | None = None,
        kind: str = "invalid_request_error",
        status: int = 400,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind
        self.status = status

    @property
    def detail(self) -> dict[str, Any]:
        """What stands under ``error``."""
        return {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }


_KINDS = {
    400: ("invalid_request_error", "validation_error"),
    403: ("permission_denied_error", "access_denied"),
    404: ("not_found_error", "not_found"),
    408: ("timeout_error", "timeout"),
    424: ("server_error", "model_error"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("server_error", "internal_server_error"),
    503: ("server_error", "service_unavailable"),
}
"""(type, code) by status of the exceptions that the routes share with the rest of the service."""


def from_service(error: ServiceError) -> OpenAIError:
    """An exception of the service in OpenAI's shape."""
    kind, code = _KINDS[error.status]
    return OpenAIError(error.message, code=code, kind=kind, status=error.status)


def reply(error: OpenAIError) -> Reply:
    """A refusal as an answer."""
    return json_reply({"error": error.detail}, error.status)


def unsupported_parameter(name: str) -> OpenAIError:
    """The refusal of a parameter that the model does not take."""
    return OpenAIError(
        f"Unsupported parameter: '{name}' is not supported with this model.",
        code="unsupported_parameter",
        param=name,
    )


def unsupported_value(name: str, value: str, model_id: str, known: tuple[str, ...]) -> OpenAIError:
    """The refusal of a value that other models take."""
    return OpenAIError(
        f"Unsupported value: '{value}' is not supported with the '{model_id}' model. "
        f"Supported values are: {listed(known)}.",
        code="unsupported_value",
        param=name,
    )


def invalid_value(name: str, value: Any, known: tuple[str, ...]) -> OpenAIError:
    """The refusal of a value that no model takes."""
    return OpenAIError(
        f"Invalid value: '{value}'. Supported values are: {listed(known)}.",
        code="invalid_value",
        param=name,
    )


def listed(values: tuple[str, ...]) -> str:
    """``'a', 'b', and 'c'``."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"
