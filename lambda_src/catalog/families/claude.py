"""Claude, of all generations.

https://platform.claude.com/docs/en/build-with-claude (thinking and its types, adaptive thinking, effort,
structured outputs) and https://platform.claude.com/docs/en/about-claude/models/migration-guide.
Caching: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html.
Tokens of the prompt for tools: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview.
Images: https://platform.claude.com/docs/en/build-with-claude/vision.
"""

from catalog.families.family import Family
from catalog.tokenizers import CLAUDE_3, CLAUDE_4_7

_AUTO = frozenset({"auto"})
_STOP = frozenset({"stop"})
_BUDGETED = frozenset({"enabled", "disabled"})
# The clients for Bedrock in Anthropic's SDKs (anthropic 2.12.0, lib/bedrock/_client.py) send the later
# one to every model; Opus 4.6 and earlier do not know it on Bedrock:
# https://platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock-legacy.
_VERSIONS = ("bedrock-2023-05-31", "2026-10-21")

_CLAUDE_3 = Family(
    "claude-3",
    ("anthropic.claude-3-",),
    # "stop_sequences: each stop sequence must contain non-whitespace".
    blank_stops=False,
    extra={"top_k": ("top_k",)},
    messages=True,
    tokenizer=CLAUDE_3,
    # A message alone has 7; others were recorded.
    frame_tokens=4,
    turn_tokens=3,
    call_tokens=30,
    # Sonnet has 159, Haiku 264, and the first 3.5, which begins alike, 294.
    tool_prompt=(264, 315),
)
_CLAUDE_3_5 = _CLAUDE_3._replace(
    name="claude-3-5",
    begins=("anthropic.claude-3-5-haiku-", "anthropic.claude-3-5-sonnet-20241022-"),
    citations=True,
    cache_ttls=("5m",),
    # Haiku has (264, 355).
    tool_prompt=(346, 313),
    # From 3.5 (https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html) to 4.6: "The
    # provided model doesn't support counting tokens" for Opus 4.7 and 4.8 and the generation of 5
    # (live calls of August 2026 by users, and of https://github.com/aws-samples/sample-per-model-bedrock).
    counts_tokens=True,
)
_CLAUDE_4 = _CLAUDE_3_5._replace(
    name="claude-4",
    begins=("anthropic.claude-sonnet-4-2", "anthropic.claude-opus-4-2"),
    # Converse stops them at 4,096 where no limit is set, contrary to its documentation (measured:
    # https://github.com/BerriAI/litellm/issues/41529). This is the least that any of them can put
    # out; it is not more, as what is set counts against the account's quota until the answer is
    # there: https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html.
    default_tokens=32_000,
    reasoning="budget",
    # What it thought is billed whole and told as a summary:
    # https://platform.claude.com/docs/en/build-with-claude/extended-thinking ("Summarized thinking").
    abridges_reasoning=True,
    reasons_beside=_AUTO,
    replays=frozenset({"signed", "redacted"}),
    thinking=_BUDGETED,
    tool_prompt=(313, 315),
)
_CLAUDE_3_7 = _CLAUDE_4._replace(
    name="claude-3-7",
    begins=("anthropic.claude-3-7-",),
    tool_prompt=(346, 313),
)
# Since Opus 4.1: "`temperature` and `top_p` cannot both be specified for this model."
_OPUS_4_1 = _CLAUDE_4._replace(
    name="claude-opus-4-1", begins=("anthropic.claude-opus-4-1-",), one_sampling=True
)
_CLAUDE_4_5 = _OPUS_4_1._replace(
    name="claude-4-5",
    begins=("anthropic.claude-sonnet-4-5",),
    structured="native",
    structured_beside_tools=True,
    strict_tools=True,
    # `tool_choice.disable_parallel_tool_use` among the additional fields, as litellm has it.
    one_tool_call=True,
    cache_ttls=("5m", "1h"),
    tool_prompt=(496, 588),
)
_HAIKU_4_5 = _CLAUDE_4_5._replace(name="claude-haiku-4-5", begins=("anthropic.claude-haiku-4-5",))
# litellm finds Bedrock to stop at high, and to want a beta for any effort.
_OPUS_4_5 = _CLAUDE_4_5._replace(
    name="claude-opus-4-5",
    begins=("anthropic.claude-opus-4-5",),
    efforts=("low", "medium", "high"),
)
_CLAUDE_4_6 = _CLAUDE_4_5._replace(
    name="claude-4-6",
    begins=("anthropic.claude-sonnet-4-6", "anthropic.claude-opus-4-6"),
    reasoning="adaptive",
    efforts=("none", "low", "medium", "high", "max"),
    thinking=_BUDGETED | {"adaptive"},
    tool_prompt=(497, 589),
)
# From here on sampling parameters are "deprecated for this model", and native forms and strict tools
# are "Extra inputs are not permitted" (https://github.com/anthropics/anthropic-sdk-python/issues/1759
# for Opus 4.8 and Sonnet 5, https://github.com/vercel/ai/issues/14773 for Opus 4.7; the cards of the
# Claude 5 generation say the same). litellm takes native forms for possible on some of them.
# litellm finds Bedrock to stop at xhigh where Anthropic's own API knows max.
_CLAUDE_4_7 = _CLAUDE_4_6._replace(
    name="claude-4-7",
    begins=("anthropic.claude-opus-4-7",),
    sampling=_STOP,
    extra={},
    efforts=("none", "low", "medium", "high", "xhigh"),
    hides_reasoning=True,
    structured="tool",
    structured_beside_tools=False,
    strict_tools=False,
    thinking=frozenset({"adaptive", "disabled"}),
    anthropic_versions=_VERSIONS,
    image_size=(2_576, 4_784),
    tokenizer=CLAUDE_4_7,
    frame_tokens=8,
    tool_prompt=(675, 804),
    counts_tokens=False,
)
# Opus 4.8, 5 and 5.5, Sonnet 5 and 5.5 took system turns from InvokeModel in October 2026; Opus 4.7,
# Sonnet 4.6 and Haiku 4.5 did not. litellm's `supports_mid_conversation_system` says the same, and has
# the others of the Claude 5 generation take them.
_OPUS_4_8 = _CLAUDE_4_7._replace(
    name="claude-opus-4-8",
    begins=("anthropic.claude-opus-4-8",),
    system_turns=True,
    frame_tokens=3,
    tool_prompt=(290, 410),
)
_CLAUDE_5 = _OPUS_4_8._replace(
    name="claude-5",
    begins=("anthropic.claude-sonnet-5", "anthropic.claude-haiku-5-5"),
    reasons_unasked=True,
    # Sonnet 5's, which its successors are taken to have too.
    tool_prompt=(354, 474),
)
_OPUS_5 = _CLAUDE_5._replace(
    name="claude-opus-5",
    begins=("anthropic.claude-opus-5",),
    efforts=("none", "low", "medium", "high", "xhigh", "max"),
)
# Never stop thinking.
_FABLE_5 = _CLAUDE_5._replace(
    name="claude-fable-5",
    begins=("anthropic.claude-fable-5", "anthropic.claude-mythos-"),
    efforts=("low", "medium", "high", "xhigh"),
    thinking=frozenset({"adaptive"}),
)
# And cannot be made to call a tool: 'tool_choice: type "tool" and "any" are not supported'. Claude of
# generations to come are taken for such.
_FABLE_5_1 = _FABLE_5._replace(
    name="claude-fable-5-1",
    begins=("anthropic.claude-", "anthropic.claude-fable-5-", "anthropic.claude-mythos-5-"),
    structured="instructions",
    tool_choices=_AUTO,
)
_OPUS_5_5 = _FABLE_5_1._replace(
    name="claude-opus-5-5",
    begins=("anthropic.claude-opus-5-",),
    efforts=("low", "medium", "high", "xhigh", "max"),
)
# Goes without thinking before its first words, though not between tool calls:
# https://github.com/stdapi-ai/stdapi.ai/blob/main/stdapi/models/chat/anthropic_claude_5.py.
_SONNET_5_5 = _FABLE_5_1._replace(
    name="claude-sonnet-5-5",
    begins=("anthropic.claude-sonnet-5-",),
    efforts=("none", "low", "medium", "high", "xhigh"),
    rests_as="between_tools",
    thinking=frozenset({"adaptive", "between_tools"}),
)
_CLAUDE_2 = Family(
    "claude-2",
    ("anthropic.claude-v1", "anthropic.claude-v2", "anthropic.claude-instant-"),
    blank_stops=False,
    extra={"top_k": ("top_k",)},
    tools=False,
    structured="instructions",
    messages=True,
    tokenizer=CLAUDE_3,
    frame_tokens=4,
    turn_tokens=5,
)

CLAUDES = (
    _CLAUDE_2,
    _CLAUDE_3,
    _CLAUDE_3_5,
    _CLAUDE_3_7,
    _CLAUDE_4,
    _OPUS_4_1,
    _CLAUDE_4_5,
    _HAIKU_4_5,
    _OPUS_4_5,
    _CLAUDE_4_6,
    _CLAUDE_4_7,
    _OPUS_4_8,
    _CLAUDE_5,
    _OPUS_5,
    _FABLE_5,
    _FABLE_5_1,
    _OPUS_5_5,
    _SONNET_5_5,
)
