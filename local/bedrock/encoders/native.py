"""Answers of InvokeModel and its stream, by the family of the model."""

from typing import Any

from local.bedrock.answers import Answer, Usage
from local.bedrock.directives import Directive, check_followed
from local.bedrock.encoders import anthropic, completions, nova
from local.bedrock.encoders.frames import Frame
from local.bedrock.models import Model
from local.bedrock.rules.anthropic import is_legacy


def whole(model: Model, request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """The body of an InvokeModel answer."""
    if model.claude is not None:
        legacy = is_legacy(model, request)
        return anthropic.legacy_whole(answer) if legacy else anthropic.whole(model, request, answer)
    return nova.whole(answer) if model.family == "nova" else completions.whole(model, answer)


def frames(
    model: Model, request: dict[str, Any], answer: Answer, directive: Directive
) -> list[Frame]:
    """The chunks of an InvokeModelWithResponseStream answer."""
    if model.claude is not None:
        legacy = is_legacy(model, request)
        if legacy:
            return anthropic.legacy_frames(answer)
        if not answer.blocks:
            check_followed(directive, ("deltas",), "an answer without blocks")
        made = anthropic.frames(model, request, answer)
        return anthropic.with_others(made, directive.deltas or [], directive.events or [])
    return nova.frames(answer) if model.family == "nova" else completions.frames(model, answer)


def headers(model: Model, usage: Usage, latency_ms: int) -> dict[str, str]:
    """The response headers that tell of the tokens used."""
    counts = {"input-token-count": usage.input, "invocation-latency": latency_ms}
    counts["output-token-count"] = usage.output
    if model.cache_minimum:
        counts["cache-read-input-token-count"] = usage.cache_read
        counts["cache-write-input-token-count"] = usage.cache_write
    return {f"x-amzn-bedrock-{name}": str(value) for name, value in counts.items()}
