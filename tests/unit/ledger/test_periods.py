"""Periods are those of the UTC calendar; the standard library's is the oracle."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.periods import NEVER, period

instants = st.integers(0, int(datetime(2400, 1, 1, tzinfo=UTC).timestamp()))


def midnight(now: int) -> datetime:
    return datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0)


@given(instants)
def test_a_day_runs_from_midnight_to_midnight(now):
    start = midnight(now)
    assert period("day", now) == (start.timestamp(), (start + timedelta(days=1)).timestamp())


@given(instants)
def test_a_week_runs_from_monday_to_monday(now):
    start = midnight(now) - timedelta(days=midnight(now).weekday())
    # the first three days of the epoch belong to a week that began in 1969
    assert period("week", now) == (start.timestamp(), (start + timedelta(days=7)).timestamp())


@given(instants)
def test_a_month_runs_from_its_first_to_the_next_months_first(now):
    start = midnight(now).replace(day=1)
    ends = (start + timedelta(days=31)).replace(day=1)
    assert period("month", now) == (start.timestamp(), ends.timestamp())


@given(instants)
def test_without_a_period_all_time_is_one(now):
    assert period("none", now) == (0, NEVER)


@given(instants, st.sampled_from(["day", "week", "month"]))
def test_a_period_begins_where_the_last_one_ends(now, kind):
    start, ends = period(kind, now)
    assert start <= now < ends
    assert period(kind, ends).start == ends
    assert period(kind, ends - 1) == (start, ends)


def test_an_unknown_period_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        period("fortnight", 0)
