"""Anthropic's Node SDK for Bedrock against the local stack: Claude by Bedrock's own route."""

from typing import Any, NamedTuple

import pytest

from tests.support.billing import billed_calls, billed_tokens
from tests.support.node_client import run_node_client
from tests.support.stack import LocalStack

MODELS = [
    "us.anthropic.claude-sonnet-5-5",
    "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "us.anthropic.claude-3-haiku-20240307-v1:0",
]
"""One that knows the version which the SDK names, and two older than that version."""


class Run(NamedTuple):
    """What the program has seen, and the calls it was billed."""

    seen: dict[str, Any]
    calls: list[dict[str, Any]]


@pytest.fixture(scope="module")
def run(stack: LocalStack) -> Run:
    with billed_calls(stack) as calls:
        seen = run_node_client("anthropic_bedrock_node.mjs", stack)
    return Run(seen, calls)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("scenario", "text"),
    [
        ("message", "Hello there"),
        ("streamed", "one two three"),
        ("tool", "Rome is warm."),
    ],
)
def test_every_claude_answers(run: Run, scenario: str, text: str, model: str) -> None:
    told = run.seen[f"{scenario} {model}"]
    assert told.get("text") == text, told


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("refusal", "messages: List should have at least 1 item"),
        ("unknownBeta", "invalid beta flag"),
    ],
)
def test_bedrocks_own_refusal_arrives_in_its_words(
    run: Run, scenario: str, words: str, model: str
) -> None:
    told = run.seen[f"{scenario} {model}"]
    assert (told["name"], told["status"]) == ("BadRequestError", 400)
    assert words in told["message"]


@pytest.mark.parametrize("model", MODELS)
def test_the_sdk_counts_what_bedrock_bills(run: Run, model: str) -> None:
    told = [run.seen[f"{name} {model}"]["tokens"] for name in ("message", "streamed")]
    billed = [billed_tokens([call]) for call in run.calls if call["model"] == model]
    assert {tuple(tokens) for tokens in told} <= set(billed)
