"""The response object: what it repeats of its request, and how it ends."""

from collections.abc import Callable
from typing import NamedTuple

from catalog.pricing import Usage
from ledger.money import to_usd

from router import usage
from router.dialects.checks import Json
from router.dialects.converse.reasoning import reasoning_tokens, told_reasoning_tokens
from router.dialects.openai import guardrail_trace
from router.dialects.openai_responses.output import Item, Reasoning
from router.errors import ApiError

Price = Callable[[Usage, str | None], int]
"""Picodollars of what was used, in the service tier that served it."""

INCOMPLETE = {
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
    "max_tokens": "max_output_tokens",
    "model_context_window_exceeded": "max_output_tokens",
    "refusal": "content_filter",
}
"""Converse's stop reasons of an answer that is not whole → OpenAI's reasons.

``refusal`` is Anthropic's, which Converse's list of reasons has not got yet.
"""

FAILURES = {"invalid_request": "invalid_prompt", "throttled": "rate_limit_exceeded"}
"""Kinds of `ApiError` → the codes that a response's `error` may have; others are a server_error."""

TIERS = {"flex": "flex", "priority": "priority", "reserved": "scale"}
"""Bedrock's service tiers → OpenAI's, for those that are not the default."""


def response_object(body: Json, tools: list[Json]) -> Json:
    """What a response to that request says from the beginning, but for its id and time.

    `tools` are those of the request that the model is told of. As with OpenAI, what was not asked for
    has its default; only `temperature` and `top_p` have none, as it differs between models.
    """
    reasoning, text = body.get("reasoning") or {}, body.get("text") or {}
    parallel = body.get("parallel_tool_calls")
    return {
        "object": "response",
        "status": "in_progress",
        "access_programs": None,
        "background": False,
        "completed_at": None,
        "conversation": None,
        "error": None,
        "image": None,
        "incomplete_details": None,
        "input_transformations": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "metadata": body.get("metadata") or {},
        "model": body.get("model"),
        "moderation": None,
        "output": [],
        "parallel_tool_calls": True if parallel is None else parallel,
        "previous_response_id": None,
        "prompt": None,
        "prompt_cache_diagnostics": None,
        "prompt_cache_key": body.get("prompt_cache_key"),
        "prompt_cache_options": None,
        "prompt_cache_retention": None,
        "reasoning": {
            "effort": reasoning.get("effort"),
            "summary": reasoning.get("summary") or reasoning.get("generate_summary"),
        },
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": body.get("service_tier") or "auto",
        "store": False,
        "temperature": body.get("temperature"),
        "text": {"format": text.get("format") or {"type": "text"}, "verbosity": "medium"},
        "tool_choice": body.get("tool_choice") or "auto",
        "tool_usage": None,
        "tools": tools,
        "top_logprobs": 0,
        "top_p": body.get("top_p"),
        "truncation": "disabled",
        "usage": None,
        "user": body.get("user"),
    }


class Ending(NamedTuple):
    """How a whole answer of Converse's ended."""

    items: list[Item]
    stop: Json
    """The payload of ``messageStop``."""
    metadata: Json
    """The payload of ``metadata``."""


def finished(response: Json, ending: Ending, price: Price) -> Json:
    """The response that an answer made which came to its end."""
    reason = INCOMPLETE.get(ending.stop["stopReason"])
    metadata = ending.metadata
    used = usage.from_converse(metadata.get("usage"))
    tier = (metadata.get("serviceTier") or {}).get("type")
    return {
        **response,
        "status": "incomplete" if reason else "completed",
        "completed_at": None if reason else _completed_at(response, metadata),
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [item.item for item in ending.items],
        "service_tier": TIERS.get(tier or "", "default"),
        "usage": None if used is None else _usage(used, price(used, tier), ending),
        **guardrail_trace(metadata),
    }


def failed(response: Json, items: list[Item], error: ApiError) -> Json:
    """The response that an answer made which broke off; `items` are those that are whole."""
    code = FAILURES.get(error.kind, "server_error")
    return {
        **response,
        "status": "failed",
        "error": {"code": code, "message": error.message},
        "output": [item.item for item in items],
    }


def _completed_at(response: Json, metadata: Json) -> int | None:
    """Epoch seconds, by Bedrock's own account of how long it took; None when it gives none."""
    latency_ms = (metadata.get("metrics") or {}).get("latencyMs")
    return None if latency_ms is None else response["created_at"] + int(latency_ms) // 1000


def _usage(used: Usage, picodollars: int, ending: Ending) -> Json:
    """OpenAI's `usage`, which counts cached tokens as input, as Bedrock's does not; with the `cost`
    in dollars."""
    return {
        "input_tokens": used.prompt,
        "input_tokens_details": {
            "cached_tokens": used.cache_read,
            "cache_write_tokens": used.cache_write_5m + used.cache_write_1h,
        },
        "output_tokens": used.output,
        "output_tokens_details": {"reasoning_tokens": _reasoning_tokens(used.output, ending)},
        "total_tokens": used.total,
        "cost": to_usd(picodollars),
    }


def _reasoning_tokens(output_tokens: int, ending: Ending) -> int:
    told = told_reasoning_tokens(ending.stop.get("additionalModelResponseFields"))
    if told is not None:
        return told
    sizes = [(isinstance(item, Reasoning), _size(item.texts)) for item in ending.items]
    thought = sum(size for is_reasoning, size in sizes if is_reasoning)
    return reasoning_tokens(output_tokens, thought, sum(size for _, size in sizes))


def _size(texts: list[str]) -> int:
    return sum(map(len, texts))
