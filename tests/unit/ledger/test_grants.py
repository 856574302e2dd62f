"""How credit is parted among calls that can do with less than the most they can cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.admission import ATTEMPTS
from ledger.grants import Grant, share, whole

AMOUNTS = st.integers(1, 10**15)


@st.composite
def calls_near_a_limit(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Amount, least, remaining and calls in flight of a call that may be admitted."""
    least = draw(AMOUNTS)
    extra = draw(st.sampled_from([0, 1]) | AMOUNTS)
    return (
        least + extra,
        least,
        least + draw(st.sampled_from([0, 1]) | AMOUNTS),
        draw(st.integers(0, 1000)),
    )


@given(calls_near_a_limit())
def test_a_grant_is_within_the_call_and_the_credit(call: tuple[int, int, int, int]) -> None:
    amount, least, remaining, _ = call
    grant = share(*call)
    assert least <= grant.amount <= amount
    assert grant.amount <= grant.credit <= remaining


@given(calls_near_a_limit())
def test_it_takes_at_most_half_of_the_credit_unless_the_call_can_do_with_no_less(
    call: tuple[int, int, int, int],
) -> None:
    least = call[1]
    grant = share(*call)
    assert grant.amount == least or 2 * grant.amount <= grant.credit


@given(AMOUNTS, st.integers(2, 100))
def test_calls_one_after_the_other_each_leave_a_fair_part(credit: int, callers: int) -> None:
    remaining = credit
    for in_flight in range(callers):
        remaining -= share(10**30, 0, remaining, in_flight).amount
        assert remaining >= credit / (in_flight + 2)


def in_lockstep(credit: int, callers: int, amount: int, least: int) -> list[int]:
    """What callers get who all ask at once, see the same credit and ask again, round for round."""
    granted: list[int] = []
    remaining, waiting = credit, callers
    grant = whole(amount, least)
    for _ in range(ATTEMPTS):
        served = 0
        for _ in range(waiting):
            if remaining >= grant.credit:
                remaining -= grant.amount
                granted.append(grant.amount)
                served += 1
        waiting -= served
        if not waiting or remaining < least:
            break
        grant = share(amount, least, remaining, len(granted))
    assert remaining >= 0
    return granted


@pytest.mark.parametrize("callers", [1, 2, 64, 100])
def test_callers_in_lockstep_are_all_served_before_they_run_out_of_tries(callers: int) -> None:
    granted = in_lockstep(10**12, callers, 10**12, 10**6)
    assert len(granted) == callers
    assert min(granted) >= 10**6
    assert granted[0] == 10**12 // 2


def test_a_call_that_can_do_with_no_less_asks_for_no_more_than_it_needs() -> None:
    assert whole(7, 7) == share(7, 7, 10, 3) == Grant(7, 7)


def test_a_call_well_within_the_credit_gets_all_however_many_are_in_flight() -> None:
    assert share(7, 1, 14, 100) == Grant(7, 14)
