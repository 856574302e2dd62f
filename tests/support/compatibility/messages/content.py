"""What a user's turn may hold beside text."""

import base64

from tests.support.compatibility.messages.parts import probe, user
from tests.support.compatibility.probes import SAY, Json, There, says
from tests.support.media import PDF, PNG
from tests.support.whole_router import PIXEL

PNG_DATA = base64.b64encode(PNG).decode()
IMAGE: Json = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": PNG_DATA},
}
WORDS = "Oslo is cold."
NOTES: Json = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": WORDS},
}
REACHED_NOTES = (WORDS, base64.b64encode(WORDS.encode()).decode())

_PDF_DATA = base64.b64encode(PDF).decode()
_PDF: Json = {
    "type": "document",
    "source": {"type": "base64", "media_type": "application/pdf", "data": _PDF_DATA},
}
_PARTS: Json = {
    "type": "document",
    "source": {"type": "content", "content": [{"type": "text", "text": WORDS}]},
}
_BY_URL = {"type": "url", "url": "https://media.test/notes.txt"}
_FOUND: Json = {
    "type": "search_result",
    "source": "https://weather.test/oslo",
    "title": "Oslo",
    "content": [{"type": "text", "text": WORDS}],
}
_CITED = {"citations": {"enabled": True}}
_QUESTION = "Where is it cold?"


def _cites(kind: str) -> There:
    return lambda answer: list(answer.sources) == [kind]


CONTENT = (
    probe(
        "images",
        says("Hello"),
        user(IMAGE, SAY),
        reaches=(PNG_DATA,),
        refusal=("image",),
    ),
    probe(
        "images by URL",
        says("Hello"),
        user(
            {"type": "image", "source": {"type": "url", "url": "https://media.test/pixel.gif"}}, SAY
        ),
        reaches=(base64.b64encode(PIXEL).decode(),),
        refusal=("image",),
    ),
    probe(
        "PDF documents",
        says("Hello"),
        user(_PDF, SAY),
        reaches=(_PDF_DATA,),
        refusal=("document",),
    ),
    probe(
        "text documents",
        says("Hello"),
        user(NOTES, SAY),
        reaches=REACHED_NOTES,
        refusal=("document",),
    ),
    probe(
        "documents of blocks",
        says("Hello"),
        user(_PARTS, SAY),
        reaches=REACHED_NOTES,
        refusal=("document",),
    ),
    probe(
        "documents by URL",
        says("Hello"),
        user({"type": "document", "source": _BY_URL}, SAY),
        reaches=("Seven.", base64.b64encode(b"Seven.").decode()),
        refusal=("document",),
    ),
    probe(
        "`citations` of text",
        _cites("char_location"),
        user({**NOTES, **_CITED}, _QUESTION),
        refusal=("document",),
    ),
    probe(
        "`citations` of a PDF, streamed",
        _cites("page_location"),
        user({**_PDF, **_CITED}, _QUESTION),
        stream=True,
        refusal=("document",),
    ),
    probe(
        "`context` of documents",
        says("Hello"),
        user({**NOTES, "context": "Found in the cellar."}, SAY),
        reaches=("Found in the cellar.",),
        refusal=("document",),
    ),
    probe(
        "files of the Files API",
        says("Hello"),
        user({"type": "document", "source": {"type": "file", "file_id": "file_1"}}, SAY),
        refusal=("file", "Files"),
    ),
    probe("search results", says("Hello"), user(_FOUND, SAY), reaches=(WORDS,)),
    probe(
        "`citations` of search results",
        _cites("search_result_location"),
        user({**_FOUND, **_CITED}, _QUESTION),
    ),
)
