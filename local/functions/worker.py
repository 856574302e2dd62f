"""One execution environment: a real process and the Runtime API it alone talks to."""

import asyncio
import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple
from weakref import WeakSet

from local.functions.http_server import HttpConnection
from local.functions.invocation import Invocation, InvocationRequest, ResponseSink
from local.functions.runtime_api import NextReply, RuntimeApi
from local.reaper import Reaper, kill_group

_INIT_TIMEOUT_S = 10
_LAST_BYTES_TIMEOUT_S = 1.0


class WorkerSpec(NamedTuple):
    """What every worker of a function has in common."""

    function_arn: str
    command: list[str]
    environment: dict[str, str]
    task_root: Path
    timeout_s: int


class InitError(Exception):
    """The worker's process ended, or reported an error, before it asked for an invocation."""


class State(Enum):
    STARTING = auto()
    IDLE = auto()
    BUSY = auto()
    ANSWERED = auto()
    """The answer is complete; the worker has not asked for the next invocation yet."""
    EXITED = auto()


class Worker:
    """Runs one invocation at a time. `on_change` is called after every change of state."""

    def __init__(self, spec: WorkerSpec, log: Path, on_change: Callable[["Worker"], None]) -> None:
        self.state = State.STARTING
        self.invocation: Invocation | None = None
        self._spec = spec
        self._log = log
        self._on_change = on_change
        self._fault = "Runtime.ExitError"
        self._next_reply: NextReply | None = None
        self._connections: WeakSet[HttpConnection] = WeakSet()
        self._deadline: asyncio.TimerHandle | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._launched = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, reaper: Reaper) -> None:
        """Start the process and wait until it is initialized. Raises InitError."""
        loop = asyncio.get_running_loop()
        api = RuntimeApi(self, self._spec.function_arn)
        server = await loop.create_server(lambda: self._connection(api), "127.0.0.1", 0)
        try:
            self._process = await self._launch(server.sockets[0].getsockname())
            reaper.add(self._process.pid)
            self._limit(_INIT_TIMEOUT_S + self._spec.timeout_s, "Sandbox.InitTimedout")
            self._watch = loop.create_task(self._watch_process(self._process, server, reaper))
        except OSError as error:
            server.close()
            self._change(State.EXITED)
            raise InitError(str(error)) from error
        finally:
            self._launched.set()
        await self._ready

    def run(self, request_id: str, event: bytes, sink: ResponseSink) -> None:
        """Hand an idle worker its next invocation; the answer goes to `sink`."""
        if not self._next_reply:
            sink.fail(self._fault)  # it ended between being chosen and now
            return
        now = time.time()
        request = InvocationRequest(
            request_id=request_id,
            trace_id=f"Root=1-{int(now):08x}-{request_id.replace('-', '')[:24]};Sampled=0",
            deadline_ms=int((now + self._spec.timeout_s) * 1000),
            event=event,
        )
        self.invocation = Invocation(request, sink, self._answered)
        self._limit(self._spec.timeout_s, "Sandbox.Timedout")
        next_reply, self._next_reply = self._next_reply, None
        self._change(State.BUSY)
        next_reply.deliver(self.invocation)

    async def stop(self) -> None:
        """Kill the process, as Lambda does with an environment, and wait for its end."""
        await self._launched.wait()
        self._kill("Sandbox.Shutdown")
        if self._watch:
            await self._watch

    def polled(self, next_reply: NextReply) -> None:
        if self.invocation:
            self.invocation.fail("Runtime.NoResponse")
        self.invocation = None
        self._next_reply = next_reply
        self._stop_clock()
        self._change(State.IDLE)
        if not self._ready.done():
            self._ready.set_result(None)

    def poll_lost(self) -> None:
        if self.state is State.IDLE:
            self._next_reply = None
            self._change(State.STARTING)

    def init_failed(self, error_type: str) -> None:
        self._kill(error_type)

    def _answered(self, fault: str | None) -> None:
        if fault and self.invocation:
            self._note(f"{self.invocation.request.request_id} failed: {fault}")
        if self.state is State.BUSY:
            self._change(State.ANSWERED)

    async def _launch(self, runtime_api: tuple[str, int]) -> asyncio.subprocess.Process:
        host, port = runtime_api
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self._spec.command,
                env=self._spec.environment | {"AWS_LAMBDA_RUNTIME_API": f"{host}:{port}"},
                cwd=self._spec.task_root,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _watch_process(
        self, process: asyncio.subprocess.Process, server: asyncio.Server, reaper: Reaper
    ) -> None:
        code = await process.wait()
        # Whatever it started must not outlive it, nor hold its sockets open.
        kill_group(process.pid)
        reaper.remove(process.pid)
        await self._last_bytes()
        server.close()
        self._stop_clock()
        self._note(f"exited with status {code}")
        self.state = State.EXITED
        if self.invocation:
            self.invocation.fail(self._fault)
        if not self._ready.done():
            self._ready.set_exception(InitError(f"{self._fault}, see {self._log}"))
        self._on_change(self)

    async def _last_bytes(self) -> None:
        """What the process wrote before it ended may still be on its way."""
        waiting = [asyncio.create_task(c.closed.wait()) for c in self._connections]
        if waiting:
            await asyncio.wait(waiting, timeout=_LAST_BYTES_TIMEOUT_S)

    def _connection(self, api: RuntimeApi) -> HttpConnection:
        connection = HttpConnection(api.accept)
        self._connections.add(connection)
        return connection

    def _limit(self, seconds: float, fault: str) -> None:
        self._stop_clock()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(seconds, self._kill, fault)

    def _stop_clock(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _kill(self, fault: str) -> None:
        self._fault = fault
        if self._process and self._process.returncode is None:
            kill_group(self._process.pid)

    def _change(self, state: State) -> None:
        self.state = state
        self._on_change(self)

    def _note(self, text: str) -> None:
        with self._log.open("a") as log:
            log.write(f"[worker] {text}\n")
