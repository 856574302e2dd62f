"""What a Claude refuses in the body of InvokeModel. Wordings are the live API's."""

from collections.abc import Iterator
from typing import Any

from local.bedrock.bindings import check_bindings
from local.bedrock.claude_features import COMPACT, CONTEXT
from local.bedrock.errors import ModelRefusal, ServiceError, invalid
from local.bedrock.models import Claude, Model
from local.bedrock.rules import claude
from local.bedrock.rules.anthropic_body import BODY, LEGACY_BODY
from local.bedrock.rules.anthropic_media import check_media
from local.bedrock.rules.anthropic_tools import check_tools, opened_types
from local.bedrock.rules.anthropic_turns import (
    blocks,
    check_kept_thinking,
    check_text,
    check_turns,
)
from local.bedrock.rules.structured import check_schema
from local.bedrock.schemas import Field, Violation, check, in_claude_words, unexpected_tag

_EDIT_BETAS = {
    "clear_thinking_20251015": CONTEXT,
    "clear_tool_uses_20250919": CONTEXT,
    "compact_20260112": COMPACT,
}
"""The beta flag each edit of ``context_management`` needs."""


def is_legacy(model: Model, body: dict[str, Any]) -> bool:
    """Whether it is a Text Completions body for a model that takes one."""
    return model.short_name.startswith("claude-2") and "prompt" in body


def check_body(model: Model, rules: Claude, body: dict[str, Any]) -> None:
    """Raises the model's refusal of an InvokeModel body."""
    if is_legacy(model, body):
        for violation in check(body, LEGACY_BODY):
            raise ModelRefusal(in_claude_words(violation))
        return
    for violation in check(body, Field("object", members=BODY)):
        raise ModelRefusal(_in_words(rules, body, violation))
    version = body["anthropic_version"]
    if version not in rules.versions:
        expected = " or ".join(f"'{known}'" for known in rules.versions)
        raise ModelRefusal(f"anthropic_version: Input should be {expected}")
    if body["max_tokens"] > model.max_output:
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {model.max_output}"
        )
    settings = _settings(body)
    claude.check_betas(rules, settings.betas)
    _check_system(body)
    check_turns(rules, body)
    check_media(body["messages"])
    check_tools(model, rules, body)
    _check_cache_control(model, body)
    claude.check_settings(model, settings)
    _check_format(body)
    _check_context_management(rules, body, settings)
    check_bindings(rules, body)
    if settings.thinking_type == "enabled":
        check_kept_thinking(body["messages"])


def _in_words(rules: Claude, body: dict[str, Any], violation: Violation) -> str:
    """A violation as the model words it, which of its tools names only those it would take."""
    match violation:
        case Violation(("tools", index), "tag", (found, _)):
            betas = body.get("anthropic_beta")
            known = opened_types(rules, betas if isinstance(betas, list) else ())
            return unexpected_tag(f"tools.{index}", found, known)
    return in_claude_words(violation)


def _settings(body: dict[str, Any]) -> claude.Settings:
    strict = (index for index, tool in enumerate(body.get("tools") or ()) if tool.get("strict"))
    return claude.Settings(
        max_tokens=body["max_tokens"],
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        top_k=body.get("top_k"),
        thinking=body.get("thinking"),
        forced_tool=(body.get("tool_choice") or {}).get("type") in {"any", "tool"},
        betas=tuple(body.get("anthropic_beta") or ()),
        output_config=body.get("output_config"),
        strict_tool=next(strict, None),
        stops=tuple(body.get("stop_sequences") or ()),
        safeguards="safeguards" in body,
        prefilled=body["messages"][-1]["role"] == "assistant",
        version=body["anthropic_version"],
    )


def _check_system(body: dict[str, Any]) -> None:
    for block in blocks(body.get("system") or []):
        check_text("system", block)


def _check_format(body: dict[str, Any]) -> None:
    """The schemas an answer or a strict tool is held to are of a subset of JSON Schema."""
    wanted = (body.get("output_config") or {}).get("format")
    if wanted is not None:
        check_schema(wanted["schema"], "output_config.format.schema")
    for index, tool in enumerate(body.get("tools") or ()):
        if tool.get("strict") and "input_schema" in tool:
            check_schema(tool["input_schema"], f"tools.{index}.custom.input_schema")


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
    opened = {kind for kind, beta in _EDIT_BETAS.items() if beta in settings.betas}
    if not opened:
        raise ModelRefusal("context_management: Extra inputs are not permitted")
    for index, edit in enumerate(management.get("edits") or ()):
        kind = edit["type"]
        if kind not in opened:
            raise ModelRefusal(unexpected_tag(f"context_management.edits.{index}", kind, opened))
        if kind == "clear_thinking_20251015" and not claude.thinks(rules, settings.thinking):
            raise ModelRefusal(
                "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive"
            )
