"""What a function's worker is started with, and what of this machine it cannot see."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local.functions.configuration import (
    Credentials,
    FunctionConfiguration,
    WrapperMissingError,
    worker_command,
    worker_environment,
)
from tests.support.function_host import function_host

FUNCTION = FunctionConfiguration(
    name="Stack-Router",
    arn="arn:aws:lambda:eu-west-1:123456789012:function:Stack-Router",
    handler="router.__main__",
    timeout_s=900,
    memory_mb=512,
    log_group="Stack-Logs",
    environment={"TABLE_NAME": "keys", "AWS_REGION": "mars-north-1"},
    url="https://abc.lambda-url.eu-west-1.on.aws/",
    invoke_mode="RESPONSE_STREAM",
)


def environment(token: str | None = None) -> dict[str, str]:
    return worker_environment(
        FUNCTION,
        task_root=Path("/code"),
        region="eu-west-1",
        credentials=Credentials("AKID", "SECRET", token),
        overrides={"AWS_ENDPOINT_URL_BEDROCK": "http://127.0.0.1:1"},
    )


def test_worker_sees_lambdas_variables_the_functions_and_the_overrides() -> None:
    seen = environment("TOKEN")
    assert seen["AWS_REGION"] == seen["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert seen["_HANDLER"] == "router.__main__"
    assert seen["AWS_SESSION_TOKEN"] == "TOKEN"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "Stack-Router"
    assert seen["LAMBDA_TASK_ROOT"] == "/code"
    assert seen["TABLE_NAME"] == "keys"
    assert seen["AWS_ENDPOINT_URL_BEDROCK"] == "http://127.0.0.1:1"


def test_worker_sees_nothing_of_this_machines_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    seen = environment()
    assert seen.keys().isdisjoint({"HTTPS_PROXY", "AWS_PROFILE", "AWS_SESSION_TOKEN", "USER"})
    assert not Path(seen["HOME"]).exists()


def with_wrapper(path: str) -> FunctionConfiguration:
    return FUNCTION._replace(environment={"AWS_LAMBDA_EXEC_WRAPPER": path})


def make_wrapper(task_root: Path, mode: int) -> Path:
    wrapper = task_root / "bin" / "start"
    wrapper.parent.mkdir()
    wrapper.write_text('#!/bin/sh\necho "$@"\n')
    wrapper.chmod(mode)
    return wrapper


def test_wrapper_gets_the_interpreter_and_the_bootstrap_as_arguments(tmp_path: Path) -> None:
    make_wrapper(tmp_path, 0o755)
    command = worker_command(with_wrapper("/var/task/bin/start"), tmp_path)

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == sys.executable
    assert said[1].endswith("bootstrap.py")
    assert Path(said[1]).exists()
    assert worker_command(FUNCTION, tmp_path) == said


@pytest.mark.parametrize("path", ["/var/task/bin/other", "/opt/start"])
def test_wrapper_that_the_code_does_not_have_is_an_error(tmp_path: Path, path: str) -> None:
    make_wrapper(tmp_path, 0o755)
    with pytest.raises(WrapperMissingError, match=path):
        worker_command(with_wrapper(path), tmp_path)


def test_wrapper_that_is_not_executable_is_an_error(tmp_path: Path) -> None:
    make_wrapper(tmp_path, 0o644)
    with pytest.raises(WrapperMissingError, match="not executable"):
        worker_command(with_wrapper("/var/task/bin/start"), tmp_path)


HANDLER = """
import os

def handle(event, context):
    return {"statusCode": 200, "body": f"{event['body']} {os.getcwd()} {context.function_name}"}
"""


def test_bootstrap_runs_a_handler_on_awss_own_client(tmp_path: Path) -> None:
    """The whole way of the console: URL, pool, and awslambdaric in the worker."""
    (tmp_path / "service.py").write_text(HANDLER)
    function = FUNCTION._replace(handler="service.handle", environment={})
    seen = worker_environment(
        function,
        task_root=tmp_path,
        region="eu-west-1",
        credentials=Credentials("AKID", "SECRET", None),
        overrides={},
    )
    command = tuple(worker_command(function, tmp_path))
    with function_host(tmp_path, "BUFFERED", command=command, environment=seen) as host:
        answer = httpx.post(host.url, content="ping", headers={"content-type": "text/plain"})
    assert answer.text == f"ping {tmp_path} Stack-Router"
