"""The OpenAI Agents SDK against the local stack."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import openai
import pytest
from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    Tool,
    function_tool,
)
from agents.result import RunResultBase
from openai.types.shared import Reasoning
from pydantic import BaseModel

from tests.support.agent_task import ANSWER, CALLS, CITIES, MODELS, QUESTION, WEATHER
from tests.support.billing import billed_calls, billed_tokens
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack

APIS = {"chat": OpenAIChatCompletionsModel, "responses": OpenAIResponsesModel}
UNTRACED = RunConfig(tracing_disabled=True)

MakeAgent = Callable[..., Agent]
"""Terms of an agent → the agent, with its model in place."""


class Forecast(BaseModel):
    city: str
    degrees: int


class Weather:
    """The tool, and the cities that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def tool(self) -> Tool:
        @function_tool
        def get_weather(city: str) -> str:
            """The weather in a city."""
            self.asked.append(city)
            return WEATHER[city]

        return get_weather


def with_agents(
    stack: LocalStack, api: str, model: str, use: Callable[[MakeAgent], Awaitable[Any]]
) -> Any:
    """What `use` makes of agents that speak `api` to the router."""

    async def run() -> Any:
        async with openai.AsyncOpenAI(
            base_url=f"{stack.proxy_url}/v1", api_key=stack.new_key()["key"], max_retries=0
        ) as client:
            served = APIS[api](model, client)
            return await use(lambda **terms: Agent(**{"name": "agent", "model": served} | terms))

    return asyncio.run(run())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
def test_an_agent_takes_every_step_of_a_task(stack: LocalStack, api: str, model: str) -> None:
    weather = Weather()

    async def solve(agent: MakeAgent) -> RunResultBase:
        return await Runner.run(agent(tools=[weather.tool]), QUESTION, run_config=UNTRACED)

    with billed_calls(stack) as calls:
        result = with_agents(stack, api, model, solve)
    assert result.final_output == ANSWER
    assert weather.asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS
    usage = result.context_wrapper.usage
    assert (usage.input_tokens, usage.output_tokens) == billed_tokens(calls)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("api", APIS)
def test_a_streamed_agent_takes_every_step_and_tells_of_each(
    stack: LocalStack, api: str, model: str
) -> None:
    weather = Weather()

    async def solve(agent: MakeAgent) -> tuple[list[str], str]:
        result = Runner.run_streamed(agent(tools=[weather.tool]), QUESTION, run_config=UNTRACED)
        told = [
            event.name
            async for event in result.stream_events()
            if event.type == "run_item_stream_event" and event.item.type != "reasoning_item"
        ]
        return told, result.final_output

    told, answer = with_agents(stack, api, model, solve)
    assert answer == ANSWER
    assert weather.asked == CITIES
    assert told == ["tool_called", "tool_output"] * len(CITIES) + ["message_output_created"]


@pytest.mark.parametrize("api", APIS)
def test_an_agent_hands_over_to_another_which_answers_in_a_type(
    stack: LocalStack, api: str
) -> None:
    async def solve(agent: MakeAgent) -> RunResultBase:
        forecaster = agent(name="forecaster", output_type=Forecast)
        question = f"Ask the forecaster. {order(tool={'name': 'transfer_to_forecaster'})}"
        return await Runner.run(agent(handoffs=[forecaster]), question, run_config=UNTRACED)

    result = with_agents(stack, api, "claude-sonnet-4-6", solve)
    assert result.last_agent.name == "forecaster"
    assert isinstance(result.final_output, Forecast)


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-sonnet-4-6", "gpt-oss-120b"])
def test_a_conversation_goes_on_with_its_reasoning(stack: LocalStack, model: str) -> None:
    weather = Weather()
    settings = ModelSettings(
        reasoning=Reasoning(effort="high", summary="auto"),
        store=False,
        response_include=["reasoning.encrypted_content"],
    )

    async def talk(agent: MakeAgent) -> tuple[RunResultBase, RunResultBase]:
        solver = agent(tools=[weather.tool], model_settings=settings)
        first = await Runner.run(solver, QUESTION, run_config=UNTRACED)
        said = {"role": "user", "content": f"Sure? {order(say='Yes.')}"}
        second = await Runner.run(solver, [*first.to_input_list(), said], run_config=UNTRACED)
        return first, second

    first, second = with_agents(stack, "responses", model, talk)
    reasoning = [item for item in first.to_input_list() if item.get("type") == "reasoning"]
    assert len(reasoning) == CALLS
    assert all(item["encrypted_content"] for item in reasoning)
    assert second.final_output == "Yes."
