"""What the dashboard shows, read from its body as CloudWatch would."""

import json
import re
from collections import defaultdict
from typing import Any

import pytest

from tests.support.cloudformation import Template, of_type, text
from tests.support.metric_math import value_of

METRIC = re.compile(r"""SEARCH\('\{BedrockRouter,Model\} MetricName="(\w+)"', '(\w+)'\)""")

PROXY = "${ProxyFunction6F85094A}"
CONSOLE = "${ConsoleFunctionE7833E2B}"

GRID = 24
MOST_METRICS = 2_500
"""On a dashboard, hidden ones included:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""
LONGEST_SEARCH = 1024
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"""


@pytest.fixture(scope="module")
def body(template: Template) -> str:
    (dashboard,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    return text(dashboard["Properties"]["DashboardBody"])


@pytest.fixture(scope="module")
def widgets(body: str) -> dict[str, dict[str, Any]]:
    """Every widget of the dashboard by its title."""
    found = json.loads(body)["widgets"]
    by_title = {widget["properties"]["title"]: widget for widget in found}
    assert len(by_title) == len(found)
    return by_title


def metrics_of(widget: dict[str, Any]) -> list[list[Any]]:
    metrics: list[list[Any]] = widget["properties"].get("metrics", [])
    return metrics


def searched(widget: dict[str, Any]) -> list[tuple[str, str]]:
    """The (metric, statistic) pairs of the proxy's own metrics by model in a widget."""
    return METRIC.findall(json.dumps(metrics_of(widget)).replace('\\"', '"'))


def expressions_of(widget: dict[str, Any]) -> list[str]:
    return [
        options["expression"]
        for *_, options in metrics_of(widget)
        if isinstance(options, dict) and "expression" in options
    ]


@pytest.mark.parametrize(
    "titles",
    [
        ("Cost by day (USD)", "Cost by day and model (USD)", "Cost by model (USD)"),
        ("Cost by key", "Cost by key and model"),
        ("Tokens by kind", "Tokens and savings by model"),
        ("Requests by model", "Errors by model", "Throttled by Bedrock, by model"),
        ("Refusals and errors by reason", "Refusals and errors by key"),
        *(
            [f"{what} by model (ms, {percentile})" for percentile in ("p50", "p90", "p99")]
            for what in ("Time to first token", "Duration")
        ),
    ],
)
def test_what_belongs_together_stands_side_by_side(
    widgets: dict[str, dict[str, Any]], titles: list[str]
) -> None:
    assert len({widgets[title]["y"] for title in titles}) == 1


def test_every_row_fills_the_page(widgets: dict[str, dict[str, Any]]) -> None:
    rows = defaultdict(list)
    for widget in widgets.values():
        rows[widget["y"]].append((widget["x"], widget["width"], widget["height"]))
    ends = 0
    for top, row in sorted(rows.items()):
        assert top == ends
        edge = 0
        for left, width, _ in sorted(row):
            assert left == edge
            edge += width
        assert edge == GRID
        (height,) = {height for _, _, height in row}
        ends = top + height


def test_the_first_row_sums_up_the_time_range(widgets: dict[str, dict[str, Any]]) -> None:
    first_row = {title: widget for title, widget in widgets.items() if widget["y"] == 0}
    assert first_row.keys() == {
        "Cost (USD)",
        "Saved by caching (USD)",
        "Cost of Lambda (USD)",
        "Requests",
        "Errors",
        "Tokens",
    }
    assert all(widget["properties"]["setPeriodToTimeRange"] for widget in first_row.values())
    assert metrics_of(first_row["Cost (USD)"]) == [["BedrockRouter", "CostUsd", {"stat": "Sum"}]]


def test_amounts_are_summed_and_times_are_not(widgets: dict[str, dict[str, Any]]) -> None:
    seen = set()
    for title, widget in widgets.items():
        for metric, statistic in searched(widget):
            if metric.endswith("Ms"):
                assert title.endswith(f"(ms, {statistic})")
            else:
                assert statistic == "Sum"
            seen.add((metric, statistic))
    percentiles = {(name, statistic) for name, statistic in seen if statistic != "Sum"}
    assert percentiles == {
        (metric, percentile)
        for metric in ("DurationMs", "TimeToFirstTokenMs")
        for percentile in ("p50", "p90", "p99")
    }


def test_a_day_is_a_point_where_days_are_shown(widgets: dict[str, dict[str, Any]]) -> None:
    for title in ("Cost by day and model (USD)", "Cost of Lambda by day (USD)"):
        assert {options["period"] for *_, options in metrics_of(widgets[title])} == {86_400}


def test_what_each_day_cost_is_a_bar(widgets: dict[str, dict[str, Any]]) -> None:
    days = widgets["Cost by day (USD)"]["properties"]
    assert days["view"] == "bar"
    assert days["query"].endswith("| stats sum(cost_picodollars / 1000000000000) as usd by bin(1d)")


def test_the_cost_of_a_key_is_read_from_the_proxys_log(widgets: dict[str, dict[str, Any]]) -> None:
    assert widgets["Cost by key"]["properties"]["query"] == (
        "SOURCE '${ProxyLogGroup29A2C131}' | filter ispresent(cost_picodollars)\n"
        "| stats sum(cost_picodollars / 1000000000000) as usd,"
        " sum(cache_savings_picodollars / 1000000000000) as saved_usd,"
        " count(*) as requests by key_id\n"
        "| sort usd desc\n"
        "| limit 100"
    )


def test_refusals_are_told_by_reason_whether_or_not_a_key_was_known(
    widgets: dict[str, dict[str, Any]],
) -> None:
    assert widgets["Refusals and errors by reason"]["properties"]["query"] == (
        "SOURCE '${ProxyLogGroup29A2C131}' | filter ispresent(error) and ispresent(route)\n"
        "| stats count(*) as requests, count_distinct(key_id) as keys by error, status\n"
        "| sort requests desc\n"
        "| limit 100"
    )


def test_the_health_of_both_functions_is_shown(widgets: dict[str, dict[str, Any]]) -> None:
    shown = {
        (metric[3], metric[1])
        for widget in widgets.values()
        for metric in metrics_of(widget)
        if metric[0] == "AWS/Lambda"
    }
    assert shown == {
        (function, metric)
        for function in (PROXY, CONSOLE)
        for metric in ("ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles")
    }


def test_lambda_costs_what_its_price_list_says(
    template: Template, widgets: dict[str, dict[str, Any]]
) -> None:
    """A million requests of 200 ms each, to both functions alike: worked out by hand, on ARM.

    2 x $0.20 for requests, 200,000 s x (0.5 GB + 1 GB) x $0.0000133334 for their time.
    """
    functions = of_type(template, "AWS::Lambda::Function").values()
    assert sorted(function["Properties"]["MemorySize"] for function in functions) == [512, 1024]
    for function in functions:
        assert function["Properties"]["Architectures"] == ["arm64"]
    (expression,) = expressions_of(widgets["Cost of Lambda (USD)"])
    measured = {
        "proxy_invocations": 1e6,
        "proxy_duration": 200e6,
        "console_invocations": 1e6,
        "console_duration": 200e6,
    }
    variables = {
        metric[-1]["id"]: metric[1]
        for metric in metrics_of(widgets["Cost of Lambda (USD)"])
        if metric[0] == "AWS/Lambda"
    }
    assert variables == {
        name: "Invocations" if name.endswith("invocations") else "Duration" for name in measured
    }
    assert value_of(expression, measured) == pytest.approx(0.40 + 4.00002)


def test_two_hundred_models_are_within_cloudwatchs_limits(
    widgets: dict[str, dict[str, Any]],
) -> None:
    metrics = 0
    for widget in widgets.values():
        by_model = len(searched(widget))
        metrics += 200 * by_model + len(metrics_of(widget)) - by_model
        assert all(len(expression) <= LONGEST_SEARCH for expression in expressions_of(widget))
    assert metrics <= MOST_METRICS
