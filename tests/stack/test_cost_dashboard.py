"""What the dashboard shows, read from its body as CloudWatch would."""

import json
import re
from typing import Any

import pytest

from tests.support.cloudformation import Template, of_type, text

METRIC = re.compile(r"""SEARCH\('\{BedrockRouter,Model\} MetricName="(\w+)"', '(\w+)'\)""")


@pytest.fixture(scope="module")
def widgets(template: Template) -> dict[str, dict[str, Any]]:
    """Every widget of the dashboard by its title."""
    (dashboard,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    body = json.loads(text(dashboard["Properties"]["DashboardBody"]))
    return {widget["properties"]["title"]: widget for widget in body["widgets"]}


def searched(widget: dict[str, Any]) -> list[tuple[str, str]]:
    """The (metric, statistic) pairs of the proxy's own metrics in a widget."""
    return METRIC.findall(json.dumps(widget["properties"].get("metrics", [])).replace('\\"', '"'))


def test_every_metric_of_the_proxy_is_shown(widgets: dict[str, dict[str, Any]]) -> None:
    shown = {metric for widget in widgets.values() for metric, _ in searched(widget)}
    assert shown == {
        "CacheReadTokens",
        "CacheWriteTokens",
        "CostUsd",
        "DurationMs",
        "Errors",
        "InputTokens",
        "OutputTokens",
        "Requests",
        "TimeToFirstByteMs",
    }


def test_amounts_are_summed_and_latencies_are_not(widgets: dict[str, dict[str, Any]]) -> None:
    for widget in widgets.values():
        for metric, statistic in searched(widget):
            assert statistic == ("p90" if metric.endswith("Ms") else "Sum")


def test_the_first_row_totals_the_time_range(widgets: dict[str, dict[str, Any]]) -> None:
    first_row = [widget for widget in widgets.values() if widget["y"] == 0]
    assert [searched(widget) for widget in first_row] == [
        [("CostUsd", "Sum")],
        [("Requests", "Sum")],
        [("Errors", "Sum")],
        [("OutputTokens", "Sum")],
    ]
    assert all(widget["properties"]["setPeriodToTimeRange"] for widget in first_row)


def test_spend_by_key_is_read_from_the_proxys_log(widgets: dict[str, dict[str, Any]]) -> None:
    assert widgets["Spend by key"]["properties"]["query"] == (
        "SOURCE '${ProxyLogGroup29A2C131}' | filter ispresent(cost_picodollars)\n"
        "| stats sum(cost_picodollars) / 1000000000000 as usd, count(*) as requests by key_id\n"
        "| sort usd desc\n"
        "| limit 100"
    )


def test_the_health_of_both_functions_is_shown(widgets: dict[str, dict[str, Any]]) -> None:
    shown = {
        (metric[3], metric[1])
        for widget in widgets.values()
        for metric in widget["properties"].get("metrics", [])
        if metric[0] == "AWS/Lambda"
    }
    assert shown == {
        (function, metric)
        for function in ("${ProxyFunction6F85094A}", "${ConsoleFunctionE7833E2B}")
        for metric in ("ConcurrentExecutions", "Duration", "Errors", "Throttles")
    }
