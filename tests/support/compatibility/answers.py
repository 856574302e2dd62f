"""Answers of each protocol, whole or streamed, read by its SDK into one form."""

import base64
import json
import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
from anthropic.types import Message
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion import ChatCompletion
from openai.types.responses import Response

from tests.support.anthropic_sdk import events, streamed_message, whole_message

Usage = Mapping[str, Any]
NO_USAGE: Usage = MappingProxyType({})


class Answer(NamedTuple):
    """What an answer holds, whatever its protocol."""

    text: str = ""
    reasoning: str = ""
    sealed: str = ""
    """Reasoning in the form that a client can send back."""
    calls: Sequence[tuple[str, Any]] = ()
    """Tool names with their arguments, parsed; a custom tool's as text."""
    vectors: Sequence[list[float]] = ()
    stop: str = ""
    """Why it ended, of a message; what follows is of messages too."""
    stop_sequence: str | None = None
    sources: Sequence[str] = ()
    """The types of its citations."""
    redacted: str = ""
    """Reasoning that is not to be read."""
    usage: Usage = NO_USAGE
    """As told at the end; a count of tokens alone is one."""
    opening: Usage = NO_USAGE
    """As told at the beginning of a stream."""


def read_chat(response: httpx.Response) -> Answer:
    """A chat completion."""
    if response.headers["content-type"].startswith("text/event-stream"):
        state: ChatCompletionStreamState[Any] = ChatCompletionStreamState()
        for event in _events(response):
            state.handle_chunk(ChatCompletionChunk.model_validate(event))
        completion: ChatCompletion = state.get_final_completion()
    else:
        completion = ChatCompletion.model_validate(response.json())
    message = completion.choices[0].message
    calls = [
        (call.function.name, json.loads(call.function.arguments))
        for call in message.tool_calls or ()
        if call.type == "function"
    ]
    reasoning = getattr(message, "reasoning_content", None) or ""
    details = getattr(message, "reasoning_details", None) or ()
    sealed = "".join(detail.get("data") or detail.get("signature") or "" for detail in details)
    return Answer(message.content or "", reasoning, sealed, calls)


def read_responses(response: httpx.Response) -> Answer:
    """A response."""
    if response.headers["content-type"].startswith("text/event-stream"):
        content = _events(response)[-1]["response"]
    else:
        content = response.json()
    found = Response.model_validate(content)
    made: list[tuple[str, Any]] = []
    reasoning = sealed = ""
    for item in found.output:
        if item.type == "function_call":
            made.append((item.name, json.loads(item.arguments)))
        elif item.type == "custom_tool_call":
            made.append((item.name, item.input))
        elif item.type == "reasoning":
            parts = [*item.summary, *(item.content or ())]
            reasoning += "".join(part.text for part in parts)
            sealed += item.encrypted_content or ""
    return Answer(found.output_text, reasoning, sealed, made)


def read_messages(response: httpx.Response) -> Answer:
    """A message, or a count of tokens."""
    if response.headers["content-type"].startswith("text/event-stream"):
        message = streamed_message(response.content)
        told = {event["type"]: event for event in events(response.content)}
        opening, usage = told["message_start"]["message"]["usage"], told["message_delta"]["usage"]
        return _of_message(message)._replace(usage=usage, opening=opening)
    content = response.json()
    if "input_tokens" in content:
        return Answer(usage=content)
    return _of_message(whole_message(response.content))._replace(usage=content["usage"])


def _of_message(message: Message) -> Answer:
    text = reasoning = sealed = redacted = ""
    calls: list[tuple[str, Any]] = []
    sources: list[str] = []
    for block in message.content:
        if block.type == "text":
            text += block.text
            sources += [citation.type for citation in block.citations or ()]
        elif block.type == "thinking":
            reasoning += block.thinking
            sealed += block.signature
        elif block.type == "redacted_thinking":
            redacted += block.data
        elif block.type == "tool_use":
            calls.append((block.name, block.input))
    return Answer(
        text,
        reasoning,
        sealed,
        calls,
        stop=message.stop_reason or "",
        stop_sequence=message.stop_sequence,
        sources=sources,
        redacted=redacted,
    )


def read_embeddings(response: httpx.Response) -> Answer:
    """A list of embeddings."""
    return Answer(vectors=[_vector(row["embedding"]) for row in response.json()["data"]])


def _vector(embedding: list[float] | str) -> list[float]:
    if isinstance(embedding, str):
        data = base64.b64decode(embedding)
        return list(struct.unpack(f"<{len(data) // 4}f", data))
    return embedding


def _events(response: httpx.Response) -> list[Any]:
    lines = [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]
