"""The simulator over HTTP, as a process of its own: connections, streams, concurrency and the end."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.eventstream import EventStreamBuffer

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import (
    NOVA,
    PRICES,
    get,
    order,
    serving,
    simulator,
    user,
)

STREAM = f"/model/{NOVA}/converse-stream"
WHOLE = f"/model/{NOVA}/converse"


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)


def ask(connection: http.client.HTTPConnection, path: str, prompt: str) -> http.client.HTTPResponse:
    connection.request("POST", path, json.dumps({"messages": user(prompt)}))
    return connection.getresponse()


@pytest.fixture
def connection(url: str) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(connect(url)) as made:
        yield made


def frames(response: http.client.HTTPResponse, buffer: EventStreamBuffer) -> Iterator[str]:
    """The event types of a stream as they arrive."""
    while data := response.read1(65536):
        buffer.add_data(data)
        for message in buffer:
            yield message.headers.get(":event-type") or message.headers[":exception-type"]


def test_a_connection_is_kept_for_the_next_request(
    connection: http.client.HTTPConnection,
) -> None:
    assert ask(connection, WHOLE, "one").read()
    first = connection.sock
    assert ask(connection, STREAM, "two").read()
    assert ask(connection, WHOLE, order(status=503)).read()
    assert connection.sock is first is not None


def test_the_first_event_arrives_before_the_last_is_made(tmp_path: Path) -> None:
    sim = simulator(tmp_path)
    with serving(sim) as url, contextlib.closing(connect(url)) as connection:
        response = ask(connection, STREAM, order(words=3, hold_last="door"))
        assert response.headers["transfer-encoding"] == "chunked"
        arrived = frames(response, EventStreamBuffer())
        before = [next(arrived) for _ in range(3)]
        assert before == ["messageStart", "contentBlockDelta", "contentBlockDelta"]
        with contextlib.closing(connect(url)) as other:
            other.request("POST", "/_sim/gates/door")
            other.getresponse().read()
        assert list(arrived) == ["contentBlockDelta", "contentBlockStop", "messageStop", "metadata"]


def test_a_whole_answer_waits_at_its_gate_too(tmp_path: Path) -> None:
    sim = simulator(tmp_path)
    with (
        serving(sim) as url,
        ThreadPoolExecutor(1) as pool,
        contextlib.closing(connect(url)) as connection,
    ):
        answer = pool.submit(lambda: ask(connection, WHOLE, order(hold_last="door")).read())
        while not get(sim, "/_sim/state").json["in_flight"]:
            time.sleep(0.01)
        assert not answer.done()
        sim.gates.open("door")
        assert json.loads(answer.result(timeout=20))["stopReason"] == "end_turn"


def test_a_gate_kept_shut_ends_the_stream_with_an_exception(
    connection: http.client.HTTPConnection,
) -> None:
    response = ask(connection, STREAM, order(words=2, hold_last="shut"))
    assert list(frames(response, EventStreamBuffer())) == [
        "messageStart", "contentBlockDelta", "modelStreamErrorException",
    ]  # fmt: skip


def test_a_cut_stream_ends_without_its_last_chunk(
    connection: http.client.HTTPConnection,
) -> None:
    response = ask(connection, STREAM, order(words=5, cut_after=2))
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    buffer = EventStreamBuffer()
    buffer.add_data(caught.value.partial)
    assert len(list(buffer)) == 3


def test_a_cut_answer_ends_before_its_length(connection: http.client.HTTPConnection) -> None:
    response = ask(connection, WHOLE, order(words=5, cut_after=0))
    with pytest.raises(http.client.IncompleteRead):
        response.read()


def test_delays_and_silences_take_their_time(tmp_path: Path) -> None:
    slept: list[float] = []
    sim = simulator(tmp_path, sleep=slept.append)
    with serving(sim) as url, contextlib.closing(connect(url)) as connection:
        ask(connection, STREAM, order(words=4, delay_ms=20)).read()
        assert slept == [0.02] * 3
        slept.clear()
        ask(connection, STREAM, order(words=4, silence_s=7, after=2)).read()
        assert slept == [7]
        slept.clear()
        ask(connection, WHOLE, order(words=4, delay_ms=20, silence_s=1)).read()
        assert slept == [pytest.approx(1.08)]


def test_a_client_that_leaves_a_held_stream_is_charged(tmp_path: Path) -> None:
    sim = simulator(tmp_path)
    with serving(sim) as url:
        connection = connect(url)
        response = ask(connection, STREAM, order(words=3, hold_last="door"))
        assert response.read1(10)
        response.close()
        connection.close()
        sim.gates.open("door")
        assert sim.bill.show()["calls"][0]["usage"]["output"] == 3


def test_64_streams_are_served_at_once(tmp_path: Path) -> None:
    sim = simulator(tmp_path)
    with serving(sim) as url, contextlib.ExitStack() as stack:
        connections = [stack.enter_context(contextlib.closing(connect(url))) for _ in range(64)]
        responses = [ask(c, STREAM, order(words=2, hold_last="all")) for c in connections]
        assert all(response.read1(10) for response in responses)
        assert get(sim, "/_sim/state").json["in_flight"] == 64
        sim.gates.open("all")
        for response in responses:
            response.read()
    state = get(sim, "/_sim/state").json
    assert state["most_in_flight"] == 64
    assert state["requests"] == 64
    assert state["statuses"] == {"200": 64}
    assert len(sim.bill.show()["calls"]) == 64


def test_the_state_tells_of_requests_but_never_what_they_say(
    sim: Simulator, connection: http.client.HTTPConnection
) -> None:
    ask(connection, WHOLE, "canary in a prompt").read()
    ask(connection, "/model/no-such/converse", "canary in a prompt").read()
    connection.request("GET", "/openai/v1/models")
    unknown = json.loads(connection.getresponse().read())
    assert unknown["Output"]["__type"] == "com.amazon.coral.service#UnknownOperationException"
    connection.request("GET", "/_sim/state")
    told = connection.getresponse().read()
    assert b"canary" not in told
    assert json.loads(told)["seen"] == [
        {"operation": "Converse", "model": NOVA, "status": 200},
        {"operation": "Converse", "model": "no-such", "status": 400},
        {"operation": "", "model": "", "status": 200},
    ]
    assert b"canary" not in json.dumps(sim.bill.show()).encode()


def test_a_request_without_a_length_is_refused(url: str) -> None:
    where = urlsplit(url)
    head = f"POST {WHOLE} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with socket.create_connection((where.hostname, where.port), timeout=20) as raw:
        raw.sendall(head.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 411 ")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """``python -m local.bedrock``, and what its ready file says."""
    prices, ready = tmp_path / "prices.json", tmp_path / "ready.json"
    prices.write_text(json.dumps(PRICES))
    command = [sys.executable, "-m", "local.bedrock", "--ready-file", str(ready)]
    options = ["--prices", str(prices), "--region", "eu-west-1"]
    keys = ["--access-key", "key", "--secret-key", "secret"]
    started = subprocess.Popen([*command, *options, *keys], stdout=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert started.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield started, json.loads(ready.read_text())
    finally:
        started.kill()
        started.wait()
        assert started.stdout is not None
        started.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_and_ends_cleanly_when_told(
    process: tuple[subprocess.Popen[str], dict[str, Any]], number: signal.Signals
) -> None:
    started, ready = process
    assert ready["pid"] == started.pid
    with contextlib.closing(connect(ready["url"])) as connection:
        connection.request("GET", "/_sim/bill")
        assert json.loads(connection.getresponse().read())["calls"] == []
        response = ask(connection, WHOLE, "hi")
        assert response.status == 403
        response.read()
        started.send_signal(number)
        assert started.wait(timeout=20) == 0
