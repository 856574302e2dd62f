"""AWS as a test wants it: an endpoint and a secret that answer as they are told, and note what they got."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from router.eventstream import encode
from router.http import Headers
from router.http_pool import Answer

Step = bytes | Exception | Callable[[], object] | None
"""A piece of a body, a while of silence (None), what breaks it off, or what happens meanwhile."""

STREAM = [("content-type", "application/vnd.amazon.eventstream")]
JSON = [("content-type", "application/json")]


class Said(Answer):
    """An answer that was prepared."""

    def __init__(self, status: int, headers: Headers, steps: Sequence[Step]) -> None:
        self.status = status
        self.headers = headers
        self._steps = steps
        self.closed = False

    def read(self) -> bytes:
        return b"".join(piece for piece in self.pieces(0) if piece)

    def pieces(self, silence_s: float) -> Iterator[bytes | None]:  # noqa: ARG002
        for step in self._steps:
            if isinstance(step, Exception):
                raise step
            if callable(step):
                step()
            else:
                yield step

    def close(self) -> None:
        self.closed = True


def said(
    body: object = b"", status: int = 200, headers: Headers | None = None, *after: Step
) -> Said:
    """A whole answer; a body that is not bytes is sent as JSON."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Said(status, JSON if headers is None else headers, [text, *after])


def streamed(*steps: Step, headers: Headers | None = None) -> Said:
    """An event stream that comes step by step."""
    return Said(200, STREAM + (headers or []), steps)


def event(kind: str, payload: object) -> bytes:
    """One event of an event stream."""
    headers = {
        ":event-type": kind,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return encode(headers, json.dumps(payload).encode())


def exception(name: str, message: str) -> bytes:
    """An exception frame of an event stream."""
    headers = {
        ":exception-type": name,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return encode(headers, json.dumps({"message": message}).encode())


class Asked(NamedTuple):
    """A call as an endpoint got it."""

    method: str
    path: str
    headers: Headers
    body: bytes
    query: str
    limit_s: float


class FakeEndpoint:
    """In place of `router.aws.Endpoint`: gives the prepared answers one after the other."""

    def __init__(self, *answers: Said | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.opened = 0

    def open(self) -> None:
        self.opened += 1

    def call(
        self,
        method: str,
        path: str,
        headers: Headers,
        body: bytes,
        *,
        limit_s: float,
        query: str = "",
    ) -> Said:
        self.asked.append(Asked(method, path, headers, body, query, limit_s))
        if not self.answers:
            raise AssertionError(f"nobody expected {method} {path}")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeSecret:
    """The versions of a secret by stage; an `outage` is what fetching raises."""

    def __init__(self, current: str | None = None, previous: str | None = None) -> None:
        self.versions = {"AWSCURRENT": current, "AWSPREVIOUS": previous}
        self.fetched: list[str] = []
        self.outage: Exception | None = None

    def __call__(self, stage: str) -> str | None:
        self.fetched.append(stage)
        if self.outage is not None:
            raise self.outage
        return self.versions[stage]

    def rotate(self, new: str) -> None:
        """Makes `new` the current version and the current one the previous."""
        self.versions = {"AWSCURRENT": new, "AWSPREVIOUS": self.versions["AWSCURRENT"]}
