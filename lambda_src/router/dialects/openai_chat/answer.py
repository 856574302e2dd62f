"""A Converse answer as a chat completion, and what whole and streamed answers have in common."""

import json
from collections.abc import Mapping

from catalog.pricing import Usage

from router import usage
from router.dialects.checks import Json
from router.errors import ApiError

FINISH_REASONS = {
    "content_filtered": "content_filter",
    "end_turn": "stop",
    "guardrail_intervened": "content_filter",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
}

_MALFORMED = {
    "malformed_model_output": "The model's output was malformed. Try again.",
    "malformed_tool_use": "The model made a malformed tool call. Try again.",
}


def finish_reason(stop_reason: str) -> str:
    """OpenAI's name for why the model stopped.

    OpenAI has none for a model that stopped because its output could not be parsed: to call that
    ``stop`` would pass a broken answer off as a whole one, so it raises `ApiError`.
    """
    if stop_reason in _MALFORMED:
        raise ApiError("model_error", _MALFORMED[stop_reason])
    return FINISH_REASONS.get(stop_reason, "stop")


def usage_object(converse_usage: object) -> Json:
    """OpenAI's `usage`, which counts cached tokens as part of the prompt, as Bedrock's does not."""
    used = usage.from_converse(converse_usage) or Usage()
    return {
        "prompt_tokens": used.prompt,
        "completion_tokens": used.output,
        "total_tokens": used.total,
        "prompt_tokens_details": {
            "cached_tokens": used.cache_read,
            "cache_write_tokens": used.cache_write_5m + used.cache_write_1h,
        },
    }


def from_converse(
    answer: Json, *, completion_id: str, created: int, model: str, tool_names: Mapping[str, str]
) -> Json:
    """A ``chat.completion`` object; `model` is the client's own name for it, `created` epoch seconds.

    Left out is what Chat Completions has no place for: signatures and redacted reasoning, the sources
    of citations, generated images.
    """
    try:
        content = answer["output"]["message"]["content"]
        stop_reason = answer["stopReason"]
    except (KeyError, TypeError):
        raise ApiError("bad_upstream", "Bedrock's answer holds no message.") from None
    message: Json = {"role": "assistant", "content": None, "refusal": None}
    texts = []
    reasoning = []
    tool_calls = []
    for block in content:
        if "text" in block:
            texts.append(block["text"])
        elif "toolUse" in block:
            tool_calls.append(_tool_call(block["toolUse"], tool_names))
        elif "reasoningContent" in block:
            reasoning.append(block["reasoningContent"].get("reasoningText", {}).get("text", ""))
        elif "citationsContent" in block:
            texts += [cited["text"] for cited in block["citationsContent"].get("content", ())]
    if texts or not tool_calls:
        message["content"] = "".join(texts)
    if any(reasoning):
        message["reasoning_content"] = "".join(reasoning)
    if tool_calls:
        message["tool_calls"] = tool_calls
    return {
        "id": completion_id,
        "object": "chat.completion",
        "created": created,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": finish_reason(stop_reason),
            }
        ],
        "usage": usage_object(answer.get("usage")),
    }


def _tool_call(tool_use: Json, tool_names: Mapping[str, str]) -> Json:
    tool_name = tool_use["name"]
    arguments = json.dumps(tool_use.get("input") or {}, ensure_ascii=False, separators=(",", ":"))
    return {
        "id": tool_use["toolUseId"],
        "type": "function",
        "function": {"name": tool_names.get(tool_name, tool_name), "arguments": arguments},
    }
