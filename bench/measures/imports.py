"""How long the data plane takes to import, beside the standard library's part of it."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.processes import BenchError
from bench.results import Result
from bench.session import Session
from bench.summary import summarize

ROUTER = ("-S", "-c", "import router.app, router.runtime")
REFERENCE = ("-c", "import http.client, ssl, json, hmac, hashlib")
BARE = ("-S", "-c", "pass")


class _Run(NamedTuple):
    wall_ms: float
    cpu_ms: float


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """Runs the imports in turn, so that what else the machine does touches them alike."""
    root = session.compiled_root
    for command in (ROUTER, REFERENCE, BARE):
        _run(command, root)
    runs = [
        (_run(ROUTER, root), _run(REFERENCE, root), _run(BARE, root))
        for _ in session.rounds("imports", session.plan.import_runs)
    ]
    routers, references, bare = zip(*runs, strict=True)
    return [
        Result(
            "import.ratio",
            "data-plane import ÷ http.client, ssl, json, hmac, hashlib",
            "x",
            summarize([r.wall_ms / s.wall_ms for r, s, _ in runs]),
            "wall time of a process, bytecode cached",
        ),
        Result(
            "import.cpu_ratio",
            "  the same in CPU time",
            "x",
            summarize([r.cpu_ms / s.cpu_ms for r, s, _ in runs]),
        ),
        Result(
            "import.router",
            "  data-plane import",
            "ms",
            summarize([run.wall_ms for run in routers]),
        ),
        Result(
            "import.reference",
            "  http.client, ssl, json, hmac, hashlib",
            "ms",
            summarize([run.wall_ms for run in references]),
        ),
        Result(
            "import.bare",
            "  bare interpreter (-S -c pass)",
            "ms",
            summarize([run.wall_ms for run in bare]),
        ),
    ]


def _run(arguments: tuple[str, ...], folder: Path) -> _Run:
    """One process in `folder` from start to end."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchError(f"{arguments} exited with {process.returncode}")
    return _Run(wall_s * 1000, (usage.ru_utime + usage.ru_stime) * 1000)
