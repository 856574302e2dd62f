"""One key's item over a `Table`: read it, write it, bring it into the present period."""

from collections.abc import Sequence

from ledger import updates, usage_moves
from ledger.expressions import Update
from ledger.periods import DAY, period
from ledger.records import Held, KeyRecord, key_of, record_of
from ledger.table import ConditionFailed, Table
from ledger.usage import KEPT_S

SWEEP_AT_ONCE = 50
"""Expired reservations moved by one update; well under DynamoDB's 300 operators and functions an
expression and 4 KB its text."""


class KeyItems:
    """The key items of one table."""

    __slots__ = ("_table", "name")

    def __init__(self, table: Table, name: str) -> None:
        self._table = table
        self.name = name

    def get(self, key_id: str) -> KeyRecord | None:
        """The key as of every write answered before; None when there is none."""
        answer = self._table(
            "GetItem", {"TableName": self.name, "Key": key_of(key_id), "ConsistentRead": True}
        )
        return record_of(answer["Item"]) if "Item" in answer else None

    def update(self, update: Update) -> KeyRecord:
        """Performs one of `ledger.updates` and returns the key as it is after it, or ConditionFailed."""
        answer = self._table("UpdateItem", {"TableName": self.name} | update)
        return record_of(answer["Attributes"])

    def move_usage(self, record: KeyRecord, names: Sequence[str], now: int) -> None:
        """Moves usage rows from the key's item to items of their own, or ConditionFailed."""
        until = now + KEPT_S
        writes = [usage_moves.removal(record, names)]
        writes += [usage_moves.addition(record, name, until) for name in names]
        actions = [{"Update": {"TableName": self.name} | write} for write in writes]
        self._table("TransactWriteItems", {"TransactItems": actions})

    def roll(self, record: KeyRecord, now: int) -> KeyRecord | None:
        """One step from a period that is over towards the present one; the key as found after it.

        Reservations that expired before the present period began are charged to the one that is over.
        """
        start, ends = period(record.limit_period, now)
        overdue = expired(record, start - 1)
        step = updates.sweep(record, overdue) if overdue else updates.roll(record, ends)
        try:
            return self.update(step)
        except ConditionFailed as failed:
            return found(failed)


def found(failed: ConditionFailed) -> KeyRecord | None:
    """The key that a failed write met; None when there is none."""
    return record_of(failed.item) if failed.item else None


def expired(record: KeyRecord, until: int) -> list[tuple[str, Held]]:
    """The reservations that have become charges by the epoch second `until`, as many as one sweep takes.

    Those of the first of their days, as they count in that day's usage row.
    """
    found = [(name, held) for name, held in record.held.items() if held.expires <= until]
    first = min((held.expires // DAY for _, held in found), default=0)
    return [(name, held) for name, held in found if held.expires // DAY == first][:SWEEP_AT_ONCE]
