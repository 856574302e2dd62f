"""The emulated Function URL and its workers, driven over real sockets by a scripted worker."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.function_host import FUNCTION_ARN, FunctionHost, function_host

PATIENCE_S = 20


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FunctionHost]:
    with function_host(tmp_path) as running:
        yield running


def call(host: FunctionHost, *steps: dict[str, Any], **options: Any) -> httpx.Response:
    return httpx.post(host.url, json=steps, timeout=PATIENCE_S, **options)


def wait_until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def invocations(host: FunctionHost) -> list[dict[str, Any]]:
    return [json.loads(line) for line in host.logs().splitlines() if line.startswith("{")]


def test_prelude_becomes_the_head_and_the_rest_the_body(host: FunctionHost) -> None:
    answer = call(host, {"write": "one "}, {"write": "two"})

    assert (answer.status_code, answer.text) == (201, "one two")
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_worker_gets_the_event_and_lambdas_headers(host: FunctionHost) -> None:
    before = time.time()
    answer = httpx.post(
        f"{host.url}/model/a%3Ab/invoke?x=1", json=[{"write": "ok"}], timeout=PATIENCE_S
    )

    [invocation] = invocations(host)
    headers = {name.lower(): value for name, value in invocation["headers"].items()}
    assert headers["lambda-runtime-invoked-function-arn"] == FUNCTION_ARN
    assert headers["lambda-runtime-aws-request-id"] == answer.headers["x-amzn-requestid"]
    assert headers["lambda-runtime-trace-id"].startswith("Root=1-")
    assert before + 19 < int(headers["lambda-runtime-deadline-ms"]) / 1000 < time.time() + 20
    assert invocation["event"]["rawPath"] == "/model/a%3Ab/invoke"
    assert invocation["event"]["rawQueryString"] == "x=1"
    assert invocation["event"]["requestContext"]["requestId"] == answer.headers["x-amzn-requestid"]


def test_first_chunk_arrives_before_the_last_is_produced(
    host: FunctionHost, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    steps = [{"write": "first"}, {"wait": str(gate)}, {"write": "last"}]
    with httpx.stream("POST", host.url, json=steps, timeout=PATIENCE_S) as answer:
        chunks = answer.iter_text()
        assert next(chunks) == "first"
        gate.touch()
        assert "".join(chunks) == "last"


def test_error_trailers_cut_the_connection(host: FunctionHost) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        call(host, {"write": "half"}, {"fail": "Router.Broken"})
    assert "failed: Router.Broken" in host.logs()


def test_stream_without_a_prelude_keeps_its_content_type(host: FunctionHost) -> None:
    answer = call(host, {"raw": "as it is"})
    assert (answer.status_code, answer.text) == (200, "as it is")
    assert answer.headers["content-type"] == "text/raw"


@pytest.mark.parametrize(
    "prelude",
    [
        "no JSON" + "\0" * 8 + "body",
        '{"headers": {"x": "two\\nlines"}}' + "\0" * 8 + "body",
        '{"statusCode": 200}',
    ],
    ids=["malformed", "header HTTP does not allow", "unfinished"],
)
@pytest.mark.parametrize("end", [{"wait": "/"}, {"fail": "Router.Broken"}], ids=["ends", "fails"])
def test_prelude_that_is_no_head_is_a_502(
    host: FunctionHost, prelude: str, end: dict[str, str]
) -> None:
    answer = call(host, {"prelude": prelude}, {"raw": "more"}, end)
    assert (answer.status_code, answer.text) == (502, "Internal Server Error")
    assert call(host, {"write": "next"}).text == "next"


def test_reported_error_is_a_502(host: FunctionHost) -> None:
    answer = call(host, {"report": "Router.Broken"})
    assert (answer.status_code, answer.text) == (502, "Internal Server Error")


def test_crash_before_the_answer_is_a_502_and_the_worker_is_replaced(host: FunctionHost) -> None:
    assert call(host, {"exit": 3}).status_code == 502
    assert call(host, {"write": "again"}).text == "again"
    assert "exited with status 3" in host.logs()


def test_crash_after_the_first_byte_cuts_the_connection(host: FunctionHost) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        call(host, {"write": "half"}, {"exit": 3})
    assert call(host, {"write": "again"}).text == "again"


def test_answer_complete_before_the_crash_arrives_whole(host: FunctionHost, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    answer = call(host, {"write": "whole"}, {"idle": str(gate)})
    os.kill(int(answer.headers["x-worker"]), signal.SIGKILL)

    assert answer.text == "whole"
    assert call(host, {"write": "again"}).text == "again"


def test_worker_killed_while_idle_is_replaced(host: FunctionHost) -> None:
    worker = int(call(host, {"write": "one"}).headers["x-worker"])
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: "exited with status" in host.logs())

    answer = call(host, {"write": "two"})
    assert answer.text == "two"
    assert int(answer.headers["x-worker"]) != worker


def test_sequential_requests_reuse_one_worker(host: FunctionHost) -> None:
    with httpx.Client(timeout=PATIENCE_S) as client:
        workers = {
            client.post(host.url, json=[{"write": "x"}]).headers["x-worker"] for _ in range(20)
        }
    assert len(workers) == 1


def test_worker_runs_one_request_at_a_time(host: FunctionHost, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with ThreadPoolExecutor() as threads:
        waiting = [
            threads.submit(
                call, host, {"touch": f"{tmp_path}/{n}"}, {"wait": str(gate)}, {"write": ""}
            )
            for n in range(4)
        ]
        wait_until(lambda: all((tmp_path / str(n)).exists() for n in range(4)))
        gate.touch()
        workers = {answer.result().headers["x-worker"] for answer in waiting}
    assert len(workers) == 4


def test_more_calls_than_the_function_may_run_are_throttled(tmp_path: Path) -> None:
    gate, begun = tmp_path / "gate", tmp_path / "begun"
    with function_host(tmp_path, max_concurrency=1) as host, ThreadPoolExecutor() as threads:
        first = threads.submit(
            call, host, {"touch": str(begun)}, {"wait": str(gate)}, {"write": "1"}
        )
        wait_until(begun.exists)
        throttled = call(host, {"write": "2"})
        gate.touch()

        assert throttled.status_code == 429
        assert throttled.json()["Reason"] == "ConcurrentInvocationLimitExceeded"
        assert first.result().text == "1"
        assert call(host, {"write": "3"}).text == "3"


def test_request_waits_for_a_worker_that_has_answered(tmp_path: Path) -> None:
    """Rather than be throttled: that worker asks for the next invocation within moments."""
    gate = tmp_path / "gate"
    with function_host(tmp_path, max_concurrency=1) as host, ThreadPoolExecutor() as threads:
        call(host, {"write": "1"}, {"idle": str(gate)})
        second = threads.submit(call, host, {"write": "2"})
        gate.touch()
        assert second.result().text == "2"


def test_timeout_kills_the_worker(tmp_path: Path) -> None:
    with function_host(tmp_path, timeout_s=1) as host:
        assert call(host, {"pause": 60}).status_code == 502
        assert "failed: Sandbox.Timedout" in host.logs()
        assert call(host, {"write": "again"}).text == "again"


def test_worker_that_does_not_come_up_is_a_502(tmp_path: Path) -> None:
    with function_host(tmp_path, command=("/bin/sh", "-c", "echo no such module; exit 1")) as host:
        assert call(host, {"write": "never"}).status_code == 502
        assert "no such module" in host.logs()


def test_command_that_cannot_be_run_is_a_502(tmp_path: Path) -> None:
    with function_host(tmp_path, command=("/nonexistent/python",)) as host:
        assert call(host, {"write": "never"}).status_code == 502
        assert call(host, {"write": "never"}).status_code == 502


def test_function_runs_to_its_end_when_the_client_goes_away(
    host: FunctionHost, tmp_path: Path
) -> None:
    gate, done = tmp_path / "gate", tmp_path / "done"
    steps = [{"write": "first"}, {"wait": str(gate)}, {"write": "last"}, {"touch": str(done)}]
    with httpx.stream("POST", host.url, json=steps, timeout=PATIENCE_S) as answer:
        next(answer.iter_text())
    gate.touch()
    wait_until(done.exists)
    assert len({call(host, {"write": "x"}).headers["x-worker"], answer.headers["x-worker"]}) == 1


def test_too_large_a_request_is_refused_by_the_url_itself(host: FunctionHost) -> None:
    answer = httpx.post(host.url, content=b"x" * 6_300_000, timeout=PATIENCE_S)
    assert answer.status_code == 413
    assert not invocations(host)


def test_binary_request_counts_as_base64_against_the_limit(host: FunctionHost) -> None:
    binary = {"content-type": "application/octet-stream"}
    answer = httpx.post(host.url, content=bytes(5_000_000), headers=binary, timeout=PATIENCE_S)
    assert answer.status_code == 413


def test_request_announced_with_expect_is_asked_for(host: FunctionHost) -> None:
    answer = call(host, {"write": "sent"}, headers={"expect": "100-continue"})
    assert answer.text == "sent"


def test_malformed_request_is_a_400(host: FunctionHost) -> None:
    address, _, port = host.url.removeprefix("http://").partition(":")
    with socket.create_connection((address, int(port)), timeout=PATIENCE_S) as raw:
        raw.sendall(b"this is not HTTP\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_head_request_gets_no_body(host: FunctionHost) -> None:
    answer = httpx.request("HEAD", host.url, json=[{"write": "body"}], timeout=PATIENCE_S)
    assert (answer.status_code, answer.content) == (201, b"")
    assert call(host, {"write": "next"}).text == "next"


def test_buffered_answer_is_unwrapped(tmp_path: Path) -> None:
    payload = {"statusCode": 404, "headers": {"x-a": "b"}, "body": "bm8=", "isBase64Encoded": True}
    with function_host(tmp_path, "BUFFERED") as host:
        answer = call(host, {"buffered": payload})
        assert (answer.status_code, answer.text, answer.headers["x-a"]) == (404, "no", "b")


@pytest.mark.parametrize(
    "payload", ["not JSON", {"statusCode": "200"}, {"statusCode": 200, "body": 1}]
)
def test_buffered_answer_that_is_no_http_response_is_a_502(tmp_path: Path, payload: Any) -> None:
    with function_host(tmp_path, "BUFFERED") as host:
        assert call(host, {"buffered": payload}).status_code == 502


def test_buffered_answer_over_the_limit_is_refused(tmp_path: Path) -> None:
    with function_host(tmp_path, "BUFFERED") as host:
        answer = call(host, {"fill": 6_300_000})
        assert answer.status_code == 502
        wait_until(lambda: "posted 413" in host.logs())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/invocation/another/response", 400),
        ("/invocation/another/error", 400),
        ("/restore/next", 404),
    ],
)
def test_runtime_api_refuses_what_the_worker_may_not_post(
    host: FunctionHost, path: str, status: int
) -> None:
    assert call(host, {"post": path}, {"write": "fine"}).text == "fine"
    wait_until(lambda: f"posted {status}" in host.logs())


def test_poll_without_an_answer_is_a_502(host: FunctionHost) -> None:
    assert call(host).status_code == 502
    assert "failed: Runtime.NoResponse" in host.logs()


def test_reported_init_error_is_a_502(tmp_path: Path) -> None:
    report = """
import http.client, os, time
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
headers = {"lambda-runtime-function-error-type": "Router.Unconfigured"}
api.request("POST", "/2018-06-01/runtime/init/error", b"{}", headers)
time.sleep(60)
"""
    with function_host(tmp_path, command=(sys.executable, "-c", report)) as host:
        assert call(host, {"write": "never"}).status_code == 502
