"""The key table for tests: in moto, behind the console's boto3 client, with a clock that tests set."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from console.table import BotoTable
from ledger.administration import Terms
from ledger.money import UNLIMITED
from ledger.periods import NEVER
from ledger.records import KeyRecord
from ledger.table import ConditionFailed, Item, TableUnavailable
from ledger.usage import Counts
from moto import mock_aws

TABLE_NAME = "keys-table"
SECRET = b"s" * 64
NOON = 1_750_000_000 // 86_400 * 86_400 + 43_200
"""Noon (UTC) of Sunday 15 June 2025, in epoch seconds."""


def used(cost: int, tokens: int) -> Counts:
    """What a call used that cost `cost` picodollars."""
    return Counts(requests=1, cost=cost, output=tokens)


def record(**changes: Any) -> KeyRecord:
    """A key's record as nobody has used it yet, with these fields."""
    fields = {
        **terms()._asdict(),
        "id": "a" * 12,
        "hash": "",
        "status": "active",
        "created_at": 0,
        "remaining": UNLIMITED,
        "spent": 0,
        "past_spent": 0,
        "held": {},
        "period_ends": NEVER,
        "minute": 0,
        "minute_requests": 0,
        "minute_tokens": 0,
        "usage": {},
        "usage_moves": 0,
    }
    return KeyRecord(**fields | changes)


class Clock:
    """Epoch seconds as a test wants them."""

    def __init__(self, seconds: float = NOON) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


Perform = Callable[[], dict[str, Any]]
Mishap = Callable[[Perform], dict[str, Any]]


def nothing(perform: Perform) -> dict[str, Any]:
    """No mishap: the operation is performed and answered."""
    return perform()


def outage(perform: Perform) -> dict[str, Any]:
    """The operation never reaches the table."""
    raise TableUnavailable("outage")


def lost_answer(perform: Perform) -> dict[str, Any]:
    """The operation is performed, but nobody hears of it."""
    with contextlib.suppress(ConditionFailed):
        perform()
    raise TableUnavailable("lost answer")


def repeated(perform: Perform) -> dict[str, Any]:
    """The answer is lost and the operation sent again."""
    with contextlib.suppress(ConditionFailed):
        perform()
    return perform()


def overtaken_by(action: Callable[[], object]) -> Mishap:
    """Somebody else's action comes first."""

    def mishap(perform: Perform) -> dict[str, Any]:
        action()
        return perform()

    return mishap


class RecordingTable:
    """A `Table` that notes what it forwards; the next operations meet the `mishaps`, one each."""

    def __init__(self, table: BotoTable) -> None:
        self._table = table
        self.operations: list[tuple[str, dict[str, Any]]] = []
        self.mishaps: list[Mishap] = []

    def __call__(self, operation: str, request: dict[str, Any], /) -> dict[str, Any]:
        self.operations.append((operation, request))
        mishap = self.mishaps.pop(0) if self.mishaps else nothing
        return mishap(lambda: self._table(operation, request))

    def calls_since(self, mark: int) -> list[str]:
        """The names of the operations performed after the first `mark`."""
        return [operation for operation, _ in self.operations[mark:]]


@contextmanager
def simulated_dynamodb() -> Iterator[Any]:
    """A boto3 ``dynamodb`` client of moto's, in this process."""
    with mock_aws():
        yield boto3.client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )


@contextmanager
def key_table(client: Any) -> Iterator[RecordingTable]:
    """A new, empty key table named `TABLE_NAME`, keyed as the stack's is."""
    client.create_table(
        TableName=TABLE_NAME,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    yield RecordingTable(BotoTable(client))
    client.delete_table(TableName=TABLE_NAME)


def terms(**changes: Any) -> Terms:
    """The terms of a key without any limit, changed as told."""
    bare = Terms(
        name="a key",
        credit_limit=UNLIMITED,
        limit_period="none",
        expires_at=NEVER,
        allowed_models=None,
        requests_per_minute=None,
        tokens_per_minute=None,
    )
    return bare._replace(**changes)


def stored_item(table: RecordingTable, key_id: str) -> Item:
    """A key's item, raw."""
    key = {"pk": {"S": f"key#{key_id}"}, "sk": {"S": "key"}}
    answer = table("GetItem", {"TableName": TABLE_NAME, "Key": key, "ConsistentRead": True})
    item: Item = answer["Item"]
    return item
