"""Message content, a string or typed parts, as Converse content blocks."""

from collections.abc import Callable
from typing import NamedTuple

from router.dialects.checks import Fields, Json, fields, invalid, members, text
from router.dialects.converse import media
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Draft
from router.dialects.converse.turns import text_block
from router.dialects.openai_parts import audio_block, image_block

_DROPPED = ("prompt_cache_breakpoint",)

IMAGE_URL = fields("url", "detail")
FILE = fields("file_data", "file_id", "filename")


def _image_block(draft: Draft, value: object, where: str) -> Json:
    return image_block(draft, members(value, where, IMAGE_URL, draft.changes), "url", where)


def _document_block(draft: Draft, value: object, where: str) -> Json:
    file = members(value, where, FILE, draft.changes)
    if file.get("file_id") is not None:
        raise invalid(f"{where}.file_id", "cannot be read, as nothing is kept here: use file_data")
    filename = file.get("filename")
    if filename is not None:
        text(filename, f"{where}.filename")
    where = f"{where}.file_data"
    return media.document(draft, text(file.get("file_data"), where), filename, where)


class Part(NamedTuple):
    """How parts of one type are read."""

    known: Fields
    member: str
    """The one that holds the content."""
    block: Callable[[Draft, object, str], Json | None]
    """Its Converse block; None for a blank text."""


def _part(member: str, block: Callable[[Draft, object, str], Json | None]) -> Part:
    return Part(fields("type", member, "cache_control", dropped=_DROPPED), member, block)


PARTS = {
    "file": _part("file", _document_block),
    "image_url": _part("image_url", _image_block),
    "input_audio": _part("input_audio", audio_block),
    "refusal": _part("refusal", text_block),
    "text": _part("text", text_block),
}

ROLE_PARTS = {
    "assistant": ("text", "refusal"),
    "developer": ("text",),
    "function": ("text",),
    "system": ("text",),
    "tool": ("text", "image_url", "file"),
    "user": ("text", "image_url", "input_audio", "file"),
}
"""The part types each role's content may have in Converse."""


def content_blocks(draft: Draft, content: object, role: str, where: str) -> list[Json]:
    """The blocks of a message's content; without blank text, which Bedrock refuses."""
    if isinstance(content, str):
        block = text_block(draft, content, where)
        return [] if block is None else [block]
    if not isinstance(content, list):
        raise invalid(where, "must be a string or a list of content parts")
    blocks: list[Json] = []
    for index, value in enumerate(content):
        here = f"{where}[{index}]"
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in ROLE_PARTS[role]:
            raise invalid(
                f"{here}.type", f"must be {' or '.join(ROLE_PARTS[role])} in a {role} message"
            )
        part = PARTS[kind]
        found = members(value, here, part.known, draft.changes)
        block = part.block(draft, found.get(part.member), f"{here}.{part.member}")
        if block is not None:
            blocks.append(block)
        if found.get("cache_control") is not None:
            point = cache_point(draft, found["cache_control"], f"{here}.cache_control")
            if point is not None and blocks:
                blocks.append(point)
    return blocks
