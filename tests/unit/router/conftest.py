"""The router over a real ledger in moto."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.key_table import key_table, simulated_dynamodb
from tests.support.router import Router


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with simulated_dynamodb() as client:
        yield client


@pytest.fixture
def router(dynamodb: Any) -> Iterator[Router]:
    with key_table(dynamodb) as table:
        yield Router(table)
