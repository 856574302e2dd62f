"""Answers to InvokeModel of the families whose answer is a text, or OpenAI's chat completion.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html and recorded calls.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from local.bedrock.answers import Answer
from local.bedrock.encoders.frames import Frame, chunk, invocation_metrics
from local.bedrock.models import Model

_Body = dict[str, Any]


def _uuid(answer: Answer, index: int) -> str:
    return str(UUID(bytes=answer.made_id(index, 16).encode(), version=4))


def _reason(answer: Answer, finished: str, cut: str) -> str:
    return cut if answer.stop_reason == "max_tokens" else finished


def _titan(_model: Model, answer: Answer) -> _Body:
    result = {
        "tokenCount": answer.usage.output,
        "outputText": answer.text,
        "completionReason": _reason(answer, "FINISH", "LENGTH"),
    }
    return {"inputTextTokenCount": answer.usage.input, "results": [result]}


def _llama(_model: Model, answer: Answer) -> _Body:
    return {
        "generation": answer.text,
        "prompt_token_count": answer.usage.input,
        "generation_token_count": answer.usage.output,
        "stop_reason": _reason(answer, "stop", "length"),
    }


def _mistral(_model: Model, answer: Answer) -> _Body:
    return {"outputs": [{"text": answer.text, "stop_reason": _reason(answer, "stop", "length")}]}


def _cohere_command(_model: Model, answer: Answer) -> _Body:
    generation = {
        "id": _uuid(answer, 1),
        "text": answer.text,
        "finish_reason": _reason(answer, "COMPLETE", "MAX_TOKENS"),
    }
    return {"id": _uuid(answer, 0), "generations": [generation]}


def _cohere_chat(_model: Model, answer: Answer) -> _Body:
    return {
        "response_id": _uuid(answer, 0),
        "generation_id": _uuid(answer, 1),
        "text": answer.text,
        "finish_reason": _reason(answer, "COMPLETE", "MAX_TOKENS"),
    }


def _ai21(_model: Model, answer: Answer) -> _Body:
    reason = {"reason": _reason(answer, "endoftext", "length")}
    return {
        "id": 1234,
        "prompt": {"text": "", "tokens": []},
        "completions": [{"data": {"text": answer.text, "tokens": []}, "finishReason": reason}],
    }


def _completion(model: Model, answer: Answer) -> _Body:
    choice = {
        "index": 0,
        "text": answer.text,
        "logprobs": None,
        "finish_reason": _reason(answer, "stop", "length"),
    }
    return {
        "object": "text_completion",
        "id": "",
        "created": 0,
        "model": model.id,
        "choices": [choice],
        "usage": _openai_usage(answer),
    }


def _openai_usage(answer: Answer) -> dict[str, int]:
    usage = answer.usage
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
    }


def _openai_finish(answer: Answer) -> str:
    if answer.stop_reason == "tool_use":
        return "tool_calls"
    return _reason(answer, "stop", "length")


def _tool_calls(answer: Answer) -> list[_Body]:
    return [
        {
            "id": f"call_{answer.made_id(index)}",
            "type": "function",
            "function": {"name": block.tool, "arguments": block.text},
        }
        for index, block in enumerate(answer.blocks)
        if block.kind == "tool"
    ]


def _openai_chat(model: Model, answer: Answer) -> _Body:
    calls = _tool_calls(answer)
    reasoning = "".join(block.text for block in answer.blocks if block.kind == "reasoning")
    tagged = f"<reasoning>{reasoning}</reasoning>" if reasoning else ""
    message: _Body = {"role": "assistant", "content": (tagged + answer.text) or None}
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": _openai_finish(answer)}
    return {
        "id": f"chatcmpl-{answer.made_id(-1)}",
        "object": "chat.completion",
        "created": 0,
        "model": model.id,
        "choices": [choice],
        "usage": _openai_usage(answer),
    }


_WHOLE: dict[str, Callable[[Model, Answer], _Body]] = {
    "titan-text": _titan,
    "llama": _llama,
    "mistral": _mistral,
    "cohere-command": _cohere_command,
    "cohere-chat": _cohere_chat,
    "ai21-j2": _ai21,
    "completion": _completion,
    "openai-chat": _openai_chat,
}


def whole(model: Model, answer: Answer) -> _Body:
    """The body of an InvokeModel answer."""
    return _WHOLE[model.family](model, answer)


def frames(model: Model, answer: Answer) -> list[Frame]:
    """The chunks of an InvokeModelWithResponseStream answer."""
    metrics = invocation_metrics(answer.usage, answer.latency_ms)
    if model.family == "openai-chat":
        return _openai_frames(model, answer, metrics)
    pieces = [token for block in answer.blocks if block.kind == "text" for token in block.tokens]
    ending = {**_piece(model, answer, ""), **_ending(model, answer), **metrics}
    return [*(chunk(_piece(model, answer, token), 1) for token in pieces), chunk(ending)]


def _piece(model: Model, answer: Answer, text: str) -> _Body:
    """A chunk of text of the family."""
    match model.family:
        case "titan-text":
            return {"outputText": text, "index": 0, "inputTextTokenCount": answer.usage.input}
        case "llama":
            return {"generation": text, "prompt_token_count": None, "stop_reason": None}
        case "mistral":
            return {"outputs": [{"text": text, "stop_reason": None}]}
        case "cohere-chat":
            return {"is_finished": False, "event_type": "text-generation", "text": text}
        case "cohere-command":
            return {"is_finished": False, "text": text}
        case _:
            return {"choices": [{"index": 0, "text": text, "finish_reason": None}]}


def _ending(model: Model, answer: Answer) -> _Body:
    match model.family:
        case "titan-text":
            return {
                "totalOutputTextTokenCount": answer.usage.output,
                "completionReason": _reason(answer, "FINISH", "LENGTH"),
            }
        case "llama":
            return {"stop_reason": _reason(answer, "stop", "length")}
        case "mistral":
            reason = _reason(answer, "stop", "length")
            return {"outputs": [{"text": "", "stop_reason": reason}]}
        case "cohere-chat" | "cohere-command":
            reason = _reason(answer, "COMPLETE", "MAX_TOKENS")
            return {"is_finished": True, "finish_reason": reason}
        case _:
            choice = {"index": 0, "text": "", "finish_reason": _reason(answer, "stop", "length")}
            return {"choices": [choice], "usage": _openai_usage(answer)}


def _openai_frames(model: Model, answer: Answer, metrics: _Body) -> list[Frame]:
    base = {
        "id": f"chatcmpl-{answer.made_id(-1)}",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model.id,
    }

    def piece(delta: _Body, tokens: int = 0, finish: str | None = None, **more: Any) -> Frame:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return chunk({**base, "choices": [choice], **more}, tokens)

    events = [piece({"role": "assistant", "content": ""})]
    called = 0
    for index, block in enumerate(answer.blocks):
        if block.kind == "reasoning":
            events.append(piece({"content": "<reasoning>"}))
        if block.kind == "tool":
            function = {"name": block.tool, "arguments": ""}
            start = {"index": called, "id": f"call_{answer.made_id(index)}", "type": "function"}
            events.append(piece({"tool_calls": [{**start, "function": function}]}))
            events += [
                piece({"tool_calls": [{"index": called, "function": {"arguments": token}}]}, 1)
                for token in block.tokens
            ]
            called += 1
            continue
        events += [piece({"content": token}, 1) for token in block.tokens]
        if block.kind == "reasoning":
            events.append(piece({"content": "</reasoning>"}))
    ending = piece({}, finish=_openai_finish(answer), usage=_openai_usage(answer), **metrics)
    return [*events, ending]
