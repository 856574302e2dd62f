"""How many tokens an image or a document has, estimated from its base64 without decoding pictures."""

from binascii import Error, a2b_base64

from catalog.families import Family

_UNKNOWN_IMAGE = 1_500
"""An image whose size cannot be read, as it is named by its URL."""

_HEADER = 4 * 16_384
"""How much of an image's base64 is looked at for its size: a JPEG's stands behind its metadata."""

_PAGE_TOKENS = 2_250
"""A page of a PDF has "1,500-3,000 tokens"
(https://platform.claude.com/docs/en/build-with-claude/pdf-support)."""
_PAGE_BYTES = 50_000
"""A page of a PDF that hides its structure in compressed streams."""

_OFFICE_CHARACTERS = 20
"""Of base64 for a token of a word processor's or a spreadsheet's file: not measured."""

_TEXT_FORMATS = frozenset({"csv", "html", "md", "text/plain", "txt"})


def image_tokens(data: str, family: Family) -> int:
    """The tokens of an image of that base64, by its size in pixels.

    One for each square of `image_patch` pixels, after the image has been made as small as the model
    takes them (https://platform.claude.com/docs/en/build-with-claude/vision, "Evaluate image size").
    """
    size = _image_size(_decoded(data[:_HEADER]))
    if size is None:
        return _UNKNOWN_IMAGE
    edge, most = family.image_size
    scale = min(1.0, edge / max(size))
    patch = family.image_patch
    across, down = (max(1, -int(-side * scale // patch)) for side in size)
    return min(most, across * down)


def document_tokens(data: str, form: str) -> tuple[int, str]:
    """The tokens of a document, and its text where it is one; `form` is a format or a media type."""
    if form in _TEXT_FORMATS:
        return 0, _decoded(data).decode("utf-8", "replace")
    if form in {"pdf", "application/pdf"}:
        return _pages(_decoded(data)) * _PAGE_TOKENS, ""
    return len(data) // _OFFICE_CHARACTERS, ""


def _pages(content: bytes) -> int:
    told = sum(content.count(b"/Type" + gap + b"/Page") for gap in (b"", b" "))
    nodes = sum(content.count(b"/Type" + gap + b"/Pages") for gap in (b"", b" "))
    return max(told - nodes, 1) if told > nodes else 1 + len(content) // _PAGE_BYTES


def _decoded(data: str) -> bytes:
    try:
        return a2b_base64(data[: len(data) // 4 * 4])
    except (Error, ValueError):
        return b""


def _image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, from the header; None when there is none that is known."""
    if content.startswith(b"\x89PNG") and len(content) >= 24:
        found = _big(content, 16, 4), _big(content, 20, 4)
    elif content.startswith(b"GIF8") and len(content) >= 10:
        found = _little(content, 6, 2), _little(content, 8, 2)
    elif content[8:12] == b"WEBP" and len(content) >= 30:
        found = _webp_size(content)
    elif content.startswith(b"\xff\xd8"):
        found = _jpeg_size(content)
    else:
        return None
    return found if min(found) > 0 else None


def _webp_size(content: bytes) -> tuple[int, int]:
    """https://developers.google.com/speed/webp/docs/riff_container"""
    kind = content[12:16]
    if kind == b"VP8X":
        return _little(content, 24, 3) + 1, _little(content, 27, 3) + 1
    if kind == b"VP8L":
        bits = _little(content, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(content, 26, 2) & 0x3FFF, _little(content, 28, 2) & 0x3FFF


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """The size in the frame header, behind segments that tell their length; (0, 0) without one."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        # C4, C8 and CC are no frames: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return _big(content, at + 7, 2), _big(content, at + 5, 2)
        at += 2 + _big(content, at + 2, 2)
    return 0, 0


def _big(content: bytes, start: int, size: int) -> int:
    return int.from_bytes(content[start : start + size], "big")


def _little(content: bytes, start: int, size: int) -> int:
    return int.from_bytes(content[start : start + size], "little")
