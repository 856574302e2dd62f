"""Thinking: a model's reasoning as Anthropic's blocks, and those blocks back as reasoning.

Anthropic's blocks always have a signature, and only the model that wrote it can read it. A Claude's own
goes through as it is. Another model's, or the fact that it has none, is sealed with its family's name,
so that a conversation may go on with any model.

https://platform.claude.com/docs/en/build-with-claude/extended-thinking
"""

from catalog.families import Family

from router.dialects.checks import Json, invalid, text
from router.dialects.converse.draft import Draft
from router.dialects.converse.replay import block_of, is_sealed, seal, sealed_in
from router.dialects.converse.turns import text_block

SHOWN = "shown"
SIGNED = "signed"
"""Without its text, for which the signature stands, as with Anthropic's display ``omitted``."""
LEFT_OUT = "left out"

_FOREIGN = "reasoning of another model dropped"


def thinking_block(block: Json, family: Family, display: str) -> Json | None:
    """A `reasoningContent` block as the client gets it in that `display`; None for an empty one."""
    reasoning = block["reasoningContent"]
    if display == LEFT_OUT:
        return None
    if reasoning.get("redactedContent"):
        return redacted_block(reasoning["redactedContent"], family)
    told = reasoning.get("reasoningText", {})
    thinking, signed = told.get("text", ""), told.get("signature", "")
    if not thinking and not signed:
        return None
    return {
        "type": "thinking",
        "thinking": thinking if display == SHOWN else "",
        "signature": signature(thinking, signed, family, display),
    }


def redacted_block(data: str, family: Family) -> Json:
    """The block for reasoning that the client is not to read, in base64."""
    if not family.messages:
        data = seal([{"reasoningContent": {"redactedContent": data}}], family.name)
    return {"type": "redacted_thinking", "data": data}


def signature(thinking: str, signed: str, family: Family, display: str) -> str:
    """The `signature` of a thinking block whose model signed it with `signed`, "" if it did not.

    It holds the text where the block itself does not, unless that is in the model's own signature.
    """
    if family.messages and signed:
        return signed
    told: Json = {"text": "" if display == SHOWN else thinking}
    if signed:
        told["signature"] = signed
    return seal([{"reasoningContent": {"reasoningText": told}}], family.name)


def reasoning_block(block: Json, draft: Draft, where: str) -> Json | None:
    """What goes to the model for a ``thinking`` or ``redacted_thinking`` block of a conversation.

    A notice tells of what another model wrote, or cannot be replayed: it is left out. Thinking that
    was cut off before it was signed becomes a text block.
    """
    if block.get("type") == "redacted_thinking":
        where = f"{where}.data"
        data = text(block.get("data"), where)
        return _replayed(data, {"type": "reasoning.encrypted", "data": data}, draft, where)
    thinking = text(block.get("thinking"), f"{where}.thinking")
    signed = block.get("signature")
    if signed is None or signed == "":
        return _as_text(thinking, draft, f"{where}.thinking")
    where = f"{where}.signature"
    signed = text(signed, where)
    detail = {"type": "reasoning.text", "text": thinking, "signature": signed}
    return _replayed(signed, detail, draft, where)


def _as_text(thinking: str, draft: Draft, where: str) -> Json | None:
    block = text_block(draft, thinking, where)
    if block is not None:
        draft.changes.add("unsigned thinking turned to text")
    return block


def _replayed(signed: str, detail: Json, draft: Draft, where: str) -> Json | None:
    """The block of a signature or redacted data, which is `detail` where a Claude wrote it."""
    if not is_sealed(signed):
        if draft.family.messages:
            own = {"format": f"bedrock/{draft.family.name}", **detail}
            return block_of(own, draft, where)
        draft.changes.add(_FOREIGN)
        return None
    entries = sealed_in(signed, where)
    if len(entries) != 1 or not isinstance(entries[0], dict):
        raise invalid(where, "is damaged")
    (entry,) = entries
    if entry.get("type") == "reasoning.text" and not entry.get("text"):
        entry["text"] = detail.get("text", "")
    return block_of(entry, draft, where)
