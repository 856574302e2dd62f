"""The two functions as Lambda gets them."""

import json
import os
import py_compile
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_logs as logs

from app import build_app
from stacks.constructs.python_function import LAMBDA_SOURCE
from stacks.router_stack import BedrockRouterStack
from tests.support.cloudformation import Template, of_type, text

PROXY = "ProxyFunction6F85094A"
CONSOLE = "ConsoleFunctionE7833E2B"


def properties(template: Template, function_id: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][function_id]["Properties"]
    return found


def environment(template: Template, function_id: str) -> dict[str, str]:
    variables = properties(template, function_id)["Environment"]["Variables"]
    return {name: text(value) for name, value in variables.items()}


def test_both_run_on_the_newest_python_on_arm(template: Template) -> None:
    for function_id in (PROXY, CONSOLE):
        function = properties(template, function_id)
        assert (function["Runtime"], function["Architectures"]) == ("python3.14", ["arm64"])


def test_a_stream_may_run_as_long_as_lambda_allows(template: Template) -> None:
    assert properties(template, PROXY)["Timeout"] == 900
    assert properties(template, CONSOLE)["Timeout"] == 60


def test_the_proxy_is_started_by_its_wrapper_and_told_where_its_keys_are(
    template: Template,
) -> None:
    assert environment(template, PROXY) == {
        "AWS_LAMBDA_EXEC_WRAPPER": "/var/task/bin/start-router",
        "HMAC_SECRET_ID": "${KeyStoreHmacSecret140D7EC0}",
        "MODEL_ALIASES": "{}",
        "TABLE_NAME": "${KeyStoreTable117FAEE3}",
    }


def test_the_console_is_started_by_lambda_and_knows_the_proxy(template: Template) -> None:
    assert properties(template, CONSOLE)["Handler"] == "console.handler.handler"
    assert environment(template, CONSOLE) == {
        "ADMIN_KEY_SECRET_ID": "${ConsoleAdminKeyFD487BCB}",
        "HMAC_SECRET_ID": "${KeyStoreHmacSecret140D7EC0}",
        "PROXY_URL": "${ProxyFunctionFunctionUrl3B519EF3.FunctionUrl}",
        "TABLE_NAME": "${KeyStoreTable117FAEE3}",
    }


def test_each_logs_to_a_group_of_its_own_that_forgets(template: Template) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    for function_id in (PROXY, CONSOLE):
        group = groups.pop(properties(template, function_id)["LoggingConfig"]["LogGroup"]["Ref"])
        assert group["Properties"]["RetentionInDays"] == 90
    assert groups == {}


def test_the_proxys_url_streams_and_the_consoles_does_not(template: Template) -> None:
    urls = {
        resource["Properties"]["TargetFunctionArn"]["Fn::GetAtt"][0]: (
            resource["Properties"]["AuthType"],
            resource["Properties"]["InvokeMode"],
        )
        for resource in of_type(template, "AWS::Lambda::Url").values()
    }
    assert urls == {PROXY: ("NONE", "RESPONSE_STREAM"), CONSOLE: ("NONE", "BUFFERED")}


def test_the_owner_sets_aliases_memory_concurrency_and_retention() -> None:
    app = cdk.App(builtin_cloud_formation_validation=False)
    stack = BedrockRouterStack(
        app,
        "Tuned",
        model_aliases={"gpt-5": "global.anthropic.claude-sonnet-5"},
        proxy_memory_size=1024,
        proxy_reserved_concurrency=20,
        log_retention=logs.RetentionDays.ONE_WEEK,
    )
    template = cdk.assertions.Template.from_stack(stack).to_json()
    proxy = properties(template, PROXY)
    assert json.loads(environment(template, PROXY)["MODEL_ALIASES"]) == {
        "gpt-5": "global.anthropic.claude-sonnet-5"
    }
    assert (proxy["MemorySize"], proxy["ReservedConcurrentExecutions"]) == (1024, 20)
    assert "ReservedConcurrentExecutions" not in properties(template, CONSOLE)
    retention = {
        group["Properties"]["RetentionInDays"]
        for group in of_type(template, "AWS::Logs::LogGroup").values()
    }
    assert retention == {7}


def test_both_ship_the_whole_source_and_no_bytecode(tmp_path: Path) -> None:
    py_compile.compile(str(LAMBDA_SOURCE / "router" / "__init__.py"), doraise=True)
    assert list(LAMBDA_SOURCE.rglob("*.pyc"))
    build_app(outdir=str(tmp_path), validate=False).synth()
    (shipped,) = tmp_path.glob("asset.*")
    assert contents(shipped) == {
        path: entry
        for path, entry in contents(LAMBDA_SOURCE).items()
        if "__pycache__" not in Path(path).parts
    }


def contents(root: Path) -> dict[str, tuple[bytes, bool]]:
    """Every file below `root`: its bytes, and whether it may be executed."""
    return {
        str(path.relative_to(root)): (path.read_bytes(), os.access(path, os.X_OK))
        for path in root.rglob("*")
        if path.is_file()
    }
