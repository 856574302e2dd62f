"""Reasoning in Chat Completions: what a request asks of it, and what its history holds of it.

OpenAI has `reasoning_effort` alone; `reasoning` and ``reasoning_details`` are OpenRouter's and widely
known: https://openrouter.ai/docs/use-cases/reasoning-tokens.
"""

from typing import NamedTuple

from router.dialects.checks import (
    MAX_INTEGER,
    Json,
    boolean,
    fields,
    integer,
    invalid,
    items,
    members,
    text,
)
from router.dialects.converse.draft import Draft
from router.dialects.converse.reasoning import EFFORTS, Reasoning, block_of

REASONING = fields("effort", "max_tokens", "exclude", "enabled", dropped=("summary",))


class Asked(NamedTuple):
    """What a request asks of the model, and of its answer."""

    reasoning: Reasoning
    where: str
    excluded: bool
    """The client wants to see none of it."""


def read_reasoning(draft: Draft, body: Json) -> Asked:
    """What the request's `reasoning_effort`, `reasoning` and `include_reasoning` ask for."""
    included = _flag(body, "include_reasoning", "include_reasoning")
    effort = _effort(body, "reasoning_effort", "reasoning_effort")
    if body.get("reasoning") is None:
        asked = Reasoning(effort=effort, shown=included is True)
        return Asked(asked, "reasoning_effort", excluded=included is False)
    options = members(body["reasoning"], "reasoning", REASONING, draft.changes)
    excluded = _flag(options, "exclude", "reasoning.exclude")
    budget = options.get("max_tokens")
    if budget is not None:
        budget = integer(budget, "reasoning.max_tokens", 0, MAX_INTEGER)
    inner = _effort(options, "effort", "reasoning.effort")
    if effort is not None and inner not in (None, effort):
        raise invalid("reasoning.effort", "differs from reasoning_effort")
    enabled = _flag(options, "enabled", "reasoning.enabled")
    effort = "none" if enabled is False else effort or inner
    if effort is None and budget is None and enabled:
        effort = "medium"
    hidden = included is False if excluded is None else excluded
    asked = Reasoning(effort=effort, budget=budget, shown=not hidden and effort != "none")
    return Asked(asked, "reasoning", excluded=hidden)


def _effort(values: Json, key: str, where: str) -> str | None:
    effort = values.get(key)
    if effort is not None and effort not in EFFORTS:
        raise invalid(where, f"must be one of {', '.join(EFFORTS)}")
    return effort


def _flag(values: Json, key: str, where: str) -> bool | None:
    return None if values.get(key) is None else boolean(values[key], where)


def replayed(draft: Draft, message: Json, where: str) -> list[Json]:
    """The reasoning blocks that an assistant message sends back."""
    if message.get("reasoning_details") is None:
        for key in ("reasoning_content", "reasoning"):
            if message.get(key):
                # Without its signature no model takes it back.
                draft.changes.add(f"{key} dropped")
        return []
    where = f"{where}.reasoning_details"
    blocks = [
        block_of(detail, draft, here)
        for detail, here in _joined(items(message["reasoning_details"], where), where)
    ]
    return [block for block in blocks if block is not None]


def _joined(details: list[object], where: str) -> list[tuple[Json, str]]:
    """The details, those of a stream's pieces put together, each with the place of its first piece."""
    found: list[tuple[Json, str]] = []
    texts: list[list[str]] = []
    for position, detail in enumerate(details):
        here = f"{where}[{position}]"
        if not isinstance(detail, dict):
            raise invalid(here, "must be an object")
        if detail.get("type") != "reasoning.text":
            found.append((detail, here))
            texts.append([])
            continue
        piece = "" if detail.get("text") is None else text(detail["text"], f"{here}.text")
        given = {key: value for key, value in detail.items() if value is not None}
        if found and _goes_on(found[-1][0], given):
            found[-1][0].update(given)
            texts[-1].append(piece)
        else:
            found.append((given, here))
            texts.append([piece])
    return [
        ({**detail, "text": "".join(pieces)} if pieces else detail, here)
        for (detail, here), pieces in zip(found, texts, strict=True)
    ]


def _goes_on(last: Json, piece: Json) -> bool:
    return (
        last.get("type") == "reasoning.text"
        and last.get("index") == piece.get("index") is not None
        and "signature" not in last
    )
