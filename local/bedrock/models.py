"""What a model is: which API takes it, how it is called, and what it accepts."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Claude(NamedTuple):
    """What a generation of Claude accepts through either API."""

    sampling: str
    """``any``; ``one``: temperature or top_p, not both; ``default``: no value but the default."""
    thinking: tuple[str, ...] = ()
    """The values of ``thinking.type`` it takes."""
    thinks_unasked: bool = False
    """It thinks when the request has no ``thinking``."""
    thinking_shown: bool = True
    """Its thinking blocks hold text unless ``display`` says ``omitted``; else the other way round."""
    binds_thinking: str = "no"
    """Whether it refuses thinking out of another conversation: ``no``; ``asked``: when the request
    says what to do with it; ``yes``."""
    prefill: bool = True
    forced_tool: bool = True
    system_turns: bool = False
    """The role ``system`` may appear in messages."""
    effort: str = "no"
    """``no``; ``beta``: only with the beta flag; ``yes``."""
    efforts: tuple[str, ...] = ("low", "medium", "high", "xhigh", "max")
    """The values of ``output_config.effort`` it takes, when any."""
    always_thinks_at: frozenset[str] = frozenset()
    """The efforts at which its thinking cannot be turned off."""
    structured: bool = False
    """``output_config.format``."""
    strict_tools: bool = False
    """``strict`` of a tool."""
    one_call: bool = False
    """``tool_choice.disable_parallel_tool_use`` among the fields of a Converse request."""
    long_cache: bool = False
    """Prompts can be cached for an hour, not only for five minutes."""
    long_context: bool = False
    """A million tokens of prompt, with the beta flag for it."""
    turn_settings: bool = False
    """A turn of the role ``system`` may set ``output_config`` for what follows it, with a beta flag."""
    versions: tuple[str, ...] = ("bedrock-2023-05-31",)
    counts_tokens: bool = True
    betas: frozenset[str] = frozenset()
    tools: Mapping[str, str] = MappingProxyType({})
    """Its types of tool beside ``custom``, and the beta flag each needs; "" for none."""


class Reasoning(NamedTuple):
    """How a model that is no Claude reasons on Converse."""

    fields: tuple[str, ...] = ()
    """The additional fields that ask for it; () when nothing does."""
    efforts: tuple[str, ...] = ("none", "low", "medium", "high")
    told: str = "text"
    """``text``; ``masked``: as "[REDACTED]"; ``redacted``: as a blob nobody can read."""
    replays: frozenset[str] = frozenset()
    """What it takes back in a conversation: ``text``, ``redacted``."""


class OpenAI(NamedTuple):
    """What a model accepts and answers on bedrock-runtime's own OpenAI routes."""

    responses: bool = False
    """It serves Responses as well as Chat Completions."""
    efforts: tuple[str, ...] = ("low", "medium", "high")
    default_effort: str = ""
    """The effort of a request that names none; "" when it then does not reason."""
    always_reasons: bool = False
    reasoning: str = "field"
    """Where a chat completion has its reasoning: ``hidden``, only counted; ``inline``, tagged in the
    text; ``field``, in ``message.reasoning``."""
    max_tokens: bool = True
    """It takes ``max_tokens`` for ``max_completion_tokens``."""
    stop: bool = True
    penalties: bool = True
    logit_bias: bool = True
    sampling_while_reasoning: bool = True
    tools_while_reasoning: bool = True
    """In a chat completion; Responses has no such limit."""
    schemas: bool = False
    """A chat completion keeps to the schema in ``response_format``, which others ignore."""
    tiers: tuple[str, ...] = ("auto", "default", "flex", "priority")
    positional_call_ids: bool = False
    """The tool calls of every chat completion are ``call_0``, ``call_1``, …"""
    temperature: float = 1.0
    """Unless the request has one."""
    top_p: float = 1.0


_CLAUDE_2_NAMES = {"claude-v2": "claude-2.0", "claude-v2:1": "claude-2.1"}


class Model(NamedTuple):
    """A foundation model."""

    id: str
    family: str
    """Whose body InvokeModel takes and answers."""
    geographies: tuple[str, ...]
    """Where it has inference profiles."""
    on_demand: bool
    """False when it can be called through an inference profile only."""
    context: int
    """The most tokens a prompt may have."""
    max_output: int
    features: frozenset[str] = frozenset()
    """Of the Converse API: a subset of `FEATURES`."""
    cache_minimum: int = 0
    """The fewest tokens that can be cached; 0 when the model does not cache."""
    claude: Claude | None = None
    openai: OpenAI | None = None
    reasoning: Reasoning | None = None
    least_output: int = 1
    """The fewest tokens that ``maxTokens`` may allow."""

    @property
    def provider(self) -> str:
        """The provider's part of the id."""
        return self.id.partition(".")[0]

    @property
    def short_name(self) -> str:
        """The name a Claude calls itself in its answers: no provider, no revision."""
        name = self.id.partition(".")[2]
        return _CLAUDE_2_NAMES.get(name) or re.sub(r"-v\d+(:\d+)?$", "", name)

    @property
    def chats(self) -> bool:
        """Whether the Converse API takes it."""
        return "chat" in self.features


FEATURES = frozenset(
    {
        "chat",
        "system",
        "tools",
        "streamed_tools",
        "tool_choice_any",
        "tool_choice_tool",
        "images",
        "documents",
        "audio",
        "sampling",
        "stops",
        "strict_tools",
        "structured",
        "reasoning",
        "merged_turns",
    }
)

CHAT = frozenset({"chat", "system", "sampling", "stops"})
TOOLS = frozenset({"tools", "streamed_tools", "tool_choice_any", "tool_choice_tool"})
MEDIA = frozenset({"images", "documents"})
