"""A key table in moto with a settable clock, and the ledger's two sides over it."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ledger.administration import Administration
from ledger.admission import Ledger
from ledger.keys import Credential

from tests.support.key_table import (
    SECRET,
    TABLE_NAME,
    Clock,
    RecordingTable,
    key_table,
    simulated_dynamodb,
    terms,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with simulated_dynamodb() as client:
        yield client


@pytest.fixture
def table(dynamodb: Any) -> Iterator[RecordingTable]:
    with key_table(dynamodb) as made:
        yield made


@pytest.fixture
def ledger(table: RecordingTable, clock: Clock) -> Ledger:
    return Ledger(table, TABLE_NAME, clock)


@pytest.fixture
def administration(table: RecordingTable, clock: Clock) -> Administration:
    return Administration(table, TABLE_NAME, clock, pause=lambda _: None)


@pytest.fixture
def new_key(administration: Administration) -> Callable[..., Credential]:
    """Makes a key with these terms, none of them limiting unless told."""

    def make(**changes: Any) -> Credential:
        minted, _ = administration.create(terms(**changes), SECRET, os.urandom)
        return Credential(minted.id, minted.hash)

    return make
