"""CPU time of the worker's process: per request, and per streamed chunk.

A chunk's is the slope between a short and a long stream, so that what a request costs once is not in
it. Bedrock sends every chunk by itself, either back to back, which is the code's own cost, or a
millisecond apart, where a worker has to be woken for each: what that costs is the machine's doing,
and the bare relay's share of it too.
"""

from collections.abc import Callable, Mapping

from bench import calls
from bench.calls import Call
from bench.results import Result
from bench.session import BARE, INSIDE, Session
from bench.summary import Summary, slope, summarize
from bench.worker import Worker

BACK_TO_BACK_S = 1e-6
APART_S = 1e-3
SHORT = 10
WARM_UP = 10

_REQUESTS: tuple[tuple[str, str, Call], ...] = (
    ("chat", "chat completion", calls.chat()),
    ("native", "native Converse call", calls.native()),
    (
        "agent",
        "coding agent's Messages request of 155 kB, to the end of its answer",
        calls.agent_message(),
    ),
)

_STREAMS: tuple[tuple[str, str, Callable[[int, float], Call]], ...] = (
    ("native", "relayed native chunk", calls.native_stream),
    ("chat", "translated chat chunk", calls.chat_stream),
    ("responses", "translated Responses chunk", calls.responses_stream),
    ("messages", "relayed Messages chunk of a Claude", calls.messages_stream),
    ("messages_translated", "translated Messages chunk", calls.messages_translated),
)


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """Requests, then chunks; each over plain HTTP, then over TLS as on AWS."""
    return [*_requests(session), *_chunks(session)]


def _requests(session: Session) -> list[Result]:
    samples: dict[str, list[float]] = {}
    with (
        session.worker(tls=False) as plain,
        session.worker(tls=True) as encrypted,
        session.worker(tls=False, command=INSIDE) as inside,
    ):
        workers = {"": plain, ".tls": encrypted, ".without_table": inside}
        for worker in workers.values():
            for _name, _label, call in _REQUESTS:
                _cpu_ms(worker, call, WARM_UP)
        for _ in session.rounds("CPU per request", session.plan.rounds):
            for name, _label, call in _REQUESTS:
                for suffix, worker in workers.items():
                    cpu_ms = _cpu_ms(worker, call, session.plan.cpu_requests)
                    samples.setdefault(f"cpu.request.{name}{suffix}", []).append(cpu_ms)
    suffixes = {"": "", ".tls": ", TLS as on AWS", ".without_table": ", without table calls"}
    return [
        Result(
            result := f"cpu.request.{name}{suffix}",
            f"CPU of a {label}{how}",
            "ms",
            summarize(samples[result]),
        )
        for name, label, _call in _REQUESTS
        for suffix, how in suffixes.items()
    ]


def _cpu_ms(worker: Worker, call: Call, count: int) -> float:
    """CPU milliseconds per request."""
    event = call.event()
    before = worker.cpu_seconds()
    for _ in range(count):
        worker.invoke(event, call.completes)
    return (worker.cpu_seconds() - before) / count * 1000


def _chunks(session: Session) -> list[Result]:
    results = []
    for tls in (False, True):
        suffix, how = (".tls", ", TLS as on AWS") if tls else ("", "")
        with session.worker(tls=tls) as worker:
            for name, label, make in _STREAMS:
                title = f"CPU of a {label}{how}"
                results += _paces(session, worker, make, f"cpu.chunk.{name}{suffix}", title)
    with session.worker(tls=False, command=BARE) as worker:
        title = "CPU of a chunk passed on unread by Python (recv, send)"
        results += _paces(session, worker, calls.native_stream, "cpu.chunk.bare", title)
    return results


def _paces(
    session: Session, worker: Worker, make: Callable[[int, float], Call], name: str, label: str
) -> list[Result]:
    together = _per_chunk(session, worker, make, BACK_TO_BACK_S)
    apart = _per_chunk(session, worker, make, APART_S)
    return [
        Result(name, label, "µs", together),
        Result(f"{name}.apart", "  when chunks come 1 ms apart", "µs", apart),
    ]


def _per_chunk(
    session: Session, worker: Worker, make: Callable[[int, float], Call], pace_s: float
) -> Summary:
    """CPU microseconds per chunk."""
    streams, chunks = session.plan.cpu_streams, session.plan.cpu_chunks
    few, many = make(SHORT, pace_s), make(chunks, pace_s)
    _cpu_ms(worker, few, WARM_UP)
    samples = []
    for _ in session.rounds("CPU per chunk", session.plan.rounds):
        short = _cpu_ms(worker, few, streams * 2)
        long = _cpu_ms(worker, many, streams)
        samples.append(slope((SHORT, short * 1000), (chunks, long * 1000)))
    return summarize(samples)
