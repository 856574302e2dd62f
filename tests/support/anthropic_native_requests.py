"""Messages requests that together have all that the API knows, for reviewed translations."""

import base64
import json
from typing import Any

from router.dialects.converse.reasoning import seal as sealed_item

from local.bedrock.seals import redact, seal
from tests.support.whole_router import PIXEL

Json = dict[str, Any]

HI = {"role": "user", "content": "Hi"}
SCHEMA: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER: Json = {"name": "weather", "description": "Tells it", "input_schema": SCHEMA}
GIF: Json = {
    "type": "image",
    "source": {
        "type": "base64",
        "media_type": "image/gif",
        "data": base64.b64encode(PIXEL).decode(),
    },
}
PDF: Json = {
    "type": "document",
    "source": {
        "type": "base64",
        "media_type": "application/pdf",
        "data": base64.b64encode(b"%PDF-1.4").decode(),
    },
    "title": "A page",
    "context": "Found in the cellar",
    "citations": {"enabled": True},
}
NOTES: Json = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "Seven."},
}
PARTS: Json = {
    "type": "document",
    "source": {"type": "content", "content": [{"type": "text", "text": "Seven."}, GIF]},
}
FOUND: Json = {
    "type": "search_result",
    "source": "https://example.test/",
    "title": "Numbers",
    "content": [{"type": "text", "text": "Seven."}],
    "citations": {"enabled": True},
}
SIGNED: Json = {"type": "thinking", "thinking": "Hm.", "signature": seal("Hm.")}
REDACTED: Json = {"type": "redacted_thinking", "data": redact("Hm.")}
OF_ANOTHER_MODEL = sealed_item(
    [{"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "AAAA"}}}], "nova-2"
)
EPHEMERAL: Json = {"type": "ephemeral"}
HOUR: Json = {"type": "ephemeral", "ttl": "1h"}
BILLING = "x-anthropic-billing-header: cc_version=2.1.330.f3d; cc_entrypoint=cli; cch=5b1c2;"
CLAUDE_CODE_USER = json.dumps({"device_id": "ab" * 32, "account_uuid": "", "session_id": "c0"})


def words(text: str, **members: Any) -> Json:
    """A text block."""
    return {"type": "text", "text": text, **members}


def user(*blocks: Json) -> Json:
    """A user's turn."""
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Json) -> Json:
    """A turn of the model's."""
    return {"role": "assistant", "content": list(blocks)}


def use(name: str = "weather", call_id: str = "toolu_1", **members: Any) -> Json:
    """A call of a tool."""
    return {
        "type": "tool_use",
        "id": call_id,
        "name": name,
        "input": {"city": "Rome"},
        **members,
    }


def result(call_id: str = "toolu_1", content: Any = "Sun.", **members: Any) -> Json:
    """What a tool said."""
    return {"type": "tool_result", "tool_use_id": call_id, "content": content, **members}


def asked(*messages: Json, **parameters: Any) -> Json:
    """A request without its model."""
    return {"max_tokens": 2048, "messages": list(messages) or [HI], **parameters}


LOOP = (HI, assistant(SIGNED, use()), user(result()))
"""A conversation in which a tool was used."""

_COMPUTER: Json = {"name": "computer", "display_width_px": 1024, "display_height_px": 768}

TOOLS: dict[str, Json] = {
    "bash_20241022": {"name": "bash"},
    "bash_20250124": {"name": "bash"},
    "text_editor_20241022": {"name": "str_replace_editor"},
    "text_editor_20250124": {"name": "str_replace_editor"},
    "text_editor_20250429": {"name": "str_replace_based_edit_tool"},
    "text_editor_20250728": {"name": "str_replace_based_edit_tool", "max_characters": 10_000},
    "memory_20250818": {"name": "memory"},
    "computer_20241022": _COMPUTER,
    "computer_20250124": _COMPUTER,
    "computer_20251124": {**_COMPUTER, "enable_zoom": True},
    "tool_search_tool_regex_20251119": {"name": "tool_search_tool_regex"},
    "tool_search_tool_bm25_20251119": {"name": "tool_search_tool_bm25"},
}
"""The tools of Anthropic's design that a client or Bedrock runs, by type, without it."""

HOSTED: dict[str, Json] = {
    "web_search_20250305": {"name": "web_search", "max_uses": 3},
    "web_search_20260209": {"name": "web_search"},
    "web_fetch_20250910": {"name": "web_fetch"},
    "code_execution_20250825": {"name": "code_execution"},
    "mcp_toolset": {"mcp_server_name": "files"},
    "advisor_20260301": {"name": "advisor"},
}
"""Those that only Anthropic runs."""

REQUESTS: dict[str, Json] = {
    "bare": asked(),
    "content": asked(
        user(words("What is this?"), GIF, PDF, NOTES, PARTS, FOUND),
        assistant(
            words(
                "Seven.",
                citations=[
                    {
                        "type": "char_location",
                        "cited_text": "Seven.",
                        "document_index": 1,
                        "document_title": None,
                        "start_char_index": 0,
                        "end_char_index": 6,
                    }
                ],
            )
        ),
        HI,
        system="Be brief.",
        stream=True,
    ),
    "tool_results": asked(
        HI,
        assistant(words("Let me see."), use(), use(call_id="toolu_2"), use(call_id="toolu_3")),
        user(
            result(content=[words("Sun."), GIF, NOTES, FOUND]),
            result("toolu_2", is_error=True),
            {"type": "tool_result", "tool_use_id": "toolu_3"},
            words("And tomorrow?"),
        ),
        tools=[WEATHER],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    ),
    "nulls": asked(
        system=None,
        temperature=None,
        tools=None,
        tool_choice=None,
        thinking=None,
        metadata=None,
        container=None,
        service_tier=None,
        mcp_servers=None,
        context_management=None,
        output_config=None,
        cache_control=None,
    ),
    "fields_bedrock_has_not": asked(
        container=None,
        diagnostics={"previous_message_id": None},
        fallbacks=[{"model": "claude-sonnet-5"}],
        inference_geo="global",
        mcp_servers=[],
        service_tier="standard_only",
        speed="fast",
        user_profile_id="someone",
    ),
    "claude_code": asked(
        *LOOP,
        system=[
            words(BILLING),
            words("You are Claude Code.", cache_control={**HOUR, "scope": "global"}),
            words("Be brief.", cache_control=HOUR),
        ],
        metadata={"user_id": CLAUDE_CODE_USER},
        tools=[WEATHER, {**WEATHER, "name": "clock", "eager_input_streaming": True}],
        thinking={"type": "adaptive", "display": "summarized"},
        output_config={"effort": "medium"},
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        temperature=1,
        stream=True,
    ),
    "user": asked(metadata={"user_id": "someone@example.test"}),
    "thinking_enabled": asked(*LOOP, thinking={"type": "enabled", "budget_tokens": 1024}),
    "thinking_enabled_with_effort": asked(
        thinking={"type": "enabled", "budget_tokens": 1024}, output_config={"effort": "low"}
    ),
    "thinking_adaptive": asked(thinking={"type": "adaptive"}),
    "thinking_updates": asked(thinking={"type": "adaptive", "display": "updates"}),
    "thinking_bound": asked(
        thinking={
            "type": "adaptive",
            "display": "omitted",
            "block_binding": {"prefix_mismatch_behavior": "drop_block"},
        }
    ),
    "thinking_disabled": asked(thinking={"type": "disabled"}),
    "thinking_between_tools": asked(thinking={"type": "between_tools"}),
    "thinking_with_little_room": asked(thinking={"type": "adaptive"}, max_tokens=1000),
    **{
        f"effort_{effort}": asked(output_config={"effort": effort})
        for effort in ("low", "medium", "high", "xhigh", "max")
    },
    "form": asked(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}),
    "older_form": asked(output_format={"type": "json_schema", "schema": SCHEMA}),
    "task_budget": asked(output_config={"task_budget": {"type": "tokens", "total": 20_000}}),
    "safeguards": asked(safeguards=[{"name": "cyber", "mode": "log"}]),
    "sampling": asked(temperature=0.5, top_p=0.9, top_k=40, stop_sequences=["END", "\n", " "]),
    "temperature": asked(temperature=0),
    "top_p": asked(top_p=0.9),
    "neutral_sampling": asked(temperature=1, top_p=1),
    "sampling_while_thinking": asked(
        temperature=0.5, top_p=0.5, top_k=40, thinking={"type": "adaptive"}
    ),
    "large_limit": asked(max_tokens=1_000_000),
    "flex": asked(service_tier="flex"),
    "tool_options": asked(
        tools=[
            {**WEATHER, "type": "custom", "cache_control": {**HOUR, "scope": "organization"}},
            {**WEATHER, "name": "strict", "strict": True},
            {**WEATHER, "name": "eager", "eager_input_streaming": True},
            {**WEATHER, "name": "taught", "input_examples": [{"city": "Rome"}]},
            {**WEATHER, "name": "called", "allowed_callers": ["direct"]},
            {**WEATHER, "name": "coded", "allowed_callers": ["code_execution_20250825"]},
        ],
        tool_choice={"type": "none"},
    ),
    "tool_any": asked(tools=[WEATHER], tool_choice={"type": "any"}),
    "tool_named": asked(tools=[WEATHER], tool_choice={"type": "tool", "name": "weather"}),
    **{
        f"tool_{kind}": asked(tools=[WEATHER, {"type": kind, **tool}])
        for kind, tool in TOOLS.items()
    },
    "tool_search": asked(
        HI,
        assistant(use("find")),
        user(result(content=[{"type": "tool_reference", "tool_name": "weather"}])),
        tools=[
            {**WEATHER, "name": "find"},
            {**WEATHER, "defer_loading": True},
        ],
    ),
    "hosted_history": asked(
        HI,
        assistant(
            {
                "type": "server_tool_use",
                "id": "srvtoolu_1",
                "name": "web_search",
                "input": {"query": "seven"},
            },
            {
                "type": "web_search_tool_result",
                "tool_use_id": "srvtoolu_1",
                "content": [
                    {
                        "type": "web_search_result",
                        "url": "https://example.test/",
                        "title": "Numbers",
                        "encrypted_content": "AAAA",
                    }
                ],
            },
            words(
                "Seven.",
                citations=[
                    {
                        "type": "web_search_result_location",
                        "cited_text": "Seven.",
                        "encrypted_index": "AAAA",
                        "title": "Numbers",
                        "url": "https://example.test/",
                    }
                ],
            ),
        ),
        HI,
    ),
    "edits": asked(
        *LOOP,
        thinking={"type": "adaptive"},
        context_management={
            "edits": [
                {"type": "clear_thinking_20251015", "keep": {"type": "thinking_turns", "value": 1}},
                {
                    "type": "clear_tool_uses_20250919",
                    "trigger": {"type": "input_tokens", "value": 30_000},
                    "keep": {"type": "tool_uses", "value": 3},
                    "exclude_tools": ["weather"],
                },
                {"type": "compact_20260112"},
            ]
        },
    ),
    "edits_without_thinking": asked(
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    ),
    "thinking_replayed": asked(
        HI,
        assistant(SIGNED, REDACTED, words("Hm?")),
        HI,
        assistant({"type": "thinking", "thinking": "Cut off", "signature": ""}, words("So")),
        HI,
        assistant(
            {"type": "thinking", "thinking": "Of Nova", "signature": OF_ANOTHER_MODEL},
            {"type": "redacted_thinking", "data": OF_ANOTHER_MODEL},
            {"type": "thinking", "thinking": "", "signature": ""},
            words("Hm!"),
        ),
        HI,
    ),
    "cached": asked(
        user(words("A"), words("B", cache_control=HOUR)),
        assistant(words("C")),
        user(words("D", cache_control={"type": "ephemeral", "ttl": "5m"})),
        system=[words("Be brief.", cache_control=HOUR)],
        tools=[{**WEATHER, "cache_control": HOUR}],
    ),
    "cached_whole": asked(HI, cache_control={**HOUR, "scope": "global"}),
    "cached_whole_with_four_marks": asked(
        user(*(words(text, cache_control=EPHEMERAL) for text in "ABCD"), words("E")),
        cache_control=EPHEMERAL,
    ),
    "system_turns": asked(
        {"role": "system", "content": "Be brief."},
        HI,
        assistant(use()),
        user(result(), words("Well?")),
        {"role": "system", "content": "A file has changed."},
        assistant(words("Sun.")),
        {"role": "system", "content": [words("Be kind.")]},
        user(words("Thanks")),
        system=[words("You are a clerk.")],
        tools=[WEATHER],
    ),
    "system_turn_before_results": asked(
        HI,
        assistant(use()),
        {"role": "system", "content": "A file has changed."},
        user(result()),
        tools=[WEATHER],
    ),
    "system_turn_at_the_end": asked(
        HI, assistant(words("Yes?")), {"role": "system", "content": "Go on."}
    ),
    "system_turn_settings": asked(
        HI,
        {
            "role": "system",
            "content": [
                words("From now on"),
                {
                    "type": "tool_addition",
                    "tool": {"type": "tool_reference", "name": "weather"},
                },
            ],
            "output_config": {"effort": "low"},
            "clear_at": "next_user_message",
        },
        tools=[WEATHER, {**WEATHER, "name": "clock"}],
    ),
    "prefill": asked(HI, assistant(words("The answer is"))),
}
"""Requests without their model, by what they show."""
