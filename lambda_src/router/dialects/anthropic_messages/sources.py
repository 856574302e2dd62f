"""Where a Messages request has its images and documents from: base64, a URL, or words of its own."""

import binascii

from router.dialects.checks import (
    Fields,
    Json,
    fields,
    invalid,
    is_blank,
    items,
    members,
    name,
    text,
    type_of,
)
from router.dialects.converse import media
from router.dialects.converse.draft import Draft

BASE64 = fields("type", "media_type", "data")
CONTENT = fields("type", "content")
FILE = fields("type", "file_id")
URL = fields("type", "url")

_IMAGE_SOURCES: dict[str, Fields] = {"base64": BASE64, "file": FILE, "url": URL}
_DOCUMENT_SOURCES: dict[str, Fields] = {**_IMAGE_SOURCES, "content": CONTENT, "text": BASE64}

IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")

_CONTENT_TEXT = fields("type", "text", dropped=("cache_control", "citations"))
_CONTENT_IMAGE = fields("type", "source", dropped=("cache_control", "transformations"))


def image_block(draft: Draft, value: object, where: str) -> Json:
    """The block of an image with that source."""
    kind, source = _source(draft, value, _IMAGE_SOURCES, where)
    if kind == "url":
        return media.image(draft, _url(source, where), f"{where}.url")
    media_type = source.get("media_type")
    if media_type not in IMAGE_TYPES:
        raise invalid(f"{where}.media_type", f"must be one of {', '.join(IMAGE_TYPES)}")
    where = f"{where}.data"
    data = text(source.get("data"), where)
    return media.image(draft, f"data:{media_type};base64,{data}", where)


def document_blocks(
    draft: Draft, value: object, title: str, where: str, *, cited: bool
) -> list[Json]:
    """The block of a document with that source, and behind it those of images in its content.

    `cited` asks for citations of it, which need its words as they are.
    """
    kind, source = _source(draft, value, _DOCUMENT_SOURCES, where)
    if kind == "url":
        url = _url(source, where)
        filename = f"{title}{_ending(url)}" if title else None
        blocks = [media.document(draft, url, filename, f"{where}.url")]
    elif kind == "base64":
        if source.get("media_type") != "application/pdf":
            raise invalid(f"{where}.media_type", "must be application/pdf")
        data = text(source.get("data"), f"{where}.data")
        pdf = f"data:application/pdf;base64,{data}"
        blocks = [media.document(draft, pdf, f"{title}.pdf", f"{where}.data")]
    elif kind == "text":
        if source.get("media_type") != "text/plain":
            raise invalid(f"{where}.media_type", "must be text/plain")
        words = text(source.get("data"), f"{where}.data")
        blocks = [_written(draft, [words], title, f"{where}.data", cited=cited)]
    else:
        blocks = _of_content(draft, source.get("content"), title, f"{where}.content", cited=cited)
    if cited:
        blocks[0]["document"]["citations"] = {"enabled": True}
    return blocks


def _source(draft: Draft, value: object, known: dict[str, Fields], where: str) -> tuple[str, Json]:
    kind = type_of(value)
    if kind not in known:
        raise invalid(f"{where}.type", f"must be one of {', '.join(known)}")
    if kind == "file":
        raise invalid(where, "refers to a file, but no files are kept here: send it as base64")
    return kind, members(value, where, known[kind], draft.changes)


def _url(source: Json, where: str) -> str:
    url = name(source.get("url"), f"{where}.url")
    if not media.is_https(url):
        raise invalid(f"{where}.url", "must be an https URL")
    return url


def _ending(url: str) -> str:
    """The ending of the file that a URL names, where it tells a format."""
    extension = url.partition("#")[0].partition("?")[0].rpartition(".")[2].lower()
    return f".{extension}" if extension in media.EXTENSIONS else "."


def _written(draft: Draft, texts: list[str], title: str, where: str, *, cited: bool) -> Json:
    """The block of a document whose text is in the request: a text where the model cites nothing."""
    whole = "\n\n".join(texts)
    if is_blank(whole):
        raise invalid(where, "holds no text")
    if not draft.family.citations:
        # Not all of these models read documents, and all of them read text.
        return {"text": whole if is_blank(title) else f"Document: {title}\n\n{whole}"}
    data = binascii.b2a_base64(whole.encode(), newline=False).decode()
    block = media.document(draft, f"data:text/plain;base64,{data}", f"{title}.txt", where)
    if cited:
        # Without citations Bedrock takes documents as files only.
        written = {"text": whole} if len(texts) == 1 else {"content": [{"text": t} for t in texts]}
        block["document"]["source"] = written
    return block


def _of_content(
    draft: Draft, content: object, title: str, where: str, *, cited: bool
) -> list[Json]:
    """The blocks of a document made of text, or of blocks of text and images."""
    if isinstance(content, str):
        return [_written(draft, [text(content, where)], title, where, cited=cited)]
    texts: list[str] = []
    images: list[Json] = []
    for index, value in enumerate(items(content, where)):
        here = f"{where}[{index}]"
        kind = type_of(value)
        if kind == "text":
            block = members(value, here, _CONTENT_TEXT, draft.changes)
            texts.append(text(block.get("text"), f"{here}.text"))
        elif kind == "image":
            block = members(value, here, _CONTENT_IMAGE, draft.changes)
            images.append(image_block(draft, block.get("source"), f"{here}.source"))
        else:
            raise invalid(f"{here}.type", "must be text or image")
    if images:
        draft.changes.add("images moved out of documents")
    written = [one for one in texts if not is_blank(one)]
    return [_written(draft, written, title, where, cited=cited), *images]
