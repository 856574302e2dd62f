"""The limit and the sampling parameters of a Messages request."""

from router.dialects.checks import (
    MAX_INTEGER,
    Json,
    integer,
    invalid,
    items,
    name,
    number,
    positive_integer,
)
from router.dialects.converse.sampling import MAX_STOP_SEQUENCES, Sampling


def read_sampling(body: Json) -> Sampling:
    """What the request says of it. Raises `ApiError` for what has the wrong type or range."""
    if body.get("max_tokens") is None:
        raise invalid("max_tokens", "is required")
    return Sampling(
        max_tokens=positive_integer(body["max_tokens"], "max_tokens"),
        temperature=_optional_number(body, "temperature"),
        top_p=_optional_number(body, "top_p"),
        stop=_stop_sequences(body.get("stop_sequences")),
        stop_name="stop_sequences",
        extra=_extra(body),
    )


def _optional_number(body: Json, key: str) -> float | None:
    value = body.get(key)
    return None if value is None else number(value, key, 0, 1)


def _stop_sequences(value: object) -> list[str]:
    sequences = [] if value is None else items(value, "stop_sequences")
    if len(sequences) > MAX_STOP_SEQUENCES:
        raise invalid("stop_sequences", f"must hold at most {MAX_STOP_SEQUENCES} strings")
    return [name(sequence, f"stop_sequences[{i}]") for i, sequence in enumerate(sequences)]


def _extra(body: Json) -> Json:
    top_k = body.get("top_k")
    # 0 asks for nothing: any token may be picked.
    if top_k is None or integer(top_k, "top_k", 0, MAX_INTEGER) == 0:
        return {}
    return {"top_k": top_k}
