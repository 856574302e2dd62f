"""What the functions themselves cost, worked out from what Lambda measures.

The prices are those of us-east-1, which most Regions share; what is free each month is not taken off.
Two things are left out: what is streamed beyond the first 6 MB of a response, at $0.008 per GB, and the
time of cold starts, which Lambda's durations do not include.
https://aws.amazon.com/lambda/pricing/
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from collections.abc import Mapping
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

USD_PER_REQUEST = "0.0000002"
USD_PER_GB_SECOND = {"arm64": "0.0000133334", "x86_64": "0.0000166667"}
"""By a function's architecture."""


def lambda_cost(
    functions: Mapping[str, lambda_.Function],
    label: str,
    *,
    period: cdk.Duration | None = None,
) -> cloudwatch.MathExpression:
    """What functions cost together, in US dollars. Their names become those of its variables."""
    measured = {
        f"{name.lower()}_{metric.lower()}": function.metric(metric, statistic="Sum")
        for name, function in functions.items()
        for metric in ("Invocations", "Duration")
    }
    expression = " + ".join(
        f"{name.lower()}_invocations * {USD_PER_REQUEST}"
        f" + {name.lower()}_duration / 1000 * {_gigabytes(function)} * {_gb_second(function)}"
        for name, function in functions.items()
    )
    return cloudwatch.MathExpression(
        expression=expression, using_metrics=measured, label=label, period=period
    )


def _gb_second(function: lambda_.Function) -> str:
    return USD_PER_GB_SECOND[function.architecture.name]


def _gigabytes(function: lambda_.Function) -> float:
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    return cast("float", resource.memory_size) / 1024
