"""CPU time of a coding agent's Messages request, from its bytes to Bedrock's, signed.

The request is of the size and kind that Claude Code sends in the middle of its work: dozens of tools, a
long system prompt, tool calls and results, thinking, marks of caching.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from catalog import models
from router.aws import Endpoint
from router.dialects.anthropic_messages.dialect import MessagesDialect
from router.dialects.anthropic_native.dialect import NativeMessagesDialect
from router.dialects.dialect import Dialect
from router.http import Headers, Request
from router.http_pool import Answer, Connection
from router.sigv4 import Credentials

from bench.calls import MODEL, OTHER
from bench.results import Result
from bench.session import Session
from bench.summary import summarize

_REGION = "us-east-1"
_TOOLS = 36
_TURNS = 32
_SYSTEM = (
    "You are an agent that works on software. Read before you write, and say what you did.\n" * 250
)
_DESCRIPTION = "Does one thing well, and tells what went wrong where it does not. " * 14
_RESULT = "    1  A line of a file, as long as lines in a file tend to be, and no longer.\n" * 22
_MARK = {"type": "ephemeral"}
_SIGNATURE = "EqQBCkYIBxgCKkDs" * 20


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
    headers = {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,"
        "context-management-2025-06-27,effort-2025-11-24",
    }
    content = json.dumps(_body(model)).encode()
    return Request("POST", "/v1/messages", "", headers, content, "bench", time.time() + 900)


def _body(model: str) -> dict[str, Any]:
    opening = {"role": "user", "content": "Go through the files."}
    messages = [opening, *(message for number in range(_TURNS) for message in _turn(number))]
    messages[-1]["content"][-1]["cache_control"] = _MARK
    return {
        "model": model,
        "max_tokens": 32_000,
        "stream": True,
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2; cch=0aaa9;"},
            {"type": "text", "text": _SYSTEM, "cache_control": _MARK},
        ],
        "messages": messages,
        "tools": [_tool(number) for number in range(_TOOLS)],
        "metadata": {"user_id": '{"device_id":"0","session_id":"0"}'},
    }


def _turn(number: int) -> list[dict[str, Any]]:
    call_id = f"toolu_bdrk_{number:024}"
    arguments = {"file_path": f"/src/module_{number}.py", "limit": 22}
    return [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "", "signature": _SIGNATURE},
                {"type": "text", "text": "I read the next file."},
                {"type": "tool_use", "id": call_id, "name": "read_0", "input": arguments},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call_id, "content": _RESULT}],
        },
    ]


def _tool(number: int) -> dict[str, Any]:
    return {
        "name": f"read_{number}",
        "description": _DESCRIPTION,
        "input_schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                name: {"type": "string", "description": f"The {name} of what is asked for."}
                for name in ("file_path", "pattern", "limit", "encoding")
            },
            "required": ["file_path"],
            "additionalProperties": False,
        },
    }
