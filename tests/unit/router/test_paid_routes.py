"""What paid routes take of the table, and of their invocation's time, over real HTTP and by a real clock."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from router.metered_call import SETTLE_S

from tests.support.deployed_router import CHAT, PAID, Deployment, deployed
from tests.support.simulated_bedrock import CLAUDE, claude_body, order, user


@pytest.fixture
def deployment(dynamodb: Any) -> Iterator[Deployment]:
    with deployed(dynamodb) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "body"), PAID, ids=[f"{path} {n}" for n, (path, _) in enumerate(PAID)]
)
def test_a_call_takes_one_operation_to_admit_and_one_to_settle(
    deployment: Deployment, path: str, body: Any
) -> None:
    for _ in range(2):
        assert deployment.ask("POST", path, body).status == 200
    assert deployment.table.operations == ["UpdateItem"] * 4


BODY_S = 8
"""How long Bedrock takes, in seconds, if it is let."""
LEFT_S = 0.5
"""How long it may."""

STEADY = order(words=80, delay_ms=100)
SILENT = order(words=10, silence_s=BODY_S, after=3)
SLOW = order(words=10, silence_s=BODY_S)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/v1/chat/completions",
            {**CHAT, "stream": True, "messages": [{"role": "user", "content": STEADY}]},
        ),
        (
            "/v1/messages",
            {**CHAT, "stream": True, "messages": [{"role": "user", "content": SILENT}]},
        ),
        (f"/model/{CLAUDE}/converse", {"messages": user(SLOW)}),
        (f"/model/{CLAUDE}/invoke-with-response-stream", claude_body(STEADY)),
        ("/v1/embeddings", {"model": "titan-embed-text-v2", "input": [SLOW, "Ho"]}),
    ],
    ids=["steady stream", "silent stream", "slow answer", "native stream", "slow embedding"],
)
def test_a_call_that_outlasts_its_invocation_is_settled_within_it(
    deployment: Deployment, path: str, body: Any
) -> None:
    deadline = time.time() + SETTLE_S + LEFT_S
    deployment.ask("POST", path, body, deadline=deadline)
    assert time.time() < deadline - SETTLE_S / 2
    account = deployment.account
    assert account.held == {}
    assert account.spent >= deployment.billed()
    assert account.spent > 0
