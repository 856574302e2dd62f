"""The stack and the code it deploys agree on what neither can check alone."""

import ast
import json
import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from botocore.session import Session
from router import metering
from router.settings import from_environment

from stacks.constructs.python_function import LAMBDA_SOURCE
from tests.support.cloudformation import Template, allowances, of_type, role_of, text
from tests.support.embedded_metrics import published
from tests.support.logs_insights import fields_of

PROXY = "ProxyFunction6F85094A"
CONSOLE = "ConsoleFunctionE7833E2B"

LAMBDAS_OWN = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
}

WRITES_OF_A_TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}


@pytest.fixture(scope="module")
def proxy_environment(template: Template) -> dict[str, str]:
    variables = template["Resources"][PROXY]["Properties"]["Environment"]["Variables"]
    return {name: text(value) for name, value in variables.items()}


def test_the_router_finds_its_settings_in_the_environment(
    proxy_environment: dict[str, str],
) -> None:
    settings = from_environment(LAMBDAS_OWN | proxy_environment)
    assert settings.table_name == "${KeyStoreTable117FAEE3}"
    assert settings.hmac_secret_id == "${KeyStoreHmacSecret140D7EC0}"
    assert settings.aliases == {}


def test_the_wrapper_is_in_the_code_and_may_be_executed(
    proxy_environment: dict[str, str],
) -> None:
    wrapper = PurePosixPath(proxy_environment["AWS_LAMBDA_EXEC_WRAPPER"])
    assert os.access(LAMBDA_SOURCE / wrapper.relative_to("/var/task"), os.X_OK)


def dashboard_text(template: Template) -> str:
    (dashboard,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    return text(dashboard["Properties"]["DashboardBody"])


def shown_metrics(template: Template) -> set[tuple[str, bool]]:
    """The names of the proxy's metrics on the dashboard, and whether each is shown by model."""
    by_model = re.findall(
        r"""SEARCH\('\{BedrockRouter,Model\} MetricName=\\"(\w+)\\"'""", dashboard_text(template)
    )
    totals = [
        metric[1]
        for widget in json.loads(dashboard_text(template))["widgets"]
        for metric in widget["properties"].get("metrics", [])
        if metric[0] == "BedrockRouter"
    ]
    return {(name, True) for name in by_model} | {(name, False) for name in totals}


def test_the_dashboard_shows_every_metric_that_is_metered_and_no_other(
    template: Template, metering_lines: list[str]
) -> None:
    metered = {metric for line in metering_lines for metric in published(line)}
    assert {name for metric in metered for name, _ in metric.dimensions} == {"Model"}
    assert metering.NAMESPACE == "BedrockRouter"
    assert shown_metrics(template) == {(metric.name, bool(metric.dimensions)) for metric in metered}


def test_every_alarm_watches_metrics_that_are_metered_of_all_models(
    template: Template, metering_lines: list[str]
) -> None:
    totals = {
        (metering.NAMESPACE, metric.name)
        for line in metering_lines
        for metric in published(line)
        if not metric.dimensions
    }
    watched = {
        (metric["Namespace"], metric["MetricName"])
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        for metric in watched_by(alarm["Properties"])
        if metric["Namespace"] != "AWS/Lambda"
    }
    assert len(watched) == 3
    assert watched <= totals


def watched_by(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of an alarm, of which the router's own must have no dimensions."""
    found = [
        part["MetricStat"]["Metric"] for part in alarm.get("Metrics", ()) if "MetricStat" in part
    ]
    found = found or [alarm]
    for metric in found:
        assert ("Dimensions" in metric) == (metric["Namespace"] == "AWS/Lambda")
    return found


def test_every_query_asks_for_fields_that_are_logged(
    template: Template, metering_lines: list[str]
) -> None:
    logged = {name for line in metering_lines for name in json.loads(line)}
    queries = [
        widget["properties"]["query"]
        for widget in json.loads(dashboard_text(template))["widgets"]
        if widget["type"] == "log"
    ]
    assert len(queries) == 6
    for query in queries:
        source, _, commands = query.partition(" | ")
        assert source.startswith("SOURCE '")
        asked = fields_of(commands)
        assert asked
        assert asked <= logged, query


def test_each_role_may_perform_what_the_ledger_asks_and_no_more(template: Template) -> None:
    modules = set((LAMBDA_SOURCE / "ledger").glob("*.py"))
    calls_alone = {module for module in modules if module.stem != "administration"}
    assert table_actions(template, PROXY) == actions_named_in(calls_alone)
    assert table_actions(template, CONSOLE) == actions_named_in(modules)


def table_actions(template: Template, function_id: str) -> set[str]:
    return {
        action
        for action in allowances(template, role_of(template, function_id))
        if action.startswith("dynamodb:")
    }


def actions_named_in(modules: set[Path]) -> set[str]:
    """The IAM actions of the DynamoDB operations that occur as strings in source files.

    TransactWriteItems has no action of its own but needs those of the writes in it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    """
    strings = {
        node.value
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    operations = set(Session().get_service_model("dynamodb").operation_names) & strings
    if "TransactWriteItems" in operations:
        operations.remove("TransactWriteItems")
        operations |= {
            WRITES_OF_A_TRANSACTION[write] for write in WRITES_OF_A_TRANSACTION.keys() & strings
        }
    return {f"dynamodb:{operation}" for operation in operations}
