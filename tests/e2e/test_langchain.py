"""LangChain against the local stack."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
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
from tests.support.media import PNG_URL
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack

APIS: dict[str, Callable[..., BaseChatModel]] = {
    "chat": lambda url, **terms: ChatOpenAI(base_url=f"{url}/v1", stream_usage=True, **terms),
    "responses": lambda url, **terms: ChatOpenAI(
        base_url=f"{url}/v1", use_responses_api=True, **terms
    ),
    "messages": lambda url, **terms: ChatAnthropic(base_url=url, **terms),
}
"""How the client of an API is made."""

ChatOf = Callable[..., BaseChatModel]
"""API, model and further terms → chat model."""

Answer = Callable[[Runnable[Any, Any], list[BaseMessage]], AIMessage]
"""A model's answer to a conversation, waited for or streamed."""


FORECAST = '{"city": "Rome", "degrees": 18}'


class Forecast(BaseModel):
    """The weather to come."""

    city: str
    degrees: int


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return WEATHER[city]


@pytest.fixture
def chat_of(stack: LocalStack) -> ChatOf:
    def make(api: str, model: str, **terms: Any) -> BaseChatModel:
        key = stack.new_key()["key"]
        return APIS[api](stack.proxy_url, model=model, api_key=key, max_retries=0, **terms)

    return make


def invoked(chat: Runnable[Any, Any], conversation: list[BaseMessage]) -> AIMessage:
    return chat.invoke(conversation)


def streamed(chat: Runnable[Any, Any], conversation: list[BaseMessage]) -> AIMessage:
    first, *rest = chat.stream(conversation)
    return sum(rest, first)


def solve(chat: Runnable[Any, Any], answer: Answer) -> list[BaseMessage]:
    """The conversation of an agent that calls tools until the model has an answer."""
    conversation: list[BaseMessage] = [HumanMessage(QUESTION)]
    while True:
        message = answer(chat, conversation)
        conversation.append(message)
        if not message.tool_calls:
            return conversation
        conversation += [get_weather.invoke(call) for call in message.tool_calls]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("answer", [invoked, streamed])
@pytest.mark.parametrize("api", APIS)
def test_an_agent_takes_every_step_of_a_task(
    stack: LocalStack, chat_of: ChatOf, api: str, answer: Answer, model: str
) -> None:
    chat = chat_of(api, model).bind_tools([get_weather])
    with billed_calls(stack) as calls:
        conversation = solve(chat, answer)
    messages = [message for message in conversation if isinstance(message, AIMessage)]
    asked = [call["args"]["city"] for message in messages for call in message.tool_calls]
    assert messages[-1].text == ANSWER
    assert asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS
    usages = [message.usage_metadata for message in messages if message.usage_metadata]
    told = [(usage["input_tokens"], usage["output_tokens"]) for usage in usages]
    assert told == [billed_tokens([call]) for call in calls]


@pytest.mark.filterwarnings("ignore:You are attempting to use structured output via forced tool")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("api", "method"),
    [
        *product(APIS, ["json_schema", "function_calling"]),
        *product(["chat", "responses"], ["json_mode"]),
    ],
)
def test_an_answer_comes_in_a_type(chat_of: ChatOf, api: str, method: str, model: str) -> None:
    chat = chat_of(api, model).with_structured_output(Forecast, method=method)
    question = {
        "json_schema": FORECAST_QUESTIONS[model],
        "function_calling": "The weather in Rome? Use Forecast.",
        "json_mode": f"Answer in JSON. {order(say=FORECAST)}",
    }[method]
    assert isinstance(chat.invoke(question), Forecast)


RESPONSES_REASONING = {
    "reasoning": {"effort": "high", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
    "store": False,
}
SUMMARIZED = {"thinking": {"type": "adaptive", "display": "summarized"}}
BUDGETED = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000}


@pytest.mark.parametrize(
    ("api", "model", "terms"),
    [
        ("responses", "claude-sonnet-5-5", RESPONSES_REASONING),
        ("responses", "claude-sonnet-4-5", RESPONSES_REASONING),
        ("responses", "gpt-oss-120b", RESPONSES_REASONING),
        ("messages", "claude-sonnet-5-5", SUMMARIZED),
        ("messages", "claude-haiku-4-5", BUDGETED),
        ("messages", "gpt-oss-120b", BUDGETED),
    ],
)
def test_reasoning_is_told_and_taken_back(
    chat_of: ChatOf, api: str, model: str, terms: dict[str, Any]
) -> None:
    chat = chat_of(api, model, **terms).bind_tools([get_weather])
    conversation = solve(chat, invoked)
    blocks = [
        block
        for message in conversation
        if isinstance(message, AIMessage)
        for block in message.content_blocks
    ]
    assert [block["type"] for block in blocks].count("reasoning") == CALLS
    assert conversation[-1].text == ANSWER


@pytest.mark.parametrize("api", APIS)
def test_an_image_is_seen(chat_of: ChatOf, api: str) -> None:
    content: list[Any] = [
        {"type": "text", "text": f"What is this? {order(say='A pixel.')}"},
        {"type": "image_url", "image_url": {"url": PNG_URL}},
    ]
    assert chat_of(api, "nova-pro").invoke([HumanMessage(content)]).text == "A pixel."


@pytest.mark.parametrize("model", ["titan-embed-text-v2", "cohere-embed-v4"])
def test_documents_are_embedded(stack: LocalStack, model: str) -> None:
    texts = [f"Document number {number}." for number in range(100)]
    embeddings = OpenAIEmbeddings(
        model=model,
        base_url=f"{stack.proxy_url}/v1",
        api_key=stack.new_key()["key"],
        max_retries=0,
        check_embedding_ctx_length=False,
    )
    vectors = embeddings.embed_documents(texts)
    assert len(vectors) == len(texts)
    assert embeddings.embed_query(texts[7]) == pytest.approx(vectors[7], abs=1e-6)
