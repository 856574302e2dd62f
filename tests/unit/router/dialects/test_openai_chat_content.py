"""Every role's content, in every form it has, becomes content blocks."""

from typing import Any

import pytest
from catalog.families import UNKNOWN
from router.dialects.openai_chat.request import to_converse
from router.errors import ApiError
from router.fetching import Fetched

from tests.support.chat import Translated, translated
from tests.support.converse import assert_accepted

PNG = "data:image/png;base64,iVBORw0KGgo="
PDF = "data:application/pdf;base64,JVBERi0x"

EPHEMERAL = {"type": "ephemeral"}
POINT = {"cachePoint": {"type": "default"}}


def text(string: str, **members: Any) -> dict[str, Any]:
    return {"type": "text", "text": string, **members}


def image(url: str = PNG) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def file(**members: Any) -> dict[str, Any]:
    return {"type": "file", "file": members}


def user(*parts: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts), **members}


def accepted(*messages: dict[str, Any], **parameters: Any) -> Translated:
    found = translated({"model": "m", "messages": list(messages), **parameters})
    assert_accepted(found.body)
    return found


def contents(*messages: dict[str, Any], **parameters: Any) -> list[list[dict[str, Any]]]:
    body = accepted(*messages, **parameters).body
    return [message["content"] for message in body["messages"]]


def refused(*messages: dict[str, Any], **parameters: Any) -> str:
    with pytest.raises(ApiError) as refusal:
        translated({"model": "m", "messages": list(messages), **parameters})
    assert refusal.value.kind == "invalid_request"
    return str(refusal.value.param)


# --- text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant"])
def test_a_string_and_its_one_part_are_the_same(role: str) -> None:
    question = {"role": "user", "content": "Hi"}
    as_string = accepted(question, {"role": role, "content": "Words."}).body
    as_part = accepted(question, {"role": role, "content": [text("Words.")]}).body
    assert as_string == as_part
    assert "Words." in str(as_string)


@pytest.mark.parametrize(
    "answer",
    [
        {"content": None, "refusal": "I won't."},
        {"content": [{"type": "refusal", "refusal": "I won't."}], "refusal": None},
        {"refusal": "I won't."},
    ],
)
def test_what_the_assistant_refused_with_is_what_it_said(answer: dict[str, Any]) -> None:
    found = contents(user(text("Do it.")), {"role": "assistant", **answer}, user(text("Please.")))
    assert found[1] == [{"text": "I won't."}]


def test_an_assistant_that_said_nothing_takes_no_turn() -> None:
    nothing = {"role": "assistant", "content": None}
    assert contents(user(text("One")), nothing, user(text("Two"))) == [
        [{"text": "One"}, {"text": "Two"}]
    ]


def test_an_answer_that_was_begun_is_followed_by_a_turn_of_the_users() -> None:
    found = accepted(user(text("Count.")), {"role": "assistant", "content": "One, two,"})
    assert found.body["messages"][-1] == {"role": "user", "content": [{"text": "."}]}
    assert found.changes == ("last user turn added",)


@pytest.mark.parametrize("system", ["Be brief.", [text("Be brief.")]])
def test_instructions_beside_the_messages_come_first(system: Any) -> None:
    kind = {"role": "system", "content": "Be kind."}
    found = accepted(kind, user(text("Hi")), system=system)
    assert found.body["system"] == [{"text": "Be brief."}, {"text": "Be kind."}]


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "assistant", "audio": {"id": "a"}}, "messages[0].audio"),
        ({"role": "assistant", "content": [image()]}, "messages[0].content[0].type"),
        ({"role": "assistant", "refusal": 7}, "messages[0].refusal"),
        ({"role": "assistant", "content": "", "thinking": "x"}, "messages[0].thinking"),
        ({"role": "system", "content": [image()]}, "messages[0].content[0].type"),
        ({"role": "system", "content": None}, "messages[0].content"),
        (user({"type": []}), "messages[0].content[0].type"),
        (user({"type": "refusal", "refusal": "no"}), "messages[0].content[0].type"),
        (user(text("Hi", weight=1)), "messages[0].content[0].weight"),
    ],
)
def test_content_that_no_model_takes_is_refused(message: dict[str, Any], param: str) -> None:
    assert refused(message) == param


def test_instructions_beside_the_messages_are_text() -> None:
    assert refused(user(text("Hi")), system=7) == "system"
    assert refused(user(text("Hi")), system=[image()]) == "system[0].type"


# --- images ---------------------------------------------------------------------------------------


def test_an_image_by_url_is_left_to_be_fetched() -> None:
    url = "https://example.com/cat.png"
    body = {"model": "m", "messages": [user(text("See:"), image(url))]}
    draft = to_converse(body, UNKNOWN).draft
    (wanted,) = draft.remote
    assert (wanted.url, wanted.where) == (url, "messages[0].content[1].image_url.url")
    wanted.complete(Fetched(b"GIF89a", "image/gif"))
    assert draft.body["messages"][0]["content"][1]["image"]["source"] == {"bytes": "R0lGODlh"}


# --- files ----------------------------------------------------------------------------------------


def test_a_file_becomes_a_document() -> None:
    (content,) = contents(user(text("Read."), file(file_data=PDF, filename="Q3 report.pdf")))
    assert content[1] == {
        "document": {"name": "Q3 report", "format": "pdf", "source": {"bytes": "JVBERi0x"}}
    }


def test_a_file_without_words_beside_it_gets_some() -> None:
    found = accepted(user(file(file_data=PDF)), {"role": "assistant", "content": "Read it."})
    assert found.body["messages"][0]["content"][1:] == [{"text": "."}]
    assert "text added beside documents" in found.changes


def test_files_of_one_name_get_names_that_differ() -> None:
    both = [file(file_data=PDF, filename="a.pdf")] * 2
    (content,) = contents(user(text("Compare."), *both))
    assert [block["document"]["name"] for block in content[1:]] == ["a", "a (2)"]


def test_a_file_by_url_is_left_to_be_fetched() -> None:
    body = {"model": "m", "messages": [user(file(file_data="https://example.com/a.pdf"))]}
    (wanted,) = to_converse(body, UNKNOWN).draft.remote
    assert wanted.where == "messages[0].content[0].file.file_data"


@pytest.mark.parametrize(
    ("part", "param"),
    [
        (file(file_id="file-1"), "file.file_id"),
        (file(), "file.file_data"),
        (file(file_data=PDF, filename=7), "file.filename"),
        (file(file_data="JVBERi0x"), "file.file_data"),
        (file(file_data=PDF, purpose="x"), "file.purpose"),
        ({"type": "file"}, "file"),
    ],
)
def test_a_file_gone_wrong_is_refused(part: dict[str, Any], param: str) -> None:
    assert refused(user(part)) == f"messages[0].content[0].{param}"


# --- audio ----------------------------------------------------------------------------------------


def test_audio_becomes_an_audio_block() -> None:
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}
    (content,) = contents(user(text("Listen."), part))
    assert content[1] == {"audio": {"format": "mp3", "source": {"bytes": "AAAA"}}}


@pytest.mark.parametrize(
    ("audio", "param"),
    [
        (None, "input_audio"),
        ({"format": "mp3"}, "input_audio.data"),
        ({"data": "AAAA"}, "input_audio.format"),
        ({"data": "AAAA", "format": "midi"}, "input_audio.format"),
    ],
)
def test_audio_gone_wrong_is_refused(audio: Any, param: str) -> None:
    part = {"type": "input_audio", "input_audio": audio}
    assert refused(user(part)) == f"messages[0].content[0].{param}"


# --- caching --------------------------------------------------------------------------------------


def test_a_mark_on_a_part_is_a_cache_point_behind_it() -> None:
    body = accepted(
        {"role": "system", "content": [text("Rules.", cache_control=EPHEMERAL)]},
        user(text("Long.", cache_control={**EPHEMERAL, "ttl": "5m"}), text("Short.")),
    ).body
    assert body["system"] == [{"text": "Rules."}, POINT]
    assert body["messages"][0]["content"] == [{"text": "Long."}, POINT, {"text": "Short."}]


@pytest.mark.parametrize("role", ["system", "user", "assistant"])
def test_a_mark_on_a_message_is_a_cache_point_behind_it(role: str) -> None:
    marked = {"role": role, "content": "Long.", "cache_control": {**EPHEMERAL, "ttl": "1h"}}
    body = accepted(user(text("Hi")), marked, user(text("Ho"))).body
    blocks = [*body.get("system", ()), *(b for m in body["messages"] for b in m["content"])]
    place = blocks.index({"text": "Long."})
    assert blocks[place + 1] == {"cachePoint": {"type": "default", "ttl": "1h"}}


def test_a_mark_on_the_request_is_behind_all_of_it() -> None:
    found = contents(user(text("Hi")), cache_control=EPHEMERAL)
    assert found == [[{"text": "Hi"}, POINT]]


@pytest.mark.parametrize(
    "message",
    [
        user(text(" ", cache_control=EPHEMERAL), text("Hi")),
        {"role": "user", "content": "", "cache_control": EPHEMERAL},
        {"role": "assistant", "content": "", "cache_control": EPHEMERAL},
        {"role": "system", "content": "", "cache_control": EPHEMERAL},
    ],
)
def test_a_mark_on_nothing_marks_nothing(message: dict[str, Any]) -> None:
    assert "cachePoint" not in str(accepted(message, user(text("Ho"))).body)


@pytest.mark.parametrize(
    ("messages", "parameters", "param"),
    [
        ([user(text("Hi", cache_control=7))], {}, "messages[0].content[0].cache_control"),
        ([user(text("Hi"), cache_control={})], {}, "messages[0].cache_control.type"),
        ([user(text("Hi"))], {"cache_control": {"type": "x"}}, "cache_control.type"),
    ],
)
def test_a_mark_gone_wrong_is_refused(messages: Any, parameters: Any, param: str) -> None:
    assert refused(*messages, **parameters) == param
