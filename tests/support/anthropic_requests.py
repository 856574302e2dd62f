"""Requests as Anthropic's clients may send them: together they use all that the router serves."""

from typing import Any

from tests.support import anthropic_native_requests as reviewed
from tests.support.anthropic_answers import COUNT, MESSAGES
from tests.support.anthropic_native_requests import HI, asked, user, words
from tests.support.openai_requests import REMOTE_IMAGE, REMOTE_TEXT

Json = dict[str, Any]

MODELS = ("claude-sonnet-4-5", "claude-opus-5-5", "nova-lite", "gpt-oss-20b")
"""Two generations of Claude, and two models that are reached over Converse."""

_SHOWN = (
    "content",
    "tool_results",
    "claude_code",
    "fields_bedrock_has_not",
    "thinking_bound",
    "form",
    "sampling_while_thinking",
    "tool_options",
    "tool_named",
    "tool_computer_20251124",
    "tool_search",
    "hosted_history",
    "edits",
    "thinking_replayed",
    "cached",
    "system_turns",
    "system_turn_settings",
)

_ONLY_TO_ANSWER = ("max_tokens", "metadata", "stop_sequences", "stream", "temperature")


def _to_count(name: str) -> Json:
    """A request as it is counted: without what only answers depend on."""
    found = reviewed.REQUESTS[name]
    return {field: value for field, value in found.items() if field not in _ONLY_TO_ANSWER}


REQUESTS: dict[str, tuple[Json, ...]] = {
    COUNT: tuple(map(_to_count, ("content", "claude_code", "tool_search", "system_turns"))),
    MESSAGES: (
        *(reviewed.REQUESTS[name] for name in _SHOWN),
        asked(
            user(
                words("What is this?"),
                {"type": "image", "source": {"type": "url", "url": REMOTE_IMAGE}},
                {"type": "document", "source": {"type": "url", "url": REMOTE_TEXT}},
            ),
            stream=True,
        ),
        asked(HI, anthropic_version="bedrock-2023-05-31", anthropic_beta=["no-such-beta"]),
    ),
}
"""By path; without `model`."""
