"""What a family of models accepts, as a row of `catalog.families`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog.tokenizers import O200K, Tokenizer

FieldPath = tuple[str, ...]
"""Where a value goes in `additionalModelRequestFields`."""

SAMPLING = frozenset({"temperature", "top_p", "stop"})
"""What Converse's `inferenceConfig` has a member for, by OpenAI's names."""

ANY_CHOICE = frozenset({"auto", "any", "tool"})
"""The members of Converse's `toolChoice`."""


class Family(NamedTuple):
    """A row of the table; the defaults are what a plain chat model on Converse does."""

    name: str
    begins: tuple[str, ...]
    """How its foundation models' ids begin; the longest match of all rows counts."""

    sampling: frozenset[str] = SAMPLING
    """Those of `SAMPLING` that it takes."""
    one_sampling: bool = False
    """Takes `temperature` or `top_p`, not both."""
    blank_stops: bool = True
    """Takes stop sequences of nothing but whitespace."""
    extra: Mapping[str, FieldPath] = {}
    """Parameters without a member in `inferenceConfig` that it takes among its own fields:
    ``{"top_k": ("inferenceConfig", "topK")}``."""
    most: Mapping[str, int] = {}
    """The most it takes of those in `extra` that it bounds."""
    least_tokens: int = 1
    """The least `maxTokens` it takes."""
    default_tokens: int = 0
    """`maxTokens` for a request without one; 0 leaves it to Bedrock."""

    reasoning: str = "none"
    """How reasoning is asked of it over Converse:

    ``none``      does not reason
    ``fixed``     reasons or not, whatever is asked
    ``effort``    one of `efforts` at `effort_path`
    ``budget``    Claude's ``thinking`` with a budget of tokens
    ``adaptive``  Claude's ``thinking`` that sizes itself, and ``output_config.effort``
    ``nova``      Nova's ``reasoningConfig``
    """
    efforts: tuple[str, ...] = ()
    """The efforts it knows, by OpenAI's names; ``none`` where it can do without reasoning. Claude takes
    the others for ``output_config.effort`` however it reasons."""
    effort_path: FieldPath = ()
    """Where the effort goes, when `reasoning` is ``effort``."""
    reasons_unasked: bool = False
    """Reasons when the request does not say whether to."""
    rests_as: str = "disabled"
    """The ``thinking.type`` for effort ``none``, when `reasoning` is ``adaptive``."""
    hides_reasoning: bool = False
    """Leaves its reasoning out of the answer, for good or unless asked to show it."""
    abridges_reasoning: bool = False
    """Where a request asks it to reason, its answer may show less of that than is billed: a summary, or
    a mask."""
    reasons_beside: frozenset[str] = ANY_CHOICE
    """The tool choices beside which it can be asked to reason; none when not beside tools at all."""
    replays: frozenset[str] = frozenset()
    """The reasoning it takes back in a conversation: ``signed`` or unsigned ``text``, and what is
    ``redacted``."""

    structured: str = "tool"
    """How it is made to answer in JSON: ``native``, by a forced ``tool``, or by ``instructions``."""
    structured_beside_tools: bool = False
    """Takes a native form of the answer together with tools."""

    tools: bool = True
    streamed_tools: bool = True
    """Streams answers to requests with tools."""
    tool_choices: frozenset[str] = ANY_CHOICE
    strict_tools: bool = False
    one_tool_call: bool = False
    """Can be told to make at most one tool call at a time."""

    system: bool = True
    """Takes a system prompt."""
    citations: bool = False
    """Cites documents and search results in its answers."""
    image_tokens: int = 5_000
    """The most tokens that one image has. Claude's largest has 4,784
    (https://docs.claude.com/en/docs/build-with-claude/vision)."""
    image_size: tuple[int, int] = (1_568, 1_568)
    """The longest side, in pixels, and the most tokens of an image that is not made smaller."""
    image_patch: int = 28
    """The side, in pixels, of the square of an image that makes a token."""
    tokenizer: Tokenizer = O200K
    """How many tokens it has for a text."""
    frame_tokens: int = 3
    """What it puts around a prompt, and around each message as `turn_tokens`."""
    turn_tokens: int = 3
    call_tokens: int = 20
    """What it puts around a tool's call, and around the result of one."""
    tool_prompt: tuple[int, int] = (100, 100)
    """What it is told of tools beside their definitions, in tokens: when it is free to call them, and
    when it is forced to."""
    counts_tokens: bool = False
    """Bedrock's CountTokens counts for it."""
    cache_ttls: tuple[str, ...] = ()
    """How long it can cache a prompt: ``5m``, ``1h``; empty when it takes no cache points."""
    cached: frozenset[str] = frozenset({"tools", "system", "messages"})
    """Where it takes cache points, when it takes any. Without ``tools`` it takes none beside tool
    calls and results either."""

    native: frozenset[str] = frozenset()
    """The routes of bedrock-runtime's own ``/openai/v1`` that serve it better than Converse does:
    ``chat``, ``responses``."""

    messages: bool = False
    """InvokeModel takes the body of Anthropic's Messages API for it. The fields below are of that
    body."""
    thinking: frozenset[str] = frozenset()
    """The ``thinking.type``s it takes."""
    system_turns: bool = False
    """Takes messages of the role ``system`` among the others."""
    anthropic_versions: tuple[str, ...] = ("bedrock-2023-05-31",)
    """The values of ``anthropic_version`` it knows, oldest first."""


def nested(path: FieldPath, value: object) -> dict[str, Any]:
    """``{"inferenceConfig": {"topK": value}}`` for the path ``("inferenceConfig", "topK")``."""
    *outer, last = path
    found: dict[str, Any] = {last: value}
    for key in reversed(outer):
        found = {key: found}
    return found
