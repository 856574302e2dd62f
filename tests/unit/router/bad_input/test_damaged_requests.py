"""Valid requests with something wrong in them are answered, or refused by the name of the field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.anthropic_answers import COUNT, MESSAGES
from tests.support.bad_input import examples, whole_router
from tests.support.damage import damaged
from tests.support.openai_answers import CHAT, EMBEDDINGS, RESPONSES
from tests.support.openai_requests import EMBEDDING_MODELS, MODELS
from tests.support.protocols import REQUESTS, assert_proper, models_for


def check(path: str, body: Any) -> int:
    outcome = whole_router().send("POST", path, json.dumps(body).encode())
    assert_proper(path, body, outcome)
    return outcome.status


@given(st.sampled_from(MODELS), damaged(REQUESTS[CHAT]))
@examples(1200)
def test_a_damaged_chat(model: str, body: Any) -> None:
    check(CHAT, {"model": model, **body})


@given(st.sampled_from(MODELS), damaged(REQUESTS[RESPONSES]))
@examples(1200)
def test_a_damaged_response(model: str, body: Any) -> None:
    check(RESPONSES, {"model": model, **body})


@given(st.sampled_from(EMBEDDING_MODELS), damaged(REQUESTS[EMBEDDINGS]))
@examples(400)
def test_a_damaged_request_for_embeddings(model: str, body: Any) -> None:
    check(EMBEDDINGS, {"model": model, **body})


@given(st.sampled_from(models_for(MESSAGES)), damaged(REQUESTS[MESSAGES]))
@examples(800)
def test_a_damaged_request_of_messages(model: str, body: Any) -> None:
    check(MESSAGES, {"model": model, **body})


@given(st.sampled_from(models_for(COUNT)), damaged(REQUESTS[COUNT]))
@examples(300)
def test_a_damaged_request_to_count_tokens(model: str, body: Any) -> None:
    check(COUNT, {"model": model, **body})


@pytest.mark.parametrize("path", REQUESTS)
def test_what_is_damaged_was_right_before(path: str) -> None:
    for body in REQUESTS[path]:
        statuses = [check(path, {"model": model, **body}) for model in models_for(path)]
        assert 200 in statuses, body
