"""Answers of an Amazon Nova to InvokeModel.

In recorded streams every piece of text is a content block of its own.
"""

from typing import Any
from uuid import UUID

from local.bedrock.answers import Answer, Usage
from local.bedrock.blocks import Block
from local.bedrock.encoders.frames import Frame, chunk, invocation_metrics


def whole(answer: Answer) -> dict[str, Any]:
    """The body of an InvokeModel answer."""
    content = [_block(answer, index, block) for index, block in enumerate(answer.blocks)]
    return {
        "output": {"message": {"content": content, "role": "assistant"}},
        "stopReason": answer.stop_reason,
        "usage": {**_usage(answer.usage), "totalTokens": answer.usage.total},
    }


def frames(answer: Answer) -> list[Frame]:
    """The chunks of an InvokeModelWithResponseStream answer."""
    events = [chunk({"messageStart": {"role": "assistant"}})]
    position = 0
    for index, block in enumerate(answer.blocks):
        if block.kind == "tool":
            events += _tool_frames(answer, index, block, position)
            position += 1
            continue
        for token in block.tokens:
            delta: dict[str, Any] = {"text": token}
            if block.kind == "reasoning":
                delta = {"reasoningContent": {"reasoningText": {"text": token}}}
            events += [_delta(delta, position), _stop(position)]
            position += 1
    metadata = {"usage": _usage(answer.usage), "metrics": {}, "trace": {}}
    metrics = invocation_metrics(answer.usage, answer.latency_ms)
    return [
        *events,
        chunk({"messageStop": {"stopReason": answer.stop_reason}}),
        chunk({"metadata": metadata, **metrics}),
    ]


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "inputTokens": usage.input,
        "outputTokens": usage.output,
        "cacheReadInputTokenCount": usage.cache_read,
        "cacheWriteInputTokenCount": usage.cache_write,
    }


def _block(answer: Answer, index: int, block: Block) -> dict[str, Any]:
    if block.kind == "text":
        return {"text": block.text}
    if block.kind == "reasoning":
        return {"reasoningContent": {"reasoningText": {"text": block.text}}}
    return {"toolUse": {**_tool_use(answer, index, block), "input": block.input}}


def _tool_use(answer: Answer, index: int, block: Block) -> dict[str, Any]:
    tool_id = UUID(bytes=answer.made_id(index, 16).encode(), version=4)
    return {"name": block.tool, "toolUseId": str(tool_id)}


def _delta(content: dict[str, Any], position: int) -> Frame:
    return chunk({"contentBlockDelta": {"delta": content, "contentBlockIndex": position}}, 1)


def _stop(position: int) -> Frame:
    return chunk({"contentBlockStop": {"contentBlockIndex": position}})


def _tool_frames(answer: Answer, index: int, block: Block, position: int) -> list[Frame]:
    start = {"toolUse": _tool_use(answer, index, block)}
    return [
        chunk({"contentBlockStart": {"start": start, "contentBlockIndex": position}}),
        *(_delta({"toolUse": {"input": token}}, position) for token in block.tokens),
        _stop(position),
    ]
