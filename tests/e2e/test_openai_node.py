"""OpenAI's own Node SDK against the local stack: one run of its program, many questions about it."""

from typing import Any

import pytest

from tests.support.agent_task import ANSWER, CITIES, MODELS
from tests.support.node_client import run_node_client
from tests.support.stack import LocalStack

Seen = dict[str, Any]


@pytest.fixture(scope="module")
def seen(stack: LocalStack) -> Seen:
    return run_node_client("openai_node.mjs", stack)


def test_a_completion(seen: Seen) -> None:
    assert seen["completion"] == {
        "text": "one two three",
        "finishReason": "stop",
        "model": "claude-sonnet-5-5",
    }


def test_a_streamed_completion_adds_up_and_counts_its_tokens(seen: Seen) -> None:
    assert seen["streamedCompletion"] == {"text": "one two three", "outputTokens": 3}


def test_a_streamed_response_adds_up_and_counts_its_tokens(seen: Seen) -> None:
    assert seen["streamedResponse"] == {
        "text": "one two three",
        "outputTokens": 3,
        "status": "completed",
    }


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("scenario", ["tools", "streamedTools", "responses"])
def test_an_agent_takes_every_step_of_a_task(seen: Seen, scenario: str, model: str) -> None:
    assert seen[f"{scenario} {model}"] == {"answer": ANSWER, "asked": CITIES}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("scenario", ["parsedCompletion", "parsedResponse"])
def test_an_answer_is_parsed_by_its_schema(seen: Seen, scenario: str, model: str) -> None:
    told = seen[f"{scenario} {model}"]
    assert isinstance(told["city"], str)
    assert isinstance(told["degrees"], int)


def test_embeddings_are_the_same_in_both_encodings(seen: Seen) -> None:
    told = seen["embeddings"]
    assert told["lengths"] == [256, 256]
    assert told["most"] < 1e-6
    assert told["tokens"] > 0


def test_models_are_listed_and_retrieved(seen: Seen) -> None:
    assert seen["models"] == {"listed": True, "retrieved": "claude-sonnet-5-5"}


def test_a_refusal_keeps_its_meaning(seen: Seen) -> None:
    assert seen["refusal"] == {"name": "NotFoundError", "status": 404, "code": "model_not_found"}


def test_a_fault_in_the_stream_of_a_response_is_an_error(seen: Seen) -> None:
    assert seen["brokenResponse"]["name"] == "APIError"
    assert seen["brokenResponse"]["message"]
