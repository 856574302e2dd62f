"""Ids and paths made to lead elsewhere reach nothing of Bedrock's but what they are for."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bad_input import examples, whole_router
from tests.support.json_values import CHARACTERS
from tests.support.openai_answers import assert_refused_by_name
from tests.support.whole_router import Outcome

HOSTILE = [
    "",
    ".",
    "..",
    "../../model/x/converse",
    "..%2f..%2fmodel%2fx",
    "%2e%2e",
    "%252e%252e",
    "%00",
    "%0d%0aHost:%20evil",
    "\0",
    "\r\nHost: evil",
    "a b",
    "a?b=c",
    "a#b",
    "a;b",
    "%",
    "%zz",
    "%ff",
    "%ed%a0%80",
    "é",
    "\ud800",
    "\u202e",
    "//evil.test/",
    "http://evil.test/",
    "cancel",
    "a/cancel/cancel",
    "/",
    "x" * 100_000,
    "%41" * 30_000,
    "'\"<script>",
    "{}",
    "*",
]

ANY_TEXT = st.text(CHARACTERS, max_size=20) | st.text("./%2eE0aA_-", max_size=12)
ANY_ID = ANY_TEXT | ANY_TEXT.map(lambda text: quote(text, safe="", errors="surrogatepass"))

READ = [
    ("GET", "/v1/models/{}"),
    ("GET", "/v1/responses/{}"),
    ("DELETE", "/v1/responses/{}"),
    ("POST", "/v1/responses/{}/cancel"),
]


def check(method: str, path: str, query: str = "") -> Outcome:
    outcome = whole_router().send(method, path, query=query)
    assert outcome.reserved == outcome.settled == 0
    assert not outcome.records
    for refusal in outcome.refusals:
        assert refusal.path.startswith("/openai/v1/responses/")
        assert set(refusal.path.removeprefix("/openai/v1/responses/")) <= SAFE
    if outcome.status != 200:
        assert_refused_by_name(outcome)
    return outcome


SAFE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/")


@pytest.mark.parametrize(("method", "path"), READ)
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_an_id_made_to_lead_elsewhere_leads_nowhere(method: str, path: str, hostile: str) -> None:
    check(method, path.format(hostile))


@pytest.mark.parametrize(("method", "path"), READ)
@given(response_id=ANY_ID)
@examples(100)
def test_any_id_leads_to_nothing_else(method: str, path: str, response_id: str) -> None:
    check(method, path.format(response_id))


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "", "get", "é"]),
    path=ANY_ID.map(lambda text: f"/v1/{text}") | ANY_ID.map(lambda text: f"/{text}"),
)
@examples(200)
def test_any_path_is_one_of_the_routers_or_a_404(method: str, path: str) -> None:
    outcome = check(method, path)
    assert outcome.status in (200, 400, 404, 405)
    assert not outcome.refusals or path.startswith("/v1/responses/")


@given(query=st.text(CHARACTERS, max_size=20) | st.sampled_from(["a=b", "&&", "%zz", "a=\r\n"]))
@examples(100)
def test_any_query_is_sent_as_one_or_not_at_all(query: str) -> None:
    check("GET", "/v1/responses/resp_1", query)


def test_a_stored_response_that_there_is_not_is_refused_by_its_id() -> None:
    outcome = check("GET", "/v1/responses/resp_1")
    assert outcome.status == 404
    assert "resp_1" in json.loads(outcome.body)["error"]["message"]
