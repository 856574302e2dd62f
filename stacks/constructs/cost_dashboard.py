"""One page that answers what the models cost, who spends it, and whether the router is well."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.console import Console
from stacks.constructs.proxy import Proxy

# The proxy's metering lines carry these as CloudWatch embedded metrics.
METRIC_NAMESPACE = "BedrockRouter"
METRIC_DIMENSION = "Model"

TOKEN_METRICS = ("InputTokens", "OutputTokens", "CacheReadTokens", "CacheWriteTokens")

# CloudWatch's grid is 24 units wide.
HALF, THIRD, QUARTER = 12, 8, 6


class CostDashboard(Construct):
    """A CloudWatch dashboard of the last week: cost, tokens and latency by model, spend by key.

    Args:
        proxy: whose metering is shown, from its metrics by model and from its log by key.
        console: shown beside the proxy where the health of the functions is drawn.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, proxy: Proxy, console: Console
    ) -> None:
        super().__init__(scope, construct_id)
        functions = {"Proxy": proxy.function, "Console": console.function}
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            default_interval=cdk.Duration.days(7),
            widgets=[
                [
                    _total("Cost (USD)", "CostUsd"),
                    _total("Requests", "Requests"),
                    _total("Errors", "Errors"),
                    _total("Output tokens", "OutputTokens"),
                ],
                [_stacked_by_model("Cost by model (USD)", "CostUsd"), _tokens_by_kind()],
                [
                    _spend("Spend by key", "key_id", proxy),
                    _spend("Spend by key and model", "key_id, model", proxy),
                ],
                [
                    _stacked_by_model("Requests by model", "Requests"),
                    _stacked_by_model("Errors by model", "Errors"),
                ],
                [
                    _latency_by_model("Time to first byte", "TimeToFirstByteMs"),
                    _latency_by_model("Duration", "DurationMs"),
                ],
                [
                    _errors_and_throttles(functions),
                    _functions("Function duration (p99)", "Duration", "p99", functions),
                    _functions(
                        "Concurrency (maximum)", "ConcurrentExecutions", "Maximum", functions
                    ),
                ],
            ],
        )


def _search(metric: str, statistic: str) -> str:
    """The expression for one time series of `metric` per model."""
    schema = f"{{{METRIC_NAMESPACE},{METRIC_DIMENSION}}}"
    return f"SEARCH('{schema} MetricName=\"{metric}\"', '{statistic}')"


def _by_model(metric: str, statistic: str) -> cloudwatch.SearchExpression:
    return cloudwatch.SearchExpression(
        expression=_search(metric, statistic), label=f"${{PROP('Dim.{METRIC_DIMENSION}')}}"
    )


def _over_all_models(metric: str, label: str) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(expression=f"SUM({_search(metric, 'Sum')})", label=label)


def _total(title: str, metric: str) -> cloudwatch.SingleValueWidget:
    return cloudwatch.SingleValueWidget(
        title=title,
        metrics=[_over_all_models(metric, title)],
        set_period_to_time_range=True,
        width=QUARTER,
    )


def _stacked_by_model(title: str, metric: str) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title, left=[_by_model(metric, "Sum")], stacked=True, width=HALF
    )


def _tokens_by_kind() -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title="Tokens by kind",
        left=[_over_all_models(metric, metric) for metric in TOKEN_METRICS],
        stacked=True,
        width=HALF,
    )


def _latency_by_model(title: str, metric: str) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=f"{title} by model (ms, p90)", left=[_by_model(metric, "p90")], width=HALF
    )


def _spend(title: str, fields: str, proxy: Proxy) -> cloudwatch.LogQueryWidget:
    return cloudwatch.LogQueryWidget(
        title=title,
        log_group_names=[proxy.function.log_group.log_group_name],
        query_lines=[
            "filter ispresent(cost_picodollars)",
            f"stats sum(cost_picodollars) / 1000000000000 as usd, count(*) as requests by {fields}",
            "sort usd desc",
            "limit 100",
        ],
        width=HALF,
    )


def _errors_and_throttles(functions: dict[str, lambda_.Function]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title="Function errors and throttles",
        left=[
            function.metric(metric, label=f"{name} {metric.lower()}", statistic="Sum")
            for name, function in functions.items()
            for metric in ("Errors", "Throttles")
        ],
        width=THIRD,
    )


def _functions(
    title: str, metric: str, statistic: str, functions: dict[str, lambda_.Function]
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=[
            function.metric(metric, label=name, statistic=statistic)
            for name, function in functions.items()
        ],
        width=THIRD,
    )
