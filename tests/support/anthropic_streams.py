"""A Claude's streamed answers on their way through the relay, without a router around it."""

import base64
import json
from typing import Any

from router.answer_streams import EventStream
from router.dialects.anthropic_native.relay import MessagesRelay
from router.errors import ApiError

from tests.support.anthropic_native import Relayed, relayed
from tests.support.upstream import event

NAME = "claude-sonnet-4-5-20250929"

REMADE = (b"message_start", b"message_delta")
"""The events that do not pass as they came."""

Data = dict[str, Any]


def asked(**parameters: Any) -> Relayed:
    body = {"model": NAME, "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}
    return relayed({**body, "stream": True, **parameters})


def relay(found: Relayed | None = None) -> MessagesRelay:
    found = found or asked()
    return found.dialect.stream(found.call, [])


def framed(told: bytes) -> bytes:
    return event("chunk", {"bytes": base64.b64encode(told).decode(), "p": "abc"})


def passed_on(frames: bytes, found: Relayed | None = None) -> bytes:
    """What a client gets of a stream that goes well."""
    translator, stream = relay(found), EventStream()
    return translator.translate(stream.feed(frames)) + translator.end()


def told_in_part(frames: bytes) -> bytes:
    """What a client gets of as much as has come, and then no more comes."""
    translator, stream = relay(), EventStream()
    heard = stream.feed(frames)
    told = b""
    try:
        for frame in heard:
            told += translator.translate([frame])
        fault = stream.fault(heard)
        if fault is None and stream.pending:
            fault = ApiError("bad_upstream", "Bedrock's answer broke off.")
        return told + (translator.fail(fault) if fault is not None else translator.end())
    except ApiError as error:
        return told + translator.fail(error)


def assert_relayed(given: list[bytes], told: bytes) -> None:
    """Fails unless each event came as it is, but for those that are made anew."""
    heard = told.removesuffix(b"\n\n").split(b"\n\n")
    for came, went in zip(given, heard, strict=True):
        kind = json.loads(came)["type"].encode()
        name, data = went.split(b"\n")
        assert name == b"event: " + kind
        if kind not in REMADE:
            assert data == b"data: " + came
