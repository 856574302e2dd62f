"""The beta flags and the tools of Anthropic's own design that each generation of Claude takes on Bedrock.

Betas: AWS's list
(https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html)
and its pages on tool use, compaction and preserved thinking; litellm 1.109.1; what Claude Code 2.1.330
sends to Bedrock; https://github.com/vercel/ai/issues/20729 (the binding controls, by model). Tools:
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html
and, for who takes which version, Anthropic's page on each tool.
"""

from collections.abc import Mapping

BINDING = "thinking-binding-controls-2026-08-01"
COMPACT = "compact-2026-01-12"
CONTEXT = "context-management-2025-06-27"
DANGEROUS = "dangerous-tool-use-2026-09-03"
EFFORT = "effort-2025-11-24"
INLINE_TOOLS = "inline-tools-2026-09-15"
MILLION = "context-1m-2025-08-07"
SEARCH = "tool-search-tool-2025-10-19"
TOOL_CHANGES = "mid-conversation-tool-changes-2026-07-01"
TOOL_EXAMPLES = "tool-examples-2025-10-29"
TURN_SETTINGS = "mid-conversation-output-config-2026-07-01"
UPDATES = "thinking-display-updates-2026-08-18"

_OLDEST_COMPUTER = "computer-use-2024-10-22"
_COMPUTER = "computer-use-2025-01-24"
_NEW_COMPUTER = "computer-use-2025-11-24"
_INTERLEAVED = frozenset({"interleaved-thinking-2025-05-14", "Interleaved-thinking-2025-05-14"})
_FINE_GRAINED = "fine-grained-tool-streaming-2025-05-14"

BETAS_3_5 = frozenset({_OLDEST_COMPUTER})
BETAS_3_7 = frozenset(
    {_COMPUTER, "token-efficient-tools-2025-02-19", "output-128k-2025-02-19"},
)
BETAS_4 = _INTERLEAVED | {
    _COMPUTER,
    _FINE_GRAINED,
    CONTEXT,
    MILLION,
    "dev-full-thinking-2025-05-14",
    "token-efficient-tools-2025-02-19",
}
BETAS_4_5 = BETAS_4 | {SEARCH}
HAIKU_BETAS_4_5 = BETAS_4_5 - {MILLION}
OPUS_BETAS_4_5 = HAIKU_BETAS_4_5 | {_NEW_COMPUTER, EFFORT, TOOL_EXAMPLES}
BETAS_4_6 = _INTERLEAVED | {
    _FINE_GRAINED,
    _NEW_COMPUTER,
    COMPACT,
    CONTEXT,
    EFFORT,
    MILLION,
    SEARCH,
}
BETAS_4_7 = BETAS_4_6 | {BINDING, DANGEROUS, "thinking-token-count-2026-05-13"}
BETAS_4_8 = BETAS_4_7 | {INLINE_TOOLS, TOOL_CHANGES, TURN_SETTINGS}
BETAS_5 = BETAS_4_8 | {UPDATES}
OPUS_BETAS_5_5 = BETAS_5 | {"compact-2026-09-04"}

Tools = Mapping[str, str]
"""The beta each type of tool needs; "" for none."""

_SEARCH_TOOLS = dict.fromkeys(
    (
        "tool_search_tool_bm25",
        "tool_search_tool_bm25_20251119",
        "tool_search_tool_regex",
        "tool_search_tool_regex_20251119",
    ),
    SEARCH,
)
_SHELL = {"bash_20250124": "", "text_editor_20250124": ""}
_EDITORS = {"text_editor_20250429": "", "text_editor_20250728": ""}

TOOLS_3_5: Tools = dict.fromkeys(
    ("bash_20241022", "computer_20241022", "text_editor_20241022"), _OLDEST_COMPUTER
)
TOOLS_3_7: Tools = {**_SHELL, "computer_20250124": _COMPUTER}
TOOLS_4: Tools = {**TOOLS_3_7, **_EDITORS, "memory_20250818": CONTEXT}
TOOLS_4_5: Tools = {**TOOLS_4, **_SEARCH_TOOLS}
OPUS_TOOLS_4_5: Tools = {**TOOLS_4_5, "computer_20251124": _NEW_COMPUTER}
TOOLS_4_6: Tools = {
    **_SHELL,
    **_EDITORS,
    **_SEARCH_TOOLS,
    "computer_20251124": _NEW_COMPUTER,
    "memory_20250818": "",
}
