"""PydanticAI against the local stack."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import product
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, AgentRunResult, BinaryContent, ModelHTTPError, NativeOutput
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.models.openai import (
    OpenAIChatModel,
    OpenAIResponsesModel,
    OpenAIResponsesModelSettings,
)
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

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


@asynccontextmanager
async def of_openai(
    api: Callable[..., Model], url: str, model: str, **terms: Any
) -> AsyncIterator[Model]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", **terms) as client:
        yield api(model, provider=OpenAIProvider(openai_client=client))


@asynccontextmanager
async def of_anthropic(url: str, model: str, **terms: Any) -> AsyncIterator[Model]:
    async with anthropic.AsyncAnthropic(base_url=url, **terms) as client:
        yield AnthropicModel(model, provider=AnthropicProvider(anthropic_client=client))


APIS: dict[str, Callable[..., AbstractAsyncContextManager[Model]]] = {
    "chat": partial(of_openai, OpenAIChatModel),
    "responses": partial(of_openai, OpenAIResponsesModel),
    "messages": of_anthropic,
}
"""How a model is spoken to over each API."""


class Forecast(BaseModel):
    city: str
    degrees: int


def with_model(
    stack: LocalStack, api: str, model: str, use: Callable[[Model], Awaitable[Any]]
) -> Any:
    """What `use` makes of a model behind the router that is spoken to over `api`."""

    async def run() -> Any:
        key = stack.new_key()["key"]
        async with APIS[api](stack.proxy_url, model, api_key=key, max_retries=0) as served:
            return await use(served)

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


def is_offered(way: str, api: str, model: str) -> bool:
    """Whether it asks a model in that way: over Messages it has a schema followed by Claude only."""
    return way == "tool" or api != "messages" or model.startswith("claude-")


@pytest.mark.parametrize(
    ("way", "api", "model"),
    [case for case in product(["tool", "native"], APIS, MODELS) if is_offered(*case)],
)
def test_an_answer_comes_in_a_type(stack: LocalStack, way: str, api: str, model: str) -> None:
    kind = {"tool": Forecast, "native": NativeOutput(Forecast)}[way]
    # It knows of a Claude that cannot be made to call a tool, and sends the schema instead.
    calls = way == "tool" and (api, model) != ("messages", "claude-sonnet-5-5")
    question = "The weather in Rome? Use final_result." if calls else FORECAST_QUESTIONS[model]

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


SUMMARIZED = OpenAIResponsesModelSettings(
    openai_reasoning_effort="high", openai_reasoning_summary="auto"
)
ADAPTIVE = AnthropicModelSettings(anthropic_thinking={"type": "adaptive", "display": "summarized"})
BUDGETED = AnthropicModelSettings(
    anthropic_thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=4000
)


@pytest.mark.parametrize(
    ("api", "model", "settings"),
    [
        ("responses", "claude-sonnet-5-5", SUMMARIZED),
        ("responses", "claude-sonnet-4-5", SUMMARIZED),
        ("responses", "gpt-oss-120b", SUMMARIZED),
        ("messages", "claude-sonnet-5-5", ADAPTIVE),
        ("messages", "claude-haiku-4-5", BUDGETED),
        ("messages", "gpt-oss-120b", BUDGETED),
    ],
)
def test_reasoning_between_tool_calls_is_told(
    stack: LocalStack, api: str, model: str, settings: ModelSettings
) -> None:
    async def solve(served: Model) -> AgentRunResult[str]:
        agent, _ = weather_agent(served)
        return await agent.run(QUESTION, model_settings=settings)

    result = with_model(stack, api, model, solve)
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


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("chat", "model_not_found"),
        ("responses", "model_not_found"),
        ("messages", "not_found_error"),
    ],
)
def test_a_refusal_says_what_is_wrong(stack: LocalStack, api: str, kind: str) -> None:
    async def ask(served: Model) -> None:
        await Agent(served).run("Hi")

    with pytest.raises(ModelHTTPError) as caught:
        with_model(stack, api, "no-such-model", ask)
    assert caught.value.status_code == 404
    assert kind in str(caught.value.body)
