"""What a request's two table calls, admit and settle, take by themselves: the router's own code."""

import sys
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from ledger.admission import Ledger
from ledger.keys import Credential
from ledger.table import Table
from ledger.usage import Counts
from router.aws import DynamoDbTable, Endpoint
from router.http_pool import Connection, tls_context
from router.sigv4 import Credentials

from bench.fakes.key import ITEM, RECORD, updated
from bench.results import Result
from bench.session import Session, module_environment
from bench.summary import summarize

TABLE = "bench"

_CREDENTIALS = Credentials("AKIAIOSFODNN7EXAMPLE", "bench-only")
_CREDENTIAL = Credential(RECORD.id, RECORD.hash)


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """The same calls against a table in this process, an instant one, and moto."""
    command = [sys.executable, "-m", "local.cloud", "--ready-file", "{ready}"]
    moto_url = session.processes.service("cloud", command, module_environment())["url"]
    _create_table(moto_url)
    ledgers = {
        "inside": _ledger(_inside),
        "instant": _ledger(_remote(session.urls["dynamodb"])),
        "moto": _ledger(_remote(moto_url)),
    }
    samples: dict[str, list[float]] = {name: [] for name in ledgers}
    for _ in session.rounds("table calls", session.plan.rounds):
        for name, ledger in ledgers.items():
            samples[name].append(_admit_and_settle(ledger, session.plan.table_calls))
    labels = {
        "inside": "admit + settle: the ledger's arithmetic alone",
        "instant": "admit + settle: over HTTP to a table that answers at once",
        "moto": "admit + settle: over HTTP to moto, as in the local stack",
    }
    return [
        Result(f"table.{name}", labels[name], "ms", summarize(found))
        for name, found in samples.items()
    ]


def _admit_and_settle(ledger: Ledger, count: int) -> float:
    """Milliseconds per request, on average over `count`."""
    start = time.perf_counter()
    for _ in range(count):
        reservation = ledger.admit(
            _CREDENTIAL,
            models=("model",),
            counted_as="model",
            amount=10**9,
            least=10**9,
            input_tokens=300,
            expires=int(time.time()) + 1000,
        )
        if not ledger.settle(reservation, Counts(requests=1, cost=10**6, output=400)):
            raise AssertionError("the reservation was gone")
    return (time.perf_counter() - start) / count * 1000


def _inside(_operation: str, request: dict[str, Any], /) -> dict[str, Any]:
    return updated(request["ExpressionAttributeNames"]["#reservation"])


def _ledger(table: Table) -> Ledger:
    return Ledger(table, TABLE, time.time)


def _remote(url: str) -> DynamoDbTable:
    return DynamoDbTable(
        Endpoint(
            Connection(url, tls_context(None)),
            service="dynamodb",
            region="us-east-1",
            credentials=_CREDENTIALS,
            clock=time.time,
        )
    )


def _create_table(url: str) -> None:
    client = boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=_CREDENTIALS.access_key,
        aws_secret_access_key=_CREDENTIALS.secret_key,
        config=Config(proxies={}),
    )
    client.create_table(
        TableName=TABLE,
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
    client.put_item(TableName=TABLE, Item=ITEM)
