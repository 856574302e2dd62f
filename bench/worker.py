"""One router process under a Lambda Runtime API that serves it alone: what it does can be timed."""

import socket
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from bench import wire
from bench.machine import cpu_seconds, resident_mb
from bench.processes import BenchError, Processes


class Answered(NamedTuple):
    """One answer as the Runtime API took it. Instants are of `time.perf_counter`."""

    first_byte_at: float
    end_at: float
    pieces: int
    """The chunks the worker sent."""
    body: bytes
    """Prelude and body."""


class Worker:
    """Started when made; stopped at the end of its `with`."""

    def __init__(
        self,
        processes: Processes,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self._processes = processes
        self._log = log
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(wire.TIMEOUT_S)
        self._connection: socket.socket | None = None
        self._reader: BinaryIO
        host, port = self._listener.getsockname()
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}"}
        self.started_at = time.perf_counter()
        self._process: subprocess.Popen[bytes] = processes.start(command, environment, log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._processes.stop(self._process)
        if self._connection is not None:
            self._reader.close()
            self._connection.close()
        self._listener.close()

    def invoke(self, event: bytes, completes: bytes) -> Answered:
        """Hands over one invocation and takes the answer, which must hold `completes`."""
        connection = self._polling()
        connection.sendall(wire.message("HTTP/1.1 200 OK", _invocation_headers(), event))
        if (head := wire.read_head(self._reader)) is None:
            raise self._failure("ended in an invocation")
        pieces = []
        first_byte_at = 0.0
        for piece in wire.read_body(self._reader, head.headers):
            first_byte_at = first_byte_at or time.perf_counter()
            pieces.append(piece)
        end_at = time.perf_counter()
        connection.sendall(wire.message("HTTP/1.1 202 Accepted", {}, b'{"status":"OK"}'))
        body = b"".join(pieces)
        if completes not in body:
            raise self._failure(f"answered {body[:500]!r}")
        return Answered(first_byte_at, end_at, len(pieces), body)

    def cpu_seconds(self) -> float:
        """CPU time the process has used so far."""
        return cpu_seconds(self._process.pid)

    def resident_mb(self) -> float:
        """The process' resident memory, in MB."""
        return resident_mb(self._process.pid)

    def log_bytes(self) -> int:
        """How much the process has logged so far."""
        return self._log.stat().st_size

    def _polling(self) -> socket.socket:
        """The connection, once the worker has asked for an invocation on it."""
        if self._connection is None:
            try:
                self._connection, _ = self._listener.accept()
            except TimeoutError:
                raise self._failure("did not start") from None
            self._connection.settimeout(wire.TIMEOUT_S)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._reader = self._connection.makefile("rb")
        request = wire.read_message(self._reader)
        if request is None or not request.start_line.endswith("/invocation/next HTTP/1.1"):
            raise self._failure(f"sent {request and request.start_line}")
        return self._connection

    def _failure(self, what: str) -> BenchError:
        return BenchError(f"the worker {what}: see {self._log.name}")


def _invocation_headers() -> dict[str, str]:
    return {
        "lambda-runtime-aws-request-id": str(uuid.uuid4()),
        "lambda-runtime-deadline-ms": str(int((time.time() + 900) * 1000)),
        "lambda-runtime-trace-id": "Root=1-00000000-000000000000000000000000;Sampled=0",
        "content-type": "application/json",
    }
