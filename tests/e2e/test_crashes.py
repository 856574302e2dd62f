"""Workers that are killed at any instant: the ledger then, held to the bill call by call."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from ledger.administration import Administration
from ledger.admission import Ledger
from ledger.keys import Credential
from ledger.money import UNLIMITED, from_usd
from ledger.records import KeyRecord, balance, record_of
from ledger.usage import UNSETTLED, Counts

from tests.support.crashing_clients import (
    ENOUGH,
    HELD,
    Outcome,
    bill_of,
    run_until_all_are_dead,
    run_while_workers_die,
)
from tests.support.mixed_calls import BREAKS, Call, order_id
from tests.support.stack import LocalStack

LIMITS = {"free": None, "roomy": "1000", "small": "0.03", "tiny": "0.015"}
"""Limits in USD by the name of the key. The last two cannot pay for all that is asked of them."""

LATER_S = 3600
"""More than a reservation lasts."""


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


def charge_of(account: Account, outcome: Outcome, amount: int) -> tuple[int, int]:
    """The least and the most that a call was charged, of the amount reserved for it, if it was settled."""
    line, billed = account.line(outcome), account.billed(outcome)
    assert billed <= amount, outcome
    if line is not None and charged(line) < amount:
        assert charged(line) >= billed, outcome
        return charged(line), charged(line)
    # What was settled by a worker that was killed right then is not told, nor is it what Bedrock did not
    # say; and a worker that could not reach the table says the whole amount.
    is_bound = line is not None or (billed > 0 and outcome.call.fault in BREAKS)
    return billed, amount if is_bound else billed


def assert_killed_are_reserved(
    account: Account, open_ones: list[Outcome], reserved: Callable[[Call], int]
) -> int:
    """Holds the calls whose workers were killed to what was reserved for them; how many were billed."""
    held = Counter(account.held)
    killed = 0
    least = most = sum(account.billed(one) for one in account.outcomes if one not in open_ones)
    alike = defaultdict(list)
    for outcome in open_ones:
        alike[reserved(outcome.call)].append(outcome)
    for amount, calls in alike.items():
        bounds = [charge_of(account, outcome, amount) for outcome in calls]
        lowest = sorted(low for low, _ in bounds)
        highest = sorted(high for _, high in bounds)
        # Those that are not reserved were settled, or never got as far as Bedrock.
        others = len(calls) - held.pop(amount, 0)
        assert others >= 0, "a reservation that belongs to no call"
        least += sum(lowest[:others])
        most += sum(highest[len(calls) - others :])
        killed += max(0, sum(account.billed(outcome) > 0 for outcome in calls) - others)
    assert not held, "a reservation that belongs to no call"
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
