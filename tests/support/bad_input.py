"""What tests of bad input share: one router for all of them, and how many examples they take."""

import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings

from tests.support.whole_router import WholeRouter

TIMES = int(os.environ.get("BAD_INPUT_TIMES", "0"))
"""For a longer search by hand: so many times the examples, and other ones each time."""


@cache
def whole_router() -> WholeRouter:
    """One router for all examples: it remembers nothing that one could spoil for another."""
    with TemporaryDirectory() as folder:
        return WholeRouter(Path(folder))


def examples(count: int) -> settings:
    """As many examples, the same ones in every run."""
    return settings(
        max_examples=count * max(TIMES, 1),
        derandomize=not TIMES,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
