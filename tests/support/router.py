"""The router put together over a real ledger in moto, a prepared Bedrock and a clock that tests set."""

import os
from typing import Any

from catalog import models
from ledger.administration import Administration
from ledger.admission import Ledger
from ledger.records import KeyRecord
from router.authentication import SecretVersions
from router.fetching import Fetcher
from router.http import Request
from router.http_pool import tls_context
from router.inference_profiles import InferenceProfiles
from router.metered_call import Services
from router.metering import Record

from tests.support.key_table import SECRET, TABLE_NAME, Clock, RecordingTable, terms
from tests.support.requests import request
from tests.support.upstream import FakeEndpoint, FakeSecret, Said

REGION = "us-east-1"

ALIASES = {"gpt-5": "claude-opus-5-5"}

INVOCATION_S = 900
"""How long after its start an invocation ends."""


class Router:
    """Services for the code under test, a key for its client, and what came of it all."""

    def __init__(self, table: RecordingTable) -> None:
        self.table = table
        self.clock = Clock()
        self.secret = FakeSecret(SECRET.decode())
        self.bedrock_runtime = FakeEndpoint()
        self.bedrock = FakeEndpoint()
        self.records: list[Record] = []
        self.administration = Administration(table, TABLE_NAME, self.clock, pause=lambda _: None)
        self.services = Services(
            secrets=SecretVersions(self.secret, self.clock),
            ledger=Ledger(table, TABLE_NAME, self.clock),
            catalog=models.load(REGION, ALIASES),
            bedrock_runtime=self.bedrock_runtime,  # type: ignore[arg-type]
            bedrock_runtime_lanes=[self.bedrock_runtime],  # type: ignore[list-item]
            bedrock=self.bedrock,  # type: ignore[arg-type]
            profiles=InferenceProfiles(self.bedrock, self.clock),  # type: ignore[arg-type]
            fetcher=Fetcher(tls_context(None)),
            clock=self.clock,
            meter=self.records.append,
        )
        self.key = self.key_id = ""
        self.new_key()

    def new_key(self, **changes: Any) -> None:
        """Makes a key with these terms, none of them limiting unless told, for the next requests."""
        minted, _ = self.administration.create(terms(**changes), SECRET, os.urandom)
        self.key, self.key_id = minted.key, minted.id
        self.table.operations.clear()

    def name_models(self, **aliases: str) -> None:
        """Has the owner give these names to models, in place of `ALIASES`."""
        self.services = self.services._replace(catalog=models.load(REGION, aliases))

    def bedrock_says(self, *answers: Said | Exception) -> None:
        """What Bedrock answers next."""
        self.bedrock_runtime.answers.extend(answers)

    def request(self, method: str = "POST", path: str = "/", **more: Any) -> Request:
        """A request with the key, in an invocation that begins now."""
        headers = {"authorization": f"Bearer {self.key}"} | more.pop("headers", {})
        deadline = self.clock() + INVOCATION_S
        return request(method, path, headers=headers, deadline=deadline, **more)

    @property
    def account(self) -> KeyRecord:
        """The key as the table holds it."""
        return self.administration.get(self.key_id)

    @property
    def record(self) -> Record:
        """The one record that was metered."""
        (record,) = self.records
        return record

    def reserved(self) -> list[int]:
        """The amounts that were reserved, in picodollars."""
        return [int(values[":amount"]["N"]) for values in self._values() if ":amount" in values]

    def settled(self) -> list[int]:
        """The amounts that were settled, in picodollars."""
        return [int(values[":cost"]["N"]) for values in self._values() if ":cost" in values]

    def _values(self) -> list[dict[str, Any]]:
        return [
            operation["ExpressionAttributeValues"]
            for name, operation in self.table.operations
            if name == "UpdateItem"
        ]
