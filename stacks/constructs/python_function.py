"""What the two functions have in common: code, runtime, a role and a log group of their own."""

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

LAMBDA_SOURCE = Path(__file__).resolve().parents[2] / "lambda_src"


def python_function(
    scope: Construct,
    *,
    description: str,
    handler: str,
    environment: Mapping[str, str],
    timeout: cdk.Duration,
    memory_size: int,
    log_retention: logs.RetentionDays,
    reserved_concurrency: int | None = None,
) -> lambda_.Function:
    """A function whose role may write its own log, and nothing else until it is granted more.

    Role and log group are made here because Lambda's own are wider and outlive the stack: its
    managed policy allows every log group of the account, and nothing deletes the log group that it
    makes itself.
    """
    log_group = logs.LogGroup(
        scope, "LogGroup", retention=log_retention, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    role = iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        description=description,
    )
    log_group.grant_write(role)
    return lambda_.Function(
        scope,
        "Function",
        description=description,
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        code=lambda_.Code.from_asset(str(LAMBDA_SOURCE), exclude=["**/__pycache__", "**/*.pyc"]),
        handler=handler,
        environment=dict(environment),
        timeout=timeout,
        memory_size=memory_size,
        reserved_concurrent_executions=reserved_concurrency,
        role=role,
        log_group=log_group,
    )
