"""What the models of each family accept, beyond what all of Bedrock has in common.

One row per family, found by how a foundation model's id begins. A model that no row names gets
`UNKNOWN`, which takes everything and leaves it to Bedrock to refuse.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog.models import base_id

FieldPath = tuple[str, ...]
"""Where a value goes in `additionalModelRequestFields`."""

SAMPLING = frozenset({"temperature", "top_p", "stop"})
"""What Converse's `inferenceConfig` has a member for."""


class Family(NamedTuple):
    """A row of the table; the defaults are what a plain chat model on Converse does."""

    name: str
    begins: tuple[str, ...]
    """How its foundation models' ids begin; the longest match of all rows counts."""
    sampling: frozenset[str] = SAMPLING
    """The members of `inferenceConfig` it takes, by OpenAI's names."""
    one_sampling: bool = False
    """Takes `temperature` or `top_p`, not both."""
    extra: Mapping[str, FieldPath] = {}
    """Parameters without a member in `inferenceConfig` that it takes among its own fields:
    ``{"top_k": ("inferenceConfig", "topK")}``."""
    least_tokens: int = 1
    """The least `maxTokens` it takes."""
    reasoning: str = "none"
    """How reasoning is asked of it: a key of ``FORMS`` in ``router.dialects.converse.reasoning``."""
    efforts: tuple[str, ...] = ()
    """The efforts it knows, by OpenAI's names; ``none`` where it can be told not to reason."""
    effort_path: FieldPath = ()
    """Where the effort goes, when `reasoning` is ``effort``."""
    thinks_unasked: bool = False
    """Reasons when the request does not say whether to."""
    hides_reasoning: bool = False
    """Leaves its reasoning out of the answer unless asked to show it."""
    signs_reasoning: bool = False
    """Takes reasoning back only with its own signature."""
    structured: str = "tool"
    """How it is made to answer in JSON: ``native``, by a forced ``tool``, or by ``instructions``."""
    tools: bool = True
    streamed_tools: bool = True
    """Streams answers to requests with tools."""
    tool_choices: frozenset[str] = frozenset({"auto", "any", "tool"})
    strict_tools: bool = False
    one_tool_call: bool = False
    """Can be told to make at most one tool call at a time."""
    system: bool = True
    """Takes a system prompt."""
    cache_ttls: tuple[str, ...] = ()
    """How long it can cache a prompt: ``5m``, ``1h``; empty when it takes no cache points."""
    native: frozenset[str] = frozenset()
    """The routes of bedrock-runtime's own ``/openai/v1`` that serve it better than Converse does:
    ``chat``, ``responses``."""


UNKNOWN = Family("unknown", (), strict_tools=True, cache_ttls=("5m", "1h"))

_CLAUDE = Family(
    "claude",
    ("anthropic.claude-",),
    extra={"top_k": ("top_k",)},
    one_tool_call=True,
    cache_ttls=("5m",),
    signs_reasoning=True,
)
_BUDGET = _CLAUDE._replace(reasoning="budget")
_ADAPTIVE = _CLAUDE._replace(
    reasoning="adaptive",
    efforts=("none", "low", "medium", "high", "max"),
    cache_ttls=("5m", "1h"),
)

FAMILIES: tuple[Family, ...] = (
    _CLAUDE,
    _BUDGET._replace(
        name="claude-4",
        begins=("anthropic.claude-3-7-", "anthropic.claude-sonnet-4-", "anthropic.claude-opus-4-"),
    ),
    _ADAPTIVE._replace(
        name="claude-4-6",
        begins=("anthropic.claude-sonnet-4-6", "anthropic.claude-opus-4-6"),
        one_sampling=True,
        structured="native",
        strict_tools=True,
    ),
)

_BY_BEGINNING = {begins: family for family in FAMILIES for begins in family.begins}


def family_of(model_id: str) -> Family:
    """The family of a model id, a profile id or an ARN; `UNKNOWN` when no row has it."""
    bare = base_id(model_id.rpartition("/")[2])
    matches = [begins for begins in _BY_BEGINNING if bare.startswith(begins)]
    return _BY_BEGINNING[max(matches, key=len)] if matches else UNKNOWN


def nested(path: FieldPath, value: object) -> dict[str, Any]:
    """``{"inferenceConfig": {"topK": value}}`` for the path ``("inferenceConfig", "topK")``."""
    *outer, last = path
    found: dict[str, Any] = {last: value}
    for key in reversed(outer):
        found = {key: found}
    return found
