"""What the router does not know never reaches Bedrock, and is answered in the caller's own shape."""

from typing import Any

import pytest

from tests.support.stack import LocalStack

SHAPES = {
    "/v1/nothing": lambda body: body["error"]["code"] == "unknown_url",
    "/v1/messages/nothing": lambda body: body["error"]["type"] == "not_found_error",
    "/model/m/nothing": lambda body: "message" in body,
    "/openai/v1/responses": lambda body: body["error"]["code"] == "unknown_url",
    "/guardrail/g/version/1/apply": lambda body: "message" in body,
}


@pytest.mark.parametrize("path", SHAPES)
def test_an_unknown_path_is_a_404_in_its_apis_shape(stack: LocalStack, path: str) -> None:
    before: Any = stack.bedrock_state()
    answer = stack.proxy().post(path, json={})
    assert answer.status_code == 404
    assert SHAPES[path](answer.json())
    assert stack.bedrock_state()["requests"] == before["requests"]
