"""The top-level fields of a Messages request, whichever way it is served.

A row for each field of https://platform.claude.com/docs/en/api/messages, betas included, and for each
extra one that clients are known to send.
"""

from collections.abc import Mapping

from router.dialects.anthropic import extra_input
from router.dialects.checks import Json, invalid
from router.dialects.parameters import TRANSLATED, Parameter, check_parameters, dropped, only

_CODE = "Anthropic's own API runs code in containers, and Bedrock does not"
_GEOGRAPHY = "call a model by the inference profile of a geography, such as us. or eu."
_MCP = "connect to the MCP server yourself, and offer its tools as functions"
_SUMMARY = "ask for a summary in a message of your own"
_THREAD = "send the whole conversation in messages"

PARAMETERS: Mapping[str, Parameter] = {
    "anthropic_beta": TRANSLATED,
    "anthropic_version": TRANSLATED,
    "betas": TRANSLATED,
    "billing_policy": dropped(dict),
    "cache_control": TRANSLATED,
    "compaction": only(instead=_SUMMARY),
    "container": only(instead=_CODE),
    "context_management": TRANSLATED,
    "diagnostics": dropped(dict),
    "fallback_credit_token": dropped(str),
    "fallbacks": dropped(list, [], "default"),
    "inference_geo": only("global", instead=_GEOGRAPHY),
    "max_tokens": TRANSLATED,
    "mcp_servers": only([], instead=_MCP),
    "messages": TRANSLATED,
    "metadata": TRANSLATED,
    "model": TRANSLATED,
    "output_config": TRANSLATED,
    # What `output_config.format` was called while it was a beta.
    "output_format": TRANSLATED,
    "safeguards": TRANSLATED,
    "service_tier": TRANSLATED,
    "speed": dropped(str, "standard"),
    "stop_sequences": TRANSLATED,
    "stream": TRANSLATED,
    "system": TRANSLATED,
    "temperature": TRANSLATED,
    "thinking": TRANSLATED,
    "thread": only(instead=_THREAD),
    "tool_choice": TRANSLATED,
    "tools": TRANSLATED,
    "top_k": TRANSLATED,
    "top_p": TRANSLATED,
    "user_profile_id": dropped(str),
    "workspace_id": dropped(str),
}

SERVICE_TIERS = {
    "auto": "default",
    "default": "default",
    "flex": "flex",
    "priority": "priority",
    "standard_only": "default",
}
"""Anthropic's service tiers, and Bedrock's own by their names."""


def check_fields(table: Mapping[str, Parameter], asked: Json, changes: set[str]) -> None:
    """Refuses what the table refuses or has no row for, and notes in `changes` what is dropped."""
    if unknown := check_parameters(table, asked, changes):
        raise extra_input(next(iter(unknown)))


def read_service_tier(value: object) -> str:
    """Bedrock's name of the tier that a request's `service_tier` asks for."""
    if value is None:
        return "default"
    if not isinstance(value, str) or value not in SERVICE_TIERS:
        raise invalid("service_tier", f"must be one of {', '.join(SERVICE_TIERS)}")
    return SERVICE_TIERS[value]
