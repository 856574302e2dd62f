"""An emulated function behind its URL, for tests: the real front and pool, a scripted worker."""

import asyncio
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from local.functions.function_url import FunctionUrl
from local.functions.http_server import HttpConnection
from local.functions.url_event import UrlIdentity
from local.functions.worker import WorkerSpec
from local.functions.worker_pool import WorkerPool
from local.reaper import Reaper

SCRIPTED_WORKER = (sys.executable, str(Path(__file__).with_name("scripted_worker.py")))

FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:scripted"


class FunctionHost(NamedTuple):
    url: str
    logs_dir: Path

    def logs(self) -> str:
        return "".join(log.read_text() for log in sorted(self.logs_dir.iterdir()))


@contextmanager
def function_host(
    logs_dir: Path,
    invoke_mode: str = "RESPONSE_STREAM",
    *,
    max_concurrency: int = 4,
    timeout_s: int = 20,
    command: tuple[str, ...] = SCRIPTED_WORKER,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[FunctionHost]:
    """Serve on a loop in a thread of its own until the block ends; then no worker is left."""
    spec = WorkerSpec(FUNCTION_ARN, list(command), dict(environment), logs_dir, timeout_s)
    with _loop_in_a_thread() as loop, Reaper() as reaper:
        pool = WorkerPool(
            spec, name="scripted", logs_dir=logs_dir, max_concurrency=max_concurrency, reaper=reaper
        )
        server = asyncio.run_coroutine_threadsafe(_serve(pool, invoke_mode), loop).result()
        host, port = server.sockets[0].getsockname()
        try:
            yield FunctionHost(f"http://{host}:{port}", logs_dir)
        finally:
            loop.call_soon_threadsafe(server.close)
            asyncio.run_coroutine_threadsafe(pool.close(), loop).result()


async def _serve(pool: WorkerPool, invoke_mode: str) -> asyncio.Server:
    identity = UrlIdentity("abc.lambda-url.us-east-1.on.aws", "http", 80)
    url = FunctionUrl(pool, identity, invoke_mode)
    return await asyncio.get_running_loop().create_server(
        lambda: HttpConnection(url.accept), "127.0.0.1", 0
    )


@contextmanager
def _loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
