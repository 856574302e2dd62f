"""Reading a request as a prompt, whichever API and family it is written for."""

import json
from typing import Any

from local.bedrock import guardrails, tokens
from local.bedrock.citations import citable
from local.bedrock.models import Model
from local.bedrock.openai.prompts import from_chat
from local.bedrock.prompts import Prompt, Segment, Tool, from_text, overhead
from local.bedrock.rules import (
    anthropic,
    anthropic_turns,
    claude,
    converse_claude,
    model_fields,
    native,
)
from local.bedrock.rules.anthropic_tools import input_schema

# Anthropic's strings for tests: https://platform.claude.com/docs/en/build-with-claude/extended-thinking and
# https://platform.claude.com/docs/en/test-and-evaluate/strengthen-guardrails/handle-streaming-refusals.
_REDACTS = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_"
    "46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
_REFUSES = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_"
    "1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86"
)


def from_converse(model: Model, body: dict[str, Any]) -> Prompt:
    """A request of Converse, ConverseStream or CountTokens."""
    config = body.get("inferenceConfig") or {}
    tool_config = body.get("toolConfig") or {}
    choice = tool_config.get("toolChoice") or {}
    fields = (converse_claude if model.claude else model_fields).own_fields(body)
    text_format = (body.get("outputConfig") or {}).get("textFormat") or {}
    schema_text = text_format.get("structure", {}).get("jsonSchema", {}).get("schema", "null")
    reasoning, shown = _reasoning(model, fields)
    prompt = _from_blocks(model, body)._replace(
        tools=_converse_tools(tool_config),
        forced="*" if "any" in choice else choice.get("tool", {}).get("name", ""),
        max_tokens=converse_claude.max_tokens(model, body),
        stops=tuple(config.get("stopSequences") or ()),
        schema=json.loads(schema_text) or _asked_schema(fields),
        reasoning=reasoning,
        shows_reasoning=shown,
        one_call=_one_call(fields),
        guard=guardrails.from_converse(body),
    )
    return _triggered(model, prompt)


def from_anthropic(model: Model, body: dict[str, Any]) -> Prompt:
    """An InvokeModel body of a Claude."""
    if anthropic.is_legacy(model, body):
        prompt = from_text(body["prompt"], body["max_tokens_to_sample"])
        return prompt._replace(stops=tuple(body.get("stop_sequences") or ()))
    segments = [
        Segment(
            {key: value for key, value in block.items() if key != "cache_control"},
            tokens.weigh(block),
            (block.get("cache_control") or {}).get("ttl", "5m" if "cache_control" in block else ""),
        )
        for _, block in anthropic.cached_blocks(body)
    ]
    tools = tuple(Tool(tool["name"], input_schema(tool)) for tool in body.get("tools") or ())
    choice = body.get("tool_choice") or {}
    turn = _last_turn(body["messages"], anthropic_turns.blocks)
    reasoning, shown = _reasoning(model, body)
    prompt = Prompt(
        segments=(overhead(len(body["messages"]), tools=bool(tools)), *segments),
        texts=tuple(block["text"] for block in turn if block["type"] == "text"),
        results=tuple(
            _flatten(block.get("content", "")) for block in turn if block["type"] == "tool_result"
        ),
        tools=() if choice.get("type") == "none" else tools,
        forced="*" if choice.get("type") == "any" else choice.get("name", ""),
        max_tokens=body["max_tokens"],
        stops=tuple(body.get("stop_sequences") or ()),
        schema=_asked_schema(body),
        reasoning=reasoning,
        shows_reasoning=shown,
        one_call=_one_call(body),
        cited=citable(body["messages"], anthropic_turns.blocks),
    )
    return _triggered(model, prompt)


def from_native(model: Model, body: dict[str, Any]) -> Prompt:
    """An InvokeModel body of any other family that answers with text."""
    limit = native.output_limit(model, body)
    if model.family == "nova":
        config = body.get("inferenceConfig") or {}
        tool_config = body.get("toolConfig") or {}
        choice = tool_config.get("toolChoice") or {}
        return _from_blocks(model, body)._replace(
            tools=_converse_tools(tool_config),
            forced="*" if "any" in choice else choice.get("tool", {}).get("name", ""),
            max_tokens=limit,
            stops=tuple(config.get("stopSequences") or ()),
            reasoning=_reasoning(model, body)[0],
        )
    if model.family == "openai-chat":
        return from_chat(body)._replace(max_tokens=limit, reasoning="may")
    text = body.get("prompt") or body.get("inputText") or body.get("message") or ""
    settings = body.get("textGenerationConfig", body)
    stops = next(
        (
            settings[name]
            for name in ("stopSequences", "stop_sequences", "stop")
            if settings.get(name)
        ),
        (),
    )
    return from_text(text, limit)._replace(stops=tuple(stops))


def _from_blocks(model: Model, body: dict[str, Any]) -> Prompt:
    """The conversation of a body in Converse's form."""
    segments: list[Segment] = []
    messages = body.get("messages") or []
    tool_config = body.get("toolConfig") or {}
    for blocks in (
        tool_config.get("tools", []),
        body.get("system") or [],
        *(message["content"] for message in messages),
    ):
        for block in blocks:
            if "cachePoint" not in block:
                segments.append(Segment(block, tokens.weigh(block)))
            elif segments:
                lifetime = block["cachePoint"].get("ttl", "5m")
                segments[-1] = segments[-1]._replace(cached_for=lifetime)
    turn = _last_turn(messages, list)
    return Prompt(
        segments=(overhead(len(messages), tools=bool(tool_config)), *segments),
        texts=tuple(text for block in turn if (text := _block_text(block)) is not None),
        results=tuple(
            _flatten(block["toolResult"]["content"]) for block in turn if "toolResult" in block
        ),
        max_tokens=model.max_output,
    )


def _converse_tools(config: dict[str, Any]) -> tuple[Tool, ...]:
    specs = [tool["toolSpec"] for tool in config.get("tools", ()) if "toolSpec" in tool]
    return tuple(Tool(spec["name"], _object(spec["inputSchema"].get("json"))) for spec in specs)


def _triggered(model: Model, prompt: Prompt) -> Prompt:
    """The prompt, with what Anthropic's strings for tests make of a Claude's answer."""
    if model.claude is None:
        return prompt
    said = "\n".join(prompt.texts)
    return prompt._replace(redacts=_REDACTS in said, refused=_REFUSES in said)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _asked_schema(fields: dict[str, Any]) -> dict[str, Any] | None:
    """The schema in a Claude's ``output_config``."""
    return _object(_object(fields.get("output_config")).get("format")).get("schema")


def _reasoning(model: Model, fields: dict[str, Any]) -> tuple[str, bool]:
    """Whether the model reasons, and whether it shows it."""
    if "reasoning" not in model.features:
        return "never", True
    if model.claude is None:
        return _effort(model, fields), True
    thinking = fields.get("thinking")
    shown = claude.shows_thinking(model.claude, thinking)
    if not claude.thinks(model.claude, thinking):
        return "never", shown
    return "asked" if thinking else "may", shown


def _effort(model: Model, fields: dict[str, Any]) -> str:
    effort = model_fields.effort(model, fields)
    if effort is None:
        # Nova 2 is the one that waits to be asked.
        return "never" if model.family == "nova" else "may"
    return "never" if effort == "none" else "asked"


def _one_call(fields: dict[str, Any]) -> bool:
    return _object(fields.get("tool_choice")).get("disable_parallel_tool_use") is True


def _last_turn(messages: list[dict[str, Any]], blocks: Any) -> list[dict[str, Any]]:
    """The blocks of the user's last turn, which may be several messages in a row."""
    turn: list[dict[str, Any]] = []
    for message in reversed(messages):
        if message["role"] == "user":
            turn = [*blocks(message["content"]), *turn]
        elif message["role"] == "assistant" and turn:
            break
    return turn


def _block_text(block: dict[str, Any]) -> str | None:
    if "guardContent" in block:
        return (block["guardContent"].get("text") or {}).get("text")
    return block.get("text")


def _flatten(content: Any) -> str:
    """The text of a tool result's content."""
    if isinstance(content, str):
        return content
    return " ".join(
        part["text"] if "text" in part else json.dumps(part.get("json", {})) for part in content
    )
