"""Resident memory of the worker's process, over TLS, while it serves a mix of calls."""

from collections.abc import Mapping

from bench import calls
from bench.results import Result, single
from bench.session import Session
from bench.summary import summarize
from bench.worker import Worker

FIRST = 1000

_MIX = (
    calls.chat(),
    calls.native(),
    calls.chat_stream(20, 0),
    calls.native_stream(20, 0),
)


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """Several workers to `FIRST` requests, one of them on to the plan's end."""
    plan = session.plan
    early = []
    for _ in session.rounds(f"memory: {FIRST} requests", plan.memory_workers - 1):
        with session.worker(tls=True) as worker:
            _serve(worker, FIRST)
            early.append(worker.resident_mb())
    with session.worker(tls=True) as worker:
        course = []
        for _ in session.rounds("memory: growth", plan.memory_requests // FIRST):
            _serve(worker, FIRST)
            course.append(worker.resident_mb())
    return [
        Result(
            "memory.1000",
            f"resident memory after {FIRST:,} requests",
            "MB",
            summarize([*early, course[0]]),
        ),
        Result(
            "memory.last",
            f"resident memory after {plan.memory_requests:,} requests",
            "MB",
            single(course[-1]),
        ),
        Result(
            "memory.growth",
            f"  growth from {FIRST:,} to {plan.memory_requests:,} requests",
            "MB",
            single(course[-1] - course[0]),
        ),
    ]


def _serve(worker: Worker, count: int) -> None:
    events = [(call.event(), call.completes) for call in _MIX]
    for number in range(count):
        worker.invoke(*events[number % len(events)])
