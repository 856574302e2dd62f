"""Message content, a string or typed parts, as Converse content blocks."""

import binascii
from collections.abc import Callable

from router.dialects.checks import Json, fields, invalid, is_blank, members, text

_PART = ("cache_control", "prompt_cache_breakpoint")
"""What a part of any type may carry and Converse is not told."""

TEXT_PART = fields("type", "text", dropped=_PART)
IMAGE_PART = fields("type", "image_url", dropped=_PART)
IMAGE_URL = fields("url", "detail")

IMAGE_FORMATS = {
    "image/gif": "gif",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/png": "png",
    "image/webp": "webp",
}

IMAGE_DETAILS = ("auto", "low", "high", "original")


def _text_block(part: Json, where: str, changes: set[str]) -> Json | None:
    members(part, where, TEXT_PART, changes)
    return _unless_blank(text(part.get("text"), f"{where}.text"), changes)


def _image_block(part: Json, where: str, changes: set[str]) -> Json:
    members(part, where, IMAGE_PART, changes)
    where = f"{where}.image_url"
    image = members(part.get("image_url"), where, IMAGE_URL, changes)
    detail = image.get("detail")
    if detail is not None and detail not in IMAGE_DETAILS:
        raise invalid(f"{where}.detail", f"must be one of {', '.join(IMAGE_DETAILS)}")
    if detail not in (None, "auto"):
        changes.add("detail dropped")
    media_type, data = _data_url(text(image.get("url"), f"{where}.url"), f"{where}.url")
    return {"image": {"format": IMAGE_FORMATS[media_type], "source": {"bytes": data}}}


def _data_url(url: str, where: str) -> tuple[str, str]:
    """The media type and the base64 text of an image's data URL (RFC 2397)."""
    head, _, data = url.partition(",")
    media_type, *attributes = head[:100].lower().split(";")
    media_type = media_type.removeprefix("data:")
    if head[:5].lower() != "data:" or media_type not in IMAGE_FORMATS or "base64" not in attributes:
        raise invalid(
            where,
            "must be a data URL with a base64-encoded PNG, JPEG, GIF or WebP image"
            " (data:image/png;base64,…); other URLs are not fetched",
        )
    try:
        binary = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        binary = b""
    if not binary:
        raise invalid(where, "does not hold valid base64")
    return media_type, data


PARTS: dict[str, Callable[[Json, str, set[str]], Json | None]] = {
    "text": _text_block,
    "image_url": _image_block,
}
"""Part type → its Converse block; None for a blank one."""

ROLE_PARTS = {
    "assistant": ("text",),
    "developer": ("text",),
    "system": ("text",),
    "tool": ("text", "image_url"),
    "user": ("text", "image_url"),
}
"""The part types each role's content may have in Converse."""


def content_blocks(content: object, role: str, where: str, changes: set[str]) -> list[Json]:
    """The blocks of a message's content; without blank text, which Bedrock refuses."""
    if isinstance(content, str):
        block = _unless_blank(text(content, where), changes)
        return [] if block is None else [block]
    if not isinstance(content, list):
        raise invalid(where, "must be a string or a list of content parts")
    blocks = []
    for index, part in enumerate(content):
        here = f"{where}[{index}]"
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in ROLE_PARTS[role]:
            raise invalid(
                f"{here}.type", f"must be {' or '.join(ROLE_PARTS[role])} in a {role} message"
            )
        block = PARTS[kind](part, here, changes)
        if block is not None:
            blocks.append(block)
    return blocks


def _unless_blank(string: str, changes: set[str]) -> Json | None:
    if is_blank(string):
        if string:
            changes.add("blank text dropped")
        return None
    return {"text": string}
