"""A key table that is throttled or down, over real HTTP: nothing is served that nobody counts."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import catalog
import pytest
from ledger.administration import Administration
from ledger.records import balance
from router import app, aws
from router.http import Response
from router.http_pool import Pool
from router.settings import Settings
from router.sigv4 import Credentials

from local.bedrock import service
from tests.support.key_table import SECRET, TABLE_NAME, Clock, key_table, terms
from tests.support.requests import body_of, request
from tests.support.simulated_bedrock import CLAUDE, claude_body, order, serving, user
from tests.support.troubled_table import (
    TROUBLES,
    TroubledTable,
    failing,
    lose_one_answer,
    troubled_table,
)

PRICES = Path(catalog.__file__).parent / "models.json"

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", None)

TURNS = [{"role": "user", "content": "Hi"}]
CHAT = {"model": "claude-sonnet-4-6", "messages": TURNS, "max_tokens": 50}
GPT = {"model": "gpt-6.1-sol", "input": "Hi", "max_output_tokens": 50}
CONVERSE = {"messages": user("Hi")}

PAID: list[tuple[str, Any]] = [
    ("/v1/chat/completions", CHAT),
    ("/v1/chat/completions", {**CHAT, "stream": True}),
    ("/v1/responses", GPT),
    ("/v1/responses", {**GPT, "stream": True}),
    ("/v1/messages", CHAT),
    ("/v1/messages", {**CHAT, "stream": True}),
    ("/v1/messages", {**CHAT, "model": "nova-lite"}),
    ("/v1/embeddings", {"model": "titan-embed-text-v2", "input": ["Hi", "Ho"]}),
    (f"/model/{CLAUDE}/converse", CONVERSE),
    (f"/model/{CLAUDE}/converse-stream", CONVERSE),
    (f"/model/{CLAUDE}/invoke", claude_body("Hi")),
    (f"/model/{CLAUDE}/invoke-with-response-stream", claude_body("Hi")),
]
FREE: list[tuple[str, str, Any]] = [
    ("GET", "/v1/key", None),
    ("GET", "/v1/models", None),
    ("GET", "/v1/models/nova-lite", None),
    ("GET", "/foundation-models", None),
    ("GET", "/inference-profiles", None),
    ("GET", "/v1/responses/resp_1", None),
    ("DELETE", "/v1/responses/resp_1", None),
    ("POST", "/v1/responses/resp_1/cancel", None),
    ("POST", "/v1/messages/count_tokens", CHAT),
    ("POST", "/v1/estimate", {"path": "/v1/chat/completions", "body": CHAT}),
    ("POST", f"/model/{CLAUDE}/count-tokens", {"input": {"converse": CONVERSE}}),
]
ROUTES = [*(("POST", path, body) for path, body in PAID), *FREE]
IDS = [f"{method} {path} {n}" for n, (method, path, _) in enumerate(ROUTES)]


class Deployment:
    """The router as a process has it, a key, a table in trouble and a Bedrock that counts its calls."""

    def __init__(self, table: TroubledTable, sim: service.Simulator, bedrock_url: str) -> None:
        self.table = table
        self.bedrock = sim
        self.administration = Administration(table.table, TABLE_NAME, Clock(), pause=lambda _: None)
        minted, _ = self.administration.create(terms(), SECRET, os.urandom)
        self.key_id = minted.id
        self._key = minted.key
        self._handle = app.build(
            Settings(
                runtime_api="127.0.0.1:1",
                region="us-east-1",
                credentials=CREDENTIALS,
                table_name=TABLE_NAME,
                hmac_secret_id="hmac",
                aliases={},
                bedrock_runtime_url=bedrock_url,
                bedrock_url=bedrock_url,
                dynamodb_url=table.url,
                secrets_manager_url=table.url,
                ca_bundle=None,
            )
        )

    def ask(self, method: str, path: str, body: Any = None) -> Response:
        """The answer to a request with the key, read to its end."""
        content = {} if body is None else {"body": body}
        headers = {"authorization": f"Bearer {self._key}"}
        response = self._handle(request(method, path, headers=headers, **content))
        response.body = body_of(response)
        return response

    def seen_by_bedrock(self) -> int:
        """How many requests have reached Bedrock."""
        return int(self.bedrock.traffic.show()["requests"])

    def billed(self) -> int:
        """What Bedrock has billed, in picodollars."""
        return int(self.bedrock.bill.show()["total_picodollars"])


@pytest.fixture
def deployment(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setattr(aws, "_TABLE_LIMIT_S", 0.2)
    monkeypatch.setattr(aws, "_TABLE_PAUSE_S", 0)
    pools: list[Pool] = []

    def noted(*args: Any) -> Pool:
        pools.append(Pool(*args))
        return pools[-1]

    monkeypatch.setattr(app, "Pool", noted)
    sim = service.Simulator(
        service.Settings("us-east-1", PRICES, CREDENTIALS.access_key, CREDENTIALS.secret_key)
    )
    with ExitStack() as stack:
        table = stack.enter_context(troubled_table(stack.enter_context(key_table(dynamodb))))
        yield Deployment(table, sim, stack.enter_context(serving(sim)))
        for pool in pools:
            for connection in pool._connections.values():
                connection.close()


def assert_refused(deployment: Deployment, response: Response, path: str) -> None:
    """Fails unless the client is told to come again, and nobody else was told anything."""
    # Anthropic's clients know 529 as what 503 is to others.
    assert response.status == (529 if path.startswith("/v1/messages") else 503)
    assert int(dict(response.headers)["retry-after"]) > 0
    assert b"key table" in response.body
    assert deployment.seen_by_bedrock() == 0


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=IDS)
def test_no_route_serves_anybody_while_the_table_is_throttled(
    deployment: Deployment, method: str, path: str, body: Any
) -> None:
    deployment.table.trouble = failing(400, "ThrottlingException")
    assert_refused(deployment, deployment.ask(method, path, body), path)


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(
    "place", [("POST", *PAID[0]), ("POST", *PAID[7]), FREE[0]], ids=["chat", "embeddings", "free"]
)
def test_whatever_is_wrong_with_the_table_nobody_is_served(
    deployment: Deployment, place: tuple[str, str, Any], trouble: str
) -> None:
    deployment.table.trouble = TROUBLES[trouble]
    assert_refused(deployment, deployment.ask(*place), place[1])
    # Three tries, and one more where an idle connection turns out to be closed.
    assert len(deployment.table.operations) in (3, 4)


@pytest.mark.parametrize("place", [("POST", *PAID[0]), FREE[0]], ids=["chat", "free"])
def test_a_table_that_cannot_be_connected_to_serves_nobody(
    deployment: Deployment, place: tuple[str, str, Any]
) -> None:
    assert deployment.ask("GET", "/v1/key").status == 200
    deployment.table.shutdown()
    deployment.table.server_close()
    # The connection that was open is gone too.
    deployment.table.trouble = TROUBLES["resetting"]
    assert_refused(deployment, deployment.ask(*place), place[1])


@pytest.mark.parametrize(
    ("path", "body"), PAID, ids=[f"{path} {n}" for n, (path, _) in enumerate(PAID)]
)
def test_every_paid_route_is_served_once_the_table_is_back(
    deployment: Deployment, path: str, body: Any
) -> None:
    deployment.table.trouble = TROUBLES["down"]
    assert_refused(deployment, deployment.ask("POST", path, body), path)
    deployment.table.trouble = None
    assert deployment.ask("POST", path, body).status == 200
    assert deployment.administration.get(deployment.key_id).spent == deployment.billed() > 0


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_call_that_cannot_be_settled_is_charged_its_reservation_when_that_expires(
    deployment: Deployment, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.table.trouble, deployment.table.after = TROUBLES[trouble], 1
    prompt = order(words=3, input_tokens=10, output_tokens=3)
    body = {**CHAT, "messages": [{"role": "user", "content": prompt}]}
    assert deployment.ask("POST", "/v1/chat/completions", body).status == 200
    record = deployment.administration.get(deployment.key_id)
    (held,) = record.held.values()
    assert (record.spent, balance(record, held.expires).spent) == (0, held.amount)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["cost_picodollars"] == held.amount
    assert json.loads(line)["estimated"] is True
    assert 0 < deployment.billed() < held.amount


@pytest.mark.parametrize("after", [0, 1], ids=["admission", "settlement"])
def test_an_operation_whose_answer_is_lost_counts_once(deployment: Deployment, after: int) -> None:
    deployment.table.trouble, deployment.table.after = lose_one_answer, after
    assert deployment.ask("POST", *PAID[0]).status == 200
    assert deployment.table.operations == ["UpdateItem"] * 3
    record = deployment.administration.get(deployment.key_id)
    assert (record.spent, record.held) == (deployment.billed(), {})
