"""What Converse refuses in a request whose shape is right.

Most wordings are the live service's, as quoted in public bug reports and code of 2024 to 2026. Where none
was found (a tool block in the wrong turn, a cache point in the wrong place, the role ``system`` for an
older model) the words are those InvokeModel has for the same thing.
"""

from itertools import pairwise
from typing import Any

from local.bedrock.errors import ModelRefusal, invalid, unsupported
from local.bedrock.guardrails import find
from local.bedrock.models import Model
from local.bedrock.rules.cache_points import check_cache_points
from local.bedrock.rules.converse_claude import check_claude
from local.bedrock.rules.media import check_media
from local.bedrock.rules.model_fields import check_model_fields, check_replayed
from local.bedrock.rules.structured import check_structured

Block = dict[str, Any]
Message = dict[str, Any]


def check_request(model: Model, request: dict[str, Any], *, streamed: bool) -> None:
    """Raises the refusal of a Converse request for this model."""
    if not model.chats:
        raise invalid(
            "This action doesn't support the model that you provided. Try again with a supported "
            "text or chat model."
        )
    messages = request.get("messages") or []
    config = request.get("guardrailConfig") or {}
    if config:
        find(config.get("guardrailIdentifier", ""), config.get("guardrailVersion", ""))
    check_turns(model, messages)
    _check_system(model, request)
    latest = max((i for i, m in enumerate(messages) if m["role"] == "assistant"), default=-1)
    for index, message in enumerate(messages):
        _check_content(model, index, message, latest=index == latest)
    check_media(model, messages)
    _check_tool_config(model, request, streamed=streamed)
    check_tool_pairs(messages)
    check_cache_points(model, request)
    _check_inference(model, request)
    _check_tier(model, request)
    check_structured(model, request)
    if model.claude is not None:
        check_claude(model, model.claude, request)
    else:
        check_model_fields(model, request)


def check_turns(model: Model, messages: list[Message]) -> None:
    """Turns alternate between user and assistant and the first is the user's."""
    turns = [message for message in messages if message["role"] != "system"]
    if len(turns) < len(messages) and not (model.claude and model.claude.system_turns):
        raise ModelRefusal(
            'messages: Unexpected role "system". The Messages API accepts a top-level `system` '
            'parameter, not "system" as an input message role.'
        )
    if not turns or turns[0]["role"] != "user":
        raise invalid(
            "A conversation must start with a user message. Try again with a conversation that "
            "starts with a user message."
        )
    alternate = all(before["role"] != after["role"] for before, after in pairwise(turns))
    if not alternate and "merged_turns" not in model.features:
        raise invalid(
            "A conversation must alternate between user and assistant roles. Make sure the "
            "conversation alternates between user and assistant roles and try again."
        )


def _check_system(model: Model, request: dict[str, Any]) -> None:
    system = request.get("system") or []
    if system and "system" not in model.features:
        raise invalid(
            "This model doesn't support system messages. Try again without a system message or use "
            "a model that supports system messages."
        )
    for index, block in enumerate(system):
        if _is_blank(block):
            raise invalid(
                f"The text field in the SystemContentBlock object at system.{index} is blank. Add "
                "text to the text field, and try again."
            )


def _is_blank(block: Block) -> bool:
    text = block.get("text")
    return text is not None and not text.strip()


def _check_content(model: Model, index: int, message: Message, *, latest: bool) -> None:
    content = message["content"]
    if not content:
        raise invalid(
            f"The content field in the Message object at messages.{index} is empty. Add a "
            "ContentBlock object to the content field and try again."
        )
    for position, block in enumerate(content):
        place = f"messages.{index}.content.{position}"
        if _is_blank(block):
            raise invalid(
                f"The text field in the ContentBlock object at {place} is blank. Add text to the "
                "text field, and try again."
            )
        _check_block(model, place, message["role"], block, latest=latest)


def _check_block(model: Model, place: str, role: str, block: Block, *, latest: bool) -> None:
    if "toolUse" in block and role != "assistant":
        raise ModelRefusal(f"{place}: `tool_use` blocks can only be in `assistant` messages")
    if "toolResult" in block and role != "user":
        raise ModelRefusal(f"{place}: `tool_result` blocks can only be in `user` messages")
    reasoning = block.get("reasoningContent")
    if reasoning:
        if role != "assistant":
            raise ModelRefusal(f"{place}: `thinking` blocks can only be in `assistant` messages")
        check_replayed(model, place, reasoning, latest=latest)


def _check_tool_config(model: Model, request: dict[str, Any], *, streamed: bool) -> None:
    config = request.get("toolConfig")
    if config is None:
        blocks = (
            block for message in request.get("messages") or [] for block in message["content"]
        )
        if any("toolUse" in block or "toolResult" in block for block in blocks):
            raise invalid(
                "The toolConfig field must be defined when using toolUse and toolResult content "
                "blocks."
            )
        return
    if "tools" not in model.features:
        raise invalid("This model doesn't support tool use.")
    if streamed and "streamed_tools" not in model.features:
        raise invalid("This model doesn't support tool use in streaming mode.")
    if any("systemTool" in tool for tool in config["tools"]) and model.family != "nova":
        raise unsupported("systemTool")
    names = [tool["toolSpec"]["name"] for tool in config["tools"] if "toolSpec" in tool]
    if len(set(names)) < len(names):
        raise ModelRefusal("tools: Tool names must be unique.")
    _check_tool_choice(model, config.get("toolChoice") or {}, names)


def _check_tool_choice(model: Model, choice: Block, names: list[str]) -> None:
    for kind in ("any", "tool"):
        if kind in choice and f"tool_choice_{kind}" not in model.features:
            raise unsupported(f"toolConfig.toolChoice.{kind}")
    chosen = (choice.get("tool") or {}).get("name")
    if chosen is not None and chosen not in names:
        raise ModelRefusal(f"Tool '{chosen}' not found in provided tools")


def check_tool_pairs(messages: list[Message]) -> None:
    """Every toolUse is answered in the very next user turn, which begins with the answers."""
    asked: list[str] = []
    asked_at = 0
    turns = [(i, message) for i, message in enumerate(messages) if message["role"] != "system"]
    for index, message in turns:
        content = message["content"]
        given = [block["toolResult"]["toolUseId"] for block in content if "toolResult" in block]
        if message["role"] == "user":
            _check_results(index, given, asked)
            if any("toolResult" not in block for block in content[: len(given)]):
                raise ModelRefusal(
                    f"messages.{asked_at}: `tool_use` ids were found without `tool_result` blocks "
                    f"immediately after: {', '.join(asked)}. Each `tool_use` block must have a "
                    "corresponding `tool_result` block in the next message."
                )
        asked = [block["toolUse"]["toolUseId"] for block in content if "toolUse" in block]
        asked_at = index
        if len(set(asked)) < len(asked):
            raise invalid(_duplicates("toolUse", index, asked))
    if asked:
        raise invalid(_expected(len(messages), asked))


def _check_results(index: int, given: list[str], asked: list[str]) -> None:
    if len(set(given)) < len(given):
        raise invalid(_duplicates("toolResult", index, given))
    if len(given) > len(asked):
        raise invalid(
            f"The number of toolResult blocks at messages.{index}.content exceeds the number of "
            "toolUse blocks of previous turn."
        )
    missing = [tool_id for tool_id in asked if tool_id not in given]
    if missing:
        raise invalid(_expected(index, missing))


def _duplicates(kind: str, index: int, ids: list[str]) -> str:
    twice = sorted({tool_id for tool_id in ids if ids.count(tool_id) > 1})
    return (
        f"The {kind} blocks at messages.{index}.content contain duplicate Ids: {', '.join(twice)}"
    )


def _expected(index: int, ids: list[str]) -> str:
    return (
        f"Expected toolResult blocks at messages.{index}.content for the following Ids: "
        f"{', '.join(ids)}"
    )


def _check_inference(model: Model, request: dict[str, Any]) -> None:
    config = request.get("inferenceConfig") or {}
    limit = model.max_output
    if config.get("maxTokens", 0) > limit:
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {limit}. Try again with a "
            f"maximum tokens value that is lower than {limit}."
        )
    if config.get("maxTokens", limit) < model.least_output:
        raise ModelRefusal(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= "
            f"{model.least_output}, but got {config['maxTokens']} instead."
        )
    taken = {"temperature": "sampling", "topP": "sampling", "stopSequences": "stops"}
    for name, feature in taken.items():
        if config.get(name) is not None and feature not in model.features:
            raise unsupported(name)


def _check_tier(model: Model, request: dict[str, Any]) -> None:
    """Raises the refusal of a tier; GPT has the default one only. How that is worded was not found."""
    tier = (request.get("serviceTier") or {}).get("type", "default")
    if model.openai is not None and tier not in (*model.openai.tiers, "reserved"):
        raise invalid(f"The service tier {tier} is not supported for this model.")
