"""How a function is to be run: its resolved configuration, and the process it asks for."""

import os
import sys
from pathlib import Path
from typing import NamedTuple

_TASK_ROOT_IN_LAMBDA = "/var/task/"
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_EXEC_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"

# The user Lambda runs functions as; its home does not exist, so no SDK finds files of the caller.
_LAMBDA_HOME = "/home/sbx_user1051"


class FunctionConfiguration(NamedTuple):
    """One deployed function. `url` is its Function URL as on AWS, with a slash at the end."""

    name: str
    arn: str
    handler: str
    timeout_s: int
    memory_mb: int
    log_group: str
    environment: dict[str, str]
    url: str
    invoke_mode: str


class Credentials(NamedTuple):
    access_key_id: str
    secret_access_key: str
    session_token: str | None


class WrapperMissingError(Exception):
    """The function names an exec wrapper that its code does not contain as an executable file."""


def worker_command(function: FunctionConfiguration, task_root: Path) -> list[str]:
    """The runtime's command line, behind the function's exec wrapper if it has one.

    Raises WrapperMissingError. How Lambda calls a wrapper:
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
    """
    runtime = [sys.executable, str(_BOOTSTRAP)]
    wrapper = function.environment.get(_EXEC_WRAPPER)
    if not wrapper:
        return runtime
    path = task_root / wrapper.removeprefix(_TASK_ROOT_IN_LAMBDA)
    if not wrapper.startswith(_TASK_ROOT_IN_LAMBDA) or not os.access(path, os.X_OK):
        raise WrapperMissingError(f"{function.name}: {wrapper} is not executable at {path}")
    return [str(path), *runtime]


def worker_environment(
    function: FunctionConfiguration,
    *,
    task_root: Path,
    region: str,
    credentials: Credentials,
    overrides: dict[str, str],
) -> dict[str, str]:
    """All a worker's process sees: Lambda's reserved variables, the function's own, `overrides`.

    The Runtime API's address is added when the worker starts.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    reserved = {
        "_HANDLER": function.handler,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "LAMBDA_TASK_ROOT": str(task_root),
        "HOME": _LAMBDA_HOME,
        "LANG": "en_US.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]),
        "TZ": ":UTC",
    }
    if credentials.session_token:
        reserved["AWS_SESSION_TOKEN"] = credentials.session_token
    return function.environment | reserved | overrides
