import pytest
from botocore.session import Session
from router.errors import KINDS, ApiError, Kind

NOT_BEDROCKS = {"UnknownOperationException", "UnrecognizedClientException"}
"""Exceptions that every AWS service may raise, so that no service model lists them."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_an_error_in_every_protocol(kind: str) -> None:
    wire = KINDS[kind]
    assert 400 <= wire.status < 600
    assert wire.openai_type in {
        "insufficient_quota",
        "invalid_request_error",
        "rate_limit_exceeded",
        "server_error",
    }
    # https://docs.anthropic.com/en/api/errors
    assert wire.anthropic_type in {
        "api_error",
        "authentication_error",
        "billing_error",
        "invalid_request_error",
        "not_found_error",
        "overloaded_error",
        "permission_error",
        "rate_limit_error",
        "request_too_large",
        "timeout_error",
    }


@pytest.mark.parametrize(("kind", "wire"), KINDS.items(), ids=KINDS)
def test_bedrocks_exceptions_are_bedrocks_own(kind: str, wire: Kind) -> None:
    model = Session().get_service_model("bedrock-runtime")
    names = {shape.name for shape in model.error_shapes} | NOT_BEDROCKS
    assert wire.bedrock_exception in names


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("invalid_request", 400),
        ("invalid_key", 401),
        ("out_of_credit", 402),
        ("model_not_allowed", 403),
        ("unknown_model", 404),
        ("unknown_path", 404),
        ("method_not_allowed", 405),
        ("too_large", 413),
        ("rate_limited", 429),
        ("credit_reserved", 429),
        ("throttled", 429),
        ("internal", 500),
        ("bad_upstream", 502),
        ("unavailable", 503),
        ("deadline", 504),
    ],
)
def test_errors_keep_their_meaning_in_their_status(kind: str, status: int) -> None:
    assert ApiError(kind, "").wire.status == status


def test_an_error_is_its_message_and_knows_the_field_and_when_to_retry() -> None:
    error = ApiError("rate_limited", "Wait.", param="model", retry_after=3)
    assert (str(error), error.message, error.param, error.retry_after) == (
        "Wait.",
        "Wait.",
        "model",
        3,
    )


def test_a_status_means_to_clients_what_they_retry_on() -> None:
    """SDKs retry 408, 409, 429 and 5xx by themselves: what will not pass must be none of these."""
    passing = {408, 409, 429} | set(range(500, 600))
    for kind in (
        "invalid_request",
        "invalid_key",
        "out_of_credit",
        "model_not_allowed",
        "access_denied",
        "unknown_model",
        "unknown_path",
        "method_not_allowed",
        "too_large",
    ):
        assert KINDS[kind].status not in passing
    for kind in ("rate_limited", "unavailable", "model_timeout", "bad_upstream"):
        assert KINDS[kind].status in passing
