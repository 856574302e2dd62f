"""Chat Completions requests and answers through the translators."""

from typing import Any, NamedTuple

from catalog.families import UNKNOWN, Family
from router.dialects.openai_chat.reply import Reply
from router.dialects.openai_chat.request import to_converse


class Translated(NamedTuple):
    """What a request became."""

    body: dict[str, Any]
    stream: bool
    include_usage: bool
    tool_names: dict[str, str]
    custom_tools: tuple[str, ...]
    legacy: bool
    hides_reasoning: bool
    service_tier: str
    changes: tuple[str, ...]


def translated(
    body: dict[str, Any], family: Family = UNKNOWN, headers: dict[str, str] | None = None
) -> Translated:
    """Translates a request for a model of that family."""
    found = to_converse(body, family, headers)
    return Translated(
        found.draft.body,
        found.stream,
        found.include_usage,
        found.tool_names,
        tuple(sorted(found.custom_tools)),
        found.legacy,
        found.hides_reasoning,
        found.service_tier,
        tuple(sorted(found.draft.changes)),
    )


def reply(**members: Any) -> Reply:
    """What answers are translated with: tokens cost a microdollar of input and four of output."""
    return Reply(
        **{
            "completion_id": "chatcmpl-1",
            "created": 1_700_000_000,
            "model": "some-model",
            "family": "some-family",
            "cost": lambda used, _tier: (used.prompt + 4 * used.output) * 10**6,
            "tool_names": {"clock_now_0123456789": "clock.now"},
            **members,
        }
    )
