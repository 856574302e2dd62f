"""The input of a Responses request: a string, or items in the order of the conversation.

Items come as OpenAI's SDKs write them and as they send back those of an answer. Some leave out `type`
where it is a message.
"""

from collections.abc import Callable
from typing import NamedTuple

from router.dialects.checks import Fields, Json, fields, invalid, items, members, name, text
from router.dialects.converse.draft import Draft
from router.dialects.converse.reasoning import unseal
from router.dialects.converse.tools import called_arguments, custom_arguments
from router.dialects.converse.turns import Turns
from router.dialects.openai_responses.content import content_blocks
from router.dialects.openai_responses.toolbook import ToolBook, tool_of
from router.dialects.openai_responses.tools import Offer

_CALL_ECHO = ("id", "status", "caller", "async")

ADDITIONAL_TOOLS = fields("type", "tools", "role", echoed=("id",))
CUSTOM_CALL = fields("type", "call_id", "name", "namespace", "input", echoed=_CALL_ECHO)
FUNCTION_CALL = fields(
    "type",
    "call_id",
    "name",
    "namespace",
    "arguments",
    echoed=(*_CALL_ECHO, "parsed_arguments"),
)
MESSAGE = fields("type", "role", "content", echoed=("id", "status", "phase"))
OUTPUT = fields("type", "call_id", "output", echoed=(*_CALL_ECHO, "name", "namespace"))
REASONING = fields("type", "encrypted_content", "summary", "content", echoed=("id", "status"))

ROLES = ("user", "assistant", "system", "developer")

_NOTHING_STORED = (
    "refers to a stored item, but nothing is stored here: send whole items, as clients do when store"
    " is false (in the Vercel AI SDK: providerOptions.openai.store = false)"
)
_HOSTED = "belongs to a tool that only OpenAI has: leave it out"
_COMPACTION = "is for OpenAI's own shortening of conversations: send the items themselves"

REFUSED = {
    "apply_patch_call": _HOSTED,
    "apply_patch_call_output": _HOSTED,
    "code_interpreter_call": _HOSTED,
    "compaction": _COMPACTION,
    "compaction_trigger": _COMPACTION,
    "computer_call": _HOSTED,
    "computer_call_output": _HOSTED,
    "configuration_update": "is not supported: send the parameters with the request",
    "file_search_call": _HOSTED,
    "image_generation_call": _HOSTED,
    "item_reference": _NOTHING_STORED,
    "local_shell_call": _HOSTED,
    "local_shell_call_output": _HOSTED,
    "mcp_approval_request": _HOSTED,
    "mcp_approval_response": _HOSTED,
    "mcp_call": _HOSTED,
    "mcp_list_tools": _HOSTED,
    "program": _HOSTED,
    "program_output": _HOSTED,
    "shell_call": _HOSTED,
    "shell_call_output": _HOSTED,
    "tool_search_call": _HOSTED,
    "tool_search_output": _HOSTED,
    "web_search_call": _HOSTED,
}
"""Item types that Converse has nothing for, and why they are refused."""


class Conversation(NamedTuple):
    """What the input tells besides its turns."""

    called: list[str]
    """The Bedrock names of the tools called in it."""
    offers: list[Offer]
    """The lists of tools that stand among its items."""


def read_input(draft: Draft, body: Json, book: ToolBook) -> Conversation:
    """Adds the request's `instructions` and `input` to the draft."""
    turns = Turns(draft)
    reader = _Reader(draft, turns, book)
    if body.get("instructions") is not None:
        instructions = text(body["instructions"], "instructions")
        turns.system(content_blocks(draft, instructions, "system", "instructions"))
    value = body.get("input")
    if isinstance(value, str):
        turns.user(content_blocks(draft, value, "user", "input"))
    elif value is not None:
        for index, item in enumerate(items(value, "input")):
            reader.read(item, f"input[{index}]")
    turns.finish("input")
    return Conversation(list(turns.called), reader.offers)


class _Reader:
    """Takes items in one by one; each type has its method."""

    def __init__(self, draft: Draft, turns: Turns, book: ToolBook) -> None:
        self.offers: list[Offer] = []
        self._draft = draft
        self._turns = turns
        self._book = book

    def read(self, value: object, where: str) -> None:
        kind = _type_of(value)
        if kind not in ITEMS:
            raise invalid(f"{where}.type", REFUSED.get(kind) or f"must be one of {_KNOWN}")
        known, read = ITEMS[kind]
        read(self, members(value, where, known, self._draft.changes), where)

    def message(self, item: Json, where: str) -> None:
        role = item.get("role")
        if not isinstance(role, str) or role not in ROLES:
            raise invalid(f"{where}.role", f"must be one of {', '.join(ROLES)}")
        blocks = content_blocks(self._draft, item.get("content"), role, f"{where}.content")
        if role == "user":
            self._turns.user(blocks)
        elif role == "assistant":
            self._turns.assistant(blocks)
        else:
            self._turns.system(blocks)

    def reasoning(self, item: Json, where: str) -> None:
        # What it shows of itself, `encrypted_content` has too, signed.
        if item.get("encrypted_content") is None:
            self._draft.changes.add("reasoning without encrypted_content dropped")
            return
        where = f"{where}.encrypted_content"
        self._turns.assistant(unseal(item["encrypted_content"], self._draft, where))

    def function_call(self, item: Json, where: str) -> None:
        arguments = item.get("arguments")
        told = "" if arguments is None else text(arguments, f"{where}.arguments")
        self._call("function", item, where, called_arguments(self._draft, told))

    def custom_tool_call(self, item: Json, where: str) -> None:
        told = text(item.get("input"), f"{where}.input")
        self._call("custom", item, where, custom_arguments(told))

    def _call(self, kind: str, item: Json, where: str, arguments: Json) -> None:
        tool = self._book.enter(tool_of(kind, item, where), f"{where}.name")
        where = f"{where}.call_id"
        self._turns.tool_call(name(item.get("call_id"), where), tool, arguments, where)

    def output(self, item: Json, where: str) -> None:
        blocks = content_blocks(self._draft, item.get("output"), "tool", f"{where}.output")
        where = f"{where}.call_id"
        self._turns.tool_result(name(item.get("call_id"), where), blocks, where)

    def additional_tools(self, item: Json, where: str) -> None:
        self.offers.append(Offer(item.get("tools"), f"{where}.tools"))


ITEMS: dict[str, tuple[Fields, Callable[[_Reader, Json, str], None]]] = {
    "additional_tools": (ADDITIONAL_TOOLS, _Reader.additional_tools),
    "custom_tool_call": (CUSTOM_CALL, _Reader.custom_tool_call),
    "custom_tool_call_output": (OUTPUT, _Reader.output),
    "function_call": (FUNCTION_CALL, _Reader.function_call),
    "function_call_output": (OUTPUT, _Reader.output),
    "message": (MESSAGE, _Reader.message),
    "reasoning": (REASONING, _Reader.reasoning),
}
"""Item type → its members, and what adds it to the conversation."""

_KNOWN = ", ".join(ITEMS)


def _type_of(item: object) -> str:
    """An item's type, which messages and references may leave out; "" when it has none."""
    if not isinstance(item, dict):
        return ""
    kind = item.get("type")
    if kind is None:
        return "message" if "role" in item else "item_reference" if "id" in item else ""
    return kind if isinstance(kind, str) else ""
