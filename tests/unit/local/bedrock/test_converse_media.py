"""Images, documents and audio: which models take them, how many, how large and under what names."""

import base64
from typing import Any

import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import CLAUDE, NOVA, assert_refused, call, user

VOXTRAL = "mistral.voxtral-small-24b-2507"
QWEN = "qwen.qwen3-32b-v1:0"
HI = {"text": "hi"}

Json = dict[str, Any]


def turn(*content: Json) -> Json:
    return {"messages": [{"role": "user", "content": [*content, HI]}]}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def png(width: int = 8, height: int = 8, extra: int = 0) -> Json:
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4) + height.to_bytes(4)
    return image("png", header + b"\0" * extra)


def image(kind: str, content: bytes) -> Json:
    return {"image": {"format": kind, "source": {"bytes": encoded(content)}}}


def document(name: str = "report", kind: str = "txt", size: int = 2) -> Json:
    source = {"bytes": encoded(b"x" * size)}
    return {"document": {"format": kind, "name": name, "source": source}}


def audio(size: int = 2, kind: str = "wav") -> Json:
    return {"audio": {"format": kind, "source": {"bytes": encoded(b"x" * size)}}}


def given_back(*content: Json) -> Json:
    """A conversation whose last turn has the content in the result of a tool."""
    use = {"toolUse": {"toolUseId": "t1", "name": "look", "input": {}}}
    result = {"toolResult": {"toolUseId": "t1", "content": list(content)}}
    messages = [
        *user("hi"),
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result]},
    ]
    tool = {"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}}
    return {"messages": messages, "toolConfig": {"tools": [tool]}}


REFUSED: dict[str, tuple[str, Json, str]] = {
    "an image for a model of texts": (NOVA, turn(png()), "support the image content block"),
    "an image of a tool for one": (NOVA, given_back(png()), "support the image content block"),
    "a document for a model of texts": (
        QWEN,
        turn(document()),
        "support the document content block",
    ),
    "audio for a Claude": (CLAUDE, turn(audio()), "support the audio content block"),
    "an image for a model of sounds": (VOXTRAL, turn(png()), "support the image content block"),
    "too many images": (CLAUDE, turn(*[png()] * 21), "more than 20 images"),
    "an image too large": (CLAUDE, turn(png(extra=3_750_000)), "exceeds the maximum size"),
    "an image too wide": (CLAUDE, turn(png(8001)), "larger than 8000 pixels"),
    "an image of another format": (
        CLAUDE,
        turn(image("png", b"GIF89a")),
        "Could not process image",
    ),
    "an empty image": (CLAUDE, turn(image("png", b"")), "length greater than or equal to 1"),
    "too many documents": (
        CLAUDE,
        turn(*(document(f"report {n}") for n in range(6))),
        "more than 5 documents",
    ),
    "a document too large": (CLAUDE, turn(document(size=4_500_001)), "exceeds the maximum size"),
    "documents with one name": (
        CLAUDE,
        turn(document(), document()),
        "Messages can't contain duplicate document names.",
    ),
    "documents with one name in two turns": (
        CLAUDE,
        {
            "messages": [
                *turn(document())["messages"],
                {"role": "assistant", "content": [HI]},
                *turn(document())["messages"],
            ]
        },
        "Messages can't contain duplicate document names.",
    ),
    "a name with two spaces": (CLAUDE, turn(document("a  b")), "one consecutive whitespace"),
    "a name with a dot": (CLAUDE, turn(document("a.txt")), "can only contain alphanumeric"),
    "a name in another script": (CLAUDE, turn(document("Bericht für")), "can only contain"),
    "a document without a question": (
        CLAUDE,
        {"messages": [{"role": "user", "content": [document()]}]},
        "A text block must be included when using documents.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(sim: Simulator, case: str) -> None:
    model, body, message = REFUSED[case]
    assert_refused(call(sim, "converse", model, body), "ValidationException", message)


ACCEPTED: dict[str, tuple[str, Json]] = {
    "as many images as may be": (CLAUDE, turn(*[png(8000, 8000)] * 20)),
    "an image of each format": (
        CLAUDE,
        turn(
            png(),
            image("jpeg", b"\xff\xd8\xff\xe0"),
            image("gif", b"GIF89a"),
            image("webp", b"RIFF\0\0\0\0WEBP"),
        ),
    ),
    "an image of a tool": (CLAUDE, given_back(png())),
    "as many documents as may be": (CLAUDE, turn(*(document(f"[{n}] (a)-b") for n in range(5)))),
    "a long PDF": (CLAUDE, turn(document(kind="pdf", size=4_500_001))),
    "a document of each format": (
        CLAUDE,
        turn(*(document(kind, kind) for kind in ("pdf", "csv", "doc", "docx", "xls"))),
    ),
    "a document of a tool, alone": (CLAUDE, given_back(document())),
    "audio": (VOXTRAL, turn(audio(), audio(kind="mp3"))),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(sim: Simulator, case: str) -> None:
    model, body = ACCEPTED[case]
    answer = call(sim, "converse", model, body)
    assert answer.status == 200, answer.json


def test_a_sound_does_not_weigh_as_much_as_its_letters(sim: Simulator) -> None:
    counts = [
        call(sim, "converse", VOXTRAL, turn(audio(size))).json["usage"]["inputTokens"]
        for size in (8_000, 64_000)
    ]
    assert counts[0] == counts[1] < 2_000
