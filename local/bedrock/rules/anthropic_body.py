"""The bodies a Claude takes from InvokeModel: the Messages API as Bedrock has it, and the older one.

Fields: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
and https://platform.claude.com/docs/en/api/messages; the top-level ones Bedrock lets through are those
litellm 1.109.1 lists after trying.
"""

from local.bedrock.rules import claude
from local.bedrock.rules.anthropic_content import MESSAGE, SYSTEM
from local.bedrock.rules.anthropic_tools import TOOL, TOOL_CHOICE
from local.bedrock.schemas import Field

_TEXT = Field("string")
_TOKENS = Field(
    "tagged",
    tags={
        kind: Field("object", members={"type": _TEXT, "value": Field("integer", required=True)})
        for kind in ("input_tokens", "tool_uses", "thinking_turns")
    },
)
_EDIT = Field(
    "tagged",
    tags={
        "clear_tool_uses_20250919": Field(
            "object",
            members={
                "type": _TEXT,
                "trigger": _TOKENS,
                "keep": _TOKENS,
                "clear_at_least": _TOKENS,
                "exclude_tools": Field("array", items=_TEXT),
                "clear_tool_inputs": Field(),
            },
        ),
        "clear_thinking_20251015": Field("object", members={"type": _TEXT, "keep": Field()}),
        "compact_20260112": Field(
            "object",
            members={
                "type": _TEXT,
                "trigger": _TOKENS,
                "pause_after_compaction": Field("boolean"),
                "instructions": _TEXT,
            },
        ),
    },
)

BODY = {
    "anthropic_version": Field("string", required=True),
    "anthropic_beta": Field("array", items=_TEXT),
    "max_tokens": Field("integer", required=True, least=1),
    "messages": Field("array", required=True, least=1, items=MESSAGE),
    "system": SYSTEM,
    "stop_sequences": Field("array", items=_TEXT),
    "temperature": Field("number", least=0, most=1),
    "top_p": Field("number", least=0, most=1),
    "top_k": Field("integer", least=0),
    "tools": Field("array", items=TOOL),
    "tool_choice": TOOL_CHOICE,
    "thinking": claude.THINKING,
    # Claude Code puts JSON in it; only the Messages route of bedrock-runtime refuses that.
    "metadata": Field("object", members={"user_id": Field("string", most=256)}),
    "output_config": claude.OUTPUT_CONFIG,
    "safeguards": Field(),
    "context_management": Field("object", members={"edits": Field("array", items=_EDIT)}),
}
"""The top-level fields Bedrock lets through to a Claude."""

LEGACY_BODY = Field(
    "object",
    members={
        "prompt": Field("string", required=True, least=1),
        "max_tokens_to_sample": Field("integer", required=True, least=1),
        "temperature": Field("number", least=0, most=1),
        "top_p": Field("number", least=0, most=1),
        "top_k": Field("integer", least=0),
        "stop_sequences": Field("array", items=_TEXT),
        "anthropic_version": _TEXT,
    },
)
"""The Text Completions body, which Claude 2 takes as well."""
