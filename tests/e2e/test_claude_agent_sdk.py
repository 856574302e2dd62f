"""The Claude Agent SDK against the local stack."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from claude_agent_sdk import (
    AssistantMessage,
    ClaudeAgentOptions,
    ClaudeSDKClient,
    Message,
    ResultMessage,
    StreamEvent,
    ThinkingBlock,
    create_sdk_mcp_server,
    query,
    tool,
)

from tests.support.agent_task import ANSWER, CALLS, CITIES, MODELS, WEATHER
from tests.support.billing import billed_calls, billed_tokens
from tests.support.claude_code import CLAUDE_CODE, environment
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack

GET_WEATHER = "mcp__weather__get_weather"
"""The tool of the task, as the model knows it."""


class Weather:
    """A server with the tool of the task, and the cities that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

        @tool("get_weather", "The weather in a city", {"city": str})
        async def get_weather(arguments: dict[str, Any]) -> dict[str, Any]:
            self.asked.append(arguments["city"])
            told = WEATHER[arguments["city"]].replace('"get_weather"', f'"{GET_WEATHER}"')
            return {"content": [{"type": "text", "text": told}]}

        self.server = create_sdk_mcp_server("weather", tools=[get_weather])


class Home(NamedTuple):
    """Where an agent works, and what it is to know."""

    stack: LocalStack
    folder: Path

    def options(self, model: str, *, mode: str = "messages", **terms: Any) -> ClaudeAgentOptions:
        key = self.stack.new_key()["key"]
        plain = {
            "model": model,
            "cli_path": CLAUDE_CODE,
            "cwd": self.folder,
            "env": environment(mode, self.stack, key, self.folder)
            | {"ENABLE_TOOL_SEARCH": "false"},
            "setting_sources": [],
            "tools": [],
            "allowed_tools": [GET_WEATHER],
        }
        return ClaudeAgentOptions(**plain | terms)


@pytest.fixture
def home(stack: LocalStack, tmp_path: Path) -> Home:
    return Home(stack, tmp_path)


def messages_of(prompt: str, options: ClaudeAgentOptions) -> list[Message]:
    """All that the SDK tells of a prompt."""

    async def collect() -> list[Message]:
        return [message async for message in query(prompt=prompt, options=options)]

    return asyncio.run(collect())


def result_of(messages: list[Message]) -> ResultMessage:
    (result,) = (message for message in messages if isinstance(message, ResultMessage))
    return result


QUESTION = f"Which is warmer? {order(tool={'name': GET_WEATHER, 'input': {'city': 'Rome'}})}"


@pytest.mark.parametrize(
    "model", ["claude-sonnet-5-5", "claude-haiku-4-5", "nova-pro", "gpt-oss-120b", "llama-3.3-70b"]
)
def test_an_agent_takes_every_step_of_a_task(home: Home, model: str) -> None:
    weather = Weather()
    options = home.options(model, mcp_servers={"weather": weather.server})
    with billed_calls(home.stack) as calls:
        result = result_of(messages_of(QUESTION, options))
    assert result.result == ANSWER
    assert weather.asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS
    usage = result.usage or {}
    cached = usage["cache_read_input_tokens"] + usage["cache_creation_input_tokens"]
    assert (usage["input_tokens"] + cached, usage["output_tokens"]) == billed_tokens(calls)


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "nova-pro"])
def test_an_agent_tells_of_every_piece_of_a_stream(home: Home, model: str) -> None:
    options = home.options(model, include_partial_messages=True)
    messages = messages_of(f"Hi {order(say='one two three')}", options)
    events = [message.event for message in messages if isinstance(message, StreamEvent)]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    texts = [delta["text"] for delta in deltas if delta["type"] == "text_delta"]
    assert "".join(texts) == "one two three"
    assert len(texts) > 1


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "claude-haiku-4-5"])
def test_an_agent_tells_what_it_thinks(home: Home, model: str) -> None:
    shown: Any = {"type": "enabled", "budget_tokens": 2000, "display": "summarized"}
    options = home.options(model, thinking=shown)
    messages = messages_of(f"Why? {order(reasoning='It rains.', say='Because.')}", options)
    blocks = [
        block
        for message in messages
        if isinstance(message, AssistantMessage)
        for block in message.content
    ]
    assert [b.thinking for b in blocks if isinstance(b, ThinkingBlock)] == ["It rains."]
    assert result_of(messages).result == "Because."


@pytest.mark.parametrize("mode", ["messages", "bedrock"])
def test_a_conversation_goes_on(home: Home, mode: str) -> None:
    async def talk() -> list[str | None]:
        options = home.options("opus", mode=mode)
        said = []
        async with ClaudeSDKClient(options) as client:
            for answer in ("Hello.", "Hello again."):
                await client.query(f"Hi {order(say=answer)}")
                said += [result_of([m async for m in client.receive_response()]).result]
        return said

    assert asyncio.run(talk()) == ["Hello.", "Hello again."]


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "nova-pro"])
def test_an_answer_follows_a_schema(home: Home, model: str) -> None:
    properties = {"city": {"type": "string"}, "degrees": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": ["city", "degrees"]}
    options = home.options(model, output_format={"type": "json_schema", "schema": schema})
    result = result_of(messages_of("The weather in Rome? Use StructuredOutput.", options))
    assert isinstance(result.structured_output, dict), result
    assert isinstance(result.structured_output["degrees"], int)
