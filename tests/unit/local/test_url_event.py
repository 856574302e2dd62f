"""The event a Function URL makes of a request, field by field as AWS documents it."""

import base64
import json
from typing import Any

import pytest

from local.functions.url_event import HttpRequest, UrlIdentity, function_url_event

URL = UrlIdentity("abc123.lambda-url.eu-west-1.on.aws", "https", 443)
NOW = 1_700_000_000.25


def event(
    target: str = "/",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    method: str = "POST",
) -> dict[str, Any]:
    request = HttpRequest(method, target, headers or {}, body, "203.0.113.7")
    parsed: dict[str, Any] = json.loads(function_url_event(request, URL, "id-1", NOW))
    return parsed


def test_request_context_names_url_client_and_time() -> None:
    context = event("/v1/models?a=b", {"user-agent": "curl/8"}, method="GET")["requestContext"]

    assert context == {
        "accountId": "anonymous",
        "apiId": "abc123",
        "domainName": "abc123.lambda-url.eu-west-1.on.aws",
        "domainPrefix": "abc123",
        "http": {
            "method": "GET",
            "path": "/v1/models",
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "curl/8",
        },
        "requestId": "id-1",
        "routeKey": "$default",
        "stage": "$default",
        "time": "14/Nov/2023:22:13:20 +0000",
        "timeEpoch": 1_700_000_000_250,
    }


def test_raw_path_stays_encoded_and_the_context_path_does_not() -> None:
    made = event("/model/arn%3Aaws%3Abedrock%2Fx/converse?q=%20a")
    assert made["rawPath"] == "/model/arn%3Aaws%3Abedrock%2Fx/converse"
    assert made["rawQueryString"] == "q=%20a"
    assert made["requestContext"]["http"]["path"] == "/model/arn:aws:bedrock/x/converse"


def test_repeated_query_parameters_are_joined() -> None:
    made = event("/?a=1&b=&a=2%2C3")
    assert made["queryStringParameters"] == {"a": "1,2,3", "b": ""}


def test_request_without_query_body_and_cookies_has_no_such_fields() -> None:
    assert event().keys().isdisjoint({"body", "cookies", "queryStringParameters"})


def test_headers_of_the_connection_stay_behind_and_the_clients_address_is_added() -> None:
    sent = {
        "host": "abc",
        "connection": "keep-alive",
        "transfer-encoding": "chunked",
        "x-forwarded-for": "198.51.100.1",
        "x-api-key": "k",
    }
    assert event(headers=sent)["headers"] == {
        "host": "abc",
        "x-api-key": "k",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }


def test_cookies_leave_the_headers_for_a_list_of_their_own() -> None:
    made = event(headers={"cookie": "a=1; b=2"})
    assert made["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in made["headers"]


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "text/plain", "Application/XML"],
)
def test_text_is_passed_as_it_is(content_type: str) -> None:
    made = event(headers={"content-type": content_type}, body='{"a": "ü"}'.encode())
    assert (made["body"], made["isBase64Encoded"]) == ('{"a": "ü"}', False)


@pytest.mark.parametrize(
    "content_type", ["application/octet-stream", "application/x-www-form-urlencoded", ""]
)
def test_everything_else_is_base64(content_type: str) -> None:
    made = event(headers={"content-type": content_type}, body=b"a=1")
    assert (base64.b64decode(made["body"]), made["isBase64Encoded"]) == (b"a=1", True)


def test_text_that_is_not_utf8_is_base64() -> None:
    made = event(headers={"content-type": "text/plain"}, body=b"\xff\xfe")
    assert (base64.b64decode(made["body"]), made["isBase64Encoded"]) == (b"\xff\xfe", True)
