"""Talking to the simulated Bedrock in tests: without HTTP, and through boto3."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config

from local.bedrock.messages import Reply, Request
from local.bedrock.server import Server
from local.bedrock.service import Settings, Simulator

REGION = "us-east-1"
CLAUDE = "us.anthropic.claude-sonnet-4-6"
NOVA = "amazon.nova-micro-v1:0"

PRICES = {
    "fallback": {"input": "15", "output": "75"},
    "service_tiers": {"default": 100, "flex": 50, "priority": 175, "reserved": 100},
    "models": [
        {
            "name": "claude-sonnet-4-6",
            "ids": {
                CLAUDE: {
                    "input": "3.3",
                    "output": "16.5",
                    "cache_read": "0.33",
                    "cache_write_5m": "4.125",
                    "cache_write_1h": "6.6",
                    "above": [{"tokens": 200_000, "input": "6.6", "output": "24.75"}],
                }
            },
        },
        {"name": "nova-micro", "ids": {NOVA: {"input": "0.035", "output": "0.14"}}},
    ],
}


def simulator(folder: Path, **settings: Any) -> Simulator:
    """A simulator with `PRICES`; `folder` is where their file is put."""
    prices = folder / "prices.json"
    prices.write_text(json.dumps(PRICES))
    times = {name: settings.pop(name) for name in ("clock", "sleep") if name in settings}
    return Simulator(Settings(**{"region": REGION, "prices": prices, **settings}), **times)


def user(text: str) -> list[dict[str, Any]]:
    """A conversation of one turn, in Converse's form."""
    return [{"role": "user", "content": [{"text": text}]}]


def order(**directive: Any) -> str:
    """A prompt that holds a directive."""
    return f"<<sim {json.dumps(directive)}>>"


def claude_body(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    """An InvokeModel body of a Claude; a field that is None is left out."""
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": text}],
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


class Answer(NamedTuple):
    """An answer, read."""

    status: int
    headers: dict[str, str]
    json: Any
    exception: str
    """The name in ``x-amzn-errortype``, "" for none."""


def call(sim: Simulator, operation: str, model: str, body: Any, **headers: str) -> Answer:
    """Calls ``/model/{model}/{operation}`` and reads the whole answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = f"/model/{quote(model, safe='')}/{operation}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read(sim.handle(Request("POST", path, "", named, content)))


def get(sim: Simulator, path: str, query: str = "") -> Answer:
    """A GET, of the control plane or of the test operations."""
    request = Request("GET", path, query, {}, b"")
    test = sim.is_test_operation(request)
    return read(sim.handle_test_operation(request) if test else sim.handle(request))


def read(reply: Reply) -> Answer:
    """A reply with a JSON body."""
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    error = reply.headers.get("x-amzn-errortype", "")
    name, _, suffix = error.partition(":")
    assert not error or suffix == "http://internal.amazon.com/coral/com.amazon.bedrock/"
    is_json = reply.headers["content-type"] == "application/json"
    return Answer(reply.status, dict(reply.headers), json.loads(body) if is_json else body, name)


def assert_refused(answer: Answer, exception: str, message: str, status: int = 400) -> None:
    """Fails unless it is that exception, with a message that holds `message`."""
    assert (answer.status, answer.exception) == (status, exception), answer.json
    assert message in answer.json["message"]


@contextmanager
def serving(sim: Simulator) -> Iterator[str]:
    """Serves a simulator over HTTP; gives its URL."""
    server = Server("127.0.0.1", 0, sim)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def boto_client(url: str, service: str = "bedrock-runtime", **credentials: str) -> Iterator[Any]:
    """A boto3 client of a simulator that tries once only."""
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", **credentials}
    config = Config(retries={"total_max_attempts": 1})
    client = boto3.client(service, endpoint_url=url, region_name=REGION, config=config, **keys)
    try:
        yield client
    finally:
        client.close()


def read_stream(stream: Any) -> tuple[list[tuple[str, Any]], Exception | None]:
    """The (name, content) of each event of a boto3 stream, and the exception it ended with."""
    events = []
    with closing(stream):
        try:
            events.extend(next(iter(event.items())) for event in stream)
        except Exception as error:
            return events, error
    return events, None


@pytest.fixture
def sim(tmp_path: Path) -> Simulator:
    """A simulator whose gates give up after a moment."""
    return simulator(tmp_path, gate_seconds=0.05)
