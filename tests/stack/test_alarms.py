"""The alarms: what they watch, when they exist, and who may send their emails."""

import json
import re
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk.assertions import Template as Assertions
from moto import mock_aws

from stacks.constructs.alarms import Alarms
from stacks.constructs.key_store import KeyStore
from stacks.constructs.proxy import Proxy
from stacks.router_stack import BedrockRouterStack
from tests.support.cloudformation import Template, of_type, text
from tests.support.metric_math import value_of

CONDITIONAL = {
    "AWS::CloudWatch::Alarm",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
}


def only(template: Template, resource_type: str) -> dict[str, Any]:
    (resource,) = of_type(template, resource_type).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


def alarm(template: Template, name: str) -> dict[str, Any]:
    (found,) = (
        resource["Properties"]
        for logical_id, resource in of_type(template, "AWS::CloudWatch::Alarm").items()
        if logical_id.startswith(f"Alarms{name}")
    )
    properties: dict[str, Any] = found
    return properties


@pytest.fixture(scope="module")
def alone() -> Template:
    """The construct in a stack of somebody else's, with values of its own."""
    stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), "Other")
    proxy = Proxy(stack, "Proxy", key_store=KeyStore(stack, "KeyStore"))
    Alarms(
        stack,
        "Alarms",
        proxy=proxy,
        email="me@example.com",
        spend_per_day_usd=7.5,
        error_percent=2,
    )
    template: Template = Assertions.from_stack(stack).to_json()
    return template


def test_without_an_address_there_is_nothing_of_them(template: Template) -> None:
    assert template["Parameters"]["AlarmEmail"]["Default"] == ""
    assert template["Conditions"] == {
        "AlarmsAreWanted": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}
    }
    for resource in template["Resources"].values():
        wanted = "AlarmsAreWanted" if resource["Type"] in CONDITIONAL else None
        assert resource.get("Condition") == wanted


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("", True),
        ("owner@example.com", True),
        ("a.b+c@mail.example.co.uk", True),
        ("owner", False),
        ("owner@example", False),
        ("one@example.com two@example.com", False),
        ("one@two@example.com", False),
    ],
)
def test_what_cannot_be_an_address_is_refused_before_anything_is_made(
    template: Template, address: str, accepted: bool
) -> None:
    pattern = template["Parameters"]["AlarmEmail"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, address)) == accepted


def test_the_deployment_sets_the_thresholds(template: Template) -> None:
    assert alarm(template, "Spend")["Threshold"] == {"Ref": "AlarmSpendPerDayUsd"}
    assert alarm(template, "Errors")["Threshold"] == {"Ref": "AlarmErrorPercent"}
    assert only(template, "AWS::SNS::Subscription")["Endpoint"] == {"Ref": "AlarmEmail"}


def test_the_app_sets_what_the_deployment_leaves_alone() -> None:
    stack = BedrockRouterStack(
        cdk.App(builtin_cloud_formation_validation=False),
        "Alarmed",
        alarm_email="me@example.com",
        alarm_spend_per_day_usd=200,
        alarm_error_percent=2.5,
    )
    parameters = Assertions.from_stack(stack).to_json()["Parameters"]
    expected = {
        "AlarmEmail": "me@example.com",
        "AlarmSpendPerDayUsd": 200,
        "AlarmErrorPercent": 2.5,
    }
    assert {name: parameters[name]["Default"] for name in expected} == expected


def test_the_construct_takes_plain_values(alone: Template) -> None:
    assert alarm(alone, "Spend")["Threshold"] == 7.5
    assert alarm(alone, "Errors")["Threshold"] == 2
    assert only(alone, "AWS::SNS::Subscription")["Endpoint"] == "me@example.com"
    assert "Conditions" not in alone


def test_spend_is_summed_over_a_day(alone: Template) -> None:
    spend = alarm(alone, "Spend")
    assert (spend["MetricName"], spend["Statistic"]) == ("CostUsd", "Sum")
    assert (spend["Period"], spend["EvaluationPeriods"]) == (86_400, 1)
    assert spend["ComparisonOperator"] == "GreaterThanThreshold"


def test_errors_are_a_share_of_all_requests_those_included_that_lambda_never_ran(
    alone: Template,
) -> None:
    errors = alarm(alone, "Errors")
    measured = {}
    for part in errors["Metrics"]:
        if "MetricStat" in part:
            metric = part["MetricStat"]["Metric"]
            measured[part["Id"]] = (metric["Namespace"], metric["MetricName"])
            assert (part["MetricStat"]["Stat"], part["MetricStat"]["Period"]) == ("Sum", 300)
            for dimension in metric.get("Dimensions", ()):
                assert text(dimension["Value"]).startswith("${ProxyFunction")
    assert measured == {
        "errors": ("BedrockRouter", "Errors"),
        "requests": ("BedrockRouter", "Requests"),
        "crashed": ("AWS/Lambda", "Errors"),
        "turned_away": ("AWS/Lambda", "Throttles"),
    }
    assert (errors["DatapointsToAlarm"], errors["EvaluationPeriods"]) == (2, 3)


@pytest.mark.parametrize(
    ("requests", "errors", "crashed", "turned_away", "percent"),
    [
        (100, 0, 0, 0, 0),
        (100, 7, 0, 0, 7),
        (80, 0, 15, 5, 20),
        (0, 0, 20, 0, 100),
        (19, 19, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ],
)
def test_the_share_of_errors_says_nothing_of_few_requests(
    alone: Template, requests: int, errors: int, crashed: int, turned_away: int, percent: int
) -> None:
    (expression,) = (
        part["Expression"] for part in alarm(alone, "Errors")["Metrics"] if "Expression" in part
    )
    values = {
        "requests": requests,
        "errors": errors,
        "crashed": crashed,
        "turned_away": turned_away,
    }
    assert value_of(expression, values) == percent


def test_silence_is_no_alarm_and_an_alarm_is_an_email(template: Template) -> None:
    (topic,) = of_type(template, "AWS::SNS::Topic")
    for resource in of_type(template, "AWS::CloudWatch::Alarm").values():
        assert resource["Properties"]["TreatMissingData"] == "notBreaching"
        assert resource["Properties"]["AlarmActions"] == [{"Ref": topic}]
    assert only(template, "AWS::SNS::Subscription")["Protocol"] == "email"


def test_alarms_of_the_own_account_may_publish_and_nobody_in_the_clear(
    template: Template,
) -> None:
    (topic,) = of_type(template, "AWS::SNS::Topic")
    policy = only(template, "AWS::SNS::TopicPolicy")["PolicyDocument"]
    told = {
        statement["Effect"]: (statement["Principal"], statement["Condition"])
        for statement in policy["Statement"]
        if (statement["Action"], text(statement["Resource"])) == ("sns:Publish", f"${{{topic}}}")
    }
    assert told == {
        "Deny": ("*", {"Bool": {"aws:SecureTransport": "false"}}),
        "Allow": (
            {"Service": "cloudwatch.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        ),
    }
    assert len(policy["Statement"]) == 2


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("cloudwatch", region_name="eu-central-1")
        yield client
        client.close()


def test_cloudwatch_takes_the_alarms(alone: Template, cloudwatch: Any) -> None:
    for name in ("Spend", "Errors"):
        actions = ["arn:aws:sns:eu-central-1:123456789012:topic"]
        properties = alarm(alone, name) | {"AlarmName": name, "AlarmActions": actions}
        resolved = re.sub(r'\{"Ref": ("\w+")\}', r"\1", json.dumps(properties))
        cloudwatch.put_metric_alarm(**json.loads(resolved))
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    assert {(each["AlarmName"], each["Threshold"]) for each in alarms} == {
        ("Spend", 7.5),
        ("Errors", 2.0),
    }
