"""Images, documents and audio in a Converse request.

Limits: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html: 20 images of
3.75 MB and 8,000 pixels each way, five documents of 4.5 MB, PDF to Claude and Nova beyond that. How the
service words a breach of them was not found.
"""

import base64
import re
import struct
from collections.abc import Iterator
from typing import Any

from local.bedrock.errors import ServiceError, invalid
from local.bedrock.models import Model

_MOST_IMAGES = 20
_MOST_IMAGE_BYTES = 3_750_000
_MOST_PIXELS = 8_000
_MOST_DOCUMENTS = 5
_MOST_DOCUMENT_BYTES = 4_500_000

# The documented characters. The live service is reported to let an underscore pass as well.
_DOCUMENT_NAME = re.compile(r"[A-Za-z0-9\-()\[\]]+(?: [A-Za-z0-9\-()\[\]]+)*")

_MAGIC = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),
}
"""How an image of each format begins."""

_KINDS = {"image": "images", "document": "documents", "audio": "audio", "video": "video"}
"""The feature a model needs for each kind of block."""

Block = dict[str, Any]
Message = dict[str, Any]


def check_media(model: Model, messages: list[Message]) -> None:
    """Raises the refusal of media that the model, or the API, does not take."""
    for block in _blocks(messages):
        for kind, feature in _KINDS.items():
            if kind in block and feature not in model.features:
                raise invalid(
                    f"This model doesn't support the {kind} content block that you provided. Update "
                    "the content block and try again."
                )
    _check_images(messages)
    _check_documents(model, messages)


def _blocks(messages: list[Message]) -> Iterator[Block]:
    """Every content block, also those of tool results."""
    for message in messages:
        for block in message["content"]:
            yield block
            yield from (block.get("toolResult") or {}).get("content", ())


def _check_images(messages: list[Message]) -> None:
    images = [block["image"] for block in _blocks(messages) if "image" in block]
    if len(images) > _MOST_IMAGES:
        raise _too_many("images", _MOST_IMAGES)
    for image in images:
        content = _content(image)
        if content is None:
            continue
        _check_size("messages", "image", image, _MOST_IMAGE_BYTES)
        if not content.startswith(_MAGIC[image["format"]]):
            raise invalid("Could not process image")
        if max(_pixels(content)) > _MOST_PIXELS:
            raise invalid(
                f"The image is larger than {_MOST_PIXELS} pixels in height or width. Resize it and "
                "try again."
            )


def _pixels(image: bytes) -> tuple[int, int]:
    """Width and height of a PNG; (0, 0) of anything else, which is not measured."""
    if image.startswith(_MAGIC["png"]) and len(image) >= 24:
        return struct.unpack(">II", image[16:24])
    return 0, 0


def _content(media: Block) -> bytes | None:
    """The bytes of a block of media; None when it is elsewhere."""
    content = (media.get("source") or {}).get("bytes")
    return None if content is None else base64.b64decode(content)


def _check_size(place: str, kind: str, media: Block, most: int) -> None:
    content = _content(media)
    if content is not None and len(content) > most:
        raise invalid(
            f"The {kind} at {place} exceeds the maximum size of {most} bytes. Reduce its size and try "
            "again."
        )


def _too_many(kind: str, most: int) -> ServiceError:
    return invalid(
        f"You can't include more than {most} {kind} in a request. Remove some and retry."
    )


def _document_limit(model: Model, document: Block) -> int:
    """Claude and Nova read larger PDF files."""
    if document.get("format") == "pdf" and (model.claude or model.family == "nova"):
        return 25_000_000
    return _MOST_DOCUMENT_BYTES


def _documents(messages: list[Message]) -> Iterator[tuple[str, Message, Block]]:
    for index, message in enumerate(messages):
        for position, block in enumerate(message["content"]):
            place = f"messages.{index}.content.{position}"
            if "document" in block:
                yield place, message, block["document"]
            for inner, part in enumerate((block.get("toolResult") or {}).get("content", ())):
                if "document" in part:
                    yield f"{place}.toolResult.content.{inner}", message, part["document"]


def _check_documents(model: Model, messages: list[Message]) -> None:
    names: set[str] = set()
    documents = list(_documents(messages))
    if len(documents) > _MOST_DOCUMENTS:
        raise _too_many("documents", _MOST_DOCUMENTS)
    for place, message, document in documents:
        _check_size(place, "document", document, _document_limit(model, document))
        name = document["name"]
        if not _DOCUMENT_NAME.fullmatch(name):
            raise invalid(
                "The document file name can only contain alphanumeric characters, whitespace "
                "characters, hyphens, parentheses, and square brackets. The name can't contain more "
                "than one consecutive whitespace character. Check that the file name conforms to "
                "these restrictions and retry your request."
            )
        if name in names:
            raise invalid(
                "Messages can't contain duplicate document names. Rename the document and retry "
                "your request."
            )
        names.add(name)
        cited = (document.get("citations") or {}).get("enabled")
        if "text" in document["source"] and not cited:
            raise invalid(
                f"DocumentSource object at {place}.document.source must set one of the following "
                "keys: bytes, s3Location."
            )
        has_text = any("text" in block for block in message["content"])
        if not has_text and "toolResult" not in place:
            raise invalid(
                "A text block must be included when using documents. Add a text block and retry "
                "your request."
            )
