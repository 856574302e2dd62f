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
    **{f"latency.{call}.1.{part}": 2.0 for call in ("chat", "native") for part in ("added", "own")},
    **{
        f"latency.{call}_stream.1.end.{part}": 3.0
        for call in ("chat", "native")
        for part in ("added", "own")
    },
    **{f"cpu.chunk.native{pace}": 40.0 for pace in ("", ".apart")},
    **{
        f"cpu.chunk.{call}{pace}": 120.0
        for call in ("chat", "responses")
        for pace in ("", ".apart")
    },
    **{f"cpu.chunk.messages{pace}": 60.0 for pace in ("", ".apart")},
    "translation.messages.native": 3.0,
    **{f"translation.{call}.small": 0.5 for call in ("chat", "responses")},
    **{f"translation.{call}.large": 60.0 for call in ("chat", "responses")},
    "memory.1000": 40.0,
    "memory.growth": 0.5,
}
"""By the name of a result, in its unit."""


def single(value: float) -> Summary:
    """The summary of a quantity that is computed and not sampled."""
    return Summary(value, value, value, 1)
