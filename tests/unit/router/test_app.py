"""The router as a process has it, put together from its settings and asked over real sockets."""

import json
import os
import select
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ledger import keys
from ledger.administration import Administration
from router import app
from router.http import Request, Response
from router.http_pool import Pool
from router.settings import Settings
from router.sigv4 import Credentials

from tests.support.key_table import SECRET, TABLE_NAME, Clock, key_table, terms
from tests.support.requests import json_of, request
from tests.support.scripted_server import (
    PATIENCE_S,
    Peer,
    Received,
    Server,
    make_authority,
    serving,
)

OPUS = "us.anthropic.claude-opus-5-5"
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1},
}
EMBEDDING = b'{"embedding": [0.5], "inputTextTokenCount": 1}'
CONVERSE = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}

Build = Callable[[Settings], Callable[[Request], Response]]


def settings(ca_bundle: str | None = None, **urls: str) -> Settings:
    nowhere = "http://127.0.0.1:1"
    return Settings(
        runtime_api="127.0.0.1:1",
        region="us-east-1",
        credentials=Credentials("AKIDEXAMPLE", "secret", "token"),
        table_name=TABLE_NAME,
        hmac_secret_id="hmac",
        aliases={"gpt-5": "claude-opus-5-5"},
        bedrock_runtime_url=urls.get("bedrock_runtime", nowhere),
        bedrock_url=urls.get("bedrock", nowhere),
        dynamodb_url=urls.get("dynamodb", nowhere),
        secrets_manager_url=urls.get("secrets_manager", nowhere),
        ca_bundle=ca_bundle,
    )


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """`app.build`, whose connections last as long as the test."""
    pools: list[Pool] = []

    class Noted(Pool):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            pools.append(self)

    monkeypatch.setattr(app, "Pool", Noted)
    yield app.build
    for pool in pools:
        for connection in pool._connections.values():
            connection.close()


class Cloud:
    """The services of AWS, each on one connection, before a real key table."""

    def __init__(self, client: Any, stack: ExitStack) -> None:
        self._stack = stack
        self._table = stack.enter_context(key_table(client))
        self.administration = Administration(self._table, TABLE_NAME, Clock(), pause=lambda _: None)
        minted, _ = self.administration.create(terms(), SECRET, os.urandom)
        self.key, self.key_id = minted.key, minted.id
        self.asked: dict[str, list[Received]] = {}
        self.servers: dict[str, Server] = {}

    def start(self, tls: ssl.SSLContext | None = None, **answers: list[object]) -> dict[str, str]:
        """Starts services that give these answers, or make them of the request; their URLs."""
        for name, prepared in answers.items():
            server = serving(self._script(name, prepared), tls=tls)
            self.servers[name] = self._stack.enter_context(server)
        return {name: server.url for name, server in self.servers.items()}

    def secret(self, asked: Received) -> dict[str, str]:
        """Secrets Manager's answer."""
        assert json.loads(asked.body) == {"SecretId": "hmac", "VersionStage": "AWSCURRENT"}
        return {"SecretString": SECRET.decode()}

    def table(self, asked: Received) -> dict[str, Any]:
        """DynamoDB's answer."""
        operation = (asked.header("x-amz-target") or "").partition(".")[2]
        return self._table(operation, json.loads(asked.body))

    def _script(self, name: str, answers: list[object]) -> Callable[[Peer], None]:
        asked = self.asked[name] = []

        def script(peer: Peer) -> None:
            for answer in answers:
                asked.append(peer.receive())
                content = answer(asked[-1]) if callable(answer) else answer
                peer.answer(
                    json.dumps(content).encode(), headers="content-type: application/json\r\n"
                )

        return script


@pytest.fixture
def cloud(dynamodb: Any) -> Iterator[Cloud]:
    with ExitStack() as stack:
        yield Cloud(dynamodb, stack)


def test_a_call_goes_all_the_way_on_connections_that_were_opened_at_the_start(
    cloud: Cloud, build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = make_authority()
    bundle = tmp_path / "ca.pem"
    authority.authority.cert_pem.write_to_path(str(bundle))
    urls = cloud.start(
        authority.server,
        secrets_manager=[cloud.secret],
        dynamodb=[cloud.table, cloud.table],
        bedrock_runtime=[ANSWER],
    )
    handler = build(settings(str(bundle), **urls))
    assert len(cloud.asked["secrets_manager"]) == 1
    headers = {"authorization": f"Bearer {cloud.key}"}
    response = handler(request(path=f"/model/{OPUS}/converse", body=CONVERSE, headers=headers))
    assert (response.status, json_of(response)) == (200, ANSWER)
    spent = cloud.administration.get(cloud.key_id).spent
    assert spent == 4_400_000 + 22_000_000
    (logged,) = capsys.readouterr().out.splitlines()
    assert json.loads(logged)["cost_picodollars"] == spent
    assert {name: server.accepted for name, server in cloud.servers.items()} == {
        "secrets_manager": 1,
        "dynamodb": 1,
        "bedrock_runtime": 1,
    }
    assert cloud.asked["bedrock_runtime"][0].target == f"/model/{OPUS}/converse"


def test_calls_side_by_side_have_connections_of_their_own_opened_when_needed(
    cloud: Cloud, build: Build
) -> None:
    accepted_before_the_request = 0

    def first(peer: Peer) -> None:
        peer.receive()
        # Answered only once another connection waits to be accepted.
        waiting, _, _ = select.select([bedrock._listener], [], [], PATIENCE_S)
        assert (accepted_before_the_request, bool(waiting)) == (1, True)
        peer.answer(EMBEDDING)

    def second(peer: Peer) -> None:
        peer.receive()
        peer.answer(EMBEDDING)

    urls = cloud.start(secrets_manager=[cloud.secret], dynamodb=[cloud.table, cloud.table])
    with serving(first, second) as bedrock:
        handler = build(settings(bedrock_runtime=bedrock.url, **urls))
        accepted_before_the_request = bedrock.accepted
        body = {"model": "titan-embed-text-v2", "input": ["a", "b"]}
        headers = {"authorization": f"Bearer {cloud.key}"}
        response = handler(request(path="/v1/embeddings", body=body, headers=headers))
        found: Any = json_of(response)
    assert [entry["embedding"] for entry in found["data"]] == [[0.5], [0.5]]
    assert bedrock.accepted == 2


def test_every_service_is_signed_for_by_its_name(cloud: Cloud, build: Build) -> None:
    urls = cloud.start(
        secrets_manager=[cloud.secret],
        dynamodb=[cloud.table] * 3,
        bedrock=[{"modelSummaries": []}],
        bedrock_runtime=[ANSWER],
    )
    handler = build(settings(**urls))
    headers = {"x-api-key": cloud.key}
    listed = handler(request("GET", "/foundation-models", headers=headers))
    assert json_of(listed) == {"modelSummaries": []}
    handler(request(path=f"/model/{OPUS}/converse", body=CONVERSE, headers=headers))
    names = {
        service: (asked[0].header("authorization") or "").split("/")[3]
        for service, asked in cloud.asked.items()
    }
    assert names == {
        "secrets_manager": "secretsmanager",
        "dynamodb": "dynamodb",
        "bedrock": "bedrock",
        "bedrock_runtime": "bedrock",
    }


def test_the_owners_aliases_reach_the_catalog(cloud: Cloud, build: Build) -> None:
    urls = cloud.start(secrets_manager=[cloud.secret], dynamodb=[cloud.table])
    handler = build(settings(**urls))
    listed: Any = json_of(handler(request("GET", "/v1/models", headers={"api-key": cloud.key})))
    assert listed["data"][0]["id"] == "gpt-5"


def test_a_router_whose_services_are_down_starts_and_says_so_to_its_clients(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = build(settings())
    assert json.loads(capsys.readouterr().out)["error"] == "SecretUnavailable"
    assert handler(request("GET", "/healthz")).status == 200
    key = keys.mint(SECRET, os.urandom).key
    response = handler(request("GET", "/v1/key", headers={"authorization": f"Bearer {key}"}))
    assert response.status == 503
    assert "retry-after" in dict(response.headers)
