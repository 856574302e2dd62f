"""AWS's bill for a million requests of two workloads, from what was measured before."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench import calls
from bench.bill import (
    PROXY_MEMORY_MB,
    US_EAST_1,
    Workload,
    billed_ms,
    item_bytes,
    per_million,
)
from bench.calls import Call
from bench.fakes.key import ITEM
from bench.results import Result, single
from bench.session import Session

TABLE_MS = 10.0
"""Two writes to a real DynamoDB table, which answers within single-digit milliseconds: assumed.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Introduction.html"""


class _Case(NamedTuple):
    name: str
    label: str
    model_s: float
    call: Call


_CASES = (
    _Case("whole", "1 s, chat, 200 words", 1.0, calls.chat(words=200)),
    _Case("stream", "10 s, chat stream, 500 chunks", 10.0, calls.chat_stream(500, 0)),
)

_OTHER_MEMORIES_MB = (256, 128)

_PARTS = {
    "duration": "Lambda GB-seconds",
    "requests": "Lambda requests",
    "table": "DynamoDB writes",
    "logs": "CloudWatch Logs",
    "transfer": "data transfer out",
}


def measure(session: Session, found: Mapping[str, Result]) -> list[Result]:
    """One call of each workload tells its sizes; its CPU time was measured under `cpu`."""
    cpu_ms = found["cpu.request.chat.tls"].summary.median
    rows = []
    with session.worker(tls=True) as worker:
        for case in _CASES:
            logged = worker.log_bytes()
            answered = worker.invoke(case.call.event(), case.call.completes)
            # The line of a call is written before its answer ends.
            workloads = [
                Workload(
                    billed_ms=billed_ms(case.model_s, TABLE_MS, cpu_ms, memory_mb),
                    memory_mb=memory_mb,
                    response_bytes=len(answered.body),
                    log_bytes=worker.log_bytes() - logged,
                    item_bytes=item_bytes(ITEM),
                )
                for memory_mb in (PROXY_MEMORY_MB, *_OTHER_MEMORIES_MB)
            ]
            rows += _rows(case, workloads)
    return rows


def _rows(case: _Case, workloads: Sequence[Workload]) -> list[Result]:
    """The bill at the stack's memory size in its parts, then the totals at the others."""
    default, *others = workloads
    bill = per_million(default, US_EAST_1)
    note = (
        f"{default.billed_ms} ms of {default.memory_mb} MB billed, {default.response_bytes} B out, "
        f"{default.log_bytes} B logged, item of {default.item_bytes} B"
    )
    name, label = f"bill.{case.name}", f"AWS per million requests: {case.label}"
    return [
        Result(name, label, "$", single(bill.total), note),
        *[
            Result(f"{name}.{part}", f"  {what}", "$", single(getattr(bill, part)))
            for part, what in _PARTS.items()
        ],
        *[
            Result(
                f"{name}.{workload.memory_mb}",
                f"  in all, had the function {workload.memory_mb} MB",
                "$",
                single(per_million(workload, US_EAST_1).total),
            )
            for workload in others
        ],
    ]
