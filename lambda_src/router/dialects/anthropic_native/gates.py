"""What a request may have only with a beta: finding it, and leaving it out where no beta opens it."""

from collections.abc import Callable
from typing import Any

from catalog.betas import GATED

from router.dialects.anthropic_native.draft import InvokeDraft
from router.dialects.checks import Json, document, type_of
from router.dialects.converse.tools import compact_json

_EDITS = "context_management."

COMPACTION = "context_management.compact_20260112"
"""The edit that sums a conversation up, and the blocks that it leaves in it."""

_TOOL_CHANGES = ("tool_addition", "tool_removal")
_SEARCHES = ("server_tool_use", "tool_search_tool_result")


def note_settings(draft: InvokeDraft) -> None:
    """Notes what the top-level fields have; tools and messages are noted where they are read."""
    body, used = draft.body, draft.used
    thinking, output = _object(body, "thinking"), _object(body, "output_config")
    if "safeguards" in body:
        used.add("safeguards")
    if thinking.get("block_binding") is not None:
        used.add("thinking.block_binding")
    if thinking.get("display") == "updates":
        used.add("thinking.display.updates")
    used.update(f"output_config.{name}" for name in ("effort", "task_budget") if name in output)
    used.update(GATED.intersection(f"{_EDITS}{type_of(edit)}" for edit in _edits(body)))


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _edits(body: Json) -> list[Any]:
    edits = _object(body, "context_management").get("edits")
    return edits if isinstance(edits, list) else []


def close(draft: InvokeDraft, word: str) -> None:
    """Takes out of the draft what the word of `catalog.betas.GATED` stands for, with a notice."""
    if word.startswith(_EDITS):
        _drop_edit(draft, word.removeprefix(_EDITS))
        if word == COMPACTION:
            _tell_summaries(draft)
        return
    leave_out = _LEFT_OUT.get(word)
    if leave_out is not None:
        leave_out(draft)
        draft.changes.add(f"{word} dropped")


def _drop_edit(draft: InvokeDraft, kind: str) -> None:
    """Takes the edits of a kind out of `context_management`."""
    edits = _edits(draft.body)
    kept = [edit for edit in edits if type_of(edit) != kind]
    if len(kept) == len(edits):
        return
    draft.body["context_management"]["edits"] = kept
    if not kept:
        del draft.body["context_management"]
    draft.changes.add(f"{kind} dropped")


def _tell_summaries(draft: InvokeDraft) -> None:
    """Turns the summaries that earlier edits left in the conversation to text."""
    for message in _turns(draft):
        for i, block in enumerate(message["content"]):
            if type_of(block) == "compaction" and isinstance(block.get("content"), str):
                message["content"][i] = {"type": "text", "text": block["content"]}
                draft.changes.add("compaction turned to text")


def _binding(draft: InvokeDraft) -> None:
    draft.body["thinking"].pop("block_binding", None)


def _display(draft: InvokeDraft) -> None:
    draft.body["thinking"]["display"] = "summarized"


def _effort(draft: InvokeDraft) -> None:
    _output(draft, "effort")


def _task_budget(draft: InvokeDraft) -> None:
    _output(draft, "task_budget")


def _output(draft: InvokeDraft, name: str) -> None:
    config = draft.body["output_config"]
    config.pop(name, None)
    if not config:
        del draft.body["output_config"]


def _safeguards(draft: InvokeDraft) -> None:
    del draft.body["safeguards"]


def _clear_at(draft: InvokeDraft) -> None:
    _without(draft, "clear_at")


def _output_config(draft: InvokeDraft) -> None:
    _without(draft, "output_config")


def _without(draft: InvokeDraft, name: str) -> None:
    """Takes a member out of the messages, and those out that had nothing else to say."""
    kept = []
    for message in draft.body["messages"]:
        had = message.pop(name, None) is not None
        if not had or message.get("content") or message.get("output_config"):
            kept.append(message)
    draft.body["messages"] = kept


def _input_examples(draft: InvokeDraft) -> None:
    for tool in draft.body["tools"]:
        tool.pop("input_examples", None)


def _tool_changes(draft: InvokeDraft) -> None:
    for message in _turns(draft):
        message["content"] = [
            block for block in message["content"] if type_of(block) not in _TOOL_CHANGES
        ]
    draft.body["messages"] = [
        message for message in draft.body["messages"] if message.get("content") != []
    ]


def _tool_search(draft: InvokeDraft) -> None:
    """Offers all tools at once: none deferred, none to search them, found ones told of in words."""
    tools = [tool for tool in draft.body.get("tools", ()) if "search" not in type_of(tool)]
    for tool in tools:
        tool.pop("defer_loading", None)
    if tools:
        draft.body["tools"] = tools
    else:
        draft.body.pop("tools", None)
    for message in _turns(draft):
        message["content"] = [_told(block) for block in message["content"]]
        for block in message["content"]:
            if type_of(block) == "tool_result" and isinstance(block.get("content"), list):
                block["content"] = [_told(part) for part in block["content"]]


def _told(block: Json) -> Json:
    """What a search of tools left in a conversation, in words."""
    kind = type_of(block)
    if kind == "tool_reference":
        return {"type": "text", "text": f"Tool: {block.get('tool_name')}"}
    if kind in _SEARCHES:
        return {"type": "text", "text": compact_json(document(block, kind))}
    return block


def _turns(draft: InvokeDraft) -> list[Json]:
    """The messages whose content is a list of blocks."""
    return [one for one in draft.body["messages"] if isinstance(one.get("content"), list)]


_LEFT_OUT: dict[str, Callable[[InvokeDraft], None]] = {
    "messages.clear_at": _clear_at,
    "messages.output_config": _output_config,
    "messages.tool_changes": _tool_changes,
    "output_config.effort": _effort,
    "output_config.task_budget": _task_budget,
    "safeguards": _safeguards,
    "thinking.block_binding": _binding,
    "thinking.display.updates": _display,
    "tool_search": _tool_search,
    "tools.input_examples": _input_examples,
}
