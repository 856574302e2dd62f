import json
from typing import Any

import jsonschema
import pytest
from catalog import models
from catalog.pricing import Usage
from router import metering
from router.metering import NAMESPACE, UNPRICED, Record, line, log_error

SECRET = "what the client said"

NAME = {"type": "string", "minLength": 1, "maxLength": 1024}
EMBEDDED_METRICS = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": NAME,
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {"type": "array", "maxItems": 30, "items": NAME},
                            },
                            "Metrics": {
                                "type": "array",
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": NAME,
                                        "Unit": {"enum": ["Count", "Milliseconds", "None"]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}
"""What CloudWatch asks of a line, with those of its units that are used:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""

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
    first_byte_at=1000.25,
)


def read(record: Record) -> dict[str, Any]:
    text = line(record)
    assert "\n" not in text
    content: dict[str, Any] = json.loads(text)
    return content


# --- lines ----------------------------------------------------------------------------------------


def test_a_call_is_told_in_full() -> None:
    fields = read(CALL)
    del fields["_aws"]
    assert fields == {
        "request_id": "the-request",
        "route": "converse-stream",
        "status": 200,
        "key_id": "the-key",
        "model": "us.anthropic.claude-opus-5-5",
        "Model": "us.anthropic.claude-opus-5-5",
        "cost_picodollars": 1_234_567,
        "cost_usd": "0.000001234567",
        "CostUsd": 1.234567e-06,
        "estimated": False,
        "InputTokens": 10,
        "OutputTokens": 20,
        "CacheReadTokens": 30,
        "CacheWriteTokens": 90,
        "Requests": 1,
        "Errors": 0,
        "DurationMs": 2500.0,
        "TimeToFirstByteMs": 250.0,
    }


def test_a_call_is_an_embedded_metric_document() -> None:
    fields = read(CALL)
    jsonschema.validate(fields, EMBEDDED_METRICS)
    (directive,) = fields["_aws"]["CloudWatchMetrics"]
    assert fields["_aws"]["Timestamp"] == 1_002_500
    assert directive["Namespace"] == NAMESPACE
    for metric in directive["Metrics"]:
        assert isinstance(fields[metric["Name"]], int | float)
    for dimension in (name for names in directive["Dimensions"] for name in names):
        assert isinstance(fields[dimension], str)


def test_every_number_that_is_told_is_a_metric_or_belongs_to_the_log_alone() -> None:
    fields = read(CALL)
    (directive,) = fields["_aws"]["CloudWatchMetrics"]
    metrics = {metric["Name"] for metric in directive["Metrics"]}
    in_capitals = {name for name in fields if name[0].isupper()}
    assert in_capitals == metrics | {"Model"}


def test_a_model_without_a_price_shares_one_dimension_with_all_others() -> None:
    unknown = models.load("us-east-1").resolve(SECRET)
    fields = read(CALL._replace(target=unknown))
    assert fields["Model"] == fields["model"] == UNPRICED
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


def test_an_error_is_counted_and_named() -> None:
    fields = read(CALL._replace(status=429, error="rate_limited", usage=None, cost=0))
    assert (fields["error"], fields["Errors"], fields["status"]) == ("rate_limited", 1, 429)
    assert (fields["InputTokens"], fields["cost_usd"]) == (0, "0")
    jsonschema.validate(fields, EMBEDDED_METRICS)


def test_a_call_without_a_first_byte_took_all_its_time_to_it() -> None:
    fields = read(CALL._replace(first_byte_at=None))
    assert fields["TimeToFirstByteMs"] == fields["DurationMs"] == 2500.0


def test_an_estimate_says_so() -> None:
    assert read(CALL._replace(estimated=True))["estimated"] is True


def test_a_request_that_named_no_model_is_no_metric() -> None:
    fields = read(Record("the-request", "converse", 1000.0, 1000.001, 401, error="invalid_key"))
    assert fields == {
        "request_id": "the-request",
        "route": "converse",
        "status": 401,
        "error": "invalid_key",
        "DurationMs": 1.0,
    }


def test_a_record_has_no_place_for_content() -> None:
    assert Record._fields == (
        "request_id",
        "route",
        "started_at",
        "ended_at",
        "status",
        "key_id",
        "target",
        "usage",
        "cost",
        "estimated",
        "first_byte_at",
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
