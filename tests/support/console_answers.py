"""A console for the command line's tests: what it is asked is noted, what it answers is given."""

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import httpx
from catalog import models
from console import billed_names
from console.cost_explorer import CostExplorer
from console.query import Days
from console.reconciliation import reconcile
from console.reconciliation_json import reconciliation_json
from ledger.usage import Counts

from tests.support.bill_answers import FIRST, LAST, services_answer, usage_answers

CONSOLE_URL = "https://abc123.lambda-url.us-east-1.on.aws"
ADMIN_KEY = "a" * 43
COMPLETE = "2026-11-21"


class AnsweringConsole(httpx.MockTransport):
    """Answers by path: with JSON, with a list of it in turn, or with a whole response."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__(self._answer)
        self._answers = answers
        self.requests: list[httpx.Request] = []

    def asked(self) -> list[tuple[str, dict[str, str]]]:
        """Path and parameters of each request."""
        return [(request.url.path, dict(request.url.params)) for request in self.requests]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers[request.url.path]
        if isinstance(answer, list):
            answer = answer.pop(0)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


def recorded_reconciliation(*, tolerance: int = 100) -> dict[str, Any]:
    """What the console answers to the recorded bill, with calls of most of its models."""
    pages = iter([services_answer(), *usage_answers()])
    client = SimpleNamespace(get_cost_and_usage=lambda **_: next(pages))
    asked = Days(date.fromisoformat(FIRST), date.fromisoformat(LAST))
    bill = CostExplorer(lambda: client, "123456789012").bill(*asked)
    found = reconcile(
        {
            (day, model): Counts(requests=requests, bounded=bounded, cost=cost)
            for day, model, requests, bounded, cost in _CHARGED
        },
        bill.lines,
        billed_names.load(models.load("us-east-1")),
        region="us-east-1",
        complete=COMPLETE,
        tolerance=tolerance,
    )
    answer = reconciliation_json(
        found, asked, region="us-east-1", complete=COMPLETE, requests=bill.requests
    )
    told: dict[str, Any] = json.loads(json.dumps(answer))
    return told


_CHARGED: list[tuple[str, str, int, int, int]] = [
    ("2026-11-19", "us.anthropic.claude-opus-5-5", 31, 0, 11_360_000_000_000),
    ("2026-11-19", "us.amazon.nova-pro-v1:0", 8, 0, 1_120_000_000_000),
    ("2026-11-20", "us.amazon.nova-pro-v1:0", 12, 1, 2_000_000_000_000),
    ("2026-11-20", "us.anthropic.claude-opus-5-5", 9, 0, 2_200_000_000_000),
    ("2026-11-20", "global.anthropic.claude-sonnet-4-6", 20, 0, 1_533_000_000_000),
    ("2026-11-21", "global.anthropic.claude-haiku-4-5-20251001-v1:0", 200, 0, 6_000_000_000_000),
    ("2026-11-21", "us.anthropic.claude-opus-5-5", 14, 0, 4_400_000_000_000),
    ("2026-11-21", "other", 1, 0, 70_000_000_000),
    ("2026-11-22", "us.anthropic.claude-opus-5-5", 25, 0, 9_000_000_000_000),
    ("2026-11-22", "unsettled", 2, 2, 500_000_000_000),
]
