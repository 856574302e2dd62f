"""The metrics in the proxy's metering lines: of all models together, and by model."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE = "BedrockRouter"
DIMENSION = "Model"


def total(
    name: str, *, label: str | None = None, period: cdk.Duration | None = None
) -> cloudwatch.Metric:
    """The sum of a metric over all models: one time series, which an alarm can watch too."""
    return cloudwatch.Metric(
        namespace=NAMESPACE, metric_name=name, statistic="Sum", label=label, period=period
    )


def by_model(
    name: str, statistic: str = "Sum", *, period: cdk.Duration | None = None
) -> cloudwatch.SearchExpression:
    """One time series of a metric for each model that has any."""
    return cloudwatch.SearchExpression(
        expression=f"SEARCH('{{{NAMESPACE},{DIMENSION}}} MetricName=\"{name}\"', '{statistic}')",
        label=f"${{PROP('Dim.{DIMENSION}')}}",
        period=period,
    )
