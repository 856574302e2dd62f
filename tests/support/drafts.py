"""Converse requests under construction, for the parts of a translation that add to them."""

from typing import Any

from catalog.families import Family, family_of
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import AUTO, Choice, add_tools, spec

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}

FORCED = Choice("any")
NAMED = Choice("tool", "get_weather")
NO_TOOLS = Choice("none")

EXAMPLES = {
    "claude-2": "anthropic.claude-v2:1",
    "claude-3": "anthropic.claude-3-haiku-20240307-v1:0",
    "claude-3-5": "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "claude-4": "anthropic.claude-sonnet-4-20250514-v1:0",
    "claude-opus-4-1": "anthropic.claude-opus-4-1-20250805-v1:0",
    "claude-4-5": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "claude-4-6": "anthropic.claude-sonnet-4-6",
    "claude-4-7": "anthropic.claude-opus-4-7",
    "claude-5": "anthropic.claude-sonnet-5",
    "claude-opus-5": "anthropic.claude-opus-5",
    "claude-fable-5": "anthropic.claude-fable-5",
    "claude-fable-5-1": "anthropic.claude-fable-5-1",
    "claude-opus-5-5": "anthropic.claude-opus-5-5",
    "claude-sonnet-5-5": "anthropic.claude-sonnet-5-5",
    "nova": "amazon.nova-micro-v1:0",
    "nova-2": "amazon.nova-2-lite-v1:0",
    "titan-text": "amazon.titan-text-express-v1",
    "gpt": "openai.gpt-6.1-sol",
    "gpt-5-6": "openai.gpt-5.6-sol",
    "gpt-oss": "openai.gpt-oss-120b-1:0",
    "grok": "xai.grok-4.7",
    "deepseek-r1": "deepseek.r1-v1:0",
    "deepseek-v3": "deepseek.v3.2",
    "qwen3-32b": "qwen.qwen3-32b-v1:0",
    "kimi-k2-5": "moonshotai.kimi-k2.5",
    "glm-5": "zai.glm-5",
    "minimax": "minimax.minimax-m2.5",
    "mistral-3": "mistral.mistral-large-3-675b-instruct",
    "mistral-large": "mistral.mistral-large-2402-v1:0",
    "mistral-7b": "mistral.mistral-7b-instruct-v0:2",
    "llama": "meta.llama4-maverick-17b-instruct-v1:0",
    "llama-text": "meta.llama3-70b-instruct-v1:0",
    "command-r": "cohere.command-r-v1:0",
}
"""A model of each family that the simulated account has."""


def family(name: str) -> Family:
    """The row of that name, as the example of it finds it."""
    found = family_of(EXAMPLES[name])
    assert found.name == name
    return found


def question(row: Family, choice: Choice = NO_TOOLS) -> Draft:
    """A request of one turn; with a tool, unless the choice is `NO_TOOLS`."""
    draft = Draft(row)
    if row.system:
        draft.body["system"] = [{"text": "Be brief."}]
    draft.body["messages"] = [{"role": "user", "content": [{"text": "What is the weather?"}]}]
    if choice is not NO_TOOLS:
        add_tools(draft, [_weather(draft)], choice, ())
    return draft


def tool_loop(row: Family, *thinking: dict[str, Any], offered: bool = True) -> Draft:
    """A request whose last turn is the result of a tool call; `thinking` came before the call.

    Unless the tool is still `offered` it is known from the history alone.
    """
    draft = question(row)
    call = {"toolUse": {"toolUseId": "c1", "name": "get_weather", "input": {"city": "Oslo"}}}
    result = {"toolResult": {"toolUseId": "c1", "content": [{"text": "Rain."}]}}
    draft.body["messages"] += [
        {"role": "assistant", "content": [*thinking, call]},
        {"role": "user", "content": [result]},
    ]
    add_tools(draft, [_weather(draft)] if offered else [], AUTO, ["get_weather"])
    return draft


def _weather(draft: Draft) -> dict[str, Any]:
    return {"toolSpec": spec(draft, "get_weather", "The weather in a city.", SCHEMA, strict=False)}
