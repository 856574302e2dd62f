"""Limits and sampling parameters, as far as the model's family takes them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from catalog.families import nested

from router.dialects.checks import Json, is_blank
from router.dialects.converse.draft import Draft

MAX_STOP_SEQUENCES = 2500
"""Converse's own bound; OpenAI's is 4."""

_MEMBERS = {"temperature": "temperature", "top_p": "topP"}
"""The members of `inferenceConfig` for numbers from 0 to 1, by OpenAI's names."""

_NEUTRAL: Mapping[str, float] = {
    "temperature": 1,
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "repetition_penalty": 1,
    "min_p": 0,
    "top_a": 0,
}
"""Values that ask for what happens anyway; they are left out without a word where not taken."""


class Sampling(NamedTuple):
    """How a client wants tokens picked and when to stop; None or empty where it leaves that open."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: Sequence[str] = ()
    stop_name: str = "stop"
    """What the client's protocol calls those, for notices."""
    extra: Mapping[str, object] = {}
    """Any others by their usual names: ``top_k``, ``seed``, ``frequency_penalty``…"""


def apply_sampling(draft: Draft, sampling: Sampling) -> None:
    """Writes `inferenceConfig`, and the family's own fields for the rest.

    What the family does not take is dropped, and what is out of its range is moved to the nearest
    value; a notice says so. Comes before `ask_reasoning`, for every request: families whose models
    Bedrock would stop too early get the limit that a request leaves out.
    """
    config: Json = {}
    if (limit := sampling.max_tokens or draft.family.default_tokens) > 0:
        config["maxTokens"] = _max_tokens(draft, limit)
    config.update(_numbers(draft, sampling))
    if stops := _stop_sequences(draft, sampling):
        config["stopSequences"] = stops
    if config:
        draft.body["inferenceConfig"] = config
    for name, value in sampling.extra.items():
        if name in draft.family.extra:
            draft.add_fields(nested(draft.family.extra[name], _at_most(draft, name, value)))
        else:
            tell_dropped(draft, name, value)


def _max_tokens(draft: Draft, limit: int) -> int:
    least = draft.family.least_tokens
    if limit < least:
        draft.changes.add(f"max_tokens raised to {least}")
    return max(limit, least)


def _numbers(draft: Draft, sampling: Sampling) -> Json:
    given = {
        name: value
        for name, value in (("temperature", sampling.temperature), ("top_p", sampling.top_p))
        if value is not None
    }
    for name in list(given):
        if name not in draft.family.sampling:
            tell_dropped(draft, name, given.pop(name))
    if len(given) > 1 and draft.family.one_sampling:
        # Of two, the one that asks for nothing goes; temperature is the one most clients mean.
        name = "temperature" if given["temperature"] == 1 else "top_p"
        tell_dropped(draft, name, given.pop(name))
    return {_MEMBERS[name]: _in_range(draft, name, value) for name, value in given.items()}


def _in_range(draft: Draft, name: str, value: float) -> float:
    # OpenAI's temperature goes to 2.
    if value > 1:
        draft.changes.add(f"{name} lowered to 1")
    elif value < 0:
        draft.changes.add(f"{name} raised to 0")
    return min(max(value, 0), 1)


def _at_most(draft: Draft, name: str, value: object) -> object:
    most = draft.family.most.get(name)
    if most is None or not isinstance(value, int) or value <= most:
        return value
    draft.changes.add(f"{name} lowered to {most}")
    return most


def _stop_sequences(draft: Draft, sampling: Sampling) -> list[str]:
    stops = sampling.stop
    if stops and "stop" not in draft.family.sampling:
        draft.changes.add(f"{sampling.stop_name} dropped")
        return []
    if draft.family.blank_stops:
        return list(stops)
    kept = [stop for stop in stops if not is_blank(stop)]
    if len(kept) < len(stops):
        draft.changes.add("blank stop dropped")
    return kept


def tell_dropped(draft: Draft, name: str, value: object) -> None:
    """Notes that the family takes no such parameter, unless the value asks for nothing."""
    if value != _NEUTRAL.get(name):
        draft.changes.add(f"{name} dropped")
