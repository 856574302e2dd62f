"""What a Claude refuses of a Converse request: its own fields, and settings of its generation."""

from typing import Any

from local.bedrock.errors import ModelRefusal
from local.bedrock.models import Claude, Model
from local.bedrock.rules import claude
from local.bedrock.rules.anthropic_body import BODY
from local.bedrock.rules.thoughts import expected_thinking
from local.bedrock.schemas import Field, check, in_claude_words

_FIELDS = Field(
    "object",
    members={
        **{name: field._replace(required=False) for name, field in BODY.items()},
        # Beside ``toolConfig.toolChoice`` it has no type of its own.
        "tool_choice": Field(
            "object",
            members={
                "type": Field("string", choices=("auto", "any", "tool", "none")),
                "name": Field("string"),
                "disable_parallel_tool_use": Field("boolean"),
            },
        ),
    },
)

Message = dict[str, Any]


def check_claude(model: Model, rules: Claude, request: dict[str, Any]) -> None:
    """Raises the refusal of a Claude."""
    fields = own_fields(request)
    for violation in check(fields, _FIELDS):
        raise ModelRefusal(in_claude_words(violation))
    _check_tool_choice(rules, request, fields.get("tool_choice") or {})
    settings = _settings(model, request, fields)
    claude.check_settings(model, settings)
    if settings.thinking_type == "enabled":
        _check_kept_thinking(request["messages"])


def own_fields(request: dict[str, Any]) -> dict[str, Any]:
    """``additionalModelRequestFields``, when it is an object; ``reasoning_config`` is ``thinking``."""
    fields = request.get("additionalModelRequestFields")
    if not isinstance(fields, dict):
        return {}
    return {
        "thinking" if name == "reasoning_config" else name: value for name, value in fields.items()
    }


def _check_tool_choice(rules: Claude, request: dict[str, Any], choice: dict[str, Any]) -> None:
    tools = request.get("toolConfig") or {}
    if "type" in choice and tools.get("toolChoice"):
        raise ModelRefusal(
            "tool_choice: `toolConfig.toolChoice` and `additionalModelRequestFields.tool_choice.type` "
            "cannot both be specified."
        )
    if "disable_parallel_tool_use" in choice and not rules.one_call:
        raise ModelRefusal("tool_choice.disable_parallel_tool_use: Extra inputs are not permitted")
    if choice and not tools:
        raise ModelRefusal("tool_choice may only be specified while providing tools.")


def max_tokens(model: Model, request: dict[str, Any]) -> int:
    """The most tokens the answer may have: the model's limit when the request sets none."""
    return (request.get("inferenceConfig") or {}).get("maxTokens") or model.max_output


def _settings(model: Model, request: dict[str, Any], fields: dict[str, Any]) -> claude.Settings:
    config = request.get("inferenceConfig") or {}
    tools = request.get("toolConfig") or {}
    output = request.get("outputConfig") or {}
    output_config = dict(fields.get("output_config") or {})
    if output.get("effort") is not None:
        output_config["effort"] = output["effort"]
    if output.get("textFormat") is not None:
        output_config["format"] = {"type": "json_schema", "schema": {}}
    return claude.Settings(
        max_tokens=max_tokens(model, request),
        temperature=config.get("temperature"),
        top_p=config.get("topP"),
        top_k=fields.get("top_k"),
        thinking=fields.get("thinking"),
        forced_tool=bool({"any", "tool"} & (tools.get("toolChoice") or {}).keys()),
        betas=tuple(fields.get("anthropic_beta") or ()),
        output_config=output_config or None,
        strict_tool=next(
            (
                index
                for index, tool in enumerate(tools.get("tools", ()))
                if (tool.get("toolSpec") or {}).get("strict")
            ),
            None,
        ),
        stops=tuple(config.get("stopSequences") or ()),
        safeguards=fields.get("safeguards") is not None,
        prefilled=request["messages"][-1]["role"] == "assistant",
    )


def _check_kept_thinking(messages: list[Message]) -> None:
    if not any("toolResult" in block for block in messages[-1]["content"]):
        return
    for index in range(len(messages) - 1, -1, -1):
        if messages[index]["role"] == "assistant":
            first = messages[index]["content"][0]
            if "reasoningContent" not in first:
                found = "tool_use" if "toolUse" in first else "text"
                raise expected_thinking(f"messages.{index}.content.0", found)
            return
