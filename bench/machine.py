"""The machine the bench runs on, and what a process on it uses. Linux, as Lambda is."""

import os
import platform
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

SPEED_SAMPLES = 25


class Machine(NamedTuple):
    python: str
    cpu: str
    cores: int
    kernel: str


class Condition(NamedTuple):
    """How the machine is at one moment."""

    load: float
    """Processes that ran or wanted to, on average over the last minute."""
    loop_ms: float
    """What a fixed piece of pure Python takes: a shared machine is not always equally fast."""


def this_machine() -> Machine:
    """Where this runs."""
    return Machine(platform.python_version(), _cpu_model(), os.cpu_count() or 1, platform.release())


def condition() -> Condition:
    """How it is now; takes a fifth of a second."""
    samples = []
    for _ in range(SPEED_SAMPLES):
        start = time.perf_counter()
        sum(number & 1 for number in range(100_000))
        samples.append((time.perf_counter() - start) * 1000)
    return Condition(os.getloadavg()[0], median(samples))


def cpu_seconds(pid: int) -> float:
    """CPU time of a process of one thread, user and system, to the nanosecond.

    https://docs.kernel.org/scheduler/sched-stats.html
    """
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def resident_mb(pid: int) -> float:
    """Resident memory in MB (10^6 bytes), shared pages included."""
    return _status_kib(pid, "VmRSS") * 1024 / 1e6


def _status_kib(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise ValueError(f"no {field} of process {pid}")


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
