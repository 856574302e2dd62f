"""What a key has used, by UTC day and model: counted with each settlement, kept for 400 days.

Settlements count in the key's own item, in the one write that charges them, so that no count can be
lost or doubled and no transaction is on a call's way: DynamoDB refuses single writes to an item while
a transaction holds it, and a busy key's item is written all the time. When a day is over its rows are
moved to items of their own, in a transaction that few writes can meet.
"""

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.periods import DAY
from ledger.table import Item

KEPT_S = 400 * DAY
"""How long spending can be read: a year and a month's close."""

UNSETTLED = "unsettled"
"""The model of reservations that expired into a charge, as nobody told what became of their calls."""

ROWS_IN_KEY = 12
"""Rows that a key's item holds at most, about 100 bytes each: DynamoDB charges a write by the size of
the whole item. A key that calls more models a day has some moved before the day is over."""

ROWS_AT_ONCE = 25
"""Rows moved by one transaction; DynamoDB takes 100 actions, and 300 operators an expression."""

_PREFIX = "usage#"


class Counts(NamedTuple):
    """What calls have used. Those that Bedrock refused, at no cost, are not counted."""

    requests: int = 0
    bounded: int = 0
    """Requests that were charged a bound, as Bedrock did not report what they used."""
    cost: int = 0
    """Picodollars."""
    input: int = 0
    """Tokens, each in one of these five, as in `catalog.pricing.Usage`."""
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return (
            self.input + self.output + self.cache_read + self.cache_write_5m + self.cache_write_1h
        )

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(*map(sum, zip(self, other, strict=True)))


class UsageRow(NamedTuple):
    """What one key has used of one model on one day."""

    day: str
    """The UTC day of settlement, as ``2026-11-23``."""
    model: str
    """As its settlements named it, or `UNSETTLED`."""
    counts: Counts


Rows = Mapping[str, Counts]
"""Counts by the name of their row, ``<day>#<model>``."""


def row_name(when: int, model: str) -> str:
    """The row in which a charge counts that was made at the epoch second `when`."""
    return f"{day_of(when)}#{model}"


def day_of(when: int) -> str:
    """The UTC day of an epoch second, as ``2026-11-23``."""
    return time.strftime("%Y-%m-%d", time.gmtime(when))


def unsettled(charges: Iterable[tuple[int, int]]) -> dict[str, Counts]:
    """The rows of reservations that have expired, of which each is picodollars and its epoch second."""
    rows: dict[str, Counts] = {}
    for amount, expires in charges:
        name = row_name(expires, UNSETTLED)
        rows[name] = rows.get(name, Counts()).plus(Counts(1, 1, amount))
    return rows


def added(rows: Rows, more: Rows) -> dict[str, Counts]:
    """The rows of both."""
    return {
        name: rows.get(name, Counts()).plus(more.get(name, Counts())) for name in {**rows, **more}
    }


def movable(rows: Rows, counted: str) -> list[str]:
    """The names of the rows that are to leave the key's item, where `counted` was written last.

    Those of days that are over. Else, of too many, all but that one, which may be counted in again.
    """
    day = counted.partition("#")[0]
    past = [name for name in rows if name.partition("#")[0] < day]
    if not past and len(rows) > ROWS_IN_KEY:
        past = [name for name in rows if name != counted]
    return past[:ROWS_AT_ONCE]


def rows_of(rows: Rows, first: str, last: str) -> list[UsageRow]:
    """The rows of the days from `first` to `last`, in order."""
    found = []
    for name in sorted(rows):
        day, _, model = name.partition("#")
        if first <= day <= last:
            found.append(UsageRow(day, model, rows[name]))
    return found


def item_key(partition: Item, name: str) -> Item:
    """The primary key of a row's own item, in the partition of its key's."""
    return {**partition, "sk": {"S": _PREFIX + name}}


def item_keys_between(first: str, last: str) -> tuple[str, str]:
    """The sort keys between which the items of the days from `first` to `last` lie."""
    # "$" comes right after the "#" that ends the day.
    return _PREFIX + first, f"{_PREFIX}{last}$"


def row_in(item: Item) -> tuple[str, Counts]:
    """The name and counts of a row's own item."""
    counts = Counts(*(int(item[field]["N"]) if field in item else 0 for field in Counts._fields))
    return item["sk"]["S"].removeprefix(_PREFIX), counts
