"""Converse's answers to Messages requests through the translators."""

import json
from collections.abc import Iterable
from typing import Any

from catalog.families import UNKNOWN, Family
from router.dialects.anthropic_messages.reply import Reply
from router.dialects.anthropic_messages.stream import MESSAGE_STOP, MessageStream

Events = Iterable[tuple[str, dict[str, Any]]]

OPEN = UNKNOWN._replace(name="open", replays=frozenset({"signed", "text", "redacted"}))
"""Takes back any reasoning of its own, in Converse's forms."""

CLAUDE = OPEN._replace(name="claude", messages=True)

USAGE = {"inputTokens": 30, "outputTokens": 50, "totalTokens": 80}


def reply(family: Family = OPEN, **members: Any) -> Reply:
    """What answers are translated with: tokens cost a microdollar of input and four of output."""
    return Reply(
        **{
            "message_id": "msg_1",
            "model": "some-model",
            "family": family,
            "cost": lambda used, _tier: (used.prompt + 4 * used.output) * 10**6,
            "tool_names": {"clock_now_0123456789": "clock.now"},
            **members,
        }
    )


def answer(*content: dict[str, Any], stop: str = "end_turn", **members: Any) -> dict[str, Any]:
    """A whole answer of Converse's."""
    message = {"role": "assistant", "content": list(content)}
    return {"output": {"message": message}, "stopReason": stop, "usage": USAGE, **members}


def tool_use(name: str, tool_input: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": f"tooluse_{name}", "name": name, "input": tool_input}}


def thought(text: str, signature: str | None = None) -> dict[str, Any]:
    """A block of reasoning."""
    signed = {} if signature is None else {"signature": signature}
    return {"reasoningContent": {"reasoningText": {"text": text, **signed}}}


def streamed(events: Events, answering: Reply) -> bytes:
    """All that a client gets for the events of an answer that is whole."""
    stream = MessageStream(answering)
    told = b"".join([stream.feed(*event) for event in events])
    assert stream.fault is None
    return told + MESSAGE_STOP


def through_json(value: Any) -> Any:
    """What a client has of it that keeps what it got."""
    return json.loads(json.dumps(value))
