"""The stack and the code it deploys agree on what neither can check alone."""

import ast
import json
import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from botocore.session import Session
from catalog.models import load
from router import metering
from router.settings import from_environment

from stacks.constructs.python_function import LAMBDA_SOURCE
from tests.support.cloudformation import Template, allowances, of_type, role_of, text

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


@pytest.fixture(scope="module")
def metering_line() -> dict[str, Any]:
    target = load(region="eu-central-1").resolve("amazon.nova-2-lite-v1:0")
    record = metering.Record("id", "POST /", 0.0, 1.0, 200, key_id="key", target=target)
    line: dict[str, Any] = json.loads(metering.line(record))
    return line


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


def test_the_dashboard_shows_every_metric_that_is_metered_and_no_other(
    template: Template, metering_line: dict[str, Any]
) -> None:
    (metered,) = metering_line["_aws"]["CloudWatchMetrics"]
    (dimensions,) = metered["Dimensions"]
    schema = ",".join([metered["Namespace"], *dimensions])
    (dashboard,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    body = text(dashboard["Properties"]["DashboardBody"])
    shown = re.findall(r"""SEARCH\('\{([\w,]+)\} MetricName=\\"(\w+)\\"'""", body)
    assert set(shown) == {(schema, metric["Name"]) for metric in metered["Metrics"]}


def test_spend_is_queried_by_fields_that_are_metered(metering_line: dict[str, Any]) -> None:
    assert metering_line.keys() >= {"cost_picodollars", "key_id", "model"}


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
