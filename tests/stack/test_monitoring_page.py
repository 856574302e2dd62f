"""docs/monitoring.md tells of the metrics, fields, reasons and alarms that there are, and no others."""

import json
import re
from pathlib import Path

import pytest
from router.errors import KINDS

from stacks.constructs.alarms import FEWEST_REQUESTS
from tests.support.cloudformation import Template
from tests.support.embedded_metrics import published
from tests.support.logs_insights import fields_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "monitoring.md").read_text()


QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    below = PAGE.partition(f"# {heading}\n")[2]
    section = re.split(r"^#+ ", below, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_page_has_every_metric_under_its_dimensions(metering_lines: list[str]) -> None:
    told = {
        (name, by_model)
        for cell, *shown in table("Metrics")
        for name in code(cell)
        for by_model, yes in enumerate(shown[:2])
        if yes == "yes"
    }
    sent = {metric for line in metering_lines for metric in published(line)}
    assert told == {(metric.name, len(metric.dimensions)) for metric in sent}


def test_the_page_has_every_field_of_the_log(metering_lines: list[str]) -> None:
    told = [name for cell, *_ in table("The log line") for name in code(cell)]
    assert len(told) == len(set(told))
    assert set(told) == {name for line in metering_lines for name in json.loads(line)}


def test_the_page_has_every_reason_and_whose_it_is() -> None:
    told = {code(cell)[0]: whose for cell, _, whose in table("Reasons")}
    assert told == {
        name: "the owner's" if kind.is_fault else "the client's" for name, kind in KINDS.items()
    }


def test_the_page_has_the_alarms_with_their_defaults(template: Template) -> None:
    parameters = template["Parameters"]
    spend, errors = table("Alarms")
    assert spend[-1] == f"${parameters['AlarmSpendPerDayUsd']['Default']}"
    assert errors[-1] == f"{parameters['AlarmErrorPercent']['Default']} %"
    assert f"at least {FEWEST_REQUESTS} requests each" in errors[1]
    assert set(re.findall(r"--parameters (\w+)=", PAGE)) == parameters.keys()


def test_the_page_counts_the_metrics_that_it_prices(metering_lines: list[str]) -> None:
    """$0.30 a metric and month, as CloudWatch charges for the first 10,000."""
    answered, throttled, _ = map(published, metering_lines)
    totals = [metric for metric in answered if not metric.dimensions]
    by_model = len(answered) - len(totals)
    costs = dict(row[:2] for row in table("What it costs"))
    assert costs[f"the {len(totals)} metrics of all models"] == f"${0.3 * len(totals):.2f}"
    assert costs["each model in use at all hours"].startswith(f"${0.3 * by_model:.2f} ")
    amiss = [metric for metric in throttled if metric.dimensions and metric not in answered]
    assert f"${0.3 * len(amiss):.2f} more" in costs["each model in use at all hours"]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_every_query_asks_for_fields_that_are_logged(query: str, metering_lines: list[str]) -> None:
    logged = {name for line in metering_lines for name in json.loads(line)}
    assert fields_of(query) <= logged
