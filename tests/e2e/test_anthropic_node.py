"""Anthropic's own Node SDK against the local stack: one run of its program, many questions about it."""

from typing import Any

import pytest

from tests.support.agent_task import ANSWER, CITIES, MODELS
from tests.support.node_client import run_node_client
from tests.support.stack import LocalStack

Seen = dict[str, Any]

ROUTES = ["claude-sonnet-5-5", "nova-pro"]
"""A model that is sent Messages as they are, and one they are translated for."""


@pytest.fixture(scope="module")
def seen(stack: LocalStack) -> Seen:
    return run_node_client("anthropic_node.mjs", stack)


@pytest.mark.parametrize("model", ROUTES)
@pytest.mark.parametrize("scenario", ["message", "streamedMessage"])
def test_a_message_adds_up_and_counts_its_tokens(seen: Seen, scenario: str, model: str) -> None:
    told = seen[f"{scenario} {model}"]
    assert told.get("text") == "one two three", told
    assert (told["stopReason"], told["model"]) == ("end_turn", model)
    assert told["tokens"][0] > 0
    assert told["tokens"][1] == 3


@pytest.mark.parametrize("model", ROUTES)
def test_a_token_is_as_good_as_a_key(seen: Seen, model: str) -> None:
    assert seen[f"authToken {model}"] == "Hello"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("scenario", ["tools", "streamedTools"])
def test_the_tool_runner_takes_every_step_of_a_task(seen: Seen, scenario: str, model: str) -> None:
    assert seen[f"{scenario} {model}"] == {"answer": ANSWER, "asked": CITIES}


@pytest.mark.parametrize("model", MODELS)
def test_an_answer_is_parsed_by_its_schema(seen: Seen, model: str) -> None:
    told = seen[f"parsed {model}"]
    assert isinstance(told.get("city"), str), told
    assert isinstance(told["degrees"], int)


@pytest.mark.parametrize(
    "model", ["claude-sonnet-5-5", "claude-sonnet-4-6", "claude-haiku-4-5", "gpt-oss-120b"]
)
def test_thinking_goes_round_between_tool_calls(seen: Seen, model: str) -> None:
    assert seen[f"thinking {model}"] == {
        "answer": "Because.",
        "thoughts": ["It may rain.", "It does."],
    }


@pytest.mark.parametrize("model", ROUTES)
def test_tokens_are_counted(seen: Seen, model: str) -> None:
    assert 0 < seen[f"count {model}"] < 200


def test_models_are_listed_over_pages_and_retrieved(seen: Seen) -> None:
    assert seen["models"] == {"listed": True, "distinct": True, "retrieved": "claude-sonnet-5-5"}


def test_an_unknown_model_is_not_found(seen: Seen) -> None:
    assert seen["notFound no-such-model"] == {
        "name": "NotFoundError",
        "status": 404,
        "type": "not_found_error",
        "requestId": True,
    }


@pytest.mark.parametrize("model", ROUTES)
def test_a_busy_bedrock_is_an_overloaded_api(seen: Seen, model: str) -> None:
    told = seen[f"overloaded {model}"]
    assert (told["status"], told["type"]) == (529, "overloaded_error")


@pytest.mark.parametrize("model", ROUTES)
def test_a_fault_in_the_stream_is_an_error(seen: Seen, model: str) -> None:
    assert seen[f"broken {model}"]["type"] == "rate_limit_error"
