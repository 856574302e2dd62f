"""What a Claude refuses in the turns of a Messages body. Wordings are the live API's."""

from collections.abc import Iterator
from typing import Any

from local.bedrock.claude_features import INLINE_TOOLS, SEARCH, TOOL_CHANGES, TURN_SETTINGS
from local.bedrock.errors import ModelRefusal
from local.bedrock.models import Claude
from local.bedrock.rules.anthropic_content import CHANGE_TAGS, CONTENT_TAGS, RESULT_TAGS
from local.bedrock.rules.thoughts import check_redacted, check_thought, expected_thinking
from local.bedrock.schemas import unexpected_tag

Message = dict[str, Any]

_THINKING = {"thinking", "redacted_thinking"}


def blocks(content: Any) -> list[dict[str, Any]]:
    """A message's content as blocks: text alone is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def check_text(place: str, block: dict[str, Any]) -> None:
    """Raises the refusal of a text block without text."""
    if block["type"] == "text" and not block["text"].strip():
        quality = "contain non-whitespace text" if block["text"] else "be non-empty"
        raise ModelRefusal(f"{place}: text content blocks must {quality}")


def check_turns(rules: Claude, body: dict[str, Any]) -> None:
    """Raises the refusal of the messages of a body, of their order or of what is in them."""
    messages = body["messages"]
    betas = frozenset(body.get("anthropic_beta") or ())
    turns = [message for message in messages if message["role"] != "system"]
    if len(turns) < len(messages) and not rules.system_turns:
        raise ModelRefusal(
            'messages: Unexpected role "system". The Messages API accepts a top-level `system` '
            'parameter, not "system" as an input message role.'
        )
    if not turns or turns[0]["role"] != "user":
        raise ModelRefusal('messages: first message must use the "user" role')
    tools = {tool["name"] for tool in body.get("tools") or ()}
    latest = max((i for i, m in enumerate(messages) if m["role"] == "assistant"), default=-1)
    for index, message in enumerate(messages):
        _check_settings(rules, index, message, betas)
        if message["role"] == "system":
            _check_system_turn(index, message, betas, tools)
        else:
            _check_content(index, message, last=index == len(messages) - 1)
            _check_thinking(index, message, latest=index == latest)
            _check_references(index, message, betas, tools)
    _check_tool_pairs(messages)


def _check_settings(rules: Claude, index: int, message: Message, betas: frozenset[str]) -> None:
    """Only some models, and only with the beta flag, take settings in the middle."""
    if "output_config" not in message:
        return
    if message["role"] != "system" or not rules.turn_settings or TURN_SETTINGS not in betas:
        raise ModelRefusal(f"messages.{index}.output_config: Extra inputs are not permitted")


def _check_system_turn(
    index: int, message: Message, betas: frozenset[str], tools: set[str]
) -> None:
    content = blocks(message["content"])
    if not content and not message.get("output_config"):
        raise ModelRefusal(f"messages.{index}: all messages must have non-empty content")
    opened = {"text", *(CHANGE_TAGS if betas & {INLINE_TOOLS, TOOL_CHANGES} else ())}
    for position, block in enumerate(content):
        place = f"messages.{index}.content.{position}"
        if block["type"] not in opened:
            raise ModelRefusal(unexpected_tag(place, block["type"], opened))
        check_text("messages", block)
        changed = block.get("tool")
        if changed is not None and changed["name"] not in tools:
            raise _unknown_reference(changed["name"])


def _check_content(index: int, message: Message, *, last: bool) -> None:
    role, content = message["role"], blocks(message["content"])
    if not content and not (last and role == "assistant"):
        raise ModelRefusal(
            f"messages.{index}: all messages must have non-empty content except for the optional "
            "final assistant message"
        )
    for position, block in enumerate(content):
        place = f"messages.{index}.content.{position}"
        check_text("messages", block)
        if block["type"] in CHANGE_TAGS:
            raise ModelRefusal(unexpected_tag(place, block["type"], CONTENT_TAGS))
        if block["type"] == "tool_use" and role != "assistant":
            raise ModelRefusal(
                f"messages.{index}: `tool_use` blocks can only be in `assistant` messages"
            )
        if block["type"] == "tool_result" and role != "user":
            raise ModelRefusal(
                f"messages.{index}: `tool_result` blocks can only be in `user` messages"
            )
        if block["type"] in _THINKING and role != "assistant":
            raise ModelRefusal(f"{place}: thinking blocks can only be in `assistant` messages")
    if last and role == "assistant" and content and content[-1]["type"] == "text":
        text = content[-1]["text"]
        if text != text.rstrip():
            raise ModelRefusal(
                "messages: final assistant content cannot end with trailing whitespace"
            )


def _check_thinking(index: int, message: Message, *, latest: bool) -> None:
    for position, block in enumerate(blocks(message["content"])):
        place = f"messages.{index}.content.{position}"
        if block["type"] == "thinking":
            check_thought(block["thinking"], block.get("signature"), place, latest=latest)
        if block["type"] == "redacted_thinking":
            check_redacted(block["data"], place)


def _check_references(index: int, message: Message, betas: frozenset[str], tools: set[str]) -> None:
    """A tool's result may name other tools when tools are searched, and then such as there are."""
    for position, block in enumerate(blocks(message["content"])):
        if block["type"] != "tool_result":
            continue
        for inner, part in enumerate(blocks(block.get("content", []))):
            if part["type"] != "tool_reference":
                continue
            if SEARCH not in betas:
                place = f"messages.{index}.content.{position}.tool_result.content.{inner}"
                opened = RESULT_TAGS.keys() - {"tool_reference"}
                raise ModelRefusal(unexpected_tag(place, "tool_reference", opened))
            if part["tool_name"] not in tools:
                raise _unknown_reference(part["tool_name"])


def _unknown_reference(name: str) -> ModelRefusal:
    return ModelRefusal(f"Tool reference '{name}' has no corresponding tool definition")


def _merged(messages: list[Message]) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    """(index of the first message, role, blocks) of each turn: equal roles in a row are one turn."""
    turn: tuple[int, str, list[dict[str, Any]]] | None = None
    for index, message in enumerate(messages):
        if message["role"] == "system":
            continue
        content = blocks(message["content"])
        if turn is not None and turn[1] == message["role"]:
            turn[2].extend(content)
            continue
        if turn is not None:
            yield turn
        turn = (index, message["role"], list(content))
    if turn is not None:
        yield turn


def _check_tool_pairs(messages: list[Message]) -> None:
    asked: list[str] = []
    asked_at = 0
    for index, role, content in _merged(messages):
        if role == "user":
            _check_results(index, content, asked, asked_at)
        asked = [block["id"] for block in content if block["type"] == "tool_use"]
        asked_at = index
        if len(set(asked)) < len(asked):
            raise ModelRefusal(f"messages.{index}: `tool_use` ids must be unique")
    if asked:
        raise ModelRefusal(_unanswered(asked_at, asked))


def _check_results(
    index: int, content: list[dict[str, Any]], asked: list[str], asked_at: int
) -> None:
    answered: set[str] = set()
    leading = True
    for position, block in enumerate(content):
        if block["type"] != "tool_result":
            leading = False
            continue
        tool_id = block["tool_use_id"]
        place = f"messages.{index}.content.{position}"
        if tool_id not in asked:
            raise ModelRefusal(
                f"{place}: unexpected `tool_use_id` found in `tool_result` blocks: {tool_id}. Each "
                "`tool_result` block must have a corresponding `tool_use` block in the previous "
                "message."
            )
        if tool_id in answered:
            raise ModelRefusal(
                f"{place}: each tool_use must have a single result. Found multiple `tool_result` "
                f"blocks with id: {tool_id}"
            )
        if leading:
            answered.add(tool_id)
    missing = [tool_id for tool_id in asked if tool_id not in answered]
    if missing:
        raise ModelRefusal(_unanswered(asked_at, missing))


def _unanswered(index: int, ids: list[str]) -> str:
    return (
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately "
        f"after: {', '.join(ids)}. Each `tool_use` block must have a corresponding `tool_result` "
        "block in the next message."
    )


def check_kept_thinking(messages: list[Message]) -> None:
    """Raises the refusal of a tool's result whose call lost the thinking that came before it."""
    turns = list(_merged(messages))
    if not any(block["type"] == "tool_result" for block in turns[-1][2]):
        return
    index, _, content = turns[-2]
    if content[0]["type"] not in _THINKING:
        raise expected_thinking(f"messages.{index}.content.0", content[0]["type"])
