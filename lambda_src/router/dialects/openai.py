"""What OpenAI's protocols have in common, in requests to Converse and in answers from it."""

from router.dialects.checks import (
    MAX_INTEGER,
    Json,
    document,
    integer,
    invalid,
    name,
    number,
)
from router.dialects.converse.draft import Draft
from router.dialects.converse.sampling import MAX_STOP_SEQUENCES, Sampling
from router.errors import ApiError

SERVICE_TIERS = {
    "auto": "default",
    "default": "default",
    "fast": "priority",
    "flex": "flex",
    "priority": "priority",
}
"""OpenAI's service tiers and Bedrock's. ``fast`` is OpenAI's newer name of ``priority``."""

_RANGES = {
    "frequency_penalty": (-2, 2),
    "min_p": (0, 1),
    "presence_penalty": (-2, 2),
    "repetition_penalty": (0, 2),
    "top_a": (0, 1),
}

_LARGEST_SEED = 2**63 - 1

TRACE = "amazon-bedrock-trace"
"""Where Bedrock's own OpenAI endpoint puts what a guardrail found."""

_MALFORMED = {
    "malformed_model_output": "The model's output was malformed. Try again.",
    "malformed_tool_use": "The model made a malformed tool call. Try again.",
}


def check_stop_reason(stop_reason: str) -> None:
    """Raises `ApiError` for an answer that could not be parsed.

    OpenAI has no word for it, and any that it has would pass a broken answer off as a whole one.
    """
    if stop_reason in _MALFORMED:
        raise ApiError("model_error", _MALFORMED[stop_reason])


def read_service_tier(draft: Draft, value: object) -> str:
    """Bedrock's name of the tier that a request's `service_tier` asks for."""
    if value is None:
        return "default"
    if not isinstance(value, str) or value not in SERVICE_TIERS:
        raise invalid("service_tier", f"must be one of {', '.join(SERVICE_TIERS)}")
    tier = SERVICE_TIERS[value]
    if tier != "default":
        draft.body["serviceTier"] = {"type": tier}
    return tier


def guardrail_trace(answer: Json) -> Json:
    """The member that tells what a guardrail found, for those who ask; `answer` is a whole answer or
    the payload of ``metadata``."""
    guardrail = (answer.get("trace") or {}).get("guardrail")
    return {TRACE: {"guardrail": guardrail}} if guardrail else {}


def url_citation(citation: Json, start: int, end: int) -> Json | None:
    """The source of the text from `start` to `end`; None for one that has no URL."""
    location = citation.get("location") or {}
    url = (location.get("web") or {}).get("url")
    if not url:
        return None
    # OpenAI's end is that of the last character, as its SDK documents it.
    place = {"start_index": start, "end_index": max(start, end - 1)}
    return {"url": url, "title": citation.get("title") or url, **place}


def read_sampling(body: Json, max_tokens: int | None) -> Sampling:
    """What a request says of sampling. Raises `ApiError` for what has the wrong type or range."""
    return Sampling(
        max_tokens=max_tokens,
        temperature=_optional_number(body, "temperature", 0, 2),
        top_p=_optional_number(body, "top_p", 0, 1),
        stop=_stop_sequences(body.get("stop")),
        extra=_extra(body),
    )


def _optional_number(body: Json, key: str, least: float, most: float) -> float | None:
    value = body.get(key)
    return None if value is None else number(value, key, least, most)


def _stop_sequences(stop: object) -> list[str]:
    if stop is None:
        return []
    if isinstance(stop, str):
        sequences = {"stop": stop}
    elif isinstance(stop, list):
        sequences = {f"stop[{i}]": sequence for i, sequence in enumerate(stop)}
    else:
        raise invalid("stop", "must be a string or a list of strings")
    if len(sequences) > MAX_STOP_SEQUENCES:
        raise invalid("stop", f"must hold at most {MAX_STOP_SEQUENCES} strings")
    return [name(sequence, where) for where, sequence in sequences.items()]


def _extra(body: Json) -> Json:
    extra: Json = {}
    for key, (least, most) in _RANGES.items():
        if body.get(key) is not None:
            extra[key] = number(body[key], key, least, most)
    if (seed := body.get("seed")) is not None:
        extra["seed"] = integer(seed, "seed", -_LARGEST_SEED, _LARGEST_SEED)
    # Others than OpenAI spell "any token" as a top_k of 0 or -1.
    if (top_k := body.get("top_k")) is not None and integer(top_k, "top_k", -1, MAX_INTEGER) > 0:
        extra["top_k"] = top_k
    if (bias := body.get("logit_bias")) is not None and document(bias, "logit_bias"):
        extra["logit_bias"] = bias
    return extra
