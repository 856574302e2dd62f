"""From the start of the process to the first byte of its first answer, the invocation waiting.

Over TLS, with the machine's own certificate authorities to load, as on AWS. The zip that is deployed
holds no bytecode, and Lambda's code folder cannot be written to: that is the case that counts. The
other one, with bytecode, shows what compiling costs.
"""

from collections.abc import Mapping, Sequence

from bench import calls
from bench.calls import Call
from bench.results import Result
from bench.session import Session, start_router
from bench.summary import summarize

_CASES = (
    ("health", "GET /healthz", calls.HEALTH),
    ("chat", "a first chat completion", calls.chat()),
)


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """The cases in turn, round by round."""
    variants = (
        ("deployed", "cold start as deployed", start_router(session.task_root)),
        ("bytecode", "cold start with bytecode", start_router(session.compiled_root)),
    )
    samples: dict[str, list[float]] = {}
    for _ in session.rounds("cold starts", session.plan.cold_starts):
        for variant, _label, command in variants:
            for case, _what, call in _CASES:
                cold_ms = _cold_start(session, command, call) * 1000
                samples.setdefault(f"cold.{variant}.{case}", []).append(cold_ms)
    return [
        Result(
            name := f"cold.{variant}.{case}",
            f"{label}, to the first byte of {what}",
            "ms",
            summarize(samples[name]),
        )
        for variant, label, _command in variants
        for case, what, _call in _CASES
    ]


def _cold_start(session: Session, command: Sequence[str], call: Call) -> float:
    without_writing = {"PYTHONDONTWRITEBYTECODE": "1"}
    with session.worker(tls=True, command=command, environment=without_writing) as worker:
        return worker.invoke(call.event(), call.completes).first_byte_at - worker.started_at
