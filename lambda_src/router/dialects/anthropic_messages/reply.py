"""What whole and streamed answers have in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from catalog.families import Family
from catalog.pricing import Usage
from ledger.money import to_usd

from router import usage
from router.dialects.anthropic_messages.thinking import SHOWN
from router.dialects.checks import Json
from router.dialects.converse.reasoning import told_reasoning_tokens
from router.dialects.openai import check_stop_reason, guardrail_trace

STOP_REASONS = {
    "content_filtered": "refusal",
    "end_turn": "end_turn",
    "guardrail_intervened": "refusal",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "model_context_window_exceeded",
    "refusal": "refusal",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
}
"""Converse's and Anthropic's. ``refusal`` is Anthropic's own, which Converse's list has not got yet."""

_EXPLANATIONS = {
    "content_filtered": "Bedrock filtered the answer's content.",
    "guardrail_intervened": "A guardrail of Bedrock's intervened.",
}

_TIERS = {"default": "standard", "priority": "priority"}
"""Bedrock's service tiers and Anthropic's, which has no others for an answer of this kind."""


class Reply(NamedTuple):
    """What an answer's translation has to know of its request."""

    message_id: str
    model: str
    """The client's own name for it."""
    family: Family
    cost: Callable[[Usage, str | None], int]
    """Picodollars for what was used in a service tier."""
    service_tier: str = "default"
    """The tier asked for; the answer tells the one that served it."""
    tool_names: Mapping[str, str] = {}
    """The client's tool name by Bedrock's, for those that differ."""
    thinking: str = SHOWN
    """``SHOWN``, ``SIGNED`` or ``LEFT_OUT``."""
    titles: Sequence[str | None] = ()
    """The client's titles of its documents, in order."""
    stops: Sequence[str] = ()
    """The stop sequences that the model was given."""
    expected: Usage = Usage()
    """What the prompt has of tokens, as far as that is known before the answer."""


def message(reply: Reply, content: list[Json], told: Json) -> Json:
    """A ``message``; `told` are its members that say how it ended."""
    return {
        "id": reply.message_id,
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": content,
        **told,
    }


def tool_name(reply: Reply, bedrock_name: str) -> str:
    """The client's name of a tool."""
    return reply.tool_names.get(bedrock_name, bedrock_name)


def stopped(reply: Reply, stop: Json) -> Json:
    """The members that tell why the model stopped. Raises `ApiError` for an answer not fit to be read.

    `stop` is a whole answer or the payload of ``messageStop``. What stops Anthropic's API without a
    reason that this table knows has ended its turn.
    """
    reason = stop["stopReason"]
    check_stop_reason(reason)
    found = STOP_REASONS.get(reason, "end_turn")
    told: Json = {"stop_reason": found, "stop_sequence": None}
    if found == "stop_sequence":
        told["stop_sequence"] = _stop_sequence(reply, stop.get("additionalModelResponseFields"))
    elif found == "refusal":
        explanation = _EXPLANATIONS.get(reason)
        told["stop_details"] = {"type": "refusal", "category": None, "explanation": explanation}
    return told


def _stop_sequence(reply: Reply, fields: object) -> str | None:
    """The sequence that stopped the model.

    Claude tells it at ``/stop_sequence`` of its answer, and of a stream at ``/delta/stop_sequence``;
    others do not, but of one it must be that.
    """
    if isinstance(fields, dict):
        for place in (fields, fields.get("delta")):
            if isinstance(place, dict) and isinstance(place.get("stop_sequence"), str):
                return str(place["stop_sequence"])
    return reply.stops[0] if len(reply.stops) == 1 else None


def used(reply: Reply, answer: Json, stop: Json) -> Json:
    """The members that tell what the answer took: `usage`, and a guardrail's trace.

    `answer` is a whole answer or the payload of ``metadata``, `stop` as for `stopped`.
    """
    counted = usage.from_converse(answer.get("usage"))
    served = answer.get("serviceTier")
    tier = served.get("type") if isinstance(served, dict) else None
    told = usage_object(counted or Usage(), tier or reply.service_tier)
    thinking = told_reasoning_tokens(stop.get("additionalModelResponseFields"))
    if thinking is not None:
        told["output_tokens_details"] = {"thinking_tokens": thinking}
    if counted is not None:
        told["cost"] = to_usd(reply.cost(counted, tier))
    return {"usage": told, **guardrail_trace(answer)}


def usage_object(counted: Usage, tier: str) -> Json:
    """Anthropic's `usage`, whose parts do not overlap, as Bedrock's do not."""
    return {
        "input_tokens": counted.input,
        "cache_creation_input_tokens": counted.cache_write_5m + counted.cache_write_1h,
        "cache_read_input_tokens": counted.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": counted.cache_write_5m,
            "ephemeral_1h_input_tokens": counted.cache_write_1h,
        },
        "output_tokens": counted.output,
        "service_tier": _TIERS.get(tier),
    }
