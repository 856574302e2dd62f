"""What becomes of every Chat Completions parameter.

One row per parameter of https://platform.openai.com/docs/api-reference/chat/create and per extra one
that clients are known to send: either a translator reads it, or the row says which of its values ask
for nothing (and are accepted without a word), and whether any other value is dropped with a notice or
refused by name. A parameter without a row is the model's own and passed on to it.
"""

import json
from typing import NamedTuple

from router.dialects.checks import Json, clipped, document, invalid
from router.dialects.converse.tools import NAME_CHARACTERS
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
    "frequency_penalty": TRANSLATED,
    "function_call": TRANSLATED,
    "functions": TRANSLATED,
    "logit_bias": TRANSLATED,
    "logprobs": _only(False),
    "max_completion_tokens": TRANSLATED,
    "max_tokens": TRANSLATED,
    "messages": TRANSLATED,
    "metadata": _dropped(dict, {}),
    "modalities": _only(["text"]),
    "model": TRANSLATED,
    "moderation": REFUSED,
    "n": _only(1),
    "parallel_tool_calls": TRANSLATED,
    "prediction": REFUSED,
    "presence_penalty": TRANSLATED,
    "prompt_cache_key": _dropped(str),
    "prompt_cache_options": _dropped(dict, {}),
    "prompt_cache_retention": _dropped(str),
    "reasoning_effort": TRANSLATED,
    "response_format": TRANSLATED,
    "safety_identifier": _dropped(str),
    "seed": TRANSLATED,
    "service_tier": TRANSLATED,
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
    "verbosity": _dropped(str, "medium"),
    "web_search_options": REFUSED,
    # Not OpenAI's: https://openrouter.ai/docs/api-reference/parameters and a published SDK's.
    "cache_control": TRANSLATED,
    "include_reasoning": TRANSLATED,
    "min_p": TRANSLATED,
    "models": REFUSED,
    "plugins": REFUSED,
    "provider": REFUSED,
    "reasoning": TRANSLATED,
    "repetition_penalty": TRANSLATED,
    "system": TRANSLATED,
    "top_a": TRANSLATED,
    "top_k": TRANSLATED,
    "usage": _only({"include": True}, {"include": False}),
}

_TYPE_NAMES = {bool: "true or false", dict: "an object", str: "a string"}

MOST_PASSED_ON = 16
"""Parameters without a row, each of which becomes a word in a response header."""

_LONGEST_NAME = 64


def check_parameters(body: Json, changes: set[str]) -> Json:
    """The parameters to pass on; refuses what `PARAMETERS` does, notes in `changes` what it drops."""
    passed_on: Json = {}
    for key, value in body.items():
        if value is None:
            continue
        parameter = PARAMETERS.get(key)
        if parameter is None:
            _check_name(key)
            passed_on |= document({key: value}, key)
            changes.add(f"{key} passed on")
        elif not parameter.translated:
            _check_value(key, value, parameter, changes)
    if len(passed_on) > MOST_PASSED_ON:
        raise invalid(
            next(reversed(passed_on)), f"is one of more than {MOST_PASSED_ON} extra fields"
        )
    return passed_on


def _check_name(key: str) -> None:
    if not key or len(key) > _LONGEST_NAME or not NAME_CHARACTERS.issuperset(key):
        raise invalid(clipped(key), "is not supported")


def _check_value(key: str, value: object, parameter: Parameter, changes: set[str]) -> None:
    if any(_same(value, other) for other in parameter.neutral):
        return
    if parameter.dropped is None:
        raise _refusal(key, parameter)
    if not _is_a(value, parameter.dropped):
        raise invalid(key, f"must be {_TYPE_NAMES[parameter.dropped]}")
    changes.add(f"{key} dropped")


def _same(value: object, other: object) -> bool:
    # Python holds True for equal to 1; JSON does not.
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _is_a(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _refusal(key: str, parameter: Parameter) -> ApiError:
    if not parameter.neutral:
        return invalid(key, "is not supported")
    values = " or ".join(json.dumps(value) for value in parameter.neutral)
    return invalid(key, f"is only supported as {values}")
