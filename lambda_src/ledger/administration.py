"""What a key's owner does: create, look at, list, amend and revoke keys.

All of it is exact while calls are being admitted and settled on the same keys.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

from ledger import updates
from ledger.items import KeyItems, found
from ledger.keys import Minted, mint
from ledger.periods import period
from ledger.records import KeyRecord, item_of, key_of, record_of, usage_of
from ledger.table import ConditionFailed, Item, Table, TableUnavailable
from ledger.usage import KEPT_S, Counts, Rows, UsageRow, added, item_keys_between, row_in, rows_of

DIRECTORY = "keys"
"""Partition of the rows by which keys are listed, one a key, sorted by creation."""

PAGE_LIMIT = 100
"""Most keys a page: what one BatchGetItem takes."""

ATTEMPTS = 8
BACKOFF_S = 0.05


class Terms(NamedTuple):
    """What the owner decides about a key; see `KeyRecord` for units and for what stands for none."""

    name: str
    credit_limit: int
    limit_period: str
    expires_at: int
    allowed_models: frozenset[str] | None
    requests_per_minute: int | None
    tokens_per_minute: int | None


class Changes(TypedDict, total=False):
    """The terms to change; those left out stay."""

    name: str
    credit_limit: int
    limit_period: str
    expires_at: int
    allowed_models: frozenset[str] | None
    requests_per_minute: int | None
    tokens_per_minute: int | None


class Page(NamedTuple):
    """Keys, newest first. `after` asks for the next page; None when this is the last."""

    records: list[KeyRecord]
    after: str | None


class UsagePage(NamedTuple):
    """What keys have used, by key id, newest key first. `after` asks for the next page; None: the last."""

    keys: dict[str, list[UsageRow]]
    after: str | None


class UnknownKey(Exception):
    """There is no key with this id."""


class RevokedKey(Exception):
    """The key is revoked, which is final."""


class Administration:
    """The owner's view of the key table. Every method raises TableUnavailable when it cannot be had."""

    __slots__ = ("_items", "_now", "_pause", "_table")

    def __init__(
        self,
        table: Table,
        table_name: str,
        now: Callable[[], float],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`now` gives epoch seconds; `pause` waits for some before a throttled read is repeated."""
        self._table = table
        self._items = KeyItems(table, table_name)
        self._now = now
        self._pause = pause

    def create(
        self, terms: Terms, secret: bytes, randbytes: Callable[[int], bytes]
    ) -> tuple[Minted, KeyRecord]:
        """A new key under `secret`. The key itself is in the answer and nowhere else."""
        for _ in range(ATTEMPTS):
            minted = mint(secret, randbytes)
            record = _new_record(minted, terms, int(self._now()))
            try:
                self._table("TransactWriteItems", self._creation(record))
            except ConditionFailed:
                continue  # the id is taken, once in 2^62 keys
            return minted, record
        raise TableUnavailable("no free key id was found")

    def get(self, key_id: str) -> KeyRecord:
        """One key, revoked or not, or UnknownKey."""
        record = self._items.get(key_id)
        if record is None:
            raise UnknownKey
        return record

    def page(self, limit: int, after: str | None) -> Page:
        """Up to `limit` keys (at most `PAGE_LIMIT`), starting past the key that `after` stands for."""
        query: dict[str, Any] = {
            "TableName": self._items.name,
            "KeyConditionExpression": "pk = :directory",
            "ExpressionAttributeValues": {":directory": {"S": DIRECTORY}},
            "ConsistentRead": True,
            "ScanIndexForward": False,
            # One more than asked tells whether there is a next page.
            "Limit": limit + 1,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"pk": {"S": DIRECTORY}, "sk": {"S": after}}
        rows = self._table("Query", query)["Items"]
        records = self._get_all([row["id"]["S"] for row in rows[:limit]])
        return Page(records, rows[limit - 1]["sk"]["S"] if len(rows) > limit else None)

    def usage(self, key_id: str, first: str, last: str) -> list[UsageRow]:
        """What a key has used from the day `first` to the day `last`, by day and model, or UnknownKey.

        Days are UTC, as ``2026-11-23``. Over all days the costs are the key's total spending, for as
        long as its rows are kept.
        """
        for _ in range(ATTEMPTS):
            before = self.get(key_id)
            moved = self._moved_usage(key_id, first, last)
            record = self.get(key_id)
            # Else rows have left the item between the reads, and may have been met twice.
            if record.usage_moves == before.usage_moves:
                return self._usage_rows(record, moved, first, last)
        raise TableUnavailable("the key's usage changed faster than it could be read")

    def usage_page(self, limit: int, after: str | None, first: str, last: str) -> UsagePage:
        """`usage` of as many keys as `page` gives, revoked ones among them."""
        records, on = self.page(limit, after)
        moved = {
            record.id: self._moved_usage(record.id, first, last) if record.usage_moves else {}
            for record in records
        }
        again = {record.id: record for record in self._get_all(list(moved))}
        keys = {}
        for before in records:
            record = again.get(before.id)
            if record is None:
                continue  # revoked so long ago that its time ended just now
            if record.usage_moves != before.usage_moves:
                keys[before.id] = self.usage(before.id, first, last)
            else:
                keys[record.id] = self._usage_rows(record, moved[record.id], first, last)
        return UsagePage(keys, on)

    def amend(self, key_id: str, changes: Changes) -> KeyRecord:
        """Changes a live key's terms from the next request on; UnknownKey or RevokedKey otherwise.

        What is spent stays spent: a new limit moves what remains by its difference to the old, and a
        new period keeps the present one's spending until its own first end.
        """
        record = self.get(key_id)
        for _ in range(ATTEMPTS):
            if record.status != "active":
                raise RevokedKey
            if not changes:
                return record
            try:
                now = int(self._now())
                if record.period_ends <= now:
                    met = self._items.roll(record, now)
                else:
                    return self._items.update(updates.amendment(record, changes, now))
            except ConditionFailed as failed:
                met = found(failed)
            if met is None:
                raise UnknownKey
            record = met
        raise TableUnavailable("the key changed faster than it could be amended")

    def revoke(self, key_id: str) -> KeyRecord:
        """Ends a key from the next request on; UnknownKey if there is none. Twice is as good as once.

        Two writes rather than a transaction: DynamoDB refuses single writes to an item while a
        transaction holds it, so a transaction would fail calls that are being admitted or settled.
        """
        until = int(self._now()) + KEPT_S
        try:
            record = self._items.update(updates.revocation(key_id, until))
        except ConditionFailed as failed:
            raise UnknownKey from failed
        self._table(
            "UpdateItem",
            {
                "TableName": self._items.name,
                "Key": _directory_key(record),
                "UpdateExpression": "SET #ttl = if_not_exists(#ttl, :until), id = :id",
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": {":until": {"N": str(until)}, ":id": {"S": key_id}},
            },
        )
        return record

    def _usage_rows(self, record: KeyRecord, moved: Rows, first: str, last: str) -> list[UsageRow]:
        """The rows of the days asked for, of the key's item and of those that have left it together."""
        return rows_of(added(moved, usage_of(record, int(self._now()))), first, last)

    def _moved_usage(self, key_id: str, first: str, last: str) -> dict[str, Counts]:
        """The usage rows that have left the key's item."""
        since, until = item_keys_between(first, last)
        query: dict[str, Any] = {
            "TableName": self._items.name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :since AND :until",
            "ExpressionAttributeValues": {
                ":pk": key_of(key_id)["pk"],
                ":since": {"S": since},
                ":until": {"S": until},
            },
            "ConsistentRead": True,
        }
        rows: dict[str, Counts] = {}
        while True:
            answer = self._table("Query", query)
            rows.update(map(row_in, answer["Items"]))
            if "LastEvaluatedKey" not in answer:
                return rows
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _creation(self, record: KeyRecord) -> dict[str, Any]:
        row = _directory_key(record) | {"id": {"S": record.id}}
        puts = [
            {
                "Put": {
                    "TableName": self._items.name,
                    "Item": item,
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for item in (item_of(record), row)
        ]
        # With the token, a transaction repeated after a lost answer is known as the same one.
        return {"TransactItems": puts, "ClientRequestToken": record.id}

    def _get_all(self, key_ids: list[str]) -> list[KeyRecord]:
        """The keys that exist, in the order of `key_ids`."""
        found_items: dict[str, KeyRecord] = {}
        wanted = [key_of(key_id) for key_id in key_ids]
        for attempt in range(ATTEMPTS):
            if not wanted:
                return [found_items[key_id] for key_id in key_ids if key_id in found_items]
            if attempt:
                self._pause(BACKOFF_S * 2**attempt)
            batch = {self._items.name: {"Keys": wanted, "ConsistentRead": True}}
            answer = self._table("BatchGetItem", {"RequestItems": batch})
            for item in answer["Responses"].get(self._items.name, []):
                record = record_of(item)
                found_items[record.id] = record
            wanted = answer.get("UnprocessedKeys", {}).get(self._items.name, {}).get("Keys", [])
        raise TableUnavailable("the table kept leaving keys unread")


def _new_record(minted: Minted, terms: Terms, now: int) -> KeyRecord:
    return KeyRecord(
        id=minted.id,
        hash=minted.hash,
        status="active",
        created_at=now,
        remaining=terms.credit_limit,
        spent=0,
        past_spent=0,
        held={},
        period_ends=period(terms.limit_period, now).ends,
        minute=0,
        minute_requests=0,
        minute_tokens=0,
        usage={},
        usage_moves=0,
        **terms._asdict(),
    )


def _directory_key(record: KeyRecord) -> Item:
    return {"pk": {"S": DIRECTORY}, "sk": {"S": f"{record.created_at:012d}#{record.id}"}}
