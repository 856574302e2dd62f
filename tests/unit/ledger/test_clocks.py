"""Processes whose clocks disagree, and clocks that jump: each call is charged once all the same."""

import contextlib
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger.administration import Administration
from ledger.admission import Ledger, Refused
from ledger.keys import Credential
from ledger.periods import PERIODS
from ledger.records import Reservation, balance

from tests.support.key_table import SECRET, TABLE_NAME, Clock, RecordingTable, terms, used

LIMIT = 1_000
FLIGHT = 1_200
FOR_GOOD = 50 * 86_400
"""Longer than any clock is wrong."""

errors = st.sampled_from([0, 0, -1, 1, -60, 60, -FLIGHT, FLIGHT, -86_400, 86_400])
"""Seconds by which the clock is wrong of whoever takes a step."""

steps = st.one_of(
    st.tuples(st.just("admit"), errors, st.integers(0, 300)),
    st.tuples(st.just("settle"), errors, st.integers(0, 100)),
    st.tuples(st.just("wait"), st.just(0), st.sampled_from([1, 60, FLIGHT, 43_200])),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PERIODS), st.lists(steps, min_size=4, max_size=20), st.randoms())
def test_a_call_is_charged_once_whatever_anybodys_clock_says(
    table: RecordingTable, limit_period: str, history: list[tuple[str, int, int]], random: Any
) -> None:
    clock = Clock()
    owner = Administration(table, TABLE_NAME, clock)
    minted, _ = owner.create(
        terms(credit_limit=LIMIT, limit_period=limit_period), SECRET, os.urandom
    )
    credential = Credential(minted.id, minted.hash)
    processes = [Ledger(table, TABLE_NAME, clock) for _ in range(2)]
    charges: dict[str, int] = {}
    open_ones: list[Reservation] = []

    def admit(amount: int) -> None:
        reservation = random.choice(processes).admit(
            credential,
            models=("m",),
            counted_as="m",
            amount=amount,
            least=amount // 2,
            input_tokens=1,
            expires=int(clock()) + FLIGHT,
        )
        open_ones.append(reservation)
        charges[reservation.id] = reservation.amount

    def settle(percent: int) -> None:
        reservation = open_ones.pop(random.randrange(len(open_ones)))
        cost = reservation.amount * percent // 100
        if random.choice(processes).settle(reservation, used(cost, 1)):
            charges[reservation.id] = cost

    for what, error, number in history:
        clock.seconds += error
        if what == "wait":
            clock.seconds += number
        elif what == "admit":
            with contextlib.suppress(Refused):
                admit(number)
        elif open_ones:
            settle(number)
        clock.seconds -= error
        record = owner.get(minted.id)
        reserved = sum(held.amount for held in record.held.values())
        assert record.remaining == LIMIT - record.spent - reserved >= 0
    clock.seconds += FOR_GOOD
    assert balance(owner.get(minted.id), int(clock())).total_spent == sum(charges.values())
    rows = owner.usage(minted.id, "0000", "9999")
    assert sum(row.counts.cost for row in rows) == sum(charges.values())
