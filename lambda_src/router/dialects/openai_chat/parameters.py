"""What becomes of every Chat Completions parameter.

One row per parameter of https://platform.openai.com/docs/api-reference/chat/create: either the
translators read it, or the row says which of its values ask for nothing (and are accepted without a
word), and whether any other value is dropped with a notice or refused by name. A parameter without a
row is refused.
"""

import json
from typing import NamedTuple

from router.dialects.checks import Json, clipped, invalid, name, positive_integer
from router.errors import ApiError


class Parameter(NamedTuple):
    """How the values of one parameter are handled."""

    translated: bool = False
    neutral: tuple[object, ...] = ()
    """Values that ask for what happens anyway."""
    dropped: type | None = None
    """The type whose other values are dropped with a notice: they ask for nothing of the answer's
    content, and clients send them as a matter of course. None refuses them."""


TRANSLATED = Parameter(translated=True)
REFUSED = Parameter()


def _only(*neutral: object) -> Parameter:
    return Parameter(neutral=neutral)


def _dropped(kind: type, *neutral: object) -> Parameter:
    return Parameter(neutral=neutral, dropped=kind)


PARAMETERS = {
    "audio": REFUSED,
    "frequency_penalty": _only(0),
    "function_call": REFUSED,
    "functions": REFUSED,
    "logit_bias": _only({}),
    "logprobs": _only(False),
    "max_completion_tokens": TRANSLATED,
    "max_tokens": TRANSLATED,
    "messages": TRANSLATED,
    "metadata": _dropped(dict, {}),
    "modalities": _only(["text"]),
    "model": TRANSLATED,
    "moderation": REFUSED,
    "n": _only(1),
    "parallel_tool_calls": _only(True),
    "prediction": REFUSED,
    "presence_penalty": _only(0),
    "prompt_cache_key": _dropped(str),
    "prompt_cache_options": _dropped(dict, {}),
    "prompt_cache_retention": _dropped(str),
    "reasoning_effort": REFUSED,
    "response_format": _only({"type": "text"}),
    "safety_identifier": _dropped(str),
    "seed": _dropped(int),
    "service_tier": _only("auto", "default"),
    "stop": TRANSLATED,
    "store": _dropped(bool, False),
    "stream": TRANSLATED,
    "stream_options": TRANSLATED,
    "temperature": TRANSLATED,
    "tool_choice": TRANSLATED,
    "tools": TRANSLATED,
    "top_logprobs": _only(0),
    "top_p": TRANSLATED,
    "user": _dropped(str),
    "verbosity": _only("medium"),
    "web_search_options": REFUSED,
}

_TYPE_NAMES = {bool: "true or false", dict: "an object", int: "an integer", str: "a string"}

MAX_STOP_SEQUENCES = 2500
"""Converse's own bound; OpenAI's is 4."""


def check_parameters(body: Json, changes: set[str]) -> None:
    """Refuses what `PARAMETERS` refuses; notes in `changes` what it drops."""
    for key, value in body.items():
        if value is None:
            continue
        parameter = PARAMETERS.get(key, REFUSED)
        if parameter.translated or any(_same(value, other) for other in parameter.neutral):
            continue
        if parameter.dropped is None:
            raise _refusal(key, parameter)
        if not _is_a(value, parameter.dropped):
            raise invalid(key, f"must be {_TYPE_NAMES[parameter.dropped]}")
        changes.add(f"{key} dropped")


def inference_config(body: Json, changes: set[str]) -> Json:
    """Converse's `inferenceConfig`; empty when the body leaves everything to the model."""
    config: Json = {}
    if (limit := _max_output_tokens(body, changes)) is not None:
        config["maxTokens"] = limit
    for key, member in (("temperature", "temperature"), ("top_p", "topP")):
        if (value := body.get(key)) is not None:
            config[member] = _unit_interval(value, key)
    if sequences := _stop_sequences(body.get("stop")):
        config["stopSequences"] = sequences
    return config


def _max_output_tokens(body: Json, changes: set[str]) -> int | None:
    # `max_completion_tokens` goes before the older `max_tokens`, as with OpenAI's newer models.
    limits = [
        positive_integer(body[key], key)
        for key in ("max_completion_tokens", "max_tokens")
        if body.get(key) is not None
    ]
    if len(set(limits)) > 1:
        changes.add("max_tokens dropped")
    return limits[0] if limits else None


def _unit_interval(value: object, where: str) -> float:
    # OpenAI's temperature goes to 2. Its upper half means nothing on Bedrock's scale, and to clamp
    # it would change what was asked for.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise invalid(where, "must be a number from 0 to 1, the range of models on Amazon Bedrock")
    return value


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


def _same(value: object, other: object) -> bool:
    # Python holds True for equal to 1; JSON does not.
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _is_a(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _refusal(key: str, parameter: Parameter) -> ApiError:
    if not parameter.neutral:
        return invalid(clipped(key), "is not supported")
    values = " or ".join(json.dumps(value) for value in parameter.neutral)
    return invalid(key, f"is only supported as {values}")
