"""The messages of a Chat Completions request."""

from router.dialects.checks import Fields, Json, fields, invalid, items, members, name, text
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import ToolNames, called_arguments, custom_arguments
from router.dialects.converse.turns import Turns
from router.dialects.openai_chat.content import content_blocks
from router.dialects.openai_chat.reasoning import replayed

_PLAIN = fields("role", "content", "cache_control", dropped=("name",))

MESSAGE_FIELDS: dict[str, Fields] = {
    "assistant": fields(
        "role",
        "content",
        "cache_control",
        "function_call",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "refusal",
        "tool_calls",
        dropped=("name", "annotations"),
        echoed=("parsed",),
    ),
    "developer": _PLAIN,
    "function": fields("role", "content", "cache_control", "name"),
    "system": _PLAIN,
    "tool": fields("role", "content", "cache_control", "tool_call_id", echoed=("name",)),
    "user": _PLAIN,
}

TOOL_CALL = fields("id", "type", "function", "custom", echoed=("index",))
CALLED_FUNCTION = fields("name", "arguments", echoed=("parsed_arguments",))
CALLED_CUSTOM_TOOL = fields("name", "input")


def read_messages(draft: Draft, body: Json, names: ToolNames) -> list[str]:
    """Adds the request's `messages`; the Bedrock names of the tools called in them.

    Before them come the instructions in `system`, which a published SDK sends beside the messages.
    """
    messages = items(body.get("messages"), "messages")
    if not messages:
        raise invalid("messages", "must not be empty")
    turns = Turns(draft)
    if body.get("system") is not None:
        turns.system(content_blocks(draft, body["system"], "system", "system"))
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
        blocks = self._content(message, where)
        self._turns.system(blocks + self._mark(message, where) if blocks else blocks)

    def user(self, message: Json, where: str) -> None:
        blocks = self._content(message, where)
        self._turns.user(blocks + self._mark(message, where) if blocks else blocks)

    def assistant(self, message: Json, where: str) -> None:
        blocks = replayed(self._draft, message, where)
        if message.get("content") is not None:
            blocks += self._content(message, where)
        if message.get("refusal") is not None:
            refusal = text(message["refusal"], f"{where}.refusal")
            blocks += content_blocks(self._draft, refusal, "assistant", f"{where}.refusal")
        self._turns.assistant(blocks)
        calls = message.get("tool_calls")
        calls = [] if calls is None else items(calls, f"{where}.tool_calls")
        for index, call in enumerate(calls):
            self._tool_call(call, f"{where}.tool_calls[{index}]")
        if (called := message.get("function_call")) is not None:
            self._function_call(called, f"{where}.function_call")
        if blocks or calls or called is not None:
            self._turns.assistant(self._mark(message, where))

    def tool(self, message: Json, where: str) -> None:
        blocks = self._content(message, where) + self._mark(message, where)
        where = f"{where}.tool_call_id"
        self._turns.tool_result(name(message.get("tool_call_id"), where), blocks, where)

    def function(self, message: Json, where: str) -> None:
        blocks = [] if message.get("content") is None else self._content(message, where)
        blocks += self._mark(message, where)
        tool = self._names.bedrock_name(message.get("name"), f"{where}.name")
        self._turns.tool_result(_legacy_id(tool), blocks, f"{where}.name")

    def _content(self, message: Json, where: str) -> list[Json]:
        return content_blocks(
            self._draft, message.get("content"), message["role"], f"{where}.content"
        )

    def _mark(self, message: Json, where: str) -> list[Json]:
        """The cache point behind a message that has a mark of its own."""
        if message.get("cache_control") is None:
            return []
        point = cache_point(self._draft, message["cache_control"], f"{where}.cache_control")
        return [] if point is None else [point]

    def _tool_call(self, value: object, where: str) -> None:
        call = members(value, where, TOOL_CALL, self._draft.changes)
        kind = "function" if call.get("type") is None else call["type"]
        if kind not in ("function", "custom"):
            raise invalid(f"{where}.type", "must be function or custom")
        call_id = name(call.get("id"), f"{where}.id")
        inner = f"{where}.{kind}"
        if kind == "custom":
            custom = members(call.get("custom"), inner, CALLED_CUSTOM_TOOL, self._draft.changes)
            tool = self._names.bedrock_name(custom.get("name"), f"{inner}.name")
            arguments = custom_arguments(text(custom.get("input"), f"{inner}.input"))
        else:
            tool, arguments = self._called(call.get("function"), inner)
        self._turns.tool_call(call_id, tool, arguments, f"{where}.id")

    def _function_call(self, value: object, where: str) -> None:
        tool, arguments = self._called(value, where)
        self._turns.tool_call(_legacy_id(tool), tool, arguments, f"{where}.name")

    def _called(self, value: object, where: str) -> tuple[str, Json]:
        """The Bedrock name and the arguments of a called function."""
        function = members(value, where, CALLED_FUNCTION, self._draft.changes)
        tool = self._names.bedrock_name(function.get("name"), f"{where}.name")
        arguments = function.get("arguments")
        if arguments is None:
            return tool, {}
        return tool, called_arguments(self._draft, text(arguments, f"{where}.arguments"))


def _legacy_id(tool: str) -> str:
    """The id of a call in the form before tools, which had none and allowed one call at a time."""
    return f"call_{tool}"


_READERS = {
    "assistant": _Reader.assistant,
    "developer": _Reader.system,
    "function": _Reader.function,
    "system": _Reader.system,
    "tool": _Reader.tool,
    "user": _Reader.user,
}
