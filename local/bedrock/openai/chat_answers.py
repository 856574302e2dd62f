"""Answers of Chat Completions, whole and as chunks.

Field by field as in live answers: GPT and Grok itemise their usage and call tools by position, gpt-oss has
its reasoning in the text. Where the other models have theirs on this endpoint was not found; it is put
where bedrock-mantle has it.
"""

from typing import Any

from local.bedrock.answers import Answer, Usage
from local.bedrock.blocks import Block
from local.bedrock.openai.rules import Served
from local.bedrock.openai.sse import Chunk

_DONE = Chunk({})


def whole(served: Served, answer: Answer, envelope: dict[str, Any]) -> dict[str, Any]:
    """The body of an answer; `envelope` has its time and its tier."""
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    if content := _content(served, answer):
        message["content"] = content
    if served.openai.reasoning == "field" and (reasoning := _reasoning(answer)):
        message["reasoning"] = reasoning
    calls = [
        {**_call_start(served, answer, index, position), **_called(block, block.text)}
        for position, (index, block) in enumerate(_calls(answer))
    ]
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(answer)}
    return {
        **_head(served, answer, "chat.completion", envelope),
        "choices": [choice],
        "usage": _usage(served, answer),
    }


def chunks(
    served: Served, answer: Answer, envelope: dict[str, Any], *, with_usage: bool
) -> list[Chunk]:
    """The chunks of an answer, ``[DONE]`` among them."""
    head = _head(served, answer, "chat.completion.chunk", envelope)
    told = {"usage": None} if with_usage else {}

    def chunk(delta: dict[str, Any], tokens: int = 0, finish: str | None = None) -> Chunk:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return Chunk({**head, "choices": [choice], **told}, tokens)

    hidden = answer.reasoning_tokens if served.openai.reasoning == "hidden" else 0
    made = [chunk({"role": "assistant", "content": "", "refusal": None}, hidden)]
    positions = {index: position for position, (index, _) in enumerate(_calls(answer))}
    for index, block in enumerate(answer.blocks):
        match block.kind:
            case "text":
                made += [chunk({"content": token}, 1) for token in block.tokens]
            case "reasoning":
                made += [chunk(*delta) for delta in _reasoning_deltas(served, block)]
            case _:
                position = positions[index]
                start = _call_start(served, answer, index, position)
                made.append(
                    chunk({"tool_calls": [{"index": position, **start, **_called(block, "")}]})
                )
                made += [
                    chunk({"tool_calls": [{"index": position, **_argument(block, token)}]}, 1)
                    for token in block.tokens
                ]
    made.append(chunk({}, finish=_finish(answer)))
    if with_usage:
        made.append(Chunk({**head, "choices": [], "usage": _usage(served, answer)}))
    return [*made, _DONE]


def _reasoning_deltas(served: Served, block: Block) -> list[tuple[dict[str, Any], int]]:
    """(delta, tokens) of a block of reasoning."""
    match served.openai.reasoning:
        case "hidden":
            return []
        case "inline":
            told = [({"content": token}, 1) for token in block.tokens]
            return [({"content": "<reasoning>"}, 0), *told, ({"content": "</reasoning>"}, 0)]
    return [({"reasoning": token}, 1) for token in block.tokens]


def _head(served: Served, answer: Answer, kind: str, envelope: dict[str, Any]) -> dict[str, Any]:
    maker = "bedrock-guardrails" if answer.blocked == "input" else "chatcmpl"
    return {
        "id": f"{maker}-{answer.made_id(-1, 52).lower()}",
        "object": kind,
        "model": served.asked,
        "system_fingerprint": f"fp_{answer.id[:10]}",
        **envelope,
    }


def _reasoning(answer: Answer) -> str:
    return "".join(block.text for block in answer.blocks if block.kind == "reasoning")


def _content(served: Served, answer: Answer) -> str:
    reasoning = _reasoning(answer) if served.openai.reasoning == "inline" else ""
    return (f"<reasoning>{reasoning}</reasoning>" if reasoning else "") + answer.text


def _calls(answer: Answer) -> list[tuple[int, Block]]:
    """The tool calls of an answer and where in it they are."""
    return [(index, block) for index, block in enumerate(answer.blocks) if block.kind == "tool"]


def _call_start(served: Served, answer: Answer, index: int, position: int) -> dict[str, Any]:
    if served.openai.positional_call_ids:
        call_id = f"call_{position}"
    else:
        call_id = f"chatcmpl-tool-{answer.made_id(index).lower()}"
    return {"id": call_id}


def _called(block: Block, content: str) -> dict[str, Any]:
    if block.custom:
        return {"type": "custom", "custom": {"name": block.tool, "input": content}}
    return {"type": "function", "function": {"name": block.tool, "arguments": content}}


def _argument(block: Block, token: str) -> dict[str, Any]:
    return {"custom": {"input": token}} if block.custom else {"function": {"arguments": token}}


def _finish(answer: Answer) -> str:
    reasons = {
        "max_tokens": "length",
        "tool_use": "tool_calls",
        "guardrail_intervened": "content_filter",
    }
    return reasons.get(answer.stop_reason, "stop")


def _usage(served: Served, answer: Answer) -> dict[str, Any]:
    usage: Usage = answer.usage
    prompt = usage.total - usage.output
    counts: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        "prompt_tokens_details": None,
        "completion_tokens_details": None,
    }
    if served.openai.responses:
        counts["prompt_tokens_details"] = {
            "audio_tokens": 0,
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write,
        }
        counts["completion_tokens_details"] = {
            "accepted_prediction_tokens": 0,
            "audio_tokens": 0,
            "reasoning_tokens": answer.reasoning_tokens,
            "rejected_prediction_tokens": 0,
        }
    return counts
