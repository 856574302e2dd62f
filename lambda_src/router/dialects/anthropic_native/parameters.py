"""What becomes of each top-level field of a Messages request.

Those that Bedrock lets through are those of
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html,
and of what litellm 1.109.1 sends.
"""

from router.dialects.anthropic import extra_input
from router.dialects.anthropic_native.draft import InvokeDraft
from router.dialects.checks import Json
from router.dialects.parameters import TRANSLATED, Parameter, check_parameters, dropped, only

_RUN_CODE = "Anthropic's own API runs code in containers, and Bedrock does not"
_CONNECT = "connect to the MCP server yourself, and offer its tools as functions"
_REGIONS = "call a model by the inference profile of a geography, such as us. or eu."
_SUMMARY = "ask for a summary in a message of your own"
_WHOLE = "send the whole conversation in messages"

PARAMETERS: dict[str, Parameter] = {
    **dict.fromkeys(
        (
            "anthropic_version",
            "cache_control",
            "context_management",
            "max_tokens",
            "messages",
            "metadata",
            "model",
            "output_config",
            "output_format",
            "safeguards",
            "service_tier",
            "stop_sequences",
            "stream",
            "system",
            "temperature",
            "thinking",
            "tool_choice",
            "tools",
            "top_k",
            "top_p",
        ),
        TRANSLATED,
    ),
    "billing_policy": dropped(dict),
    "compaction": only(instead=_SUMMARY),
    "container": only(instead=_RUN_CODE),
    "diagnostics": dropped(dict),
    "fallback_credit_token": dropped(str),
    "fallbacks": dropped(list, [], "default"),
    "inference_geo": only("global", instead=_REGIONS),
    "mcp_servers": only([], instead=_CONNECT),
    "speed": dropped(str, "standard"),
    "thread": only(instead=_WHOLE),
    "user_profile_id": dropped(str),
    "workspace_id": dropped(str),
}


def take(draft: InvokeDraft, asked: Json) -> None:
    """Begins the draft's body with what is given of the fields that Bedrock knows. Raises `ApiError`."""
    if unknown := check_parameters(PARAMETERS, asked, draft.changes):
        raise extra_input(next(iter(unknown)))
    draft.body = {
        key: value
        for key, value in asked.items()
        if value is not None and PARAMETERS[key].translated
    }
