"""Estimates, held to what the same request reserves, costs and is refused for."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.money import DOLLAR, from_usd, to_usd
from router.http import Response
from router.metered_call import COST, MAX_BODY
from router.routes import handle

from tests.support.json_values import ANY_JSON
from tests.support.key_table import outage
from tests.support.requests import body_of, json_of
from tests.support.router import Router
from tests.support.upstream import said
from tests.support.whole_router import WholeRouter

PATH = "/v1/estimate"

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
MESSAGES = "/v1/messages"
EMBEDDINGS = "/v1/embeddings"
CLAUDE_ID = "us.anthropic.claude-sonnet-4-6"
INVOKE = f"/model/{CLAUDE_ID}/invoke"
CONVERSE = "/model/amazon.nova-lite-v1:0/converse"
ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0"

HI = {"role": "user", "content": "Hi, how are you today?"}
CONVERSED = {
    "messages": [{"role": "user", "content": [{"text": "Hi, how are you today?"}]}],
    "inferenceConfig": {"maxTokens": 40},
}
INVOKED = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 40, "messages": [HI]}
IMAGE = {"type": "image_url", "image_url": {"url": "https://media.test/pixel.gif"}}
ANTHROPIC = {"anthropic-version": "2023-06-01"}


class Paid(NamedTuple):
    """A request that is paid for."""

    path: str
    body: dict[str, Any]
    headers: Mapping[str, str] = MappingProxyType({})


PAID = {
    "chat": Paid(CHAT, {"model": "claude-sonnet-5-5", "messages": [HI], "max_tokens": 40}),
    "chat without a limit": Paid(CHAT, {"model": "nova-pro", "messages": [HI]}),
    "chat in another tier": Paid(
        CHAT, {"model": "nova-pro", "messages": [HI], "service_tier": "flex"}
    ),
    "chat, changed": Paid(CHAT, {"model": "nova-pro", "messages": [HI], "seed": 1, "user": "me"}),
    "chat with a picture": Paid(
        CHAT, {"model": "nova-pro", "messages": [{"role": "user", "content": [IMAGE]}]}
    ),
    "chat, natively": Paid(
        CHAT, {"model": "grok-4.7", "messages": [HI], "max_completion_tokens": 40}
    ),
    "responses": Paid(RESPONSES, {"model": "nova-pro", "input": "Hi"}),
    "responses, natively": Paid(RESPONSES, {"model": "gpt-6.1-sol", "input": "Hi"}),
    "messages": Paid(MESSAGES, {"model": "nova-pro", "max_tokens": 40, "messages": [HI]}),
    "messages, natively": Paid(
        MESSAGES,
        {"model": "claude-sonnet-5-5", "max_tokens": 40, "messages": [HI]},
        {"anthropic-beta": "fast-mode-2026-02-01"},
    ),
    "embeddings": Paid(EMBEDDINGS, {"model": "titan-embed-text-v2", "input": ["Hi", "Ho"]}),
    "Converse": Paid(CONVERSE, CONVERSED),
    "Converse by an ARN": Paid(f"/model/{ARN.replace('/', '%2F')}/converse", CONVERSED),
    "Converse, streamed": Paid(f"{CONVERSE}-stream", CONVERSED),
    "InvokeModel": Paid(INVOKE, INVOKED, {"x-amzn-bedrock-service-tier": "priority"}),
    "a model without a price": Paid("/model/nobody.knows-v1/converse", CONVERSED),
}


def ask(
    router: Router, body: object, headers: Mapping[str, str] | None = None, query: str = ""
) -> Response:
    asked = router.request(path=PATH, body=body, headers=headers or {}, query=query)
    return handle(router.services, asked)


def estimated(router: Router, paid: Paid) -> Any:
    response = ask(router, {"path": paid.path, "body": paid.body}, paid.headers)
    assert response.status == 200, body_of(response)
    return json_of(response)


def changes_in(headers: Mapping[str, str]) -> list[str]:
    told = headers.get("x-bedrockrouter-changes")
    return told.split("; ") if told else []


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> WholeRouter:
    return WholeRouter(tmp_path_factory.mktemp("bedrock"))


# --- against the request itself ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PAID)
def test_the_most_is_what_the_request_reserves(router: Router, name: str) -> None:
    paid = PAID[name]
    told = estimated(router, paid)
    # Refused after admission: the amount that was reserved is all that is wanted.
    router.bedrock_says(*[said({"message": "No."}, 403)] * 2)
    handle(router.services, router.request(path=paid.path, body=paid.body, headers=paid.headers))
    assert router.reserved() == [from_usd(told["most_usd"])] == [from_usd(told["reserved_usd"])]


@pytest.mark.parametrize("name", [name for name in PAID if name != "a model without a price"])
def test_a_request_costs_no_less_than_the_least_and_no_more_than_the_most(
    whole: WholeRouter, name: str
) -> None:
    paid = PAID[name]
    wrapped = json.dumps({"path": paid.path, "body": paid.body}).encode()
    asked = whole.send("POST", PATH, wrapped, paid.headers)
    assert (asked.status, asked.calls, asked.reserved) == (200, [], 0)
    told = json.loads(asked.body)
    outcome = whole.send("POST", paid.path, json.dumps(paid.body).encode(), paid.headers)
    assert outcome.status == 200
    (record,) = outcome.records
    used = record.usage
    assert used is not None
    assert told["input_tokens"]["least"] <= used.prompt <= told["input_tokens"]["most"]
    assert used.output <= told["output_tokens"]["most"]
    assert 0 < from_usd(told["least_usd"]) <= from_usd(told["prompt_usd"])
    assert from_usd(told["least_usd"]) <= record.cost <= from_usd(told["most_usd"])
    assert told["changes"] == changes_in(outcome.headers) == changes_in(asked.headers)


REFUSED = {
    "a field": Paid(CHAT, {"model": "nova-pro", "messages": [{"role": "user", "content": 7}]}),
    "a field of Anthropic's": Paid(MESSAGES, {"model": "nova-pro", "messages": [HI]}),
    "no model": Paid(CHAT, {"messages": [HI]}),
    "a model that is none": Paid(RESPONSES, {"model": "open/ai/gpt", "input": "Hi"}),
    "a model that embeds nothing": Paid(EMBEDDINGS, {"model": "nova-pro", "input": "Hi"}),
    "an empty id": Paid("/model//converse", CONVERSED),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_request_is_refused_for_refuses_its_estimate(router: Router, name: str) -> None:
    paid = REFUSED[name]
    direct = handle(
        router.services, router.request(path=paid.path, body=paid.body, headers=paid.headers)
    )
    refused = ask(router, {"path": paid.path, "body": paid.body}, paid.headers)
    assert refused.status == direct.status >= 400
    assert (refused.headers, refused.body) == (direct.headers, direct.body)


@pytest.mark.parametrize("name", ["chat", "messages", "Converse", "embeddings"])
def test_a_key_that_may_not_make_the_request_learns_nothing_of_it(
    router: Router, name: str
) -> None:
    paid = PAID[name]
    for change in ({"allowed_models": frozenset({"grok-*"})}, {"expires_at": 1}):
        router.new_key(**change)
        direct = handle(router.services, router.request(path=paid.path, body=paid.body))
        refused = ask(router, {"path": paid.path, "body": paid.body})
        assert refused.status == direct.status in {401, 403}
        assert (refused.headers, refused.body) == (direct.headers, direct.body)


def test_without_a_key_nothing_is_estimated(router: Router) -> None:
    response = ask(router, PAID["chat"].body, {"authorization": "Bearer none"})
    assert response.status == 401
    assert router.table.operations == []


def test_a_request_that_would_be_too_large_is(router: Router) -> None:
    assert ask(router, b" " * (MAX_BODY + 1)).status == 413


def test_while_the_table_is_down_nothing_is_estimated(router: Router) -> None:
    router.table.mishaps = [outage]
    response = ask(router, PAID["messages"].body, ANTHROPIC)
    assert response.status == 529


# --- what it touches --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAID)
def test_an_estimate_reads_the_key_and_touches_nothing(router: Router, name: str) -> None:
    router.new_key(requests_per_minute=1, tokens_per_minute=1)
    for _ in range(2):
        estimated(router, PAID[name])
    assert [operation for operation, _ in router.table.operations] == ["GetItem"] * 2
    assert router.bedrock_runtime.asked == []
    assert (router.account.spent, router.account.held, router.account.minute_requests) == (0, {}, 0)


def test_an_estimate_is_logged_and_counts_as_no_call_of_the_model(router: Router) -> None:
    response = ask(router, PAID["chat"].body)
    record = router.record
    assert (record.route, record.status, record.key_id) == ("estimate", 200, router.key_id)
    assert (record.target, record.cost) == (None, 0)
    assert COST not in dict(response.headers)


# --- what it tells ----------------------------------------------------------------------------------


def test_all_that_is_told(router: Router) -> None:
    router.new_key(credit_limit=DOLLAR)
    body = {"model": "claude-sonnet-4-6", "messages": [HI], "max_tokens": 40, "seed": 3}
    told = estimated(router, Paid(CHAT, body))
    tokens = told["input_tokens"]
    # 3.30 and 16.50 dollars a million, a cache write for an hour 6.60
    assert told == {
        "object": "estimate",
        "path": CHAT,
        "model": "claude-sonnet-4-6",
        "model_id": CLAUDE_ID,
        "priced": True,
        "service_tier": "default",
        "changes": ["seed dropped"],
        "input_tokens": tokens,
        "output_tokens": {"most": 40, "reserved": 40},
        "least_usd": to_usd(tokens["least"] * 3_300_000),
        "prompt_usd": to_usd(tokens["estimated"] * 3_300_000),
        "most_usd": to_usd(tokens["most"] * 6_600_000 + 40 * 16_500_000),
        "reserved_usd": told["most_usd"],
        "remaining_usd": "1",
        "affordable": True,
        "refusal": None,
    }
    assert tokens == {"least": 7, "estimated": 14, "most": tokens["most"]}
    assert 1000 < tokens["most"] < 1200


def test_a_cheaper_tier_lowers_the_least_and_not_the_most(router: Router) -> None:
    usual, flex = (
        estimated(router, PAID[f"chat {how}"]) for how in ("without a limit", "in another tier")
    )
    assert (usual["service_tier"], flex["service_tier"]) == ("default", "flex")
    assert from_usd(flex["least_usd"]) * 2 == from_usd(usual["least_usd"])
    assert from_usd(flex["most_usd"]) >= from_usd(usual["most_usd"])


def test_a_model_without_a_price_is_told_to_have_none(router: Router) -> None:
    told = estimated(router, PAID["a model without a price"])
    assert (told["priced"], told["model_id"]) == (False, "nobody.knows-v1")
    assert from_usd(told["most_usd"]) > 0


def test_an_alias_is_told_with_the_model_it_stands_for(router: Router) -> None:
    told = estimated(router, Paid(CHAT, {"model": "gpt-5", "messages": [HI]}))
    assert (told["model"], told["model_id"]) == ("gpt-5", "us.anthropic.claude-opus-5-5")


def test_what_cannot_be_estimated_is_null(router: Router) -> None:
    body = {"model": "gpt-6.1-sol", "input": "Hi", "previous_response_id": "resp_1"}
    told = estimated(router, Paid(RESPONSES, body))
    assert (told["input_tokens"]["estimated"], told["prompt_usd"]) == (None, None)
    assert told["least_usd"] == "0"


def test_counting_tokens_costs_nothing(router: Router) -> None:
    body = {"input": {"converse": {"messages": CONVERSED["messages"]}}}
    told = estimated(router, Paid(f"/model/{CLAUDE_ID}/count-tokens", body))
    assert (told["least_usd"], told["most_usd"], told["reserved_usd"]) == ("0", "0", "0")
    assert told["affordable"]


# --- whether the key can afford it ------------------------------------------------------------------


@pytest.mark.parametrize("missing", [0, 1])
def test_what_is_affordable_is_what_would_be_admitted(router: Router, missing: int) -> None:
    paid = PAID["messages"]
    reserved = from_usd(estimated(router, paid)["reserved_usd"])
    router.new_key(credit_limit=reserved - missing)
    told = estimated(router, paid)
    assert told["remaining_usd"] == to_usd(reserved - missing)
    assert told["affordable"] is not bool(missing)
    assert told["refusal"] == ("out_of_credit" if missing else None)
    router.bedrock_says(said({"message": "No."}, 403))
    response = handle(router.services, router.request(path=paid.path, body=paid.body))
    assert response.status == (402 if missing else 403)


def test_credit_that_calls_in_flight_hold_is_told_from_credit_that_is_spent(
    router: Router,
) -> None:
    paid = PAID["messages"]
    reserved = from_usd(estimated(router, paid)["reserved_usd"])
    router.new_key(credit_limit=reserved)
    during: list[Any] = []
    answer = said(b"", 403, None, lambda: during.append(estimated(router, paid)))
    router.bedrock_says(answer)
    handle(router.services, router.request(path=paid.path, body=paid.body))
    (told,) = during
    assert (told["affordable"], told["refusal"]) == (False, "credit_reserved")
    assert told["remaining_usd"] == "0"
    assert estimated(router, paid)["affordable"]


def test_a_key_without_a_limit_affords_all(router: Router) -> None:
    told = estimated(router, PAID["chat without a limit"])
    assert (told["remaining_usd"], told["affordable"], told["refusal"]) == (None, True, None)


# --- how it is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "headers"),
    [("chat", {}), ("messages", ANTHROPIC), ("responses", {}), ("embeddings", {})],
)
def test_a_bare_body_is_known_by_its_members_and_anthropics_by_their_header(
    router: Router, name: str, headers: dict[str, str]
) -> None:
    paid = PAID[name]
    told: Any = json_of(ask(router, paid.body, headers))
    assert told == estimated(router, paid)
    assert told["path"] == paid.path


@pytest.mark.parametrize("name", PAID)
def test_a_bare_body_may_have_its_path_in_the_query(router: Router, name: str) -> None:
    paid = PAID[name]
    query = f"path={paid.path.replace('%', '%25')}"
    assert json_of(ask(router, paid.body, paid.headers, query)) == estimated(router, paid)


def test_a_body_in_the_query_form_counts_by_its_own_bytes(router: Router) -> None:
    spaced = json.dumps(CONVERSED, indent=8).encode()
    told: Any = json_of(ask(router, spaced, {}, f"path={CONVERSE}"))
    usual = estimated(router, PAID["Converse"])
    longer = len(spaced) - len(json.dumps(CONVERSED))
    assert told["input_tokens"]["most"] - usual["input_tokens"]["most"] == longer > 0


@pytest.mark.parametrize(
    ("body", "query", "param"),
    [
        ({}, "", "path"),
        (CONVERSED | {"messages": None}, "path=/v1/models", "path"),
        ({"path": "/v1/key", "body": {}}, "", "path"),
        ({"path": "/v1/messages/count_tokens", "body": {}}, "", "path"),
        ({"path": 7, "body": {}}, "", "path"),
        ({"path": "", "body": {}}, "", "path"),
        ({"path": CHAT}, "", "body"),
        ({"path": CHAT, "body": []}, "", "body"),
        ({"path": CHAT, "body": {}, "model": "nova-pro"}, "", "model"),
        ({"inferenceConfig": {}}, "", "path"),
    ],
)
def test_what_is_unclear_is_refused_in_the_shape_of_the_api_that_the_client_speaks(
    router: Router, body: object, query: str, param: str
) -> None:
    refused: Any = json_of(ask(router, body, {}, query))
    assert refused["error"]["param"] == param
    told: Any = json_of(ask(router, body, ANTHROPIC, query))
    assert told["type"] == "error"
    assert param in told["error"]["message"]


def test_a_wrapped_body_without_a_path_is_known_like_a_bare_one(router: Router) -> None:
    told: Any = json_of(ask(router, {"body": PAID["responses"].body}))
    assert told["path"] == RESPONSES


def test_a_body_that_is_no_json_is_refused(router: Router) -> None:
    assert ask(router, b"{").status == 400


def test_a_body_with_too_many_levels_is_refused(whole: WholeRouter) -> None:
    for levels in (900, 5_000, 100_000):
        deep = b'{"path":"%b","body":{"messages":%b%b}}'
        body = deep % (CONVERSE.encode(), b"[" * levels, b"]" * levels)
        assert whole.send("POST", PATH, body).status in {200, 400}


@given(
    st.sampled_from([paid.path for paid in PAID.values()]),
    st.dictionaries(
        st.sampled_from(["model", "messages", "input", "prompt", "texts", "max_tokens", "tools"]),
        st.sampled_from(["nova-pro", "gpt-6.1-sol", "claude-sonnet-5-5", [HI], 5]) | ANY_JSON,
    ),
    st.booleans(),
)
def test_any_json_gets_an_estimate_or_a_refusal(
    whole: WholeRouter,
    path: str,
    body: dict[str, Any],
    wrapped: bool,
) -> None:
    asked = {"path": path, "body": body} if wrapped else body
    outcome = whole.send("POST", PATH, json.dumps(asked).encode())
    assert outcome.status in {200, 400, 404}
    assert (outcome.calls, outcome.reserved) == ([], 0)
    if outcome.status == 200:
        told = json.loads(outcome.body)
        assert 0 <= from_usd(told["least_usd"]) <= from_usd(told["most_usd"])
