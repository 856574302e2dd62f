"""A Chat Completions conversation as Converse's `system` and `messages`.

OpenAI's messages come in any order of roles. Converse wants turns of user and assistant by turns,
beginning with the user, and the results of an assistant's tool calls, all of them, at the head of
the next user turn. So instructions move to `system`, neighbours with one role become one turn, and
tool messages become blocks of a user turn.
"""

import json
from typing import NamedTuple

from router.dialects.openai_chat.checks import (
    Fields,
    Json,
    document,
    fields,
    invalid,
    is_blank,
    items,
    members,
    name,
    text,
)
from router.dialects.openai_chat.content import content_blocks
from router.dialects.openai_chat.tools import ToolCallIds, ToolNames

FILLER = "."
"""Stands where Bedrock wants text and the client has none; it refuses blank text."""

MESSAGE_FIELDS: dict[str, Fields] = {
    "assistant": fields(
        "role",
        "content",
        "tool_calls",
        dropped=("name", "annotations", "reasoning_content"),
        echoed=("parsed",),
    ),
    "developer": fields("role", "content", dropped=("name",)),
    "system": fields("role", "content", dropped=("name",)),
    "tool": fields("role", "content", "tool_call_id", echoed=("name",)),
    "user": fields("role", "content", dropped=("name",)),
}

TOOL_CALL = fields("id", "type", "function", echoed=("index",))
CALLED_FUNCTION = fields("name", "arguments", echoed=("parsed_arguments",))


class Conversation(NamedTuple):
    """What a list of messages becomes."""

    system: list[Json]
    messages: list[Json]
    called: list[str]
    """The Bedrock names of the tools called in it, each once."""


def read_conversation(value: object, names: ToolNames, changes: set[str]) -> Conversation:
    """The conversation in the request's `messages`."""
    messages = items(value, "messages")
    if not messages:
        raise invalid("messages", "must not be empty")
    reader = _Reader(names, changes)
    for index, message in enumerate(messages):
        reader.read(message, f"messages[{index}]")
    return reader.conversation()


class _Turn(NamedTuple):
    role: str
    results: list[Json]
    content: list[Json]


class _Reader:
    """Takes messages in one by one; each role has its method."""

    def __init__(self, names: ToolNames, changes: set[str]) -> None:
        self._names = names
        self._changes = changes
        self._ids = ToolCallIds()
        self._system: list[Json] = []
        self._turns: list[_Turn] = []
        self._called: dict[str, None] = {}
        self._open_calls: dict[str, tuple[str, str]] = {}
        """The last assistant turn's calls without a result: client's id → (where, Bedrock's id)."""

    def read(self, message: object, where: str) -> None:
        role = message.get("role") if isinstance(message, dict) else None
        if not isinstance(role, str) or role not in MESSAGE_FIELDS:
            known = ", ".join(MESSAGE_FIELDS)
            raise invalid(f"{where}.role", f"must be one of {known}")
        _READERS[role](self, members(message, where, MESSAGE_FIELDS[role], self._changes), where)

    def conversation(self) -> Conversation:
        self._check_all_answered()
        if not self._turns and not self._system:
            raise invalid("messages", "hold no text")
        if not self._turns or self._turns[0].role != "user":
            # OpenAI lets the assistant or nobody speak first.
            self._changes.add("first user turn added")
            self._turns.insert(0, _Turn("user", [], [{"text": FILLER}]))
        messages = [
            {"role": turn.role, "content": turn.results + turn.content} for turn in self._turns
        ]
        return Conversation(self._system, messages, list(self._called))

    def system(self, message: Json, where: str) -> None:
        blocks = self._content(message, where)
        if blocks and self._turns:
            self._changes.add("system messages moved to the front")
        self._system += blocks

    def user(self, message: Json, where: str) -> None:
        if blocks := self._content(message, where):
            self._turn("user").content.extend(blocks)

    def assistant(self, message: Json, where: str) -> None:
        blocks = [] if message.get("content") is None else self._content(message, where)
        calls = message.get("tool_calls")
        if calls is not None:
            calls = items(calls, f"{where}.tool_calls")
        if blocks or calls:
            turn = self._turn("assistant")
            turn.content.extend(blocks)
            for index, call in enumerate(calls or ()):
                turn.content.append(self._tool_use(call, f"{where}.tool_calls[{index}]"))

    def tool(self, message: Json, where: str) -> None:
        blocks = self._content(message, where)
        where = f"{where}.tool_call_id"
        call = self._open_calls.pop(name(message.get("tool_call_id"), where), None)
        if call is None:
            raise invalid(where, "answers no open tool call of the assistant message before it")
        if not blocks:
            self._changes.add("empty tool result filled")
            blocks = [{"text": FILLER}]
        result = {"toolUseId": call[1], "content": blocks}
        self._turn("user").results.append({"toolResult": result})

    def _content(self, message: Json, where: str) -> list[Json]:
        return content_blocks(
            message.get("content"), message["role"], f"{where}.content", self._changes
        )

    def _turn(self, role: str) -> _Turn:
        if not self._turns or self._turns[-1].role != role:
            if role == "assistant":
                self._check_all_answered()
            self._turns.append(_Turn(role, [], []))
        return self._turns[-1]

    def _tool_use(self, value: object, where: str) -> Json:
        call = members(value, where, TOOL_CALL, self._changes)
        if call.get("type") not in (None, "function"):
            raise invalid(f"{where}.type", "must be function")
        call_id = name(call.get("id"), f"{where}.id")
        if call_id in self._open_calls:
            raise invalid(f"{where}.id", "is the id of another tool call in the same turn")
        function_where = f"{where}.function"
        function = members(call.get("function"), function_where, CALLED_FUNCTION, self._changes)
        tool = self._names.bedrock_name(function.get("name"), f"{function_where}.name")
        arguments = _arguments(function.get("arguments"), f"{function_where}.arguments")
        bedrock_id = self._ids.bedrock_id(call_id)
        self._open_calls[call_id] = (where, bedrock_id)
        self._called[tool] = None
        return {"toolUse": {"toolUseId": bedrock_id, "name": tool, "input": arguments}}

    def _check_all_answered(self) -> None:
        for where, _ in self._open_calls.values():
            raise invalid(where, "has no tool message that answers it")


_READERS = {
    "assistant": _Reader.assistant,
    "developer": _Reader.system,
    "system": _Reader.system,
    "tool": _Reader.tool,
    "user": _Reader.user,
}


def _arguments(value: object, where: str) -> Json:
    """The object in a call's arguments, which are JSON in a string; nothing at all stands for {}."""
    if value is None or (isinstance(value, str) and is_blank(value)):
        return {}
    string = text(value, where)
    try:
        arguments = json.loads(string)
    except (ValueError, RecursionError):
        raise invalid(where, "must be a JSON object in a string") from None
    return document(arguments, where)
