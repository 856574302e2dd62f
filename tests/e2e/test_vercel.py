"""Vercel's AI SDK against the local stack: one run of its program, many questions about it."""

from typing import Any, NamedTuple

import pytest

from tests.support.agent_task import ANSWER, CALLS, CITIES, MODELS
from tests.support.billing import billed_calls, billed_tokens
from tests.support.node_client import run_node_client
from tests.support.stack import LocalStack

APIS = ["chat", "responses", "compatible", "messages"]

STEP = [
    "start-step",
    "tool-input-start",
    "tool-input-delta",
    "tool-input-end",
    "tool-call",
    "tool-result",
    "finish-step",
]
STREAM = [
    "start",
    *STEP * len(CITIES),
    "start-step",
    "text-start",
    "text-delta",
    "text-end",
    "finish-step",
    "finish",
]
"""The kinds of the parts of a streamed task, a run of one kind counted once."""

BROKEN = "us.amazon.nova-micro-v1:0"
"""The model whose streams break off, and that nothing else is asked of."""

Seen = dict[str, Any]


class Run(NamedTuple):
    """What the program has seen, and the calls it was billed."""

    seen: Seen
    calls: list[dict[str, Any]]


@pytest.fixture(scope="module")
def run(stack: LocalStack) -> Run:
    with billed_calls(stack) as calls:
        seen = run_node_client("vercel.mjs", stack)
    return Run(seen, calls)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
def test_generate_text_takes_every_step_of_a_task(run: Run, api: str, model: str) -> None:
    told = run.seen[f"steps {api} {model}"]
    assert told.get("answer") == ANSWER, told
    assert told["asked"] == CITIES
    assert told["steps"] == CALLS


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
def test_stream_text_takes_every_step_of_a_task(run: Run, api: str, model: str) -> None:
    told = run.seen[f"streamedSteps {api} {model}"]
    assert told.get("answer") == ANSWER, told
    assert told["asked"] == CITIES


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
def test_a_stream_tells_of_every_step_and_has_no_empty_part(run: Run, api: str, model: str) -> None:
    told = run.seen[f"streamedSteps {api} {model}"]
    assert told.get("kinds") == STREAM, told


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("scenario", ["object", "streamedObject"])
def test_an_object_follows_its_schema(run: Run, scenario: str, api: str, model: str) -> None:
    told = run.seen[f"{scenario} {api} {model}"]
    assert isinstance(told.get("city"), str), told
    assert isinstance(told["degrees"], int)


@pytest.mark.parametrize(
    ("scenario", "length"), [("embeddings", 1024), ("compatibleEmbeddings", 1536)]
)
def test_many_values_are_embedded(run: Run, scenario: str, length: int) -> None:
    told = run.seen[scenario]
    assert told.get("count") == 100, told
    assert told["length"] == length


def test_a_reasoning_models_name_may_stand_for_any_model(run: Run) -> None:
    told = run.seen["reasoning"]
    assert told.get("answer") == ANSWER, told
    assert told["asked"] == CITIES


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "gpt-oss-120b"])
def test_reasoning_is_told_apart_from_the_answer(run: Run, model: str) -> None:
    told = run.seen[f"thoughts {model}"]
    assert told == {"reasoning": "It rains.", "answer": "Because.", "tokens": told.get("tokens")}


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-haiku-4-5", "gpt-oss-120b"])
def test_thinking_goes_round_between_the_steps_of_a_task(run: Run, model: str) -> None:
    told = run.seen[f"thinking {model}"]
    assert told.get("answer") == ANSWER, told
    assert told["asked"] == CITIES
    assert told["reasoned"] == [True] * CALLS


@pytest.mark.parametrize("api", APIS)
def test_a_fault_after_the_first_token_is_an_error_in_the_stream(run: Run, api: str) -> None:
    told = run.seen[f"broken {api}"]
    assert told.get("text", "").startswith("word1 word2"), told
    assert "Too many requests" in told["error"]


@pytest.mark.parametrize("api", APIS)
def test_a_refusal_is_told_in_bedrocks_words(run: Run, api: str) -> None:
    assert run.seen[f"refusal {api}"] == {
        "name": "AI_APICallError",
        "status": 404,
        "message": "The provided model identifier is invalid.",
    }


def test_what_the_sdk_counts_is_what_bedrock_bills(run: Run) -> None:
    told = [tokens for row in run.seen.values() if (tokens := row.get("tokens"))]
    finished = [call for call in run.calls if call["model"] != BROKEN]
    assert tuple(map(sum, zip(*told, strict=True))) == billed_tokens(finished)
