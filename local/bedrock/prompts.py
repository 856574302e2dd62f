"""What a request asks, whichever API and family it is written for.

`Prompt` is what the simulated model reads: every encoder and the bill work from it.
"""

from typing import Any, NamedTuple

from local.bedrock import tokens
from local.bedrock.guardrails import Guard


class Segment(NamedTuple):
    """A part of the prompt, in the order in which a prefix of it can be cached."""

    content: Any
    tokens: int
    cached_for: str = ""
    """How long the prompt up to and including this part is to be cached: a key of
    `local.bedrock.caching.LIFETIMES`; "" when it is not."""


class Tool(NamedTuple):
    """A tool the model may call."""

    name: str
    schema: dict[str, Any]
    custom: bool = False
    """Its input is a text, not JSON."""
    namespace: str = ""


class Prompt(NamedTuple):
    """A request as the model reads it."""

    segments: tuple[Segment, ...]
    texts: tuple[str, ...]
    """The texts of the user's last turn."""
    results: tuple[str, ...] = ()
    """The tool results in it, as text."""
    tools: tuple[Tool, ...] = ()
    forced: str = ""
    """The tool it must call; ``*`` for any; "" when it may choose."""
    max_tokens: int = 0
    stops: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    """The JSON schema the answer must follow."""
    reasoning: str = "never"
    """``asked``: it reasons; ``may``: when told to; ``never``."""
    shows_reasoning: bool = True
    one_call: bool = False
    """It may call one tool at most."""
    cuts_calls: bool = False
    """An answer that is too long may end within a tool call."""
    cited: tuple[dict[str, Any], ...] = ()
    """Citations it may give: of each source the first passage."""
    redacts: bool = False
    """It holds the text at which a Claude's reasoning comes back unreadable."""
    refused: bool = False
    """It holds the text at which a Claude refuses."""
    guard: Guard | None = None
    cache_key: str = ""
    """Prompts with different keys share nothing in the cache."""

    @property
    def input_tokens(self) -> int:
        """Tokens of the whole prompt, cached or not."""
        return sum(segment.tokens for segment in self.segments)


def from_text(text: str, max_tokens: int) -> Prompt:
    """A plain text as a prompt."""
    return Prompt((Segment(text, tokens.count(text)),), (text,), max_tokens=max_tokens)


def overhead(messages: int, *, tools: bool) -> Segment:
    """What messages and tools cost beside their content."""
    weight = messages * tokens.MESSAGE_OVERHEAD + tools * tokens.TOOLS_OVERHEAD
    return Segment("", weight)
