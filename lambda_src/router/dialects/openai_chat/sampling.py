"""The limits and sampling parameters of a Chat Completions request."""

from router.dialects import openai
from router.dialects.checks import Json, positive_integer
from router.dialects.converse.sampling import Sampling


def read_sampling(body: Json, changes: set[str]) -> Sampling:
    """What the request says of it. Raises `ApiError` for what has the wrong type or range."""
    return openai.read_sampling(body, _max_tokens(body, changes))


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
