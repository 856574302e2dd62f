"""What a request to the OpenAI routes asks: their bodies as the simulated model reads them."""

import json
from typing import Any

from local.bedrock import tokens
from local.bedrock.models import OpenAI
from local.bedrock.openai.chat_rules import texts_of
from local.bedrock.openai.rules import Served
from local.bedrock.prompts import Prompt, Segment, Tool, overhead

_CACHED_FOR = "30m"


def from_served_chat(served: Served, body: dict[str, Any]) -> Prompt:
    """A body of Chat Completions."""
    prompt = from_chat(body)
    if not served.openai.schemas:
        prompt = prompt._replace(schema=None)
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or served.model.max_output
    return _settle(served, prompt, body.get("reasoning_effort"), limit, body)


def from_chat(body: dict[str, Any]) -> Prompt:
    """A body in the form of Chat Completions, wherever it was sent."""
    messages, tools = body["messages"], tuple(map(_chat_tool, body.get("tools", ())))
    parts = [part for message in messages for part in _chat_parts(message)]
    allowed, forced = _choose(tools, body.get("tool_choice"))
    turn = _last_turn(messages)
    stops = body.get("stop") or ()
    return Prompt(
        segments=_segments(body.get("tools", []), parts, len(messages)),
        texts=tuple(text for m in turn if m["role"] == "user" for text in texts_of(m)),
        results=tuple(text for m in turn if m["role"] == "tool" for text in (texts_of(m) or [""])),
        tools=allowed,
        forced=forced,
        stops=(stops,) if isinstance(stops, str) else tuple(stops),
        schema=_chat_schema(body.get("response_format", {})),
        one_call=body.get("parallel_tool_calls") is False,
    )


def _settle(
    served: Served, prompt: Prompt, effort: str | None, limit: int, body: dict[str, Any]
) -> Prompt:
    """The prompt with what the model and the settings make of it."""
    segments = prompt.segments
    implicit = body.get("prompt_cache_options", {}).get("mode", "implicit") == "implicit"
    if served.model.cache_minimum and implicit and segments:
        segments = (*segments[:-1], segments[-1]._replace(cached_for=_CACHED_FOR))
    return prompt._replace(
        segments=segments,
        max_tokens=limit,
        reasoning=_reasoning(served.openai, effort, "reasoning" in served.model.features),
        shows_reasoning=served.openai.reasoning != "hidden",
        cuts_calls=served.openai.responses,
        cache_key=body.get("prompt_cache_key", ""),
    )


def _reasoning(openai: OpenAI, effort: str | None, able: bool) -> str:
    if not able or effort == "none":
        return "never"
    return "asked" if effort or openai.always_reasons else "may"


def _segments(tools: list[Any], parts: list[dict[str, Any]], messages: int) -> tuple[Segment, ...]:
    return (
        overhead(messages, tools=bool(tools)),
        *(Segment(tool, tokens.weigh(tool)) for tool in tools),
        *(
            Segment(
                {key: value for key, value in part.items() if key != "prompt_cache_breakpoint"},
                tokens.weigh(part),
                _CACHED_FOR if "prompt_cache_breakpoint" in part else "",
            )
            for part in parts
        ),
    )


def _chat_parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message as parts; what stands beside its content goes with the last one."""
    rest = {key: value for key, value in message.items() if key != "content"}
    content = message.get("content")
    if isinstance(content, list) and content:
        return [*content[:-1], {**rest, **content[-1]}]
    return [message]


def _last_turn(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was said since the assistant last spoke."""
    said = [index for index, message in enumerate(messages) if message["role"] == "assistant"]
    return messages[said[-1] + 1 :] if said else messages


def _chat_tool(tool: dict[str, Any]) -> Tool:
    kind = tool.get("type", "function")
    described = tool.get(kind, {})
    return Tool(described.get("name", ""), described.get("parameters", {}), kind == "custom")


def _choose(tools: tuple[Tool, ...], choice: Any) -> tuple[tuple[Tool, ...], str]:
    """The tools the model may call and the one it must."""
    if choice == "none":
        return (), ""
    if not isinstance(choice, dict):
        return tools, "*" if choice == "required" else ""
    kind = choice.get("type")
    inner = choice.get(kind) if isinstance(kind, str) else None
    chosen = inner if isinstance(inner, dict) else choice
    if kind == "allowed_tools":
        names = {tool.get("name") or tool["function"]["name"] for tool in chosen["tools"]}
        kept = tuple(tool for tool in tools if tool.name in names)
        return kept, "*" if chosen["mode"] == "required" else ""
    return tools, str(chosen.get("name", ""))


def _chat_schema(form: dict[str, Any]) -> dict[str, Any] | None:
    match form.get("type"):
        case "json_object":
            return {}
        case "json_schema":
            return dict(form["json_schema"].get("schema", {}))
    return None


def from_responses(served: Served, body: dict[str, Any], items: list[dict[str, Any]]) -> Prompt:
    """A body of Responses; `items` are those of the conversation, the new ones last."""
    offered = tuple(_offered(body, items))
    allowed, forced = _choose(offered, body.get("tool_choice"))
    parts = [part for item in items for part in _item_parts(item)]
    if body.get("instructions"):
        parts.insert(0, {"type": "input_text", "text": body["instructions"]})
    turn = _last_items(items)
    prompt = Prompt(
        segments=_segments(body.get("tools", []), parts, len(items)),
        texts=tuple(
            part["text"]
            for item in turn
            if item.get("role") == "user"
            for part in parts_of(item)
            if part["type"] == "input_text"
        ),
        results=tuple(_flatten(item["output"]) for item in turn if item.get("type") in OUTPUTS),
        tools=allowed,
        forced=forced,
        schema=_text_schema(body.get("text", {}).get("format", {})),
        one_call=body.get("parallel_tool_calls") is False,
    )
    effort = body.get("reasoning", {}).get("effort")
    limit = body.get("max_output_tokens") or served.model.max_output
    return _settle(served, prompt, effort, limit, body)


OUTPUTS = ("function_call_output", "custom_tool_call_output")
"""The items that answer a call."""


def parts_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    """A message item's content as parts: text alone is one part."""
    content = item.get("content", [])
    if isinstance(content, str):
        kind = "output_text" if item.get("role") == "assistant" else "input_text"
        return [{"type": kind, "text": content}]
    return list(content)


def _item_parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    if item.get("type", "message") != "message":
        # A reasoning item weighs what it holds, not its name, and ids change from call to call.
        return [{key: value for key, value in item.items() if key not in {"id", "status"}}]
    role = {"role": item["role"]}
    return [{**role, **part} for part in parts_of(item)]


def _last_items(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items since the assistant last spoke."""
    own = {"function_call", "custom_tool_call", "reasoning"}
    said = [
        index
        for index, item in enumerate(items)
        if item.get("role") == "assistant" or item.get("type") in own
    ]
    return items[said[-1] + 1 :] if said else items


def _offered(body: dict[str, Any], items: list[dict[str, Any]]) -> list[Tool]:
    """The tools a client can run: those of the request and those that its items add."""
    added = [
        tool
        for item in items
        if item.get("type") == "additional_tools"
        for tool in item.get("tools", [])
    ]
    return [
        tool for described in (*body.get("tools", []), *added) for tool in _client_tools(described)
    ]


def _client_tools(tool: dict[str, Any], namespace: str = "") -> list[Tool]:
    match tool["type"]:
        case "function":
            return [Tool(tool["name"], tool.get("parameters", {}), namespace=namespace)]
        case "custom":
            return [Tool(tool["name"], {}, custom=True, namespace=namespace)]
        case "namespace":
            return [one for inner in tool["tools"] for one in _client_tools(inner, tool["name"])]
    return []


def _text_schema(form: dict[str, Any]) -> dict[str, Any] | None:
    match form.get("type"):
        case "json_object":
            return {}
        case "json_schema":
            return dict(form["schema"])
    return None


def _flatten(output: Any) -> str:
    """The text of a call's output."""
    if isinstance(output, str):
        return output
    return " ".join(part["text"] if "text" in part else json.dumps(part) for part in output)
