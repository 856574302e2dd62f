"""Media that clients give as data or by URL become blocks that Converse takes."""

import base64
import string
from typing import Any

import botocore.session
import pytest
from catalog.families import UNKNOWN
from hypothesis import given
from hypothesis import strategies as st
from router.bounds import prompt_tokens
from router.dialects.converse import media
from router.dialects.converse.draft import Draft
from router.errors import ApiError
from router.fetching import Fetched

from tests.support.converse import assert_accepted

IMAGES = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1",
    "gif": b"GIF89a\1\0\1\0\0\0",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
}
PDF = b"%PDF-1.7\n"

HERE = "messages[0].content[0]"


def data_url(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def draft() -> Draft:
    return Draft(UNKNOWN)


def content(block: dict[str, Any]) -> bytes:
    ((_, inner),) = block.items()
    return base64.b64decode(inner["source"]["bytes"], validate=True)


def accepted(*blocks: dict[str, Any]) -> None:
    assert_accepted({"messages": [{"role": "user", "content": [{"text": "Look."}, *blocks]}]})


def refusal_of(*made: Any) -> ApiError:
    function, *arguments = made
    with pytest.raises(ApiError) as raised:
        function(*arguments)
    assert raised.value.kind == "invalid_request"
    return raised.value


# --- images ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", IMAGES)
def test_an_image_in_a_data_url_becomes_its_block(form: str) -> None:
    block = media.image(draft(), data_url(f"image/{form}", IMAGES[form]), HERE)
    assert block["image"]["format"] == form
    assert content(block) == IMAGES[form]
    accepted(block)


@pytest.mark.parametrize("form", IMAGES)
@pytest.mark.parametrize("said", ["image/png", "image/bmp", "application/octet-stream", ""])
def test_what_an_image_says_of_itself_goes_before_its_media_type(form: str, said: str) -> None:
    block = media.image(draft(), data_url(said, IMAGES[form]), HERE)
    assert block["image"]["format"] == form


@pytest.mark.parametrize("head", ["DATA:image/JPEG;charset=x;BASE64", "data: image/jpeg ;base64"])
def test_a_data_url_may_be_spelled_in_many_ways(head: str) -> None:
    assert media.image(draft(), f"{head},/9j/", HERE)["image"]["format"] == "jpeg"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data:",
        "data:image/png",
        "data:image/png,AAAA",
        "data:image/png;base64,",
        "data:image/png;base64,AAA",
        "data:image/png;base64,AAA\n",
        "data:image/png;base64,AA=A",
        "data:image/png;base64,A===",
        "data:image/png;base64,====",
        "data:image/png;base64,AA-_",
        "data:image/png;base64,AAÄÄ",
        "data:image/png;base64,AA==AAAA",
        "data:image/png;base64,AAAA",
        "data:text/plain;base64,AAAA",
        "data:image/svg+xml;base64,AAAA",
        "http://example.com/cat.png",
        "s3://bucket/cat.png",
        "file:///etc/passwd",
        "AAAA",
        "cat.png",
    ],
)
def test_what_is_no_image_is_refused(url: str) -> None:
    assert refusal_of(media.image, draft(), url, HERE).param == HERE


@given(st.binary(min_size=1, max_size=50), st.text(string.printable, max_size=3))
def test_base64_is_taken_when_it_is_whole_and_not_when_anything_is_in_it(
    binary: bytes, dirt: str
) -> None:
    clean = base64.b64encode(binary).decode()
    assert content(media.audio(draft(), clean, "wav", HERE)) == binary
    dirty = clean[:-2] + dirt + clean[-2:]
    try:
        whole = bool(base64.b64decode(dirty, validate=True)) and len(dirty) % 4 == 0
    except ValueError:
        whole = False
    if whole:
        media.audio(draft(), dirty, "wav", HERE)
    else:
        refusal_of(media.audio, draft(), dirty, "wav", HERE)


def test_as_many_images_as_bedrock_takes_and_no_more() -> None:
    made = draft()
    url = data_url("image/png", IMAGES["png"])
    for address in [url, "https://example.com/cat.png"] * 10:
        media.image(made, address, HERE)
    assert "20 images" in refusal_of(media.image, made, url, HERE).message


@pytest.mark.parametrize(("size", "fits"), [(3_750_000, True), (3_750_001, False)])
def test_an_image_larger_than_bedrock_takes_is_refused(size: int, fits: bool) -> None:
    url = data_url("image/png", IMAGES["png"].ljust(size, b"\0"))
    if fits:
        media.image(draft(), url, HERE)
    else:
        assert refusal_of(media.image, draft(), url, HERE).param == HERE


# --- documents ------------------------------------------------------------------------------------

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("media_type", "filename", "form"),
    [
        ("application/pdf", None, "pdf"),
        ("application/pdf", "report.txt", "pdf"),
        ("application/octet-stream", "report.PDF", "pdf"),
        ("text/csv", "table", "csv"),
        ("application/msword", None, "doc"),
        (DOCX, None, "docx"),
        ("application/vnd.ms-excel", None, "xls"),
        (XLSX, None, "xlsx"),
        ("application/zip", "table.xlsx", "xlsx"),
        ("text/html", None, "html"),
        ("", "page.htm", "html"),
        ("text/markdown", None, "md"),
        ("text/plain", "notes.md", "md"),
        ("text/plain", "notes", "txt"),
        ("text/x-python", "main.py", "txt"),
        ("application/json", "data.json", "txt"),
    ],
)
def test_a_file_becomes_a_document_of_its_format(
    media_type: str, filename: str | None, form: str
) -> None:
    block = media.document(draft(), data_url(media_type, b"content"), filename, HERE)
    assert block["document"]["format"] == form
    assert content(block) == b"content"
    accepted(block)


def test_every_format_of_converse_can_be_asked_for() -> None:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    asked = {*media.DOCUMENT_FORMATS.values(), *media.EXTENSIONS.values()}
    assert asked == set(model.shape_for("DocumentFormat").enum)
    assert set(IMAGES) == set(model.shape_for("ImageFormat").enum)
    assert set(media.AUDIO_FORMATS) == set(model.shape_for("AudioFormat").enum)


def test_a_pdf_is_known_by_its_first_bytes() -> None:
    block = media.document(draft(), data_url("application/octet-stream", PDF), None, HERE)
    assert block["document"] == {
        "name": "document",
        "format": "pdf",
        "source": {"bytes": base64.b64encode(PDF).decode()},
    }


def test_bare_base64_is_a_document_by_its_file_name() -> None:
    block = media.document(draft(), base64.b64encode(b"a,b").decode(), "t.csv", HERE)
    assert (block["document"]["format"], content(block)) == ("csv", b"a,b")


@pytest.mark.parametrize(
    ("source", "filename"),
    [
        ("YSxi", None),
        ("YSxi", "table"),
        ("YSx", "t.csv"),
        (data_url("application/zip", b"x"), None),
        (data_url("image/png", b"x"), "cat.png"),
        (data_url("application/pdf", b""), None),
        ("http://example.com/a.pdf", "a.pdf"),
    ],
)
def test_what_is_no_document_is_refused(source: str, filename: str | None) -> None:
    assert refusal_of(media.document, draft(), source, filename, HERE).param == HERE


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("report.pdf", "report"),
        ("Q3_report.v2.final.pdf", "Q3 report v2 final"),
        ("  a \t\n  b\u3000c .pdf", "a b c"),
        ("(draft) [1]-x.pdf", "(draft) [1]-x"),
        ("年度报告.pdf", "document"),
        (".pdf", "document"),
        ("../../etc/passwd.txt", "etc passwd"),
        ("x" * 300 + ".pdf", "x" * 196),
        ("résumé.pdf", "r sum"),
    ],
)
def test_a_documents_name_is_one_that_converse_takes(filename: str, name: str) -> None:
    source = data_url("application/pdf", PDF)
    assert media.document(draft(), source, filename, HERE)["document"]["name"] == name


@given(st.lists(st.text(max_size=220), min_size=1, max_size=media.MAX_DOCUMENTS))
def test_names_of_documents_are_taken_and_differ(filenames: list[str]) -> None:
    made = draft()
    source = data_url("application/pdf", PDF)
    blocks = [media.document(made, source, filename, HERE) for filename in filenames]
    names = [block["document"]["name"] for block in blocks]
    assert len(set(names)) == len(names)
    allowed = set(string.ascii_letters + string.digits + " -()[]")
    assert all(allowed.issuperset(name) and "  " not in name for name in names)
    assert all(name == name.strip() and 1 <= len(name) <= 200 for name in names)
    accepted(*blocks)


def test_the_same_name_is_told_apart_by_a_number() -> None:
    made = draft()
    source = data_url("application/pdf", PDF)
    blocks = [
        media.document(made, source, filename, HERE)
        for filename in ("a.pdf", "a (2).pdf", "a.docx")
    ]
    assert [block["document"]["name"] for block in blocks] == ["a", "a (2)", "a (3)"]


def test_a_sixth_document_is_refused() -> None:
    made = draft()
    source = data_url("application/pdf", PDF)
    for _ in range(5):
        media.document(made, source, "a.pdf", HERE)
    refusal = refusal_of(media.document, made, source, "b.pdf", "messages[9].content[1]")
    assert refusal.param == "messages[9].content[1]"


@pytest.mark.parametrize(("form", "fits"), [("txt", False), ("pdf", True), ("docx", True)])
def test_a_document_too_large_for_every_model_is_refused(form: str, fits: bool) -> None:
    large = base64.b64encode(bytes(4_500_003)).decode()
    if fits:
        media.document(draft(), large, f"a.{form}", HERE)
    else:
        refusal_of(media.document, draft(), large, f"a.{form}", HERE)


# --- audio ----------------------------------------------------------------------------------------


def test_audio_becomes_its_block() -> None:
    block = media.audio(draft(), "AAAA", "wav", HERE)
    assert block == {"audio": {"format": "wav", "source": {"bytes": "AAAA"}}}
    accepted(block)


@pytest.mark.parametrize(
    ("data", "form", "param"),
    [("AAAA", "midi", ".format"), ("", "wav", ".data"), ("A", "mp3", ".data")],
)
def test_what_is_no_audio_is_refused(data: str, form: str, param: str) -> None:
    assert refusal_of(media.audio, draft(), data, form, HERE).param == f"{HERE}{param}"


# --- by URL ---------------------------------------------------------------------------------------


def test_media_by_url_are_completed_with_what_was_fetched() -> None:
    made = draft()
    blocks = [
        media.image(made, "https://example.com/cat", "a"),
        media.document(made, "HTTPS://example.com/docs/Annual%20report.pdf?v=1#p2", None, "b"),
        media.document(made, "https://example.com/", "t.csv", "c"),
    ]
    assert [(wanted.url, wanted.where) for wanted in made.remote] == [
        ("https://example.com/cat", "a"),
        ("HTTPS://example.com/docs/Annual%20report.pdf?v=1#p2", "b"),
        ("https://example.com/", "c"),
    ]
    media.attach(
        made.remote,
        [
            Fetched(IMAGES["webp"], "image/png"),
            Fetched(PDF, "application/octet-stream"),
            Fetched(b"a,b", "text/plain"),
        ],
    )
    assert [content(block) for block in blocks] == [IMAGES["webp"], PDF, b"a,b"]
    assert blocks[0]["image"]["format"] == "webp"
    assert [block["document"]["name"] for block in blocks[1:]] == ["Annual report", "t"]
    assert [block["document"]["format"] for block in blocks[1:]] == ["pdf", "csv"]
    accepted(*blocks)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://[::1/a.pdf", "a"),
        ("https://[/b", "b"),
        ("https://", "document"),
        ("https://example.com", "document"),
        ("https://example.com?c.pdf", "document"),
        ("https://example.com/d.pdf#/e.pdf", "d"),
        ("https://example.com/%FF%2Fe.pdf", "e"),
    ],
)
def test_a_document_is_called_as_its_url_ends_whatever_the_rest_is(url: str, name: str) -> None:
    assert media.document(draft(), url, None, HERE)["document"]["name"] == name


@pytest.mark.parametrize("form", [media.image, media.document])
def test_media_by_url_are_priced_before_they_are_fetched(form: Any) -> None:
    made = draft()
    arguments = (None, HERE) if form is media.document else (HERE,)
    block = form(made, "https://example.com/a.pdf", *arguments)
    window = 1_000_000
    body = {"messages": [{"role": "user", "content": [block]}]}
    bound = prompt_tokens(body, 100, window, 5_000)
    assert bound >= (window if form is media.document else 5_000)


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://example.com/cat.png", Fetched(b"", "image/png")),
        ("https://example.com/cat.png", Fetched(b"<html>", "text/html")),
        ("https://example.com/cat.svg", Fetched(b"<svg/>", "image/svg+xml")),
    ],
)
def test_a_url_that_leads_to_no_image_is_refused(url: str, fetched: Fetched) -> None:
    made = draft()
    media.image(made, url, HERE)
    assert refusal_of(media.attach, made.remote, [fetched]).param == HERE


@pytest.mark.parametrize(
    "fetched",
    [
        Fetched(b"", "application/pdf"),
        Fetched(b"PK", "application/zip"),
        Fetched(bytes(4_500_001), "text/plain"),
    ],
)
def test_a_url_that_leads_to_no_document_is_refused(fetched: Fetched) -> None:
    made = draft()
    media.document(made, "https://example.com/file", None, HERE)
    assert refusal_of(media.attach, made.remote, [fetched]).param == HERE
