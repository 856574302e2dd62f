"""The way to the console: who may see the admin key, and what is told when nothing comes back."""

import socket
from typing import Any

import httpx
import pytest

from bedrockrouter import console_client
from bedrockrouter.console_client import ConsoleClient, ConsoleError, connect
from tests.support.console_answers import ADMIN_KEY, CONSOLE_URL, AnsweringConsole


def reason(answer: httpx.Response | Exception) -> str:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    with (
        connect(CONSOLE_URL, ADMIN_KEY, httpx.MockTransport(handle)) as client,
        pytest.raises(ConsoleError) as failed,
    ):
        ConsoleClient(client).get("/api/usage", {})
    return str(failed.value)


def test_the_admin_key_is_sent_as_the_console_takes_it() -> None:
    console = AnsweringConsole({"/api/usage": {}})
    with connect(CONSOLE_URL, ADMIN_KEY, console) as client:
        ConsoleClient(client).get("/api/usage", {"from": "2026-11-23", "to": None})
    (request,) = console.requests
    assert request.headers["authorization"] == f"Bearer {ADMIN_KEY}"
    assert str(request.url) == f"{CONSOLE_URL}/api/usage?from=2026-11-23"


def test_a_slash_at_the_urls_end_does_not_matter() -> None:
    console = AnsweringConsole({"/api/usage": {}})
    with connect(f"{CONSOLE_URL}/", ADMIN_KEY, console) as client:
        ConsoleClient(client).get("/api/usage", {})
    assert console.asked() == [("/api/usage", {})]


@pytest.mark.parametrize(
    "url",
    ["http://console.example", "console.example", "ftp://x", "", "http://127.0.0.1.evil.example"],
)
def test_the_admin_key_is_not_sent_in_the_clear(url: str) -> None:
    with pytest.raises(ConsoleError, match="must begin with https"):
        connect(url, ADMIN_KEY)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_may_be_asked_without_tls(host: str) -> None:
    connect(f"http://{host}:8788", ADMIN_KEY).close()


def test_what_is_sent_without_tls_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_client, "TIMEOUT_S", 1)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with (
        socket.create_server(("127.0.0.1", 0)) as proxy,
        socket.create_server(("127.0.0.1", 0)) as nobody,
    ):
        proxy.setblocking(False)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        nobody.close()
        with connect(url, ADMIN_KEY) as client, pytest.raises(ConsoleError, match="refused"):
            ConsoleClient(client).get("/api/usage", {})
        with pytest.raises(BlockingIOError):
            proxy.accept()


def test_an_url_that_is_none_is_told() -> None:
    with pytest.raises(ConsoleError, match="cannot be asked"):
        connect("https://x:port", ADMIN_KEY)


@pytest.mark.parametrize("key", ["clé", "secret ", "secret\n", "secret\r\n", "sec ret", "sec\0ret"])
def test_an_admin_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    with pytest.raises(ConsoleError, match="visible ASCII") as failed:
        connect(CONSOLE_URL, key)
    assert key.strip() not in str(failed.value)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.ConnectError("connection refused"), "cannot be reached: connection refused"),
        (httpx.ReadTimeout("timed out"), "cannot be reached: timed out"),
        (
            httpx.Response(401, json={"error": {"message": "send the admin key"}}),
            "send the admin key",
        ),
        (httpx.Response(502, text="Internal Server Error"), "answered 502, and not as a console"),
        (httpx.Response(200, text="<html>"), "answered 200, and not as a console"),
        (httpx.Response(200, json=[]), "answered 200, and not as a console"),
        (httpx.Response(403, json={"Message": None}), "answered 403, and not as a console"),
    ],
)
def test_an_answer_that_is_none_is_told(answer: Any, told: str) -> None:
    assert told in reason(answer)
