"""The router as a process has it, before a table and a Bedrock that are reached over HTTP."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import catalog
from ledger.administration import Administration
from ledger.records import KeyRecord
from router import app
from router.http import Response
from router.http_pool import Pool
from router.settings import Settings
from router.sigv4 import Credentials

from local.bedrock import service
from tests.support.key_table import SECRET, TABLE_NAME, key_table, terms
from tests.support.requests import body_of, request
from tests.support.simulated_bedrock import CLAUDE, claude_body, serving, user
from tests.support.troubled_table import TroubledTable, troubled_table

PRICES = Path(catalog.__file__).parent / "models.json"

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", None)

TURNS = [{"role": "user", "content": "Hi"}]
CHAT = {"model": "claude-sonnet-4-6", "messages": TURNS, "max_tokens": 50}
GPT = {"model": "gpt-6.1-sol", "input": "Hi", "max_output_tokens": 50}
CONVERSE = {"messages": user("Hi")}

PAID: list[tuple[str, Any]] = [
    ("/v1/chat/completions", CHAT),
    ("/v1/chat/completions", {**CHAT, "stream": True}),
    ("/v1/responses", GPT),
    ("/v1/responses", {**GPT, "stream": True}),
    ("/v1/messages", CHAT),
    ("/v1/messages", {**CHAT, "stream": True}),
    ("/v1/messages", {**CHAT, "model": "nova-lite"}),
    ("/v1/embeddings", {"model": "titan-embed-text-v2", "input": ["Hi", "Ho"]}),
    (f"/model/{CLAUDE}/converse", CONVERSE),
    (f"/model/{CLAUDE}/converse-stream", CONVERSE),
    (f"/model/{CLAUDE}/invoke", claude_body("Hi")),
    (f"/model/{CLAUDE}/invoke-with-response-stream", claude_body("Hi")),
]
FREE: list[tuple[str, str, Any]] = [
    ("GET", "/v1/key", None),
    ("GET", "/v1/models", None),
    ("GET", "/v1/models/nova-lite", None),
    ("GET", "/foundation-models", None),
    ("GET", "/inference-profiles", None),
    ("GET", "/v1/responses/resp_1", None),
    ("DELETE", "/v1/responses/resp_1", None),
    ("POST", "/v1/responses/resp_1/cancel", None),
    ("POST", "/v1/messages/count_tokens", CHAT),
    ("POST", "/v1/estimate", {"path": "/v1/chat/completions", "body": CHAT}),
    ("POST", f"/model/{CLAUDE}/count-tokens", {"input": {"converse": CONVERSE}}),
]


class Deployment:
    """The router as a process has it, a key, a table in trouble and a Bedrock that counts its calls."""

    def __init__(self, table: TroubledTable, sim: service.Simulator, bedrock_url: str) -> None:
        self.table = table
        self.bedrock = sim
        self.administration = Administration(
            table.table, TABLE_NAME, time.time, pause=lambda _: None
        )
        minted, _ = self.administration.create(terms(), SECRET, os.urandom)
        self.key_id = minted.id
        self._key = minted.key
        self._handle = app.build(
            Settings(
                runtime_api="127.0.0.1:1",
                region="us-east-1",
                credentials=CREDENTIALS,
                table_name=TABLE_NAME,
                hmac_secret_id="hmac",
                aliases={},
                bedrock_runtime_url=bedrock_url,
                bedrock_url=bedrock_url,
                dynamodb_url=table.url,
                secrets_manager_url=table.url,
                ca_bundle=None,
            )
        )

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Response:
        """The answer to a request with the key, read to its end."""
        content = {} if body is None else {"body": body}
        headers = {"authorization": f"Bearer {self._key}"}
        response = self._handle(request(method, path, headers=headers, **content, **more))
        response.body = body_of(response)
        return response

    @property
    def account(self) -> KeyRecord:
        """The key as the table holds it."""
        return self.administration.get(self.key_id)

    def seen_by_bedrock(self) -> int:
        """How many requests have reached Bedrock."""
        return int(self.bedrock.traffic.show()["requests"])

    def billed(self) -> int:
        """What Bedrock has billed, in picodollars."""
        return int(self.bedrock.bill.show()["total_picodollars"])


@contextmanager
def deployed(dynamodb: Any) -> Iterator[Deployment]:
    """The router over a new key table in `dynamodb`, until the block ends."""
    pools: list[Pool] = []

    def noted(*args: Any) -> Pool:
        pools.append(Pool(*args))
        return pools[-1]

    sim = service.Simulator(
        service.Settings("us-east-1", PRICES, CREDENTIALS.access_key, CREDENTIALS.secret_key)
    )
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(app, "Pool", noted))
        table = stack.enter_context(troubled_table(stack.enter_context(key_table(dynamodb))))
        yield Deployment(table, sim, stack.enter_context(serving(sim)))
        for pool in pools:
            for connection in pool._connections.values():
                connection.close()
