"""Images and PDF files in a Messages body.

Limits: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
and https://docs.claude.com/en/docs/build-with-claude/vision. Wordings are the live API's.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from local.bedrock.errors import ModelRefusal
from local.bedrock.rules.anthropic_turns import blocks

_MOST_IMAGE_BYTES = 5 * 1024 * 1024

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
"""How an image of each type begins."""


def check_media(messages: list[dict[str, Any]]) -> None:
    """Raises the refusal of media that are not what they are said to be, or too large."""
    for place, source in _sources(messages):
        try:
            content = base64.b64decode(source["data"], validate=True)
        except (binascii.Error, ValueError):
            raise ModelRefusal(f"{place}.data: Invalid base64 data") from None
        if source["media_type"].startswith("image/"):
            _check_image(place, source["media_type"], content)


def _check_image(place: str, media_type: str, content: bytes) -> None:
    if len(content) > _MOST_IMAGE_BYTES:
        raise ModelRefusal(
            f"{place}.data: image exceeds 5 MB maximum: {len(content)} bytes > "
            f"{_MOST_IMAGE_BYTES} bytes"
        )
    looks = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if looks is None:
        raise ModelRefusal("Could not process image")
    if looks != media_type:
        raise ModelRefusal(
            f"{place}.data: The image was specified using the {media_type} media type, but the image "
            f"appears to be a {looks} image"
        )


def _sources(messages: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, source) of everything in base64."""
    for index, message in enumerate(messages):
        yield from _within(f"messages.{index}.content", blocks(message["content"]))


def _within(place: str, content: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for position, block in enumerate(content):
        kind, source = block["type"], block.get("source")
        here = f"{place}.{position}.{kind}"
        if kind == "tool_result":
            yield from _within(f"{here}.content", blocks(block.get("content", [])))
        elif kind in {"image", "document"} and source is not None:
            if source["type"] == "base64":
                yield f"{here}.source.base64", source
            elif source["type"] == "content":
                inner = blocks(source["content"])
                yield from _within(f"{here}.source.content.content", inner)
