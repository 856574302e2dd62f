"""Calls to Bedrock's own OpenAI API from route to settlement: which way they go and what they cost.

The ledger is the real one over moto, so that money is what the table says.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from catalog.pricing import Usage
from router.fetching import Fetched
from router.http import Response
from router.http_pool import SilentTooLong, UpstreamUnreachable
from router.routes import handle

from tests.support.openai_sdk import client_hearing
from tests.support.requests import body_of, json_of
from tests.support.router import Router
from tests.support.upstream import Said, Step, said

STREAMS = Path(__file__).parent / "dialects" / "openai_native_streams"

GROK = "grok-4.7"
GROK_ID = "us.xai.grok-4.7"
SOL = "gpt-6.1-sol"
SOL_ID = "us.openai.gpt-6.1-sol"
ACCOUNT = "arn:aws:bedrock:us-east-1:123456789012:"
ENCODED = ACCOUNT.replace(":", "%3A")

USER = {"role": "user", "content": "Hi"}
CHAT = {"model": GROK, "messages": [USER], "max_completion_tokens": 1000}
WANTED = {"model": SOL, "input": "Hi", "max_output_tokens": 1000}
TOOL = {"type": "function", "function": {"name": "f"}}
GUARDRAIL = {"x-amzn-bedrock-guardrailidentifier": "abc", "x-amzn-bedrock-guardrailversion": "1"}

CONVERSED = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
}
COMPLETED = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": GROK_ID,
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}
    ],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 30},
    },
}
RESPONDED = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": SOL_ID,
    "output": [],
    "usage": {
        "input_tokens": 100,
        "output_tokens": 50,
        "total_tokens": 150,
        "input_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 20},
    },
}

ROUTES: dict[str, tuple[str, dict[str, Any], dict[str, Any], Usage]] = {
    "chat": (
        "/v1/chat/completions",
        CHAT,
        COMPLETED,
        Usage(input=70, output=50, cache_read=30),
    ),
    "responses": (
        "/v1/responses",
        WANTED,
        RESPONDED,
        Usage(input=50, output=50, cache_read=30, cache_write_5m=20),
    ),
}
BOTH = pytest.mark.parametrize("name", ROUTES)


def ask(router: Router, path: str, body: object, **headers: str) -> Response:
    return handle(router.services, router.request("POST", path, body=body, headers=headers))


def asked_for(router: Router) -> str:
    (asked,) = router.bedrock_runtime.asked
    return asked.path


def sent(router: Router) -> Any:
    (asked,) = router.bedrock_runtime.asked
    return json.loads(asked.body)


def sse(*steps: Step) -> Said:
    return Said(200, [("content-type", "text/event-stream; charset=utf-8")], steps)


def wire(name: str) -> bytes:
    return (STREAMS / f"{name}.bedrock.sse").read_bytes()


def events(name: str) -> list[bytes]:
    return [event + b"\n\n" for event in wire(name).split(b"\n\n")[:-1]]


# --- which way ------------------------------------------------------------------------------------

RUN_BY_TEAM = f"arn:aws:bedrock:us-west-2::foundation-model/{SOL_ID.removeprefix('us.')}"
"""What the application inference profile ``team`` runs: a model with OpenAI's own API."""

ROUTED: dict[str, tuple[str, dict[str, Any], dict[str, str], str]] = {
    "a Grok's chat": ("/v1/chat/completions", CHAT, {}, "/openai/v1/chat/completions"),
    "a Grok's chat by its id": (
        "/v1/chat/completions",
        {**CHAT, "model": "global.xai.grok-4.7"},
        {},
        "/openai/v1/chat/completions",
    ),
    "a Grok's chat with a guardrail": (
        "/v1/chat/completions",
        CHAT,
        GUARDRAIL,
        "/openai/v1/chat/completions",
    ),
    "a GPT's chat": (
        "/v1/chat/completions",
        {**CHAT, "model": SOL},
        {},
        f"/model/{SOL_ID}/converse",
    ),
    "a Claude's chat": (
        "/v1/chat/completions",
        {**CHAT, "model": "claude-opus-5-5"},
        {},
        "/model/us.anthropic.claude-opus-5-5/converse",
    ),
    "a chat with an inference profile by its ARN": (
        "/v1/chat/completions",
        {**CHAT, "model": f"{ACCOUNT}inference-profile/{GROK_ID}"},
        {},
        f"/model/{ENCODED}inference-profile%2F{GROK_ID}/converse",
    ),
    "a response of an application's profile": (
        "/v1/responses",
        {**WANTED, "model": f"{ACCOUNT}application-inference-profile/team"},
        {},
        f"/model/{ENCODED}application-inference-profile%2Fteam/converse",
    ),
    "JSON without a schema": (
        "/v1/chat/completions",
        {**CHAT, "response_format": {"type": "json_object"}},
        {},
        f"/model/{GROK_ID}/converse",
    ),
    "calls in the form before tools": (
        "/v1/chat/completions",
        {**CHAT, "functions": [{"name": "f"}]},
        {},
        f"/model/{GROK_ID}/converse",
    ),
    "a tool whose name has a dot": (
        "/v1/chat/completions",
        {**CHAT, "tools": [{"type": "function", "function": {"name": "files.read"}}]},
        {},
        f"/model/{GROK_ID}/converse",
    ),
    "a GPT's response": ("/v1/responses", WANTED, {}, "/openai/v1/responses"),
    "a Grok's response": ("/v1/responses", {**WANTED, "model": GROK}, {}, "/openai/v1/responses"),
    "a Claude's response": (
        "/v1/responses",
        {**WANTED, "model": "claude-opus-5-5"},
        {},
        "/model/us.anthropic.claude-opus-5-5/converse",
    ),
    "a response with a guardrail": (
        "/v1/responses",
        WANTED,
        GUARDRAIL,
        f"/model/{SOL_ID}/converse",
    ),
}


@pytest.mark.parametrize("name", ROUTED)
def test_a_request_goes_the_way_that_serves_it_better(router: Router, name: str) -> None:
    path, body, headers, asked = ROUTED[name]
    relayed = COMPLETED if "chat" in asked else RESPONDED
    router.bedrock_says(said(CONVERSED if asked.startswith("/model/") else relayed))
    router.bedrock.answers = [said({"models": [{"modelArn": RUN_BY_TEAM}]})]
    response = ask(router, path, body, **headers)
    assert response.status == 200
    assert asked_for(router) == asked
    told: Any = json_of(response)
    assert told["model"] == body["model"]


def test_the_owners_alias_reaches_bedrock_as_an_id_and_the_client_as_the_alias(
    router: Router,
) -> None:
    catalog = router.services.catalog
    router.services = router.services._replace(
        catalog=type(catalog)(
            json.loads(Path("lambda_src/catalog/models.json").read_text()),
            region="us-east-1",
            aliases={"fast": GROK},
        )
    )
    router.bedrock_says(said(COMPLETED))
    told: Any = json_of(ask(router, "/v1/chat/completions", {**CHAT, "model": "fast"}))
    assert (sent(router)["model"], told["model"]) == (GROK_ID, "fast")


def test_a_guardrail_and_a_stored_conversation_do_not_go_together(router: Router) -> None:
    body = {**WANTED, "previous_response_id": "resp_1"}
    response = ask(router, "/v1/responses", body, **GUARDRAIL)
    told: Any = json_of(response)
    assert response.status == 400
    assert told["error"]["param"] == "x-amzn-bedrock-guardrailidentifier"
    assert router.bedrock_runtime.asked == []
    assert router.reserved() == []


def test_what_neither_can_do_is_refused_for_the_reason_of_the_better_one(router: Router) -> None:
    body = {**WANTED, "store": True, "tools": [{"type": "mcp", "server_label": "x"}]}
    told: Any = json_of(ask(router, "/v1/responses", body))
    assert told["error"]["param"] == "tools[0].type"


def test_what_is_translated_instead_is_what_the_client_sent(router: Router) -> None:
    marked = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
    body = {
        **CHAT,
        "model": GROK,
        "messages": [{"role": "user", "content": [marked]}],
        "response_format": {"type": "json_object"},
    }
    router.bedrock_says(said(CONVERSED))
    response = ask(router, "/v1/chat/completions", body)
    assert "cache" in dict(response.headers)["x-bedrockrouter-changes"]


# --- what it costs --------------------------------------------------------------------------------


def price(router: Router, name: str, used: Usage, tier: str = "default") -> int:
    target = router.services.catalog.resolve(ROUTES[name][1]["model"])
    return target.cost(used, tier)


@BOTH
def test_a_whole_answer_is_charged_by_its_usage(router: Router, name: str) -> None:
    path, body, answer, used = ROUTES[name]
    router.bedrock_says(said(answer))
    told: Any = json_of(ask(router, path, body))
    charged = price(router, name, used)
    assert router.settled() == [charged]
    assert router.account.spent == charged
    assert told["usage"]["cost"] == f"{charged / 10**12:.12f}".rstrip("0")
    assert (router.record.usage, router.record.estimated) == (used, False)
    assert router.record.route == name.replace("chat", "chat.completions")


@BOTH
def test_the_tier_that_served_a_call_is_charged(router: Router, name: str) -> None:
    path, body, answer, used = ROUTES[name]
    body = {**body, "model": GROK, "service_tier": "priority"}
    router.bedrock_says(said({**answer, "service_tier": "priority"}))
    ask(router, path, body)
    target = router.services.catalog.resolve(GROK)
    assert router.settled() == [target.cost(used, "priority")]
    assert target.cost(used, "priority") > target.cost(used, "default")


@BOTH
def test_a_stream_is_charged_by_its_usage_whether_the_client_wants_it_or_not(
    router: Router, name: str
) -> None:
    path, body, _, _ = ROUTES[name]
    router.bedrock_says(sse(wire(f"{name}_text".replace("responses", "response"))))
    response = ask(router, path, {**body, "stream": True})
    told = body_of(response)
    used = Usage(15, 7) if name == "chat" else Usage(18, 2)
    assert router.settled() == [price(router, name, used)]
    assert router.record.estimated is False
    assert (b'"usage"' in told) == (name == "responses")
    assert sent(router)["stream"] is True


@BOTH
def test_a_stream_comes_to_the_client_as_it_comes_from_bedrock(router: Router, name: str) -> None:
    path, body, _, _ = ROUTES[name]
    came = events(f"{name}_text".replace("responses", "response"))
    router.bedrock_says(sse(*came[:3], None, *came[3:]))
    response = ask(router, path, {**body, "stream": True})
    assert not isinstance(response.body, bytes)
    pieces = list(response.body)
    assert pieces[3] == b": keep-alive\n\n"
    assert dict(response.headers)["content-type"].startswith("text/event-stream")
    assert len(pieces) >= len(came) - 1


FAULTS: dict[str, Step] = {
    "a reset": UpstreamUnreachable("reset"),
    "half an event": b"data: {",
    "an end": b"",
}


@BOTH
@pytest.mark.parametrize("fault", FAULTS)
def test_a_stream_that_breaks_off_costs_all_that_was_reserved_as_reasoning_is_hidden(
    router: Router, name: str, fault: str
) -> None:
    path, body, _, _ = ROUTES[name]
    came = events(f"{name}_text".replace("responses", "response"))[:3]
    router.bedrock_says(sse(*came, FAULTS[fault]))
    told = body_of(ask(router, path, {**body, "stream": True}))
    assert router.settled() == router.reserved()
    assert router.record.error == "bad_upstream"
    assert router.record.estimated is True
    with client_hearing(told, content_type="text/event-stream") as client:
        stream: Any = (
            client.chat.completions.create(model="m", messages=[], stream=True)
            if name == "chat"
            else client.responses.create(model="m", input="", stream=True)
        )
        with pytest.raises(openai.APIError):
            list(stream)


@BOTH
def test_an_error_in_the_stream_is_told_once_and_costs_all_that_was_reserved(
    router: Router, name: str
) -> None:
    path, body, _, _ = ROUTES[name]
    router.bedrock_says(sse(wire(f"{name}_exception".replace("responses", "response"))))
    told = body_of(ask(router, path, {**body, "stream": True}))
    assert told.count(b"event: error") == 1
    assert router.settled() == router.reserved()
    assert router.record.error == "throttled"


@BOTH
def test_a_stream_that_the_client_leaves_costs_all_that_was_reserved(
    router: Router, name: str
) -> None:
    path, body, _, _ = ROUTES[name]
    router.bedrock_says(sse(*events(f"{name}_text".replace("responses", "response"))))
    response = ask(router, path, {**body, "stream": True})
    assert not isinstance(response.body, bytes)
    next(response.body)
    response.body.close()  # type: ignore[attr-defined]
    assert router.settled() == router.reserved()


@BOTH
def test_a_stream_that_outlasts_the_invocation_costs_all_that_was_reserved(
    router: Router, name: str
) -> None:
    path, body, _, _ = ROUTES[name]
    router.bedrock_says(sse(SilentTooLong("over")))
    body_of(ask(router, path, {**body, "stream": True}))
    assert router.settled() == router.reserved()
    assert router.record.error == "deadline"


@BOTH
def test_an_answer_without_usage_costs_all_that_was_reserved(router: Router, name: str) -> None:
    path, body, answer, _ = ROUTES[name]
    router.bedrock_says(said({key: answer[key] for key in answer if key != "usage"}))
    assert ask(router, path, body).status == 200
    assert router.settled() == router.reserved()
    assert router.record.estimated is True


@BOTH
def test_a_refusal_costs_nothing_and_is_told_in_bedrocks_words(router: Router, name: str) -> None:
    path, body, _, _ = ROUTES[name]
    error = {
        "message": "Unsupported value: 'x'",
        "type": "invalid_request_error",
        "param": "reasoning",
        "code": "unsupported_value",
    }
    router.bedrock_says(said({"error": error}, 400))
    response = ask(router, path, body)
    assert (response.status, json_of(response)) == (400, {"error": error})
    assert router.settled() == [0]
    assert router.account.spent == 0


@BOTH
def test_a_region_without_the_route_is_told_as_such_and_costs_nothing(
    router: Router, name: str
) -> None:
    path, body, _, _ = ROUTES[name]
    unknown = {
        "Output": {"__type": "com.amazon.coral.service#UnknownOperationException"},
        "Version": "1.0",
    }
    router.bedrock_says(said(unknown))
    assert ask(router, path, body).status == 502
    assert router.settled() == [0]


@BOTH
@pytest.mark.parametrize("streamed", [False, True])
def test_a_key_without_credit_reaches_nobody(router: Router, name: str, streamed: bool) -> None:
    path, body, _, _ = ROUTES[name]
    router.new_key(credit_limit=1)
    response = ask(router, path, {**body, "stream": streamed})
    assert response.status == 402
    assert router.bedrock_runtime.asked == []


def test_a_conversation_that_goes_on_reserves_a_whole_context(router: Router) -> None:
    router.bedrock_says(said(RESPONDED))
    ask(router, "/v1/responses", {**WANTED, "previous_response_id": "resp_1"})
    target = router.services.catalog.resolve(SOL)
    assert router.reserved() == [target.most(target.context_window, 1000, "default")]


# --- media ----------------------------------------------------------------------------------------


PNG = b"\x89PNG\r\n\x1a\n...."


class Web:
    """In place of a `Fetcher`."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.wanted: list[tuple[str, str]] = []
        self._meanwhile = meanwhile

    def fetch_all(self, requests: list[tuple[str, str]], *, limit_s: float) -> list[Fetched]:
        assert limit_s > 0
        self._meanwhile()
        self.wanted += requests
        return [Fetched(PNG, "image/png") for _ in requests]


def test_images_by_url_are_fetched_once_the_call_is_admitted(router: Router) -> None:
    reserved_by_then: list[int] = []
    web = Web(lambda: reserved_by_then.extend(router.reserved()))
    router.services = router.services._replace(fetcher=web)  # type: ignore[arg-type]
    part = {"type": "image_url", "image_url": {"url": "https://example.com/a"}}
    router.bedrock_says(said(COMPLETED))
    ask(router, "/v1/chat/completions", {**CHAT, "messages": [{"role": "user", "content": [part]}]})
    assert len(reserved_by_then) == 1
    assert web.wanted == [("https://example.com/a", "messages[0].content[0].image_url.url")]
    (message,) = sent(router)["messages"]
    assert message["content"][0]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgouLi4u"
