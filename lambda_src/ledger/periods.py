"""The calendar of limits that reset: UTC days, weeks from Monday, and months, in epoch seconds.

Plain arithmetic, because importing `datetime` would cost the cold start more than all of this.
"""

import time
from typing import NamedTuple

NEVER = 2**53
"""An instant that never comes, in epoch seconds; every JSON reader still holds it exactly."""

DAY = 86_400
THURSDAY = 3
"""The weekday of 1 January 1970, counted from Monday."""

PERIODS = ("none", "day", "week", "month")


class Period(NamedTuple):
    """From `start` up to, not including, `ends`."""

    start: int
    ends: int


def period(kind: str, now: int) -> Period:
    """The period of this `kind` that holds the instant `now`; ``"none"`` is all of time."""
    today = now // DAY
    if kind == "none":
        return Period(0, NEVER)
    if kind == "day":
        return Period(today * DAY, (today + 1) * DAY)
    if kind == "week":
        monday = today - (today + THURSDAY) % 7
        return Period(monday * DAY, (monday + 7) * DAY)
    if kind == "month":
        first = _first_of_month(today)
        return Period(first * DAY, _first_of_month(first + 31) * DAY)
    raise ValueError(f"unknown period {kind!r}")


def _first_of_month(day: int) -> int:
    return day - time.gmtime(day * DAY).tm_mday + 1
