"""Counts of requests of every form, beside what the simulated Bedrock bills for the same requests."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.anthropic_native_requests import REQUESTS
from tests.support.bad_input import examples, whole_router
from tests.support.json_values import ANY_JSON, at, places
from tests.support.whole_router import Outcome

COUNTED = ["claude-sonnet-4-5", "claude-opus-4-5", "claude-sonnet-4-6"]
ESTIMATED = ["claude-opus-4-8", "claude-sonnet-5-5", "nova-pro", "gpt-oss-120b"]

CUT_BEFORE_COUNTING = frozenset({"edits"})
"""What is counted as it was sent, and billed without what Claude has cleared of it."""


def sent(path: str, body: object) -> Outcome:
    return whole_router().send("POST", path, json.dumps(body).encode())


def billed(outcome: Outcome) -> int:
    """The input tokens of an answer, those of caches among them."""
    if outcome.streamed:
        events = [line[6:] for line in outcome.body.splitlines() if line.startswith(b"data: ")]
        used = json.loads(events[0])["message"]["usage"]
    else:
        used = json.loads(outcome.body)["usage"]
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(used.get(name) or 0 for name in names)


@pytest.mark.parametrize("model", COUNTED)
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_what_bedrock_counts_is_what_it_bills(name: str, model: str) -> None:
    body = {**REQUESTS[name], "model": model}
    counted = sent("/v1/messages/count_tokens", body)
    assert (counted.reserved, len(counted.records)) == (0, 1)
    answered = sent("/v1/messages", body)
    if answered.status != 200:
        assert counted.status in {200, answered.status}
        return
    assert counted.status == 200
    if counted.headers.get("x-bedrockrouter-input-tokens") is None:
        tokens = json.loads(counted.body)["input_tokens"]
        assert tokens == billed(answered) or name in CUT_BEFORE_COUNTING


@pytest.mark.parametrize("model", ESTIMATED)
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_what_is_answered_is_estimated(name: str, model: str) -> None:
    body = {**REQUESTS[name], "model": model}
    counted = sent("/v1/messages/count_tokens", body)
    answered = sent("/v1/messages", body)
    assert counted.status in {200, answered.status}
    if counted.status == 200:
        assert counted.headers["x-bedrockrouter-input-tokens"] == "estimated"
        assert json.loads(counted.body)["input_tokens"] > 0


@given(st.data())
@examples(150)
def test_any_json_is_counted_or_refused_by_name(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(REQUESTS)))
    body: Any = json.loads(json.dumps(REQUESTS[name]))
    place = data.draw(st.sampled_from(places(body)))
    at(body, place[:-1])[place[-1]] = data.draw(ANY_JSON)
    body["model"] = data.draw(st.sampled_from([*COUNTED, *ESTIMATED]))
    outcome = sent("/v1/messages/count_tokens", body)
    assert outcome.reserved == 0
    if outcome.status == 200:
        assert json.loads(outcome.body).keys() == {"input_tokens"}
    else:
        assert 400 <= outcome.status < 500
        assert json.loads(outcome.body)["error"]["type"].endswith("_error")
