"""What a run of the bench has at hand: its plan, its services and the routers it starts."""

import compileall
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import Progress

from bench.plan import Plan
from bench.processes import BenchError, Processes
from bench.worker import Worker

ROOT = Path(__file__).resolve().parents[1]
LAMBDA_SOURCE = ROOT / "lambda_src"

_FAKES = Path(__file__).parent / "fakes"

LOG_TAIL = 1000
"""Characters of each log that explain a failure."""

SESSION_TOKEN = "x" * 1000
"""About as long as Lambda's, since it is sent and signed with every call."""

INSIDE = (sys.executable, "-S", str(_FAKES / "router_with_table_inside.py"))
BARE = (sys.executable, "-S", str(_FAKES / "bare_relay.py"))
NULL = (sys.executable, "-S", str(_FAKES / "null_worker.py"))


class Session:
    """Owns every process and file of a run; nothing of it remains after its `with`."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self.plan = plan
        self._progress = progress
        self._owned = ExitStack()
        self._workers = 0

    def __enter__(self) -> Self:
        self.run_dir = Path(
            self._owned.enter_context(tempfile.TemporaryDirectory(prefix="bedrockrouter-bench-"))
        )
        self.processes = self._owned.enter_context(Processes(self.run_dir))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, BenchError):
            error.add_note(self._last_logged())
        self._owned.close()

    def rounds(self, what: str, count: int) -> Iterator[int]:
        """Counts to `count` and shows how far it has come."""
        return iter(self._progress.track(range(count), description=what))

    @cached_property
    def urls(self) -> Mapping[str, str]:
        """The fake services: URL by name, ``_tls`` for its https one."""
        command = [sys.executable, "-m", "bench.fakes", "{ready}", str(self._ca_bundle)]
        return self.processes.service("fakes", command, module_environment())

    def emulator(
        self, functions: Mapping[str, tuple[Sequence[str], Mapping[str, str]]]
    ) -> dict[str, str]:
        """Starts Function URLs over commands and their environments; URL by name."""
        description = self.run_dir / "functions.json"
        description.write_text(
            json.dumps(
                {
                    name: {"command": command, "environment": environment}
                    for name, (command, environment) in functions.items()
                }
            )
        )
        command = [sys.executable, "-m", "bench.emulator", str(description), "{ready}"]
        return self.processes.service("emulator", command, module_environment())

    def worker(
        self,
        *,
        tls: bool,
        command: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Worker:
        """A router on the fake services, started by `command` or as Lambda starts it."""
        self._workers += 1
        return Worker(
            self.processes,
            command or start_router(self.task_root),
            self.router_environment(tls=tls) | dict(environment or {}),
            self.run_dir / f"worker-{self._workers}.log",
        )

    @cached_property
    def task_root(self) -> Path:
        """The functions' code with nothing but sources, as it is deployed."""
        return Path(
            shutil.copytree(
                LAMBDA_SOURCE,
                self.run_dir / "task",
                ignore=shutil.ignore_patterns("__pycache__", "*.pyc"),
            )
        )

    @cached_property
    def compiled_root(self) -> Path:
        """The same with bytecode beside it."""
        compiled = Path(shutil.copytree(self.task_root, self.run_dir / "compiled"))
        if not compileall.compile_dir(compiled, quiet=1):
            raise BenchError("the router cannot be compiled")
        return compiled

    def router_environment(self, *, tls: bool) -> dict[str, str]:
        """What Lambda, the stack and the addresses of the fakes make of a router's environment."""
        suffix = "_tls" if tls else ""
        return {
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "bench-only",
            "AWS_SESSION_TOKEN": SESSION_TOKEN,
            "AWS_CA_BUNDLE": str(self._ca_bundle),
            "AWS_ENDPOINT_URL_BEDROCK": self.urls[f"bedrock{suffix}"],
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.urls[f"bedrock{suffix}"],
            "AWS_ENDPOINT_URL_DYNAMODB": self.urls[f"dynamodb{suffix}"],
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.urls[f"secretsmanager{suffix}"],
            "HMAC_SECRET_ID": "arn:aws:secretsmanager:us-east-1:123456789012:secret:bench",
            "MODEL_ALIASES": "{}",
            "TABLE_NAME": "bench",
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TZ": ":UTC",
        }

    def _last_logged(self) -> str:
        logs = sorted(self.run_dir.glob("*.log"))
        texts = {log.name: log.read_text(errors="replace")[-LOG_TAIL:] for log in logs}
        return "\n".join(f"{name}: {text.strip()}" for name, text in texts.items() if text)

    @property
    def _ca_bundle(self) -> Path:
        return self.run_dir / "ca.pem"


def start_router(task_root: Path) -> Sequence[str]:
    """The router's command line, as Lambda calls an exec wrapper."""
    return (str(task_root / "bin" / "start-router"), sys.executable)


def module_environment() -> dict[str, str]:
    """The environment of the bench's own modules run as processes."""
    return os.environ | {"PYTHONPATH": str(ROOT)}
