"""What Anthropic's Python SDK can ask of every family of models through Messages."""

import base64
from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic.types import ParsedMessage, ToolParam, ToolUseBlock
from pydantic import BaseModel

from tests.support.agent_task import (
    ANSWER,
    CALLS,
    CITIES,
    FORECAST_QUESTIONS,
    MODELS,
    QUESTION,
    WEATHER,
)
from tests.support.billing import billed_calls, billed_tokens
from tests.support.media import PDF, PNG
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack

SUMMARIZED = {"type": "adaptive", "display": "summarized"}
BUDGETED = {"type": "enabled", "budget_tokens": 1024}
THINKING = {
    "claude-sonnet-5-5": SUMMARIZED,
    "claude-sonnet-4-6": SUMMARIZED,
    "claude-haiku-4-5": BUDGETED,
    "nova-2-lite": BUDGETED,
    "gpt-oss-120b": BUDGETED,
    "qwen3-32b": BUDGETED,
}
"""How each model that thinks is asked to."""

KEPT_SECRET = {"nova-2-lite": "[REDACTED]"}
"""What a model tells instead of its thoughts."""

SIGNED = ["claude-sonnet-5-5", "claude-sonnet-4-6", "claude-haiku-4-5"]
"""The models whose thinking comes with a signature that is checked when it comes back; gpt-oss takes its
own back unchecked, and others take none."""

Create = Callable[..., ParsedMessage[Any]]
"""The arguments of ``messages.parse`` → the message, waited for or streamed."""


class Forecast(BaseModel):
    city: str
    degrees: int


@pytest.fixture(params=["waited for", "streamed"])
def create(messages_client: anthropic.Anthropic, request: pytest.FixtureRequest) -> Create:
    def stream(**asked: Any) -> ParsedMessage[Any]:
        with messages_client.messages.stream(**asked) as stream:
            return stream.get_final_message()

    made = stream if request.param == "streamed" else messages_client.messages.parse
    return lambda **asked: made(**{"max_tokens": 4000, **asked})


def function(name: str) -> ToolParam:
    """A tool that takes a city."""
    properties = {"city": {"type": "string"}}
    schema = {"type": "object", "properties": properties, "required": ["city"]}
    return {"name": name, "description": f"What {name} tells.", "input_schema": schema}


TOOL = function("get_weather")


def user(*content: Any) -> Any:
    """A user's turn."""
    return {"role": "user", "content": list(content)}


def said(text: str, **directive: Any) -> Any:
    """A block of text, which says what to do."""
    return {"type": "text", "text": f"{text} {order(**directive)}" if directive else text}


def replayed(message: ParsedMessage[Any]) -> Any:
    """An answer as the turn that the model sees again."""
    return {"role": "assistant", "content": message.content}


def calls_of(message: ParsedMessage[Any]) -> list[ToolUseBlock]:
    return [block for block in message.content if block.type == "tool_use"]


def text_of(message: ParsedMessage[Any]) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def thoughts_of(message: ParsedMessage[Any]) -> list[str]:
    return [block.thinking for block in message.content if block.type == "thinking"]


def result(call: ToolUseBlock, content: Any) -> Any:
    return {"type": "tool_result", "tool_use_id": call.id, "content": content}


def tokens_of(message: ParsedMessage[Any]) -> tuple[int, int]:
    usage = message.usage
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    return usage.input_tokens + cached, usage.output_tokens


@pytest.mark.parametrize("model", MODELS)
def test_an_agent_takes_every_step_of_a_task(create: Create, stack: LocalStack, model: str) -> None:
    conversation = [user(said(QUESTION))]
    answers: list[ParsedMessage[Any]] = []
    asked: list[Any] = []
    with billed_calls(stack) as calls:
        while not answers or answers[-1].stop_reason == "tool_use":
            answers.append(create(model=model, messages=conversation, tools=[TOOL]))
            cities = [(call, call.input["city"]) for call in calls_of(answers[-1])]
            asked += [city for _, city in cities]
            results = [result(call, WEATHER[city]) for call, city in cities]
            conversation += [replayed(answers[-1]), user(*results)]
    assert text_of(answers[-1]) == ANSWER
    assert asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS
    assert [tokens_of(message) for message in answers] == [billed_tokens([call]) for call in calls]


@pytest.mark.parametrize("model", MODELS)
def test_parallel_calls_are_told_apart_and_answered_together(create: Create, model: str) -> None:
    terms = {"model": model, "tools": [function("get_weather"), function("get_time")]}
    question = user(said("Use get_weather and call get_time."))
    message = create(messages=[question], **terms)
    calls = calls_of(message)
    assert [call.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.id for call in calls}) == 2
    results = [result(call, [said(f"{call.name} says so")]) for call in calls]
    second = create(messages=[question, replayed(message), user(*results)], **terms)
    assert "get_weather says so get_time says so" in text_of(second)


@pytest.mark.parametrize("model", MODELS)
def test_a_failed_call_is_told_as_such(create: Create, model: str) -> None:
    question = user(said("Use get_weather."))
    first = create(model=model, messages=[question], tools=[TOOL])
    (call,) = calls_of(first)
    failed = result(call, "No such city") | {"is_error": True}
    conversation = [question, replayed(first), user(failed, said("Well?", say="Then not."))]
    assert text_of(create(model=model, messages=conversation, tools=[TOOL])) == "Then not."


@pytest.mark.parametrize("model", MODELS)
def test_an_answer_is_parsed_into_a_type(create: Create, model: str) -> None:
    message = create(
        model=model, messages=[user(said(FORECAST_QUESTIONS[model]))], output_format=Forecast
    )
    assert isinstance(message.parsed_output, Forecast)
    assert message.stop_reason == "end_turn"


@pytest.mark.parametrize("model", THINKING)
def test_thinking_goes_round_between_tool_calls(
    stack: LocalStack, create: Create, model: str
) -> None:
    call_it = {"tool": {"name": "get_weather", "input": {"city": "Rome"}}}
    terms = {"model": model, "thinking": THINKING[model], "tools": [TOOL]}
    question = user(said("Why?", reasoning="It may rain.", **call_it))
    first = create(messages=[question], **terms)
    (call,) = calls_of(first)
    assert thoughts_of(first) == [KEPT_SECRET.get(model, "It may rain.")]
    rain = result(call, f"It rains. {order(say='Because.', reasoning='It does.')}")
    without = {"role": "assistant", "content": [call]}
    with billed_calls(stack) as calls:
        second = create(messages=[question, replayed(first), user(rain)], **terms)
        untold = {"model": model, "tools": [TOOL]}
        create(messages=[question, without, user(rain)], **untold)
    assert text_of(second) == "Because."
    assert thoughts_of(second) == [KEPT_SECRET.get(model, "It does.")]
    seen_again = calls[0]["usage"]["input"] > calls[1]["usage"]["input"]
    assert seen_again == (model in [*SIGNED, "gpt-oss-120b"])


@pytest.mark.parametrize("model", SIGNED)
def test_thinking_that_was_altered_is_refused(create: Create, model: str) -> None:
    terms = {"model": model, "thinking": THINKING[model]}
    question = user(said("Why?", reasoning="It may rain.", say="Because."))
    first = create(messages=[question], **terms)
    (thinking,) = (block for block in first.content if block.type == "thinking")
    thinking.thinking = "It may snow."
    with pytest.raises(anthropic.BadRequestError, match="thinking"):
        create(messages=[question, replayed(first), user(said("Sure?", say="Yes."))], **terms)


@pytest.mark.parametrize(
    ("model", "other"),
    [("nova-2-lite", "claude-sonnet-4-6"), ("claude-sonnet-4-6", "gpt-oss-120b")],
)
def test_a_conversation_goes_on_with_another_model(create: Create, model: str, other: str) -> None:
    question = user(said("Why?", reasoning="It may rain.", say="Because."))
    first = create(model=model, thinking=THINKING[model], messages=[question])
    assert first.content[0].type == "thinking"
    conversation = [question, replayed(first), user(said("Sure?", say="Yes."))]
    second = create(model=other, thinking=THINKING[other], messages=conversation)
    assert text_of(second) == "Yes."


@pytest.mark.parametrize("model", MODELS)
def test_what_a_model_does_not_know_does_no_harm(create: Create, model: str) -> None:
    message = create(
        model=model,
        messages=[user(said("Hi", say="Hello"))],
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        stop_sequences=["never"],
        metadata={"user_id": '{"device_id": "1"}'},
        tools=[{**TOOL, "cache_control": {"type": "ephemeral"}}],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
        output_config={"effort": "high"},
        extra_body={"cache_control": {"type": "ephemeral"}},
        extra_headers={"anthropic-beta": "no-such-beta-2026-01-01"},
    )
    assert text_of(message) == "Hello"


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "nova-pro"])
def test_an_image_and_a_document_are_read(create: Create, model: str) -> None:
    def file(kind: str, media_type: str, data: bytes) -> Any:
        encoded = base64.b64encode(data).decode()
        source = {"type": "base64", "media_type": media_type, "data": encoded}
        return {"type": kind, "source": source}

    seen = [file("image", "image/png", PNG), file("document", "application/pdf", PDF)]
    message = create(model=model, messages=[user(*seen, said("What?", say="A pixel."))])
    assert text_of(message) == "A pixel."


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "nova-pro"])
def test_what_a_cache_holds_is_counted_apart(create: Create, model: str) -> None:
    kept = {"cache_control": {"type": "ephemeral"}}
    message = create(
        model=model,
        messages=[
            user(
                said("A long story.") | kept,
                said("Well?", say="Nice.", cache_read=7, input_tokens=9),
            )
        ],
    )
    assert message.usage.cache_read_input_tokens == 7
    assert message.usage.input_tokens == 9
