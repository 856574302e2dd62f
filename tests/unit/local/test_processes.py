"""Children that are watched, stopped, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.child_processes import Child, ChildFailedError
from local.ready_file import read_ready_file, write_ready_file
from local.reaper import Reaper

PATIENCE_S = 20

PARENT = """
import os, subprocess, sys, time
from local.reaper import Reaper

with Reaper() as reaper:
    children = [
        subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(2)
    ]
    for child in children:
        reaper.add(child.pid)
    reaper.remove(children[1].pid)
    print(children[0].pid, children[1].pid, flush=True)
    time.sleep(600)
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_end(pid: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while is_running(pid):
        assert time.monotonic() < end, f"{pid} is still running"
        time.sleep(0.01)


def test_registered_children_die_with_a_killed_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        registered, removed = map(int, parent.stdout.readline().split())
        parent.kill()
    try:
        wait_for_end(registered)
        assert is_running(removed)
    finally:
        os.kill(removed, signal.SIGKILL)


def test_ready_file_is_private_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    assert read_ready_file(path) is None
    write_ready_file(path, {"url": "http://a", "ca_bundle": None})
    write_ready_file(path, {"url": "http://b", "pid": 1})

    assert read_ready_file(path) == {"url": "http://b", "pid": 1}
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(autouse=True)
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def run_child(script: str, tmp_path: Path) -> None:
    """Run a module with this text as a child, until it is ready or ended; then stop it."""
    (tmp_path / "child_under_test.py").write_text(script)
    ready_file = tmp_path / "ready.json"

    async def scenario() -> None:
        with Reaper() as reaper:
            child = await Child.start(
                "tested",
                "child_under_test",
                [str(ready_file)],
                logs_dir=tmp_path,
                reaper=reaper,
            )
            try:
                await child.ready(ready_file)
                await asyncio.wait_for(child.watch(), 0.05)
            except TimeoutError:
                pass  # it serves on, as it should
            finally:
                await child.stop()

    asyncio.run(scenario())


SERVE = """
import pathlib, subprocess, sys, time
from local.ready_file import write_ready_file

grandchild = subprocess.Popen(["sleep", "600"])
pathlib.Path(sys.argv[1]).with_name("grandchild").write_text(str(grandchild.pid))
write_ready_file(pathlib.Path(sys.argv[1]), {"url": "http://x"})
time.sleep(600)
"""


def test_stopped_child_leaves_no_descendant(tmp_path: Path) -> None:
    run_child(SERVE, tmp_path)
    wait_for_end(int((tmp_path / "grandchild").read_text()))


def test_child_deaf_to_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.child_processes._STOP_TIMEOUT_S", 0.1)
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    run_child(deaf + SERVE, tmp_path)
    wait_for_end(int((tmp_path / "grandchild").read_text()))


def test_child_that_ends_before_it_is_ready_is_an_error_with_its_last_words(
    tmp_path: Path,
) -> None:
    with pytest.raises(ChildFailedError, match=r"(?s)tested ended with status 1.*KeyError: 'gone'"):
        run_child("raise KeyError('gone')", tmp_path)


def test_child_that_ends_later_is_an_error_too(tmp_path: Path) -> None:
    ends = SERVE.replace("time.sleep(600)", "").replace('["sleep", "600"]', '["true"]')
    with pytest.raises(ChildFailedError, match="tested ended with status 0"):
        run_child(ends, tmp_path)
