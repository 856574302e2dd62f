"""The limits and sampling parameters of a Chat Completions request."""

from router.dialects.checks import (
    MAX_INTEGER,
    Json,
    document,
    integer,
    invalid,
    name,
    number,
    positive_integer,
)
from router.dialects.converse.sampling import Sampling

MAX_STOP_SEQUENCES = 2500
"""Converse's own bound; OpenAI's is 4."""

_RANGES = {
    "frequency_penalty": (-2, 2),
    "min_p": (0, 1),
    "presence_penalty": (-2, 2),
    "repetition_penalty": (0, 2),
    "top_a": (0, 1),
}

_LARGEST_SEED = 2**63 - 1


def read_sampling(body: Json, changes: set[str]) -> Sampling:
    """What the request says of it. Raises `ApiError` for what has the wrong type or range."""
    return Sampling(
        max_tokens=_max_tokens(body, changes),
        temperature=_optional_number(body, "temperature", 0, 2),
        top_p=_optional_number(body, "top_p", 0, 1),
        stop=_stop_sequences(body.get("stop")),
        extra=_extra(body),
    )


def _max_tokens(body: Json, changes: set[str]) -> int | None:
    # `max_completion_tokens` goes before the older `max_tokens`, as with OpenAI's newer models.
    limits = [
        positive_integer(body[key], key)
        for key in ("max_completion_tokens", "max_tokens")
        if body.get(key) is not None
    ]
    if len(set(limits)) > 1:
        changes.add("max_tokens dropped")
    return limits[0] if limits else None


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
