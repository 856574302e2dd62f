"""The local stack's own child processes: long-lived services and short commands."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from local.ready_file import read_ready_file
from local.reaper import Reaper, kill_group

PROJECT_ROOT = Path(__file__).resolve().parents[1]

_READY_POLL_S = 0.02
_STOP_TIMEOUT_S = 3.0
_LAST_LINES = 15


class ChildFailedError(Exception):
    """A child process ended in a way it should not have."""


class Child:
    """A `python -m MODULE` whose output goes to a log file."""

    def __init__(
        self, name: str, log: Path, process: asyncio.subprocess.Process, reaper: Reaper
    ) -> None:
        self.name = name
        self._log = log
        self._process = process
        self._reaper = reaper
        self._over = False
        reaper.add(process.pid)

    @classmethod
    async def start(
        cls,
        name: str,
        module: str,
        arguments: list[str],
        *,
        logs_dir: Path,
        reaper: Reaper,
    ) -> "Child":
        log = logs_dir / f"{name}.log"
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                cwd=PROJECT_ROOT,
                env=_environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(name, log, process, reaper)

    async def ready(self, ready_file: Path) -> dict[str, Any]:
        """What the child writes to its ready file. Raises ChildFailedError if it ends first."""
        while (fields := read_ready_file(ready_file)) is None:
            if self._process.returncode is not None:
                raise self._failure()
            await asyncio.sleep(_READY_POLL_S)
        return fields

    async def finish(self) -> None:
        """Wait for a command's end. Raises ChildFailedError unless it succeeds."""
        await self._ended()
        if self._process.returncode:
            raise self._failure()

    async def watch(self) -> None:
        """Wait for a service's end, which is always a ChildFailedError."""
        await self._ended()
        raise self._failure()

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_TIMEOUT_S)
            except TimeoutError:
                self._process.kill()
        await self._ended()

    async def _ended(self) -> None:
        """Wait for the process's end, and once then end whatever it has started."""
        await self._process.wait()
        if not self._over:
            self._over = True
            kill_group(self._process.pid)
            self._reaper.remove(self._process.pid)

    def _failure(self) -> ChildFailedError:
        status = self._process.returncode
        return ChildFailedError(f"{self.name} ended with status {status}\n{last_lines(self._log)}")


def _environment() -> dict[str, str]:
    """This process's, less the AWS configuration of whoever runs it: no child may act on that."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return kept | nowhere


def last_lines(log: Path) -> str:
    """The end of a log, enough to hold a traceback's last calls."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
