"""A key's limits per minute in the headers of whatever a paid request is answered."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from ledger.records import RateLimit, RateLimits
from router.http import Response
from router.rate_limits import anthropic_headers, no_headers, openai_headers
from router.routes import handle

from tests.support.key_table import NOON
from tests.support.requests import body_of
from tests.support.router import Router
from tests.support.upstream import event, said, streamed

BOTH = RateLimits(RateLimit(60, 59), RateLimit(150_000, 149_984), NOON + 60)

MODEL = "us.anthropic.claude-sonnet-4-6"
CHAT = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 10}
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
}
STREAM = streamed(
    event("messageStart", {"role": "assistant"}),
    event("contentBlockDelta", {"delta": {"text": "Hi"}, "contentBlockIndex": 0}),
    event("messageStop", {"stopReason": "end_turn"}),
    event("metadata", {"usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}}),
)


# --- the two forms --------------------------------------------------------------------------------


def test_openais_headers_say_how_long_until_the_next_minute() -> None:
    assert dict(openai_headers(BOTH, NOON + 48)) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "12s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "12s",
    }


@pytest.mark.parametrize(
    ("before", "told"), [(0, "0s"), (1, "1s"), (60, "1m0s"), (61, "1m1s"), (-1, "0s")]
)
def test_openais_times_are_durations_as_go_writes_them(before: int, told: str) -> None:
    headers = dict(openai_headers(BOTH, BOTH.resets - before))
    assert headers["x-ratelimit-reset-requests"] == told


def test_anthropics_headers_say_when_the_next_minute_begins() -> None:
    headers = dict(anthropic_headers(BOTH, NOON + 48))
    assert headers == {
        "anthropic-ratelimit-requests-limit": "60",
        "anthropic-ratelimit-requests-remaining": "59",
        "anthropic-ratelimit-requests-reset": "2025-06-15T12:01:00Z",
        "anthropic-ratelimit-tokens-limit": "150000",
        "anthropic-ratelimit-tokens-remaining": "149984",
        "anthropic-ratelimit-tokens-reset": "2025-06-15T12:01:00Z",
    }
    read = datetime.fromisoformat(headers["anthropic-ratelimit-tokens-reset"])
    assert read == datetime.fromtimestamp(BOTH.resets, UTC)


def test_a_limit_that_a_key_does_not_have_is_not_told() -> None:
    for form in (openai_headers, anthropic_headers):
        requests = form(BOTH._replace(tokens=None), NOON)
        tokens = form(BOTH._replace(requests=None), NOON)
        assert len(requests) == len(tokens) == 3
        assert all("requests" in name for name, _ in requests)
        assert all("tokens" in name for name, _ in tokens)
        assert form(RateLimits(None, None, NOON), NOON) == []
    assert no_headers(BOTH, NOON) == []


# --- in answers -----------------------------------------------------------------------------------


def post(router: Router, path: str, body: object) -> Response:
    response = handle(router.services, router.request("POST", path, body=body))
    body_of(response)
    return response


def told(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers if "ratelimit" in name}


def requests_left(response: Response) -> str:
    return told(response)["x-ratelimit-remaining-requests"]


def test_every_answer_to_a_call_tells_what_is_left(router: Router) -> None:
    router.new_key(requests_per_minute=4)
    router.clock.seconds = NOON + 10
    refusal = said({"message": "No."}, 400, [("x-amzn-errortype", "ValidationException")])
    router.bedrock_says(said(ANSWER), STREAM, refusal, said(b"no JSON"))
    answers = [post(router, "/v1/chat/completions", CHAT | {"stream": n == 1}) for n in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 400, 502, 429]
    assert [requests_left(answer) for answer in answers] == ["3", "2", "1", "0", "0"]
    assert {told(answer)["x-ratelimit-reset-requests"] for answer in answers} == {"50s"}
    assert ("retry-after", "50") in answers[-1].headers


def test_tokens_are_told_as_the_next_call_finds_them(router: Router) -> None:
    router.new_key(tokens_per_minute=1000)
    router.bedrock_says(said(ANSWER), said(ANSWER))
    first = post(router, "/v1/chat/completions", CHAT)
    assert told(first)["x-ratelimit-limit-tokens"] == "1000"
    estimate = 1000 - int(told(first)["x-ratelimit-remaining-tokens"])
    assert 0 < estimate < len(json.dumps(CHAT))
    second = post(router, "/v1/chat/completions", CHAT)
    assert int(told(second)["x-ratelimit-remaining-tokens"]) == 1000 - 5 - estimate


def test_a_key_out_of_credit_is_told_its_rates(router: Router) -> None:
    router.new_key(requests_per_minute=3, credit_limit=0)
    response = post(router, "/v1/chat/completions", CHAT)
    assert (response.status, requests_left(response)) == (402, "3")


def test_embeddings_tell_what_is_left(router: Router) -> None:
    router.new_key(requests_per_minute=3)
    router.bedrock_says(said({"embedding": [0.5], "inputTextTokenCount": 1}))
    body = {"model": "titan-embed-text-v2", "input": "Hello"}
    response = post(router, "/v1/embeddings", body)
    assert (response.status, requests_left(response)) == (200, "2")


def test_bedrocks_own_protocol_has_no_such_headers(router: Router) -> None:
    router.new_key(requests_per_minute=1)
    router.bedrock_says(said(ANSWER))
    body: Any = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
    answers = [post(router, f"/model/{MODEL}/converse", body) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert told(answers[0]) == told(answers[1]) == {}


def test_a_key_without_limits_is_told_none(router: Router) -> None:
    router.bedrock_says(said(ANSWER))
    assert told(post(router, "/v1/chat/completions", CHAT)) == {}


def test_what_reaches_no_key_tells_no_limits(router: Router) -> None:
    router.new_key(requests_per_minute=1)
    assert told(post(router, "/v1/chat/completions", {"model": 1})) == {}
    router.key = "sk_m11_foreign"
    assert told(post(router, "/v1/chat/completions", CHAT)) == {}


def test_the_limits_take_no_operation_of_their_own(router: Router) -> None:
    router.new_key(requests_per_minute=9, tokens_per_minute=9000)
    router.bedrock_says(said(ANSWER), said(ANSWER))
    post(router, "/v1/chat/completions", CHAT)
    mark = len(router.table.operations)
    assert told(post(router, "/v1/chat/completions", CHAT))
    assert router.table.calls_since(mark) == ["UpdateItem", "UpdateItem"]
