"""How much is measured: enough for steady medians, or a quick look."""

from typing import NamedTuple


class Plan(NamedTuple):
    import_runs: int
    cold_starts: int
    rounds: int
    """Of latency and CPU: each gives one sample."""
    concurrencies: tuple[int, ...]
    """At which latency is measured, beside one at a time."""
    concurrent_rounds: int
    """In which every connection makes one request."""
    latency_requests: int
    """Per round and route, one at a time."""
    latency_streams: int
    cpu_requests: int
    """Per round."""
    cpu_chunks: int
    """Of the longer stream."""
    cpu_streams: int
    """Per round, of either length."""
    table_calls: int
    """Per round."""
    memory_requests: int
    memory_workers: int


FULL = Plan(
    import_runs=30,
    cold_starts=15,
    rounds=12,
    concurrencies=(8, 32),
    concurrent_rounds=8,
    latency_requests=30,
    latency_streams=5,
    cpu_requests=100,
    cpu_chunks=260,
    cpu_streams=1,
    table_calls=40,
    memory_requests=10_000,
    memory_workers=2,
)

QUICK = Plan(
    import_runs=10,
    cold_starts=3,
    rounds=3,
    concurrencies=(8,),
    concurrent_rounds=3,
    latency_requests=15,
    latency_streams=2,
    cpu_requests=30,
    cpu_chunks=160,
    cpu_streams=1,
    table_calls=10,
    memory_requests=2_000,
    memory_workers=1,
)
