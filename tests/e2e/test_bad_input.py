"""Hostile bodies over HTTP: each is answered, and the processes that took them live on."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bad_input import examples
from tests.support.damage import damaged
from tests.support.openai_requests import CHAT, EMBEDDINGS, MODELS, REQUESTS, RESPONSES
from tests.support.stack import LocalStack

MEGABYTES = 5_900_000

BODIES = {
    "5.9 MB of text": b'{"model":"nova-lite","messages":[{"role":"user","content":"%b"}]}'
    % (b"x" * MEGABYTES),
    "5.9 MB of a name": b'{"model":"%b"}' % (b"x" * MEGABYTES),
    "lists 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "a tool's schema 100,000 deep": b'{"model":"nova-lite","tools":%b}' % (b'{"a":' * 100_000),
    "invalid UTF-8": b'{"model":"nova-lite","messages":"\xff\xfe"}',
    "a surrogate in UTF-8": b'{"model":"nova-lite","messages":"\xed\xa0\x80"}',
    "NUL": b"\0" * 1000,
    "a cut body": b'{"model":"nova-lite","messages":[{"role":"us',
    "nothing": b"",
    "a number of 10,000 digits": b'{"model":"nova-lite","max_tokens":%b}' % (b"9" * 10_000),
}


class Workers:
    """What must be as it was when all is over."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self.key = stack.new_key()
        self._client = stack.proxy(self.key["key"])
        assert self._client.get("/v1/key").status_code == 200
        self._pids = set(stack.router_pids())
        self._errors = self._logged_errors()

    def post(self, path: str, body: bytes) -> httpx.Response:
        """The answer to a body that is called JSON, as bodies of other types travel as base64."""
        return self._client.post(path, content=body, headers={"content-type": "application/json"})

    def check(self) -> None:
        """Fails unless no worker has ended, no error was logged and nothing is reserved."""
        assert self._pids <= set(self._stack.router_pids())
        assert self._logged_errors() == self._errors
        self._stack.settled_account(self.key["id"])

    def _logged_errors(self) -> int:
        return self._stack.logs().count('"level": "ERROR"')


@pytest.fixture
def workers(stack: LocalStack) -> Iterator[Workers]:
    found = Workers(stack)
    yield found
    found.check()


OPENAI_MEMBERS = {"message", "type", "param", "code"}
ANTHROPIC_MEMBERS = {"message", "type"}


def assert_answered(answer: httpx.Response, members: set[str] = OPENAI_MEMBERS) -> None:
    if answer.status_code == 200:
        return
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert set(error) == members
    assert 0 < len(error["message"]) <= 1001


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_hostile_body_is_refused(workers: Workers, body: bytes) -> None:
    for path in (CHAT, RESPONSES, EMBEDDINGS):
        answer = workers.post(path, body)
        assert answer.status_code != 200
        assert_answered(answer)
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        for model in (b"nova-lite", b"claude-haiku-4-5"):
            answer = workers.post(path, body.replace(b"nova-lite", model))
            assert_answered(answer, ANTHROPIC_MEMBERS)


def test_a_body_that_lambda_itself_refuses_reaches_no_worker(workers: Workers) -> None:
    assert workers.post(CHAT, b" " * 7_000_000).status_code == 413


def test_damaged_requests_are_answered(workers: Workers) -> None:
    @given(
        st.sampled_from([CHAT, RESPONSES]).flatmap(
            lambda path: st.tuples(st.just(path), damaged(REQUESTS[path]))
        ),
        st.sampled_from(MODELS),
    )
    @examples(200)
    def post(request: tuple[str, Any], model: str) -> None:
        path, body = request
        assert_answered(workers.post(path, json.dumps({"model": model, **body}).encode()))

    post()
