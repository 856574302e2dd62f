"""The whole router in one process, with nothing in the way of many requests a second.

What is real: every line of the router, its signatures included. What stands in for the rest: a table
whose one key may do anything, the simulated Bedrock behind a connection without a socket, and a web of
two pages.
"""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from catalog import models
from ledger import keys
from ledger.admission import Ledger
from ledger.records import item_of
from router.authentication import SecretVersions
from router.aws import Endpoint
from router.fetching import Fetched, Fetcher
from router.http import Headers, Request
from router.http_pool import tls_context
from router.inference_profiles import InferenceProfiles
from router.metered_call import Services
from router.metering import Record
from router.routes import handle
from router.sigv4 import Credentials

from local.bedrock import messages
from local.bedrock.service import Simulator
from tests.support.key_table import NOON, SECRET, TABLE_NAME, Clock, record
from tests.support.requests import body_of
from tests.support.simulated_bedrock import REGION, simulator
from tests.support.upstream import FakeSecret, Said

PIXEL = bytes.fromhex("47494638396101000100000000002c00000000010001000002024401003b")
"""An image (GIF) of one pixel."""

WEB = {
    "https://media.test/pixel.gif": Fetched(PIXEL, "image/gif"),
    "https://media.test/notes.txt": Fetched(b"Seven.", "text/plain"),
}
"""All that can be fetched."""

_CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", None)
_INVOCATION_S = 900


class Refusal(NamedTuple):
    """A call that the simulated Bedrock answered with an error."""

    path: str
    status: int
    message: str
    body: bytes
    """Of the call."""


class Sent(NamedTuple):
    """A call that reached the simulated Bedrock."""

    path: str
    headers: Headers
    body: bytes


class Outcome(NamedTuple):
    """What came of one request."""

    status: int
    headers: dict[str, str]
    body: bytes
    streamed: bool
    """The body came piece by piece."""
    calls: list[Sent]
    """What Bedrock was asked, refused or not."""
    refusals: list[Refusal]
    reserved: int
    """How many reservations were made."""
    settled: int
    """How many of them were settled."""
    records: list[Record]
    """What was metered."""


class WholeRouter:
    """Takes requests one after the other."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the simulated Bedrock's prices are put."""
        clock = Clock()
        minted = keys.mint(SECRET, os.urandom)
        self._table = _OpenTable(minted)
        self._connection = SimulatedConnection(
            simulator(
                folder,
                access_key=_CREDENTIALS.access_key,
                secret_key=_CREDENTIALS.secret_key,
                gate_seconds=0,
                clock=clock,
                sleep=_never,
            )
        )
        endpoint = Endpoint(
            self._connection,  # type: ignore[arg-type]
            service="bedrock",
            region=REGION,
            credentials=_CREDENTIALS,
            clock=clock,
        )
        self._records: list[Record] = []
        self._services = Services(
            secrets=SecretVersions(FakeSecret(SECRET.decode()), clock),
            ledger=Ledger(self._table, TABLE_NAME, clock),
            catalog=models.load(REGION, {}),
            bedrock_runtime=endpoint,
            bedrock_runtime_lanes=[endpoint],
            bedrock=endpoint,
            profiles=InferenceProfiles(endpoint, clock),
            fetcher=_Web(tls_context(None), resolve=_no_host),
            clock=clock,
            meter=self._records.append,
        )
        self._key = minted.key
        self._numbered = 0

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> Outcome:
        """Sends a request and reads the answer to its end."""
        self._numbered += 1
        request = Request(
            method=method,
            path=path,
            query=query,
            headers={"authorization": f"Bearer {self._key}", **(headers or {})},
            body=body,
            request_id=f"11111111-2222-3333-4444-{self._numbered:012}",
            deadline=NOON + _INVOCATION_S,
        )
        self._table.forget()
        self._connection.forget()
        self._records.clear()
        response = handle(self._services, request)
        return Outcome(
            response.status,
            dict(response.headers),
            body_of(response),
            not isinstance(response.body, bytes),
            list(self._connection.calls),
            list(self._connection.refusals),
            self._table.reserved,
            self._table.settled,
            list(self._records),
        )


class _OpenTable:
    """A `Table` of one key without limits. It counts reservations; nothing is ever short."""

    def __init__(self, minted: keys.Minted) -> None:
        self._item = item_of(record(id=minted.id, hash=minted.hash))
        self._held: dict[str, Any] = {}
        self.reserved = self.settled = 0

    def forget(self) -> None:
        """Begins to count anew."""
        assert not self._held, "an earlier reservation was never settled"
        self.reserved = self.settled = 0

    def __call__(self, operation: str, request: dict[str, Any], /) -> dict[str, Any]:
        if operation == "GetItem":
            return {"Item": self._item}
        assert operation == "UpdateItem"
        reservation = request["ExpressionAttributeNames"]["#reservation"]
        values = request["ExpressionAttributeValues"]
        if ":amount" in values:
            assert int(values[":amount"]["N"]) >= 0
            self._held[reservation] = values[":reservation"]
            self.reserved += 1
        else:
            assert int(values[":cost"]["N"]) >= 0
            del self._held[reservation]
            self.settled += 1
        return {"Attributes": {**self._item, "held": {"M": dict(self._held)}}}


class SimulatedConnection:
    """In place of `router.http_pool.Connection`: leads to a simulated Bedrock.

    It notes what that is asked and what it refuses.
    """

    host = "bedrock-runtime.us-east-1.amazonaws.com"

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self.calls: list[Sent] = []
        self.refusals: list[Refusal] = []

    def forget(self) -> None:
        """Begins its notes anew."""
        self.calls.clear()
        self.refusals.clear()

    def open(self) -> None:
        """Nothing is to be opened."""

    def request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Said:
        assert target.isascii()
        assert target.isprintable(), "no line of HTTP"
        assert " " not in target, "no line of HTTP"
        assert limit_s > 0
        path, _, query = target.partition("?")
        self.calls.append(Sent(path, headers, body))
        named = {"host": self.host, **{name.lower(): value for name, value in headers}}
        reply = self._sim.handle(messages.Request(method, path, query, named, body))
        pieces = [reply.body] if isinstance(reply.body, bytes) else list(reply.body)
        if reply.status != 200:
            message = b"".join(pieces).decode()
            self.refusals.append(Refusal(path, reply.status, message, body))
        return Said(reply.status, list(reply.headers.items()), pieces)


class _Web(Fetcher):
    """Finds the pages of `WEB`, and no host beside theirs."""

    def fetch_all(self, requests: Any, *, limit_s: float) -> list[Fetched]:
        if all(url in WEB for url, _ in requests):
            return [WEB[url] for url, _ in requests]
        return super().fetch_all(requests, limit_s=limit_s)


def _never(*_: object) -> Any:
    raise AssertionError("there is nothing to wait for or to connect to")


def _no_host(host: str, port: int) -> NoReturn:
    raise socket.gaierror(host, port)
