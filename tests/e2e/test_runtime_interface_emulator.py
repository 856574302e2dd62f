"""The router's loop under AWS's own Runtime Interface Emulator, started as Lambda starts it.

The emulator buffers: what a Function URL would take apart, it returns as the worker sent it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.functions.url_event import HttpRequest, UrlIdentity, function_url_event
from local.functions.url_response import Head, PreludeReader

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / ".cache" / "aws-lambda-rie"
WRAPPER = ROOT / "lambda_src" / "bin" / "start-router"
BOOTSTRAP = ROOT / "local" / "functions" / "bootstrap.py"

PATIENCE_S = 20

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS builds its emulator for Linux only"
)


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
    return f"{host}:{port}"


@pytest.fixture(scope="module")
def invocations_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not EMULATOR.exists():
        pytest.fail(f"{EMULATOR} is missing: run `make setup`")
    address = free_address()
    log = tmp_path_factory.mktemp("rie") / "log"
    environment = {
        "PATH": os.defpath,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "unused",
        "TABLE_NAME": "unused",
        "HMAC_SECRET_ID": "unused",
    }
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [
                EMULATOR,
                *("--runtime-interface-emulator-address", address),
                *("--runtime-api-address", free_address()),
                *(WRAPPER, sys.executable, BOOTSTRAP),
            ],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as emulator,
    ):
        try:
            wait_until_listening(address, emulator, log)
            yield f"http://{address}/2015-03-31/functions/function/invocations"
        finally:
            os.killpg(emulator.pid, signal.SIGKILL)


def wait_until_listening(address: str, emulator: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = address.partition(":")
    end = time.monotonic() + PATIENCE_S
    while emulator.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"the emulator does not listen: {log.read_text()}")


def invoke(url: str, method: str, target: str) -> tuple[Head, bytes]:
    """What the router streams for a request, read as a Function URL reads it."""
    request = HttpRequest(method, target, {"host": "router"}, b"", "127.0.0.1")
    identity = UrlIdentity("abc.lambda-url.us-east-1.on.aws", "https", 443)
    event = function_url_event(request, identity, "id", time.time())
    answer = httpx.post(url, content=event, timeout=PATIENCE_S)
    read = PreludeReader().feed(answer.content)
    assert read, answer.content
    return read


def test_router_answers_invocation_after_invocation(invocations_url: str) -> None:
    for _ in range(3):
        head, body = invoke(invocations_url, "GET", "/healthz")
        assert head.status == 200
        assert json.loads(body)


def test_router_answers_an_unknown_path_in_the_shape_of_its_api(invocations_url: str) -> None:
    head, body = invoke(invocations_url, "POST", "/v1/unknown")
    assert head.status == 404
    assert dict(head.headers)["content-type"] == "application/json"
    assert json.loads(body)["error"]["message"]
