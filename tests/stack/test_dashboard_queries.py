"""What the dashboard's queries make of lines as the router logs them."""

import json

import pytest
from catalog.models import load
from catalog.pricing import Usage
from router.metering import Record, line, log_error

from stacks.constructs import cost_dashboard
from tests.support.logs_insights import answer

CATALOG = load(region="us-east-1")
HAIKU = CATALOG.resolve("claude-haiku-4-5")
NOVA = CATALOG.resolve("us.amazon.nova-lite-v1:0")
DOLLAR = 10**12
DAY = 86_400

CALL = Record(
    "id",
    "messages",
    started_at=DAY + 1.0,
    ended_at=DAY + 2.0,
    status=200,
    key_id="one",
    target=HAIKU,
    usage=Usage(10, 20, 30, 40, 50),
    cost=3 * DOLLAR,
    cache_savings=DOLLAR // 2,
)
OF_ANOTHER_MODEL = CALL._replace(target=NOVA, cost=2 * DOLLAR)
OF_ANOTHER_KEY = CALL._replace(key_id="other", cost=7 * DOLLAR, cache_savings=-DOLLAR)
OF_ANOTHER_DAY = CALL._replace(ended_at=2 * DAY + 1.0)
REFUSED = CALL._replace(status=402, error="out_of_credit", usage=None, cost=0, cache_savings=0)
UNKNOWN = Record("id", "messages", DAY, DAY, 401, error="invalid_key")
FREE = CALL._replace(is_free=True, route="count_tokens", usage=None, cost=0, cache_savings=0)
THROTTLED = REFUSED._replace(status=429, error="throttled", key_id="other")

RECORDS = (
    *(CALL, OF_ANOTHER_MODEL, OF_ANOTHER_KEY, OF_ANOTHER_DAY),
    *(REFUSED, REFUSED, UNKNOWN, FREE, THROTTLED),
)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return [line(record) for record in RECORDS]


def asked(commands: tuple[str, ...], lines: list[str]) -> list[dict[str, object]]:
    return answer(" | ".join(commands), lines)


def test_days_cost_what_their_calls_did(lines: list[str]) -> None:
    days = asked(cost_dashboard.COST_BY_DAY, lines)
    assert days == [{"bin(1d)": 1, "usd": 12}, {"bin(1d)": 2, "usd": 3}]


def test_keys_come_by_what_they_spent(lines: list[str]) -> None:
    assert asked(cost_dashboard.COST_BY_KEY, lines) == [
        {"key_id": "one", "usd": 8, "saved_usd": 1.5, "requests": 3},
        {"key_id": "other", "usd": 7, "saved_usd": -1, "requests": 2},
    ]
    assert asked(cost_dashboard.COST_BY_KEY_AND_MODEL, lines) == [
        {"key_id": "other", "model": HAIKU.charged_as, "usd": 7, "requests": 2},
        {"key_id": "one", "model": HAIKU.charged_as, "usd": 6, "requests": 2},
        {"key_id": "one", "model": NOVA.charged_as, "usd": 2, "requests": 1},
    ]


def test_models_come_by_what_they_said(lines: list[str]) -> None:
    haiku, nova = asked(cost_dashboard.TOKENS_BY_MODEL, lines)
    assert haiku == {
        "model": HAIKU.charged_as,
        "input": 30,
        "output": 60,
        "cache_read": 90,
        "cache_write": 270,
        "saved_usd": 0,
    }
    assert (nova["model"], nova["output"]) == (NOVA.charged_as, 20)


def test_reasons_come_by_how_often_they_were_given(lines: list[str]) -> None:
    assert asked(cost_dashboard.REASONS, lines) == [
        {"error": "out_of_credit", "status": 402, "requests": 2, "keys": 1},
        {"error": "invalid_key", "status": 401, "requests": 1, "keys": 0},
        {"error": "throttled", "status": 429, "requests": 1, "keys": 1},
    ]
    assert asked(cost_dashboard.REASONS_BY_KEY, lines) == [
        {"key_id": "one", "error": "out_of_credit", "requests": 2},
        {"key_id": "other", "error": "throttled", "requests": 1},
    ]


def test_a_fault_of_the_routers_own_is_no_request(
    lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    log_error(ValueError("words"))
    fault = capsys.readouterr().out
    assert "error" in json.loads(fault)
    for commands in (cost_dashboard.REASONS, cost_dashboard.REASONS_BY_KEY):
        assert asked(commands, [*lines, fault]) == asked(commands, lines)
