"""What Converse refuses in a request whose shape is right.

Most wordings are the live service's, as quoted in public bug reports and code of 2024 to 2026. Where none
was found (a tool block in the wrong turn, a cache point in the wrong place, the role ``system`` for an
older model) the words are those InvokeModel has for the same thing.
"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from local.bedrock.errors import ModelRefusal, ServiceError, invalid
from local.bedrock.models import Model
from local.bedrock.rules import claude
from local.bedrock.rules.anthropic import BODY
from local.bedrock.schemas import Field, check, in_claude_words

_MOST_CACHE_POINTS = 4

# The documented characters. The live service is reported to let an underscore pass as well.
_DOCUMENT_NAME = re.compile(r"[A-Za-z0-9\-()\[\]]+(?: [A-Za-z0-9\-()\[\]]+)*")

_CLAUDE_FIELDS = Field(
    "object", members={name: field._replace(required=False) for name, field in BODY.items()}
)

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
    check_turns(model, messages)
    _check_system(model, request)
    for index, message in enumerate(messages):
        _check_content(model, index, message)
    _check_documents(messages)
    _check_tool_config(model, request, streamed=streamed)
    check_tool_pairs(messages)
    _check_cache_points(model, request)
    _check_inference(model, request)
    _check_structured_output(model, request)
    _check_claude(model, request)


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


def _check_content(model: Model, index: int, message: Message) -> None:
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
        _check_block(model, place, message["role"], block)


def _check_block(model: Model, place: str, role: str, block: Block) -> None:
    if "toolUse" in block and role != "assistant":
        raise ModelRefusal(f"{place}: `tool_use` blocks can only be in `assistant` messages")
    if "toolResult" in block and role != "user":
        raise ModelRefusal(f"{place}: `tool_result` blocks can only be in `user` messages")
    for kind, feature in (("image", "images"), ("document", "documents")):
        if kind in block and feature not in model.features:
            raise invalid(
                f"This model doesn't support the {kind} content block that you provided. Update the "
                "content block and try again."
            )
    reasoning = (block.get("reasoningContent") or {}).get("reasoningText")
    if reasoning:
        if role != "assistant":
            raise ModelRefusal(f"{place}: `thinking` blocks can only be in `assistant` messages")
        _check_reasoning(model, place, reasoning)


def _check_reasoning(model: Model, place: str, reasoning: Block) -> None:
    signature = reasoning.get("signature")
    if model.claude is None:
        if signature is not None:
            raise invalid(_unsupported("reasoningContent.reasoningText.signature"))
    elif signature is None:
        raise ModelRefusal(f"{place}.thinking.signature: Field required")
    else:
        claude.check_signature(reasoning["text"], signature, place)


def _unsupported(field: str) -> str:
    return f"This model doesn't support the {field} field. Remove {field} and try again."


def _documents(messages: list[Message]) -> Iterator[tuple[str, Message, Block]]:
    for index, message in enumerate(messages):
        for position, block in enumerate(message["content"]):
            place = f"messages.{index}.content.{position}"
            if "document" in block:
                yield place, message, block["document"]
            for inner, part in enumerate((block.get("toolResult") or {}).get("content", ())):
                if "document" in part:
                    yield f"{place}.toolResult.content.{inner}", message, part["document"]


def _check_documents(messages: list[Message]) -> None:
    names: set[str] = set()
    for place, message, document in _documents(messages):
        name = document["name"]
        if not _DOCUMENT_NAME.fullmatch(name):
            raise invalid(
                "The document file name can only contain alphanumeric characters, whitespace "
                "characters, hyphens, parentheses, and square brackets. The name can't contain more "
                "than one consecutive whitespace character. Check that the file name conforms to "
                "these restrictions and retry your request."
            )
        if name in names:
            raise invalid(
                "Messages can't contain duplicate document names. Rename the document and retry "
                "your request."
            )
        names.add(name)
        cited = (document.get("citations") or {}).get("enabled")
        if "text" in document["source"] and not cited:
            raise invalid(
                f"DocumentSource object at {place}.document.source must set one of the following "
                "keys: bytes, s3Location."
            )
        has_text = any("text" in block for block in message["content"])
        if not has_text and "toolResult" not in place:
            raise invalid(
                "A text block must be included when using documents. Add a text block and retry "
                "your request."
            )


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
    names = []
    for index, tool in enumerate(config["tools"]):
        spec = tool.get("toolSpec")
        if spec is None:
            continue
        names.append(spec["name"])
        if spec.get("strict") is not None and "structured" not in model.features:
            raise invalid(_unsupported(f"toolConfig.tools.{index}.toolSpec.strict"))
    if len(set(names)) < len(names):
        raise ModelRefusal("tools: Tool names must be unique.")
    _check_tool_choice(model, config.get("toolChoice") or {}, names)


def _check_tool_choice(model: Model, choice: Block, names: list[str]) -> None:
    for kind in ("any", "tool"):
        if kind in choice and f"tool_choice_{kind}" not in model.features:
            raise invalid(_unsupported(f"toolConfig.toolChoice.{kind}"))
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


def _check_cache_points(model: Model, request: dict[str, Any]) -> None:
    tools = (request.get("toolConfig") or {}).get("tools", [])
    places = [("tools", tools), ("system", request.get("system") or [])]
    for index, message in enumerate(request.get("messages") or []):
        places.append((f"messages/{index}/content", message["content"]))
    points = [
        (place, position, block["cachePoint"].get("ttl", "5m"))
        for place, blocks in places
        for position, block in enumerate(blocks)
        if "cachePoint" in block
    ]
    if not points:
        return
    if not model.cache_minimum:
        raise ServiceError(
            "AccessDeniedException",
            "You invoked an unsupported model or your request did not allow prompt caching. See the "
            "documentation for more information.",
        )
    if len(points) > _MOST_CACHE_POINTS:
        raise ModelRefusal(
            f"A maximum of {_MOST_CACHE_POINTS} blocks with cache_control may be provided. Found "
            f"{len(points)}."
        )
    lifetimes = [lifetime for _, _, lifetime in points]
    if "1h" in lifetimes[lifetimes.index("5m") :] if "5m" in lifetimes else False:
        raise ModelRefusal(
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. "
            "Note that blocks are processed in the following order: `tools`, `system`, `messages`."
        )
    for place, position, _ in points:
        blocks = dict(places)[place]
        if place.startswith("messages") and position == 0:
            raise ModelRefusal(f"{place.replace('/', '.')}.0.type: Field required")
        beside_tools = any("toolUse" in block or "toolResult" in block for block in blocks)
        if model.family == "nova" and (place == "tools" or beside_tools):
            raise ModelRefusal(
                f"Malformed input request: #/{place}/{position}: extraneous key [cachePoint] is not "
                "permitted, please reformat your input and try again."
            )


def _check_inference(model: Model, request: dict[str, Any]) -> None:
    config = request.get("inferenceConfig") or {}
    limit = model.max_output
    if config.get("maxTokens", 0) > limit:
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {limit}. Try again with a "
            f"maximum tokens value that is lower than {limit}."
        )
    if "sampling" not in model.features:
        for name in ("temperature", "topP"):
            if config.get(name) is not None:
                raise invalid(_unsupported(name))


def _check_structured_output(model: Model, request: dict[str, Any]) -> None:
    text_format = (request.get("outputConfig") or {}).get("textFormat")
    if text_format is None:
        return
    if "structured" not in model.features and model.claude is None:
        raise invalid(_unsupported("outputConfig.textFormat"))
    try:
        schema = json.loads(text_format["structure"]["jsonSchema"]["schema"])
    except ValueError:
        schema = None
    if not isinstance(schema, dict):
        raise invalid(
            "The outputConfig.textFormat.structure.jsonSchema.schema isn't a JSON schema."
        )


def _check_claude(model: Model, request: dict[str, Any]) -> None:
    if model.claude is None:
        return
    fields = additional_fields(request)
    for violation in check(fields, _CLAUDE_FIELDS):
        raise ModelRefusal(in_claude_words(violation))
    settings = _settings(model, request, fields)
    claude.check_settings(model, settings)
    if settings.thinking_type == "enabled":
        _check_kept_thinking(request["messages"])


def additional_fields(request: dict[str, Any]) -> dict[str, Any]:
    """``additionalModelRequestFields``, when it is an object; ``reasoning_config`` is ``thinking``."""
    fields = request.get("additionalModelRequestFields")
    if not isinstance(fields, dict):
        return {}
    return {
        "thinking" if name == "reasoning_config" else name: value for name, value in fields.items()
    }


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
        strict_tools=any(
            (tool.get("toolSpec") or {}).get("strict") for tool in tools.get("tools", ())
        ),
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
                raise claude.expected_thinking(f"messages.{index}.content.0", found)
            return
