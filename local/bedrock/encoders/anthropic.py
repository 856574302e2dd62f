"""Answers of a Claude to InvokeModel: the Messages API's, and Text Completions' of Claude 2.

Ids, event order and the place of the token counts are those of recorded calls.
"""

from typing import Any

from local.bedrock.answers import Answer, Block, Usage
from local.bedrock.encoders.frames import Frame, chunk, invocation_metrics
from local.bedrock.models import Model


def whole(model: Model, answer: Answer) -> dict[str, Any]:
    """The body of an InvokeModel answer."""
    return {
        **_message(model, answer),
        "content": [_block(answer, index, block) for index, block in enumerate(answer.blocks)],
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "usage": {**_input_usage(model, answer.usage), "output_tokens": answer.usage.output},
    }


def frames(model: Model, answer: Answer) -> list[Frame]:
    """The chunks of an InvokeModelWithResponseStream answer."""
    start = {
        **_message(model, answer),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**_input_usage(model, answer.usage), "output_tokens": 1},
    }
    events = [chunk({"type": "message_start", "message": start})]
    for index, block in enumerate(answer.blocks):
        events += _block_frames(answer, index, block)
        events.append(chunk({"type": "content_block_stop", "index": index}))
    end = {
        "type": "message_delta",
        "delta": {"stop_reason": answer.stop_reason, "stop_sequence": answer.stop_sequence},
        "usage": {"output_tokens": answer.usage.output},
    }
    metrics = invocation_metrics(answer.usage, answer.latency_ms)
    return [*events, chunk(end), chunk({"type": "message_stop", **metrics})]


def legacy_whole(answer: Answer) -> dict[str, Any]:
    """The body of a Text Completions answer."""
    return {
        "type": "completion",
        "completion": answer.text,
        "stop_reason": "max_tokens" if answer.stop_reason == "max_tokens" else "stop_sequence",
        "stop": answer.stop_sequence or "\n\nHuman:",
    }


def legacy_frames(answer: Answer) -> list[Frame]:
    """The chunks of a Text Completions answer."""
    ending = {**legacy_whole(answer), "completion": ""}
    pieces = [token for block in answer.blocks for token in block.tokens]
    piece = {"type": "completion", "stop_reason": None, "stop": None}
    metrics = invocation_metrics(answer.usage, answer.latency_ms)
    return [
        *(chunk({**piece, "completion": token}, 1) for token in pieces),
        chunk({**ending, **metrics}),
    ]


def _message(model: Model, answer: Answer) -> dict[str, Any]:
    return {
        "id": f"msg_bdrk_01{answer.made_id(-1)}",
        "type": "message",
        "role": "assistant",
        "model": model.short_name,
    }


def _input_usage(model: Model, usage: Usage) -> dict[str, Any]:
    if not model.cache_minimum:
        return {"input_tokens": usage.input}
    return {
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
    }


def _block(answer: Answer, index: int, block: Block) -> dict[str, Any]:
    if block.kind == "text":
        return {"type": "text", "text": block.text}
    if block.kind == "reasoning":
        return {
            "type": "thinking",
            "thinking": block.shown_text,
            "signature": block.signature,
        }
    return {**_tool_use(answer, index, block), "input": block.input}


def _tool_use(answer: Answer, index: int, block: Block) -> dict[str, Any]:
    return {
        "type": "tool_use",
        "id": f"toolu_bdrk_01{answer.made_id(index)}",
        "name": block.tool,
        "input": {},
    }


def _block_frames(answer: Answer, index: int, block: Block) -> list[Frame]:
    def start(content: dict[str, Any]) -> Frame:
        return chunk({"type": "content_block_start", "index": index, "content_block": content})

    def delta(kind: str, name: str, value: str, tokens: int = 1) -> Frame:
        content = {"type": kind, name: value}
        return chunk({"type": "content_block_delta", "index": index, "delta": content}, tokens)

    if block.kind == "text":
        return [
            start({"type": "text", "text": ""}),
            *(delta("text_delta", "text", token) for token in block.tokens),
        ]
    if block.kind == "reasoning":
        shown = block.tokens if block.shown else ()
        hidden = 0 if block.shown else len(block.tokens)
        return [
            start({"type": "thinking", "thinking": "", "signature": ""}),
            *(delta("thinking_delta", "thinking", token) for token in shown),
            delta("signature_delta", "signature", block.signature, hidden),
        ]
    return [
        start(_tool_use(answer, index, block)),
        delta("input_json_delta", "partial_json", "", 0),
        *(delta("input_json_delta", "partial_json", token) for token in block.tokens),
    ]
