"""A whole Converse answer as a message."""

from router.dialects.anthropic_messages.citations import citation_of
from router.dialects.anthropic_messages.reply import Reply, message, stopped, tool_name, used
from router.dialects.anthropic_messages.thinking import thinking_block
from router.dialects.checks import Json
from router.dialects.converse.events import content_of


def from_converse(answer: Json, reply: Reply) -> Json:
    """A ``message`` object. Raises `ApiError` for what is no whole answer.

    Left out is what Anthropic's answers have no place for: generated images.
    """
    content, _ = content_of(answer)
    blocks = [found for block in content if (found := _block(block, reply)) is not None]
    return message(reply, blocks, {**stopped(reply, answer), **used(reply, answer, answer)})


def _block(block: Json, reply: Reply) -> Json | None:
    if block.get("text"):
        return {"type": "text", "text": block["text"]}
    if "toolUse" in block:
        return _tool_use(block["toolUse"], reply)
    if "reasoningContent" in block:
        return thinking_block(block, reply.family, reply.thinking)
    if "citationsContent" in block:
        return _cited(block["citationsContent"], reply)
    return None


def _tool_use(tool_use: Json, reply: Reply) -> Json:
    return {
        "type": "tool_use",
        "id": tool_use["toolUseId"],
        "name": tool_name(reply, tool_use["name"]),
        "input": tool_use.get("input") or {},
    }


def _cited(cited: Json, reply: Reply) -> Json | None:
    block: Json = {
        "type": "text",
        "text": "".join(generated["text"] for generated in cited.get("content") or ()),
    }
    sources = [citation_of(each, reply.titles) for each in cited.get("citations") or ()]
    if found := [source for source in sources if source is not None]:
        block["citations"] = found
    return block if found or block["text"] else None
