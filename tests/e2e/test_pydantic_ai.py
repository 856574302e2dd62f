"""PydanticAI against the local stack."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import openai
import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, AgentRunResult, BinaryContent, ModelHTTPError, NativeOutput
from pydantic_ai.models import Model
from pydantic_ai.models.openai import (
    OpenAIChatModel,
    OpenAIResponsesModel,
    OpenAIResponsesModelSettings,
)
from pydantic_ai.providers.openai import OpenAIProvider

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

APIS: dict[str, Callable[..., Model]] = {"chat": OpenAIChatModel, "responses": OpenAIResponsesModel}


class Forecast(BaseModel):
    city: str
    degrees: int


def with_model(
    stack: LocalStack, api: str, model: str, use: Callable[[Model], Awaitable[Any]]
) -> Any:
    """What `use` makes of a model behind the router that is spoken to over `api`."""

    async def run() -> Any:
        async with openai.AsyncOpenAI(
            base_url=f"{stack.proxy_url}/v1", api_key=stack.new_key()["key"], max_retries=0
        ) as client:
            return await use(APIS[api](model, provider=OpenAIProvider(openai_client=client)))

    return asyncio.run(run())


def weather_agent(model: Model) -> tuple[Agent[None, str], list[str]]:
    """An agent with the tool of the task, and the cities that the tool is asked for."""
    agent = Agent(model, instructions="Be brief.")
    asked: list[str] = []

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return WEATHER[city]

    return agent, asked


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
def test_an_agent_takes_every_step_of_a_task(stack: LocalStack, api: str, model: str) -> None:
    async def solve(served: Model) -> tuple[AgentRunResult[str], list[str]]:
        agent, asked = weather_agent(served)
        return await agent.run(QUESTION), asked

    with billed_calls(stack) as calls:
        result, asked = with_model(stack, api, model, solve)
    assert result.output == ANSWER
    assert asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS
    usage = result.usage
    assert (usage.input_tokens, usage.output_tokens) == billed_tokens(calls)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
def test_a_streamed_agent_takes_every_step_of_a_task(
    stack: LocalStack, api: str, model: str
) -> None:
    async def solve(served: Model) -> tuple[list[str], list[str], tuple[int, int]]:
        agent, asked = weather_agent(served)
        async with agent.run_stream(QUESTION) as result:
            deltas = [delta async for delta in result.stream_text(delta=True, debounce_by=None)]
        return deltas, asked, (result.usage.input_tokens, result.usage.output_tokens)

    with billed_calls(stack) as calls:
        deltas, asked, tokens = with_model(stack, api, model, solve)
    assert "".join(deltas) == ANSWER
    assert asked == CITIES
    assert tokens == billed_tokens(calls)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("way", ["tool", "native"])
def test_an_answer_comes_in_a_type(stack: LocalStack, api: str, model: str, way: str) -> None:
    kind, question = {
        "tool": (Forecast, "The weather in Rome? Use final_result."),
        "native": (NativeOutput(Forecast), FORECAST_QUESTIONS[model]),
    }[way]

    async def ask(served: Model) -> Forecast:
        return (await Agent(served, output_type=kind).run(question)).output

    assert isinstance(with_model(stack, api, model, ask), Forecast)


@pytest.mark.parametrize("api", APIS)
def test_a_conversation_goes_on(stack: LocalStack, api: str) -> None:
    async def talk(served: Model) -> str:
        agent, _ = weather_agent(served)
        first = await agent.run(QUESTION)
        again = f"Sure? {order(say='Yes.')}"
        return (await agent.run(again, message_history=first.all_messages())).output

    assert with_model(stack, api, "claude-sonnet-5-5", talk) == "Yes."


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-sonnet-4-5", "gpt-oss-120b"])
def test_reasoning_between_tool_calls_is_told(stack: LocalStack, model: str) -> None:
    settings = OpenAIResponsesModelSettings(
        openai_reasoning_effort="high", openai_reasoning_summary="auto"
    )

    async def solve(served: Model) -> AgentRunResult[str]:
        agent, _ = weather_agent(served)
        return await agent.run(QUESTION, model_settings=settings)

    result = with_model(stack, "responses", model, solve)
    kinds = [part.part_kind for message in result.all_messages() for part in message.parts]
    assert result.output == ANSWER
    assert "thinking" in kinds


@pytest.mark.parametrize("api", APIS)
def test_an_image_and_a_document_are_read(stack: LocalStack, api: str) -> None:
    async def look(served: Model) -> str:
        content = [
            f"What is this? {order(say='A pixel and a note.')}",
            BinaryContent(PNG, media_type="image/png"),
            BinaryContent(PDF, media_type="application/pdf"),
        ]
        return (await Agent(served).run(content)).output

    assert with_model(stack, api, "claude-sonnet-5-5", look) == "A pixel and a note."


@pytest.mark.parametrize("api", APIS)
def test_a_refusal_says_what_is_wrong(stack: LocalStack, api: str) -> None:
    async def ask(served: Model) -> None:
        await Agent(served).run("Hi")

    with pytest.raises(ModelHTTPError) as caught:
        with_model(stack, api, "no-such-model", ask)
    assert caught.value.status_code == 404
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["code"] == "model_not_found"
