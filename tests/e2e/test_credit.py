"""Limits that hold and a ledger that agrees with the bill, under races."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from ledger.money import from_usd, to_usd

from tests.support.stack import LocalStack

MODEL = "claude-haiku-4-5"
CALLERS = 64

# What one call uses, near the most that is reserved for it: a prompt bounded by its bytes and the
# allowance for the service, and an answer as long as max_tokens.
USED = '{"input_tokens": 1000, "output_tokens": 50, "words": 50, "delay_ms": 2}'
LIMIT_USD = "0.02"


def body(*, stream: bool) -> dict[str, Any]:
    return {
        "model": MODEL,
        "stream": stream,
        "max_tokens": 50,
        "messages": [{"role": "user", "content": f"Hi <<sim {USED}>>"}],
    }


def answer_to(stack: LocalStack, key: str, *, stream: bool = False) -> httpx.Response:
    """What comes of a call."""
    headers = {"authorization": f"Bearer {key}"}
    url = f"{stack.proxy_url}/v1/chat/completions"
    return httpx.post(url, json=body(stream=stream), headers=headers, timeout=60)


def bill(stack: LocalStack) -> int:
    return int(stack.bill()["total_picodollars"])


@pytest.mark.parametrize("stream", [False, True])
def test_sixty_four_callers_cannot_pass_a_limit_that_affords_about_ten(
    stack: LocalStack, *, stream: bool
) -> None:
    key = stack.new_key(credit_limit_usd=LIMIT_USD)
    before = bill(stack)
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = pool.map(lambda _: answer_to(stack, key["key"], stream=stream), range(CALLERS))
        statuses = [answer.status_code for answer in answers]
    billed = bill(stack) - before
    account = stack.console().get(f"/api/keys/{key['id']}").json()
    assert set(statuses) <= {200, 402, 429}
    assert statuses.count(200) >= 5
    assert billed <= from_usd(LIMIT_USD)
    assert from_usd(account["spent_usd"]) == billed
    assert from_usd(account["reserved_usd"]) == 0
    assert from_usd(account["remaining_usd"]) == from_usd(LIMIT_USD) - billed


ANSWERED = '{"words": 100, "input_tokens": 60, "output_tokens": 110, "delay_ms": 2}'
"""A short answer, as most are of those that clients ask for with the longest limit."""

ROUNDS = 4


def ask_for_128_000_tokens(stack: LocalStack, key: str) -> httpx.Response:
    """A call as Claude Code makes it, which comes back for credit that others hold."""
    asked = {
        "model": MODEL,
        "stream": True,
        "max_tokens": 128_000,
        "messages": [{"role": "user", "content": f"Hi <<sim {ANSWERED}>>"}],
    }
    while True:
        answer = httpx.post(
            f"{stack.proxy_url}/v1/messages", json=asked, headers={"x-api-key": key}, timeout=60
        )
        if answer.status_code != 429:
            return answer
        # Lambda's own 429, for want of a free process, has no such header.
        time.sleep(float(answer.headers.get("retry-after", 1)) / 8)


def test_callers_who_ask_for_far_more_than_they_use_share_a_small_limit(
    stack: LocalStack,
) -> None:
    before = bill(stack)
    free = stack.new_key()
    assert ask_for_128_000_tokens(stack, free["key"]).status_code == 200
    one = bill(stack) - before
    limit = CALLERS * ROUNDS * one
    key = stack.new_key(credit_limit_usd=to_usd(limit))
    before += one

    def caller(_: int) -> list[httpx.Response]:
        return [ask_for_128_000_tokens(stack, key["key"]) for _ in range(ROUNDS)]

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = [answer for answers in pool.map(caller, range(CALLERS)) for answer in answers]
    billed = bill(stack) - before
    account = stack.settled_account(key["id"])
    assert {answer.status_code for answer in answers} <= {200, 402}
    served = [answer for answer in answers if answer.status_code == 200]
    assert len(served) >= 0.95 * CALLERS * ROUNDS
    # They were answered in full, however low the limit that credit left them.
    assert billed == len(served) * one <= limit
    assert from_usd(account["spent_usd"]) == billed
    lowered = [answer.headers.get("x-bedrockrouter-changes", "") for answer in served]
    assert sum("as credit is short" in changes for changes in lowered) > CALLERS


def test_sixty_four_callers_cannot_pass_a_limit_per_minute(stack: LocalStack) -> None:
    key = stack.new_key(requests_per_minute=10)
    first_minute = time.time() // 60
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(lambda _: answer_to(stack, key["key"]), range(CALLERS)))
    minutes = int(time.time() // 60 - first_minute) + 1
    served = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 10 <= len(served) <= 10 * minutes
    assert {answer.status_code for answer in refused} == {429}
    # Lambda's own 429, for want of a free process, has no such header.
    told = [answer.headers["retry-after"] for answer in refused if "retry-after" in answer.headers]
    assert told
    assert all(1 <= int(seconds) <= 60 for seconds in told)


@pytest.mark.parametrize(
    ("directive", "floor"),
    [
        ('{"words": 20, "cut_after": 5}', 1),
        ('{"words": 20, "exception": "modelStreamErrorException", "after": 5}', 1),
        ('{"status": 503}', 0),
        ('{"throttle": 9, "id": "credit-throttled"}', 0),
    ],
)
@pytest.mark.parametrize("api", ["chat/completions", "messages"])
def test_a_call_that_fails_is_charged_no_less_than_it_is_billed(
    stack: LocalStack, api: str, directive: str, floor: int
) -> None:
    key = stack.new_key(credit_limit_usd="1")
    before = bill(stack)
    content = f"Hi <<sim {directive}>>"
    httpx.post(
        f"{stack.proxy_url}/v1/{api}",
        json=body(stream=True) | {"messages": [{"role": "user", "content": content}]},
        headers={"authorization": f"Bearer {key['key']}"},
        timeout=60,
    )
    billed = bill(stack) - before
    account = stack.console().get(f"/api/keys/{key['id']}").json()
    spent = from_usd(account["spent_usd"])
    assert from_usd(account["reserved_usd"]) == 0
    assert (spent > 0) == bool(floor)
    assert spent >= billed


ASKED: dict[str, dict[str, Any]] = {
    "chat/completions": {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50},
    "responses": {"input": "Hi", "max_output_tokens": 50},
    "messages": {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50},
    "embeddings": {"input": ["Hi", "Ho"]},
}


@pytest.mark.parametrize(
    ("api", "model"),
    [
        ("chat/completions", "claude-sonnet-5-5"),
        ("chat/completions", "gpt-6.1-sol"),
        ("responses", "claude-sonnet-5-5"),
        ("responses", "gpt-6.1-sol"),
        ("messages", "claude-sonnet-5-5"),
        ("messages", "nova-pro"),
        ("embeddings", "titan-embed-text-v2"),
        ("embeddings", "cohere-embed-v4"),
    ],
)
def test_every_api_charges_what_bedrock_bills(stack: LocalStack, api: str, model: str) -> None:
    key = stack.new_key(credit_limit_usd="1")
    before = bill(stack)
    for more in [{}] if api == "embeddings" else [{}, {"stream": True}]:
        asked = {"model": model, **ASKED[api], **more}
        answer = stack.proxy(key["key"]).post(f"/v1/{api}", json=asked)
        assert answer.status_code == 200, answer.text
    account = stack.settled_account(key["id"])
    assert from_usd(account["spent_usd"]) == bill(stack) - before > 0


@pytest.mark.parametrize("api", ["chat/completions", "messages"])
def test_a_client_that_leaves_is_charged_what_bedrock_bills(stack: LocalStack, api: str) -> None:
    key = stack.new_key(credit_limit_usd="1")
    before = bill(stack)
    content = 'Hi <<sim {"words": 40, "delay_ms": 10}>>'
    with httpx.stream(
        "POST",
        f"{stack.proxy_url}/v1/{api}",
        json=body(stream=True) | {"messages": [{"role": "user", "content": content}]},
        headers={"authorization": f"Bearer {key['key']}"},
    ) as response:
        next(response.iter_lines())
    account = stack.settled_account(key["id"])
    assert from_usd(account["spent_usd"]) == bill(stack) - before > 0
