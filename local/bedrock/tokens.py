"""How many tokens things are: a fixed rule in place of a tokenizer.

Text is never more tokens than bytes, as with a real tokenizer.
"""

import base64
import binascii
import re
from typing import Any

MESSAGE_OVERHEAD = 3
"""Tokens a message costs beside its content."""

TOOLS_OVERHEAD = 340
"""Tokens of the instructions a model gets when it is given tools: 313 to 346 for Claude
(https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview, "Pricing")."""

IMAGE_MOST = 1_600
"""Tokens of a large image, and of any other media; a smaller one costs width x height / 750
(https://docs.claude.com/en/docs/build-with-claude/vision)."""

_MEDIA = ("source", "input_audio")
"""The keys that hold an image, a document or a sound."""
_URLS = ("url", "image_url", "file_data")
"""The keys that hold a URL of one."""

_PIECE = re.compile(r"\s*\S{1,12}|\s+")
_PNG = b"\x89PNG\r\n\x1a\n"


def count(text: str) -> int:
    """Tokens of a text that goes in."""
    return -(-len(text) // 4)


def split(text: str) -> list[str]:
    """The tokens of a text that comes out: a word each, with the space before it."""
    return _PIECE.findall(text)


def weigh(value: Any) -> int:
    """Tokens of any part of a request, in whatever form: keys and values, media by their content."""
    if isinstance(value, str):
        return count(value)
    if isinstance(value, list):
        return sum(map(weigh, value))
    if isinstance(value, dict):
        return sum(_weigh_member(key, item) for key, item in value.items())
    return 1


def weigh_url(url: str) -> int:
    """Tokens of what is at a URL, when that is a data URI, and else of the URL itself."""
    return _media(url.partition(",")[2]) if url.startswith("data:") else count(url)


def _weigh_member(key: str, item: Any) -> int:
    if key in _MEDIA:
        return _weigh_source(item)
    if key in _URLS and isinstance(item, str):
        return weigh_url(item)
    return count(key) + weigh(item)


def _weigh_source(source: Any) -> int:
    """The content of media: text, base64 or a place in S3."""
    if not isinstance(source, dict) or source.get("type") == "text":
        return weigh(source)
    content = source.get("bytes", source.get("data"))
    if content is not None or "s3Location" in source:
        return _media(content)
    return weigh(source)


def _media(content: Any) -> int:
    if not isinstance(content, str):
        return IMAGE_MOST
    try:
        head = base64.b64decode(content[:32])
    except binascii.Error:
        return IMAGE_MOST
    if head.startswith(_PNG) and len(head) >= 24:
        width, height = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
        return min(IMAGE_MOST, 1 + width * height // 750)
    return IMAGE_MOST
