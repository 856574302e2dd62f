"""What was measured, and what it should be."""

from collections.abc import Mapping
from typing import NamedTuple

from bench.summary import Summary


class Result(NamedTuple):
    """One row of the report. `name` is unique and lasting: results are compared by it."""

    name: str
    label: str
    unit: str
    summary: Summary
    note: str = ""

    @property
    def target(self) -> float | None:
        """The most its median should be."""
        return TARGETS.get(self.name)

    @property
    def met(self) -> bool | None:
        """Whether it is; None without a target."""
        return None if self.target is None else self.summary.median <= self.target


TARGETS: Mapping[str, float] = {
    "import.ratio": 1.6,
    "latency.chat.1.added": 2.0,
    "latency.native.1.added": 2.0,
    "latency.chat_stream.1.end.added": 3.0,
    "latency.native_stream.1.end.added": 3.0,
    "cpu.chunk.native": 40.0,
    "cpu.chunk.chat": 120.0,
    "memory.1000": 40.0,
    "memory.growth": 0.5,
}
"""By the name of a result, in its unit."""


def single(value: float) -> Summary:
    """The summary of a quantity that is computed and not sampled."""
    return Summary(value, value, value, 1)
