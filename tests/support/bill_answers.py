"""Answers of Cost Explorer, as it gives them for an account that calls Bedrock in several ways."""

import json
from pathlib import Path
from typing import Any

_RECORDED: dict[str, Any] = json.loads(
    Path(__file__).with_name("cost_explorer").joinpath("answers.json").read_text(encoding="utf-8")
)

FIRST, LAST = "2026-11-19", "2026-11-23"
"""The days of the answers, both included."""


def services_answer() -> dict[str, Any]:
    """The costs of `FIRST` to `LAST` by service."""
    answer: dict[str, Any] = _RECORDED["services"]
    return answer


def usage_answers() -> list[dict[str, Any]]:
    """The costs of those of them that are Bedrock's by day, service and usage type: two pages."""
    answers: list[dict[str, Any]] = _RECORDED["usage types"]
    return answers


def billed_as(day: str, costs: dict[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Both answers for an account that was billed this on one day, by service and usage type."""
    period = {"Start": day, "End": day}

    def results(groups: list[dict[str, Any]]) -> dict[str, Any]:
        result = {"TimePeriod": period, "Total": {}, "Groups": groups, "Estimated": True}
        return {"ResultsByTime": [result], "DimensionValueAttributes": []}

    def group(keys: list[str], usd: str) -> dict[str, Any]:
        return {"Keys": keys, "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}}

    services = sorted({service for service, _ in costs})
    return [
        results([group([service], "1") for service in services]),
        results([group(list(keys), usd) for keys, usd in costs.items()]),
    ]
