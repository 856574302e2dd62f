"""Answers of a Claude to InvokeModel: the Messages API's, and Text Completions' of Claude 2.

Ids, event order and the place of the token counts are those of recorded calls.
"""

from collections.abc import Sequence
from typing import Any

from local.bedrock.answers import Answer, Usage
from local.bedrock.bindings import conversation, dropped
from local.bedrock.blocks import Block
from local.bedrock.encoders.frames import Frame, chunk, invocation_metrics
from local.bedrock.models import Model


def whole(model: Model, request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """The body of an InvokeModel answer."""
    return {
        **_head(model, answer),
        "content": [
            _block(answer, index, block) for index, block in enumerate(_bound(answer, request))
        ],
        **_stop(answer),
        "usage": {**_input_usage(model, answer.usage), "output_tokens": answer.usage.output},
        **_edits(request),
        **_transformations(model, request),
    }


def frames(model: Model, request: dict[str, Any], answer: Answer) -> list[Frame]:
    """The chunks of an InvokeModelWithResponseStream answer."""
    start = {
        **_head(model, answer),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**_input_usage(model, answer.usage), "output_tokens": 1},
        **_transformations(model, request),
    }
    events = [chunk({"type": "message_start", "message": start})]
    for index, block in enumerate(_bound(answer, request)):
        events += _block_frames(answer, index, block)
        events.append(chunk({"type": "content_block_stop", "index": index}))
    end = {
        "type": "message_delta",
        "delta": _stop(answer),
        "usage": {"output_tokens": answer.usage.output},
        **_edits(request),
    }
    metrics = invocation_metrics(answer.usage, answer.latency_ms)
    return [*events, chunk(end), chunk({"type": "message_stop", **metrics})]


def with_others(
    made: list[Frame], deltas: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]]
) -> list[Frame]:
    """A stream with deltas at the beginning of its first block, and events before its end."""
    inner = [chunk({"type": "content_block_delta", "index": 0, "delta": delta}) for delta in deltas]
    begun, end = made[:-2], made[-2:]
    return [*begun[:2], *inner, *begun[2:], *map(chunk, events), *end]


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


def _bound(answer: Answer, request: dict[str, Any]) -> list[Block]:
    """The blocks, with the thinking bound to the conversation it is from."""
    bound = conversation(request, request["messages"])
    return [block._replace(bound=bound) for block in answer.blocks]


def _head(model: Model, answer: Answer) -> dict[str, Any]:
    """How a message begins; since Claude 4.5 with its model."""
    head = {
        "id": f"msg_bdrk_01{answer.made_id(-1)}",
        "type": "message",
        "role": "assistant",
    }
    if model.claude and model.claude.long_cache:
        return {"model": model.short_name, **head}
    return {**head, "model": model.short_name}


def _stop(answer: Answer) -> dict[str, Any]:
    stop = {"stop_reason": answer.stop_reason, "stop_sequence": answer.stop_sequence}
    if answer.stop_reason != "refusal":
        return stop
    category = answer.refusal or None
    details = {"type": "refusal", "category": category, "explanation": None}
    if category:
        details["explanation"] = f"The request was found to be about {category}."
    return {**stop, "stop_details": details}


def _edits(request: dict[str, Any]) -> dict[str, Any]:
    """What was edited out of the prompt, when the request has rules for that."""
    return {"context_management": {"applied_edits": []}} if "context_management" in request else {}


def _transformations(model: Model, request: dict[str, Any]) -> dict[str, Any]:
    """The thinking that was left out of the prompt, for those who ask."""
    left_out = dropped(model.claude, request) if model.claude else None
    return {} if left_out is None else {"input_transformations": left_out}


def _input_usage(model: Model, usage: Usage) -> dict[str, Any]:
    if not model.cache_minimum:
        return {"input_tokens": usage.input}
    counts: dict[str, Any] = {
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
    }
    if model.claude and model.claude.long_cache:
        counts["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        }
    return counts


def _block(answer: Answer, index: int, block: Block) -> dict[str, Any]:
    if block.kind == "text":
        text = {"type": "text", "text": block.text}
        return {"citations": list(block.citations), **text} if block.citations else text
    if block.redacted:
        return {"type": "redacted_thinking", "data": block.data}
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

    def delta(kind: str, name: str, value: Any, tokens: int = 1) -> Frame:
        content = {"type": kind, name: value}
        return chunk({"type": "content_block_delta", "index": index, "delta": content}, tokens)

    if block.kind == "text":
        text = {"type": "text", "text": ""}
        return [
            start({"citations": [], **text} if block.citations else text),
            *(delta("text_delta", "text", token) for token in block.tokens),
            *(delta("citations_delta", "citation", cited, 0) for cited in block.citations),
        ]
    if block.redacted:
        whole = {"type": "redacted_thinking", "data": block.data}
        event = {"type": "content_block_start", "index": index, "content_block": whole}
        return [chunk(event, len(block.tokens))]
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
