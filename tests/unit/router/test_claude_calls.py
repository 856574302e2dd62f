"""Messages calls to Claudes from route to settlement, over the simulated Bedrock."""

import json
from typing import Any

import pytest
from anthropic.types import Message
from ledger.money import to_usd

from tests.support.anthropic_answers import MESSAGES
from tests.support.anthropic_native_requests import (
    HI,
    HOUR,
    NOTES,
    SCHEMA,
    WEATHER,
    asked,
    assistant,
    result,
    user,
    words,
)
from tests.support.anthropic_sdk import events, streamed_message, whole_message
from tests.support.bad_input import whole_router
from tests.support.simulated_bedrock import order
from tests.support.whole_router import Outcome

Json = dict[str, Any]

OLD, NEW = "claude-sonnet-4-5", "claude-opus-5-5"

CALL = {"name": "weather", "input": {"city": "Oslo"}}

ASKED: dict[str, tuple[str, Json]] = {
    "text": (OLD, asked(user(words(order(say="Hello né"))))),
    "thinking": (
        OLD,
        asked(
            user(words(order(reasoning="Hm — né?", say="Yes."))),
            thinking={"type": "enabled", "budget_tokens": 1024},
        ),
    ),
    "hidden thinking": (NEW, asked(user(words(order(reasoning="Hm.", say="Yes."))))),
    "redacted thinking": (
        OLD,
        asked(
            user(words(order(redacted="Hm.", say="Yes."))),
            thinking={"type": "enabled", "budget_tokens": 1024},
        ),
    ),
    "parallel calls": (NEW, asked(user(words(order(tool=[CALL] * 3))), tools=[WEATHER])),
    "cached": (
        OLD,
        asked(
            user(
                words("A", cache_control=HOUR),
                words(order(say="Yes.", cache_read=700, cache_write=50, cache_write_1h=20)),
            )
        ),
    ),
    "citations": (
        NEW,
        asked(user({**NOTES, "citations": {"enabled": True}}, words("How many?"))),
    ),
    "refusal": (NEW, asked(user(words(order(refusal="cyber"))))),
    "form": (OLD, asked(output_config={"format": {"type": "json_schema", "schema": SCHEMA}})),
    "another reason": (NEW, asked(user(words(order(say="Yes.", stop_reason="novelty"))))),
}


def called(name: str, *, stream: bool) -> Outcome:
    model, body = ASKED[name]
    sent = json.dumps({**body, "model": model, "stream": stream}).encode()
    outcome = whole_router().send("POST", MESSAGES, sent)
    assert outcome.status == 200, outcome.body
    assert (outcome.reserved, outcome.settled, outcome.refusals) == (1, 1, [])
    return outcome


def told(message: Message) -> Json:
    """What a message says, without what differs from call to call."""
    content = message.model_dump(mode="json", exclude={"id"}, exclude_none=True)
    for block in content["content"]:
        block.pop("id", None)
    # The SDK puts a stream's usage together of the members that it knows.
    content["usage"].pop("cost", None)
    return content


@pytest.mark.parametrize("name", sorted(set(ASKED) - {"another reason"}))
def test_a_stream_says_the_same_as_the_whole_answer(name: str) -> None:
    whole, streamed = called(name, stream=False), called(name, stream=True)
    assert told(streamed_message(streamed.body)) == told(whole_message(whole.body))


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_tells_the_cost_that_was_settled(name: str, stream: bool) -> None:
    outcome = called(name, stream=stream)
    if stream:
        (usage,) = [one["usage"] for one in events(outcome.body) if one["type"] == "message_delta"]
    else:
        usage = json.loads(outcome.body)["usage"]
    (record,) = outcome.records
    assert record.usage is not None
    assert usage["cost"] == to_usd(record.cost)
    assert usage["input_tokens"] == record.usage.input
    assert usage["output_tokens"] == record.usage.output


def test_a_reason_that_nobody_knows_yet_comes_through() -> None:
    assert json.loads(called("another reason", stream=False).body)["stop_reason"] == "novelty"
    assert b'"stop_reason":"novelty"' in called("another reason", stream=True).body


@pytest.mark.parametrize("name", ["thinking", "hidden thinking", "redacted thinking"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_a_model_thought_goes_back_to_it_as_it_came(name: str, stream: bool) -> None:
    # The simulated Bedrock refuses thinking of which one byte has changed.
    outcome = called(name, stream=stream)
    message = streamed_message(outcome.body) if stream else whole_message(outcome.body)
    turn = [block.model_dump(mode="json", exclude_none=True) for block in message.content]
    assert turn[0]["type"].endswith("thinking")
    model, body = ASKED[name]
    again = {**body, "model": model, "messages": [HI, assistant(*turn), HI]}
    assert whole_router().send("POST", MESSAGES, json.dumps(again).encode()).status == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_called_and_its_result_read(stream: bool) -> None:
    outcome = called("parallel calls", stream=stream)
    message = streamed_message(outcome.body) if stream else whole_message(outcome.body)
    turn = [block.model_dump(mode="json", exclude_none=True) for block in message.content]
    calls = [block["id"] for block in turn if block["type"] == "tool_use"]
    assert len(set(calls)) == 3
    _, body = ASKED["parallel calls"]
    results = user(*(result(one) for one in calls))
    again = {**body, "model": NEW, "messages": [HI, assistant(*turn), results]}
    outcome = whole_router().send("POST", MESSAGES, json.dumps(again).encode())
    assert whole_message(outcome.body).stop_reason == "end_turn"


EXCEPTIONS = {
    "throttlingException": "rate_limit_error",
    "serviceUnavailableException": "overloaded_error",
    "modelStreamErrorException": "api_error",
    "validationException": "invalid_request_error",
}


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_a_fault_in_mid_stream_is_an_error_event_and_settled(name: str) -> None:
    body = asked(user(words(order(words=20, exception=name, after=3))), stream=True, model=OLD)
    outcome = whole_router().send("POST", MESSAGES, json.dumps(body).encode())
    assert (outcome.status, outcome.reserved, outcome.settled) == (200, 1, 1)
    heard = list(events(outcome.body))
    assert heard[0]["type"] == "message_start"
    assert heard[-1]["error"]["type"] == EXCEPTIONS[name]
    assert [one["type"] for one in heard].count("error") == 1
    assert "message_stop" not in {one["type"] for one in heard}


@pytest.mark.parametrize(("status", "kind"), [(429, "rate_limit_error"), (503, "overloaded_error")])
def test_a_refusal_to_serve_costs_nothing_and_has_anthropics_status(status: int, kind: str) -> None:
    body = asked(user(words(order(status=status))), model=OLD)
    outcome = whole_router().send("POST", MESSAGES, json.dumps(body).encode())
    assert outcome.status == {503: 529}.get(status, status)
    assert json.loads(outcome.body)["error"]["type"] == kind
    assert int(outcome.headers["retry-after"]) > 0
    (record,) = outcome.records
    assert record.cost == 0
