"""Answers of Converse and ConverseStream.

The order and content of events are those of recorded streams: no contentBlockStart for text and
reasoning, ``metadata`` last.
"""

from typing import Any

from local.bedrock.answers import Answer, Usage
from local.bedrock.blocks import Block
from local.bedrock.encoders.frames import Frame
from local.bedrock.errors import invalid
from local.bedrock.models import Model

_MASK = "[REDACTED]"
"""What Nova tells of its reasoning."""


def whole(model: Model, answer: Answer, request: dict[str, Any]) -> dict[str, Any]:
    """The body of a Converse answer."""
    told = _told(model)
    content = [_block(answer, index, block, told) for index, block in enumerate(answer.blocks)]
    return {
        "metrics": {"latencyMs": answer.latency_ms},
        "output": {"message": {"content": content, "role": "assistant"}},
        "stopReason": _stop_reason(answer),
        "usage": _usage(model, answer.usage),
        **_asked_fields(request, _native(model, answer)),
        **_echoed(request),
        **_traced(answer),
    }


def frames(model: Model, answer: Answer, request: dict[str, Any]) -> list[Frame]:
    """The events of a ConverseStream answer."""
    events = [Frame("messageStart", {"role": "assistant"})]
    told = _told(model)
    for index, block in enumerate(answer.blocks):
        events += _block_frames(answer, index, block, told)
        events.append(Frame("contentBlockStop", {"contentBlockIndex": index}))
    native = _native(model, answer)
    stop = {
        "stopReason": _stop_reason(answer),
        **_asked_fields(request, {"delta": native, **native}),
    }
    metadata = {
        "metrics": {"latencyMs": answer.latency_ms},
        "usage": _usage(model, answer.usage),
        **_echoed(request),
        **_traced(answer),
    }
    return [*events, Frame("messageStop", stop), Frame("metadata", metadata)]


def tool_use_id(answer: Answer, index: int) -> str:
    """The id of the tool call in the block with this index."""
    return f"tooluse_{answer.made_id(index)}"


def _stop_reason(answer: Answer) -> str:
    """Converse has a name of its own for a Claude's refusal."""
    return "content_filtered" if answer.stop_reason == "refusal" else answer.stop_reason


def _told(model: Model) -> str:
    """How it tells its reasoning: ``signed``, or a value of `Reasoning.told`."""
    if model.claude is not None:
        return "signed"
    return model.reasoning.told if model.reasoning else "text"


def _block(answer: Answer, index: int, block: Block, told: str) -> dict[str, Any]:
    if block.kind == "text":
        return {"text": block.text}
    if block.kind == "reasoning":
        return {"reasoningContent": _reasoning(block, told)}
    return {
        "toolUse": {
            "input": block.input,
            "name": block.tool,
            "toolUseId": tool_use_id(answer, index),
        }
    }


def _reasoning(block: Block, told: str) -> dict[str, Any]:
    if told == "redacted":
        return {"redactedContent": block.signature}
    if block.redacted:
        return {"redactedContent": block.data}
    if told == "masked":
        return {"reasoningText": {"text": _MASK}}
    signature = {"signature": block.signature} if told == "signed" else {}
    return {"reasoningText": {**signature, "text": block.shown_text}}


def _block_frames(answer: Answer, index: int, block: Block, told: str) -> list[Frame]:
    def delta(content: dict[str, Any], tokens: int) -> Frame:
        return Frame("contentBlockDelta", {"contentBlockIndex": index, "delta": content}, tokens)

    if block.kind == "text":
        return [delta({"text": token}, 1) for token in block.tokens]
    if block.kind == "reasoning":
        return [
            delta({"reasoningContent": content}, weight)
            for content, weight in _reasoning_deltas(block, told)
        ]
    start = {"toolUse": {"name": block.tool, "toolUseId": tool_use_id(answer, index)}}
    return [
        Frame("contentBlockStart", {"contentBlockIndex": index, "start": start}),
        *(delta({"toolUse": {"input": token}}, 1) for token in block.tokens),
    ]


def _reasoning_deltas(block: Block, told: str) -> list[tuple[dict[str, Any], int]]:
    """(delta, tokens it stands for)."""
    whole = len(block.tokens)
    if told == "redacted":
        return [({"redactedContent": block.signature}, whole)]
    if block.redacted:
        return [({"redactedContent": block.data}, whole)]
    if told == "masked":
        return [({"text": _MASK}, whole)]
    shown = [({"text": token}, 1) for token in (block.tokens if block.shown else ())]
    if told != "signed":
        return shown
    return [*shown, ({"signature": block.signature}, 0 if block.shown else whole)]


def _usage(model: Model, usage: Usage) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "inputTokens": usage.input,
        "outputTokens": usage.output,
        "totalTokens": usage.total,
    }
    if not model.cache_minimum:
        return counts
    counts |= {
        "cacheReadInputTokenCount": usage.cache_read,
        "cacheReadInputTokens": usage.cache_read,
        "cacheWriteInputTokenCount": usage.cache_write,
        "cacheWriteInputTokens": usage.cache_write,
        "serverToolUsage": {},
    }
    written = (("5m", usage.cache_write_5m), ("1h", usage.cache_write_1h))
    details = [{"ttl": lifetime, "inputTokens": tokens} for lifetime, tokens in written if tokens]
    return {**counts, "cacheDetails": details} if details else counts


def _echoed(request: dict[str, Any]) -> dict[str, Any]:
    """The tier and the latency mode that were asked for, as used."""
    return {
        name: request[name] for name in ("performanceConfig", "serviceTier") if request.get(name)
    }


def _traced(answer: Answer) -> dict[str, Any]:
    return {"trace": answer.trace} if answer.trace else {}


def _native(model: Model, answer: Answer) -> dict[str, Any]:
    """The fields of the model's own answer that a request can ask for."""
    if model.claude is None:
        return {"stop_reason": answer.stop_reason}
    return {
        "model": model.short_name,
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
    }


def check_field_paths(request: dict[str, Any]) -> None:
    """Raises the refusal of an ``additionalModelResponseFieldPaths`` that is no JSON pointer."""
    for path in request.get("additionalModelResponseFieldPaths") or ():
        if not path.startswith("/") or path == "/":
            raise invalid(
                f"The additionalModelResponseFieldPaths value {path!r} isn't a valid JSON Pointer."
            )


def _asked_fields(request: dict[str, Any], native: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in request.get("additionalModelResponseFieldPaths") or ():
        keys = path[1:].split("/")
        value: Any = native
        for key in keys:
            value = value.get(key, ...) if isinstance(value, dict) else ...
        if value is ...:
            continue
        inner = found
        for key in keys[:-1]:
            inner = inner.setdefault(key, {})
        inner[keys[-1]] = value
    return {"additionalModelResponseFields": found} if found else {}
