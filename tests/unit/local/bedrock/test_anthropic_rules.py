"""Each thing a Claude refuses in the body of InvokeModel, and what it does not."""

import base64
from typing import Any

import pytest

from local.bedrock.claudes import CLAUDES
from local.bedrock.models import Model
from local.bedrock.seals import redact, seal
from local.bedrock.service import Simulator
from tests.support.media import PNG
from tests.support.simulated_bedrock import CLAUDE, assert_refused, call, claude_body, user

CLAUDE_2 = "anthropic.claude-v2:1"
SONNET_3_5 = "us.anthropic.claude-3-5-sonnet-20241022-v2:0"
HAIKU_3 = "anthropic.claude-3-haiku-20240307-v1:0"
HAIKU_4_5 = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
SONNET_4_5 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
OPUS_4_1 = "us.anthropic.claude-opus-4-1-20250805-v1:0"
OPUS_4_5 = "us.anthropic.claude-opus-4-5-20251101-v1:0"
OPUS_4_7 = "us.anthropic.claude-opus-4-7"
OPUS_4_8 = "us.anthropic.claude-opus-4-8"
OPUS_5 = "us.anthropic.claude-opus-5"
OPUS_5_5 = "us.anthropic.claude-opus-5-5"
SONNET_5_5 = "us.anthropic.claude-sonnet-5-5"
HAIKU_5_5 = "us.anthropic.claude-haiku-5-5"
FABLE_5 = "us.anthropic.claude-fable-5"
FABLE_5_1 = "us.anthropic.claude-fable-5-1"

Json = dict[str, Any]


def turn(role: str, *blocks: Json | str) -> Json:
    content = [{"type": "text", "text": b} if isinstance(b, str) else b for b in blocks]
    return {"role": role, "content": content}


def use(tool_id: str = "t1") -> Json:
    return {"type": "tool_use", "id": tool_id, "name": "look", "input": {}}


def result(tool_id: str = "t1", **fields: Any) -> Json:
    return {"type": "tool_result", "tool_use_id": tool_id, "content": "seen", **fields}


def tool(name: str = "look", **fields: Any) -> Json:
    return {"name": name, "input_schema": {"type": "object"}, **fields}


def text(value: str, **fields: Any) -> Json:
    return {"type": "text", "text": value, **fields}


def cached(ttl: str = "5m") -> Json:
    return text("x", cache_control={"type": "ephemeral", "ttl": ttl})


def talk(*content: Json | str, uses: tuple[Json, ...] = (use(),)) -> Json:
    """A body with a tool call and the user turn that follows it."""
    messages = [turn("user", "hi"), turn("assistant", *uses), turn("user", *content)]
    return claude_body(messages=messages, tools=[tool()])


def beta(name: str, **fields: Any) -> Json:
    return claude_body(anthropic_beta=[name], **fields)


def image(**source: str) -> Json:
    whole = {"media_type": "image/png", "data": base64.b64encode(PNG).decode(), **source}
    return {"type": "image", "source": {"type": "base64", **whole}}


CITATION: Json = {
    "type": "char_location",
    "cited_text": "x",
    "document_index": 0,
    "document_title": None,
    "start_char_index": 0,
    "end_char_index": 1,
}
SCREEN: Json = {"name": "computer", "display_width_px": 800, "display_height_px": 600}
THINK: Json = {"type": "enabled", "budget_tokens": 1024}
ADAPT: Json = {"type": "adaptive"}
LOW: Json = {"effort": "low"}
ADDITION: Json = {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "look"}}
FORCED: Json = {"tools": [tool()], "tool_choice": {"type": "any"}}

REFUSED: dict[str, tuple[str, Any, str]] = {
    "no JSON": (CLAUDE, b"{", "Malformed input request, please reformat your input and try again."),
    "no object": (CLAUDE, [], "Malformed input request: expected type: JSONObject"),
    "no version": (
        CLAUDE,
        claude_body(anthropic_version=None),
        "anthropic_version: Field required",
    ),
    "unknown version": (
        CLAUDE,
        claude_body(anthropic_version="2023-06-01"),
        "anthropic_version: Input should be 'bedrock-2023-05-31'",
    ),
    "new version for an old model": (
        CLAUDE,
        claude_body(anthropic_version="2026-10-21"),
        "anthropic_version: Input should be",
    ),
    "sampling under the new version": (
        OPUS_4_7,
        claude_body(anthropic_version="2026-10-21", temperature=1),
        "temperature: Extra inputs are not permitted",
    ),
    "no max_tokens": (CLAUDE, claude_body(max_tokens=None), "max_tokens: Field required"),
    "max_tokens of 0": (
        CLAUDE,
        claude_body(max_tokens=0),
        "max_tokens: Input should be greater than or equal to 1",
    ),
    "max_tokens as text": (
        CLAUDE,
        claude_body(max_tokens="9"),
        "max_tokens: Input should be a valid integer",
    ),
    "max_tokens above the model's": (
        CLAUDE,
        claude_body(max_tokens=64_001),
        "The maximum tokens you requested exceeds the model limit of 64000",
    ),
    "no messages": (CLAUDE, claude_body(messages=None), "messages: Field required"),
    "model": (CLAUDE, claude_body(model="x"), "model: Extra inputs are not permitted"),
    "stream": (CLAUDE, claude_body(stream=True), "stream: Extra inputs are not permitted"),
    "service_tier": (
        CLAUDE,
        claude_body(service_tier="auto"),
        "service_tier: Extra inputs are not",
    ),
    "thread": (
        CLAUDE,
        claude_body(thread={"type": "create"}),
        "thread: Extra inputs are not permitted",
    ),
    "container": (
        CLAUDE,
        claude_body(container="x"),
        "container: Extra inputs are not permitted",
    ),
    "inference_geo": (
        CLAUDE,
        claude_body(inference_geo="eu"),
        "inference_geo: Extra inputs are not permitted",
    ),
    "speed": (
        CLAUDE,
        claude_body(speed="fast"),
        "speed: Extra inputs are not permitted",
    ),
    "fallbacks": (
        CLAUDE,
        claude_body(fallbacks=[]),
        "fallbacks: Extra inputs are not permitted",
    ),
    "cache_control": (
        CLAUDE,
        claude_body(cache_control={"type": "ephemeral"}),
        "cache_control: Extra inputs are not permitted",
    ),
    "diagnostics": (
        CLAUDE,
        claude_body(diagnostics={}),
        "diagnostics: Extra inputs are not permitted",
    ),
    "compaction": (
        CLAUDE,
        claude_body(compaction={}),
        "compaction: Extra inputs are not permitted",
    ),
    "user_profile_id": (
        CLAUDE,
        claude_body(user_profile_id="x"),
        "user_profile_id: Extra inputs are not permitted",
    ),
    "mcp_servers": (
        CLAUDE,
        claude_body(mcp_servers=[]),
        "mcp_servers: Extra inputs are not permitted",
    ),
    "unknown field of a text": (
        CLAUDE,
        claude_body(messages=[turn("user", text("x", foo=1))]),
        "messages.0.content.0.text.foo: Extra inputs are not permitted",
    ),
    "scope of a cache_control": (
        CLAUDE,
        claude_body(system=[text("x", cache_control={"type": "ephemeral", "scope": "global"})]),
        "system.0.text.cache_control.scope: Extra inputs are not permitted",
    ),
    "unknown block": (
        CLAUDE,
        claude_body(messages=[turn("user", {"type": "video"})]),
        (
            "messages.0.content.0: Input tag 'video' found using 'type' does not match any of the "
            "expected tags: 'document',"
        ),
    ),
    "image by URL": (
        CLAUDE,
        claude_body(
            messages=[turn("user", {"type": "image", "source": {"type": "url", "url": "u"}})]
        ),
        (
            "messages.0.content.0.image.source: Input tag 'url' found using 'type' does not match any of "
            "the expected tags: 'base64'"
        ),
    ),
    "document in a file": (
        CLAUDE,
        claude_body(
            messages=[
                turn("user", {"type": "document", "source": {"type": "file", "file_id": "f"}})
            ]
        ),
        (
            "messages.0.content.0.document.source: Input tag 'file' found using 'type' does not match "
            "any of the expected tags: 'base64', 'content', 'text'"
        ),
    ),
    "image that is no base64": (
        CLAUDE,
        claude_body(messages=[turn("user", image(data="?"))]),
        "messages.0.content.0.image.source.base64.data: Invalid base64 data",
    ),
    "image of another type": (
        CLAUDE,
        claude_body(messages=[turn("user", image(media_type="image/jpeg"))]),
        (
            "messages.0.content.0.image.source.base64.data: The image was specified using the "
            "image/jpeg media type, but the image appears to be a image/png image"
        ),
    ),
    "image of no known type": (
        CLAUDE,
        claude_body(messages=[turn("user", image(media_type="image/bmp"))]),
        "Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
    ),
    "image that is none, in a result": (
        CLAUDE,
        talk(result(content=[image(data="aGk=")])),
        "Could not process image",
    ),
    "large image in a document": (
        CLAUDE,
        claude_body(
            messages=[
                turn(
                    "user",
                    {
                        "type": "document",
                        "source": {
                            "type": "content",
                            "content": [image(data=base64.b64encode(PNG.ljust(5242881)).decode())],
                        },
                    },
                )
            ]
        ),
        (
            "messages.0.content.0.document.source.content.content.0.image.source.base64.data: image "
            "exceeds 5 MB maximum: 5242881 bytes > 5242880 bytes"
        ),
    ),
    "text file that is not plain": (
        CLAUDE,
        claude_body(
            messages=[
                turn(
                    "user",
                    {
                        "type": "document",
                        "source": {"type": "text", "media_type": "text/html", "data": "x"},
                    },
                )
            ]
        ),
        "messages.0.content.0.document.source.text.media_type: Input should be 'text/plain'",
    ),
    "citation with a file's id": (
        CLAUDE,
        claude_body(
            messages=[
                turn("user", "x"),
                turn("assistant", text("y", citations=[{**CITATION, "file_id": "f"}])),
                turn("user", "z"),
            ]
        ),
        "messages.1.content.0.text.citations.0.char_location.file_id: Extra inputs are not permitted",
    ),
    "block without type": (
        CLAUDE,
        claude_body(messages=[{"role": "user", "content": [{"text": "x"}]}]),
        "messages.0.content.0.type: Field required",
    ),
    "unknown role": (
        CLAUDE,
        claude_body(messages=[turn("tool", "x")]),
        "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    ),
    "server tool": (
        CLAUDE,
        claude_body(tools=[{"type": "web_search_20250305", "name": "web_search"}]),
        (
            "tools.0: Input tag 'web_search_20250305' found using 'type' does not match any of the "
            "expected tags: 'bash_20250124', 'custom', 'memory_20250818', 'text_editor_20250124',"
        ),
    ),
    "tool that Anthropic runs": (
        OPUS_5_5,
        claude_body(tools=[{"type": "mcp_toolset", "mcp_server_name": "x"}]),
        "tools.0: Input tag 'mcp_toolset' found using 'type' does not match any of the expected",
    ),
    "eager_input_streaming": (
        OPUS_5_5,
        claude_body(tools=[tool(eager_input_streaming=True)]),
        "tools.0.custom.eager_input_streaming: Extra inputs are not permitted",
    ),
    "allowed_callers": (
        OPUS_5_5,
        claude_body(tools=[tool(allowed_callers=["direct"])]),
        "tools.0.custom.allowed_callers: Extra inputs are not permitted",
    ),
    "input_examples without their beta": (
        OPUS_4_5,
        claude_body(tools=[tool(input_examples=[{}])]),
        "tools.0.custom.input_examples: Extra inputs are not permitted",
    ),
    "client tool by another name": (
        CLAUDE,
        claude_body(tools=[{"type": "bash_20250124", "name": "shell"}]),
        "tools.0.bash_20250124.name: Input should be 'bash'",
    ),
    "computer use without its beta": (
        OPUS_5,
        claude_body(tools=[{"type": "computer_20251124", **SCREEN}]),
        "tools.0: Input tag 'computer_20251124' found using 'type' does not match any of the",
    ),
    "every tool deferred": (
        CLAUDE,
        beta("tool-search-tool-2025-10-19", tools=[tool(defer_loading=True)]),
        "All tools have defer_loading set. At least one tool must be non-deferred.",
    ),
    "tool_reference without its beta": (
        CLAUDE,
        talk(result(content=[{"type": "tool_reference", "tool_name": "look"}])),
        (
            "messages.2.content.0.tool_result.content.0: Input tag 'tool_reference' found using 'type' "
            "does not match any of the expected tags: 'document', 'image', 'search_result', 'text'"
        ),
    ),
    "tool_reference to nothing": (
        CLAUDE,
        {
            **talk(result(content=[{"type": "tool_reference", "tool_name": "no"}])),
            "anthropic_beta": ["tool-search-tool-2025-10-19"],
        },
        "Tool reference 'no' has no corresponding tool definition",
    ),
    "caller of a tool": (
        CLAUDE,
        talk(result(), uses=({**use(), "caller": {"type": "code_execution_20250825"}},)),
        "messages.1.content.0.tool_use.caller: Input tag 'code_execution_20250825' found",
    ),
    "tool name": (
        CLAUDE,
        claude_body(tools=[tool("a.b")]),
        "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ),
    "one tool name twice": (
        CLAUDE,
        claude_body(tools=[tool(), tool()]),
        "tools: Tool names must be unique.",
    ),
    "unknown choice": (
        CLAUDE,
        claude_body(tools=[tool()], tool_choice={"type": "tool", "name": "no"}),
        "Tool 'no' not found in provided tools",
    ),
    "choice without tools": (
        CLAUDE,
        claude_body(tool_choice={"type": "any"}),
        "tool_choice may only be specified while providing tools.",
    ),
    "assistant first": (
        CLAUDE,
        claude_body(messages=[turn("assistant", "x")]),
        'messages: first message must use the "user" role',
    ),
    "system turn for an older model": (
        CLAUDE,
        claude_body(messages=[turn("user", "x"), turn("system", "y")]),
        'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter',
    ),
    "empty text": (CLAUDE, claude_body(""), "messages: text content blocks must be non-empty"),
    "blank text": (
        CLAUDE,
        claude_body(" "),
        "messages: text content blocks must contain non-whitespace text",
    ),
    "empty system": (
        CLAUDE,
        claude_body(system=[text("")]),
        "system: text content blocks must be non-empty",
    ),
    "empty turn": (
        CLAUDE,
        claude_body(messages=[turn("user")]),
        "messages.0: all messages must have non-empty content",
    ),
    "space at the end of a prefill": (
        HAIKU_4_5,
        claude_body(messages=[turn("user", "x"), turn("assistant", "y ")]),
        "final assistant content cannot end with trailing whitespace",
    ),
    "prefill for Sonnet 4.6": (
        CLAUDE,
        claude_body(messages=[turn("user", "x"), turn("assistant", "y")]),
        (
            "This model does not support assistant message prefill. The conversation must end with a "
            "user message."
        ),
    ),
    "unanswered tool use": (
        CLAUDE,
        talk("hi"),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1.",
    ),
    "text before the result": (
        CLAUDE,
        talk("hi", result()),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1.",
    ),
    "result of another": (
        CLAUDE,
        talk(result("t9")),
        "messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t9.",
    ),
    "one result twice": (
        CLAUDE,
        talk(result(), result()),
        "messages.2.content.1: each tool_use must have a single result.",
    ),
    "one use twice": (CLAUDE, talk(result(), uses=(use(), use())), "`tool_use` ids must be unique"),
    "use at the end": (
        HAIKU_4_5,
        claude_body(messages=[turn("user", "x"), turn("assistant", use())], tools=[tool()]),
        "messages.1: `tool_use` ids were found without `tool_result` blocks",
    ),
    "tool use of the user": (
        CLAUDE,
        claude_body(messages=[turn("user", use())]),
        "messages.0: `tool_use` blocks can only be in `assistant` messages",
    ),
    "tool result of the assistant": (
        CLAUDE,
        claude_body(messages=[turn("user", "x"), turn("assistant", result())]),
        "messages.1: `tool_result` blocks can only be in `user` messages",
    ),
    "thinking of the user": (
        CLAUDE,
        claude_body(messages=[turn("user", {"type": "thinking", "thinking": "", "signature": ""})]),
        "thinking blocks can only be in `assistant` messages",
    ),
    "forged thinking": (
        CLAUDE,
        claude_body(
            messages=[
                turn("user", "x"),
                turn("assistant", {"type": "thinking", "thinking": "a", "signature": "AAAA"}, "y"),
                turn("user", "z"),
            ]
        ),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "lost thinking": (
        HAIKU_4_5,
        {**talk(result()), "thinking": THINK, "max_tokens": 2000},
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.",
    ),
    "five cached blocks": (
        CLAUDE,
        claude_body(messages=[turn("user", *[cached()] * 5)]),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "an hour after five minutes": (
        CLAUDE,
        claude_body(system=[cached("5m")], messages=[turn("user", cached("1h"))]),
        "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after",
    ),
    "an hour of an older Claude": (
        "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
        claude_body(system=[cached("1h")]),
        "system.0.cache_control.ephemeral.ttl: Extra inputs are not permitted",
    ),
    "unknown beta": (CLAUDE, beta("claude-code-20250219"), "invalid beta flag"),
    "defer_loading without its beta": (
        CLAUDE,
        claude_body(tools=[tool(defer_loading=True)]),
        "tools.0.custom.defer_loading: Extra inputs are not permitted",
    ),
    "context_management without its beta": (
        CLAUDE,
        claude_body(context_management={"edits": []}),
        "context_management: Extra inputs are not permitted",
    ),
    "edit without its beta": (
        CLAUDE,
        beta(
            "context-management-2025-06-27",
            context_management={"edits": [{"type": "compact_20260112"}]},
        ),
        (
            "context_management.edits.0: Input tag 'compact_20260112' found using 'type' does not match "
            "any of the expected tags: 'clear_thinking_20251015', 'clear_tool_uses_20250919'"
        ),
    ),
    "unknown edit": (
        CLAUDE,
        beta("context-management-2025-06-27", context_management={"edits": [{"type": "fold"}]}),
        "context_management.edits.0: Input tag 'fold' found using 'type' does not match",
    ),
    "safeguards without their beta": (
        OPUS_5,
        claude_body(safeguards=[]),
        "safeguards: Extra inputs are not permitted",
    ),
    "block_binding without its beta": (
        OPUS_5,
        claude_body(thinking={**ADAPT, "block_binding": {}}),
        "thinking.adaptive.block_binding: Extra inputs are not permitted",
    ),
    "block_binding by Anthropic's name": (
        OPUS_5,
        beta(
            "thinking-binding-controls-2026-08-01",
            thinking={**ADAPT, "block_binding": {"prefix_mismatch_behavior": "drop_block"}},
        ),
        "thinking.adaptive.block_binding.prefix_mismatch_behavior: Extra inputs are not permitted",
    ),
    "updates without their beta": (
        OPUS_5,
        claude_body(thinking={**ADAPT, "display": "updates"}),
        "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
    ),
    "settings of a turn without their beta": (
        OPUS_5_5,
        claude_body(messages=[turn("user", "x"), {**turn("system"), "output_config": LOW}]),
        "messages.1.output_config: Extra inputs are not permitted",
    ),
    "settings of a turn for Opus 5": (
        OPUS_5,
        beta(
            "mid-conversation-output-config-2026-07-01",
            messages=[turn("user", "x"), {**turn("system"), "output_config": LOW}],
        ),
        "messages.1.output_config: Extra inputs are not permitted",
    ),
    "clear_at of a turn": (
        OPUS_5_5,
        claude_body(messages=[turn("user", "x"), {**turn("system", "y"), "clear_at": "never"}]),
        "messages.1.clear_at: Extra inputs are not permitted",
    ),
    "empty system turn": (
        OPUS_5_5,
        claude_body(messages=[turn("user", "x"), turn("system")]),
        "messages.1: all messages must have non-empty content",
    ),
    "image in a system turn": (
        OPUS_5_5,
        claude_body(messages=[turn("user", "x"), turn("system", image())]),
        "messages.1.content.0: Input tag 'image' found using 'type' does not match",
    ),
    "tool_addition without its beta": (
        OPUS_5_5,
        claude_body(tools=[tool()], messages=[turn("user", "x"), turn("system", ADDITION)]),
        (
            "messages.1.content.0: Input tag 'tool_addition' found using 'type' does not match any of "
            "the expected tags: 'text'"
        ),
    ),
    "tool_addition of the user": (
        OPUS_5_5,
        beta(
            "mid-conversation-tool-changes-2026-07-01",
            tools=[tool()],
            messages=[turn("user", ADDITION)],
        ),
        "messages.0.content.0: Input tag 'tool_addition' found using 'type' does not match",
    ),
    "tool_addition of nothing": (
        OPUS_5_5,
        beta(
            "mid-conversation-tool-changes-2026-07-01",
            messages=[turn("user", "x"), turn("system", ADDITION)],
        ),
        "Tool reference 'look' has no corresponding tool definition",
    ),
    "blank stop sequence": (
        CLAUDE,
        claude_body(stop_sequences=["\n"]),
        "stop_sequences: each stop sequence must contain non-whitespace",
    ),
    "endless user_id": (
        CLAUDE,
        claude_body(metadata={"user_id": "x" * 257}),
        "metadata.user_id: String should have at most 256 characters",
    ),
    "temperature and top_p for Opus 4.1": (
        OPUS_4_1,
        claude_body(temperature=1, top_p=1),
        "`temperature` and `top_p` cannot both be",
    ),
    "structure for Opus 4.8": (
        OPUS_4_8,
        claude_body(output_config={"format": {"type": "json_schema", "schema": {}}}),
        "output_config.format: Extra inputs are not permitted",
    ),
    "structure beyond the subset": (
        CLAUDE,
        claude_body(
            output_config={
                "format": {"type": "json_schema", "schema": {"type": "integer", "minimum": 1}}
            }
        ),
        "output_config.format.schema: For 'integer' type, property 'minimum' is not supported",
    ),
    "strict tool beyond the subset": (
        CLAUDE,
        claude_body(tools=[tool("a"), tool(strict=True)]),
        "tools.1.custom.input_schema: For 'object' type, 'additionalProperties' must be explicitly",
    ),
    "clear_thinking without thinking": (
        CLAUDE,
        beta(
            "context-management-2025-06-27",
            context_management={"edits": [{"type": "clear_thinking_20251015"}]},
        ),
        "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive",
    ),
    "thinking of a model that cannot": (
        SONNET_3_5,
        claude_body(thinking=THINK, max_tokens=2000),
        "does not support thinking.",
    ),
    "adaptive for Haiku 4.5": (
        HAIKU_4_5,
        claude_body(thinking=ADAPT),
        "adaptive thinking is not supported on this model",
    ),
    "budget for Opus 4.7": (
        OPUS_4_7,
        claude_body(thinking=THINK, max_tokens=2000),
        (
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
            '"output_config.effort" to control thinking behavior.'
        ),
    ),
    "disabled for Opus 5.5": (
        OPUS_5_5,
        claude_body(thinking={"type": "disabled"}),
        '"thinking.type.disabled" is not supported for this model.',
    ),
    "disabled for Fable 5": (
        FABLE_5,
        claude_body(thinking={"type": "disabled"}),
        '"thinking.type.disabled" is not supported for this model.',
    ),
    "disabled for Sonnet 5.5": (
        SONNET_5_5,
        claude_body(thinking={"type": "disabled"}),
        '"thinking.type.disabled" is not supported for this model.',
    ),
    "between_tools for Opus 5": (
        OPUS_5,
        claude_body(thinking={"type": "between_tools"}),
        '"thinking.type.between_tools" is not supported for this model.',
    ),
    "small budget": (
        CLAUDE,
        claude_body(thinking={"type": "enabled", "budget_tokens": 1000}, max_tokens=2000),
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    "budget above max_tokens": (
        CLAUDE,
        claude_body(thinking=THINK, max_tokens=1024),
        "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ),
    "temperature while thinking": (
        CLAUDE,
        claude_body(thinking=THINK, max_tokens=2000, temperature=0.5),
        "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.",
    ),
    "top_p while thinking": (
        CLAUDE,
        claude_body(thinking=ADAPT, top_p=0.5),
        "`top_p` must be greater than or equal to 0.95",
    ),
    "top_k while thinking": (
        CLAUDE,
        claude_body(thinking=ADAPT, top_k=5),
        "`top_k` must be unset when thinking is enabled",
    ),
    "forced tool while thinking": (
        CLAUDE,
        claude_body(thinking=ADAPT, **FORCED),
        "Thinking may not be enabled when tool_choice forces tool use.",
    ),
    "forced tool for Fable 5.1": (
        FABLE_5_1,
        claude_body(**FORCED),
        'tool_choice: type "tool" and "any" are not supported',
    ),
    "forced tool for Sonnet 5.5": (
        SONNET_5_5,
        claude_body(**FORCED),
        'tool_choice: type "tool" and "any" are not supported',
    ),
    "temperature for Opus 4.7": (
        OPUS_4_7,
        claude_body(temperature=0.2),
        "`temperature` is deprecated for this model.",
    ),
    "top_p for Haiku 5.5": (
        HAIKU_5_5,
        claude_body(top_p=0.2),
        "`top_p` is deprecated for this model.",
    ),
    "top_k for Opus 5": (OPUS_5, claude_body(top_k=1), "`top_k` is deprecated for this model."),
    "temperature and top_p": (
        CLAUDE,
        claude_body(temperature=1, top_p=1),
        "`temperature` and `top_p` cannot both be",
    ),
    "temperature above 1": (
        CLAUDE,
        claude_body(temperature=1.5),
        "temperature: Input should be less than or equal to 1",
    ),
    "effort for Haiku 4.5": (
        HAIKU_4_5,
        claude_body(output_config={"effort": "low"}),
        "This model does not support the effort parameter.",
    ),
    "effort for Opus 4.5 without its beta": (
        OPUS_4_5,
        claude_body(output_config={"effort": "low"}),
        "This model does not support the effort parameter.",
    ),
    "xhigh for Sonnet 4.6": (
        CLAUDE,
        claude_body(output_config={"effort": "xhigh"}),
        "output_config.effort: Input should be 'low', 'medium', 'high' or 'max'",
    ),
    "max for Opus 4.5": (
        OPUS_4_5,
        beta("effort-2025-11-24", output_config={"effort": "max"}),
        "output_config.effort: Input should be 'low', 'medium' or 'high'",
    ),
    "no thinking at a high effort for Opus 5": (
        OPUS_5,
        claude_body(thinking={"type": "disabled"}, output_config={"effort": "xhigh"}),
        '"thinking.type.disabled" is not supported for this model at effort "xhigh".',
    ),
    "structure for Opus 5.5": (
        OPUS_5_5,
        claude_body(output_config={"format": {"type": "json_schema", "schema": {}}}),
        "output_config.format: Extra inputs are not permitted",
    ),
    "strict tool for Opus 5": (
        OPUS_5,
        claude_body(tools=[tool(strict=True)]),
        "strict: Extra inputs are not permitted",
    ),
    "Text Completions without a limit": (
        CLAUDE_2,
        {"prompt": "x"},
        "max_tokens_to_sample: Field required",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(sim: Simulator, case: str) -> None:
    model, body, message = REFUSED[case]
    assert_refused(call(sim, "invoke", model, body), "ValidationException", message)
    assert sim.bill.show()["calls"] == []


ACCEPTED: dict[str, tuple[str, Any]] = {
    "text": (CLAUDE, claude_body()),
    "two user turns": (CLAUDE, claude_body(messages=[turn("user", "x"), turn("user", "y")])),
    "new version": (OPUS_4_7, claude_body(anthropic_version="2026-10-21")),
    "default temperature": (OPUS_5, claude_body(temperature=1)),
    "system turn for Opus 4.8": (
        OPUS_4_8,
        claude_body(messages=[turn("user", "x"), turn("system", "y")]),
    ),
    "prefill for Haiku 4.5": (
        HAIKU_4_5,
        claude_body(messages=[turn("user", "x"), turn("assistant", "y")]),
    ),
    "results, then text": (CLAUDE, talk(result(is_error=True), "and now?")),
    "result without content": (CLAUDE, talk({"type": "tool_result", "tool_use_id": "t1"})),
    "client tools": (
        CLAUDE,
        claude_body(
            tools=[
                {"type": "bash_20250124", "name": "bash"},
                {"type": "memory_20250818", "name": "memory"},
                {"type": "custom", **tool()},
            ]
        ),
    ),
    "no tool": (CLAUDE, claude_body(tools=[tool()], tool_choice={"type": "none"})),
    "deferred tool": (
        CLAUDE,
        beta("tool-search-tool-2025-10-19", tools=[tool("a"), tool(defer_loading=True)]),
    ),
    "context_management": (
        CLAUDE,
        beta(
            "context-management-2025-06-27",
            thinking=ADAPT,
            context_management={"edits": [{"type": "clear_thinking_20251015"}]},
        ),
    ),
    "compaction": (
        CLAUDE,
        beta("compact-2026-01-12", context_management={"edits": [{"type": "compact_20260112"}]}),
    ),
    "a user_id with JSON in it": (CLAUDE, claude_body(metadata={"user_id": '{"device_id":"x"}'})),
    "block_binding": (
        OPUS_5,
        beta(
            "thinking-binding-controls-2026-08-01",
            thinking={**ADAPT, "block_binding": {"mismatch_behavior": "drop_block"}},
        ),
    ),
    "updates": (
        OPUS_5,
        beta("thinking-display-updates-2026-08-18", thinking={**ADAPT, "display": "updates"}),
    ),
    "safeguards": (OPUS_5, beta("dangerous-tool-use-2026-09-03", safeguards=[])),
    "settings of a turn": (
        OPUS_5_5,
        beta(
            "mid-conversation-output-config-2026-07-01",
            messages=[turn("user", "x"), {**turn("system"), "output_config": LOW}],
        ),
    ),
    "tool_addition": (
        OPUS_5_5,
        beta(
            "inline-tools-2026-09-15",
            tools=[tool()],
            messages=[turn("user", "x"), turn("system", ADDITION, "y")],
        ),
    ),
    "tool_reference": (
        CLAUDE,
        {
            **talk(result(content=[{"type": "tool_reference", "tool_name": "look"}])),
            "anthropic_beta": ["tool-search-tool-2025-10-19"],
        },
    ),
    "input_examples": (
        OPUS_4_5,
        beta("tool-examples-2025-10-29", tools=[tool(input_examples=[{}])]),
    ),
    "images and citations": (
        CLAUDE,
        claude_body(
            messages=[
                turn("user", "x", image()),
                turn("assistant", text("y", citations=[CITATION])),
                turn("user", "z"),
            ]
        ),
    ),
    "adaptive and effort": (CLAUDE, claude_body(thinking=ADAPT, output_config={"effort": "low"})),
    "budget": (HAIKU_4_5, claude_body(thinking=THINK, max_tokens=2000, top_p=0.95)),
    "budget above max_tokens with interleaving": (
        CLAUDE,
        beta("interleaved-thinking-2025-05-14", thinking=THINK, max_tokens=1024),
    ),
    "between_tools": (SONNET_5_5, claude_body(thinking={"type": "between_tools"})),
    "disabled for Haiku 5.5": (HAIKU_5_5, claude_body(thinking={"type": "disabled"})),
    "forced tool for Fable 5": (FABLE_5, claude_body(**FORCED)),
    "all efforts": (OPUS_5_5, claude_body(output_config={"effort": "max"})),
    "no thinking at a lower effort": (
        OPUS_5,
        claude_body(thinking={"type": "disabled"}, output_config={"effort": "high"}),
    ),
    "effort by beta": (OPUS_4_5, beta("effort-2025-11-24", output_config={"effort": "high"})),
    "structure": (
        CLAUDE,
        claude_body(output_config={"format": {"type": "json_schema", "schema": {}}}),
    ),
    "kept thinking": (
        HAIKU_4_5,
        {
            **talk(
                result(),
                uses=(
                    {"type": "thinking", "thinking": "so", "signature": seal("so")},
                    use(),
                ),
            ),
            "thinking": THINK,
            "max_tokens": 2000,
        },
    ),
    "document": (
        CLAUDE,
        claude_body(
            messages=[
                turn(
                    "user",
                    "x",
                    {
                        "type": "document",
                        "title": "report.pdf",
                        "citations": {"enabled": True},
                        "source": {
                            "type": "base64",
                            "media_type": "application/pdf",
                            "data": "aGk=",
                        },
                    },
                )
            ]
        ),
    ),
    "Text Completions": (
        CLAUDE_2,
        {"prompt": "\n\nHuman: hi\n\nAssistant:", "max_tokens_to_sample": 9},
    ),
    "fields that are null": (CLAUDE, {**claude_body(), "tools": None, "system": None}),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(sim: Simulator, case: str) -> None:
    model, body = ACCEPTED[case]
    assert call(sim, "invoke", model, body).status == 200


ALL_BETAS = sorted({name for row in CLAUDES if row.claude for name in row.claude.betas})


@pytest.mark.parametrize("row", CLAUDES, ids=lambda row: row.id)
def test_a_model_takes_the_betas_of_its_generation_and_no_other(sim: Simulator, row: Model) -> None:
    assert row.claude is not None
    model = row.id if row.on_demand else f"{row.geographies[0]}.{row.id}"
    for name in ALL_BETAS:
        answer = call(sim, "invoke", model, beta(name))
        if name in row.claude.betas:
            assert answer.status == 200, (name, answer.json)
        else:
            assert_refused(answer, "ValidationException", "invalid beta flag")


@pytest.mark.parametrize("row", CLAUDES, ids=lambda row: row.id)
def test_a_model_takes_the_tools_of_its_generation_with_their_betas(
    sim: Simulator, row: Model
) -> None:
    assert row.claude is not None
    model = row.id if row.on_demand else f"{row.geographies[0]}.{row.id}"
    for kind, fields in CLIENT_TOOLS.items():
        needed = row.claude.tools.get(kind)
        betas = [needed] if needed else None
        body = claude_body(tools=[tool(), {"type": kind, **fields}], anthropic_beta=betas)
        answer = call(sim, "invoke", model, body)
        if needed is None:
            assert_refused(
                answer, "ValidationException", f"does not support tool types: {kind}. Did"
            )
            continue
        assert answer.status == 200, (kind, answer.json)
        if needed:
            closed = call(sim, "invoke", model, {**body, "anthropic_beta": []})
            assert_refused(closed, "ValidationException", f"tools.1: Input tag '{kind}' found")
            assert kind not in closed.json["message"].partition("expected tags")[2].split("'")


EDITOR: Json = {"name": "str_replace_based_edit_tool"}
CLIENT_TOOLS: dict[str, Json] = {
    "bash_20241022": {"name": "bash"},
    "bash_20250124": {"name": "bash"},
    "text_editor_20241022": {"name": "str_replace_editor"},
    "text_editor_20250124": {"name": "str_replace_editor"},
    "text_editor_20250429": EDITOR,
    "text_editor_20250728": {**EDITOR, "max_characters": 9},
    "computer_20241022": SCREEN,
    "computer_20250124": SCREEN,
    "computer_20251124": {**SCREEN, "enable_zoom": True},
    "memory_20250818": {"name": "memory"},
    "tool_search_tool_bm25": {"name": "tool_search_tool_bm25"},
    "tool_search_tool_bm25_20251119": {"name": "tool_search_tool_bm25"},
    "tool_search_tool_regex": {"name": "tool_search_tool_regex"},
    "tool_search_tool_regex_20251119": {"name": "tool_search_tool_regex"},
}

THOUGHT: Json = {"type": "thinking", "thinking": "so", "signature": seal("so")}
HIDDEN: Json = {"type": "redacted_thinking", "data": redact("so")}


def thought_about(block: Json, *later: Json) -> Json:
    return claude_body(messages=[turn("user", "x"), turn("assistant", block, "y"), *later])


def replaced(text: str, at: int) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


@pytest.mark.parametrize("block", [THOUGHT, {**THOUGHT, "thinking": ""}, HIDDEN], ids=str)
def test_thinking_comes_back_as_it_was(sim: Simulator, block: Json) -> None:
    assert call(sim, "invoke", CLAUDE, thought_about(block, turn("user", "z"))).status == 200


def test_no_byte_of_a_signature_may_be_another(sim: Simulator) -> None:
    signature = THOUGHT["signature"]
    for at in range(len(signature)):
        block = {**THOUGHT, "signature": replaced(signature, at)}
        answer = call(sim, "invoke", CLAUDE, thought_about(block, turn("user", "z")))
        message = "messages.1.content.0: Invalid `signature` in `thinking` block"
        assert_refused(answer, "ValidationException", message)


def test_no_byte_of_redacted_thinking_may_be_another(sim: Simulator) -> None:
    data = HIDDEN["data"]
    for at in range(len(data)):
        block = {**HIDDEN, "data": replaced(data, at)}
        answer = call(sim, "invoke", CLAUDE, thought_about(block, turn("user", "z")))
        message = "messages.1.content.0: Invalid `data` in `redacted_thinking` block"
        assert_refused(answer, "ValidationException", message)


TAMPERED: dict[str, tuple[Json, str]] = {
    "text": (
        {**THOUGHT, "thinking": "So"},
        (
            "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant "
            "message cannot be modified. These blocks must remain as they were in the original response."
        ),
    ),
    "no signature": (
        {"type": "thinking", "thinking": "so"},
        "messages.1.content.0.thinking.signature: Field required",
    ),
    "empty signature": (
        {**THOUGHT, "signature": ""},
        "messages.1.content.0.thinking.signature: Field required",
    ),
    "a signature for redacted thinking": (
        {"type": "redacted_thinking", "data": seal("so")},
        "Invalid `data` in `redacted_thinking` block",
    ),
    "redacted thinking for a signature": (
        {**THOUGHT, "signature": redact("so")},
        "Invalid `signature` in `thinking` block",
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_thinking_may_not_be_changed(sim: Simulator, case: str) -> None:
    block, message = TAMPERED[case]
    answer = call(sim, "invoke", CLAUDE, thought_about(block, turn("user", "z")))
    assert_refused(answer, "ValidationException", message)
    assert answer.json["message"].startswith("messages.1.content.0")


def test_changed_thinking_of_an_older_turn_is_refused_as_well(sim: Simulator) -> None:
    later = [turn("user", "z"), turn("assistant", "a"), turn("user", "b")]
    answer = call(sim, "invoke", CLAUDE, thought_about({**THOUGHT, "thinking": "So"}, *later))
    message = "messages.1.content.0: Invalid `signature` in `thinking` block"
    assert_refused(answer, "ValidationException", message)


def test_a_long_prompt_needs_the_beta_for_it_on_sonnet_4_5(sim: Simulator) -> None:
    body = claude_body("word " * 170_000)
    assert_refused(
        call(sim, "invoke", SONNET_4_5, body),
        "ValidationException",
        "Input is too long for requested model.",
    )
    million = {**body, "anthropic_beta": ["context-1m-2025-08-07"]}
    assert call(sim, "invoke", SONNET_4_5, million).status == 200
    fields = {"anthropic_beta": ["context-1m-2025-08-07"]}
    messages = user("word " * 170_000)
    told = {"messages": messages, "additionalModelRequestFields": fields}
    assert call(sim, "converse", SONNET_4_5, told).status == 200
    assert call(sim, "converse", SONNET_4_5, {"messages": messages}).status == 400


def test_a_cached_block_on_a_model_that_does_not_cache_is_denied(sim: Simulator) -> None:
    answer = call(sim, "invoke", HAIKU_3, claude_body(messages=[turn("user", cached())]))
    assert_refused(answer, "AccessDeniedException", "did not allow prompt caching", 403)
