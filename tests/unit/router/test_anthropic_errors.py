"""Whatever goes wrong, as Anthropic's SDK is told of it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx2
import pytest
from router.aws import SecretUnavailable
from router.http import Response
from router.http_pool import NeverSent, SilentTooLong, UpstreamUnreachable
from router.metered_call import MAX_BODY, SETTLE_S
from router.routes import handle
from router.unserved import INSTEAD

from tests.support.key_table import NOON, outage
from tests.support.requests import body_of, json_of
from tests.support.router import INVOCATION_S, Router
from tests.support.upstream import said

MODEL = "claude-sonnet-4-6"
ANSWER = {
    "id": "msg_bdrk_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 2},
}
MESSAGES: Any = {
    "model": MODEL,
    "max_tokens": 10,
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture
def sdk(router: Router) -> Iterator[anthropic.Anthropic]:
    """Anthropic's client, whose requests the router answers."""

    def answer(asked: httpx2.Request) -> httpx2.Response:
        path, _, query = asked.url.raw_path.decode().partition("?")
        headers = {**asked.headers, "authorization": f"Bearer {router.key}"}
        request = router.request(
            asked.method, path, query=query, headers=headers, body=asked.read()
        )
        response = handle(router.services, request)
        return httpx2.Response(response.status, headers=response.headers, content=body_of(response))

    with anthropic.Anthropic(
        api_key="unused",
        base_url="http://router.test",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.MockTransport(answer)),
    ) as client:
        yield client


def bedrock_refuses(status: int, exception: str) -> Callable[[Router], None]:
    def prepare(router: Router) -> None:
        headers = [("x-amzn-errortype", exception)]
        router.bedrock_says(said({"message": "No."}, status, headers))

    return prepare


def bedrock_breaks(error: Exception) -> Callable[[Router], None]:
    return lambda router: router.bedrock_says(error)


def foreign_key(router: Router) -> None:
    router.key = "sk-foreign"


def no_credit(router: Router) -> None:
    router.new_key(credit_limit=0)


def another_model(router: Router) -> None:
    router.new_key(allowed_models=frozenset({"nova-*"}))


def no_rate(router: Router) -> None:
    router.new_key(requests_per_minute=1)
    router.bedrock_says(said(ANSWER))
    handle(router.services, router.request("POST", "/v1/messages", body=MESSAGES))


def table_down(router: Router) -> None:
    router.table.mishaps = [outage]


def secret_down(router: Router) -> None:
    router.secret.outage = SecretUnavailable("InternalServiceError")


FAILURES: dict[str, tuple[Callable[[Router], None], int, str]] = {
    "a foreign key": (foreign_key, 401, "authentication_error"),
    "no credit": (no_credit, 402, "billing_error"),
    "a model not allowed": (another_model, 403, "permission_error"),
    "past the rate": (no_rate, 429, "rate_limit_error"),
    "the table down": (table_down, 529, "overloaded_error"),
    "the secret out of reach": (secret_down, 529, "overloaded_error"),
    "a refusal": (bedrock_refuses(400, "ValidationException"), 400, "invalid_request_error"),
    "no access": (bedrock_refuses(403, "AccessDeniedException"), 403, "permission_error"),
    "no such model": (bedrock_refuses(404, "ResourceNotFoundException"), 404, "not_found_error"),
    "throttled": (bedrock_refuses(429, "ThrottlingException"), 429, "rate_limit_error"),
    "too slow a model": (bedrock_refuses(408, "ModelTimeoutException"), 504, "timeout_error"),
    "a model's fault": (bedrock_refuses(424, "ModelErrorException"), 500, "api_error"),
    "overloaded": (bedrock_refuses(503, "ServiceUnavailableException"), 529, "overloaded_error"),
    "Bedrock out of reach": (bedrock_breaks(NeverSent("no")), 529, "overloaded_error"),
    "a lost answer": (bedrock_breaks(UpstreamUnreachable("cut")), 502, "api_error"),
    "no time": (bedrock_breaks(SilentTooLong("late")), 504, "timeout_error"),
    "a bug": (bedrock_breaks(KeyError("a word")), 500, "api_error"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_has_anthropics_status_and_type_and_the_requests_id(
    router: Router, sdk: anthropic.Anthropic, failure: str
) -> None:
    prepare, status, kind = FAILURES[failure]
    prepare(router)
    with pytest.raises(anthropic.APIStatusError) as raised:
        sdk.messages.create(**MESSAGES)
    error = raised.value
    assert (error.status_code, error.type) == (status, kind)
    body: Any = error.body
    assert set(body) == {"type", "error", "request_id"}
    assert error.request_id == body["request_id"] == router.request().request_id
    assert error.api_message
    if status in (429, 529):
        assert int(error.response.headers["retry-after"]) > 0


def test_a_request_too_large_is_anthropics_413(router: Router, sdk: anthropic.Anthropic) -> None:
    words = "x" * MAX_BODY
    with pytest.raises(anthropic.APIStatusError) as raised:
        sdk.messages.create(
            model=MODEL, max_tokens=10, messages=[{"role": "user", "content": words}]
        )
    assert (raised.value.status_code, raised.value.type) == (413, "request_too_large")
    assert router.bedrock_runtime.asked == []


def test_an_invocation_without_time_for_a_call_is_anthropics_504(router: Router) -> None:
    request = router.request("POST", "/v1/messages", body=MESSAGES)
    router.clock.seconds += INVOCATION_S - SETTLE_S
    response = handle(router.services, request)
    assert response.status == 504
    assert told(response)["type"] == "timeout_error"


def test_a_field_at_fault_is_named(sdk: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError) as raised:
        sdk.messages.create(**MESSAGES | {"messages": 5})
    assert "messages" in (raised.value.api_message or "")


# --- what is not there ------------------------------------------------------------------------------


def ask(router: Router, method: str, path: str, **more: Any) -> Response:
    headers = {"anthropic-version": "2023-06-01"}
    return handle(router.services, router.request(method, path, headers=headers, **more))


def told(response: Response) -> dict[str, str]:
    """What an error says, which has Anthropic's shape."""
    content: Any = json_of(response)
    assert content["type"] == "error"
    assert dict(response.headers)["request-id"] == content["request_id"]
    error: dict[str, str] = content["error"]
    return error


@pytest.mark.parametrize("below", ["", "/an-id", "/an-id/results"])
@pytest.mark.parametrize("path", INSTEAD)
def test_what_is_not_supported_is_a_404_that_says_what_to_do(
    router: Router, path: str, below: str
) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = ask(router, method, f"{path}{below}")
        assert response.status == 404
        error = told(response)
        assert error["type"] == "not_found_error"
        assert error["message"] == f"There is no {method} {path}{below} here. {INSTEAD[path]}"
    assert router.bedrock_runtime.asked == []
    assert router.table.operations == []


@pytest.mark.parametrize("path", ["/v1/filesystem", "/v1/agents", "/v1/messages/nothing", "/"])
def test_what_nothing_is_known_of_is_a_plain_404(router: Router, path: str) -> None:
    response = ask(router, "GET", path)
    assert response.status == 404
    assert told(response)["message"] == f"There is no GET {path} here."


def test_the_sdks_other_resources_are_not_found(sdk: anthropic.Anthropic) -> None:
    for call in (
        sdk.messages.batches.list,
        sdk.beta.files.list,
        sdk.beta.skills.list,
        lambda: sdk.messages.batches.retrieve("msgbatch_1"),
    ):
        with pytest.raises(anthropic.NotFoundError) as raised:
            call()
        assert "not supported" in (raised.value.api_message or "")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/messages", "POST"), ("POST", "/v1/models", "GET"), ("PUT", "/v1/key", "GET")],
)
def test_a_wrong_method_is_a_405_that_tells_the_right_one(
    router: Router, method: str, path: str, allowed: str
) -> None:
    response = ask(router, method, path)
    assert response.status == 405
    assert told(response)["type"] == "invalid_request_error"
    assert dict(response.headers)["allow"] == allowed


def test_a_query_that_is_not_encoded_is_a_400(router: Router) -> None:
    response = ask(router, "GET", "/v1/models", query="limit=1 0")
    assert (response.status, told(response)["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("path", ["/", "/api/hello"])
def test_claude_codes_probes_are_answered(router: Router, path: str) -> None:
    assert handle(router.services, router.request("HEAD", path)).status < 500


# --- keys -------------------------------------------------------------------------------------------


def asked_with(router: Router, headers: dict[str, str]) -> Response:
    named = {"authorization": "", **headers}
    request = router.request("POST", "/v1/messages", headers=named, body=MESSAGES)
    return handle(router.services, request)


FOREIGN = "sk-ant-api03-foreign"


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [
        ("Bearer {key}", ""),
        ("", "{key}"),
        ("Bearer {key}", "{key}"),
        ("Bearer {key}", FOREIGN),
        (f"Bearer {FOREIGN}", "{key}"),
        ("Basic eDp5", "{key}"),
    ],
)
def test_a_key_is_taken_from_whichever_header_has_one(
    router: Router, authorization: str, api_key: str
) -> None:
    router.bedrock_says(said(ANSWER))
    headers = {"authorization": authorization, "x-api-key": api_key}
    filled = {name: value.format(key=router.key) for name, value in headers.items()}
    assert asked_with(router, filled).status == 200
    assert router.record.key_id == router.key_id


def test_of_two_keys_the_one_in_authorization_counts(router: Router) -> None:
    other = router.key
    router.new_key()
    router.bedrock_says(said(ANSWER))
    asked_with(router, {"authorization": f"Bearer {router.key}", "x-api-key": other})
    assert router.record.key_id == router.key_id


def test_two_keys_of_somebody_elses_are_refused_without_a_word_of_them(router: Router) -> None:
    response = asked_with(router, {"authorization": f"Bearer {FOREIGN}", "x-api-key": FOREIGN})
    assert response.status == 401
    assert told(response)["type"] == "authentication_error"
    assert FOREIGN not in json.dumps(json_of(response))
    # Claude Code would try again ten times.
    assert ("x-should-retry", "false") in response.headers


# --- rates ------------------------------------------------------------------------------------------


def test_messages_tell_a_keys_limits_in_anthropics_headers(
    router: Router, sdk: anthropic.Anthropic
) -> None:
    router.new_key(requests_per_minute=1)
    router.clock.seconds = NOON + 20
    router.bedrock_says(said(ANSWER))
    answer = sdk.messages.with_raw_response.create(**MESSAGES)
    with pytest.raises(anthropic.RateLimitError) as raised:
        sdk.messages.create(**MESSAGES)
    for headers in (answer.headers, raised.value.response.headers):
        assert {name: value for name, value in headers.items() if "ratelimit" in name} == {
            "anthropic-ratelimit-requests-limit": "1",
            "anthropic-ratelimit-requests-remaining": "0",
            "anthropic-ratelimit-requests-reset": "2025-06-15T12:01:00Z",
        }
    assert raised.value.response.headers["retry-after"] == "40"
