"""Signed calls to AWS: one `Endpoint` per service, and the two services whose answers are JSON 1.0/1.1."""

import json
import time
from collections.abc import Callable
from typing import Any

from ledger.table import TableUnavailable, failure

from router.http import Headers
from router.http_pool import Answer, Connection, UpstreamUnreachable
from router.sigv4 import Credentials, sign

Clock = Callable[[], float]

_TABLE_LIMIT_S = 3.0
_TABLE_TRIES = 3
_TABLE_PAUSE_S = 0.05
_SECRETS_LIMIT_S = 5.0


class Endpoint:
    """One AWS service in one Region; its requests are signed as they are sent."""

    def __init__(
        self,
        connection: Connection,
        *,
        service: str,
        region: str,
        credentials: Credentials,
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._service = service
        self._region = region
        self._credentials = credentials
        self._clock = clock

    def open(self) -> None:
        """Connects ahead of the first request, where that is possible."""
        try:
            self._connection.open()
        except OSError:
            # The first request tries again and can tell its client.
            self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        headers: Headers,
        body: bytes,
        *,
        limit_s: float,
        query: str = "",
    ) -> Answer:
        """Signs and sends; `path` and `query` are percent-encoded. Raises `UpstreamUnreachable`."""
        signature = sign(
            method=method,
            host=self._connection.host,
            path=path,
            query=query,
            headers=headers,
            body=body,
            region=self._region,
            service=self._service,
            credentials=self._credentials,
            now=self._clock(),
        )
        target = f"{path}?{query}" if query else path
        return self._connection.request(method, target, headers + signature, body, limit_s)


class DynamoDbTable:
    """`ledger.table.Table` over a signed endpoint."""

    def __init__(self, endpoint: Endpoint, pause: Callable[[float], None] = time.sleep) -> None:
        self._endpoint = endpoint
        self._pause = pause

    def __call__(self, operation: str, request: dict[str, Any], /) -> dict[str, Any]:
        for remaining in reversed(range(_TABLE_TRIES)):
            try:
                return self._send(operation, request)
            except TableUnavailable as error:
                if not (error.retryable and remaining):
                    raise
            self._pause(_TABLE_PAUSE_S)
        raise AssertionError

    def _send(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", f"DynamoDB_20120810.{operation}"),
        ]
        body = json.dumps(request, separators=(",", ":")).encode()
        try:
            answer = self._endpoint.call("POST", "/", headers, body, limit_s=_TABLE_LIMIT_S)
            content = json.loads(answer.read() or b"{}")
        except (UpstreamUnreachable, ValueError) as error:
            raise TableUnavailable(str(error)) from error
        if answer.status >= 500 or not isinstance(content, dict):
            raise TableUnavailable(f"HTTP {answer.status}")
        if answer.status == 200:
            return content
        raise failure(str(content.get("__type", "")).rpartition("#")[2], content)


class SecretUnavailable(Exception):
    """Secrets Manager gave no secret; the message holds its error's name only."""


def get_secret(endpoint: Endpoint, secret_id: str, stage: str) -> str | None:
    """The text of a secret's version stage; None when there is none. Raises `SecretUnavailable`."""
    headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "secretsmanager.GetSecretValue"),
    ]
    body = json.dumps({"SecretId": secret_id, "VersionStage": stage}).encode()
    try:
        answer = endpoint.call("POST", "/", headers, body, limit_s=_SECRETS_LIMIT_S)
        content = json.loads(answer.read() or b"{}")
    except (UpstreamUnreachable, ValueError) as error:
        raise SecretUnavailable(type(error).__name__) from error
    if answer.status == 200 and "SecretString" in content:
        return str(content["SecretString"])
    code = str(content.get("__type", "")).rpartition("#")[2]
    if code == "ResourceNotFoundException":
        return None
    raise SecretUnavailable(code or f"HTTP {answer.status}")
