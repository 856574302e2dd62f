"""What thinking is bound to: the system prompt, the tools and the messages before it.

https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-block-binding.html. It does not
matter how the same is written: a text or a block of it, turns of one role apart or together, with or
without ``cache_control``. Tools that are only loaded later are no part of it, and neither is other
thinking, which may be left out.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from local.bedrock.claude_features import BINDING
from local.bedrock.errors import ModelRefusal
from local.bedrock.models import Claude
from local.bedrock.rules.anthropic_turns import blocks
from local.bedrock.seals import BOUND_BYTES, bound_to

_MARKS = {"thinking": "signature", "redacted_thinking": "data"}


def conversation(body: dict[str, Any], messages: list[dict[str, Any]]) -> bytes:
    """The digest of a Messages body with these messages, to which thinking after them is bound."""
    tools = [tool for tool in body.get("tools") or () if not tool.get("defer_loading")]
    said = [
        [message["role"], _plain(block)]
        for message in messages
        for block in blocks(message["content"])
        if block["type"] not in _MARKS
    ]
    parts = [list(map(_plain, blocks(body.get("system") or []))), list(map(_plain, tools)), said]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()[:BOUND_BYTES]


def _plain(block: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in block.items() if name != "cache_control"}


def check_bindings(rules: Claude, body: dict[str, Any]) -> None:
    """Raises the refusal of thinking out of another conversation, unless it is to be dropped."""
    if _behaviour(rules, body) != "error":
        return
    for place, kind in _strangers(body):
        raise ModelRefusal(
            f"{place}: Invalid `{_MARKS[kind]}` in `{kind}` block. The block is bound to a different "
            "conversation. Remove the block, or set `thinking.block_binding.mismatch_behavior` to "
            '"drop_block".'
        )


def dropped(rules: Claude, body: dict[str, Any]) -> list[dict[str, Any]] | None:
    """What an answer tells of the thinking left out of its prompt; None when nobody asked."""
    if BINDING not in (body.get("anthropic_beta") or ()):
        return None
    if _behaviour(rules, body) != "drop_block":
        return []
    return [
        {"type": "thinking_dropped", "path": place, "reason": "prefix_binding_mismatch"}
        for place, _ in _strangers(body)
    ]


def _behaviour(rules: Claude, body: dict[str, Any]) -> str:
    """``error``, ``drop_block`` or, when the model does not look, ""."""
    asked = ((body.get("thinking") or {}).get("block_binding") or {}).get("mismatch_behavior")
    if rules.binds_thinking == "no" or (rules.binds_thinking == "asked" and asked is None):
        return ""
    return asked or "error"


def _strangers(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(place, type) of each block of thinking that comes from another conversation."""
    messages = body["messages"]
    for index, message in enumerate(messages):
        content = blocks(message["content"])
        for position, block in enumerate(content):
            kind = block["type"]
            bound = bound_to(block.get(_MARKS[kind], "")) if kind in _MARKS else b""
            before = [*messages[:index], {**message, "content": content[:position]}]
            if bound and bound != conversation(body, before):
                yield f"messages.{index}.content.{position}", kind
