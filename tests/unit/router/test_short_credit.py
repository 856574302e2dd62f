"""Calls on a key whose credit is short: each route's request is lowered to what the key can pay for.

The ledger is the real one over moto, and the simulated Bedrock holds every lowered request to the rules
of the real one.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from catalog.models import Target
from catalog.pricing import most
from ledger.money import UNLIMITED
from router import bounds
from router.aws import Endpoint
from router.dialects.dialect import LEAST_ANSWER
from router.http import Response
from router.routes import handle
from router.sigv4 import Credentials

from tests.support.requests import body_of
from tests.support.router import Router
from tests.support.simulated_bedrock import REGION, simulator
from tests.support.whole_router import SimulatedConnection

ASKED = 60_000
CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", None)

SAID = [{"role": "user", "content": "Hi"}]
CONVERSED = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
INVOKED = {"anthropic_version": "bedrock-2023-05-31", "messages": SAID}
BUDGET = {"type": "enabled", "budget_tokens": 50_000}
NOVA_2 = "us.amazon.nova-2-lite-v1:0"
CLAUDE_4_5 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
HIGH = {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}}


class Case(NamedTuple):
    """A request, and where its limit is in the body that Bedrock gets."""

    path: str
    body: dict[str, Any]
    limit: tuple[str, ...]


CONFIGURED = ("inferenceConfig", "maxTokens")

CASES = {
    "chat": Case(
        "/v1/chat/completions",
        {"model": "claude-sonnet-4-6", "messages": SAID, "max_tokens": ASKED},
        CONFIGURED,
    ),
    "chat without a limit": Case(
        "/v1/chat/completions", {"model": "claude-sonnet-4-6", "messages": SAID}, CONFIGURED
    ),
    "chat that reasons": Case(
        "/v1/chat/completions",
        {
            "model": "claude-sonnet-4-5",
            "messages": SAID,
            "max_tokens": ASKED,
            "reasoning_effort": "high",
        },
        CONFIGURED,
    ),
    "chat of Nova 2 at high effort": Case(
        "/v1/chat/completions",
        {"model": "nova-2-lite", "messages": SAID, "reasoning_effort": "high"},
        CONFIGURED,
    ),
    "native chat": Case(
        "/v1/chat/completions",
        {"model": "grok-4.7", "messages": SAID, "max_tokens": ASKED},
        ("max_completion_tokens",),
    ),
    "native chat without a limit": Case(
        "/v1/chat/completions", {"model": "grok-4.7", "messages": SAID}, ("max_completion_tokens",)
    ),
    "response": Case(
        "/v1/responses",
        {"model": "claude-sonnet-4-6", "input": "Hi", "max_output_tokens": ASKED},
        CONFIGURED,
    ),
    "native response": Case(
        "/v1/responses",
        {"model": "gpt-6.1-sol", "input": "Hi", "max_output_tokens": ASKED},
        ("max_output_tokens",),
    ),
    "native response without a limit": Case(
        "/v1/responses", {"model": "gpt-6.1-sol", "input": "Hi"}, ("max_output_tokens",)
    ),
    "message": Case(
        "/v1/messages",
        {"model": "claude-sonnet-4-6", "messages": SAID, "max_tokens": ASKED},
        ("max_tokens",),
    ),
    "message that thinks": Case(
        "/v1/messages",
        {
            "model": "claude-sonnet-4-5",
            "messages": SAID,
            "max_tokens": ASKED,
            "thinking": BUDGET,
        },
        ("max_tokens",),
    ),
    "message over Converse": Case(
        "/v1/messages",
        {"model": "nova-2-lite", "messages": SAID, "max_tokens": ASKED},
        CONFIGURED,
    ),
    "converse": Case(
        "/model/us.anthropic.claude-sonnet-4-6/converse",
        {**CONVERSED, "inferenceConfig": {"maxTokens": ASKED}},
        CONFIGURED,
    ),
    "converse without a limit": Case(
        "/model/us.anthropic.claude-sonnet-4-6/converse", CONVERSED, CONFIGURED
    ),
    "converse that thinks": Case(
        f"/model/{CLAUDE_4_5}/converse",
        {
            **CONVERSED,
            "inferenceConfig": {"maxTokens": ASKED},
            "additionalModelRequestFields": {"thinking": BUDGET},
        },
        CONFIGURED,
    ),
    "converse of Nova 2 at high effort": Case(
        f"/model/{NOVA_2}/converse",
        {**CONVERSED, "additionalModelRequestFields": HIGH},
        CONFIGURED,
    ),
    "invoke": Case(
        "/model/us.anthropic.claude-sonnet-4-6/invoke",
        {**INVOKED, "max_tokens": ASKED},
        ("max_tokens",),
    ),
    "invoke that thinks": Case(
        f"/model/{CLAUDE_4_5}/invoke",
        {**INVOKED, "max_tokens": ASKED, "thinking": BUDGET},
        ("max_tokens",),
    ),
    "invoke of Nova": Case(
        f"/model/{NOVA_2}/invoke",
        {**CONVERSED, "inferenceConfig": {"maxTokens": ASKED}},
        CONFIGURED,
    ),
}

STREAMS = {
    "converse": "converse-stream",
    "invoke": "invoke-with-response-stream",
}

every_route = pytest.mark.parametrize("name", CASES)


@pytest.fixture
def bedrock(router: Router, tmp_path: Path) -> SimulatedConnection:
    """The simulated Bedrock, behind the router."""
    clock = router.clock
    sim = simulator(
        tmp_path,
        access_key=CREDENTIALS.access_key,
        secret_key=CREDENTIALS.secret_key,
        gate_seconds=0,
        clock=clock,
        sleep=lambda _: None,
    )
    connection = SimulatedConnection(sim)
    endpoint = Endpoint(
        connection,  # type: ignore[arg-type]
        service="bedrock",
        region=REGION,
        credentials=CREDENTIALS,
        clock=clock,
    )
    router.services = router.services._replace(bedrock_runtime=endpoint)
    return connection


def ask(router: Router, case: Case, **more: Any) -> tuple[Response, bytes]:
    request = router.request(path=case.path, body={**case.body, **more})
    response = handle(router.services, request)
    return response, body_of(response)


def sent(bedrock: SimulatedConnection) -> Any:
    """The one body that Bedrock got, which it took."""
    assert bedrock.refusals == []
    (call,) = bedrock.calls
    return json.loads(call.body)


def at(path: tuple[str, ...], tree: Any) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def worst_case(router: Router, case: Case) -> int:
    """What is reserved for the request on a key without a limit."""
    router.new_key()
    ask(router, case)
    (amount,) = router.reserved()
    return amount


def changes(response: Response) -> list[str]:
    return dict(response.headers).get("x-bedrockrouter-changes", "").split("; ")


def bound(router: Router, bedrock: SimulatedConnection) -> tuple[Target, int]:
    """The model of the one call so far, and the most tokens that its prompt can have."""
    target = router.records[-1].target
    assert target is not None
    return target, len(bedrock.calls[0].body) + bounds.SYSTEM_TOKENS


@every_route
@pytest.mark.parametrize("parts", [2, 5])
def test_the_answer_is_held_to_half_of_the_credit(
    router: Router, bedrock: SimulatedConnection, name: str, parts: int
) -> None:
    case = CASES[name]
    credit = worst_case(router, case) // parts
    target, prompt = bound(router, bedrock)
    bedrock.forget()
    router.new_key(credit_limit=credit)
    response, body = ask(router, case)
    assert response.status == 200, body
    whole, granted = router.reserved()
    assert whole > credit
    assert granted == credit // 2
    tokens = at(case.limit, sent(bedrock))
    assert tokens > LEAST_ANSWER
    assert f"max_tokens lowered to {tokens}, as credit is short" in changes(response)
    # The most tokens that the amount pays for, behind a prompt bounded by the request as it was.
    assert most(prompt, tokens, target.price) <= granted < most(prompt, tokens + 1, target.price)
    assert router.account.held == {}
    assert 0 < router.account.spent <= granted


@every_route
def test_a_key_with_credit_enough_gets_what_it_asks_for(
    router: Router, bedrock: SimulatedConnection, name: str
) -> None:
    case = CASES[name]
    credit = 2 * worst_case(router, case)
    unlimited = bedrock.calls[0].body
    bedrock.forget()
    router.new_key(credit_limit=credit)
    response, _ = ask(router, case)
    assert bedrock.calls[0].body == unlimited
    assert not any("credit" in change for change in changes(response))


@every_route
def test_the_least_that_is_served_is_a_short_answer(
    router: Router, bedrock: SimulatedConnection, name: str
) -> None:
    case = CASES[name]
    worst_case(router, case)
    target, prompt = bound(router, bedrock)
    needed = most(prompt, LEAST_ANSWER, target.price)
    bedrock.forget()
    router.new_key(credit_limit=needed - 1)
    assert ask(router, case)[0].status == 402
    assert bedrock.calls == []
    router.new_key(credit_limit=needed)
    response, body = ask(router, case)
    assert response.status == 200, body
    assert at(case.limit, sent(bedrock)) == LEAST_ANSWER


@pytest.mark.parametrize("name", ["chat", "native response", "message", "message over Converse"])
def test_a_stream_is_lowered_as_well(
    router: Router, bedrock: SimulatedConnection, name: str
) -> None:
    case = CASES[name]
    credit = worst_case(router, case) // 2
    bedrock.forget()
    router.new_key(credit_limit=credit)
    response, _ = ask(router, case, stream=True)
    assert response.status == 200
    tokens = at(case.limit, sent(bedrock))
    assert f"max_tokens lowered to {tokens}, as credit is short" in changes(response)


@pytest.mark.parametrize("name", ["converse", "invoke"])
def test_a_native_stream_is_lowered_as_well(
    router: Router, bedrock: SimulatedConnection, name: str
) -> None:
    case = CASES[name]
    case = case._replace(path=case.path.replace(name, STREAMS[name]))
    credit = worst_case(router, case) // 2
    bedrock.forget()
    router.new_key(credit_limit=credit)
    response, _ = ask(router, case)
    assert response.status == 200
    tokens = at(case.limit, sent(bedrock))
    assert f"max_tokens lowered to {tokens}, as credit is short" in changes(response)


THINKING: dict[str, Callable[[Any], Any]] = {
    "chat that reasons": lambda body: body["additionalModelRequestFields"].get("thinking"),
    "converse that thinks": lambda body: body["additionalModelRequestFields"].get("thinking"),
    "invoke that thinks": lambda body: body.get("thinking"),
    "message that thinks": lambda body: body.get("thinking"),
}


@pytest.mark.parametrize("name", THINKING)
def test_the_budget_of_thinking_is_within_the_lowered_limit(
    router: Router, bedrock: SimulatedConnection, name: str
) -> None:
    case = CASES[name]
    credit = worst_case(router, case) // 4
    bedrock.forget()
    router.new_key(credit_limit=credit)
    response, _ = ask(router, case)
    body = sent(bedrock)
    budget = THINKING[name](body)["budget_tokens"]
    assert budget == at(case.limit, body) * 80 // 100
    assert f"thinking.budget_tokens lowered to {budget}" in changes(response)


@pytest.mark.parametrize("name", THINKING)
def test_a_limit_with_no_room_for_thinking_leaves_it_out(
    router: Router, bedrock: SimulatedConnection, name: str
) -> None:
    case = CASES[name]
    credit = worst_case(router, case) // 50
    bedrock.forget()
    router.new_key(credit_limit=credit)
    response, _ = ask(router, case)
    assert THINKING[name](sent(bedrock)) is None
    assert "thinking dropped, as max_tokens leaves no room" in changes(response)


def test_a_limit_that_is_lowered_twice_is_told_once(
    router: Router, bedrock: SimulatedConnection
) -> None:
    """First to the most that the model puts out."""
    case = CASES["message that thinks"]
    asked = {"max_tokens": 128_000, "thinking": {**BUDGET, "budget_tokens": 100_000}}
    case = case._replace(body={**case.body, **asked})
    router.new_key()
    response, _ = ask(router, case)
    assert "max_tokens lowered to 64000" in changes(response)
    assert "thinking.budget_tokens lowered to 51200" in changes(response)
    (amount,) = router.reserved()
    bedrock.forget()
    router.new_key(credit_limit=amount)
    response, _ = ask(router, case)
    tokens = sent(bedrock)["max_tokens"]
    assert changes(response) == [
        f"max_tokens lowered to {tokens}, as credit is short",
        f"thinking.budget_tokens lowered to {tokens * 80 // 100}",
    ]


def test_edits_of_thinking_go_with_the_thinking(
    router: Router, bedrock: SimulatedConnection
) -> None:
    edits = {"edits": [{"type": "clear_thinking_20251015"}]}
    case = CASES["message that thinks"]
    case = case._replace(body={**case.body, "context_management": edits})
    headers = {"anthropic-beta": "context-management-2025-06-27"}
    router.new_key()
    handle(router.services, router.request(path=case.path, body=case.body, headers=headers))
    assert "context_management" in sent(bedrock)
    (amount,) = router.reserved()
    bedrock.forget()
    router.new_key(credit_limit=amount // 50)
    response = handle(
        router.services, router.request(path=case.path, body=case.body, headers=headers)
    )
    body = sent(bedrock)
    assert "thinking" not in body
    assert "context_management" not in body
    assert "clear_thinking_20251015 dropped" in changes(response)


@pytest.mark.parametrize(
    "name", ["chat of Nova 2 at high effort", "converse of Nova 2 at high effort"]
)
def test_nova_2_gives_its_high_effort_up_for_the_limit(
    router: Router, bedrock: SimulatedConnection, name: str
) -> None:
    case = CASES[name]
    credit = worst_case(router, case) // 2
    before = sent(bedrock)
    assert "maxTokens" not in before.get("inferenceConfig", {})
    bedrock.forget()
    router.new_key(credit_limit=credit)
    response, _ = ask(router, case)
    config = sent(bedrock)["additionalModelRequestFields"]["reasoningConfig"]
    assert config["maxReasoningEffort"] == "medium"
    assert "reasoning effort lowered to medium, as max_tokens is set" in changes(response)


def test_a_limit_among_a_models_own_fields_is_lowered_too(
    router: Router, bedrock: SimulatedConnection
) -> None:
    case = CASES["converse without a limit"]
    fields = {"max_tokens": ASKED, "top_k": 5}
    case = case._replace(body={**CONVERSED, "additionalModelRequestFields": fields})
    credit = worst_case(router, case) // 2
    bedrock.forget()
    router.new_key(credit_limit=credit)
    ask(router, case)
    body = json.loads(bedrock.calls[0].body)
    lowered = body["inferenceConfig"]["maxTokens"]
    assert body["additionalModelRequestFields"] == {"max_tokens": lowered, "top_k": 5}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/model/us.meta.llama4-maverick-17b-instruct-v1:0/invoke", {"prompt": "Hi"}),
        ("/model/x.unknown/converse", {**CONVERSED, "inferenceConfig": {"maxTokens": 0}}),
        ("/model/x.unknown/converse", {**CONVERSED, "inferenceConfig": 5}),
        ("/model/x.unknown/converse", {**CONVERSED, "additionalModelRequestFields": [1]}),
        ("/v1/embeddings", {"model": "titan-embed-text-v2", "input": "Hi"}),
    ],
)
def test_a_call_without_a_limit_to_lower_gets_all_it_can_cost_or_nothing(
    router: Router, bedrock: SimulatedConnection, path: str, body: dict[str, Any]
) -> None:
    lanes = [router.services.bedrock_runtime]
    router.services = router.services._replace(bedrock_runtime_lanes=lanes)
    case = Case(path, body, ())
    amount = worst_case(router, case)
    as_it_was = bedrock.calls[0].body
    bedrock.forget()
    router.new_key(credit_limit=amount - 1)
    assert ask(router, case)[0].status == 402
    assert bedrock.calls == []
    router.new_key(credit_limit=amount)
    ask(router, case)
    assert bedrock.calls[0].body == as_it_was


def test_a_native_request_that_utf_8_cannot_write_is_lowered_as_any_other(
    router: Router, bedrock: SimulatedConnection
) -> None:
    case = CASES["converse"]
    messages = [{"role": "user", "content": [{"text": "Hi \ud800"}]}]
    case = case._replace(body={**case.body, "messages": messages})
    credit = worst_case(router, case) // 2
    bedrock.forget()
    router.new_key(credit_limit=credit)
    ask(router, case)
    body = json.loads(bedrock.calls[0].body)
    assert body["messages"] == messages
    assert body["inferenceConfig"]["maxTokens"] < ASKED


def test_a_key_without_a_limit_is_never_short(router: Router, bedrock: SimulatedConnection) -> None:
    case = CASES["message"]
    assert router.account.credit_limit == UNLIMITED
    ask(router, case)
    assert at(case.limit, sent(bedrock)) == ASKED
