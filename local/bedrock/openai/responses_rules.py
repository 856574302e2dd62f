"""What ``POST /openai/v1/responses`` refuses."""

from collections.abc import Collection
from typing import Any

from local.bedrock.openai.errors import OpenAIError, unsupported_parameter
from local.bedrock.openai.responses_shape import BODY, TOOL_TYPES
from local.bedrock.openai.rules import (
    Served,
    check_effort,
    check_media,
    check_sampling,
    check_strict_schema,
    check_tier,
    check_tool_names,
    check_url,
    mentions_json,
)
from local.bedrock.openai.wording import in_openai_words, in_rust
from local.bedrock.schemas import Violation, check
from local.bedrock.seals import is_genuine

_NEVER = ("conversation", "prompt", "top_logprobs")
"""Parameters that OpenAI's API has and this endpoint does not."""

_ANSWERS = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
}
"""The item that answers each kind of call."""

Item = dict[str, Any]


def check_body(served: Served, body: dict[str, Any]) -> None:
    """Raises the refusal of a body for this model."""
    _check_tool_types(served, body.get("tools"))
    for violation in check(body, BODY):
        raise _worded(violation)
    _check_settings(served, body)
    _check_tools(body)
    _check_format(body)


def _worded(violation: Violation) -> OpenAIError:
    """A violation in the words of the service: only of a parameter itself does it speak as OpenAI does."""
    if len(violation.path) < 2:
        return in_openai_words(violation)
    top = violation.path[0]
    if top == "input":
        problem = "value did not match any expected variant"
    elif violation.problem in {"missing", "extra", "type", "tag"}:
        problem = in_rust(violation)
    else:
        return in_openai_words(violation)
    return OpenAIError(f"invalid request body: Invalid '{top}': {problem}", param=top)


def _check_tool_types(served: Served, tools: Any) -> None:
    """Raises the refusal of a tool that would run on the server."""
    for tool in tools if isinstance(tools, list) else []:
        kind = tool.get("type") if isinstance(tool, dict) else None
        if not isinstance(kind, str) or kind in TOOL_TYPES:
            continue
        if not served.openai.always_reasons and kind.startswith("web_search"):
            raise OpenAIError("web search is not supported for this request")
        raise OpenAIError(
            f"Tool type '{kind}' is not supported for model `{served.model.id}`.", param="tools"
        )


def _check_settings(served: Served, body: dict[str, Any]) -> None:
    if body.get("background"):
        raise OpenAIError("The background parameter is not supported.", param="background")
    for name in _NEVER:
        if body.get(name):
            raise unsupported_parameter(name)
    if body.get("max_output_tokens", 0) > served.model.max_output:
        raise OpenAIError(
            f"Invalid 'max_output_tokens': integer above maximum value. Expected a value <= "
            f"{served.model.max_output}, but got {body['max_output_tokens']} instead.",
            code="integer_above_max_value",
            param="max_output_tokens",
        )
    reasoning = body.get("reasoning", {})
    effort = reasoning.get("effort")
    check_effort(served, "reasoning.effort", effort)
    if reasoning.get("summary", "auto") != "auto":
        raise OpenAIError(
            f"Unsupported parameter: 'reasoning.summary' is not supported with the '{served.asked}' "
            "model.",
            code="unsupported_parameter",
            param="reasoning.summary",
        )
    check_sampling(served.openai, body, effort)
    check_tier(served.openai, body.get("service_tier"))


def _check_tools(body: dict[str, Any]) -> None:
    tools = body.get("tools", [])
    names = [tool["name"] for tool in tools if "name" in tool]
    check_tool_names(names, "tools")
    for index, tool in enumerate(tools):
        if tool["type"] == "function":
            _check_strict(tool, f"tools[{index}]")
        for position, inner in enumerate(tool["tools"] if tool["type"] == "namespace" else []):
            _check_strict(inner, f"tools[{index}].tools[{position}]")
    inner_names = [inner["name"] for tool in tools for inner in tool.get("tools", [])]
    choice = body.get("tool_choice")
    chosen = [choice, *choice.get("tools", [])] if isinstance(choice, dict) else []
    for one in chosen:
        if "name" in one and one["name"] not in (*names, *inner_names):
            raise OpenAIError(
                f"Tool choice '{one['name']}' not found in 'tools' parameter.",
                code=None,
                param="tool_choice",
            )


def _check_strict(tool: dict[str, Any], where: str) -> None:
    if tool.get("strict"):
        check_strict_schema(
            tool.get("parameters", {}),
            f"function '{tool['name']}'",
            "invalid_function_parameters",
            f"{where}.parameters",
        )


def _check_format(body: dict[str, Any]) -> None:
    form = body.get("text", {}).get("format", {})
    if form.get("type") == "json_schema" and form.get("strict"):
        check_strict_schema(
            form["schema"],
            f"response_format '{form['name']}'",
            "invalid_json_schema",
            "text.format.schema",
        )


def check_input(served: Served, body: dict[str, Any], items: list[Item]) -> None:
    """Raises the refusal of a conversation; its new items come last in `items`."""
    if not items:
        raise OpenAIError(
            "Missing required parameter: 'input'.",
            code="missing_required_parameter",
            param="input",
        )
    for index, item in enumerate(items):
        if item.get("type", "message") == "message":
            _check_parts(served, item["content"], f"input[{index}].content")
        elif "output" in item:
            _check_parts(served, item["output"], f"input[{index}].output")
    _check_pairs(items)
    if body.get("text", {}).get("format", {}).get("type") == "json_object":
        texts = [body.get("instructions", ""), *(str(item.get("content")) for item in items)]
        if not mentions_json(texts):
            raise OpenAIError(
                "Response input messages must contain the word 'json' in some form to use "
                "'text.format' of type 'json_object'.",
                code=None,
                param="input",
            )


def _check_parts(served: Served, content: Any, where: str) -> None:
    for position, part in enumerate(content if isinstance(content, list) else []):
        place = f"{where}[{position}]"
        match part["type"]:
            case "input_image":
                check_media(served.model, "image", "images")
                check_url(_needed(part, "image_url", place), f"{place}.image_url")
            case "input_file":
                check_media(served.model, "document", "documents")
                _needed(part, "file_data", place)


def _needed(part: dict[str, Any], name: str, place: str) -> str:
    """A part's media itself: there are no files to name, nor is anything fetched."""
    value = part.get(name)
    if value is None:
        raise OpenAIError(
            f"Missing required parameter: '{place}.{name}'.",
            code="missing_required_parameter",
            param=f"{place}.{name}",
        )
    return str(value)


def _check_pairs(items: list[Item]) -> None:
    for call, answer in _ANSWERS.items():
        asked = [item["call_id"] for item in items if item.get("type") == call]
        given = [item["call_id"] for item in items if item.get("type") == answer]
        for call_id in given:
            if call_id not in asked:
                raise OpenAIError(
                    f"No tool call found for {_spoken(call)} output with call_id {call_id}.",
                    code=None,
                    param="input",
                )
        for call_id in asked:
            if call_id not in given:
                raise OpenAIError(
                    f"No tool output found for {_spoken(call)} {call_id}.", code=None, param="input"
                )


def _spoken(kind: str) -> str:
    return kind.replace("_", " ")


def check_reasoning(item: Item, stored: Collection[str]) -> None:
    """Raises the refusal of reasoning that the model did not write, or that nobody kept."""
    mark, item_id = item.get("encrypted_content"), item.get("id", "")
    if mark is None:
        if item_id not in stored:
            raise item_not_found(item_id)
    elif not is_genuine(mark):
        raise OpenAIError(
            f"The encrypted content for item {item_id} could not be verified.",
            code="invalid_encrypted_content",
            param="input",
        )


def item_not_found(item_id: str) -> OpenAIError:
    """The refusal of an item named by an id that is not stored."""
    return OpenAIError(
        f"Item with id '{item_id}' not found. Items are not persisted when `store` is set to false. "
        "Try again with `store` set to true, or remove this item from your input.",
        code=None,
        param="input",
        status=404,
    )
