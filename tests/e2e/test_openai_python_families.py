"""What OpenAI's Python SDK can ask of every family of models through Chat Completions."""

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai.types.chat import ParsedChatCompletion
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
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack


def function(name: str) -> Any:
    """A tool that takes a city."""
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    return {
        "type": "function",
        "function": {"name": name, "strict": True, "parameters": parameters},
    }


TOOL = function("get_weather")

Complete = Callable[..., ParsedChatCompletion[Any]]
"""The arguments of ``chat.completions.parse`` → the completion, waited for or streamed."""


class Forecast(BaseModel):
    city: str
    degrees: int


@pytest.fixture(params=["waited for", "streamed"])
def complete(client: openai.OpenAI, request: pytest.FixtureRequest) -> Complete:
    def stream(**asked: Any) -> ParsedChatCompletion[Any]:
        usage = {"include_usage": True}
        with client.chat.completions.stream(stream_options=usage, **asked) as stream:
            return stream.get_final_completion()

    return stream if request.param == "streamed" else client.chat.completions.parse


@pytest.mark.parametrize("model", MODELS)
def test_an_agent_takes_every_step_of_a_task(
    complete: Complete, stack: LocalStack, model: str
) -> None:
    conversation: list[Any] = [{"role": "user", "content": QUESTION}]
    asked: list[str] = []
    tokens: list[tuple[int, int]] = []
    with billed_calls(stack) as calls:
        while True:
            completion = complete(model=model, messages=conversation, tools=[TOOL])
            assert completion.usage
            tokens.append((completion.usage.prompt_tokens, completion.usage.completion_tokens))
            message = completion.choices[0].message
            conversation.append(message)
            if not message.tool_calls:
                break
            for call in message.tool_calls:
                city = json.loads(call.function.arguments)["city"]
                asked.append(city)
                result = {"role": "tool", "tool_call_id": call.id, "content": WEATHER[city]}
                conversation.append(result)
    assert message.content == ANSWER
    assert asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS
    assert tokens == [billed_tokens([call]) for call in calls]


@pytest.mark.parametrize("model", MODELS)
def test_parallel_calls_are_told_apart_and_answered_together(
    complete: Complete, model: str
) -> None:
    terms = {"model": model, "tools": [function("get_weather"), function("get_time")]}
    question = {"role": "user", "content": "Use get_weather and call get_time."}
    message = complete(messages=[question], **terms).choices[0].message
    calls = message.tool_calls or []
    assert [call.function.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.id for call in calls}) == 2
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name} says so"}
        for call in calls
    ]
    second = complete(messages=[question, message, *results], **terms)
    assert second.choices[0].message.content
    assert "get_weather says so get_time says so" in second.choices[0].message.content


@pytest.mark.parametrize("model", MODELS)
def test_an_answer_is_parsed_into_a_type(complete: Complete, model: str) -> None:
    completion = complete(
        model=model,
        messages=[{"role": "user", "content": FORECAST_QUESTIONS[model]}],
        response_format=Forecast,
    )
    assert isinstance(completion.choices[0].message.parsed, Forecast)
    assert completion.choices[0].finish_reason == "stop"


@pytest.mark.parametrize(
    "model", ["claude-sonnet-5-5", "claude-sonnet-4-6", "claude-sonnet-4-5", "gpt-oss-120b"]
)
def test_reasoning_is_told_and_taken_back(
    stack: LocalStack, complete: Complete, model: str
) -> None:
    terms = {"model": model, "extra_body": {"reasoning": {"effort": "high"}}}
    asked = {"role": "user", "content": f"Why? {order(reasoning='It rains.', say='Because.')}"}
    first = complete(messages=[asked], **terms)
    message = first.choices[0].message
    assert message.content == "Because."
    assert message.model_extra
    assert message.model_extra["reasoning_content"] == "It rains."
    said = {"role": "user", "content": f"Sure? {order(say='Yes.')}"}
    without = {"role": "assistant", "content": message.content}
    with billed_calls(stack) as calls:
        second = complete(messages=[asked, message, said], **terms)
        complete(messages=[asked, without, said], **terms)
    assert second.choices[0].message.content == "Yes."
    assert calls[0]["usage"]["input"] > calls[1]["usage"]["input"]


@pytest.mark.parametrize("model", MODELS)
def test_an_unused_parameter_does_no_harm(complete: Complete, model: str) -> None:
    completion = complete(
        model=model,
        messages=[{"role": "user", "content": f"Hi {order(say='Hello')}"}],
        temperature=0.3,
        top_p=0.9,
        seed=7,
        stop=["never"],
        user="someone",
        parallel_tool_calls=False,
        tools=[TOOL],
        presence_penalty=0.1,
        frequency_penalty=0.1,
    )
    assert completion.choices[0].message.content == "Hello"
