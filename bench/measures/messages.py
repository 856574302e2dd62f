"""CPU time of a coding agent's Messages request, from its bytes to Bedrock's, signed.

The request is of the size and kind that Claude Code sends in the middle of its work: dozens of tools, a
long system prompt, tool calls and results, thinking, marks of caching.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import cast

from catalog import models
from router.aws import Endpoint
from router.dialects.anthropic_messages.dialect import MessagesDialect
from router.dialects.anthropic_native.dialect import NativeMessagesDialect
from router.dialects.dialect import Dialect
from router.http import Headers, Request
from router.http_pool import Answer, Connection
from router.sigv4 import Credentials

from bench import agent
from bench.calls import MODEL, OTHER
from bench.results import Result
from bench.session import Session
from bench.summary import summarize

_REGION = "us-east-1"


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """The same request to a Claude and to a model that is reached over Converse."""
    catalog = models.load(_REGION)
    endpoint = Endpoint(
        cast("Connection", _Nowhere()),
        service="bedrock",
        region=_REGION,
        credentials=Credentials("AKIDEXAMPLE", "secret", None),
        clock=time.time,
    )
    ways: dict[str, tuple[str, Callable[[], Dialect], Request]] = {
        "native": ("relayed", lambda: NativeMessagesDialect("bench"), _request(MODEL)),
        "translated": ("translated", lambda: MessagesDialect("bench"), _request(OTHER)),
    }
    samples: dict[str, list[float]] = {name: [] for name in ways}
    for _ in session.rounds("Messages requests", session.plan.rounds):
        for name, (_how, dialect, request) in ways.items():
            before = time.process_time()
            for _ in range(session.plan.cpu_requests):
                call = dialect().parse(request, catalog)
                endpoint.call("POST", call.path, call.headers, call.body, limit_s=1)
            cpu_s = time.process_time() - before
            samples[name].append(cpu_s / session.plan.cpu_requests * 1000)
    return [
        Result(
            f"translation.messages.{name}",
            f"CPU of a Messages request of {len(request.body) / 1000:,.0f} kB, {how} and signed",
            "ms",
            summarize(samples[name]),
        )
        for name, (how, _dialect, request) in ways.items()
    ]


class _Nowhere:
    """A connection that takes a request and does nothing with it."""

    host = "bedrock-runtime.us-east-1.amazonaws.com"

    def request(
        self, method: str, target: str, headers: Headers, body: bytes, limit_s: float
    ) -> Answer | None:
        """Nothing."""


def _request(model: str) -> Request:
    content = json.dumps(agent.body(model)).encode()
    return Request("POST", "/v1/messages", "", agent.HEADERS, content, "bench", time.time() + 900)
