"""CPU time of translating a request, from its bytes to Bedrock's: the translators alone."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from catalog import models
from router.dialects.dialect import Dialect
from router.dialects.openai_chat.dialect import ChatDialect
from router.dialects.openai_responses.dialect import ResponsesDialect
from router.http import Request

from bench.calls import MODEL
from bench.results import Result
from bench.session import Session
from bench.summary import summarize

_SMALL = 10_000
_LARGE = 3_000_000
"""Bytes of the request's body, about."""

_TOOLS = 6
_LINE = "A line of a tool's result, as long as lines in a file tend to be, and no longer.\n"
_LINES = {_SMALL: 12, _LARGE: 50}
"""Of a tool's result: a thousand characters in the short history, four thousand in the long one, as
in those of coding agents."""

_SCHEMA = {
    "type": "object",
    "properties": {
        name: {"type": "string", "description": f"The {name} of what is asked for."}
        for name in ("path", "pattern", "encoding")
    },
    "required": ["path"],
}


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """A short history with tools and a long one, in each protocol."""
    catalog = models.load("us-east-1")
    dialects: dict[str, tuple[str, Callable[[], Dialect], Callable[[int], dict[str, Any]]]] = {
        "chat": ("chat completion", lambda: ChatDialect("bench", 0.0), _chat),
        "responses": ("response", lambda: ResponsesDialect("bench", 0.0), _responses),
    }
    requests = {
        (name, size): _request(make(size))
        for name, (_label, _dialect, make) in dialects.items()
        for size in (_SMALL, _LARGE)
    }
    samples: dict[tuple[str, int], list[float]] = {key: [] for key in requests}
    for _ in session.rounds("translation", session.plan.rounds):
        for (name, size), request in requests.items():
            count = session.plan.cpu_requests if size == _SMALL else 1
            before = time.process_time()
            for _ in range(count):
                dialects[name][1]().parse(request, catalog)
            samples[name, size].append((time.process_time() - before) / count * 1000)
    return [
        Result(
            f"translation.{name}.{_NAMES[size]}",
            f"CPU of translating a {dialects[name][0]} of {len(request.body) / 1000:,.0f} kB",
            "ms",
            summarize(samples[name, size]),
        )
        for (name, size), request in requests.items()
    ]


_NAMES = {_SMALL: "small", _LARGE: "large"}


def _request(body: dict[str, Any]) -> Request:
    content = json.dumps(body).encode()
    return Request("POST", "/", "", {}, content, "bench", time.time() + 900)


def _result(size: int) -> str:
    return _LINE * _LINES[size]


def _rounds(size: int) -> range:
    """So many that the body comes to that size."""
    return range((size - 3_000) // (len(_result(size)) + 400))


def _chat(size: int) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [{"role": "system", "content": "You read files."}]
    for number in _rounds(size):
        function = {"name": "read_0", "arguments": json.dumps({"path": f"/file/{number}"})}
        call = {"id": f"call_{number}", "type": "function", "function": function}
        messages += [
            {"role": "user", "content": "Read the next one."},
            {"role": "assistant", "content": "Reading.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": _result(size)},
        ]
    tools = [{"type": "function", "function": function} for function in _functions()]
    return {"model": MODEL, "messages": messages, "tools": tools, "max_completion_tokens": 1024}


def _responses(size: int) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    for number in _rounds(size):
        call_id = f"call_{number}"
        arguments = json.dumps({"path": f"/file/{number}"})
        items += [
            {"role": "user", "content": "Read the next one."},
            {"role": "assistant", "content": "Reading."},
            {
                "type": "function_call",
                "call_id": call_id,
                "name": "read_0",
                "arguments": arguments,
            },
            {"type": "function_call_output", "call_id": call_id, "output": _result(size)},
        ]
    tools = [{"type": "function", **function} for function in _functions()]
    return {
        "model": MODEL,
        "instructions": "You read files.",
        "input": items,
        "tools": tools,
        "max_output_tokens": 1024,
        "store": False,
    }


def _functions() -> list[dict[str, Any]]:
    return [
        {"name": f"read_{number}", "description": "Reads a file.", "parameters": _SCHEMA}
        for number in range(_TOOLS)
    ]
