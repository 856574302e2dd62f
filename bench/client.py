"""The one client of all latency measurements: blocking, kept alive, a connection a thread."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from bench import wire
from bench.calls import Call
from bench.processes import BenchError


class Timing(NamedTuple):
    """Seconds from the first byte sent to the first of the body, and to its end."""

    first_s: float
    end_s: float


class Client:
    """One connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = wire.connect((parts.hostname or "", parts.port or 80))
        self._reader = self._socket.makefile("rb")

    def send(self, request: bytes, completes: bytes) -> Timing:
        """Sends a request and takes the answer, which must be 200 and hold `completes`."""
        start = time.perf_counter()
        self._socket.sendall(request)
        head = wire.read_head(self._reader)
        if head is None:
            raise BenchError("the connection was closed in a request")
        pieces = []
        first_at = 0.0
        for piece in wire.read_body(self._reader, head.headers):
            first_at = first_at or time.perf_counter()
            pieces.append(piece)
        end_at = time.perf_counter()
        body = b"".join(pieces)
        if head.start_line.split()[1] != "200" or completes not in body:
            raise BenchError(f"{head.start_line}: {body[:500]!r}")
        return Timing(first_at - start, end_at - start)

    def close(self) -> None:
        self._reader.close()
        self._socket.close()


class Clients:
    """As many connections to one URL as are to be busy at once."""

    def __init__(self, url: str, call: Call, concurrency: int, stagger_s: float) -> None:
        """Connections start `stagger_s` after one another, as clients do not come in waves."""
        self._request = call.wire()
        self._completes = call.completes
        self._stagger_s = stagger_s
        self._clients = [Client(url) for _ in range(concurrency)]
        self._threads = ThreadPoolExecutor(concurrency)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown()
        for client in self._clients:
            client.close()

    def batch(self, each: int) -> Sequence[Timing]:
        """`each` requests on every connection, one after another; all connections at once."""
        if len(self._clients) == 1:
            return self._run(0, each)
        batches = self._threads.map(
            lambda number: self._run(number, each), range(len(self._clients))
        )
        return [timing for batch in batches for timing in batch]

    def _run(self, number: int, each: int) -> list[Timing]:
        time.sleep(number * self._stagger_s)
        client = self._clients[number]
        return [client.send(self._request, self._completes) for _ in range(each)]
