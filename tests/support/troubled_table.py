"""The key table and the key's secret over HTTP, with every trouble that a table can be in."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.table import ConditionFailed, Item, Table

from tests.support.key_table import SECRET

Trouble = Callable[["_Handler", Callable[[], str]], None]
"""What becomes of an operation: it gets the connection, and what performs it and returns its answer."""


def failing(status: int, code: str) -> Trouble:
    """The table answers with one of DynamoDB's errors."""

    def fail(handler: "_Handler", _: Callable[[], str]) -> None:
        handler.say(status, json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"}))

    return fail


def saying(text: str, *, length: int | None = None) -> Trouble:
    """The table answers this with status 200; with a `length`, as if so many bytes were to come."""

    def say(handler: "_Handler", _: Callable[[], str]) -> None:
        handler.say(200, text, length)

    return say


def reset(handler: "_Handler", _: Callable[[], str]) -> None:
    """The connection ends without an answer."""
    handler.hang_up()


def silence(handler: "_Handler", _: Callable[[], str]) -> None:
    """No answer comes."""
    handler.server.closing.wait()


def lose_one_answer(handler: "_Handler", perform: Callable[[], str]) -> None:
    """The operation is performed, but its answer never arrives. Then the trouble is over."""
    perform()
    handler.server.trouble = None
    handler.hang_up()


TROUBLES: dict[str, Trouble] = {
    "throttled": failing(400, "ProvisionedThroughputExceededException"),
    "throttled with the account": failing(400, "RequestLimitExceeded"),
    "throttled, newer": failing(400, "ThrottlingException"),
    "in a transaction": failing(400, "TransactionConflictException"),
    "faulty": failing(500, "InternalServerError"),
    "down": failing(503, "ServiceUnavailable"),
    "behind a gateway that is no table": saying("<html>Bad Gateway</html>"),
    "saying nothing of use": saying('["ok"]'),
    "breaking off": saying('{"Attributes": {', length=1_000),
    "resetting": reset,
    "silent": silence,
}
"""All that may be wrong with a table that can be connected to, and that passes."""


class TroubledTable(ThreadingHTTPServer):
    """DynamoDB and Secrets Manager on one port; `trouble` is what the table is in, None for none."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, table: Table) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.table = table
        self.trouble: Trouble | None = None
        self.after = 0
        """How many operations are still performed before the trouble begins."""
        self.operations: list[str] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: TroubledTable

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        service, _, operation = self.headers["x-amz-target"].partition(".")
        if service == "secretsmanager":
            self.say(200, json.dumps({"SecretString": SECRET.decode()}))
            return
        self.server.operations.append(operation)

        def perform() -> str:
            return json.dumps(self.server.table(operation, body))

        if self.server.trouble is not None and self.server.after == 0:
            self.server.trouble(self, perform)
            return
        self.server.after = max(0, self.server.after - 1)
        try:
            self.say(200, perform())
        except ConditionFailed as failed:
            self.say(400, json.dumps(_condition_failed(failed.item)))

    def say(self, status: int, text: str, length: int | None = None) -> None:
        """Answers with JSON, or what pretends to be."""
        content = text.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)
        if length is not None:
            self.hang_up()

    def hang_up(self) -> None:
        """Ends the connection."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is logged."""


def _condition_failed(item: Item | None) -> dict[str, Any]:
    name = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    return {"__type": name} | ({} if item is None else {"Item": item})


@contextmanager
def troubled_table(table: Table) -> Iterator[TroubledTable]:
    """Serves a table until the block ends."""
    server = TroubledTable(table)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
