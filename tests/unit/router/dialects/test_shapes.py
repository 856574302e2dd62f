"""Held to the SDKs that read the shapes."""

from typing import Any

import anthropic
import httpx2
import openai
import pytest
from router.dialects.shapes import (
    anthropic_response,
    envelope_of,
    openai_error,
    openai_response,
)
from router.errors import KINDS, ApiError
from router.http import Response

from tests.support.requests import json_of

ERROR = ApiError("rate_limited", "Wait.", param="model", retry_after=3)
ID = "an-id"


def test_openais_envelope() -> None:
    response = openai_response(ERROR, ID)
    assert response.status == 429
    assert dict(response.headers) == {
        "content-type": "application/json",
        "x-request-id": ID,
        "retry-after": "3",
    }
    assert json_of(response) == {
        "error": {
            "message": "Wait.",
            "type": "rate_limit_exceeded",
            "param": "model",
            "code": "rate_limit_exceeded",
        }
    }


def test_anthropics_envelope() -> None:
    response = anthropic_response(ERROR, ID)
    assert response.status == 429
    assert dict(response.headers) == {
        "content-type": "application/json",
        "request-id": ID,
        "retry-after": "3",
    }
    assert json_of(response) == {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "model: Wait."},
        "request_id": ID,
    }


def test_an_error_about_no_field_and_no_time_says_nothing_of_them() -> None:
    error = ApiError("unknown_model", "No such model.")
    for response in (openai_response(error, ID), anthropic_response(error, ID)):
        assert not {"retry-after", "x-should-retry"} & set(dict(response.headers))
    assert openai_error(error)["error"]["param"] is None  # type: ignore[index]
    said: Any = json_of(anthropic_response(error, ID))
    assert said["error"]["message"] == "No such model."


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
    response = openai_response(ApiError(kind, "Words.", param="field"), ID)
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(response.status, content=response.body, headers=response.headers)
    )
    client = openai.OpenAI(
        api_key="key", max_retries=0, http_client=httpx2.Client(transport=transport)
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
    assert raised.value.request_id == ID


@pytest.mark.parametrize("kind", KINDS)
def test_the_anthropic_sdk_reads_every_error(kind: str) -> None:
    response = anthropic_response(ApiError(kind, "Words."), ID)
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(response.status, content=response.body, headers=response.headers)
    )
    client = anthropic.Anthropic(
        api_key="key", max_retries=0, http_client=httpx2.Client(transport=transport)
    )
    with pytest.raises(anthropic.APIStatusError) as raised:
        client.models.list()
    assert raised.value.status_code == response.status
    assert raised.value.request_id == ID
    body: Any = raised.value.body
    assert body["error"] == {"type": KINDS[kind].anthropic_type, "message": "Words."}


LASTING = {"invalid_key", "out_of_credit", "deadline"}


def tries_of_the_openai_sdk(response: Response) -> int:
    tries: list[httpx2.Request] = []

    def answer(asked: httpx2.Request) -> httpx2.Response:
        tries.append(asked)
        headers = [*response.headers, ("retry-after-ms", "1")]
        return httpx2.Response(response.status, headers=headers, content=response.body)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    with (
        openai.OpenAI(api_key="key", max_retries=1, http_client=http) as client,
        pytest.raises(openai.APIStatusError),
    ):
        client.models.list()
    return len(tries)


def tries_of_the_anthropic_sdk(response: Response) -> int:
    tries: list[httpx2.Request] = []

    def answer(asked: httpx2.Request) -> httpx2.Response:
        tries.append(asked)
        headers = [*response.headers, ("retry-after-ms", "1")]
        return httpx2.Response(response.status, headers=headers, content=response.body)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    with (
        anthropic.Anthropic(api_key="key", max_retries=1, http_client=http) as client,
        pytest.raises(anthropic.APIStatusError),
    ):
        client.models.list()
    return len(tries)


@pytest.mark.parametrize("kind", KINDS)
def test_the_sdks_try_again_where_that_can_help(kind: str) -> None:
    error = ApiError(kind, "Words.")
    for response, tries_of in (
        (openai_response(error, ID), tries_of_the_openai_sdk),
        (anthropic_response(error, ID), tries_of_the_anthropic_sdk),
    ):
        is_passing = response.status in (408, 409, 429) or response.status >= 500
        helps = is_passing and kind not in LASTING
        assert tries_of(response) == (2 if helps else 1)
        assert (("x-should-retry", "false") in response.headers) == (kind in LASTING)


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
        ("/v1/responses/resp_1", {"anthropic-version": "2026-10-21"}, "openai"),
        ("/v1/embeddings", {"anthropic-version": "2026-10-21"}, "openai"),
        ("/v1/completions", {}, "openai"),
        ("/", {}, "openai"),
        ("/models", {}, "openai"),
    ],
)
def test_a_path_is_answered_in_the_shape_of_the_api_it_resembles(
    path: str, headers: dict[str, str], shape: str
) -> None:
    response = envelope_of(path, headers).refused(ApiError("unknown_path", "Nothing here."), ID)
    content: Any = json_of(response)
    found = "anthropic" if content.get("type") == "error" else "openai"
    if dict(response.headers).get("x-amzn-errortype"):
        found = "bedrock"
    assert found == shape
    assert response.status == 404
