"""Content, a string or typed blocks, as Converse content blocks."""

from router.dialects.checks import Json, fields, invalid, items, members
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Draft
from router.dialects.openai_parts import text_block

TEXT = fields("type", "text", "cache_control")


def text_blocks(draft: Draft, content: object, where: str) -> list[Json]:
    """The blocks of a text or of a list of text blocks."""
    if isinstance(content, str):
        block = text_block(draft, content, where)
        return [] if block is None else [block]
    blocks: list[Json] = []
    for index, value in enumerate(items(content, where)):
        here = f"{where}[{index}]"
        if not isinstance(value, dict) or value.get("type") != "text":
            raise invalid(f"{here}.type", "must be text")
        part = members(value, here, TEXT, draft.changes)
        block = text_block(draft, part.get("text"), f"{here}.text")
        blocks += [] if block is None else [block]
        if part.get("cache_control") is not None:
            point = cache_point(draft, part["cache_control"], f"{here}.cache_control")
            blocks += [] if point is None else [point]
    return blocks
