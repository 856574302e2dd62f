"""One page that answers what the models cost, who spends it, and whether the router is well."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.console import Console
from stacks.constructs.lambda_cost import lambda_cost
from stacks.constructs.proxy import Proxy
from stacks.constructs.router_metrics import by_model, total

TOKENS = {
    "input": "InputTokens",
    "output": "OutputTokens",
    "read from a cache": "CacheReadTokens",
    "written to a cache": "CacheWriteTokens",
}

PERCENTILES = ("p50", "p90", "p99")

ONE_DAY = cdk.Duration.days(1)

# CloudWatch's grid is 24 units wide.
HALF, THIRD, SIXTH = 12, 8, 4

COST = "sum(cost_picodollars / 1000000000000)"
SAVINGS = "sum(cache_savings_picodollars / 1000000000000)"

COST_BY_DAY = ("filter ispresent(cost_picodollars)", f"stats {COST} as usd by bin(1d)")
COST_BY_KEY = (
    "filter ispresent(cost_picodollars)",
    f"stats {COST} as usd, {SAVINGS} as saved_usd, count(*) as requests by key_id",
    "sort usd desc",
    "limit 100",
)
COST_BY_KEY_AND_MODEL = (
    "filter ispresent(cost_picodollars)",
    f"stats {COST} as usd, count(*) as requests by key_id, model",
    "sort usd desc",
    "limit 100",
)
TOKENS_BY_MODEL = (
    "filter ispresent(cost_picodollars)",
    (
        "stats sum(InputTokens) as input, sum(OutputTokens) as output,"
        " sum(CacheReadTokens) as cache_read, sum(CacheWriteTokens) as cache_write,"
        f" {SAVINGS} as saved_usd by model"
    ),
    "sort output desc",
    "limit 100",
)
REASONS = (
    # The router's own faults are logged as errors too, apart from the requests they happen to.
    "filter ispresent(error) and ispresent(route)",
    "stats count(*) as requests, count_distinct(key_id) as keys by error, status",
    "sort requests desc",
    "limit 100",
)
REASONS_BY_KEY = (
    "filter ispresent(error) and ispresent(key_id)",
    "stats count(*) as requests by key_id, error",
    "sort requests desc",
    "limit 100",
)


class CostDashboard(Construct):
    """A CloudWatch dashboard of the last week: cost, tokens, latency, errors, refusals, Lambda's cost.

    Args:
        proxy: whose metering is shown, from its metrics by model and from its log by key.
        console: shown beside the proxy where the functions themselves are.
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
                    _number("Cost (USD)", total("CostUsd")),
                    _number("Saved by caching (USD)", total("CacheSavingsUsd")),
                    _number("Cost of Lambda (USD)", lambda_cost(functions, "Lambda")),
                    _number("Requests", total("Requests")),
                    _number("Errors", total("Errors")),
                    _number("Tokens", _all_tokens()),
                ],
                [_cost_by_day(proxy), _cost_by_day_and_model(), _cost_by_model()],
                [
                    _from_log("Cost by key", COST_BY_KEY, proxy, HALF),
                    _from_log("Cost by key and model", COST_BY_KEY_AND_MODEL, proxy, HALF),
                ],
                [
                    _tokens_by_kind(),
                    _from_log("Tokens and savings by model", TOKENS_BY_MODEL, proxy, HALF),
                ],
                [
                    _latency("Time to first token", "TimeToFirstTokenMs", percentile)
                    for percentile in PERCENTILES
                ],
                [_latency("Duration", "DurationMs", percentile) for percentile in PERCENTILES],
                [
                    _graph("Requests by model", by_model("Requests")),
                    _graph("Errors by model", by_model("Errors")),
                    _graph("Throttled by Bedrock, by model", by_model("Throttles")),
                ],
                [
                    _from_log("Refusals and errors by reason", REASONS, proxy, HALF),
                    _from_log("Refusals and errors by key", REASONS_BY_KEY, proxy, HALF),
                ],
                [
                    _graph(
                        "Cost of Lambda by day (USD)",
                        *(
                            lambda_cost({name: function}, name, period=ONE_DAY)
                            for name, function in functions.items()
                        ),
                    ),
                    _graph(
                        "Failures and throttles in Lambda",
                        *_of_lambda(functions, "Errors", "Sum"),
                        *_of_lambda(functions, "Throttles", "Sum"),
                    ),
                    _graph(
                        "Concurrency in Lambda (maximum)",
                        *_of_lambda(functions, "ConcurrentExecutions", "Maximum"),
                        stacked=False,
                    ),
                ],
            ],
        )


def _number(title: str, metric: cloudwatch.IMetric) -> cloudwatch.SingleValueWidget:
    """One number for all of the time that the dashboard shows."""
    return cloudwatch.SingleValueWidget(
        title=title, metrics=[metric], set_period_to_time_range=True, width=SIXTH
    )


def _all_tokens() -> cloudwatch.MathExpression:
    totals = {f"tokens{number}": total(name) for number, name in enumerate(TOKENS.values())}
    return cloudwatch.MathExpression(
        expression="SUM(METRICS())", using_metrics=totals, label="Tokens"
    )


def _graph(
    title: str, *metrics: cloudwatch.IMetric, stacked: bool = True, width: int = THIRD
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), stacked=stacked, width=width)


def _cost_by_day(proxy: Proxy) -> cloudwatch.LogQueryWidget:
    # The graphs of metrics have no bars for days.
    bars = cloudwatch.LogQueryVisualizationType.BAR
    return _from_log("Cost by day (USD)", COST_BY_DAY, proxy, THIRD, view=bars)


def _cost_by_day_and_model() -> cloudwatch.GraphWidget:
    return _graph("Cost by day and model (USD)", by_model("CostUsd", period=ONE_DAY))


def _cost_by_model() -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title="Cost by model (USD)",
        left=[by_model("CostUsd")],
        view=cloudwatch.GraphWidgetView.BAR,
        set_period_to_time_range=True,
        width=THIRD,
    )


def _tokens_by_kind() -> cloudwatch.GraphWidget:
    kinds = [total(name, label=label) for label, name in TOKENS.items()]
    return _graph("Tokens by kind", *kinds, width=HALF)


def _latency(title: str, metric: str, percentile: str) -> cloudwatch.GraphWidget:
    told = f"{title} by model (ms, {percentile})"
    return _graph(told, by_model(metric, percentile), stacked=False)


def _from_log(
    title: str,
    query: tuple[str, ...],
    proxy: Proxy,
    width: int,
    *,
    view: cloudwatch.LogQueryVisualizationType = cloudwatch.LogQueryVisualizationType.TABLE,
) -> cloudwatch.LogQueryWidget:
    return cloudwatch.LogQueryWidget(
        title=title,
        view=view,
        log_group_names=[proxy.function.log_group.log_group_name],
        query_lines=list(query),
        width=width,
    )


def _of_lambda(
    functions: Mapping[str, lambda_.Function], metric: str, statistic: str
) -> list[cloudwatch.Metric]:
    return [
        function.metric(metric, label=f"{name}: {metric}", statistic=statistic)
        for name, function in functions.items()
    ]
