"""What the types of the vendors' SDKs allow is answered, or refused by the name of the field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.anthropic_answers import COUNT, MESSAGES
from tests.support.anthropic_requests import MODELS
from tests.support.anthropic_sdk_requests import KINDS, message_requests
from tests.support.bad_input import examples, whole_router
from tests.support.openai_answers import CHAT, EMBEDDINGS, RESPONSES
from tests.support.protocols import assert_proper
from tests.support.sdk_requests import sdk_requests


@pytest.mark.parametrize("path", [CHAT, RESPONSES, EMBEDDINGS])
@given(data=st.data())
@examples(400)
def test_a_request_by_the_sdks_types(path: str, data: st.DataObject) -> None:
    body = data.draw(sdk_requests(path))
    outcome = whole_router().send("POST", path, json.dumps(body).encode())
    assert_proper(path, body, outcome)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@examples(300)
def test_a_request_of_messages_by_the_sdks_types(kind: str, data: st.DataObject) -> None:
    body = data.draw(message_requests(kind, MODELS))
    counted = whole_router().send("POST", COUNT, json.dumps(body).encode())
    assert_proper(COUNT, body, counted)
    outcome = whole_router().send("POST", MESSAGES, json.dumps(body).encode())
    assert_proper(MESSAGES, body, outcome)
