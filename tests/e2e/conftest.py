"""One local stack per test process and kind, started when a test first asks for it."""

from collections.abc import Iterator

import pytest

from tests.support.stack import LocalStack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    with running_stack("--max-concurrency", "64") as running:
        yield running


@pytest.fixture(scope="session")
def tls_stack() -> Iterator[LocalStack]:
    with running_stack("--tls") as running:
        yield running
