"""What whole and streamed answers have in common."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from catalog.pricing import Usage
from ledger.money import to_usd

from router import usage
from router.dialects.checks import Json
from router.dialects.converse.reasoning import reasoning_tokens
from router.dialects.openai import check_stop_reason, guardrail_trace, url_citation

FINISH_REASONS = {
    "content_filtered": "content_filter",
    "end_turn": "stop",
    "guardrail_intervened": "content_filter",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
}
"""``refusal`` is Anthropic's, which Converse's list of reasons has not got yet."""


class Reply(NamedTuple):
    """What an answer's translation has to know of its request."""

    completion_id: str
    created: int
    """Epoch seconds."""
    model: str
    """The client's own name for it."""
    family: str
    cost: Callable[[Usage, str | None], int]
    """Picodollars for what was used in a service tier."""
    service_tier: str = "default"
    """The tier asked for; the answer tells the one that served it."""
    tool_names: Mapping[str, str] = {}
    """The client's tool name by Bedrock's, for those that differ."""
    custom_tools: frozenset[str] = frozenset()
    """The Bedrock names of custom tools."""
    legacy: bool = False
    """Calls are answered in the form before tools, as a `function_call`."""
    hides_reasoning: bool = False
    include_usage: bool = False
    """A stream ends with a chunk of usage."""
    changes: set[str] | None = None
    """Takes up what a whole answer's translation leaves out."""


class Thought:
    """How much of an answer was reasoning, which Converse does not count by itself."""

    def __init__(self) -> None:
        self.told: int | None = None
        """Tokens, where the model tells."""
        self._thinking = 0
        self._all = 0

    def add(self, text: str) -> None:
        """Weighs what the answer says."""
        self._all += len(text)

    def add_thinking(self, text: str) -> None:
        """Weighs what it thinks."""
        size = len(text)
        self._thinking += size
        self._all += size

    def tokens(self, output_tokens: int) -> int:
        """The tokens of reasoning among those of the answer."""
        if self.told is not None:
            return self.told
        return reasoning_tokens(output_tokens, self._thinking, self._all)


def finish_reason(stop_reason: str, *, legacy: bool = False) -> str:
    """OpenAI's name for why the model stopped. Raises `ApiError` for an answer not fit to be read."""
    check_stop_reason(stop_reason)
    found = FINISH_REASONS.get(stop_reason, "stop")
    return "function_call" if legacy and found == "tool_calls" else found


def closing(reply: Reply, answer: Json, thought: Thought) -> Json:
    """The members that tell what the answer took: `usage`, `service_tier` and a guardrail's trace.

    `answer` is a whole answer or the `metadata` event of a stream. OpenAI's `usage` counts cached
    tokens as part of the prompt, as Bedrock's does not.
    """
    told = usage.from_converse(answer.get("usage"))
    used = told or Usage()
    served = answer.get("serviceTier")
    tier = served.get("type") if isinstance(served, dict) else None
    found: Json = {
        "usage": {
            "prompt_tokens": used.prompt,
            "completion_tokens": used.output,
            "total_tokens": used.total,
            "prompt_tokens_details": {
                "cached_tokens": used.cache_read,
                "cache_write_tokens": used.cache_write_5m + used.cache_write_1h,
            },
            "completion_tokens_details": {"reasoning_tokens": thought.tokens(used.output)},
        },
        "service_tier": tier or reply.service_tier,
    }
    if told is not None:
        found["usage"]["cost"] = to_usd(reply.cost(used, tier))
    return found | guardrail_trace(answer)


def annotation_of(citation: Json, start: int, end: int) -> Json | None:
    """What tells the source of the text from `start` to `end`; None for one that has no URL."""
    source = url_citation(citation, start, end)
    return None if source is None else {"type": "url_citation", "url_citation": source}
