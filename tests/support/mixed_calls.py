"""Calls of every kind that a client can make, each known again wherever it leaves a trace.

On the bill a call is known by the id of its order, in the router's log by its prompt's tokens, and among
a key's reservations by its amount: no two prompts are said to have as many tokens, and no two calls of
one kind ask for an answer as long.
"""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

Json = dict[str, Any]

MOST_CALLS = 850
"""What a prompt is said to have used, its number and what is cached, must be within what is reserved."""

BREAKS = frozenset({"cut_after", "corrupt_after", "exception"})
"""The faults by which an answer ends before Bedrock has said what it used."""

_MOST_CACHED = 70


class Kind(NamedTuple):
    """What a client may ask, and how."""

    path: str
    model: str
    """"" where the path names it."""
    body: Callable[[str, int], Json]
    """The request's body, less its model, for a prompt and the longest answer to it."""
    stream_path: str = ""
    """Where it is sent for a stream; "" where its body says so instead."""
    headers: Mapping[str, str] = {}
    caches: bool = True
    answers: bool = True
    """It has an answer of words, which may be streamed; embeddings are none."""


class Call(NamedTuple):
    """One request to the router."""

    number: int
    key: str
    """The name of the key it is made with."""
    path: str
    headers: Mapping[str, str]
    body: bytes
    streamed: bool
    fault: str
    """What is to go wrong: a word of the simulated model's orders, ``hang up``, or "" for nothing."""


def order_id(number: int) -> str:
    """What the bill knows the call with this number by."""
    return f"call-{number}"


def _chat(**more: Any) -> Callable[[str, int], Json]:
    return lambda prompt, most: {
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": most,
        **more,
    }


def _responses(prompt: str, most: int) -> Json:
    return {"input": prompt, "max_output_tokens": most}


def _converse(prompt: str, most: int) -> Json:
    return {
        "messages": [{"role": "user", "content": [{"text": prompt}]}],
        "inferenceConfig": {"maxTokens": most},
        "serviceTier": {"type": "flex"},
    }


def _embeddings(prompt: str, most: int) -> Json:
    return {"input": prompt + "a" * most}


_SONNET = "/model/us.anthropic.claude-sonnet-4-6"
_NOVA = "/model/us.amazon.nova-pro-v1:0"

CHEAP = Kind("/v1/chat/completions", "claude-haiku-4-5", _chat())

KINDS = (
    CHEAP,
    Kind("/v1/chat/completions", "mistral-large-3", _chat(service_tier="priority"), caches=False),
    Kind("/v1/responses", "gpt-6.1-sol", _responses),
    Kind("/v1/responses", "claude-sonnet-5-5", _responses),
    Kind("/v1/messages", "claude-opus-5-5", _chat()),
    Kind("/v1/messages", "nova-lite", _chat()),
    Kind(f"{_NOVA}/converse", "", _converse, f"{_NOVA}/converse-stream"),
    Kind(
        f"{_SONNET}/invoke",
        "",
        _chat(anthropic_version="bedrock-2023-05-31"),
        f"{_SONNET}/invoke-with-response-stream",
        {"x-amzn-bedrock-service-tier": "priority"},
    ),
    Kind("/v1/embeddings", "titan-embed-text-v2", _embeddings, caches=False, answers=False),
)

_FAULTS: dict[bool, dict[str, Json]] = {
    # whether it streams: what an order says for a fault
    False: {"hang up": {}, "status": {"status": 503}, "cut_after": {"cut_after": 0}},
    True: {
        "hang up": {},
        "status": {"status": 503},
        "exception": {"exception": "modelStreamErrorException", "after": 5},
        "cut_after": {"cut_after": 5},
        "corrupt_after": {"corrupt_after": 5},
    },
}


def random_call(number: int, key: str, random: Random, kinds: tuple[Kind, ...] = KINDS) -> Call:
    """The call with this number, of any of the kinds. About one in three goes wrong."""
    kind = random.choice(kinds)
    streamed = kind.answers and random.random() < 0.6
    faults = _FAULTS[streamed]
    fault = random.choice(list(faults)) if kind.answers and random.random() < 0.35 else ""
    order = {"words": random.randint(10, 60), "delay_ms": random.randint(5, 40)}
    if kind.caches:
        order["cache_read"] = random.randint(0, _MOST_CACHED)
        order["cache_write"] = random.randint(0, _MOST_CACHED)
    order |= faults.get(fault, {})
    return make_call(number, key, kind, order, streamed=streamed, fault=fault)


def make_call(
    number: int, key: str, kind: Kind, order: Json, *, streamed: bool, fault: str = ""
) -> Call:
    """The call with this number, from 1 to `MOST_CALLS`, of a kind; its answer is the one ordered."""
    assert 1 <= number <= MOST_CALLS
    told = {"id": order_id(number), "input_tokens": number, **order}
    body = kind.body(f"Hi <<sim {json.dumps(told)}>>", 100 + number)
    if kind.model:
        body["model"] = kind.model
    path = kind.path
    if streamed and kind.stream_path:
        path = kind.stream_path
    elif streamed:
        body["stream"] = True
    return Call(number, key, path, kind.headers, json.dumps(body).encode(), streamed, fault)
