"""Recorded calls of the real service, to be given as answers.

A folder with ``index.json``, rows of ``{"id", "file", "op", "status"}``; each file holds ``request`` and
``response {status, headers}`` with ``json``, or ``raw_b64`` and ``events`` for a stream.
"""

import base64
import json
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from local.bedrock import eventstream
from local.bedrock.answers import Usage
from local.bedrock.errors import invalid


class Recording(NamedTuple):
    """One recorded answer."""

    operation: str
    """The last part of the path: ``converse-stream``."""
    status: int
    headers: dict[str, str]
    body: bytes
    streamed: bool
    usage: Usage
    """What the recorded answer says was used."""


class Recordings:
    """The recorded calls of a folder; None for none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @cached_property
    def _files(self) -> dict[str, str]:
        if self._folder is None:
            return {}
        rows = json.loads((self._folder / "index.json").read_text())
        return {row["id"]: row["file"] for row in rows}

    def load(self, recording_id: str) -> Recording:
        """One recording; an unknown id is refused."""
        if self._folder is None or recording_id not in self._files:
            raise invalid(f"There is no recording {recording_id!r} to replay.")
        content = json.loads((self._folder / self._files[recording_id]).read_text())
        response = content["response"]
        streamed = "raw_b64" in response
        body = (
            base64.b64decode(response["raw_b64"])
            if streamed
            else eventstream.to_json(response["json"])
        )
        return Recording(
            operation=content["op"],
            status=response["status"],
            headers=response["headers"],
            body=body,
            streamed=streamed,
            usage=_usage(response),
        )


def _usage(response: dict[str, Any]) -> Usage:
    """The usage a recorded answer tells, in whichever of the places it does."""
    headers = response["headers"]
    if "x-amzn-bedrock-input-token-count" in headers:
        counts = {
            name.removeprefix("x-amzn-bedrock-").removesuffix("-token-count"): int(value)
            for name, value in headers.items()
            if name.endswith("-token-count")
        }
        return Usage(
            counts["input"],
            counts.get("output", 0),
            counts.get("cache-read-input", 0),
            counts.get("cache-write-input", 0),
        )
    events = response.get("events", [])
    for event in reversed(events):
        metrics = event.get("inner", {}).get("amazon-bedrock-invocationMetrics")
        if metrics:
            return _counts(metrics, "inputTokenCount", "outputTokenCount")
    said: dict[str, Any] = response.get("json") or next(
        (event["payload"] for event in events if "usage" in event["payload"]), {}
    )
    return _counts(said.get("usage", {}), "inputTokens", "outputTokens")


def _counts(told: dict[str, Any], prompt: str, answer: str) -> Usage:
    return Usage(
        int(told.get(prompt, 0)),
        int(told.get(answer, 0)),
        int(told.get("cacheReadInputTokenCount", 0)),
        int(told.get("cacheWriteInputTokenCount", 0)),
    )
