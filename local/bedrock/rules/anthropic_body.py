"""The bodies a Claude takes from InvokeModel: the Messages API as Bedrock has it, and the older one.

Fields: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
and https://platform.claude.com/docs/en/api/messages; the top-level ones Bedrock lets through are those
litellm 1.109.1 lists after trying.
"""

from local.bedrock.rules import claude
from local.bedrock.schemas import Field

_STRING = Field("string", required=True)
_TEXT = Field("string")
_TYPE = Field("string")
_CACHE = Field(
    "object",
    members={
        "type": Field("string", required=True, choices=("ephemeral",)),
        "ttl": Field("string", choices=("5m", "1h")),
    },
)
_CITED = Field("object", members={"enabled": Field("boolean")})
_TOOL_NAME = r"[a-zA-Z0-9_-]{1,128}"


def _block(**members: Field) -> Field:
    return Field("object", members={"type": _TYPE, "cache_control": _CACHE, **members})


_BASE64_SOURCE = Field("object", members={"type": _TYPE, "media_type": _STRING, "data": _STRING})
_IMAGE = _block(source=Field("tagged", required=True, tags={"base64": _BASE64_SOURCE}))
_TEXT_BLOCK = _block(text=_STRING, citations=Field("array"))
_DOCUMENT = _block(
    source=Field(
        "tagged",
        required=True,
        tags={
            "base64": _BASE64_SOURCE,
            "text": _BASE64_SOURCE,
            "content": Field("object", members={"type": _TYPE, "content": Field("text")}),
        },
    ),
    title=_TEXT,
    context=_TEXT,
    citations=_CITED,
)
_SEARCH_RESULT = _block(
    source=_STRING, title=_STRING, content=Field("array", required=True), citations=_CITED
)
_RESULT_CONTENT = Field(
    "tagged",
    tags={
        "text": _TEXT_BLOCK,
        "image": _IMAGE,
        "document": _DOCUMENT,
        "search_result": _SEARCH_RESULT,
        "tool_reference": _block(tool_name=_STRING),
    },
)
_CONTENT = Field(
    "tagged",
    tags={
        "text": _TEXT_BLOCK,
        "image": _IMAGE,
        "document": _DOCUMENT,
        "search_result": _SEARCH_RESULT,
        "thinking": Field(
            "object", members={"type": _TYPE, "thinking": _STRING, "signature": _STRING}
        ),
        "redacted_thinking": Field("object", members={"type": _TYPE, "data": _STRING}),
        "tool_use": _block(
            id=Field("string", required=True, pattern=r"[a-zA-Z0-9_-]+"),
            name=Field("string", required=True, least=1, most=200),
            input=Field("object", required=True),
            caller=Field("object"),
        ),
        "tool_result": _block(
            tool_use_id=_STRING,
            content=Field("text", items=_RESULT_CONTENT),
            is_error=Field("boolean"),
        ),
        "tool_addition": _block(tool=Field("object", required=True)),
        "tool_removal": _block(tool=Field("object", required=True)),
    },
)
_SYSTEM = Field("text", items=Field("tagged", tags={"text": _TEXT_BLOCK}))
_MESSAGE = Field(
    "object",
    members={
        "role": Field("string", required=True, choices=("user", "assistant", "system")),
        "content": Field("text", required=True, items=_CONTENT),
        "output_config": Field("object"),
    },
)


def _server_tool(**members: Field) -> Field:
    return _block(name=_STRING, **members)


_SCREEN = {
    "display_width_px": Field("integer", required=True),
    "display_height_px": Field("integer", required=True),
    "display_number": Field("integer"),
}
_TOOL = Field(
    "tagged",
    untagged="custom",
    tags={
        "custom": _block(
            name=Field("string", required=True, pattern=_TOOL_NAME),
            description=_TEXT,
            input_schema=Field("object", required=True),
            strict=Field("boolean"),
            defer_loading=Field("boolean"),
            input_examples=Field("array"),
            eager_input_streaming=Field("boolean"),
        ),
        "bash_20250124": _server_tool(),
        "text_editor_20250124": _server_tool(),
        "text_editor_20250429": _server_tool(max_characters=Field("integer")),
        "text_editor_20250728": _server_tool(max_characters=Field("integer")),
        "computer_20250124": _server_tool(**_SCREEN),
        "computer_20251124": _server_tool(**_SCREEN, enable_zoom=Field("boolean")),
        "memory_20250818": _server_tool(),
        "tool_search_tool_bm25": _server_tool(),
        "tool_search_tool_bm25_20251119": _server_tool(),
        "tool_search_tool_regex": _server_tool(),
        "tool_search_tool_regex_20251119": _server_tool(),
    },
)
_CHOICE_OPTIONS = {"type": _TYPE, "disable_parallel_tool_use": Field("boolean")}
_TOOL_CHOICE = Field(
    "tagged",
    tags={
        "auto": Field("object", members=_CHOICE_OPTIONS),
        "any": Field("object", members=_CHOICE_OPTIONS),
        "none": Field("object", members={"type": _TYPE}),
        "tool": Field("object", members={**_CHOICE_OPTIONS, "name": _STRING}),
    },
)

BODY = {
    "anthropic_version": _STRING,
    "anthropic_beta": Field("array", items=_TEXT),
    "max_tokens": Field("integer", required=True, least=1),
    "messages": Field("array", required=True, least=1, items=_MESSAGE),
    "system": _SYSTEM,
    "stop_sequences": Field("array", items=_TEXT),
    "temperature": Field("number", least=0, most=1),
    "top_p": Field("number", least=0, most=1),
    "top_k": Field("integer", least=0),
    "tools": Field("array", items=_TOOL),
    "tool_choice": _TOOL_CHOICE,
    "thinking": claude.THINKING,
    "metadata": Field("object", members={"user_id": _TEXT}),
    "output_config": claude.OUTPUT_CONFIG,
    "safeguards": Field(),
    "context_management": Field("object", members={"edits": Field("array")}),
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
