"""Calls from authentication to settlement: what the client gets, what it costs and what is logged.

The ledger is the real one over moto, so that money is what the table says.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from catalog.pricing import Usage, cache_savings, cost, most
from ledger.money import DOLLAR, to_usd
from ledger.records import balance
from ledger.table import TableUnavailable
from router import metered_call
from router.aws import SecretUnavailable
from router.bounds import SYSTEM_TOKENS
from router.dialects.bedrock import BedrockDialect
from router.dialects.dialect import LEAST_ANSWER, Dialect
from router.dialects.openai_chat.dialect import ChatDialect
from router.errors import ApiError
from router.fetching import Fetched
from router.http import Request, Response
from router.http_pool import NeverSent, SilentTooLong, UpstreamUnreachable
from router.metered_call import MAX_BODY, SETTLE_S
from router.model_calls import FETCH_S, SILENCE_S, ModelCall
from router.usage import METRICS_KEY

from tests.support.key_table import outage, overtaken_by
from tests.support.requests import body_of, json_of
from tests.support.router import INVOCATION_S, Router
from tests.support.upstream import JSON, Said, event, exception, said, streamed

MODEL = "us.anthropic.claude-sonnet-4-6"
MAX_TOKENS = 1000
CONVERSE = {
    "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
    "inferenceConfig": {"maxTokens": MAX_TOKENS},
}
CHAT = {
    "model": "claude-sonnet-4-6",
    "messages": [{"role": "user", "content": "Hello"}],
    "max_tokens": MAX_TOKENS,
}

USED = Usage(input=100, output=50, cache_read=30, cache_write_5m=20)
USAGE = {
    "inputTokens": 100,
    "outputTokens": 50,
    "totalTokens": 200,
    "cacheReadInputTokens": 30,
    "cacheWriteInputTokens": 20,
}
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
    "stopReason": "end_turn",
    "usage": USAGE,
}

START = event("messageStart", {"role": "assistant"})
TEXT = event("contentBlockDelta", {"delta": {"text": "Hi"}, "contentBlockIndex": 0})
MORE_TEXT = event("contentBlockDelta", {"delta": {"text": " there"}, "contentBlockIndex": 0})
END = event("contentBlockStop", {"contentBlockIndex": 0}) + event(
    "messageStop", {"stopReason": "end_turn"}
)
METADATA = event("metadata", {"usage": USAGE, "metrics": {"latencyMs": 5}})
CUT_FRAME = TEXT[: len(TEXT) // 2]
CORRUPT_FRAME = TEXT[:-5] + bytes([TEXT[-5] ^ 1]) + TEXT[-4:]


def price(router: Router, model: str = MODEL) -> Any:
    return router.services.catalog.resolve(model).price


def native(
    router: Router,
    operation: str = "converse",
    body: object = CONVERSE,
    *,
    model: str = MODEL,
    **more: Any,
) -> Response:
    request = router.request(path=f"/model/{model}/{operation}", body=body, **more)
    return serve(router, BedrockDialect(operation), request)


def chat(router: Router, body: object = CHAT, **more: Any) -> Response:
    request = router.request(path="/v1/chat/completions", body=body, **more)
    return serve(router, ChatDialect("id", router.clock()), request)


def serve(router: Router, dialect: Dialect, request: Request) -> Response:
    return ModelCall(router.services, dialect, request).serve()


def assert_charged(router: Router, picodollars: int) -> None:
    """The call was settled once, at that cost, and nothing of it is held any more."""
    account = router.account
    assert router.settled() == [picodollars]
    assert account.spent == picodollars
    assert account.held == {}
    assert account.remaining == account.credit_limit - picodollars
    assert router.record.cost == picodollars


def assert_nothing_happened(router: Router) -> None:
    """No reservation was made and Bedrock was not asked."""
    assert router.bedrock_runtime.asked == []
    assert router.account.held == {}
    assert router.account.spent == 0
    assert router.settled() == []
    assert router.record.cost == 0


# --- finished -------------------------------------------------------------------------------------


def test_a_whole_answer_costs_what_it_used(router: Router) -> None:
    router.bedrock_says(said(ANSWER))
    response = native(router)
    assert (response.status, json_of(response)) == (200, ANSWER)
    assert_charged(router, cost(USED, price(router)))
    record = router.record
    assert (record.status, record.error, record.estimated) == (200, None, False)
    assert (record.usage, record.route, record.key_id) == (USED, "converse", router.key_id)
    assert record.target is not None
    assert record.target.listed_as == MODEL


def test_bedrock_gets_the_call_and_nothing_of_the_key(router: Router) -> None:
    router.bedrock_says(said(ANSWER))
    body = json.dumps(CONVERSE).encode()
    native(router, body=body, model="arn%3Aaws%3Abedrock%2Fx", headers={"content-type": "a/b"})
    (asked,) = router.bedrock_runtime.asked
    assert (asked.method, asked.path) == ("POST", "/model/arn%3Aaws%3Abedrock%2Fx/converse")
    assert (asked.headers, asked.body) == ([("content-type", "a/b")], body)
    assert asked.limit_s == INVOCATION_S - SETTLE_S


def test_an_invoked_models_answer_costs_what_its_headers_say(router: Router) -> None:
    headers = [
        *JSON,
        ("x-amzn-bedrock-input-token-count", "100"),
        ("x-amzn-bedrock-output-token-count", "50"),
        ("x-amzn-bedrock-cache-read-input-token-count", "30"),
        ("x-amzn-bedrock-cache-write-input-token-count", "20"),
    ]
    router.bedrock_says(said(b'{ "as" : "it came" }', 200, headers))
    response = native(router, "invoke", {"max_tokens": MAX_TOKENS})
    assert response.body == b'{ "as" : "it came" }'
    assert_charged(router, cost(USED, price(router)))


@pytest.mark.parametrize(("documents", "searches"), [(1, 1), (100, 1), (101, 2), (1000, 10)])
def test_a_search_costs_what_all_its_documents_do(
    router: Router, documents: int, searches: int
) -> None:
    router.bedrock_says(said({"results": []}))
    asked = {"api_version": 2, "query": "q", "documents": ["a"] * documents}
    native(router, "invoke", asked, model="cohere.rerank-v3-5:0")
    assert router.reserved() == [searches * DOLLAR // 500]
    assert_charged(router, searches * DOLLAR // 500)


def test_a_stream_costs_what_its_metadata_says(router: Router) -> None:
    router.bedrock_says(streamed(START, TEXT + END, METADATA))
    response = native(router, "converse-stream")
    assert body_of(response) == START + TEXT + END + METADATA
    assert_charged(router, cost(USED, price(router)))
    assert (router.record.usage, router.record.error) == (USED, None)


def test_an_invoked_models_stream_costs_what_its_metrics_say(router: Router) -> None:
    metrics = {
        "inputTokenCount": 100,
        "outputTokenCount": 50,
        "cacheReadInputTokenCount": 30,
        "cacheWriteInputTokenCount": 20,
    }
    inner = json.dumps({"type": "message_stop", METRICS_KEY: metrics}).encode()
    chunk = event("chunk", {"bytes": base64.b64encode(inner).decode()})
    router.bedrock_says(streamed(chunk))
    response = native(router, "invoke-with-response-stream", {"max_tokens": MAX_TOKENS})
    assert body_of(response) == chunk
    assert_charged(router, cost(USED, price(router)))


@pytest.mark.parametrize("stream", [False, True])
def test_what_caching_saved_is_metered_in_the_tier_that_served(
    router: Router, stream: bool
) -> None:
    used = {"usage": USAGE, "serviceTier": {"type": "flex"}}
    said_so = streamed(TEXT, event("metadata", used)) if stream else said(ANSWER | used)
    router.bedrock_says(said_so)
    body_of(native(router, "converse-stream" if stream else "converse"))
    assert router.record.cache_savings == cache_savings(USED, price(router), 50) != 0


def test_a_chat_completion_costs_what_converse_used(router: Router) -> None:
    router.bedrock_says(said(ANSWER))
    response: Any = json_of(chat(router))
    assert response["choices"][0]["message"]["content"] == "Hi"
    assert_charged(router, cost(USED, price(router)))
    assert router.record.route == "chat.completions"


def test_a_streamed_chat_completion_costs_what_converse_used(router: Router) -> None:
    router.bedrock_says(streamed(START + TEXT, MORE_TEXT + END + METADATA))
    body = body_of(chat(router, CHAT | {"stream": True}))
    assert body.endswith(b"data: [DONE]\n\n")
    assert_charged(router, cost(USED, price(router)))


def test_a_cost_above_the_reservation_is_charged_in_full(router: Router) -> None:
    usage = USAGE | {"inputTokens": 1_000_000}
    router.bedrock_says(said(ANSWER | {"usage": usage}))
    native(router)
    charged = cost(USED._replace(input=1_000_000), price(router))
    assert charged > router.reserved()[0]
    assert_charged(router, charged)


def test_an_alias_is_charged_as_the_model_it_stands_for(router: Router) -> None:
    aliased = "us.anthropic.claude-opus-5-5"
    router.bedrock_says(said(ANSWER))
    chat(router, CHAT | {"model": "gpt-5"})
    assert router.bedrock_runtime.asked[0].path == f"/model/{aliased}/converse"
    assert_charged(router, cost(USED, price(router, aliased)))


def test_a_model_without_a_price_costs_the_fallback(router: Router) -> None:
    router.bedrock_says(said(ANSWER))
    native(router, model="acme.brand-new")
    assert_charged(router, cost(USED, price(router, "acme.brand-new")))
    assert router.account.spent > 0


# --- what is reserved -----------------------------------------------------------------------------


def test_the_most_a_call_can_cost_is_reserved_before_bedrock_is_asked(router: Router) -> None:
    held: list[int] = []

    def look() -> None:
        held.extend(each.amount for each in router.account.held.values())

    router.bedrock_says(streamed(look, METADATA))
    body_of(native(router, "converse-stream"))
    prompt_tokens = len(json.dumps(CONVERSE)) + 1000
    assert held == router.reserved() == [most(prompt_tokens, MAX_TOKENS, price(router))]


def test_a_reservation_outlives_the_invocation(router: Router) -> None:
    router.bedrock_says(streamed(TEXT))
    response = native(router, "converse-stream")
    (held,) = router.account.held.values()
    assert held.expires == int(router.clock()) + INVOCATION_S + metered_call.GRACE_S
    body_of(response)


@pytest.mark.parametrize(
    ("asked", "percent"),
    [("default", 100), ("flex", 100), ("reserved", 100), ("priority", 175), ("new", 175)],
)
def test_a_cheaper_tier_that_is_asked_for_lowers_no_reservation(
    router: Router, asked: str, percent: int
) -> None:
    router.bedrock_says(said(ANSWER))
    native(router)
    native_body = CONVERSE | {"serviceTier": {"type": asked}}
    router.bedrock_says(said(ANSWER))
    native(router, body=native_body)
    added = most(len(json.dumps(native_body)) - len(json.dumps(CONVERSE)), 0, price(router))
    full = router.reserved()[0] + added
    assert router.reserved()[1] == full * percent // 100


@pytest.mark.parametrize(
    ("asked", "served", "percent"),
    [
        ("flex", "flex", 50),
        ("flex", "default", 100),
        ("flex", None, 50),
        (None, "priority", 175),
        ("priority", "default", 100),
        (None, "new", 175),
        (None, None, 100),
    ],
)
@pytest.mark.parametrize("streams", [False, True])
def test_a_call_costs_what_the_tier_that_served_it_costs(
    router: Router, asked: str | None, served: str | None, percent: int, *, streams: bool
) -> None:
    tier = {} if served is None else {"serviceTier": {"type": served}}
    body = CONVERSE if asked is None else CONVERSE | {"serviceTier": {"type": asked}}
    if streams:
        router.bedrock_says(streamed(event("metadata", {"usage": USAGE} | tier)))
        body_of(native(router, "converse-stream", body))
    else:
        router.bedrock_says(said(ANSWER | tier))
        native(router, "converse", body)
    assert_charged(router, cost(USED, price(router), percent))


DEAREST = 175


@pytest.mark.parametrize(
    ("asked", "served", "percent"),
    [("optimized", "optimized", DEAREST), ("optimized", "standard", 100), ("standard", None, 100)],
)
@pytest.mark.parametrize("streams", [False, True])
def test_a_faster_answer_costs_what_the_dearest_tier_does(
    router: Router, asked: str, served: str | None, percent: int, *, streams: bool
) -> None:
    told = {} if served is None else {"performanceConfig": {"latency": served}}
    body = CONVERSE | {"performanceConfig": {"latency": asked}}
    if streams:
        router.bedrock_says(streamed(event("metadata", {"usage": USAGE} | told)))
        body_of(native(router, "converse-stream", body))
    else:
        router.bedrock_says(said(ANSWER | told))
        native(router, "converse", body)
    assert_charged(router, cost(USED, price(router), percent))
    assert router.account.spent < router.reserved()[0]


@pytest.mark.parametrize(("served", "percent"), [("optimized", DEAREST), ("standard", 100)])
def test_an_invoked_models_latency_stands_in_its_headers(
    router: Router, served: str, percent: int
) -> None:
    header = "x-amzn-bedrock-performanceconfig-latency"
    told = [("x-amzn-bedrock-input-token-count", "9"), (header, served)]
    router.bedrock_says(said({}, headers=told))
    native(router, "invoke", {"max_tokens": 9}, headers={header: "optimized"})
    assert_charged(router, cost(Usage(9), price(router), percent))


def test_an_invoked_models_tier_stands_in_its_headers(router: Router) -> None:
    headers = [
        ("x-amzn-bedrock-input-token-count", "100"),
        ("x-amzn-bedrock-output-token-count", "50"),
        ("x-amzn-bedrock-service-tier", "default"),
    ]
    router.bedrock_says(said(b"{}", 200, headers))
    native(router, "invoke", headers={"x-amzn-bedrock-service-tier": "flex"})
    assert_charged(router, cost(Usage(100, 50), price(router)))


def test_tokens_are_counted_by_the_body_at_first_and_by_the_usage_in_the_end(
    router: Router,
) -> None:
    router.new_key(tokens_per_minute=1_000_000)
    router.bedrock_says(streamed(METADATA))
    response = in_native(router)
    assert router.account.minute_tokens == len(json.dumps(CONVERSE)) // 4
    body_of(response)
    assert router.account.minute_tokens == USED.total


def test_counting_tokens_reserves_nothing_and_costs_nothing(router: Router) -> None:
    router.new_key(credit_limit=0)
    router.bedrock_says(said({"inputTokens": 7}))
    response = native(router, "count-tokens", {"input": {"converse": CONVERSE}})
    assert (response.status, json_of(response)) == (200, {"inputTokens": 7})
    assert (router.reserved(), router.settled()) == ([], [])
    assert (router.record.cost, router.record.usage) == (0, None)


def test_a_key_that_allows_a_model_by_one_of_its_names_allows_it_by_all(router: Router) -> None:
    router.new_key(allowed_models=frozenset({"claude-sonnet-4-5"}), credit_limit=0)
    router.bedrock_says(said({"inputTokens": 7}))
    dated = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert native(router, "count-tokens", model=dated).status == 200
    assert native(router, "count-tokens", model="claude-haiku-4-5").status == 403
    elsewhere = dated.replace("us.", "global.")
    assert native(router, "count-tokens", model=elsewhere).status == 403


def test_counting_tokens_needs_a_live_key_that_may_use_the_model(router: Router) -> None:
    router.new_key(allowed_models=frozenset({"nova-*"}))
    assert native(router, "count-tokens").status == 403
    router.administration.revoke(router.key_id)
    assert native(router, "count-tokens").status == 401
    assert router.bedrock_runtime.asked == []


# --- refused before Bedrock is asked ----------------------------------------------------------------


def assert_refused(router: Router, response: Response, status: int, error: str) -> dict[str, str]:
    """The refusal is told in Bedrock's shape, and nothing was reserved or asked; its headers."""
    assert response.status == status
    said_to_client: Any = json_of(response)
    assert set(said_to_client) == {"message"}
    assert_nothing_happened(router)
    assert (router.record.status, router.record.error) == (status, error)
    headers = dict(response.headers)
    assert headers["x-amzn-errortype"].endswith("Exception")
    return headers


def test_without_a_key_nothing_happens(router: Router) -> None:
    router.key = "sk-foreign"
    assert_refused(router, native(router), 401, "invalid_key")
    assert router.record.key_id is None


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_key_that_is_over_is_as_good_as_none(router: Router, end: str) -> None:
    if end == "revoked":
        router.administration.revoke(router.key_id)
    else:
        router.new_key(expires_at=int(router.clock()) + 10)
        router.clock.seconds += 10
    assert_refused(router, native(router), 401, "invalid_key")


def test_a_model_that_the_key_may_not_use_is_refused_by_name(router: Router) -> None:
    router.new_key(allowed_models=frozenset({"claude-haiku-*", "nova-lite"}))
    response = native(router)
    assert_refused(router, response, 403, "model_not_allowed")
    assert MODEL in body_of(response).decode()


def test_a_refusal_names_no_more_of_a_model_than_a_line_holds(router: Router) -> None:
    router.new_key(allowed_models=frozenset({"nova-lite"}))
    response = chat(router, CHAT | {"model": "x" * 2000})
    assert response.status == 403
    assert len(body_of(response)) < 300


def least(router: Router, body: Any = CONVERSE) -> int:
    """The most that a call of the body can cost once its answer is held to the least."""
    return most(len(json.dumps(body)) + SYSTEM_TOKENS, LEAST_ANSWER, price(router))


def test_a_key_without_the_credit_for_the_prompt_and_a_short_answer_is_refused(
    router: Router,
) -> None:
    needed = least(router)
    router.new_key(credit_limit=needed - 1)
    headers = assert_refused(router, native(router), 402, "out_of_credit")
    assert "retry-after" not in headers
    router.new_key(credit_limit=needed)
    router.bedrock_says(said(ANSWER))
    assert native(router).status == 200


def test_credit_that_is_held_by_calls_in_flight_is_worth_waiting_for(router: Router) -> None:
    router.bedrock_says(streamed(METADATA))
    router.new_key(credit_limit=least(router) * 3 // 2)
    in_flight = native(router, "converse-stream")
    response = native(router)
    assert response.status == 429
    assert ("retry-after", "2") in response.headers
    assert router.record.error == "credit_reserved"
    body_of(in_flight)
    router.bedrock_says(said(ANSWER))
    assert native(router).status == 200


def test_a_key_past_its_rate_is_told_when_the_next_minute_begins(router: Router) -> None:
    router.new_key(requests_per_minute=1)
    router.clock.seconds += 20
    router.bedrock_says(said(ANSWER))
    native(router)
    response = native(router)
    assert response.status == 429
    assert ("retry-after", "40") in response.headers
    assert len(router.bedrock_runtime.asked) == 1


def test_a_request_that_is_no_request_is_refused(router: Router) -> None:
    assert_refused(router, native(router, body=b"not JSON"), 400, "invalid_request")
    assert router.record.target is None


def test_a_request_too_large_for_a_function_url_is_told_the_way_round(router: Router) -> None:
    padding = b" " * (MAX_BODY - len(json.dumps(CONVERSE)) + 1)
    response = native(router, body=json.dumps(CONVERSE).encode() + padding)
    assert_refused(router, response, 413, "too_large")
    assert "s3Location" in body_of(response).decode()


def test_while_the_table_is_down_nothing_is_served(router: Router) -> None:
    router.table.mishaps = [outage]
    headers = assert_refused(router, native(router), 503, "unavailable")
    assert headers["retry-after"] == "1"


def test_a_table_that_the_router_may_not_use_is_a_fault_of_the_routers(router: Router) -> None:
    def denied(perform: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        raise TableUnavailable("AccessDeniedException", retryable=False)

    router.table.mishaps = [denied]
    assert_refused(router, native(router), 500, "internal")


def test_while_no_key_can_be_checked_nothing_is_served(router: Router) -> None:
    router.secret.outage = SecretUnavailable("InternalServiceError")
    headers = assert_refused(router, native(router), 503, "unavailable")
    assert headers["retry-after"] == "1"


def test_an_invocation_without_time_for_a_call_makes_none(router: Router) -> None:
    request = router.request(path=f"/model/{MODEL}/converse", body=CONVERSE)
    late = request._replace(deadline=router.clock() + SETTLE_S)
    assert serve(router, BedrockDialect("converse"), late).status == 504
    assert router.bedrock_runtime.asked == []
    assert_charged(router, 0)
    assert router.record.error == "deadline"


# --- refused by Bedrock, or never sent --------------------------------------------------------------


@pytest.mark.parametrize("operation", ["converse", "converse-stream", "invoke"])
@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (400, "ValidationException", "invalid_request"),
        (403, "AccessDeniedException", "access_denied"),
        (404, "ResourceNotFoundException", "unknown_model"),
        (424, "ModelErrorException", "model_error"),
        (429, "ThrottlingException", "throttled"),
        (500, "InternalServerException", "internal"),
        (503, "ServiceUnavailableException", "unavailable"),
    ],
)
def test_a_refusal_of_bedrocks_costs_nothing_and_comes_back_as_it_is(
    router: Router, operation: str, status: int, name: str, error: str
) -> None:
    headers = [*JSON, ("x-amzn-errortype", f"{name}:http://internal.amazon.com/")]
    router.bedrock_says(said({"message": "Words."}, status, headers))
    response = native(router, operation)
    assert (response.status, json_of(response)) == (status, {"message": "Words."})
    assert response.headers[: len(headers)] == headers
    assert_charged(router, 0)
    assert (router.record.status, router.record.error) == (status, error)
    assert not router.record.estimated


def test_a_refusal_of_bedrocks_is_told_in_the_clients_protocol(router: Router) -> None:
    headers = [("x-amzn-errortype", "ThrottlingException")]
    router.bedrock_says(said({"message": "Slow down."}, 429, headers))
    response = chat(router)
    content: Any = json_of(response)
    assert content["error"]["message"] == "Slow down."
    assert response.status == router.record.status == 429
    assert_charged(router, 0)


def test_an_operation_that_bedrock_does_not_know_is_an_error_whatever_its_status(
    router: Router,
) -> None:
    name = "com.amazon.coral.service#UnknownOperationException"
    router.bedrock_says(said({"Output": {"__type": name}, "Version": "1.0"}))
    response = native(router)
    assert response.status == 502
    assert_charged(router, 0)
    assert router.record.error == "bad_upstream"


def test_an_answer_about_such_an_operation_is_an_answer(router: Router) -> None:
    text = "UnknownOperationException means that the path is wrong."
    content = {"output": {"message": {"content": [{"text": text}]}}, "usage": USAGE}
    router.bedrock_says(said(content))
    assert native(router).status == 200
    assert_charged(router, cost(USED, price(router)))


def test_a_call_that_was_never_sent_costs_nothing(router: Router) -> None:
    router.bedrock_says(NeverSent("refused"))
    response = native(router)
    assert response.status == 503
    assert ("retry-after", "1") in response.headers
    assert_charged(router, 0)
    assert (router.record.error, router.record.estimated) == ("unavailable", False)


# --- no usage to be had -----------------------------------------------------------------------------


def assert_whole_reservation_charged(router: Router) -> None:
    (reserved,) = router.reserved()
    assert_charged(router, reserved)
    assert router.record.estimated
    assert router.record.usage is None


@pytest.mark.parametrize(
    ("trouble", "status", "error"),
    [
        (UpstreamUnreachable("reset"), 502, "bad_upstream"),
        (SilentTooLong("silence"), 504, "deadline"),
    ],
)
@pytest.mark.parametrize("when", ["before the answer", "within the answer"])
def test_a_call_that_was_sent_and_not_answered_costs_all_that_was_reserved(
    router: Router, trouble: Exception, status: int, error: str, when: str
) -> None:
    router.bedrock_says(trouble if when == "before the answer" else said(b"{", 200, JSON, trouble))
    response = native(router)
    assert response.status == status
    assert_whole_reservation_charged(router)
    assert (router.record.status, router.record.error) == (status, error)


@pytest.mark.parametrize("answer", [b"", b"not JSON", b"{}", b'{"usage": null}'])
def test_an_answer_without_usage_costs_all_that_was_reserved(router: Router, answer: bytes) -> None:
    router.bedrock_says(said(answer))
    assert native(router).body == answer
    assert_whole_reservation_charged(router)
    assert router.record.error is None


def test_a_stream_that_ends_without_metadata_costs_all_that_was_reserved(router: Router) -> None:
    router.bedrock_says(streamed(START + TEXT, END))
    assert body_of(native(router, "converse-stream")) == START + TEXT + END
    assert_whole_reservation_charged(router)


def test_an_answer_that_cannot_be_translated_is_charged_all_the_same(router: Router) -> None:
    router.bedrock_says(said({"usage": USAGE}))
    response = chat(router)
    assert response.status == 502
    assert_charged(router, cost(USED, price(router)))
    assert router.record.error == "bad_upstream"


# --- streams that go wrong --------------------------------------------------------------------------


def in_chat(router: Router) -> Response:
    return chat(router, CHAT | {"stream": True})


def in_native(router: Router) -> Response:
    return native(router, "converse-stream")


def test_a_chat_that_ends_before_the_model_said_why_is_an_error_and_is_metered_as_one(
    router: Router,
) -> None:
    router.bedrock_says(streamed(START + TEXT, METADATA))
    body = body_of(in_chat(router))
    assert b"[DONE]" not in body
    assert told(body)
    assert router.record.error == "bad_upstream"
    assert_charged(router, cost(USED, price(router)))


def told(body: bytes) -> str:
    """The words of the error that ends a stream, native or server-sent."""
    if body.startswith(b"data: "):
        last = json.loads(body.strip().rpartition(b"data: ")[2])
        return str(last["error"]["message"])
    assert b":exception-type" in body
    start = body.rindex(b'{"message"')
    return str(json.loads(body[start : body.index(b"}", start) + 1])["message"])


def bound_of(router: Router, *frames: bytes) -> int:
    """The most that a call can have cost of which these frames came."""
    (asked,) = router.bedrock_runtime.asked
    streamed_bytes = sum(len(frame) - 16 - int.from_bytes(frame[4:8]) for frame in frames)
    return most(len(asked.body) + 1000, streamed_bytes, price(router))


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
@pytest.mark.parametrize("end", [UpstreamUnreachable("reset"), CUT_FRAME], ids=["reset", "cut"])
def test_a_stream_that_breaks_off_costs_the_most_that_came(
    router: Router, serve_stream: Callable[[Router], Response], end: Exception | bytes
) -> None:
    router.bedrock_says(streamed(START, TEXT, end))
    body = body_of(serve_stream(router))
    assert told(body) == "Bedrock's answer broke off."
    assert_charged(router, bound_of(router, START, TEXT))
    assert 0 < router.account.spent < router.reserved()[0]
    assert (router.record.status, router.record.error) == (200, "bad_upstream")
    assert router.record.estimated


@pytest.mark.parametrize(
    "model", ["us.anthropic.claude-opus-5-5", "us.openai.gpt-6.1-sol", "us.xai.grok-4.7"]
)
def test_what_a_model_may_have_thought_unseen_costs_the_reservation(
    router: Router, model: str
) -> None:
    router.bedrock_says(streamed(START, TEXT, UpstreamUnreachable("reset")))
    body_of(native(router, "converse-stream", model=model))
    assert_whole_reservation_charged(router)


NOVA_2 = "us.amazon.nova-2-lite-v1:0"
CLAUDE_4_5 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (NOVA_2, {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}),
        (CLAUDE_4_5, {"thinking": {"type": "enabled", "budget_tokens": 20_000}}),
        ("us.anthropic.claude-opus-4-6-v1", {"thinking": {"type": "adaptive"}}),
    ],
)
def test_a_mask_or_a_summary_of_what_a_model_thought_bounds_nothing(
    router: Router, model: str, fields: dict[str, Any]
) -> None:
    router.bedrock_says(streamed(START, TEXT, UpstreamUnreachable("reset")))
    asked = CONVERSE | {"additionalModelRequestFields": fields}
    body_of(native(router, "converse-stream", asked, model=model))
    assert_whole_reservation_charged(router)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (NOVA_2, {}),
        (NOVA_2, {"reasoningConfig": {"type": "disabled"}}),
        (CLAUDE_4_5, {"thinking": {"type": "disabled"}}),
    ],
)
def test_a_model_that_was_not_asked_to_reason_is_charged_what_came(
    router: Router, model: str, fields: dict[str, Any]
) -> None:
    router.bedrock_says(streamed(START, TEXT, UpstreamUnreachable("reset")))
    asked = CONVERSE | {"additionalModelRequestFields": fields}
    body_of(native(router, "converse-stream", asked, model=model))
    assert 0 < router.account.spent < router.reserved()[0]


def test_what_came_never_costs_more_than_was_reserved(router: Router) -> None:
    much = event("contentBlockDelta", {"delta": {"text": "a" * 50_000}, "contentBlockIndex": 0})
    router.bedrock_says(streamed(much, UpstreamUnreachable("reset")))
    body_of(in_native(router))
    assert_whole_reservation_charged(router)


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
def test_a_stream_that_breaks_off_after_its_usage_costs_that(
    router: Router, serve_stream: Callable[[Router], Response]
) -> None:
    router.bedrock_says(streamed(START + TEXT + END, METADATA, UpstreamUnreachable("reset")))
    assert told(body_of(serve_stream(router))) == "Bedrock's answer broke off."
    assert_charged(router, cost(USED, price(router)))
    assert not router.record.estimated


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
def test_an_exception_in_a_stream_is_told_once_and_costs_the_most_that_came(
    router: Router, serve_stream: Callable[[Router], Response]
) -> None:
    throttled = exception("throttlingException", "Slow down.")
    router.bedrock_says(streamed(START, TEXT, throttled))
    body = body_of(serve_stream(router))
    assert told(body) == "Slow down."
    assert body.count(b"Slow down.") == 1
    assert_charged(router, bound_of(router, START, TEXT, throttled))
    assert router.record.error == "throttled"


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
def test_the_first_fault_is_the_one_told(
    router: Router, serve_stream: Callable[[Router], Response]
) -> None:
    throttled = exception("throttlingException", "Slow down.")
    router.bedrock_says(streamed(TEXT + throttled, UpstreamUnreachable("reset")))
    assert told(body_of(serve_stream(router))) == "Slow down."
    assert router.record.error == "throttled"


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
def test_usage_that_comes_after_an_exception_is_what_the_call_costs(
    router: Router, serve_stream: Callable[[Router], Response]
) -> None:
    router.bedrock_says(
        streamed(START, exception("modelStreamErrorException", "Failed."), TEXT, METADATA)
    )
    assert told(body_of(serve_stream(router))) == "Failed."
    assert_charged(router, cost(USED, price(router)))


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
@pytest.mark.parametrize("together", [True, False])
def test_a_corrupt_frame_is_never_passed_on(
    router: Router, serve_stream: Callable[[Router], Response], *, together: bool
) -> None:
    steps = [START + TEXT + CORRUPT_FRAME] if together else [START + TEXT, CORRUPT_FRAME]
    router.bedrock_says(streamed(*steps, METADATA))
    body = body_of(serve_stream(router))
    assert told(body) == "Bedrock's answer broke off."
    assert CORRUPT_FRAME not in body
    if serve_stream is in_native:
        assert body.startswith(START + TEXT)
        assert body[len(START + TEXT) :].count(b":message-type") == 1
    # Bedrock did not break off: it runs on and bills all that it goes on to say.
    assert_whole_reservation_charged(router)
    assert router.record.error == "bad_upstream"


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
@pytest.mark.parametrize("piece", [TEXT, None], ids=["talking", "silent"])
def test_a_stream_that_outlasts_the_invocation_is_given_up_while_it_can_be_settled(
    router: Router, serve_stream: Callable[[Router], Response], piece: bytes | None
) -> None:
    ends = router.clock() + INVOCATION_S

    def almost_over() -> None:
        router.clock.seconds = ends - SETTLE_S + 0.1

    router.bedrock_says(streamed(START, almost_over, piece, METADATA))
    body = body_of(serve_stream(router))
    assert "15 minutes" in told(body)
    assert_whole_reservation_charged(router)
    assert (router.record.status, router.record.error) == (200, "deadline")


def test_a_silent_stream_is_looked_at_before_the_invocation_ends() -> None:
    assert SILENCE_S < SETTLE_S


@pytest.mark.parametrize("serve_stream", [in_native, in_chat])
def test_a_stream_silent_to_its_limit_is_given_up(
    router: Router, serve_stream: Callable[[Router], Response]
) -> None:
    router.bedrock_says(streamed(START, SilentTooLong("silence")))
    assert "15 minutes" in told(body_of(serve_stream(router)))
    assert_whole_reservation_charged(router)


def test_silence_is_filled_where_the_protocol_has_something_to_fill_it_with(
    router: Router,
) -> None:
    router.bedrock_says(streamed(START, None, None, TEXT + END + METADATA))
    body = body_of(in_chat(router))
    assert body.count(b": keep-alive\n\n") == 2
    assert body.endswith(b"data: [DONE]\n\n")


def test_what_the_client_is_not_told_is_silence_to_it(router: Router) -> None:
    nothing = event("contentBlockDelta", {"delta": {"text": ""}, "contentBlockIndex": 0})

    def wait() -> None:
        router.clock.seconds += SILENCE_S / 2

    router.bedrock_says(streamed(START, *[wait, nothing] * 5, TEXT + END + METADATA))
    body = body_of(in_chat(router))
    assert body.count(b": keep-alive\n\n") == 2


def test_silence_is_silence_in_a_native_stream(router: Router) -> None:
    router.bedrock_says(streamed(START, None, TEXT + END + METADATA))
    assert body_of(in_native(router)) == START + TEXT + END + METADATA


@pytest.mark.parametrize("after", [0, 1])
def test_a_response_that_is_dropped_costs_all_that_was_reserved(router: Router, after: int) -> None:
    answer = streamed(START, TEXT, END, METADATA)
    router.bedrock_says(answer)
    response = in_native(router)
    pieces = iter(response.body)
    for _ in range(after + 1):
        next(pieces)
    del pieces
    response.body = b""
    assert_whole_reservation_charged(router)
    # The connection is given up, so that the rest of this answer is nobody's.
    assert answer.closed


def test_a_response_that_is_dropped_after_its_usage_costs_that(router: Router) -> None:
    router.bedrock_says(streamed(TEXT + METADATA, END))
    response = in_native(router)
    pieces = iter(response.body)
    assert next(pieces) == TEXT + METADATA
    del pieces
    response.body = b""
    assert_charged(router, cost(USED, price(router)))


def test_pieces_are_passed_on_before_the_next_is_asked_for(router: Router) -> None:
    seen: list[object] = []
    router.bedrock_says(
        streamed(
            START,
            lambda: seen.append("second asked for"),
            TEXT,
            lambda: seen.append("third asked for"),
            METADATA,
        )
    )
    pieces = iter(in_native(router).body)
    while piece := next(pieces):
        seen.append(piece)
    assert seen == [START, "second asked for", TEXT, "third asked for", METADATA]


def test_an_answer_to_a_streaming_call_that_is_no_stream_is_passed_on_whole(
    router: Router,
) -> None:
    router.bedrock_says(said({"odd": True}))
    assert json_of(in_native(router)) == {"odd": True}
    assert_whole_reservation_charged(router)


# --- the router's own faults ------------------------------------------------------------------------


class Faulty(BedrockDialect):
    """A dialect with a bug in one of its parts."""

    def __init__(self, operation: str, part: str) -> None:
        super().__init__(operation)
        setattr(self, part, self._fail)

    def _fail(self, *_: object) -> Any:
        raise KeyError("what the client said")


@pytest.mark.parametrize(
    ("part", "operation", "answer", "charged"),
    [
        ("parse", "converse", None, None),
        ("answer", "converse", said(ANSWER), "cost"),
        ("refusal", "converse", said({"message": "No."}, 400), "nothing"),
        ("stream", "converse-stream", streamed(METADATA), "reservation"),
    ],
)
def test_a_bug_is_told_in_the_clients_protocol_and_settled(
    router: Router,
    part: str,
    operation: str,
    answer: Said | None,
    charged: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if answer is not None:
        router.bedrock_says(answer)
    request = router.request(path=f"/model/{MODEL}/{operation}", body=CONVERSE)
    response = serve(router, Faulty(operation, part), request)
    assert response.status == 500
    assert dict(response.headers)["x-amzn-errortype"] == "InternalServerException"
    assert (router.record.status, router.record.error) == (500, "internal")
    logged = capsys.readouterr().out
    assert "KeyError" in logged
    assert "what the client said" not in logged + body_of(response).decode()
    if charged is None:
        assert_nothing_happened(router)
    else:
        amounts = {"cost": cost(USED, price(router)), "nothing": 0}
        assert_charged(router, amounts.get(charged, router.reserved()[0]))


class FaultyStream(BedrockDialect):
    """A dialect whose translator fails at the second frame."""

    def __init__(self, error: Exception) -> None:
        super().__init__("converse-stream")
        self._error = error

    def stream(self, *args: Any) -> Any:
        translator = super().stream(*args)
        translate = translator.translate

        def fail(frames: Any) -> bytes:
            if frames[0].raw != START:
                raise self._error
            return translate(frames)

        translator.translate = fail  # type: ignore[method-assign]
        return translator


def test_a_bug_within_a_stream_ends_it_with_an_error_and_costs_all_that_was_reserved(
    router: Router, capsys: pytest.CaptureFixture[str]
) -> None:
    router.bedrock_says(streamed(START, TEXT, METADATA))
    request = router.request(path=f"/model/{MODEL}/converse-stream", body=CONVERSE)
    body = body_of(serve(router, FaultyStream(KeyError("what the client said")), request))
    assert body.startswith(START)
    assert "The router failed." in told(body)
    assert_whole_reservation_charged(router)
    assert router.record.error == "internal"
    assert "what the client said" not in capsys.readouterr().out + str(body)


def test_a_stream_that_cannot_be_translated_ends_with_that_and_costs_what_it_used(
    router: Router,
) -> None:
    router.bedrock_says(streamed(START, TEXT, METADATA))
    request = router.request(path=f"/model/{MODEL}/converse-stream", body=CONVERSE)
    error = ApiError("model_error", "Malformed.")
    body = body_of(serve(router, FaultyStream(error), request))
    assert body.startswith(START)
    assert told(body) == "Malformed."
    assert_charged(router, cost(USED, price(router)))
    assert router.record.error == "model_error"


# --- when the table fails at settlement ---------------------------------------------------------------


@pytest.mark.parametrize("streams", [False, True])
def test_a_call_that_cannot_be_settled_is_served_and_expires_into_a_charge(
    router: Router, *, streams: bool
) -> None:
    def fails_from_now_on() -> None:
        router.table.mishaps = [outage] * 10

    if streams:
        router.bedrock_says(streamed(START + TEXT, fails_from_now_on, END + METADATA))
        assert body_of(in_native(router)) == START + TEXT + END + METADATA
    else:
        router.bedrock_says(said(b"", 200, JSON, fails_from_now_on, json.dumps(ANSWER).encode()))
        assert native(router).status == 200
    router.table.mishaps = []
    (reserved,) = router.reserved()
    record = router.record
    assert (record.cost, record.estimated, record.error) == (reserved, True, None)
    assert record.usage == USED
    account = router.account
    assert balance(account, int(router.clock())).held == reserved
    later = int(router.clock()) + INVOCATION_S + metered_call.GRACE_S
    assert balance(account, later).spent == reserved


def test_a_settlement_that_comes_after_the_reservation_expired_changes_nothing(
    router: Router,
) -> None:
    def sleeps() -> None:
        router.clock.seconds += INVOCATION_S + metered_call.GRACE_S + 1

    router.bedrock_says(said(b"", 200, JSON, sleeps, json.dumps(ANSWER).encode()))
    response = native(router)
    (reserved,) = router.reserved()
    assert balance(router.account, int(router.clock())).spent == reserved
    assert router.account.spent == 0
    assert (router.record.cost, router.record.estimated) == (reserved, True)
    assert dict(response.headers)[metered_call.COST] == to_usd(reserved)


def test_a_key_revoked_in_mid_call_is_charged_for_that_call(router: Router) -> None:
    router.bedrock_says(streamed(START, METADATA))
    response = in_native(router)
    router.administration.revoke(router.key_id)
    body_of(response)
    assert router.account.spent == cost(USED, price(router))
    assert native(router).status == 401


def test_a_retry_of_an_admission_whose_answer_was_lost_reserves_once(router: Router) -> None:
    router.table.mishaps = [overtaken_by(lambda: None)]
    router.bedrock_says(said(ANSWER))
    assert native(router).status == 200
    assert_charged(router, cost(USED, price(router)))


# --- times --------------------------------------------------------------------------------------------


def test_the_times_of_a_call_are_metered(router: Router) -> None:
    began = router.clock()

    def later(seconds: float) -> Callable[[], None]:
        def step() -> None:
            router.clock.seconds = began + seconds

        return step

    router.bedrock_says(
        streamed(later(1), None, later(2), START, later(3), TEXT, later(4), TEXT, METADATA)
    )
    body_of(in_native(router))
    record = router.record
    assert (record.started_at, record.first_token_at, record.ended_at) == (
        began,
        began + 3,
        began + 4,
    )
    assert record.request_id == router.request().request_id


def test_a_whole_answer_has_no_first_token(router: Router) -> None:
    router.bedrock_says(said(ANSWER))
    assert native(router).status == 200
    assert router.record.first_token_at is None


def test_each_call_is_metered_once(router: Router) -> None:
    for answer in (said(ANSWER), said({}, 400), streamed(METADATA), NeverSent("refused")):
        router.bedrock_says(answer)
        response = in_native(router)
        body_of(response)
    assert len(router.records) == 4


# --- media that a request names by URL ------------------------------------------------------------

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)
URL = "https://example.com/a.png"
LOOK = CHAT | {
    "messages": [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": URL}}]},
    ]
}


class FetcherOf:
    """Fetches what it was given, or fails as it was told, and notes what it was asked."""

    def __init__(self, outcome: Fetched | ApiError) -> None:
        self._outcome = outcome
        self.asked: list[tuple[str, str]] = []
        self.limits: list[float] = []

    def fetch_all(self, requests: list[tuple[str, str]], *, limit_s: float) -> list[Fetched]:
        self.asked += requests
        self.limits.append(limit_s)
        if isinstance(self._outcome, ApiError):
            raise self._outcome
        return [self._outcome for _ in requests]


def fetching(router: Router, outcome: Fetched | ApiError) -> FetcherOf:
    fetcher = FetcherOf(outcome)
    router.services = router.services._replace(fetcher=fetcher)  # type: ignore[arg-type]
    return fetcher


def test_media_behind_a_url_goes_to_bedrock_as_bytes(router: Router) -> None:
    fetcher = fetching(router, Fetched(PICTURE, "image/png"))
    router.bedrock_says(said(ANSWER))
    assert chat(router, LOOK).status == 200
    assert fetcher.asked == [(URL, "messages[0].content[0].image_url.url")]
    assert fetcher.limits == [FETCH_S]
    (asked,) = router.bedrock_runtime.asked
    (block,) = json.loads(asked.body)["messages"][0]["content"]
    encoded = base64.b64encode(PICTURE).decode()
    assert block == {"image": {"format": "png", "source": {"bytes": encoded}}}
    assert_charged(router, cost(USED, price(router)))


def test_nothing_is_fetched_for_a_key_that_is_not_admitted(router: Router) -> None:
    router.new_key(credit_limit=0)
    fetcher = fetching(router, Fetched(PICTURE, "image/png"))
    assert chat(router, LOOK).status == 402
    assert fetcher.asked == []


def test_media_that_cannot_be_fetched_costs_nothing(router: Router) -> None:
    field = "messages[0].content[0].image_url.url"
    fetching(router, ApiError("invalid_request", "It is not there.", param=field))
    response = chat(router, LOOK)
    error: Any = json_of(response)
    assert (response.status, error["error"]["param"]) == (400, field)
    assert router.bedrock_runtime.asked == []
    assert_charged(router, 0)


def test_fetching_leaves_the_time_that_settling_takes(router: Router) -> None:
    fetcher = fetching(router, Fetched(PICTURE, "image/png"))
    router.bedrock_says(said(ANSWER))
    request = router.request(path="/v1/chat/completions", body=LOOK)
    request = request._replace(deadline=router.clock() + SETTLE_S + 3)
    assert serve(router, ChatDialect("id", router.clock()), request).status == 200
    assert fetcher.limits == [pytest.approx(3)]
