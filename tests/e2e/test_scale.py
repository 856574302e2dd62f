"""Many keys and many callers at once: what the ledger says of each is what Bedrock bills."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import httpx
import pytest
from ledger.keys import Minted
from ledger.money import DOLLAR
from ledger.records import record_of

from tests.support.key_table import terms
from tests.support.stack import LocalStack

KEYS = 1_000
CALLERS = 32
SHARED = 10
"""Keys that many callers use at once, so many calls each beside the one that every key makes."""
CALLS_EACH = 20
SEED = 20_261_123

MODELS = ("nova-micro", "nova-lite", "claude-haiku-4-5", "gpt-6.1-terra")


@pytest.fixture
def keys(stack: LocalStack) -> Iterator[list[Minted]]:
    """Keys with a limit of a dollar each, which are gone when the test ends."""
    made = stack.new_keys(KEYS, terms(credit_limit=DOLLAR))
    yield made
    stack.forget_keys(made)


def call(client: httpx.Client, key: Minted, random: Random) -> int:
    """The status of a call that the bill knows by its key's id."""
    order = {
        "id": key.id,
        "words": random.randint(1, 20),
        "input_tokens": random.randint(1, 500),
        "cache_read": random.randint(0, 200),
    }
    body = {
        "model": random.choice(MODELS),
        "max_tokens": 50,
        "stream": random.random() < 0.5,
        "messages": [{"role": "user", "content": f"Hi <<sim {json.dumps(order)}>>"}],
    }
    headers = {"authorization": f"Bearer {key.key}"}
    while True:
        answer = client.post("/v1/chat/completions", json=body, headers=headers)
        # Lambda's own 429, for want of a free process, has no such header.
        if answer.status_code != 429 or "retry-after" in answer.headers:
            return answer.status_code
        time.sleep(0.1)


def test_a_thousand_keys_and_32_callers_leave_no_drift(
    stack: LocalStack, keys: list[Minted]
) -> None:
    stack.forget_bill()
    random = Random(SEED)  # noqa: S311
    work = [*keys, *(key for key in keys[:SHARED] for _ in range(CALLS_EACH))]
    random.shuffle(work)

    def caller(number: int) -> list[int]:
        own = Random(SEED + number)  # noqa: S311
        with httpx.Client(base_url=stack.proxy_url, timeout=60) as client:
            return [call(client, key, own) for key in work[number::CALLERS]]

    with ThreadPoolExecutor(CALLERS) as callers:
        statuses = [status for own in callers.map(caller, range(CALLERS)) for status in own]
    assert set(statuses) == {200}
    assert len(statuses) == KEYS + SHARED * CALLS_EACH

    billed: Counter[str] = Counter()
    for entry in stack.bill()["calls"]:
        billed[entry["order_id"]] += entry["picodollars"]
    items = stack.table_items()
    by_id = {item["pk"]["S"]: item for item in items if item["sk"]["S"] == "key"}
    records = [record_of(by_id[f"key#{key.id}"]) for key in keys]
    assert {record.id: record.spent for record in records} == billed
    assert sum(record.spent for record in records) == stack.bill()["total_picodollars"]
    assert [record.id for record in records if record.held] == []
    assert {record.remaining + record.spent for record in records} == {DOLLAR}
    counted = {record.id: sum(used.cost for used in record.usage.values()) for record in records}
    for item in items:
        owner = item["pk"]["S"].removeprefix("key#")
        # A day may have ended meanwhile.
        if owner in counted and item["sk"]["S"].startswith("usage#"):
            counted[owner] += int(item["cost"]["N"])
    assert counted == billed
