"""Ends the process groups of a parent that died without ending them itself.

A process of its own that outlives the parent: it reads process ids from standard input and kills
what is still registered when that closes. Unlike PR_SET_PDEATHSIG it needs no code between fork
and exec, which would make every start of a worker several times slower, and works on any Unix.
"""

import contextlib
import os
import signal
import subprocess
import sys
from types import TracebackType
from typing import IO, Self, cast


class Reaper:
    """The parent's side. Registered processes must lead a process group of their own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, start_new_session=True
        )
        self._pipe = cast("IO[bytes]", self._process.stdin)

    def add(self, pid: int) -> None:
        self._tell(f"+{pid}\n")

    def remove(self, pid: int) -> None:
        self._tell(f"-{pid}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        # Without its reaper the parent does all its work, but for this one last service.
        with contextlib.suppress(BrokenPipeError):
            self._pipe.write(line.encode())
            self._pipe.flush()


def kill_group(pid: int) -> None:
    """Kill the process and its descendants; that it has ended already is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _watch(lines: IO[str]) -> None:
    registered: set[int] = set()
    for line in lines:
        pid = int(line[1:])
        if line.startswith("+"):
            registered.add(pid)
        else:
            registered.discard(pid)
    for pid in registered:
        kill_group(pid)


if __name__ == "__main__":
    _watch(sys.stdin)
