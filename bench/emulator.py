"""``python -m bench.emulator FUNCTIONS READY_FILE``: the local stack's Function URLs, alone.

`FUNCTIONS` is a JSON file: name → {command, environment}. The ready file tells each name's URL.
"""

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from local.functions.function_url import FunctionUrl
from local.functions.http_server import HttpConnection
from local.functions.url_event import UrlIdentity
from local.functions.worker import WorkerSpec
from local.functions.worker_pool import WorkerPool
from local.ready_file import write_ready_file
from local.reaper import Reaper

MAX_CONCURRENCY = 64


async def serve(functions: dict[str, Any], ready_file: Path) -> None:
    """Serves until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as owned:
        reaper = owned.enter_context(Reaper())
        urls = {}
        for name, function in functions.items():
            spec = WorkerSpec(
                function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
                command=function["command"],
                environment=function["environment"],
                task_root=Path.cwd(),
                timeout_s=900,
            )
            pool = WorkerPool(
                spec,
                name=name,
                logs_dir=ready_file.parent,
                max_concurrency=MAX_CONCURRENCY,
                reaper=reaper,
            )
            owned.push_async_callback(pool.close)
            urls[name] = await _listen(pool, owned)
        write_ready_file(ready_file, urls)
        await stopped.wait()


async def _listen(pool: WorkerPool, owned: AsyncExitStack) -> str:
    identity = UrlIdentity("bench.lambda-url.us-east-1.on.aws", "http", 80)
    url = FunctionUrl(pool, identity, "RESPONSE_STREAM")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: HttpConnection(url.accept), "127.0.0.1", 0)
    owned.callback(server.close)
    host, port = server.sockets[0].getsockname()
    return f"http://{host}:{port}"


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])))
