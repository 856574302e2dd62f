"""A function's workers: started on demand, reused, one invocation at a time each."""

import asyncio
from collections import deque
from functools import partial
from pathlib import Path

from local.functions.worker import State, Worker, WorkerSpec
from local.reaper import Reaper

_ABOUT_TO_POLL_S = 0.25
"""How long a request waits for a worker that has answered, before it starts a new one."""


class ThrottledError(Exception):
    """As many invocations are running as the function may have at once."""


class WorkerPool:
    def __init__(
        self, spec: WorkerSpec, *, name: str, logs_dir: Path, max_concurrency: int, reaper: Reaper
    ) -> None:
        self._spec = spec
        self._name = name
        self._logs_dir = logs_dir
        self._max_concurrency = max_concurrency
        self._reaper = reaper
        self._started = 0
        self._starting: set[asyncio.Task[None]] = set()
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []
        self._waiting: deque[asyncio.Future[Worker]] = deque()

    def take_idle(self) -> Worker | None:
        """The last used of the idle workers, to be given one invocation at once."""
        return self._idle.pop() if self._idle else None

    async def acquire(self) -> Worker:
        """A worker as soon as one is idle; one is started for this if none is about to be.

        Raises ThrottledError when every permitted worker is busy, and InitError when the worker
        started for this call does not come up.
        """
        if worker := self.take_idle():
            return worker
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Worker] = loop.create_future()
        self._waiting.append(future)
        if self._about_to_poll() >= len(self._waiting):
            timer = loop.call_later(_ABOUT_TO_POLL_S, self._start_for, future)
            future.add_done_callback(lambda _: timer.cancel())
        else:
            self._start_for(future)
        return await future

    async def close(self) -> None:
        """Kill every worker, in the midst of whatever it does; there will be no others."""
        self._max_concurrency = 0
        await asyncio.gather(*(worker.stop() for worker in list(self._workers)))

    def _start_for(self, future: asyncio.Future[Worker]) -> None:
        if len(self._workers) >= self._max_concurrency:
            self._refuse(future, ThrottledError())
            return
        self._started += 1
        log = self._logs_dir / f"{self._name}-{self._started}.log"
        worker = Worker(self._spec, log, self._changed)
        self._workers.add(worker)
        task = asyncio.create_task(worker.start(self._reaper))
        self._starting.add(task)
        task.add_done_callback(partial(self._start_ended, future))

    def _start_ended(self, future: asyncio.Future[Worker], task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        if error := task.exception():
            self._refuse(future, error)

    def _refuse(self, future: asyncio.Future[Worker], error: BaseException) -> None:
        # Another worker may have become idle first and taken the request.
        if not future.done():
            self._waiting.remove(future)
            future.set_exception(error)

    def _changed(self, worker: Worker) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
        if worker.state is State.EXITED:
            self._workers.discard(worker)
        elif worker.state is State.IDLE:
            if self._waiting:
                self._waiting.popleft().set_result(worker)
            else:
                self._idle.append(worker)

    def _about_to_poll(self) -> int:
        return sum(worker.state is State.ANSWERED for worker in self._workers)
