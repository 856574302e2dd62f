"""``bedrockrouter`` against the whole stack: real calls, the real ledger, a bill that Cost Explorer gives.

The bill is what the simulated Bedrock says it billed, which shares no code with the ledger's prices.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from ledger.money import from_usd, to_usd

from tests.support.bill_answers import billed_as
from tests.support.stack import ROOT, LocalStack, running_stack

CALLS = {
    "claude-sonnet-5-5": ("Claude Sonnet 5.5 (Amazon Bedrock Edition)", "USE1-MP:USE1_{}-Units"),
    "nova-pro": ("Amazon Bedrock", "USE1-NovaPro-{}"),
}
"""Model → service and usage type under which it is billed."""

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """One that no other test has called models with."""
    with running_stack("--max-concurrency", "4") as running:
        yield running


@pytest.fixture(scope="module")
def bill(stack: LocalStack) -> dict[str, int]:
    """Calls each model, and gives what each cost to Cost Explorer; picodollars by model."""
    order = {"say": "x", "input_tokens": 12_345, "output_tokens": 678, "cache_read": 9_000}
    billed: dict[str, int] = {}
    proxy = stack.proxy()
    for model in CALLS:
        before = stack.bill()["total_picodollars"]
        for _ in range(2):
            body = {
                "model": model,
                "messages": [{"role": "user", "content": f"<<sim {json.dumps(order)}>>"}],
            }
            assert proxy.post("/v1/chat/completions", json=body).status_code == 200
        billed[model] = stack.bill()["total_picodollars"] - before
    today = datetime.now(UTC).date().isoformat()
    costs = {
        (CALLS[model][0], CALLS[model][1].format("output_tokens")): to_usd(amount)
        for model, amount in billed.items()
    }
    costs["Amazon Bedrock", "EU-NovaPro-output-tokens"] = "5"
    give_cost_explorer(stack, billed_as(today, costs))
    return billed


def give_cost_explorer(stack: LocalStack, answers: list[dict[str, Any]]) -> None:
    """http://docs.getmoto.org/en/latest/docs/services/ce.html"""
    url = f"{stack.dynamodb_url}/moto-api/static/ce/cost-and-usage-results"
    httpx.post(url, json={"results": answers}).raise_for_status()


@pytest.fixture
def command(stack: LocalStack) -> Command:
    """Runs the command as its user does, the admin key in the environment."""

    def run(*arguments: str, admin_key: str = stack.admin_key) -> Any:
        told = {
            "BEDROCKROUTER_CONSOLE_URL": stack.console_url,
            "BEDROCKROUTER_ADMIN_KEY": admin_key,
            "COLUMNS": "100",
        }
        return subprocess.run(
            [sys.executable, "-m", "bedrockrouter", *arguments],
            cwd=ROOT,
            env=os.environ | told,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_usage_is_what_bedrock_billed_to_the_picodollar(
    command: Command, bill: dict[str, int]
) -> None:
    done = command("usage", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert from_usd(found["totals"]["cost_usd"]) == sum(bill.values())
    assert [
        (row["requests"], row["input_tokens"], row["cache_read_tokens"]) for row in found["rows"]
    ] == [
        (2, 24_690, 18_000),
        (2, 24_690, 18_000),
    ]


def test_usage_by_key_tells_the_keys_name(
    command: Command, bill: dict[str, int], stack: LocalStack
) -> None:
    done = command("usage", "--by", "key")
    assert done.returncode == 0, done.stderr
    (row,) = [line.split() for line in done.stdout.splitlines() if " local " in line]
    assert row[:3] == [stack.api_key[7:19], "local", str(2 * len(bill))]


def test_the_ledger_and_the_bill_are_compared_model_by_model(
    command: Command, bill: dict[str, int]
) -> None:
    done = command("reconcile", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [
        (row["model"], from_usd(row["ledger_usd"]), from_usd(row["billed_usd"]), row["verdict"])
        for row in found["rows"]
    ] == [(model, amount, amount, "incomplete") for model, amount in sorted(bill.items())]
    assert [(each["reason"], each["billed_usd"]) for each in found["only_in_bill"]] == [
        ("other_region", "5")
    ]
    assert found["cost_explorer_requests"] == 2


def test_the_comparison_is_printed(command: Command, bill: dict[str, int]) -> None:
    done = command("reconcile")
    assert done.returncode == 0, done.stderr
    for model in bill:
        assert f"{model} " in done.stdout
    assert "eu-west-1" in done.stdout


def test_a_wrong_admin_key_ends_with_two_and_nothing_on_standard_output(command: Command) -> None:
    done = command("usage", admin_key="x" * 43)
    assert (done.returncode, done.stdout) == (2, "")
    assert "admin key" in done.stderr
