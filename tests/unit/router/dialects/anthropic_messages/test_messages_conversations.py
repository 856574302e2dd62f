"""Messages through the whole router, to models of the simulated Bedrock other than Claude."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from anthropic.types import Message
from catalog.families import family_of
from router.token_estimates import input_tokens

from local.bedrock.inventory import MODELS
from tests.support.anthropic_sdk import events, streamed_message, whole_message
from tests.support.whole_router import Outcome, WholeRouter

REASONING = ("openai.gpt-oss-120b-1:0", "minimax.minimax-m2.5", "us.deepseek.r1-v1:0")
GPT_OSS, MINIMAX, DEEPSEEK_R1 = REASONING
NOVA = "us.amazon.nova-pro-v1:0"

TOOL = {
    "name": "read_file",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
}
USER = {"role": "user", "content": 'Hi <<sim {"say": "Hello there"}>>'}
"""The end of every conversation."""


@cache
def router() -> WholeRouter:
    with TemporaryDirectory() as folder:
        return WholeRouter(Path(folder))


def sent(model: str, order: dict[str, Any] | None = None, **parameters: Any) -> Outcome:
    """What comes of a request that holds an order for the simulated model."""
    prompt = "Hi" if order is None else f"Hi <<sim {json.dumps(order)}>>"
    body = {
        "model": model,
        "max_tokens": 2_000,
        "messages": [{"role": "user", "content": prompt}],
        **parameters,
    }
    return router().send("POST", "/v1/messages", json.dumps(body).encode())


def message_of(outcome: Outcome) -> Message:
    assert outcome.status == 200, outcome.body
    if outcome.headers["content-type"].startswith("text/event-stream"):
        return streamed_message(outcome.body)
    return whole_message(outcome.body)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "model", sorted(m.id for m in MODELS.values() if m.chats and not family_of(m.id).messages)
)
def test_every_model_answers_a_message(model: str, stream: bool) -> None:
    outcome = sent(model, {"say": "Hello there"}, stream=stream, max_tokens=500)
    if b"with on-demand throughput isn't supported" in outcome.body:
        outcome = sent(f"us.{model}", {"say": "Hello there"}, stream=stream, max_tokens=500)
    message = message_of(outcome)
    (text,) = message.content
    assert text.type == "text"
    assert text.text == "Hello there"
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens == 2


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_tool_call_thought_goes_back_with_its_result(stream: bool) -> None:
    order = {
        "reasoning": "I need the file.",
        "tool": {"name": "read_file", "input": {"path": "/"}},
    }
    asked: dict[str, Any] = {"tools": [TOOL], "stream": stream, "thinking": {"type": "adaptive"}}
    message = message_of(sent(GPT_OSS, order, **asked))
    *_, call = message.content
    assert call.type == "tool_use"
    assert (call.name, call.input) == ("read_file", {"path": "/"})
    assert message.stop_reason == "tool_use"
    assert message.content[0].type == "thinking"
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": message.model_dump(exclude_none=True)["content"]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": call.id, "content": "Nothing."},
                {"type": "text", "text": USER["content"]},
            ],
        },
    ]
    outcome = sent(GPT_OSS, messages=history, **asked)
    assert message_of(outcome).stop_reason == "end_turn"
    assert "x-bedrockrouter-changes" not in outcome.headers


@pytest.mark.parametrize("model", [MINIMAX, NOVA])
def test_a_conversation_goes_on_with_another_model_without_what_the_first_one_thought(
    model: str,
) -> None:
    thinking = {"type": "adaptive"}
    first = message_of(sent(GPT_OSS, {"say": "Hello", "reasoning": "Hm."}, thinking=thinking))
    assert [block.type for block in first.content] == ["thinking", "text"]
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": first.model_dump(exclude_none=True)["content"]},
        USER,
    ]
    outcome = sent(model, messages=history)
    assert message_of(outcome).stop_reason == "end_turn"
    assert outcome.headers["x-bedrockrouter-changes"] == "reasoning of another model dropped"


@pytest.mark.parametrize("model", REASONING)
def test_thinking_comes_first_and_is_signed(model: str) -> None:
    order = {"say": "Four.", "reasoning": "2 and 2 is 4."}
    for stream in (False, True):
        thinking, text = message_of(
            sent(model, order, stream=stream, thinking={"type": "adaptive"})
        ).content
        assert (thinking.type, text.type) == ("thinking", "text")
        assert thinking.type == "thinking"
        assert thinking.thinking == "2 and 2 is 4."
        assert thinking.signature


@pytest.mark.parametrize(
    ("order", "anthropics"),
    [
        ({"exception": "throttlingException"}, "rate_limit_error"),
        ({"exception": "serviceUnavailableException"}, "overloaded_error"),
        ({"exception": "internalServerException"}, "api_error"),
        ({"exception": "modelStreamErrorException"}, "api_error"),
    ],
)
def test_a_fault_in_mid_stream_is_the_last_event(order: dict[str, Any], anthropics: str) -> None:
    outcome = sent(NOVA, {"say": "one two three four", "after": 2, **order}, stream=True)
    told = list(events(outcome.body))
    kinds = [event["type"] for event in told]
    assert kinds[0] == "message_start"
    assert kinds[-1] == "error"
    assert told[-1]["error"]["type"] == anthropics
    assert {"message_delta", "message_stop"}.isdisjoint(kinds)
    assert outcome.settled == outcome.reserved == 1


def test_a_stream_begins_with_about_the_tokens_that_it_ends_with() -> None:
    words = "All that the model is to know of the matter. " * 200
    outcome = sent(NOVA, {"say": "Hello"}, stream=True, system=words)
    start, *_, delta, _stop = events(outcome.body)
    assert outcome.headers["x-bedrockrouter-input-tokens"] == "estimated"
    estimate = start["message"]["usage"]["input_tokens"]
    prompt = {"system": [{"text": words}], "messages": []}
    assert estimate >= input_tokens(prompt, family_of(NOVA))
    assert estimate == pytest.approx(delta["usage"]["input_tokens"], rel=0.5)
