"""The bench's child processes, none of which outlives it."""

import contextlib
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.ready_file import read_ready_file
from local.reaper import Reaper, kill_group

READY_WITHIN_S = 20.0
STOPPED_WITHIN_S = 5.0

_POLL_S = 0.01


class BenchError(Exception):
    """What was to be measured did not work, so there is no number."""


class Processes:
    """Starts processes and ends them. `run_dir` takes their logs and ready files."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._reaper = Reaper()
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._reaper.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in list(self._running):
            self.stop(process)
        self._reaper.__exit__(kind, error, traceback)

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> subprocess.Popen[bytes]:
        """A process in a group of its own, its output appended to `log`."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._reaper.add(process.pid)
        self._running.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ends a process and all it started."""
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOPPED_WITHIN_S)
        kill_group(process.pid)
        process.wait()
        self._reaper.remove(process.pid)
        self._running.remove(process)

    def service(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> dict[str, Any]:
        """Starts a process that writes a ready file, named by ``{ready}`` in `command`; its fields."""
        log, ready = self._run_dir / f"{name}.log", self._run_dir / f"{name}.json"
        process = self.start([part.format(ready=ready) for part in command], environment, log)
        deadline = time.monotonic() + READY_WITHIN_S
        while (fields := read_ready_file(ready)) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"{name} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(_POLL_S)
        return fields
