"""Held against a Runtime API whose every byte is scripted."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from router import runtime
from router.http import Request, Response
from router.http_pool import Connection
from router.runtime import INTEGRATION_RESPONSE, parse_event, prelude, serve_one

from tests.support.scripted_server import PATIENCE_S, Peer, Received, Server, serving

LAMBDA_SRC = Path(__file__).parents[3] / "lambda_src"

SECRET = "what the client said"

# https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, shortened
EVENT: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/model/us.anthropic.claude-opus-5-5%3A0/converse",
    "rawQueryString": "parameter1=value1&parameter1=value2",
    "headers": {"X-Api-Key": "sk_m11_key", "content-type": "application/json"},
    "requestContext": {"http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1"}},
    "body": SECRET,
    "isBase64Encoded": False,
}


class Invocation:
    """The headers of the Runtime API's answer to `next`."""

    def __init__(self, **headers: str) -> None:
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def header(self, name: str) -> str | None:
        return self._headers.get(name)


INVOCATION: Any = Invocation(
    lambda_runtime_aws_request_id="the-request", lambda_runtime_deadline_ms="1700000000500"
)


# --- events ---------------------------------------------------------------------------------------


def test_an_event_becomes_a_request() -> None:
    assert parse_event(EVENT, INVOCATION) == Request(
        method="POST",
        path="/model/us.anthropic.claude-opus-5-5%3A0/converse",
        query="parameter1=value1&parameter1=value2",
        headers={"x-api-key": "sk_m11_key", "content-type": "application/json"},
        body=SECRET.encode(),
        request_id="the-request",
        deadline=1_700_000_000.5,
    )


def test_a_body_in_base64_is_decoded() -> None:
    body = bytes(range(256))
    event = EVENT | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert parse_event(event, INVOCATION).body == body


def test_text_in_a_body_is_utf8() -> None:
    assert parse_event(EVENT | {"body": "漢字"}, INVOCATION).body == "漢字".encode()


@pytest.mark.parametrize("body", [{}, {"body": None}, {"body": "", "isBase64Encoded": True}])
def test_an_event_may_have_no_body(body: dict[str, Any]) -> None:
    bare = {name: value for name, value in EVENT.items() if name != "body"}
    assert parse_event(bare | body, INVOCATION).body == b""


def test_an_event_may_have_no_query_and_no_headers() -> None:
    bare = {name: EVENT[name] for name in ("rawPath", "requestContext")}
    request = parse_event(bare, INVOCATION)
    assert (request.query, request.headers) == ("", {})


def test_an_invocation_without_a_deadline_has_lambdas_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime.time, "time", lambda: 1000.0)
    nothing: Any = Invocation()
    assert parse_event(EVENT, nothing).deadline == 1900.0


# --- the prelude ----------------------------------------------------------------------------------


def test_the_prelude_is_json_and_eight_nuls() -> None:
    head = prelude(Response(201, [("content-type", "text/plain"), ("x-other", "1")], b""))
    content, nuls, rest = head.partition(b"\0" * 8)
    assert (nuls, rest) == (b"\0" * 8, b"")
    assert json.loads(content) == {
        "statusCode": 201,
        "headers": {"content-type": "text/plain", "x-other": "1"},
        "cookies": [],
    }


def test_a_header_that_comes_twice_is_joined() -> None:
    head = prelude(Response(200, [("x-twice", "1"), ("x-once", "1"), ("x-twice", "2")], b""))
    assert json.loads(head[:-8])["headers"] == {"x-twice": "1, 2", "x-once": "1"}


# --- the loop -------------------------------------------------------------------------------------


def give_event(peer: Peer, request_id: str, event: dict[str, Any] | bytes = EVENT) -> None:
    """Answers the poll for the next invocation."""
    poll = peer.receive()
    assert (poll.method, poll.target) == ("GET", "/2018-06-01/runtime/invocation/next")
    peer.answer(
        event if isinstance(event, bytes) else json.dumps(event).encode(),
        headers=f"Lambda-Runtime-Aws-Request-Id: {request_id}\r\n"
        "Lambda-Runtime-Deadline-Ms: 1700000000500\r\n",
    )


def receive_outcome(peer: Peer) -> Received:
    """What the loop posts for an invocation."""
    posted = peer.receive()
    peer.answer(b'{"status":"OK"}', status=202)
    return posted


def serve_all(handlers: list[Callable[[Request], Response]]) -> list[Received]:
    """One invocation for each handler, on one loop; what was posted for them."""
    posted: list[Received] = []

    def runtime_api(peer: Peer) -> None:
        for number in range(len(handlers)):
            give_event(peer, f"id-{number}")
            posted.append(receive_outcome(peer))

    with serving(runtime_api) as server:
        connection = Connection(server.url, runtime._no_tls)
        for handler in handlers:
            serve_one(connection, handler)
        connection.close()
    assert server.accepted == 1
    return posted


def answering(body: bytes | Iterator[bytes], status: int = 200) -> Callable[[Request], Response]:
    return lambda _: Response(status, [("content-type", "text/plain")], body)


def failing(error: Exception) -> Callable[[Request], Response]:
    def handler(_: Request) -> Response:
        raise error

    return handler


def breaking_off(*pieces: bytes, error: Exception) -> Iterator[bytes]:
    yield from pieces
    raise error


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_whole_answer_is_posted_as_a_stream_of_one_piece() -> None:
    (posted,) = serve_all([answering(b"whole", 418)])
    assert (posted.method, posted.target) == (
        "POST",
        "/2018-06-01/runtime/invocation/id-0/response",
    )
    assert posted.header("content-type") == INTEGRATION_RESPONSE
    assert posted.header("lambda-runtime-function-response-mode") == "streaming"
    head, _, body = posted.body.partition(b"\0" * 8)
    assert json.loads(head)["statusCode"] == 418
    assert body == b"whole"
    assert len(posted.chunks) == 1
    assert posted.trailers == []


def test_the_handler_gets_the_request_of_the_event() -> None:
    got: list[Request] = []

    def handler(request: Request) -> Response:
        got.append(request)
        return Response(200, [], b"")

    serve_all([handler])
    assert got[0].body == SECRET.encode()
    assert got[0].request_id == "id-0"


@pytest.mark.parametrize("body", [b"", iter(()), iter([b"", b""])])
def test_an_answer_without_a_body_is_its_prelude(body: bytes | Iterator[bytes]) -> None:
    (posted,) = serve_all([answering(body)])
    head, nuls, rest = posted.body.partition(b"\0" * 8)
    assert (json.loads(head)["statusCode"], nuls, rest) == (200, b"\0" * 8, b"")
    assert posted.trailers == []


def test_each_piece_is_sent_before_the_next_is_made() -> None:
    arrived = [threading.Event() for _ in range(3)]
    received: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        for number, event in enumerate(arrived):
            yield b"piece %d" % number
            # The next piece is made only when the Runtime API has this one.
            assert event.wait(PATIENCE_S)

    def runtime_api(peer: Peer) -> None:
        give_event(peer, "id")
        peer.receive_head()
        for event in arrived:
            received.append(peer.receive_chunk())
            event.set()
        assert peer.receive_chunk() == b""
        peer.receive_trailers()
        peer.answer(status=202)

    with serving(runtime_api) as server:
        connection = Connection(server.url, runtime._no_tls)
        serve_one(connection, answering(pieces()))
        connection.close()
    # The prelude does not go out alone: that would be a write of its own before the first byte.
    assert received[0].endswith(b"\0" * 8 + b"piece 0")
    assert received[1:] == [b"piece 1", b"piece 2"]


def test_a_handler_that_fails_is_reported_without_a_word_of_what_it_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (posted,) = serve_all([failing(KeyError(SECRET))])
    assert posted.target == "/2018-06-01/runtime/invocation/id-0/error"
    assert posted.header("lambda-runtime-function-error-type") == "Router.KeyError"
    assert json.loads(posted.body)["errorType"] == "Router.KeyError"
    output = capsys.readouterr()
    assert "KeyError" in output.out
    assert SECRET not in posted.body.decode() + output.out + output.err


@pytest.mark.parametrize("event", [b"", b"not JSON", b"[]", b'{"rawPath": "/"}'])
def test_an_event_that_cannot_be_read_is_reported(
    event: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    posted: list[Received] = []

    def runtime_api(peer: Peer) -> None:
        give_event(peer, "id", event)
        posted.append(receive_outcome(peer))

    with serving(runtime_api) as server:
        connection = Connection(server.url, runtime._no_tls)
        serve_one(connection, answering(b"never made"))
        connection.close()
    assert posted[0].target.endswith("/invocation/id/error")
    assert logged(capsys)[0]["level"] == "ERROR"


@pytest.mark.parametrize("pieces", [(), (b"one", b"two")])
def test_a_failure_within_a_stream_goes_into_the_trailers(
    pieces: tuple[bytes, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    (posted,) = serve_all([answering(breaking_off(*pieces, error=ValueError(SECRET)))])
    assert posted.body.partition(b"\0" * 8)[2] == b"".join(pieces)
    announced = {name.strip().lower() for name in (posted.header("trailer") or "").split(",")}
    trailers = dict(posted.trailers)
    assert trailers.keys() == announced
    assert trailers["lambda-runtime-function-error-type"] == "Router.ValueError"
    report = base64.b64decode(trailers["lambda-runtime-function-error-body"])
    assert json.loads(report)["errorType"] == "Router.ValueError"
    output = capsys.readouterr()
    assert "ValueError" in output.out
    assert SECRET not in report.decode() + output.out + output.err


def test_the_loop_goes_on_after_whatever_happened(capsys: pytest.CaptureFixture[str]) -> None:
    posted = serve_all(
        [
            answering(b"first"),
            failing(ValueError()),
            answering(breaking_off(b"third", error=ValueError())),
            answering(iter([b"fo", b"urth"])),
        ]
    )
    assert [p.target.rpartition("/")[2] for p in posted] == [
        "response",
        "error",
        "response",
        "response",
    ]
    assert posted[3].body.endswith(b"fourth")
    assert len(logged(capsys)) == 2


def test_an_answer_that_the_runtime_api_does_not_take_ends_the_stream_and_not_the_loop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    left_off = threading.Event()

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield bytes(65536)
        finally:
            left_off.set()

    def hangs_up(peer: Peer) -> None:
        give_event(peer, "lost")
        peer.receive_head()
        peer.reset()

    received: list[Received] = []

    def next_api(peer: Peer) -> None:
        give_event(peer, "next")
        received.append(receive_outcome(peer))

    with serving(hangs_up, next_api) as server:
        connection = Connection(server.url, runtime._no_tls)
        serve_one(connection, answering(pieces()))
        # What makes the pieces was told to stop, so that it could settle its call.
        assert left_off.wait(PATIENCE_S)
        serve_one(connection, answering(b"next"))
        connection.close()
    assert received[0].body.endswith(b"next")
    assert logged(capsys)[0]["error"] == "UpstreamUnreachable"


def test_a_failure_to_start_is_reported_to_lambda(capsys: pytest.CaptureFixture[str]) -> None:
    posted: list[Received] = []

    with serving(lambda peer: posted.append(receive_outcome(peer))) as server:
        runtime.report_init_error(f"localhost:{server.port}", ValueError(SECRET))
    assert posted[0].target == "/2018-06-01/runtime/init/error"
    assert posted[0].header("lambda-runtime-function-error-type") == "Router.ValueError"
    assert SECRET not in posted[0].body.decode() + capsys.readouterr().out


# --- the process ----------------------------------------------------------------------------------


def start_router(server: Server, **env: str) -> subprocess.Popen[str]:
    """The process as ``bin/start-router`` starts it."""
    variables = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.port}"} | env
    return subprocess.Popen(
        [sys.executable, "-S", "-m", "router"],
        cwd=LAMBDA_SRC,
        env={"PATH": os.environ["PATH"]} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_process_without_its_settings_reports_that_and_ends() -> None:
    posted: list[Received] = []

    with serving(lambda peer: posted.append(receive_outcome(peer))) as server:
        process = start_router(server, AWS_REGION="us-east-1")
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert posted[0].target == "/2018-06-01/runtime/init/error"
    assert posted[0].header("lambda-runtime-function-error-type") == "Router.InvalidSettings"
    assert json.loads(output.splitlines()[0])["error"] == "InvalidSettings"
    assert errors == ""


def test_the_process_serves_until_it_is_told_to_end() -> None:
    polled_again = threading.Event()
    posted: list[Received] = []

    def runtime_api(peer: Peer) -> None:
        health = {"rawPath": "/healthz", "requestContext": {"http": {"method": "GET"}}}
        give_event(peer, "id", EVENT | health)
        posted.append(receive_outcome(peer))
        peer.receive_head()
        polled_again.set()
        assert peer.is_closed_by_client()

    with serving(runtime_api) as server:
        process = start_router(
            server,
            AWS_REGION="us-east-1",
            AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
            AWS_SECRET_ACCESS_KEY="secret",
            TABLE_NAME="table",
            HMAC_SECRET_ID="secret-id",
            # Nobody listens there: a process whose services are down starts all the same.
            AWS_ENDPOINT_URL="http://127.0.0.1:1",
        )
        assert polled_again.wait(PATIENCE_S)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    head, _, body = posted[0].body.partition(b"\0" * 8)
    assert json.loads(head)["statusCode"] == 200
    assert json.loads(body) == {"status": "ok"}
    assert [json.loads(line)["error"] for line in output.splitlines()] == ["SecretUnavailable"]
    assert errors == ""
