"""The local stack as a process of its own, for tests that use it as its users would."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import httpx
from console.key_json import terms_of
from console.table import BotoTable
from ledger.administration import Administration, Terms
from ledger.keys import Minted, identify
from ledger.table import Item

from local.stack import RunningStack

ROOT = Path(__file__).parents[2]

READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 20.0

BATCH = 25
"""The most items that DynamoDB takes at once."""


class LocalStack(RunningStack):
    """A running stack, as its ready file describes it; the methods are what tests ask of it."""

    def __init__(self, **_fields: Any) -> None:
        self._owned = contextlib.ExitStack()

    @cached_property
    def bedrock(self) -> httpx.Client:
        """A client of the simulated Bedrock's own test API."""
        return self._owned.enter_context(httpx.Client(base_url=self.bedrock_url))

    def close(self) -> None:
        """Closes the connections that the stack's clients hold open."""
        self._owned.close()

    def proxy(self, key: str | None = "") -> httpx.Client:
        """A client of the router with `key`, or the stack's first key, or with None no key."""
        return self._client(self.proxy_url, self.api_key if key == "" else key)

    def console(self, admin_key: str | None = None) -> httpx.Client:
        """A client of the console."""
        return self._client(self.console_url, admin_key or self.admin_key)

    def new_key(self, **terms: Any) -> dict[str, Any]:
        """A new key on these terms, with the members that the console answers of it."""
        now = int(time.time())
        (minted,) = self.new_keys(1, terms_of({"name": "test", **terms}, now))
        return {"key": minted.key} | dict(self.console().get(f"/api/keys/{minted.id}").json())

    def new_keys(self, count: int, terms: Terms) -> list[Minted]:
        """New keys, made as the console makes them but for the transaction of each.

        The emulated table copies all its items for that, so that tests would take the longer the more
        keys those before them have made.
        """
        items: list[Item] = []

        def collect(_: str, request: dict[str, Any], /) -> dict[str, Any]:
            items.extend(action["Put"]["Item"] for action in request["TransactItems"])
            return {}

        administration = Administration(collect, self.table_name, time.time)
        secret = self._hmac_secret
        minted = [administration.create(terms, secret, os.urandom)[0] for _ in range(count)]
        self._write_all([{"PutRequest": {"Item": item}} for item in items])
        return minted

    def forget_keys(self, keys: list[Minted]) -> None:
        """Deletes all items of keys that were made together."""
        ids = {key.id for key in keys}
        owned = [
            {name: item[name] for name in ("pk", "sk")}
            for item in self.table_items()
            if item["pk"]["S"].removeprefix("key#") in ids or item.get("id", {"S": ""})["S"] in ids
        ]
        self._write_all([{"DeleteRequest": {"Key": key}} for key in owned])

    def _write_all(self, requests: list[dict[str, Any]]) -> None:
        table = self.table()
        for start in range(0, len(requests), BATCH):
            batch = {self.table_name: requests[start : start + BATCH]}
            assert not table("BatchWriteItem", {"RequestItems": batch})["UnprocessedItems"]

    def settled_account(self, key_id: str) -> dict[str, Any]:
        """The console's view of a key, once nothing is reserved any more."""
        for _ in range(300):
            account = dict(self.console().get(f"/api/keys/{key_id}").json())
            if account["reserved_usd"] == "0":
                return account
            time.sleep(0.1)
        raise AssertionError(f"still reserved: {account}")

    def bill(self) -> dict[str, Any]:
        """What the simulated Bedrock has billed since it began."""
        return dict(self.bedrock.get("/_sim/bill").json())

    def forget_bill(self) -> None:
        """Has the simulated Bedrock begin its bill anew."""
        self.bedrock.delete("/_sim/bill").raise_for_status()

    def bedrock_state(self) -> dict[str, Any]:
        """What the simulated Bedrock has seen."""
        return dict(self.bedrock.get("/_sim/state").json())

    def open_gate(self, name: str) -> None:
        """Lets the simulated Bedrock go on where a prompt told it to wait."""
        self.bedrock.post(f"/_sim/gates/{name}").raise_for_status()

    def logs(self) -> str:
        """Everything that any process of the stack has logged."""
        return "\n".join(
            path.read_text(errors="replace") for path in sorted(Path(self.logs_dir).iterdir())
        )

    def table_items(self) -> list[dict[str, Any]]:
        """Every item of the key table."""
        pages = self._dynamodb().get_paginator("scan").paginate(TableName=self.table_name)
        return [item for page in pages for item in page["Items"]]

    def table(self) -> BotoTable:
        """The key table, as the console reaches it."""
        return BotoTable(self._dynamodb())

    def key_item(self, key_id: str) -> dict[str, Any]:
        """A key's own item, in DynamoDB's JSON."""
        key = {"pk": {"S": f"key#{key_id}"}, "sk": {"S": "key"}}
        item = self._dynamodb().get_item(TableName=self.table_name, Key=key)["Item"]
        return dict(item)

    def log_lines(self) -> list[dict[str, Any]]:
        """What the router's workers have logged of requests."""
        lines = []
        for path in sorted(Path(self.logs_dir).glob("router-*.log")):
            for line in path.read_text(errors="replace").splitlines():
                # A worker that was killed may have left half a line.
                with contextlib.suppress(ValueError):
                    lines.append(json.loads(line))
        return [line for line in lines if "request_id" in line]

    def router_pids(self) -> list[int]:
        """The router's worker processes."""
        return [
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if _is_router(process, self.pid)
        ]

    def _client(self, url: str, key: str | None) -> httpx.Client:
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        trusted = ssl.create_default_context(cafile=self.ca_bundle)
        client = httpx.Client(base_url=url, headers=headers, timeout=60, verify=trusted)
        return self._owned.enter_context(client)

    @cached_property
    def _hmac_secret(self) -> bytes:
        """What keys are made under."""
        secrets = self._aws("secretsmanager", self.secretsmanager_url)
        for row in secrets.list_secrets()["SecretList"]:
            secret = secrets.get_secret_value(SecretId=row["ARN"])["SecretString"].encode()
            if identify(self.api_key, [secret]) is not None:
                return bytes(secret)
        raise AssertionError("none of the secrets is the one")

    def _dynamodb(self) -> Any:
        return self._aws("dynamodb", self.dynamodb_url)

    def _aws(self, service: str, url: str) -> Any:
        client = boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self._owned.callback(client.close)
        return client


def _is_router(process: Path, parent: int) -> bool:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        status = (process / "status").read_text()
    except OSError:
        return False
    return words[-2:] == [b"router", b""] and f"PPid:\t{parent}\n" in status


@contextlib.contextmanager
def running_stack(*options: str) -> Iterator[LocalStack]:
    """Starts ``python -m local`` with these options, and stops it as Ctrl-C would."""
    with tempfile.TemporaryDirectory() as folder:
        ready_file, output = Path(folder) / "ready.json", Path(folder) / "output.txt"
        command = [sys.executable, "-m", "local", "--port", "0", "--console-port", "0"]
        with output.open("wb") as sink:
            process = subprocess.Popen(
                [*command, "--ready-file", str(ready_file), *options],
                cwd=ROOT,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            with contextlib.closing(_wait_until_ready(process, ready_file, output)) as stack:
                yield stack
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOPPED_WITHIN_S)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def _wait_until_ready(
    process: subprocess.Popen[bytes], ready_file: Path, output: Path
) -> LocalStack:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise AssertionError(f"the local stack did not start:\n{output.read_text()}")
        time.sleep(0.05)
    return LocalStack(**json.loads(ready_file.read_text()))
