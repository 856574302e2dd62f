"""Counting the tokens of a Messages request: whom it asks, what it costs and what is told."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from anthropic.types import MessageTokensCount
from catalog.families import family_of
from router import token_counts
from router.dialects.anthropic_messages.request import to_converse
from router.http import Response
from router.http_pool import NeverSent, SilentTooLong, UpstreamUnreachable
from router.token_counts import BEDROCK_S, count_tokens
from router.token_estimates import input_tokens

from tests.support.requests import json_of
from tests.support.router import Router
from tests.support.upstream import Said, said

CLAUDE = "claude-sonnet-4-5"
PATH = "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens"
UNCOUNTED = "claude-opus-4-8"
NOVA = "nova-pro"
STORY = "The quick brown fox jumps over the lazy dog. " * 20
HI = {"role": "user", "content": STORY}
TOOL = {"name": "weather", "input_schema": {"type": "object"}}
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}


def counted(router: Router, model: str = CLAUDE, **body: Any) -> Response:
    headers: Mapping[str, str] = body.pop("headers", {})
    asked = {"model": model, "messages": [HI]} | body
    path = "/v1/messages/count_tokens"
    return count_tokens(router.services, router.request(path=path, body=asked, headers=headers))


def tokens(response: Response) -> int:
    """What was told, in the SDK's shape."""
    assert response.status == 200
    return MessageTokensCount.model_validate(json_of(response), strict=True).input_tokens


def is_estimated(response: Response) -> bool:
    return ("x-bedrockrouter-input-tokens", "estimated") in response.headers


def error(response: Response) -> dict[str, Any]:
    content: Any = json_of(response)
    assert content["type"] == "error"
    found: dict[str, Any] = content["error"]
    return found


def assert_free(router: Router) -> None:
    assert (router.reserved(), router.settled()) == ([], [])
    assert (router.record.cost, router.record.usage) == (0, None)
    assert router.account.minute_requests == 0


def sent_to_bedrock(router: Router) -> Any:
    (asked,) = router.bedrock_runtime.asked
    body = json.loads(asked.body)
    return json.loads(base64.b64decode(body["input"]["invokeModel"]["body"]))


# --- by Bedrock -------------------------------------------------------------------------------------


def test_bedrock_counts_what_invoke_would_get(router: Router) -> None:
    router.bedrock_says(said({"inputTokens": 321}))
    response = counted(router, system="Be brief.", tools=[TOOL])
    assert tokens(response) == 321
    assert not is_estimated(response)
    (asked,) = router.bedrock_runtime.asked
    assert (asked.method, asked.path, asked.limit_s) == ("POST", PATH, BEDROCK_S)
    sent = sent_to_bedrock(router)
    assert sent.keys() == {"anthropic_version", "max_tokens", "messages", "system", "tools"}
    assert sent["messages"] == [HI]
    assert_free(router)


@pytest.mark.parametrize(
    "model",
    [
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
    ids=["profile", "profile's ARN", "model's ARN"],
)
def test_a_model_is_counted_for_by_its_own_id_whatever_it_is_called(
    router: Router, model: str
) -> None:
    router.bedrock_says(said({"inputTokens": 321}))
    assert tokens(counted(router, model)) == 321
    assert router.bedrock_runtime.asked[0].path == PATH


def test_one_line_is_logged(router: Router) -> None:
    router.bedrock_says(said({"inputTokens": 321}))
    counted(router)
    record = router.record
    assert (record.route, record.status, record.error) == ("count_tokens", 200, None)
    assert record.target is not None
    assert (record.key_id, record.target.requested) == (router.key_id, CLAUDE)


def test_the_table_is_read_once_and_never_written(router: Router) -> None:
    counted(router, NOVA)
    assert [name for name, _ in router.table.operations] == ["GetItem"]


def test_a_request_is_fitted_as_one_to_answer_is(router: Router) -> None:
    router.bedrock_says(said({"inputTokens": 1}))
    headers = {"anthropic-beta": "fast-mode-2026-02-01"}
    metadata = {"user_id": '{"device":"x"}'}
    response = counted(router, max_tokens=5, stream=True, metadata=metadata, headers=headers)
    told = dict(response.headers)["x-bedrockrouter-changes"].split("; ")
    assert {"beta fast-mode-2026-02-01 dropped", "metadata.user_id hashed"} <= set(told)
    sent = sent_to_bedrock(router)
    assert sent["max_tokens"] == 5
    assert "stream" not in sent


def test_a_budget_for_thinking_fits_below_the_limit_that_is_not_asked_for(router: Router) -> None:
    router.bedrock_says(said({"inputTokens": 1}))
    counted(router, thinking={"type": "enabled", "budget_tokens": 31_999})
    sent = sent_to_bedrock(router)
    assert sent["max_tokens"] > sent["thinking"]["budget_tokens"] == 31_999


CLEARED_THINKING = {"type": "clear_thinking_20251015", "keep": "all"}
CLEARED_TOOLS = {"type": "clear_tool_uses_20250919"}


@pytest.mark.parametrize(
    ("edits", "counted_with"),
    [
        ([CLEARED_THINKING], {"edits": [CLEARED_THINKING]}),
        ([CLEARED_THINKING, CLEARED_TOOLS], {"edits": [CLEARED_THINKING]}),
        ([CLEARED_TOOLS], None),
    ],
)
def test_what_bedrock_does_not_count_with_is_left_out(
    router: Router, edits: list[Any], counted_with: Any
) -> None:
    router.bedrock_says(said({"inputTokens": 1}))
    thinking = {"type": "enabled", "budget_tokens": 2_000}
    response = counted(router, thinking=thinking, context_management={"edits": edits})
    told = dict(response.headers).get("x-bedrockrouter-changes", "")
    assert sent_to_bedrock(router).get("context_management") == counted_with
    assert ("clear_tool_uses_20250919 not counted" in told) == (CLEARED_TOOLS in edits)


def test_a_refused_body_is_refused_as_the_call_would_be(router: Router) -> None:
    message = "messages.0: all messages must have non-empty content"
    name = [("x-amzn-errortype", "ValidationException")]
    router.bedrock_says(said({"message": message}, 400, name))
    response = counted(router)
    assert response.status == 400
    assert error(response) == {"type": "invalid_request_error", "message": message}
    assert_free(router)
    assert (router.record.status, router.record.error) == (400, "invalid_request")


# --- by estimate ------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [NOVA, UNCOUNTED, "claude-sonnet-5", "gpt-oss-120b"])
def test_a_model_that_bedrock_does_not_count_for_is_estimated(router: Router, model: str) -> None:
    response = counted(router, model)
    assert is_estimated(response)
    assert tokens(response) == pytest.approx(205, rel=0.5)
    assert router.bedrock_runtime.asked == []
    assert_free(router)


def test_the_estimate_is_of_what_would_be_sent(router: Router) -> None:
    family = family_of("amazon.nova-pro-v1:0")
    tool = {**TOOL, "description": "Tells it"}
    body = {"model": NOVA, "max_tokens": 1, "messages": [HI], "tools": [tool]}
    estimate = input_tokens(to_converse(body, family).draft.body, family)
    assert tokens(counted(router, NOVA, tools=[tool])) == estimate > 500


UNSUPPORTED = "The provided model doesn't support counting tokens."


@pytest.mark.parametrize(
    "answer",
    [
        said({"message": UNSUPPORTED}, 400, [("x-amzn-errortype", "ValidationException")]),
        said({"message": "The provided model identifier is invalid."}, 400),
        said({"message": "no"}, 403, [("x-amzn-errortype", "AccessDeniedException")]),
        said({"message": "slow down"}, 429, [("x-amzn-errortype", "ThrottlingException")]),
        said({"message": "down"}, 503),
        said({"Output": {"__type": "UnknownOperationException"}}),
        said({"inputTokens": "many"}),
        said(b"<html>"),
        said(b"[]"),
        said(b"", 200, None, UpstreamUnreachable("reset")),
        NeverSent("no connection"),
        SilentTooLong("10 s"),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_while_bedrock_does_not_count_the_estimate_is_told(
    router: Router, answer: Said | Exception
) -> None:
    router.bedrock_says(answer)
    response = counted(router)
    assert is_estimated(response)
    assert tokens(response) == pytest.approx(205, rel=0.2)
    assert len(router.bedrock_runtime.asked) == 1
    assert (router.record.status, router.record.error) == (200, None)


@pytest.mark.parametrize("model", [CLAUDE, NOVA])
def test_nothing_is_fetched_to_be_counted(router: Router, model: str) -> None:
    response = counted(router, model, messages=[{"role": "user", "content": [IMAGE]}])
    assert is_estimated(response)
    assert tokens(response) > 1_400
    assert router.bedrock_runtime.asked == []


def test_an_answer_in_json_that_the_native_route_has_not_is_counted_as_converse(
    router: Router,
) -> None:
    form = {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}
    response = counted(router, UNCOUNTED, output_config={"format": form})
    assert is_estimated(response)
    assert tokens(response) > tokens(counted(router, UNCOUNTED))


# --- refused before Bedrock is asked ----------------------------------------------------------------


def test_a_key_is_needed_that_may_use_the_model(router: Router) -> None:
    router.new_key(allowed_models=frozenset({"nova-*"}))
    response = counted(router)
    assert (response.status, error(response)["type"]) == (403, "permission_error")
    assert tokens(counted(router, NOVA)) > 0
    router.administration.revoke(router.key_id)
    response = counted(router, NOVA)
    assert (response.status, error(response)["type"]) == (401, "authentication_error")
    assert router.bedrock_runtime.asked == []


def test_neither_credit_nor_limits_per_minute_are_asked_for(router: Router) -> None:
    router.new_key(credit_limit=0, requests_per_minute=1, tokens_per_minute=1)
    assert [counted(router, NOVA).status for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"messages": None}, 400, "messages"),
        ({"messages": "Hi"}, 400, "messages"),
        ({"messages": [{"role": "user", "content": [5]}]}, 400, "messages[0].content[0]"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, 400, "tools[0]"),
        ({"max_tokens": "5"}, 400, "max_tokens"),
        ({"model": None}, 400, "model"),
        ({"model": "no model"}, 404, "model"),
    ],
)
@pytest.mark.parametrize("model", [CLAUDE, NOVA])
def test_what_messages_would_refuse_is_refused_by_name(
    router: Router, model: str, body: dict[str, Any], status: int, field: str
) -> None:
    response = counted(router, **({"model": model} | body))
    assert response.status == status
    assert field in error(response)["message"]
    assert router.bedrock_runtime.asked == []


def test_what_is_no_json_is_refused(router: Router) -> None:
    response = count_tokens(router.services, router.request(path="/v1/messages/count_tokens"))
    assert (response.status, error(response)["type"]) == (400, "invalid_request_error")


def test_a_fault_of_the_router_s_own_is_told_without_its_cause(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(token_counts, "input_tokens", fail)
    response = counted(router, NOVA)
    assert (response.status, error(response)["type"]) == (500, "api_error")


@pytest.mark.parametrize("model", [CLAUDE, UNCOUNTED, NOVA])
def test_what_no_request_can_hold_is_refused_whoever_counts(router: Router, model: str) -> None:
    router.new_key()
    response = counted(router, model, messages=[{"role": "user", "content": "half: \ud83d"}])
    assert response.status == 400
    assert "messages[0].content" in error(response)["message"]
