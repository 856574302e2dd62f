"""What the owner can see of requests: the log line of each, and the metrics that CloudWatch reads in it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.embedded_metrics import Metric, published
from tests.support.stack import LocalStack

MODEL = "claude-haiku-4-5"
LISTED_AS = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
BY_MODEL = (("Model", LISTED_AS),)

PATIENCE_S = 10


def wait_for(condition: Callable[[], bool]) -> None:
    """A line may be written after the answer was read."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up_at, "no such lines were logged"
        time.sleep(0.02)


def line_of(stack: LocalStack, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The one log line that `is_it` is true of."""
    wait_for(lambda: any(is_it(line) for line in stack.log_lines()))
    (line,) = (line for line in stack.log_lines() if is_it(line))
    return line


def is_of(line: dict[str, Any], key: dict[str, Any]) -> bool:
    return line.get("key_id") == key["id"]


def asked(
    stack: LocalStack, key: dict[str, Any], *, directive: str = "", path: str = "", **fields: Any
) -> tuple[int, dict[str, Any]]:
    """The status that one request with a key of its own was answered with, and its log line."""
    content = f"Hi {directive}"
    body = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": content}]}
    answer = stack.proxy(key["key"]).post(path or "/v1/chat/completions", json=body | fields)
    return answer.status_code, line_of(stack, lambda line: is_of(line, key))


def metrics_of(line: dict[str, Any]) -> dict[Metric, float]:
    return published(json.dumps(line))


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_is_counted_in_all_and_by_model_and_a_stream_by_its_first_token(
    stack: LocalStack, stream: bool
) -> None:
    status, line = asked(stack, stack.new_key(), stream=stream)
    assert (status, line["model"], "error" in line) == (200, LISTED_AS, False)
    told = metrics_of(line)
    assert told[Metric("CostUsd", ())] == told[Metric("CostUsd", BY_MODEL)] > 0
    assert told[Metric("CostUsd", ())] == pytest.approx(line["cost_picodollars"] / 10**12)
    assert (told[Metric("Requests", ())], told[Metric("Errors", ())]) == (1, 0)
    assert told[Metric("InputTokens", ())] > 0
    assert told[Metric("OutputTokens", ())] > 0
    assert told[Metric("DurationMs", BY_MODEL)] > 0
    first_token = told.get(Metric("TimeToFirstTokenMs", BY_MODEL))
    assert (first_token is not None) == stream
    assert first_token is None or 0 < first_token <= line["DurationMs"]


@pytest.mark.parametrize(("used", "sign"), [("cache_read", 1), ("cache_write", -1)])
def test_reading_from_a_cache_saves_and_writing_to_it_costs(
    stack: LocalStack, used: str, sign: int
) -> None:
    _, line = asked(stack, stack.new_key(), directive=f'<<sim {{"{used}": 5000}}>>')
    saved = metrics_of(line)[Metric("CacheSavingsUsd", ())]
    assert saved * sign > 0
    assert saved == pytest.approx(line["cache_savings_picodollars"] / 10**12)


def test_throttling_by_bedrock_is_an_error_and_no_measure_of_time(stack: LocalStack) -> None:
    status, line = asked(stack, stack.new_key(), directive='<<sim {"status": 429}>>')
    assert (status, line["status"], line["error"]) == (429, 429, "throttled")
    told = metrics_of(line)
    assert (told[Metric("Requests", ())], told[Metric("Errors", ())]) == (1, 1)
    by_model = {metric.name for metric in told if metric.dimensions}
    assert by_model == {"Requests", "Errors", "Throttles"}


@pytest.mark.parametrize(
    ("terms", "status", "reason"),
    [
        ({"credit_limit_usd": "0.000001"}, 402, "out_of_credit"),
        ({"allowed_models": ["amazon.*"]}, 403, "model_not_allowed"),
    ],
)
def test_what_a_key_may_not_is_told_by_its_reason_and_no_metric(
    stack: LocalStack, terms: dict[str, Any], status: int, reason: str
) -> None:
    told, line = asked(stack, stack.new_key(**terms))
    assert (told, line["status"], line["error"]) == (status, status, reason)
    assert metrics_of(line) == {}


def test_a_limit_of_the_keys_own_is_not_throttling_by_bedrock(stack: LocalStack) -> None:
    key = stack.new_key(requests_per_minute=1)
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}]}
    # A new minute may begin between two of them.
    answers = [
        stack.proxy(key["key"]).post("/v1/chat/completions", json=body).status_code
        for _ in range(3)
    ]
    assert 429 in answers
    wait_for(lambda: len([line for line in stack.log_lines() if is_of(line, key)]) == 3)
    refused = [line for line in stack.log_lines() if is_of(line, key) and "error" in line]
    assert len(refused) == answers.count(429)
    for line in refused:
        assert (line["status"], line["error"], metrics_of(line)) == (429, "rate_limited", {})


def test_what_no_key_came_with_is_told_by_its_reason_alone(stack: LocalStack) -> None:
    body = {"model": MODEL, "messages": []}
    answer = stack.proxy("sk-wrong").post("/v1/chat/completions", json=body)
    request_id = answer.headers["x-request-id"]
    line = line_of(stack, lambda line: line["request_id"] == request_id)
    assert (line["status"], line["error"]) == (401, "invalid_key")
    assert "key_id" not in line
    assert metrics_of(line) == {}


def test_bad_input_and_counting_tokens_are_no_metrics(stack: LocalStack) -> None:
    status, line = asked(stack, stack.new_key(), messages="Hi")
    assert (status, line["error"], metrics_of(line)) == (400, "invalid_request", {})
    status, line = asked(stack, stack.new_key(), path="/v1/messages/count_tokens")
    assert (status, line["route"], metrics_of(line)) == (200, "count_tokens", {})
