"""Held to the SDKs that read the shapes."""

import json
from typing import Any

import anthropic
import httpx
import httpx2
import openai
import pytest
from router.dialects.shapes import anthropic_response, error_shape, openai_error, openai_response
from router.errors import KINDS, ApiError

from tests.support.requests import json_of

ERROR = ApiError("rate_limited", "Wait.", param="model", retry_after=3)


def test_openais_envelope() -> None:
    response = openai_response(ERROR)
    assert response.status == 429
    assert response.headers == [("content-type", "application/json"), ("retry-after", "3")]
    assert json_of(response) == {
        "error": {
            "message": "Wait.",
            "type": "rate_limit_exceeded",
            "param": "model",
            "code": "rate_limit_exceeded",
        }
    }


def test_anthropics_envelope() -> None:
    response = anthropic_response(ERROR)
    assert response.status == 429
    assert response.headers == [("content-type", "application/json"), ("retry-after", "3")]
    assert json_of(response) == {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "model: Wait."},
    }


def test_an_error_about_no_field_and_no_time_says_nothing_of_them() -> None:
    error = ApiError("out_of_credit", "No credit.")
    assert ("retry-after", "3") not in openai_response(error).headers
    assert len(anthropic_response(error).headers) == 1
    assert openai_error(error)["error"]["param"] is None  # type: ignore[index]
    said: Any = json_of(anthropic_response(error))
    assert said["error"]["message"] == "No credit."


STATUS_ERRORS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_openai_sdk_reads_every_error(kind: str) -> None:
    response = openai_response(ApiError(kind, "Words.", param="field"))
    transport = httpx.MockTransport(
        lambda _: httpx.Response(response.status, content=response.body, headers=response.headers)
    )
    client = openai.OpenAI(
        api_key="key", max_retries=0, http_client=httpx.Client(transport=transport)
    )
    with pytest.raises(openai.APIStatusError) as raised:
        client.models.list()
    assert type(raised.value).__name__ == STATUS_ERRORS.get(
        response.status, "InternalServerError" if response.status > 500 else "APIStatusError"
    )
    wire = KINDS[kind]
    assert raised.value.code == wire.openai_code
    assert (raised.value.type, raised.value.param) == (wire.openai_type, "field")
    assert "Words." in raised.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_the_anthropic_sdk_reads_every_error(kind: str) -> None:
    response = anthropic_response(ApiError(kind, "Words."))
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(response.status, content=response.body, headers=response.headers)
    )
    client = anthropic.Anthropic(
        api_key="key", max_retries=0, http_client=httpx2.Client(transport=transport)
    )
    with pytest.raises(anthropic.APIStatusError) as raised:
        client.models.list()
    assert raised.value.status_code == response.status
    body: Any = raised.value.body
    assert body["error"] == {"type": KINDS[kind].anthropic_type, "message": "Words."}


@pytest.mark.parametrize(
    ("path", "headers", "shape"),
    [
        ("/model/x/converse", {}, "bedrock"),
        ("/model/x/unheard-of", {}, "bedrock"),
        ("/inference-profiles", {}, "bedrock"),
        ("/foundation-models/x", {}, "bedrock"),
        ("/guardrail/x/version/1/apply", {}, "bedrock"),
        ("/async-invoke", {}, "bedrock"),
        ("/model/x/converse", {"anthropic-version": "2023-06-01"}, "bedrock"),
        ("/v1/messages", {}, "anthropic"),
        ("/v1/messages/count_tokens", {}, "anthropic"),
        ("/anthropic/v1/messages", {}, "anthropic"),
        ("/v1/models", {"anthropic-version": "2026-10-21"}, "anthropic"),
        ("/nowhere", {"anthropic-version": "2026-10-21"}, "anthropic"),
        ("/v1/models", {}, "openai"),
        ("/v1/chat/completions", {}, "openai"),
        ("/v1/completions", {}, "openai"),
        ("/", {}, "openai"),
        ("/models", {}, "openai"),
    ],
)
def test_a_path_is_answered_in_the_shape_of_the_api_it_resembles(
    path: str, headers: dict[str, str], shape: str
) -> None:
    response = error_shape(path, headers)(ApiError("unknown_path", "Nothing here."))
    content = json.loads(response.body)
    found = "anthropic" if content.get("type") == "error" else "openai"
    if dict(response.headers).get("x-amzn-errortype"):
        found = "bedrock"
    assert found == shape
    assert response.status == 404
