"""The ``anthropic-beta`` values of the Messages API, a row for each.

Where the sources disagree a beta goes only where all of them have it work.
"""

from typing import NamedTuple

from catalog.families.generations import (
    CLAUDE_4,
    CLAUDE_4_5,
    CLAUDE_5,
    FROM_4,
    FROM_4_5,
    FROM_4_6,
    FROM_4_7,
    FROM_4_8,
)

SEEN = "2026-11-22"
"""When the sources were read."""

_AWS = "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html"
_AWS_TOOLS = "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html"
_AWS_BINDING = "https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-block-binding.html"
_DOCS = "https://platform.claude.com/docs/en/build-with-claude/"
_SDK = "https://github.com/anthropics/anthropic-sdk-python (2.12.0, AnthropicBetaParam)"
_LITELLM = (
    "https://github.com/BerriAI/litellm/blob/main/litellm/anthropic_beta_headers_config.json "
    "(1.109.1)"
)
# Each beta alone, and with the fields it opens, to Sonnet 5.5, Opus 5.5, Sonnet 5 and Haiku 4.5 in
# us-west-2 and ap-northeast-2, by the authors of a public gateway (October 2026).
_MEASURED = "docs/beta-headers/2026-10-05-bedrock-test.md, kept with upstream_compat.py"
_ISSUES = "https://github.com/anthropics/claude-code/issues/"

_OPUS_4_5 = frozenset({"claude-opus-4-5"})


class Beta(NamedTuple):
    """A row of the table."""

    name: str
    source: str
    """Where it says so, as read on `SEEN`."""
    families: frozenset[str] = frozenset()
    """The families, by name, with which InvokeModel takes it."""
    goes_as: str = ""
    """Its name on Bedrock, where that is another."""
    opens: tuple[str, ...] = ()
    """What a request may have with it only: words for fields, tools and edits, of `GATED`."""
    built_in: frozenset[str] = frozenset()
    """Families that do what it is for without it."""
    quiet: bool = False
    """Says something of the client, or is general availability: no answer is another without it."""
    converse: bool = False
    """Converse takes it too, in ``additionalModelRequestFields.anthropic_beta``."""


_NO_EFFECT = (
    "claude-code-20250219",
    "afk-mode-2026-01-31",
    "thinking-token-count-2026-05-13",
    "mid-conversation-system-2026-04-07",
)
_GENERAL = (
    "prompt-caching-2024-07-31",
    "pdfs-2024-09-25",
    "message-batches-2024-09-24",
    "token-counting-2024-11-01",
    "structured-outputs-2025-09-17",
    "structured-outputs-2025-11-13",
    "structured-outputs-2025-12-15",
)
_HOSTED = (
    "advisor-tool-2026-03-01",
    "code-execution-2025-05-22",
    "code-execution-2025-08-25",
    "files-api-2025-04-14",
    "mcp-client-2025-04-04",
    "mcp-client-2025-11-20",
    "mcp-client-2026-09-15",
    "mcp-servers-2025-12-04",
    "skills-2025-10-02",
    "web-fetch-2025-09-10",
    "web-search-2025-03-05",
)

BETAS = (
    # --- what Bedrock takes ---------------------------------------------------------------------------
    Beta(
        "interleaved-thinking-2025-05-14",
        _DOCS + "extended-thinking#interleaved-thinking",
        # Claude that sizes its own thinking interleaves it without being asked. Opus 4.7 refused it at
        # first (https://github.com/anthropics/claude-code/issues/49490); the others Anthropic ignores
        # it with, and has Bedrock fail.
        families=CLAUDE_4 | {"claude-4-5", "claude-opus-4-5", "claude-4-6"},
        quiet=True,
        converse=True,
    ),
    Beta(
        "context-management-2025-06-27",
        _AWS_TOOLS,
        families=FROM_4,
        opens=(
            "context_management.clear_tool_uses_20250919",
            # Which also wants thinking to be on.
            "context_management.clear_thinking_20251015",
            "tools.memory_20250818",
        ),
    ),
    Beta(
        "compact-2026-01-12",
        _DOCS + "compaction-threshold",
        families=FROM_4_6,
        opens=("context_management.compact_20260112",),
    ),
    Beta(
        "effort-2025-11-24",
        _DOCS + "effort",
        families=_OPUS_4_5,
        opens=("output_config.effort",),
        built_in=FROM_4_6,
        quiet=True,
        converse=True,
    ),
    Beta("tool-search-tool-2025-10-19", _AWS, families=FROM_4_5, opens=("tool_search",)),
    Beta(
        "advanced-tool-use-2025-11-20",
        _LITELLM,
        families=FROM_4_5,
        goes_as="tool-search-tool-2025-10-19",
        opens=("tool_search",),
    ),
    Beta(
        "tool-examples-2025-10-29",
        _AWS,
        families=_OPUS_4_5,
        opens=("tools.input_examples",),
    ),
    Beta(
        "computer-use-2025-01-24",
        _AWS,
        families=CLAUDE_4 | CLAUDE_4_5 | {"claude-3-7"},
        opens=("tools.computer_20250124",),
        converse=True,
    ),
    Beta(
        "computer-use-2025-11-24",
        _AWS,
        families=FROM_4_6 | _OPUS_4_5,
        opens=("tools.computer_20251124",),
        converse=True,
    ),
    # Anthropic's own API has ended it for Sonnet 4 and 4.5; AWS documents and prices it.
    Beta(
        "context-1m-2025-08-07",
        _AWS,
        families=frozenset({"claude-4", "claude-4-5"}),
        built_in=FROM_4_6,
        converse=True,
    ),
    # Also for what a tool's ``eager_input_streaming`` asks for, which Bedrock does not know.
    Beta("fine-grained-tool-streaming-2025-05-14", _AWS_TOOLS, families=FROM_4, converse=True),
    Beta(
        "token-efficient-tools-2025-02-19",
        _AWS,
        families=frozenset({"claude-3-7"}),
        built_in=FROM_4,
    ),
    Beta("output-128k-2025-02-19", _AWS, families=frozenset({"claude-3-7"}), built_in=FROM_4),
    Beta("dev-full-thinking-2025-05-14", _AWS, families=CLAUDE_4),
    # AWS has every model that thinks take it; Sonnet 4.5 does not
    # (https://github.com/BerriAI/litellm/pull/41203). Its ``prefix_mismatch_behavior`` is
    # ``mismatch_behavior`` on Bedrock.
    Beta(
        "thinking-binding-controls-2026-08-01",
        _AWS_BINDING,
        families=FROM_4_7,
        opens=("thinking.block_binding",),
        converse=True,
    ),
    Beta(
        "thinking-display-updates-2026-08-18",
        _MEASURED,
        families=CLAUDE_5,
        opens=("thinking.display.updates",),
        converse=True,
    ),
    # Claude 4.5 and 4.6 refuse it, alone or beside structured outputs (litellm). Haiku 4.5 answers it
    # alone, but clients name it in every request, those for structured outputs included.
    Beta("dangerous-tool-use-2026-09-03", _LITELLM, families=FROM_4_7, opens=("safeguards",)),
    Beta(
        "mid-conversation-tool-changes-2026-07-01",
        _DOCS + "mid-conversation-system-messages",
        families=FROM_4_8,
        opens=("messages.tool_changes",),
    ),
    Beta(
        "inline-tools-2026-09-15",
        _MEASURED,
        families=FROM_4_8,
        opens=("messages.tool_changes",),
    ),
    # Both names work on these; on Opus 5, Sonnet 5 and Opus 4.8 the field is refused even so.
    Beta(
        "mid-conversation-output-config-2026-07-01",
        _MEASURED,
        families=frozenset({"claude-opus-5-5", "claude-sonnet-5-5"}),
        opens=("messages.output_config",),
    ),
    Beta(
        "per-turn-control-2026-07-01",
        _MEASURED,
        families=frozenset({"claude-opus-5-5", "claude-sonnet-5-5"}),
        goes_as="mid-conversation-output-config-2026-07-01",
        opens=("messages.output_config",),
    ),
    # --- what nothing depends on ----------------------------------------------------------------------
    *(Beta(name, _MEASURED, quiet=True) for name in _NO_EFFECT),
    *(Beta(name, _SDK, quiet=True) for name in _GENERAL),
    Beta("oauth-2025-04-20", _ISSUES + "49370", quiet=True),
    Beta("extended-cache-ttl-2025-04-11", _ISSUES + "56595", quiet=True),
    Beta("search-results-2025-06-09", _DOCS + "search-results", quiet=True),
    Beta(
        "model-context-window-exceeded-2025-08-26",
        _DOCS + "handling-stop-reasons",
        built_in=FROM_4_5,
    ),
    # --- what Bedrock does not have -------------------------------------------------------------------
    # Only for Sonnet 3.5, whose life on Bedrock has ended.
    Beta("computer-use-2024-10-22", _AWS, opens=("tools.computer_20241022",)),
    Beta("prompt-caching-scope-2026-01-05", _MEASURED, opens=("cache_control.scope",)),
    Beta("redact-thinking-2026-02-12", _MEASURED),
    Beta("fast-mode-2026-02-01", _LITELLM, opens=("speed",)),
    # Opus 5.5's card on AWS names it, Anthropic has it "not available" on Bedrock.
    Beta("compact-2026-09-04", _DOCS + "compaction-keep-recent-turns", opens=("compaction",)),
    Beta("task-budgets-2026-03-13", _LITELLM, opens=("output_config.task_budget",)),
    Beta("cache-diagnosis-2026-04-07", _LITELLM, opens=("diagnostics",)),
    Beta("mid-conversation-system-clear-at-2026-08-21", _LITELLM, opens=("messages.clear_at",)),
    Beta("server-side-fallback-2026-06-01", _LITELLM, opens=("fallbacks",)),
    Beta("server-side-fallback-2026-07-01", _LITELLM, opens=("fallbacks",)),
    Beta("fallback-credit-2026-06-01", _LITELLM, opens=("fallback_credit_token",)),
    Beta("fallback-credit-2026-07-01", _LITELLM, opens=("fallback_credit_token",)),
    *(Beta(name, _LITELLM) for name in _HOSTED),
)
"""Every beta of the Messages API that there is something to say of. Bedrock knows as little of the
others, of other APIs of Anthropic's most of them."""

GATED = frozenset(field for beta in BETAS for field in beta.opens)
"""What some beta opens. ``tool_search`` stands for tools that search tools, `defer_loading` of others
and `tool_reference` among results; ``messages.`` for what system turns among the messages have."""
