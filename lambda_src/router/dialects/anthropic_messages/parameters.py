"""What becomes of each top-level field of a Messages request.

One row per field of https://platform.claude.com/docs/en/api/messages, betas included, and per extra
one that clients are known to send.
"""

from router.dialects.anthropic import extra_input
from router.dialects.checks import Json, fields, members
from router.dialects.parameters import (
    TRANSLATED,
    Parameter,
    check_parameters,
    dropped,
    only,
)

METADATA = fields("user_id")

PARAMETERS: dict[str, Parameter] = {
    # How Bedrock's own clients tell the version and the betas, which say nothing to these models.
    "anthropic_beta": TRANSLATED,
    "anthropic_version": TRANSLATED,
    "betas": TRANSLATED,
    "billing_policy": dropped(dict),
    "cache_control": TRANSLATED,
    "compaction": only(instead="ask for a summary in a message of your own"),
    "container": only(instead="Anthropic's own API runs code in containers, and Bedrock does not"),
    "context_management": dropped(dict, {}),
    "diagnostics": dropped(dict),
    "fallback_credit_token": dropped(str),
    "fallbacks": dropped(list, [], "default"),
    "inference_geo": only(
        "global", instead="call a model by the inference profile of a geography, such as us. or eu."
    ),
    "max_tokens": TRANSLATED,
    "mcp_servers": only(
        [], instead="connect to the MCP server yourself, and offer its tools as functions"
    ),
    "messages": TRANSLATED,
    "metadata": TRANSLATED,
    "model": TRANSLATED,
    "output_config": TRANSLATED,
    "output_format": TRANSLATED,
    "safeguards": only(instead="use a guardrail of Amazon Bedrock"),
    "service_tier": TRANSLATED,
    "speed": dropped(str, "standard"),
    "stop_sequences": TRANSLATED,
    "stream": TRANSLATED,
    "system": TRANSLATED,
    "temperature": TRANSLATED,
    "thinking": TRANSLATED,
    "thread": only(instead="send the whole conversation in messages"),
    "tool_choice": TRANSLATED,
    "tools": TRANSLATED,
    "top_k": TRANSLATED,
    "top_p": TRANSLATED,
    "user_profile_id": dropped(str),
    "workspace_id": dropped(str),
}


def check_body(body: Json, changes: set[str]) -> None:
    """Refuses what Anthropic and the table refuse, and notes in `changes` what is dropped."""
    if unknown := check_parameters(PARAMETERS, body, changes):
        raise extra_input(next(iter(unknown)))
    if body.get("metadata") is not None:
        # Its `user_id` is for Anthropic's own watch over abuse.
        members(body["metadata"], "metadata", METADATA, changes)
