"""How clients write the names of models.

    claude-sonnet-4-5-20250929, claude-sonnet-4-5, claude-3-5-haiku-latest, claude-opus-4-0   Anthropic
    claude-sonnet-4-5@20250929                    Vertex AI
    anthropic/claude-sonnet-4.5                   OpenRouter
    bedrock/us.anthropic.claude-opus-5-5          litellm
    claude-opus-4-6[1m]                           Claude Code, for a window of a million tokens

https://platform.claude.com/docs/en/about-claude/models/overview and
https://code.claude.com/docs/en/model-config. Seen on 2026-11-22.
"""

from typing import NamedTuple

LONG_WINDOW_BETA = "context-1m-2025-08-07"
"""What a name with ``[1m]`` asks for."""

_LONG_WINDOW = "[1m]"

_MAKERS = {
    "meta-llama": "meta",
    "mistralai": "mistral",
    "x-ai": "xai",
    "z-ai": "zai",
    **{
        maker: maker
        for maker in (
            *("ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "meta", "minimax"),
            *("mistral", "moonshot", "moonshotai", "nvidia", "openai", "qwen", "stability"),
            *("writer", "xai", "zai"),
        )
    },
}
"""Who made a model, as other gateways call them and as Bedrock's ids do."""

_LONGEST = 200


class ClaudeName(NamedTuple):
    """What a name says of a Claude."""

    version: str
    """``sonnet-4-5``, in whatever order it was written."""
    date: str
    """Of its snapshot, as ``20250929``; "" where the name has none."""


def asks_long_window(requested: str) -> bool:
    """Whether a name asks for a window of a million tokens, as `LONG_WINDOW_BETA` does."""
    return requested.lower().endswith(_LONG_WINDOW)


def without_window(requested: str) -> str:
    """A name without what it says of the window."""
    return requested[: -len(_LONG_WINDOW)] if asks_long_window(requested) else requested


def bare_name(requested: str) -> tuple[str, str]:
    """A name in lower case without what stands before slashes, and who it says made the model.

    ("claude-sonnet-4.5", "anthropic") of "bedrock/anthropic/Claude-Sonnet-4.5"; the maker is "" where
    it names none, and both are where it can be no name, such as an ARN.
    """
    if len(requested) > _LONGEST:
        return "", ""
    *before, name = requested.lower().split("/")
    if before[:1] == ["bedrock"]:
        before = before[1:]
    if not before:
        return name, ""
    maker = _MAKERS.get(before[0], "") if len(before) == 1 else ""
    return (name, maker) if maker else ("", "")


def claude_name(base: str) -> ClaudeName | None:
    """What a bare name or a foundation model's id says of a Claude; None for other models.

    Of a name only the version and the date count, so that ``claude-3-5-haiku-latest`` and
    ``anthropic.claude-3-5-haiku-20241022-v1:0`` are one.
    """
    text = base.removeprefix("anthropic.").replace("@", "-").replace(".", "-")
    name, _, minor = text.partition(":")
    claude, *words = name.split("-")
    if claude != "claude" or not words or (minor and not minor.isdecimal()):
        return None
    if words[-1][:1] == "v" and words[-1][1:].isdecimal():
        words.pop()
    if words and words[-1] in {"latest", "default"}:
        words.pop()
    date = words.pop() if words and _is_date(words[-1]) else ""
    tiers = [word for word in words if not word.isdecimal()]
    numbers = [word for word in words if word.isdecimal()]
    if len(tiers) != 1 or not numbers or words not in (tiers + numbers, numbers + tiers):
        return None
    if numbers[1:] == ["0"]:
        numbers.pop()
    return ClaudeName("-".join(tiers + numbers), date)


def _is_date(word: str) -> bool:
    return len(word) == len("20250929") and word.isdecimal() and word.isascii()
