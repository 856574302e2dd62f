"""What the fake Bedrock says, steered by a line in the prompt.

    bench chunks=20 pace_us=2000 wait_us=0

`wait_us` passes before the answer begins; of a stream's text chunks the k-th comes `k * pace_us`
later, back to back with `pace_us=1`. With `pace_us=0` a whole stream is one write.
"""

import json
import re
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from router.eventstream import encode

_STEERING = re.compile(rb"bench chunks=(\d+) pace_us=(\d+) wait_us=(\d+)")

WORD = " benchmark"

_PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

WHOLE_END = b'"stopReason":"end_turn"'
STREAM_END = b'"totalTokens"'
"""What only a complete answer holds."""


class Steering(NamedTuple):
    chunks: int
    pace_s: float
    wait_s: float


def steering_line(chunks: int, pace_s: float, wait_s: float) -> str:
    """The line that asks for such an answer."""
    return f"bench chunks={chunks} pace_us={pace_s * 1e6:.0f} wait_us={wait_s * 1e6:.0f}"


def steering(request: bytes) -> Steering:
    """What the request asks for, wherever in it the line is."""
    found = _STEERING.search(request)
    if found is None:
        raise ValueError("the request has no steering line")
    chunks, pace_us, wait_us = map(int, found.groups())
    return Steering(chunks, pace_us / 1e6, wait_us / 1e6)


@lru_cache
def whole(words: int) -> bytes:
    """A Converse answer."""
    return _json(
        {
            "metrics": {"latencyMs": 1},
            "output": {
                "message": {"content": [{"text": WORD * words}], "role": "assistant"},
            },
            "stopReason": "end_turn",
            "usage": _usage(words),
        }
    )


@lru_cache
def stream(chunks: int) -> Sequence[bytes]:
    """A ConverseStream answer, a frame each: an opening, the text chunks, three that close it."""
    return [
        _frame("messageStart", {"role": "assistant"}),
        *[
            _frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": WORD}})
            for _ in range(chunks)
        ],
        _frame("contentBlockStop", {"contentBlockIndex": 0}),
        _frame("messageStop", {"stopReason": "end_turn"}),
        _frame("metadata", {"metrics": {"latencyMs": 1}, "usage": _usage(chunks)}),
    ]


@lru_cache
def claude_stream(chunks: int) -> Sequence[bytes]:
    """A Claude's InvokeModelWithResponseStream answer, laid out as `stream`'s."""
    usage = {"input_tokens": 250, "output_tokens": 1}
    message = {"id": "msg_bdrk_0", "type": "message", "role": "assistant", "model": "claude"}
    opening: dict[str, object] = {
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    metrics = {"inputTokenCount": 250, "outputTokenCount": chunks}
    start, *text = [
        _chunk({"type": "message_start", "message": {**message, **opening}}),
        *[
            _chunk(
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "text_delta", "text": WORD},
                }
            )
            for _ in range(chunks)
        ],
    ]
    block = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        start + _chunk(block),
        *text,
        _chunk({"type": "content_block_stop", "index": 0}),
        _chunk({"type": "message_delta", "delta": stop, "usage": {"output_tokens": chunks}}),
        _chunk({"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics}),
    ]


def streamed(asked: Steering, frames: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The frames of a stream as they are due, those together that are due together."""
    time.sleep(asked.wait_s)
    if not asked.pace_s:
        yield frames
        return
    start = time.perf_counter()
    yield frames[:1]
    for number, frame in enumerate(frames[1 : asked.chunks + 1], 1):
        # By the clock and not by the gap, so that late wake-ups do not add up.
        time.sleep(max(0.0, start + number * asked.pace_s - time.perf_counter()))
        yield [frame, *frames[asked.chunks + 1 :]] if number == asked.chunks else [frame]


def _frame(event: str, payload: dict[str, object]) -> bytes:
    headers = {
        ":event-type": event,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    # `p` is Bedrock's own, to hide a token's length from onlookers.
    return encode(headers, _json({**payload, "p": _PADDING[: 10 + len(event)]}))


def _chunk(event: dict[str, object]) -> bytes:
    return _frame("chunk", {"bytes": b64encode(_json(event)).decode()})


def _usage(words: int) -> dict[str, int]:
    return {"inputTokens": 250, "outputTokens": words, "totalTokens": 250 + words}


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
