"""Images, documents and audio as Converse content blocks.

A client gives them as base64 in a data URL (RFC 2397) or by an https URL. What is named by URL becomes
a block that `attach` completes, and a line in `Draft.remote`.

Limits: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html, and for
documents https://docs.aws.amazon.com/bedrock/latest/userguide/inference-api-restrictions.html too. The
latter leaves the limits of images to the models; those that say theirs have no wider ones.
"""

import binascii
import string
from typing import NamedTuple
from urllib.parse import unquote

from router.dialects.checks import Json, invalid
from router.dialects.converse.draft import Draft, Remote
from router.fetching import Fetched

DOCUMENT_FORMATS = {
    "application/csv": "csv",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/xhtml+xml": "html",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "text/x-markdown": "md",
}
"""The media types that say enough. Of others, a file's name tells more."""

EXTENSIONS = {
    "csv": "csv",
    "doc": "doc",
    "docx": "docx",
    "htm": "html",
    "html": "html",
    "markdown": "md",
    "md": "md",
    "pdf": "pdf",
    "txt": "txt",
    "xls": "xls",
    "xlsx": "xlsx",
}
"""File name extension → document format."""

AUDIO_FORMATS = (
    "aac",
    "flac",
    "m4a",
    "mka",
    "mkv",
    "mp3",
    "mp4",
    "mpeg",
    "mpga",
    "ogg",
    "opus",
    "pcm",
    "wav",
    "webm",
    "x-aac",
)

MAX_IMAGES = 20
"""In one request."""

MAX_IMAGE = 3_750_000
"""Bytes of an image."""

MAX_DOCUMENTS = 5
"""In one request."""

MAX_DOCUMENT = 4_500_000
"""Bytes of a document, in the formats that no model takes larger ones of."""

TEXT_FORMATS = frozenset({"csv", "html", "md", "txt"})

_UNBOUNDED_FORMATS = frozenset({"docx", "pdf"})

_LONGEST_DOCUMENT_NAME = 200

_NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-()[]")

_BASE64 = (string.ascii_letters + string.digits + "+/").encode()

_HTTPS = "https://"

_HEAD = 16
"""Characters of base64 that hold the 12 bytes an image file tells its format with."""


class _Data(NamedTuple):
    """What a data URL holds."""

    media_type: str
    base64: str


def image(draft: Draft, url: str, where: str) -> Json:
    """The image block for a data URL or an https URL."""
    if draft.images == MAX_IMAGES:
        raise invalid(where, f"is one more than the {MAX_IMAGES} images a request may have")
    draft.images += 1
    if is_https(url):
        # What it is has to be seen before it is fetched, as the call is priced by then.
        block: Json = {"image": {}}

        def complete(found: Fetched) -> None:
            block["image"] = _fetched_image(found, where)

        draft.remote.append(Remote(url, where, complete))
        return block
    base64 = _data_url(url, where, "image").base64
    return {"image": _image(binascii.a2b_base64(base64[:_HEAD]), base64, where)}


def document(draft: Draft, source: str, filename: str | None, where: str) -> Json:
    """The document block for a data URL, an https URL or, with a file name, bare base64."""
    if len(draft.document_names) == MAX_DOCUMENTS:
        raise invalid(where, f"is one more than the {MAX_DOCUMENTS} documents a request may have")
    if is_https(source):
        filename = filename or _file_named_by(source)
        # The format is what the name promises, until the server says what it sent.
        promised = EXTENSIONS.get(_extension(filename), "")
        block = _document(draft, filename, {})

        def complete(found: Fetched) -> None:
            block["document"] |= _fetched_document(found, promised, where)

        draft.remote.append(Remote(source, where, complete))
        return block
    if source[:5].lower() == "data:" or not filename:
        data = _data_url(source, where, "file")
    else:
        data = _Data("", _checked_base64(source, where))
    found = _document_format(data.media_type, filename or "", data.base64[:5] == "JVBER")
    if found is None:
        raise invalid(where, _NO_DOCUMENT)
    _check_document_size(found, _size(data.base64), where)
    return _document(draft, filename or "", {"format": found, "source": {"bytes": data.base64}})


def audio(draft: Draft, data: str, form: str, where: str) -> Json:  # noqa: ARG001 (as the others)
    """The audio block for base64 `data` in the format `form`; `where` is the object of both."""
    if form not in AUDIO_FORMATS:
        raise invalid(f"{where}.format", f"must be one of {', '.join(AUDIO_FORMATS)}")
    return {"audio": {"format": form, "source": {"bytes": _checked_base64(data, f"{where}.data")}}}


def attach(remote: list[Remote], fetched: list[Fetched]) -> None:
    """Completes the request with what the URLs of `remote` led to. Raises `ApiError`."""
    for wanted, found in zip(remote, fetched, strict=True):
        if not found.content:
            raise invalid(wanted.where, "leads to nothing: the server sent an empty body")
        wanted.complete(found)


def data_url(found: Fetched, where: str) -> str:
    """A fetched image as a data URL, for a protocol that keeps images in URLs."""
    form, data = fetched_image(found, where)
    return f"data:image/{form};base64,{data}"


def fetched_image(found: Fetched, where: str) -> tuple[str, str]:
    """The format of a fetched image, as Converse names it, and the image in base64."""
    inside = _fetched_image(found, where)
    return inside["format"], inside["source"]["bytes"]


def _fetched_image(found: Fetched, where: str) -> Json:
    return _image(found.content[:12], base64_of(found), where)


def _fetched_document(found: Fetched, promised: str, where: str) -> Json:
    """The members of a document's block beside its name; `promised` is the format that this says."""
    form = fetched_document_format(found, promised, where)
    return {"format": form, "source": {"bytes": base64_of(found)}}


def fetched_document_format(found: Fetched, promised: str, where: str) -> str:
    """The format of a fetched document; `promised` is the one that its name says, or ""."""
    is_pdf = found.content.startswith(b"%PDF-")
    form = _document_format(found.media_type, f".{promised}", is_pdf)
    if form is None:
        raise invalid(where, _NO_DOCUMENT)
    _check_document_size(form, len(found.content), where)
    return form


def base64_of(found: Fetched) -> str:
    """What was fetched, in base64."""
    return binascii.b2a_base64(found.content, newline=False).decode()


_NO_DOCUMENT = (
    "is no document that models on Amazon Bedrock read: it must be of the type"
    " PDF, CSV, DOC, DOCX, XLS, XLSX, HTML, Markdown or plain text, by its media type or file name"
)


def is_https(url: str) -> bool:
    """Whether this is to be fetched, and holds nothing itself."""
    return url[: len(_HTTPS)].lower() == _HTTPS


def _file_named_by(url: str) -> str:
    """The last part of an https URL's path, whatever the rest of it is."""
    path = url[len(_HTTPS) :].partition("#")[0].partition("?")[0].partition("/")[2]
    return unquote(path.rpartition("/")[2], errors="ignore")


def _data_url(url: str, where: str, what: str) -> _Data:
    """The parts of a data URL. Its base64 is checked, not decoded."""
    head, comma, data = url.partition(",")
    media_type, *attributes = head[:200].lower().split(";")
    if not comma or media_type[:5] != "data:" or "base64" not in attributes:
        raise invalid(
            where, f"must be a data URL with a base64-encoded {what} or the https URL of one"
        )
    return _Data(media_type[5:].strip(), _checked_base64(data, where))


def _checked_base64(data: str, where: str) -> str:
    # Taking out all valid characters is several times faster than decoding, and as strict.
    try:
        rest = data.encode("ascii").translate(None, _BASE64)
    except UnicodeEncodeError:
        rest = b"?"
    if not data or len(data) % 4 or rest not in {b"", b"=", b"=="}:
        raise invalid(where, "does not hold valid base64")
    if rest and not data.endswith(rest.decode()):
        raise invalid(where, "does not hold valid base64")
    return data


def _size(base64: str) -> int:
    """How many bytes it holds."""
    return len(base64) // 4 * 3 - base64[-2:].count("=")


def _image(head: bytes, base64: str, where: str) -> Json:
    """The inside of an image block; `head` are the file's first 12 bytes."""
    # Models refuse an image that is not what it is said to be, and clients and servers often guess.
    form = _format_told_by(head)
    if form is None:
        raise invalid(where, "must be a PNG, JPEG, GIF or WebP image")
    if _size(base64) > MAX_IMAGE:
        raise invalid(where, "is larger than the 3.75 MB an image may have")
    return {"format": form, "source": {"bytes": base64}}


def _format_told_by(head: bytes) -> str | None:
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        return "gif"
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return "webp"
    return None


def _document_format(media_type: str, filename: str, is_pdf: bool) -> str | None:
    found = DOCUMENT_FORMATS.get(media_type) or EXTENSIONS.get(_extension(filename))
    if found is None and is_pdf:
        return "pdf"
    if found is None and (media_type.startswith("text/") or media_type == "application/json"):
        return "txt"
    return found


def _extension(filename: str) -> str:
    return filename.rpartition(".")[2].lower() if "." in filename else ""


def _check_document_size(form: str, size: int, where: str) -> None:
    if size > MAX_DOCUMENT and form not in _UNBOUNDED_FORMATS:
        raise invalid(where, "is larger than the 4.5 MB a document of its type may have")


def _document(draft: Draft, filename: str, members: Json) -> Json:
    return {"document": {"name": _document_name(draft, filename), **members}}


def _document_name(draft: Draft, filename: str) -> str:
    """A name that Converse takes and no other document of the request has."""
    stem = filename.rpartition(".")[0] if "." in filename else filename
    words = "".join(c if c in _NAME_CHARACTERS else " " for c in stem[:_LONGEST_DOCUMENT_NAME])
    base = " ".join(words.split())[: _LONGEST_DOCUMENT_NAME - 4].rstrip() or "document"
    found = base
    number = 1
    while found in draft.document_names:
        number += 1
        found = f"{base} ({number})"
    draft.document_names.add(found)
    return found
