"""Each thing a Claude refuses in the body of InvokeModel, and what it does not."""

from typing import Any

import pytest

from local.bedrock.rules.claude import BETAS
from local.bedrock.seals import seal
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import CLAUDE, assert_refused, call, claude_body

CLAUDE_2 = "anthropic.claude-v2:1"
SONNET_3_5 = "us.anthropic.claude-3-5-sonnet-20241022-v2:0"
HAIKU_3 = "anthropic.claude-3-haiku-20240307-v1:0"
HAIKU_4_5 = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
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


THINK: Json = {"type": "enabled", "budget_tokens": 1024}
ADAPT: Json = {"type": "adaptive"}
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
            "expected tags: 'bash_20250124',"
        ),
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
        beta("tool-search-tool-2025-10-19", tools=[tool(defer_loading=True)]),
    ),
    "context_management": (
        CLAUDE,
        beta(
            "context-management-2025-06-27",
            thinking=ADAPT,
            context_management={"edits": [{"type": "clear_thinking_20251015"}]},
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


@pytest.mark.parametrize("name", sorted(BETAS))
def test_a_known_beta_is_accepted(sim: Simulator, name: str) -> None:
    assert call(sim, "invoke", CLAUDE, beta(name)).status == 200


def test_a_cached_block_on_a_model_that_does_not_cache_is_denied(sim: Simulator) -> None:
    answer = call(sim, "invoke", HAIKU_3, claude_body(messages=[turn("user", cached())]))
    assert_refused(answer, "AccessDeniedException", "did not allow prompt caching", 403)
