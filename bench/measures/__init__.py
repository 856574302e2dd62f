"""What is measured, by the name `--only` takes."""

from collections.abc import Callable, Mapping

from bench.measures import (
    bill,
    cold_start,
    cpu,
    imports,
    latency,
    memory,
    messages,
    table,
    translation,
)
from bench.results import Result
from bench.session import Session

Found = Mapping[str, Result]

Measure = Callable[[Session, Found], list[Result]]
"""Measures; given the results so far, by name."""

MEASURES: Mapping[str, Measure] = {
    "import": imports.measure,
    "cold": cold_start.measure,
    "latency": latency.measure,
    "table": table.measure,
    "cpu": cpu.measure,
    "translation": translation.measure,
    "messages": messages.measure,
    "memory": memory.measure,
    "bill": bill.measure,
}
"""In the order in which they run."""

NEEDS: Mapping[str, tuple[str, ...]] = {"bill": ("cpu",)}
"""What has to be measured before."""
