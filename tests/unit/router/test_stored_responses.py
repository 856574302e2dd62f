"""Responses that Bedrock keeps: what is asked of it, and what a client hears."""

from typing import Any

import openai
import pytest
from router.http import Response
from router.http_pool import UpstreamUnreachable
from router.routes import handle

from tests.support.openai_sdk import client_hearing
from tests.support.requests import body_of, json_of
from tests.support.router import Router
from tests.support.upstream import said

STORED = {
    "id": "resp_68a1",
    "object": "response",
    "created_at": 1_760_000_000,
    "status": "completed",
    "model": "us.openai.gpt-6-sol",
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Teal", "annotations": []}],
        }
    ],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
}
NOT_FOUND = {
    "error": {
        "message": "Response with id 'resp_68a1' not found.",
        "type": "invalid_request_error",
        "param": "response_id",
        "code": None,
    }
}
UNKNOWN_OPERATION = {
    "Output": {"__type": "com.amazon.coral.service#UnknownOperationException"},
    "Version": "1.0",
}

ACTIONS = [
    ("GET", "/v1/responses/{}"),
    ("DELETE", "/v1/responses/{}"),
    ("POST", "/v1/responses/{}/cancel"),
]


def ask(router: Router, method: str, path: str, query: str = "") -> Response:
    return handle(router.services, router.request(method, path, query=query))


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_each_is_asked_of_bedrock_and_costs_nothing(router: Router, method: str, path: str) -> None:
    router.bedrock_says(said(STORED))
    response = ask(router, method, path.format("resp_68a1"))
    (asked,) = router.bedrock_runtime.asked
    assert (asked.method, asked.path) == (method, "/openai" + path.format("resp_68a1"))
    assert asked.body == b""
    assert (response.status, json_of(response)) == (200, STORED)
    assert router.reserved() == router.settled() == []


def test_the_sdk_reads_a_stored_response(router: Router) -> None:
    router.bedrock_says(said(STORED))
    response = ask(router, "GET", "/v1/responses/resp_68a1")
    with client_hearing(body_of(response), content_type="application/json") as client:
        assert client.responses.retrieve("resp_68a1").output_text == "Teal"


def test_a_query_goes_along(router: Router) -> None:
    router.bedrock_says(said(STORED))
    ask(router, "GET", "/v1/responses/resp_68a1", "include=reasoning.encrypted_content")
    assert router.bedrock_runtime.asked[0].query == "include=reasoning.encrypted_content"


@pytest.mark.parametrize("written", ["resp_68a1", "resp%5F68a1"])
def test_an_id_is_the_same_however_it_is_written(router: Router, written: str) -> None:
    router.bedrock_says(said(STORED))
    ask(router, "GET", f"/v1/responses/{written}")
    assert router.bedrock_runtime.asked[0].path == "/openai/v1/responses/resp_68a1"


@pytest.mark.parametrize(
    "response_id",
    [
        "..",
        "%2e%2e",
        "resp_1%2F..%2F..%2F..%2Fmodel%2Fx%2Finvoke",
        "resp_1%3Fx=1",
        "resp_1%23",
        "resp%201",
        "resp_1%0d%0ax:y",
        "resp_\u00e9",
        "a" * 513,
    ],
)
@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_an_id_that_leads_elsewhere_never_reaches_bedrock(
    router: Router, method: str, path: str, response_id: str
) -> None:
    response = ask(router, method, path.format(response_id))
    told: Any = json_of(response)
    assert response.status == 400
    assert told["error"]["param"] == "response_id"
    assert router.bedrock_runtime.asked == []


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_only_an_active_key_may_ask(router: Router, method: str, path: str) -> None:
    router.administration.revoke(router.key_id)
    response = ask(router, method, path.format("resp_68a1"))
    assert response.status == 401
    assert router.bedrock_runtime.asked == []


def test_a_key_of_elsewhere_costs_no_look_up(router: Router) -> None:
    router.key = "sk-foreign"
    assert ask(router, "GET", "/v1/responses/resp_68a1").status == 401
    assert router.table.operations == []


def test_what_is_not_stored_is_told_in_bedrocks_words(router: Router) -> None:
    router.bedrock_says(said(NOT_FOUND, 404))
    response = ask(router, "GET", "/v1/responses/resp_68a1")
    assert (response.status, json_of(response)) == (404, NOT_FOUND)
    with (
        client_hearing(body_of(response), content_type="application/json", status=404) as client,
        pytest.raises(openai.NotFoundError, match="not found"),
    ):
        client.responses.retrieve("resp_68a1")


def test_a_refusal_in_awss_shape_becomes_openais(router: Router) -> None:
    headers = [("x-amzn-errortype", "ThrottlingException:http://internal.amazon.com/")]
    router.bedrock_says(said({"message": "Too many requests"}, 429, headers))
    response = ask(router, "GET", "/v1/responses/resp_68a1")
    told: Any = json_of(response)
    assert (response.status, told["error"]["message"]) == (429, "Too many requests")
    assert told["error"]["code"] == "rate_limit_exceeded"
    assert ("retry-after", "2") in response.headers


def test_a_fault_in_the_routers_own_credentials_is_not_the_clients(router: Router) -> None:
    headers = [("x-amzn-errortype", "UnrecognizedClientException")]
    content = {"error": {"message": "The security token is invalid.", "type": "auth", "code": "x"}}
    router.bedrock_says(said(content, 403, headers))
    response = ask(router, "GET", "/v1/responses/resp_68a1")
    told: Any = json_of(response)
    assert (response.status, told["error"]["code"]) == (502, "bad_upstream")


def test_a_region_without_the_path_is_told_as_such(router: Router) -> None:
    router.bedrock_says(said(UNKNOWN_OPERATION))
    assert ask(router, "GET", "/v1/responses/resp_68a1").status == 502


def test_a_bedrock_out_of_reach_is_told_as_such(router: Router) -> None:
    router.bedrock_says(UpstreamUnreachable("reset"))
    response = ask(router, "DELETE", "/v1/responses/resp_68a1")
    assert (response.status, dict(response.headers)["retry-after"]) == (503, "1")
