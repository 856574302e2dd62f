"""What a Claude refuses in the body of InvokeModel. Wordings are the live API's."""

from collections.abc import Iterator
from typing import Any

from local.bedrock.errors import ModelRefusal, ServiceError, invalid
from local.bedrock.models import Claude, Model
from local.bedrock.rules import claude
from local.bedrock.rules.anthropic_body import BODY, LEGACY_BODY
from local.bedrock.rules.structured import check_input_schema
from local.bedrock.schemas import Field, check, in_claude_words

_NEEDS_BETA = {
    "defer_loading": "tool-search-tool-2025-10-19",
    "input_examples": "tool-examples-2025-10-29",
}
_CONTEXT_BETAS = ("context-management-2025-06-27", "compact-2026-01-12", "compact-2026-09-04")

Message = dict[str, Any]


def is_legacy(model: Model, body: dict[str, Any]) -> bool:
    """Whether it is a Text Completions body for a model that takes one."""
    return model.short_name.startswith("claude-2") and "prompt" in body


def check_body(model: Model, rules: Claude, body: dict[str, Any]) -> None:
    """Raises the model's refusal of an InvokeModel body."""
    if is_legacy(model, body):
        _raise_first(check(body, LEGACY_BODY))
        return
    _raise_first(check(body, Field("object", members=BODY)))
    version = body["anthropic_version"]
    if version not in rules.versions:
        expected = " or ".join(f"'{known}'" for known in rules.versions)
        raise ModelRefusal(f"anthropic_version: Input should be {expected}")
    if body["max_tokens"] > model.max_output:
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {model.max_output}"
        )
    _check_system(body)
    _check_messages(rules, body["messages"])
    _check_tools(body)
    _check_cache_control(model, body)
    settings = _settings(body)
    claude.check_settings(model, settings)
    _check_context_management(rules, body, settings)
    if settings.thinking_type == "enabled":
        _check_kept_thinking(body["messages"])


def _raise_first(violations: Iterator[Any]) -> None:
    for violation in violations:
        raise ModelRefusal(in_claude_words(violation))


def _settings(body: dict[str, Any]) -> claude.Settings:
    return claude.Settings(
        max_tokens=body["max_tokens"],
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        top_k=body.get("top_k"),
        thinking=body.get("thinking"),
        forced_tool=(body.get("tool_choice") or {}).get("type") in {"any", "tool"},
        betas=tuple(body.get("anthropic_beta") or ()),
        output_config=body.get("output_config"),
        strict_tools=any(tool.get("strict") for tool in body.get("tools") or ()),
        prefilled=body["messages"][-1]["role"] == "assistant",
        version=body["anthropic_version"],
    )


def blocks(content: Any) -> list[dict[str, Any]]:
    """A message's content as blocks: text alone is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _check_system(body: dict[str, Any]) -> None:
    for block in blocks(body.get("system") or []):
        _check_text("system", block)


def _check_text(place: str, block: dict[str, Any]) -> None:
    if block["type"] == "text" and not block["text"].strip():
        quality = "contain non-whitespace text" if block["text"] else "be non-empty"
        raise ModelRefusal(f"{place}: text content blocks must {quality}")


def _check_messages(rules: Claude, messages: list[Message]) -> None:
    turns = [message for message in messages if message["role"] != "system"]
    if len(turns) < len(messages) and not rules.system_turns:
        raise ModelRefusal(
            'messages: Unexpected role "system". The Messages API accepts a top-level `system` '
            'parameter, not "system" as an input message role.'
        )
    if not turns or turns[0]["role"] != "user":
        raise ModelRefusal('messages: first message must use the "user" role')
    for index, message in enumerate(messages):
        _check_content(index, message, last=index == len(messages) - 1)
    _check_tool_pairs(messages)


def _check_content(index: int, message: Message, *, last: bool) -> None:
    role, content = message["role"], blocks(message["content"])
    if not content and not (last and role == "assistant"):
        raise ModelRefusal(
            f"messages.{index}: all messages must have non-empty content except for the optional "
            "final assistant message"
        )
    for position, block in enumerate(content):
        place = f"messages.{index}.content.{position}"
        _check_text("messages", block)
        if block["type"] == "tool_use" and role != "assistant":
            raise ModelRefusal(
                f"messages.{index}: `tool_use` blocks can only be in `assistant` messages"
            )
        if block["type"] == "tool_result" and role != "user":
            raise ModelRefusal(
                f"messages.{index}: `tool_result` blocks can only be in `user` messages"
            )
        if block["type"] == "thinking":
            if role != "assistant":
                raise ModelRefusal(f"{place}: thinking blocks can only be in `assistant` messages")
            claude.check_signature(block["thinking"], block["signature"], place)
    if last and role == "assistant" and content and content[-1]["type"] == "text":
        text = content[-1]["text"]
        if text != text.rstrip():
            raise ModelRefusal(
                "messages: final assistant content cannot end with trailing whitespace"
            )


def _merged(messages: list[Message]) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    """(index of the first message, role, blocks) of each turn: equal roles in a row are one turn."""
    turn: tuple[int, str, list[dict[str, Any]]] | None = None
    for index, message in enumerate(messages):
        if message["role"] == "system":
            continue
        content = blocks(message["content"])
        if turn is not None and turn[1] == message["role"]:
            turn[2].extend(content)
            continue
        if turn is not None:
            yield turn
        turn = (index, message["role"], list(content))
    if turn is not None:
        yield turn


def _check_tool_pairs(messages: list[Message]) -> None:
    asked: list[str] = []
    asked_at = 0
    for index, role, content in _merged(messages):
        if role == "user":
            _check_results(index, content, asked, asked_at)
        asked = [block["id"] for block in content if block["type"] == "tool_use"]
        asked_at = index
        if len(set(asked)) < len(asked):
            raise ModelRefusal(f"messages.{index}: `tool_use` ids must be unique")
    if asked:
        raise ModelRefusal(_unanswered(asked_at, asked))


def _check_results(
    index: int, content: list[dict[str, Any]], asked: list[str], asked_at: int
) -> None:
    answered: set[str] = set()
    leading = True
    for position, block in enumerate(content):
        if block["type"] != "tool_result":
            leading = False
            continue
        tool_id = block["tool_use_id"]
        place = f"messages.{index}.content.{position}"
        if tool_id not in asked:
            raise ModelRefusal(
                f"{place}: unexpected `tool_use_id` found in `tool_result` blocks: {tool_id}. Each "
                "`tool_result` block must have a corresponding `tool_use` block in the previous "
                "message."
            )
        if tool_id in answered:
            raise ModelRefusal(
                f"{place}: each tool_use must have a single result. Found multiple `tool_result` "
                f"blocks with id: {tool_id}"
            )
        if leading:
            answered.add(tool_id)
    missing = [tool_id for tool_id in asked if tool_id not in answered]
    if missing:
        raise ModelRefusal(_unanswered(asked_at, missing))


def _unanswered(index: int, ids: list[str]) -> str:
    return (
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately "
        f"after: {', '.join(ids)}. Each `tool_use` block must have a corresponding `tool_result` "
        "block in the next message."
    )


def _check_tools(body: dict[str, Any]) -> None:
    tools = body.get("tools") or []
    betas = body.get("anthropic_beta") or []
    names = [tool["name"] for tool in tools]
    if len(set(names)) < len(names):
        raise ModelRefusal("tools: Tool names must be unique.")
    for index, tool in enumerate(tools):
        for field, beta in _NEEDS_BETA.items():
            if field in tool and beta not in betas:
                raise ModelRefusal(f"tools.{index}.custom.{field}: Extra inputs are not permitted")
        if "input_schema" in tool:
            check_input_schema(tool["input_schema"], index)
    choice = body.get("tool_choice") or {}
    if choice.get("type") == "tool" and choice["name"] not in names:
        raise ModelRefusal(f"Tool '{choice['name']}' not found in provided tools")
    if choice.get("type") in {"any", "tool", "auto"} and not tools:
        raise ModelRefusal("tool_choice may only be specified while providing tools.")


def cached_blocks(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, block) of every block that may carry ``cache_control``, in the order of the cache."""
    for index, tool in enumerate(body.get("tools") or ()):
        yield f"tools.{index}", tool
    for index, block in enumerate(blocks(body.get("system") or [])):
        yield f"system.{index}", block
    for index, message in enumerate(body["messages"]):
        for position, block in enumerate(blocks(message["content"])):
            yield f"messages.{index}.content.{position}", block


def _check_cache_control(model: Model, body: dict[str, Any]) -> None:
    lifetimes = [
        (place, control.get("ttl", "5m"))
        for place, block in cached_blocks(body)
        if (control := block.get("cache_control"))
    ]
    if not lifetimes:
        return
    if not model.cache_minimum:
        raise ServiceError(
            "AccessDeniedException",
            "You invoked an unsupported model or your request did not allow prompt caching. See the "
            "documentation for more information.",
        )
    if len(lifetimes) > 4:
        raise ModelRefusal(
            f"A maximum of 4 blocks with cache_control may be provided. Found {len(lifetimes)}."
        )
    if model.claude is not None and not model.claude.long_cache:
        for place, lifetime in lifetimes:
            if lifetime == "1h":
                raise ModelRefusal(
                    f"{place}.cache_control.ephemeral.ttl: Extra inputs are not permitted"
                )
    shorter_before = False
    for place, lifetime in lifetimes:
        if lifetime == "1h" and shorter_before:
            raise ModelRefusal(
                f"{place}.cache_control.ttl: a ttl='1h' cache_control block must not come after a "
                "ttl='5m' cache_control block. Note that blocks are processed in the following "
                "order: `tools`, `system`, `messages`."
            )
        shorter_before = shorter_before or lifetime == "5m"


def _check_context_management(
    rules: Claude, body: dict[str, Any], settings: claude.Settings
) -> None:
    management = body.get("context_management")
    if management is None:
        return
    if not any(beta in settings.betas for beta in _CONTEXT_BETAS):
        raise ModelRefusal("context_management: Extra inputs are not permitted")
    kinds = [edit.get("type") for edit in management.get("edits") or () if isinstance(edit, dict)]
    if "clear_thinking_20251015" in kinds and not claude.thinks(rules, settings.thinking):
        raise ModelRefusal(
            "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive"
        )


def _check_kept_thinking(messages: list[Message]) -> None:
    turns = list(_merged(messages))
    if not any(block["type"] == "tool_result" for block in turns[-1][2]):
        return
    index, _, content = turns[-2]
    if content[0]["type"] not in {"thinking", "redacted_thinking"}:
        raise claude.expected_thinking(f"messages.{index}.content.0", content[0]["type"])
