"""Chat Completions requests through the translator."""

from typing import Any, NamedTuple

from catalog.families import UNKNOWN, Family
from router.dialects.openai_chat.request import to_converse


class Translated(NamedTuple):
    """What a request became."""

    body: dict[str, Any]
    stream: bool
    include_usage: bool
    tool_names: dict[str, str]
    changes: tuple[str, ...]


def translated(body: dict[str, Any], family: Family = UNKNOWN) -> Translated:
    """Translates a request for a model of that family."""
    found = to_converse(body, family)
    return Translated(
        found.draft.body,
        found.stream,
        found.include_usage,
        found.tool_names,
        tuple(sorted(found.draft.changes)),
    )
