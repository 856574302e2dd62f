"""The emulated AWS account inside the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from local.account import Account
from local.cloud.server import make_cloud_server


@contextmanager
def cloud_account(region: str = "us-east-1") -> Iterator[Account]:
    """moto keeps one state per process: stacks and tables of different tests need unlike names."""
    with make_cloud_server(0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Account(f"http://127.0.0.1:{server.port}", region)
        finally:
            server.shutdown()
            thread.join()
