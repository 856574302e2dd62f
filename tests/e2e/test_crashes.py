"""Workers that are killed at any instant: the ledger then, held to the bill call by call."""

import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from random import Random
from typing import Any, NamedTuple

import httpx
from ledger.administration import Administration
from ledger.admission import Ledger
from ledger.keys import Credential
from ledger.money import UNLIMITED, from_usd
from ledger.records import KeyRecord, balance, record_of
from ledger.usage import UNSETTLED, Counts

from tests.support.mixed_calls import BREAKS, CHEAP, KINDS, Call, make_call, order_id, random_call
from tests.support.stack import LocalStack

CLIENTS = 64
CALLS_EACH = 7
SEED = 20_261_123

LIMITS = {"free": None, "roomy": "1000", "small": "0.03", "tiny": "0.015"}
"""Limits in USD by the name of the key. The last two cannot pay for all that is asked of them."""
ENOUGH = ("free", "roomy")
"""Keys whose calls are reserved all that they can cost."""
SHARES = ("free", "roomy", "free", "roomy", "roomy", "small", "free", "tiny")
"""The key of each client, of eight in a row."""

KILLED_SHARE = 0.12
"""How often a call that begins has some worker killed, a moment later."""

HELD = 8
"""Calls that are sure to be killed: they wait at a gate until all workers are."""
GATE = "crash"

LATER_S = 3600
"""More than a reservation lasts."""

PATIENCE_S = 60


# --- what happens ---------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What a client saw of a call."""

    call: Call
    request_id: str | None = None
    """None when it hung up before there was an answer."""
    told_usd: str | None = None
    """What it was told that the call cost."""


def ask(client: httpx.Client, call: Call, key: str) -> Outcome:
    """Sends a call, and reads its answer unless the client is to hang up first."""
    hangs_up = call.fault == "hang up"
    # There is nothing to read of a whole answer before all of it is there.
    patience_s = 0.05 if hangs_up and not call.streamed else PATIENCE_S
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", **call.headers}
    is_throttled = True
    while is_throttled:
        outcome, is_throttled = Outcome(call), False
        with (
            contextlib.suppress(httpx.HTTPError),
            client.stream(
                "POST", call.path, content=call.body, headers=headers, timeout=patience_s
            ) as response,
        ):
            told = response.headers.get("x-bedrockrouter-cost-usd")
            outcome = Outcome(call, response.headers["x-amzn-requestid"], told)
            # Lambda's own 429, for want of a free process, has no such header.
            is_throttled = response.status_code == 429 and "retry-after" not in response.headers
            for _ in response.iter_raw():
                if hangs_up:
                    break
        if is_throttled:
            time.sleep(0.1)
    return outcome


def kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_at_random(stack: LocalStack, begun: SimpleQueue[bool]) -> int:
    """Kills some worker after some of the calls that begin, until the queue says False; how many."""
    random, killed = Random(SEED), 0  # noqa: S311
    while begun.get():
        if random.random() < KILLED_SHARE:
            time.sleep(random.uniform(0, 0.2))
            if workers := stack.router_pids():
                kill([random.choice(workers)])
                killed += 1
    return killed


def run_while_workers_die(stack: LocalStack, keys: dict[str, str]) -> list[Outcome]:
    """All clients at once."""
    begun: SimpleQueue[bool] = SimpleQueue()

    def client(number: int) -> list[Outcome]:
        random, key = Random(SEED + number), SHARES[number % len(SHARES)]  # noqa: S311
        kinds = KINDS if key in ENOUGH else (CHEAP,)
        outcomes = []
        with httpx.Client(base_url=stack.proxy_url) as http:
            for own in range(CALLS_EACH):
                call = random_call(1 + number * CALLS_EACH + own, key, random, kinds)
                begun.put(True)
                outcomes.append(ask(http, call, keys[key]))
        return outcomes

    with ThreadPoolExecutor(1) as killer, ThreadPoolExecutor(CLIENTS) as clients:
        killed = killer.submit(kill_at_random, stack, begun)
        try:
            outcomes = [outcome for own in clients.map(client, range(CLIENTS)) for outcome in own]
        finally:
            begun.put(False)
    assert killed.result() > 0
    return outcomes


def run_until_all_are_dead(stack: LocalStack, keys: dict[str, str]) -> list[Outcome]:
    """Some more calls, which get stuck in mid-answer; then every worker is killed."""
    order = {"words": 10, "hold_last": GATE}
    calls = [
        make_call(CLIENTS * CALLS_EACH + number, "roomy", kind, order, streamed=True)
        for number, kind in enumerate([*KINDS, *KINDS][:HELD], start=1)
    ]
    with ThreadPoolExecutor(HELD) as clients, httpx.Client(base_url=stack.proxy_url) as http:
        asked = [clients.submit(ask, http, call, keys[call.key]) for call in calls]
        wait_until(lambda: all(order_id(call.number) in bill_of(stack) for call in calls))
        wait_until(lambda: kill(stack.router_pids()) or not stack.router_pids())
        stack.open_gate(GATE)
        outcomes = [one.result() for one in asked]
    # Bedrock answers those who are gone all the same, and bills them.
    wait_until(lambda: stack.bedrock_state()["in_flight"] == 0)
    return outcomes


def wait_until(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


# --- what is left of it ---------------------------------------------------------------------------


def bill_of(stack: LocalStack) -> dict[str, int]:
    """Picodollars by the order in a call's prompt."""
    return {call["order_id"]: call["picodollars"] for call in stack.bill()["calls"]}


class Account:
    """One key, what was asked with it, and what everybody says of that."""

    def __init__(
        self, stack: LocalStack, name: str, key: dict[str, Any], outcomes: list[Outcome]
    ) -> None:
        self.id = key["id"]
        self.limit = UNLIMITED if LIMITS[name] is None else from_usd(LIMITS[name])
        self.outcomes = [outcome for outcome in outcomes if outcome.call.key == name]
        self.record = record_of(stack.key_item(self.id))
        self.held = [held.amount for held in self.record.held.values()]
        self._lines = [line for line in stack.log_lines() if line.get("key_id") == self.id]
        self._bill = bill_of(stack)

    def billed(self, outcome: Outcome) -> int:
        """What Bedrock bills for a call."""
        return self._bill.get(order_id(outcome.call.number), 0)

    def line(self, outcome: Outcome) -> dict[str, Any] | None:
        """What a worker wrote at the end of a call; None where it did not live to."""
        if outcome.request_id is not None:
            found = [line for line in self._lines if line["request_id"] == outcome.request_id]
        else:
            answered = [line for line in self._lines if line.get("OutputTokens")]
            found = [line for line in answered if line["InputTokens"] == outcome.call.number]
        return next(iter(found), None)


def charged(line: dict[str, Any]) -> int:
    """What a worker says that it charged, in picodollars; a refusal says nothing of it."""
    return int(line.get("cost_picodollars", 0))


def reserved_for(stack: LocalStack, call: Call, key: str) -> int:
    """What is reserved for a call whose key has credit enough."""
    answer = stack.proxy(key).post(
        "/v1/estimate",
        params={"path": call.path},
        content=call.body,
        headers={"content-type": "application/json", **call.headers},
    )
    return from_usd(answer.json()["reserved_usd"])


def sweep(stack: LocalStack, record: KeyRecord, later: int) -> KeyRecord:
    """The key after calls that come once its reservations have expired, and cost nothing."""
    ledger = Ledger(stack.table(), stack.table_name, lambda: later)
    while record.held:
        reservation = ledger.admit(
            Credential(record.id, record.hash),
            models=("any",),
            counted_as="any",
            amount=0,
            least=0,
            input_tokens=0,
            expires=later + LATER_S,
        )
        assert ledger.settle(reservation, Counts())
        swept = record_of(stack.key_item(record.id))
        assert len(swept.held) < len(record.held), "what has expired is still reserved"
        record = swept
    return record


# --- what must be true of it ----------------------------------------------------------------------


def assert_charged_as_billed(account: Account) -> list[Outcome]:
    """Holds each call that was settled by what Bedrock said to its bill; the others are returned."""
    open_ones = []
    for outcome in account.outcomes:
        line, billed = account.line(outcome), account.billed(outcome)
        if line is None or line.get("estimated") or line.get("error") == "unavailable":
            open_ones.append(outcome)
        else:
            assert charged(line) == billed, outcome
            assert outcome.told_usd is None or from_usd(outcome.told_usd) == billed, outcome
    return open_ones


def assert_killed_are_reserved(
    account: Account, open_ones: list[Outcome], reserved: Callable[[Call], int]
) -> int:
    """Holds the calls whose workers were killed to what was reserved for them; how many were billed."""
    amounts = Counter(account.held)
    killed = 0
    least = most = sum(account.billed(one) for one in account.outcomes if one not in open_ones)
    for outcome in open_ones:
        amount, billed = reserved(outcome.call), account.billed(outcome)
        assert billed <= amount, outcome
        if amounts[amount]:
            amounts[amount] -= 1
            killed += billed > 0
            continue
        # It never got as far as Bedrock, or was settled: by a worker that was killed right then, for
        # what Bedrock billed, or where Bedrock did not say that, for more.
        least += billed
        most += amount if billed and outcome.call.fault in BREAKS else billed
    assert not amounts.total(), "a reservation that belongs to no call"
    assert least <= account.record.spent <= most
    return killed


def assert_reservations_expire(stack: LocalStack, account: Account) -> None:
    """Holds the key to its bill and its limit once nothing is reserved any more."""
    later = int(time.time()) + LATER_S
    then = balance(account.record, later)
    assert then.spent == account.record.spent + sum(account.held)
    assert sum(map(account.billed, account.outcomes)) <= then.spent <= account.limit
    assert (then.held, then.remaining) == (0, account.limit - then.spent)
    swept = sweep(stack, account.record, later)
    assert (swept.spent, swept.remaining) == (then.spent, then.remaining)

    administration = Administration(stack.table(), stack.table_name, lambda: later)
    rows = administration.usage(account.id, "2026-01-01", "9999-12-31")
    assert sum(row.counts.cost for row in rows) == then.total_spent
    lost = [row.counts for row in rows if row.model == UNSETTLED]
    assert sum(counts.cost for counts in lost) == sum(account.held)
    assert sum(counts.requests for counts in lost) == len(account.held)


def test_a_killed_call_is_charged_its_reservation_and_every_other_what_is_billed(
    stack: LocalStack,
) -> None:
    terms = {name: {} if usd is None else {"credit_limit_usd": usd} for name, usd in LIMITS.items()}
    keys = {name: stack.new_key(**limit) for name, limit in terms.items()}
    secrets = {name: key["key"] for name, key in keys.items()}
    stack.forget_bill()
    outcomes = [*run_while_workers_die(stack, secrets), *run_until_all_are_dead(stack, secrets)]
    accounts = {name: Account(stack, name, key, outcomes) for name, key in keys.items()}
    open_ones = {name: assert_charged_as_billed(account) for name, account in accounts.items()}
    assert sum(map(len, open_ones.values())) < len(outcomes) / 2
    killed = 0
    for name in ENOUGH:
        killed += assert_killed_are_reserved(
            accounts[name], open_ones[name], lambda call: reserved_for(stack, call, secrets["free"])
        )
    assert killed >= HELD
    for account in accounts.values():
        assert_reservations_expire(stack, account)
