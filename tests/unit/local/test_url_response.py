"""How a function's answer, buffered or streamed, becomes an HTTP answer."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.functions.url_response import InvalidResponseError, PreludeReader, read_buffered

PRELUDE = {"statusCode": 402, "headers": {"X-A": "b", "x-n": 7}, "cookies": ["c=d"]}
STREAM = json.dumps(PRELUDE).encode() + bytes(8) + b"\0body\0\0"


@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
def test_prelude_is_read_however_it_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(edges)]
    reader = PreludeReader()
    while (read := reader.feed(pieces.pop(0))) is None:
        pass

    head, body = read
    assert head == (402, [("x-a", "b"), ("x-n", "7"), ("set-cookie", "c=d")])
    assert body + b"".join(pieces) == b"\0body\0\0"


def test_prelude_may_be_empty_of_everything() -> None:
    assert PreludeReader().feed(b"{}" + bytes(8)) == ((200, []), b"")


@pytest.mark.parametrize(
    "prelude",
    [
        b"no json",
        b"[]",
        b'{"statusCode": "200"}',
        b'{"statusCode": 99}',
        b'{"statusCode": 600}',
        b'{"headers": []}',
        b'{"cookies": {}}',
    ],
)
def test_prelude_that_is_no_http_head_is_refused(prelude: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        PreludeReader().feed(prelude + bytes(8))


def test_framing_is_the_urls_own_business() -> None:
    headers = {"Content-Length": "5", "Transfer-Encoding": "chunked", "Connection": "close"}
    head, _ = read_buffered(json.dumps({"statusCode": 200, "headers": headers}).encode())
    assert head.headers == [("content-type", "application/json")]


@pytest.mark.parametrize("answer", [{"a": 1}, "text", ["x"], None])
def test_json_without_a_status_is_the_body_itself(answer: Any) -> None:
    payload = json.dumps(answer).encode()
    assert read_buffered(payload) == ((200, [("content-type", "application/json")]), payload)


def test_body_may_be_text_base64_or_nothing() -> None:
    def body(**fields: Any) -> bytes:
        return read_buffered(json.dumps({"statusCode": 200, **fields}).encode())[1]

    assert body(body="ü") == "ü".encode()
    assert body(body="/w==", isBase64Encoded=True) == b"\xff"
    assert body() == b""


@pytest.mark.parametrize(
    "payload", [b"no json", b'{"statusCode": 200, "body": {}}', b'{"statusCode": true}']
)
def test_payload_that_is_no_http_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        read_buffered(payload)


def test_body_that_is_not_base64_is_refused() -> None:
    with pytest.raises(InvalidResponseError):
        read_buffered(b'{"statusCode": 200, "body": "%", "isBase64Encoded": true}')
