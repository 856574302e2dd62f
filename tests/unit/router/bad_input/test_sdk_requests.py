"""What the types of OpenAI's SDK allow is answered, or refused by the name of the field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bad_input import examples, whole_router
from tests.support.openai_answers import CHAT, EMBEDDINGS, RESPONSES, assert_proper
from tests.support.sdk_requests import sdk_requests


@pytest.mark.parametrize("path", [CHAT, RESPONSES, EMBEDDINGS])
@given(data=st.data())
@examples(400)
def test_a_request_by_the_sdks_types(path: str, data: st.DataObject) -> None:
    body = data.draw(sdk_requests(path))
    outcome = whole_router().send("POST", path, json.dumps(body).encode())
    assert_proper(path, body, outcome)
