import json
from typing import Any

import pytest
from catalog import models
from catalog.pricing import Usage
from hypothesis import given
from hypothesis import strategies as st
from router import metering
from router.errors import KINDS
from router.metering import NAMESPACE, Record, line, log_error

from tests.support.embedded_metrics import Metric, published

SECRET = "what the client said"

CALL = Record(
    request_id="the-request",
    route="converse-stream",
    started_at=1000.0,
    ended_at=1002.5,
    status=200,
    key_id="the-key",
    target=models.load("us-east-1").resolve("us.anthropic.claude-opus-5-5"),
    usage=Usage(input=10, output=20, cache_read=30, cache_write_5m=40, cache_write_1h=50),
    cost=1_234_567,
    cache_savings=-2_000,
    first_token_at=1000.25,
)

OPUS = "us.anthropic.claude-opus-5-5"


def read(record: Record) -> dict[str, Any]:
    text = line(record)
    published(text)
    content: dict[str, Any] = json.loads(text)
    return content


def of_all(name: str) -> Metric:
    return Metric(name, ())


def of_opus(name: str) -> Metric:
    return Metric(name, (("Model", OPUS),))


# --- lines ----------------------------------------------------------------------------------------


def test_a_call_is_told_in_full() -> None:
    fields = read(CALL)
    del fields["_aws"]
    assert fields == {
        "request_id": "the-request",
        "route": "converse-stream",
        "status": 200,
        "key_id": "the-key",
        "model": OPUS,
        "Model": OPUS,
        "cost_picodollars": 1_234_567,
        "cost_usd": "0.000001234567",
        "CostUsd": 1.234567e-06,
        "cache_savings_picodollars": -2_000,
        "CacheSavingsUsd": -2e-09,
        "estimated": False,
        "InputTokens": 10,
        "OutputTokens": 20,
        "CacheReadTokens": 30,
        "CacheWriteTokens": 90,
        "Requests": 1,
        "Errors": 0,
        "Throttles": 0,
        "DurationMs": 2500.0,
        "TimeToFirstTokenMs": 250.0,
    }


def test_a_call_that_failed_says_so() -> None:
    fields = read(CALL._replace(status=503, error="unavailable", usage=None, cost=0))
    assert (fields["error"], fields["Errors"], fields["status"]) == ("unavailable", 1, 503)
    assert (fields["InputTokens"], fields["cost_usd"]) == (0, "0")


@pytest.mark.parametrize("error", ["rate_limited", "credit_reserved", "out_of_credit"])
def test_a_refused_request_is_told_by_key_model_and_reason_alone(error: str) -> None:
    fields = read(CALL._replace(status=429, error=error, usage=None, cost=0, first_token_at=None))
    assert fields == {
        "request_id": "the-request",
        "route": "converse-stream",
        "status": 429,
        "key_id": "the-key",
        "model": OPUS,
        "error": error,
        "DurationMs": 2500.0,
    }


def test_a_request_that_named_no_model_is_told_by_its_reason() -> None:
    fields = read(Record("the-request", "converse", 1000.0, 1000.001, 401, error="invalid_key"))
    assert fields == {
        "request_id": "the-request",
        "route": "converse",
        "status": 401,
        "error": "invalid_key",
        "DurationMs": 1.0,
    }


def test_an_answer_that_was_not_streamed_has_no_first_token() -> None:
    assert "TimeToFirstTokenMs" not in read(CALL._replace(first_token_at=None))


# --- metrics --------------------------------------------------------------------------------------


def test_a_call_is_counted_with_all_others_and_by_its_model() -> None:
    assert published(line(CALL)) == {
        of_all("CostUsd"): 1.234567e-06,
        of_all("CacheSavingsUsd"): -2e-09,
        of_all("InputTokens"): 10,
        of_all("OutputTokens"): 20,
        of_all("CacheReadTokens"): 30,
        of_all("CacheWriteTokens"): 90,
        of_all("Requests"): 1,
        of_all("Errors"): 0,
        of_opus("CostUsd"): 1.234567e-06,
        of_opus("Requests"): 1,
        of_opus("TimeToFirstTokenMs"): 250,
        of_opus("DurationMs"): 2500,
    }
    aws = read(CALL)["_aws"]
    assert aws["Timestamp"] == 1_002_500
    assert {directive["Namespace"] for directive in aws["CloudWatchMetrics"]} == {NAMESPACE}


def test_what_is_zero_is_not_paid_for_by_model() -> None:
    failed = CALL._replace(error="throttled", usage=None, cost=0, first_token_at=None)
    by_model = {metric for metric in published(line(failed)) if metric.dimensions}
    assert by_model == {of_opus("Requests"), of_opus("Errors"), of_opus("Throttles")}


def test_how_soon_a_call_fails_is_no_measure_of_its_duration() -> None:
    broken = published(line(CALL._replace(error="bad_upstream")))
    assert of_opus("TimeToFirstTokenMs") in broken
    assert of_opus("DurationMs") not in broken


@pytest.mark.parametrize("error", KINDS)
def test_an_error_is_what_the_owner_has_to_know_of(error: str) -> None:
    told = published(line(CALL._replace(status=KINDS[error].status, error=error, cost=0)))
    told_of_none = published(line(Record("id", "messages", 0.0, 1.0, 500, error=error)))
    if KINDS[error].is_fault:
        assert (told[of_all("Requests")], told[of_all("Errors")]) == (1, 1)
        assert told_of_none == {of_all("Requests"): 1, of_all("Errors"): 1}
    else:
        assert told == told_of_none == {}


def test_what_a_client_does_wrong_is_no_error_even_when_it_costs() -> None:
    told = published(line(CALL._replace(status=400, error="invalid_request")))
    assert (told[of_all("Requests")], told[of_all("Errors")]) == (1, 0)
    assert told[of_opus("CostUsd")] == 1.234567e-06


def test_what_runs_no_model_is_not_counted() -> None:
    free = CALL._replace(is_free=True, usage=None, cost=0, first_token_at=None)
    assert published(line(free)) == {}
    assert published(line(Record("id", "estimate", 0.0, 1.0, 200, key_id="the-key"))) == {}


records = st.builds(
    Record,
    request_id=st.text(),
    route=st.sampled_from(["messages", "converse"]),
    started_at=st.floats(0, 2e9),
    ended_at=st.floats(0, 2e9),
    status=st.integers(200, 599),
    key_id=st.none() | st.text(),
    target=st.none() | st.just(CALL.target),
    is_free=st.booleans(),
    usage=st.none() | st.builds(Usage, *[st.integers(0, 10**7)] * 5),
    cost=st.integers(0, 10**18),
    cache_savings=st.integers(-(10**18), 10**18),
    first_token_at=st.none() | st.floats(0, 2e9),
    error=st.none() | st.sampled_from(sorted(KINDS)),
)


@given(records)
def test_whatever_is_known_of_a_request_its_line_is_one_that_cloudwatch_reads(
    record: Record,
) -> None:
    told = published(line(record))
    assert bool(told) == record.is_counted
    assert {metric.dimensions for metric in told} <= {(), (("Model", OPUS),)}


# --- names ----------------------------------------------------------------------------------------


def test_a_model_without_a_price_shares_one_dimension_with_all_others() -> None:
    unknown = models.load("us-east-1").resolve(SECRET)
    fields = read(CALL._replace(target=unknown))
    assert fields["Model"] == fields["model"] == models.UNPRICED
    assert SECRET not in line(CALL._replace(target=unknown))


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:{SECRET}:foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nov%61-lite-v1%3A0",
    ],
)
def test_a_model_has_one_dimension_however_its_arn_is_written(arn: str) -> None:
    target = models.load("us-east-1").resolve(arn)
    assert read(CALL._replace(target=target))["Model"] == "amazon.nova-lite-v1:0"
    assert SECRET not in line(CALL._replace(target=target))


def test_an_alias_is_told_as_the_model_it_stands_for() -> None:
    aliased = models.load("us-east-1", {"team-secret": "claude-opus-5-5"}).resolve("team-secret")
    assert read(CALL._replace(target=aliased))["Model"] == "us.anthropic.claude-opus-5-5"


def test_an_estimate_says_so() -> None:
    assert read(CALL._replace(estimated=True))["estimated"] is True


def test_a_record_has_no_place_for_content() -> None:
    assert Record._fields == (
        "request_id",
        "route",
        "started_at",
        "ended_at",
        "status",
        "key_id",
        "target",
        "is_free",
        "usage",
        "cost",
        "cache_savings",
        "estimated",
        "first_token_at",
        "error",
    )


def test_a_record_is_written_as_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    metering.write(CALL)
    assert capsys.readouterr().out == line(CALL) + "\n"


# --- errors ---------------------------------------------------------------------------------------


def test_an_unexpected_error_is_logged_by_its_place_and_never_by_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def quote(prompt: str) -> None:
        raise KeyError(prompt)

    try:
        try:
            quote(SECRET)
        except KeyError as cause:
            raise ValueError(SECRET) from cause
    except ValueError as error:
        log_error(error)
    output = capsys.readouterr().out
    logged = json.loads(output)
    assert (logged["level"], logged["error"]) == ("ERROR", "ValueError")
    assert [place.split(" ")[1] for place in logged["at"]] == [
        "test_an_unexpected_error_is_logged_by_its_place_and_never_by_its_words"
    ]
    assert logged["at"][0].startswith("test_metering.py:")
    assert SECRET not in output
    assert output.count("\n") == 1


def test_an_error_that_was_never_raised_is_logged_too(capsys: pytest.CaptureFixture[str]) -> None:
    log_error(TypeError(SECRET))
    assert json.loads(capsys.readouterr().out) == {"level": "ERROR", "error": "TypeError", "at": []}
