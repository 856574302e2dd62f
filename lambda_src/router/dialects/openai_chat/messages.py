"""The messages of a Chat Completions request."""

import json

from router.dialects.checks import (
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
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import ToolNames
from router.dialects.converse.turns import Turns
from router.dialects.openai_chat.content import content_blocks

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


def read_messages(draft: Draft, value: object, names: ToolNames) -> list[str]:
    """Adds the request's `messages`; the Bedrock names of the tools called in them."""
    messages = items(value, "messages")
    if not messages:
        raise invalid("messages", "must not be empty")
    turns = Turns(draft)
    reader = _Reader(draft, turns, names)
    for index, message in enumerate(messages):
        reader.read(message, f"messages[{index}]")
    turns.finish("messages")
    return list(turns.called)


class _Reader:
    """Takes messages in one by one; each role has its method."""

    def __init__(self, draft: Draft, turns: Turns, names: ToolNames) -> None:
        self._draft = draft
        self._turns = turns
        self._names = names

    def read(self, message: object, where: str) -> None:
        role = message.get("role") if isinstance(message, dict) else None
        if not isinstance(role, str) or role not in MESSAGE_FIELDS:
            known = ", ".join(MESSAGE_FIELDS)
            raise invalid(f"{where}.role", f"must be one of {known}")
        _READERS[role](
            self, members(message, where, MESSAGE_FIELDS[role], self._draft.changes), where
        )

    def system(self, message: Json, where: str) -> None:
        self._turns.system(self._content(message, where))

    def user(self, message: Json, where: str) -> None:
        self._turns.user(self._content(message, where))

    def assistant(self, message: Json, where: str) -> None:
        if message.get("content") is not None:
            self._turns.assistant(self._content(message, where))
        calls = message.get("tool_calls")
        for index, call in enumerate([] if calls is None else items(calls, f"{where}.tool_calls")):
            self._tool_call(call, f"{where}.tool_calls[{index}]")

    def tool(self, message: Json, where: str) -> None:
        blocks = self._content(message, where)
        where = f"{where}.tool_call_id"
        self._turns.tool_result(name(message.get("tool_call_id"), where), blocks, where)

    def _content(self, message: Json, where: str) -> list[Json]:
        return content_blocks(
            message.get("content"), message["role"], f"{where}.content", self._draft.changes
        )

    def _tool_call(self, value: object, where: str) -> None:
        call = members(value, where, TOOL_CALL, self._draft.changes)
        if call.get("type") not in (None, "function"):
            raise invalid(f"{where}.type", "must be function")
        call_id = name(call.get("id"), f"{where}.id")
        function_where = f"{where}.function"
        function = members(
            call.get("function"), function_where, CALLED_FUNCTION, self._draft.changes
        )
        tool = self._names.bedrock_name(function.get("name"), f"{function_where}.name")
        arguments = _arguments(function.get("arguments"), f"{function_where}.arguments")
        self._turns.tool_call(call_id, tool, arguments, f"{where}.id")


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
