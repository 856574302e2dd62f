"""What requests ask for in their query strings; whatever is wrong is a 400 that names the parameter."""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from ledger.administration import PAGE_LIMIT
from ledger.periods import DAY
from ledger.usage import KEPT_S

from console.errors import invalid

PAGE_SIZES = frozenset(map(str, range(1, PAGE_LIMIT + 1)))

MOST_DAYS = KEPT_S // DAY
"""How many days of usage the ledger keeps."""

DEFAULT_DAYS = 30


class Days(NamedTuple):
    """UTC days from `first` to `last`, both included."""

    first: date
    last: date


def only(query: Mapping[str, str], *parameters: str) -> None:
    """Refuses parameters that mean nothing here."""
    if not query.keys() <= set(parameters):
        listed = " and ".join(f"`{parameter}`" for parameter in parameters)
        raise invalid("query", f"takes {listed} only")


def page(query: Mapping[str, str], default: int) -> tuple[int, str | None]:
    """Keys a page, and the row after which it begins, of ``limit`` and ``cursor``."""
    limit = query.get("limit", str(default))
    if limit not in PAGE_SIZES:
        raise invalid("limit", f"must be a whole number from 1 to {PAGE_LIMIT}")
    return int(limit), _row_of(query["cursor"]) if "cursor" in query else None


def cursor(row: str | None) -> str | None:
    """A row's sort key, fit for a query string; None where there is no next page."""
    return None if row is None else base64.urlsafe_b64encode(row.encode()).decode()


def days(query: Mapping[str, str], now: float) -> Days:
    """The days of ``from`` and ``to``; without them the last `DEFAULT_DAYS` up to the present one."""
    today = datetime.fromtimestamp(now, UTC).date()
    last = _day("to", query["to"]) if "to" in query else today
    if last > today:
        raise invalid("to", f"must not be after today, which is {today} in UTC")
    first = (
        _day("from", query["from"])
        if "from" in query
        else last - timedelta(days=min(DEFAULT_DAYS - 1, (last - date.min).days))
    )
    if first > last:
        raise invalid("from", f"must not be after {last}, the last day that is asked for")
    if (last - first).days >= MOST_DAYS:
        raise invalid("from", f"must be at most {MOST_DAYS} days before the last one")
    return Days(first, last)


def choice(
    query: Mapping[str, str], parameter: str, among: tuple[str, ...], default: str
) -> tuple[str, ...]:
    """Different words of a list with commas, such as ``day,model``."""
    words = tuple(query.get(parameter, default).split(","))
    if not set(words) <= set(among) or len(set(words)) != len(words):
        listed = ", ".join(among)
        raise invalid(parameter, f"must be one or more of {listed}, with commas between them")
    return words


def percentage(query: Mapping[str, str], parameter: str, default: str) -> int:
    """Hundredths of a percent of ``0.5`` and the like, from 0 to 100."""
    whole, _, fraction = query.get(parameter, default).partition(".")
    digits = whole + fraction.ljust(2, "0")
    if (
        not (whole and digits.isascii() and digits.isdecimal() and len(fraction) <= 2)
        or len(whole) > 3
    ):
        raise invalid(parameter, "must be a percentage with at most two decimals, such as 0.5")
    if int(digits) > 100_00:
        raise invalid(parameter, "must be at most 100")
    return int(digits)


def _day(parameter: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python also takes 20261123 and 2026-W48-1.
    if day is None or day.isoformat() != text:
        raise invalid(parameter, "must be a day, such as 2026-11-23")
    return day


def _row_of(text: str) -> str:
    try:
        row = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        row = ""
    if not row:
        raise invalid("cursor", "must be one that a list answered")
    return row
