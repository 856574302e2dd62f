"""The system prompt and the messages of a Messages request, as Converse's turns.

Other than in OpenAI's protocols a conversation may end with the assistant's words, which the model is to
go on with. Most models on Converse take those for a finished turn, so they are asked in words.
"""

from collections.abc import Callable
from typing import NamedTuple

from router.dialects.anthropic import content_blocks, field_required, system_blocks
from router.dialects.anthropic_messages import hosted
from router.dialects.anthropic_messages.content import ONLY_TEXT, TOOL_RESULTS, USERS, Content, mark
from router.dialects.anthropic_messages.reasoning import read_effort
from router.dialects.anthropic_messages.thinking import reasoning_block
from router.dialects.anthropic_messages.toolbook import ToolBook
from router.dialects.checks import (
    Fields,
    Json,
    document,
    fields,
    flag,
    invalid,
    items,
    members,
    name,
    type_of,
)
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import ToolNames
from router.dialects.converse.turns import Turns

MESSAGE: dict[str, Fields] = {
    "assistant": fields("role", "content"),
    "system": fields("role", "content", "clear_at", "output_config"),
    "user": fields("role", "content"),
}
TURN_OUTPUT_CONFIG = fields("effort")
TOOL_USE = fields(
    "type", "id", "name", "input", "cache_control", dropped=("toolset_name",), echoed=("caller",)
)
TOOL_RESULT = fields(
    "type", "tool_use_id", "content", "is_error", "cache_control", dropped=("toolset_name",)
)
TOOL_CHANGE = fields("type", "tool", "cache_control")
COMPACTION = fields(
    "type", "content", "cache_control", "tool_changes", echoed=("encrypted_content", "signature")
)

CLEARED = "next_user_message"
"""The `clear_at` of a system message that only the turn before the next user's is to have."""

GO_ON = (
    "Your last message was cut off. Continue it from exactly where it ends, "
    "without repeating any of it and without a word about this."
)

_NO_FILES = "refers to a file, but no files are kept here: send its content itself"


class Conversation(NamedTuple):
    """What the messages tell besides their turns."""

    called: list[str]
    """The Bedrock names of the tools called in it."""
    book: ToolBook
    effort: str | None
    """The effort that its last system message with one asks for."""
    document_titles: tuple[str | None, ...]


def read_messages(draft: Draft, body: Json, names: ToolNames) -> Conversation:
    """Adds the request's `system` and `messages`."""
    if body.get("messages") is None:
        raise field_required("messages")
    messages = items(body["messages"], "messages")
    if not messages:
        raise invalid("messages", "must not be empty")
    reader = _Reader(draft, names)
    reader.system_prompt(body)
    last_user = max((i for i, one in enumerate(messages) if _role(one) == "user"), default=-1)
    for index in range(_first_kept(draft, messages), len(messages)):
        reader.read(messages[index], f"messages[{index}]", cleared=index < last_user)
    return reader.finish()


def _role(message: object) -> object:
    return message.get("role") if isinstance(message, dict) else None


def _first_kept(draft: Draft, messages: list[object]) -> int:
    """The message that begins the conversation: the last one with a summary of those before it."""
    for index in range(len(messages) - 1, 0, -1):
        message = messages[index]
        content = content_blocks(message.get("content") if isinstance(message, dict) else None)
        if any(type_of(block) == "compaction" and block.get("content") for block in content):
            draft.changes.add("messages before a compaction dropped")
            return index
    return 0


class _Reader:
    """Takes messages in one by one; each type of block has its method."""

    def __init__(self, draft: Draft, names: ToolNames) -> None:
        self._draft = draft
        self._names = names
        self._turns = Turns(draft)
        self._content = Content(draft)
        self._book = ToolBook()
        self._effort: str | None = None

    def system_prompt(self, body: Json) -> None:
        system = body.get("system")
        kept = {id(block) for block in system_blocks(self._draft, body)}
        if isinstance(system, str) and kept:
            self._turns.system(self._content.blocks(system, ONLY_TEXT, "system"))
        elif isinstance(system, list):
            for index, block in enumerate(system):
                if id(block) in kept:
                    where = f"system[{index}]"
                    self._turns.system(self._content.block(block, ONLY_TEXT, where))

    def read(self, message: object, where: str, *, cleared: bool) -> None:
        """`cleared` tells of a user message behind this one."""
        role = _role(message)
        if not isinstance(role, str) or role not in MESSAGE:
            raise invalid(f"{where}.role", f"must be one of {', '.join(MESSAGE)}")
        found = members(message, where, MESSAGE[role], self._draft.changes)
        if role == "system":
            self._system(found, where, cleared=cleared)
            return
        content, where = found.get("content"), f"{where}.content"
        if content is None:
            raise field_required(where)
        if isinstance(content, list):
            for index, block in enumerate(content):
                self._block(role, block, f"{where}[{index}]")
        elif role == "user":
            self._turns.user(self._content.blocks(content, USERS, where))
        else:
            self._turns.assistant(self._content.blocks(content, ONLY_TEXT, where))

    def finish(self) -> Conversation:
        if self._turns.speaker == "assistant":
            self._draft.changes.add("assistant prefill asked for by instructions")
            self._turns.user([{"text": GO_ON}])
        self._turns.finish("messages")
        titles = tuple(self._content.document_titles)
        self._book.show(self._content.shown_tools)
        return Conversation(list(self._turns.called), self._book, self._effort, titles)

    def _system(self, message: Json, where: str, *, cleared: bool) -> None:
        clear_at = message.get("clear_at")
        if clear_at not in (None, "never", CLEARED):
            raise invalid(f"{where}.clear_at", f"must be never or {CLEARED}")
        if message.get("output_config") is not None:
            here = f"{where}.output_config"
            config = members(
                message["output_config"], here, TURN_OUTPUT_CONFIG, self._draft.changes
            )
            self._effort = read_effort(config.get("effort"), f"{here}.effort") or self._effort
        content, where = message.get("content"), f"{where}.content"
        if content is None or (clear_at == CLEARED and cleared):
            return
        blocks: list[Json] = []
        if isinstance(content, list):
            for index, block in enumerate(content):
                here = f"{where}[{index}]"
                if type_of(block) in _TOOL_CHANGES:
                    blocks += self._tool_change(block, here)
                else:
                    blocks += self._content.block(block, ONLY_TEXT, here)
        else:
            blocks = self._content.blocks(content, ONLY_TEXT, where)
        if not self._turns.speaker:
            self._turns.system(blocks)
        elif blocks:
            # Where it stands, so that the cached prompt before it stays the same.
            self._draft.changes.add("system messages moved")
            self._turns.user(blocks)

    def _block(self, role: str, value: object, where: str) -> None:
        kind = type_of(value)
        if kind in _TOOL_CHANGES:
            self._add(role, self._tool_change(value, where))
        elif kind == "compaction":
            self._compaction(value, where)
        elif role == "user" and kind == "tool_result":
            self._tool_result(value, where)
        elif kind == "container_upload":
            raise invalid(where, _NO_FILES)
        elif role == "user":
            self._turns.user(self._content.block(value, (*USERS, *_USERS_OWN), where))
        elif kind in _ASSISTANTS:
            _ASSISTANTS[kind](self, value, where)
        else:
            self._turns.assistant(self._content.block(value, (*ONLY_TEXT, *_ASSISTANTS), where))

    def _add(self, role: str, blocks: list[Json]) -> None:
        (self._turns.user if role == "user" else self._turns.assistant)(blocks)

    def _tool_change(self, value: object, where: str) -> list[Json]:
        change = members(value, where, TOOL_CHANGE, self._draft.changes)
        self._book.change(change, where)
        return mark(self._draft, change, where)

    def _compaction(self, value: object, where: str) -> None:
        """The summary that stands for what was said before it; without one it stands for nothing."""
        block = members(value, where, COMPACTION, self._draft.changes)
        changes, here = block.get("tool_changes"), f"{where}.tool_changes"
        for index, change in enumerate([] if changes is None else items(changes, here)):
            self._tool_change(change, f"{here}[{index}]")
        if block.get("content") is not None:
            summary = self._content.blocks(block["content"], ONLY_TEXT, f"{where}.content")
            self._turns.user(summary + mark(self._draft, block, where))

    def tool_use(self, value: object, where: str) -> None:
        call = members(value, where, TOOL_USE, self._draft.changes)
        tool = self._names.bedrock_name(call.get("name"), f"{where}.name")
        given = call.get("input")
        arguments = {} if given is None else document(given, f"{where}.input")
        call_id = name(call.get("id"), f"{where}.id")
        self._book.show({str(call["name"])})
        self._turns.tool_call(call_id, tool, arguments, f"{where}.id")
        self._turns.assistant(mark(self._draft, call, where))

    def _tool_result(self, value: object, where: str) -> None:
        result = members(value, where, TOOL_RESULT, self._draft.changes)
        content = result.get("content")
        blocks = (
            []
            if content is None
            else self._content.blocks(content, TOOL_RESULTS, f"{where}.content")
        )
        failed = flag(result, "is_error", f"{where}.is_error")
        blocks += mark(self._draft, result, where)
        where = f"{where}.tool_use_id"
        call_id = name(result.get("tool_use_id"), where)
        self._turns.tool_result(call_id, blocks, where, failed=failed)

    def thinking(self, value: object, where: str) -> None:
        found = reasoning_block(document(value, where), self._draft, where)
        self._turns.assistant([] if found is None else [found])

    def hosted(self, value: object, where: str) -> None:
        self._turns.assistant(hosted.told_in_words(self._draft, value, where))

    def leave_out(self, value: object, where: str) -> None:
        # The place of a change of models, or tools that are told of elsewhere: no part of the prompt.
        document(value, where)


_TOOL_CHANGES = ("tool_addition", "tool_removal")

_USERS_OWN = ("tool_result", *_TOOL_CHANGES)
"""Blocks of user messages that are no content."""

_ASSISTANTS: dict[str, Callable[[_Reader, object, str], None]] = {
    "fallback": _Reader.leave_out,
    "mcp_tool_listing": _Reader.leave_out,
    "redacted_thinking": _Reader.thinking,
    "thinking": _Reader.thinking,
    "tool_use": _Reader.tool_use,
    **dict.fromkeys(sorted(hosted.KINDS), _Reader.hosted),
}
"""Blocks of assistant messages that are no text."""
