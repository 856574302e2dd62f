"""Bodies that are hardly JSON, or too much of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.anthropic_answers import COUNT, MESSAGES
from tests.support.bad_input import examples, whole_router
from tests.support.json_values import Place, at, places
from tests.support.openai_answers import CHAT, EMBEDDINGS, RESPONSES
from tests.support.protocols import REQUESTS, assert_proper
from tests.support.whole_router import Outcome

SMALLEST: dict[str, dict[str, Any]] = {
    CHAT: {"model": "nova-lite", "messages": [{"role": "user", "content": "né"}]},
    COUNT: {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": "né"}]},
    MESSAGES: {
        "model": "claude-opus-5-5",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": "né"}],
    },
    RESPONSES: {"model": "gpt-6.1-sol", "input": [{"role": "user", "content": "né"}]},
    EMBEDDINGS: {"model": "titan-embed-text-v2", "input": ["né"]},
}

NO_JSON = {
    "empty": b"",
    "blank": b" \r\n\t ",
    "a word": b"hello",
    "a form": b"model=nova-lite&messages=Hi",
    "NUL": b"\0",
    "invalid UTF-8": b'{"model": "\xff\xfe"}',
    "overlong UTF-8": b'{"model": "\xc0\xaf"}',
    "an end after the end": b'{"model": "nova-lite"}}',
    "two objects": b'{"model": "nova-lite"}{"model": "nova-lite"}',
    "single quotes": b"{'model': 'nova-lite'}",
    "a trailing comma": b'{"model": "nova-lite",}',
    "a comment": b'{"model": "nova-lite"} // x',
    "a raw line end in a string": b'{"model": "nova\nlite"}',
    "NaN": b'{"model": NaN}',
    "Infinity": b'{"temperature": -Infinity}',
    "a number of 10,000 digits": b'{"max_tokens": %b}' % (b"9" * 10_000),
    "lists 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "objects 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lists without an end": b"[" * 1_000_000,
    "zlib": b"\x78\x9c\xab\x56\xca\xcd\x4f",
    "half a UTF-16": b"\xff\xfe{\x00}",
}

NO_OBJECT = {
    "null": b"null",
    "true": b"true",
    "a number": b"-0.0e-999",
    "a string": b'"{}"',
    "a list": b"[{}]",
}


def sent(path: str, body: bytes, asked: object = None, **headers: str) -> Outcome:
    outcome = whole_router().send("POST", path, body, headers)
    assert_proper(path, asked, outcome)
    return outcome


def message(outcome: Outcome) -> str:
    return str(json.loads(outcome.body)["error"]["message"])


@pytest.mark.parametrize("path", SMALLEST)
@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_called_so(path: str, body: bytes) -> None:
    assert message(sent(path, body)) == "The request body is not valid JSON."


@pytest.mark.parametrize("path", SMALLEST)
@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
def test_what_is_no_object_is_called_so(path: str, body: bytes) -> None:
    assert message(sent(path, body)) == "The request body must be a JSON object."


@pytest.mark.parametrize("path", SMALLEST)
def test_a_body_cut_anywhere_is_no_json(path: str) -> None:
    whole = json.dumps(SMALLEST[path], ensure_ascii=False).encode()
    assert sent(path, whole, SMALLEST[path]).status == 200
    for end in range(len(whole)):
        assert message(sent(path, whole[:end])) == "The request body is not valid JSON."


@pytest.mark.parametrize("path", SMALLEST)
@given(data=st.data())
@examples(200)
def test_bytes_that_are_changed_anywhere(path: str, data: st.DataObject) -> None:
    body = bytearray(json.dumps(SMALLEST[path], ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(body)))
        body[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    sent(path, bytes(body))


@pytest.mark.parametrize("path", SMALLEST)
@given(body=st.binary(max_size=40))
@examples(100)
def test_any_bytes(path: str, body: bytes) -> None:
    sent(path, body)


@pytest.mark.parametrize("path", SMALLEST)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_another_encoding_of_unicode_is_understood(path: str, encoding: str) -> None:
    assert sent(path, json.dumps(SMALLEST[path]).encode(encoding)).status == 200


@pytest.mark.parametrize("path", SMALLEST)
@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data", "application/json; charset=ascii", "é"],
)
def test_the_content_type_is_of_no_matter(path: str, content_type: str) -> None:
    body = json.dumps(SMALLEST[path]).encode()
    outcome = whole_router().send("POST", path, body, {"content-type": content_type})
    assert_proper(path, SMALLEST[path], outcome)
    assert outcome.status == 200


@pytest.mark.parametrize("path", SMALLEST)
def test_of_a_member_that_is_there_twice_the_last_counts(path: str) -> None:
    body = json.dumps(SMALLEST[path])
    assert sent(path, f'{{"model": 5, {body[1:]}'.encode(), SMALLEST[path]).status == 200
    assert sent(path, f'{body[:-1]}, "model": 5}}'.encode(), SMALLEST[path]).status == 400


def all_places(path: str) -> Iterator[tuple[int, Place]]:
    for index, body in enumerate(REQUESTS[path]):
        for place in places(body):
            yield index, place


def put(path: str, index: int, place: Place, raw: str) -> bytes:
    """A request with that JSON text at a place."""
    body = json.loads(json.dumps({"model": SMALLEST[path]["model"], **REQUESTS[path][index]}))
    at(body, place[:-1])[place[-1]] = "HERE"
    return json.dumps(body).replace('"HERE"', raw, 1).encode()


STRANGE = {
    "infinite": "1e999",
    "less than infinite": "-1e999",
    "tiny": "1E-999",
    "4,000 digits": "9" * 4_000,
    "400 digits below zero": "-" + "9" * 400,
    "precise": "0." + "3" * 5_000,
    "half a character": r'"\ud800"',
    "NUL": r'"\u0000"',
    "150 deep": "[" * 150 + "]" * 150,
    "900 deep": "[" * 900 + "]" * 900,
    "objects 400 deep": '{"a":' * 400 + "1" + "}" * 400,
}


@pytest.mark.parametrize("path", SMALLEST)
@pytest.mark.parametrize("raw", STRANGE.values(), ids=STRANGE)
def test_a_strange_value_at_every_place(path: str, raw: str) -> None:
    for index, place in all_places(path):
        body = put(path, index, place, raw)
        sent(path, body, json.loads(body))


@pytest.mark.parametrize("path", SMALLEST)
def test_a_long_string_anywhere_is_taken_or_refused_in_a_few_words(path: str) -> None:
    seen = set()
    for index, place in all_places(path):
        names = tuple(key for key in place if isinstance(key, str))
        if names not in seen:
            seen.add(names)
            body = put(path, index, place, f'"{"x" * 200_000}"')
            sent(path, body, json.loads(body))


@pytest.mark.parametrize("path", SMALLEST)
@pytest.mark.parametrize(
    "member", ["model", "messages", "input", "user", "dimensions", "é" * 10**6]
)
def test_a_string_of_5_mb_is_taken_or_refused_in_a_few_words(path: str, member: str) -> None:
    asked = {**SMALLEST[path], member: "x" * (5 * 10**6 - len(member.encode()))}
    sent(path, json.dumps(asked, ensure_ascii=False).encode(), asked)


@pytest.mark.parametrize("path", SMALLEST)
def test_half_a_character_in_utf_8_is_refused_by_its_place(path: str) -> None:
    body = (
        json.dumps(SMALLEST[path], ensure_ascii=False)
        .encode()
        .replace(b"\xc3\xa9", b"\xed\xa0\x80")
    )
    outcome = sent(path, body, SMALLEST[path])
    assert outcome.status == 400
    told = json.loads(outcome.body)["error"]
    assert told.get("param", told["message"]).startswith(("messages[0]", "input[0]"))


@pytest.mark.parametrize("path", SMALLEST)
def test_more_than_6_mb_is_too_large(path: str) -> None:
    outcome = sent(path, json.dumps({**SMALLEST[path], "user": "x" * 6_000_000}).encode())
    assert outcome.status == 413
    assert message(outcome).startswith("The request is larger than 6 MB")
