"""A key table that is throttled or down, over real HTTP: nothing is served that nobody counts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ledger.records import balance
from router import aws
from router.http import Response

from tests.support.deployed_router import CHAT, FREE, PAID, Deployment, deployed
from tests.support.simulated_bedrock import order
from tests.support.troubled_table import TROUBLES, failing, lose_one_answer

ROUTES = [*(("POST", path, body) for path, body in PAID), *FREE]
IDS = [f"{method} {path} {n}" for n, (method, path, _) in enumerate(ROUTES)]


@pytest.fixture
def deployment(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setattr(aws, "_TABLE_PAUSE_S", 0)
    with deployed(dynamodb) as made:
        yield made


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
    deployment: Deployment,
    place: tuple[str, str, Any],
    trouble: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws, "_TABLE_LIMIT_S", 0.2)
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
    assert deployment.account.spent == deployment.billed() > 0


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_call_that_cannot_be_settled_is_charged_its_reservation_when_that_expires(
    deployment: Deployment,
    trouble: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Time enough for the admission, however busy the machine is.
    monkeypatch.setattr(aws, "_TABLE_LIMIT_S", 1)
    deployment.table.trouble, deployment.table.after = TROUBLES[trouble], 1
    prompt = order(words=3, input_tokens=10, output_tokens=3)
    body = {**CHAT, "messages": [{"role": "user", "content": prompt}]}
    assert deployment.ask("POST", "/v1/chat/completions", body).status == 200
    record = deployment.account
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
    record = deployment.account
    assert (record.spent, record.held) == (deployment.billed(), {})
