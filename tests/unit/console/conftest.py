"""The console's handler over moto: real events in, real answers out."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import boto3
import pytest
from console import handler as console_handler
from moto import mock_aws

from tests.support.key_table import TABLE_NAME, Clock, RecordingTable, key_table

HMAC_SECRET = "h" * 64
ADMIN_KEY = "admin" * 9
PROXY_URL = "https://abc123.lambda-url.eu-west-1.on.aws/"
REGION = "eu-west-1"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def error(self) -> tuple[int, str, str | None]:
        """Status, code and field of an error answer."""
        assert set(self.body) == {"error"}
        assert set(self.body["error"]) == {"code", "message", "field"}
        return self.status, self.body["error"]["code"], self.body["error"]["field"]


def url_event(
    method: str, path: str, *, headers: dict[str, str], query: str = "", body: str | None = None
) -> dict[str, Any]:
    """An event as a Function URL sends it (payload format 2.0)."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "console.example", "x-forwarded-proto": "https"} | headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "console",
            "domainName": "console.example",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test",
            },
            "requestId": "00000000-0000-4000-8000-000000000000",
            "routeKey": "$default",
            "stage": "$default",
            "time": "15/Jun/2025:12:00:00 +0000",
            "timeEpoch": 1749988800000,
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        event["body"] = body
    return event


@pytest.fixture(autouse=True, scope="module")
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def secrets(aws: None) -> Iterator[Any]:
    client = boto3.client("secretsmanager", region_name=REGION)
    for name, value in (("hmac", HMAC_SECRET), ("admin", ADMIN_KEY)):
        client.create_secret(Name=name, SecretString=value)
    yield client
    for name in ("hmac", "admin"):
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def table(aws: None) -> Iterator[RecordingTable]:
    with key_table(boto3.client("dynamodb", region_name=REGION)) as made:
        yield made


@pytest.fixture
def hmac_secret() -> bytes:
    return HMAC_SECRET.encode()


@pytest.fixture
def admin_key() -> str:
    return ADMIN_KEY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monotonic() -> Clock:
    """The clock by which the console's secrets age."""
    return Clock(0)


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch,
    secrets: Any,
    table: RecordingTable,
    clock: Clock,
    monotonic: Clock,
) -> Iterator[None]:
    for name, value in {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "TABLE_NAME": TABLE_NAME,
        "HMAC_SECRET_ID": "hmac",
        "ADMIN_KEY_SECRET_ID": secrets.describe_secret(SecretId="admin")["ARN"],
        "PROXY_URL": PROXY_URL,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(console_handler, "time", clock)
    monkeypatch.setattr(console_handler, "monotonic", monotonic)
    console_handler.api.cache_clear()
    yield
    console_handler.api.cache_clear()


Call = Callable[..., Answer]


@pytest.fixture
def call() -> Call:
    """Sends a request with the admin key; a body that is no text is sent as JSON.

    `encoded` says that the body is base64, as Lambda sends what may not be text.
    """

    def send(
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        authorization: str | None = f"Bearer {ADMIN_KEY}",
        encoded: bool = False,
    ) -> Answer:
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        headers = {} if authorization is None else {"authorization": authorization}
        event = url_event(method, path, headers=headers, query=urlencode(query or {}), body=text)
        event["isBase64Encoded"] = encoded
        answer = console_handler.handler(event, None)
        assert answer["isBase64Encoded"] is False
        parsed = json.loads(answer["body"]) if answer["body"] else None
        return Answer(answer["statusCode"], answer["headers"], parsed)

    return send


@pytest.fixture
def create(call: Call) -> Callable[..., dict[str, Any]]:
    """Makes a key and returns the answer's body."""

    def make(**members: Any) -> dict[str, Any]:
        answer = call("POST", "/api/keys", {"name": "a key"} | members)
        assert answer.status == 201, answer.body
        body: dict[str, Any] = answer.body
        return body

    return make
