"""What ``POST /openai/v1/chat/completions`` refuses."""

from typing import Any

from local.bedrock.openai.chat_shape import OPEN_BODY, OPENAI_BODY
from local.bedrock.openai.errors import OpenAIError, unsupported_parameter
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
    reasons,
)
from local.bedrock.openai.wording import in_openai_words, in_rust_words
from local.bedrock.schemas import check

_NEVER = ("audio", "prediction", "logprobs", "functions", "function_call", "web_search_options")
"""Parameters that OpenAI's API has and no model here obeys."""

_MEDIA = {
    "image_url": ("image", "images"),
    "input_audio": ("audio", "audio"),
    "file": ("document", "documents"),
}

Message = dict[str, Any]


def check_body(served: Served, body: dict[str, Any]) -> None:
    """Raises the refusal of a body for this model."""
    _check_shape(served, body)
    _check_settings(served, body)
    _check_tools(served, body)
    _check_messages(served, body["messages"])
    _check_response_format(served, body)


def _check_shape(served: Served, body: dict[str, Any]) -> None:
    as_openai = served.openai.reasoning == "hidden"
    shape = OPENAI_BODY if as_openai else OPEN_BODY
    for violation in check(body, shape):
        raise in_openai_words(violation) if as_openai else in_rust_words(violation)


def _check_settings(served: Served, body: dict[str, Any]) -> None:
    openai, effort = served.openai, body.get("reasoning_effort")
    check_effort(served, "reasoning_effort", effort)
    if "max_tokens" in body and not openai.max_tokens:
        raise unsupported_parameter("max_tokens")
    for name in ("max_completion_tokens", "max_tokens"):
        if body.get(name, 0) > served.model.max_output:
            raise OpenAIError(
                f"{name} is too large: {body[name]}. This model supports at most "
                f"{served.model.max_output} completion tokens, whereas you provided {body[name]}.",
                code="invalid_value",
                param=name,
            )
    for name in _NEVER:
        if body.get(name):
            raise unsupported_parameter(name)
    if set(body.get("modalities", ["text"])) != {"text"}:
        raise unsupported_parameter("modalities")
    if "logit_bias" in body and not openai.logit_bias:
        raise unsupported_parameter("logit_bias")
    if "stop" in body:
        _check_stop(served, body["stop"])
    check_sampling(openai, body, effort)
    if not openai.penalties and {"frequency_penalty", "presence_penalty"} & body.keys():
        raise OpenAIError(
            "Bedrock is unable to process your request.",
            code="service_unavailable",
            kind="server_error",
            status=503,
        )
    check_tier(openai, body.get("service_tier"))


def _check_stop(served: Served, stop: Any) -> None:
    if not served.openai.stop:
        raise OpenAIError(
            "This model doesn't support the stopSequences field. Remove stopSequences and try again."
        )
    if isinstance(stop, list) and len(stop) > 4:
        raise OpenAIError(
            "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an "
            f"array with length {len(stop)} instead.",
            code="array_above_max_length",
            param="stop",
        )


def _check_tools(served: Served, body: dict[str, Any]) -> None:
    tools, choice = body.get("tools", []), body.get("tool_choice")
    if not tools:
        for name in ("tool_choice", "parallel_tool_calls"):
            if name in body:
                raise OpenAIError(
                    f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are "
                    "specified.",
                    code=None,
                    param=name,
                )
        return
    effort = body.get("reasoning_effort")
    if not served.openai.tools_while_reasoning and reasons(served.openai, effort):
        raise OpenAIError(
            f"Function tools with reasoning_effort are not supported for {served.asked} in "
            "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort "
            "to 'none'.",
            code=None,
            param="reasoning_effort",
        )
    names = [tool[tool["type"]]["name"] for tool in tools]
    check_tool_names(names, "tools")
    for index, tool in enumerate(tools):
        function = tool.get("function", {})
        if function.get("strict"):
            check_strict_schema(
                function.get("parameters", {}),
                f"function '{function['name']}'",
                "invalid_function_parameters",
                f"tools[{index}].function.parameters",
            )
    for name in _chosen(choice):
        if name not in names:
            raise OpenAIError(
                f"Tool choice '{name}' not found in 'tools' parameter.",
                code=None,
                param="tool_choice",
            )


def _chosen(choice: Any) -> list[str]:
    """The names in a ``tool_choice``."""
    if not isinstance(choice, dict):
        return []
    inner = choice[choice["type"]]
    return (
        [tool["function"]["name"] for tool in inner["tools"]]
        if "tools" in inner
        else [inner["name"]]
    )


def _check_messages(served: Served, messages: list[Message]) -> None:
    asked: list[str] = []
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        if message["role"] == "tool":
            asked = _answered(asked, message, where)
        elif asked:
            raise _unanswered(asked)
        else:
            _check_content(served, message, where)
            asked = [call["id"] for call in message.get("tool_calls", [])]
    if asked:
        raise _unanswered(asked)


def _answered(asked: list[str], message: Message, where: str) -> list[str]:
    """The calls that are still without an answer after this message."""
    call_id = message.get("tool_call_id")
    if call_id is None:
        raise OpenAIError(
            f"Missing required parameter: '{where}.tool_call_id'.",
            code="missing_required_parameter",
            param=f"{where}.tool_call_id",
        )
    if call_id not in asked:
        raise OpenAIError(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
            "with 'tool_calls'.",
            code=None,
            param=f"{where}.role",
        )
    return [other for other in asked if other != call_id]


def _unanswered(ids: list[str]) -> OpenAIError:
    return OpenAIError(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        "'tool_call_id'. The following tool_call_ids did not have response messages: "
        f"{', '.join(ids)}",
        code=None,
        param="messages",
    )


def _check_content(served: Served, message: Message, where: str) -> None:
    content = message.get("content")
    if content is None and not (message["role"] == "assistant" and _says(message)):
        raise OpenAIError(
            f"Invalid value for 'content': expected a string, got null. ('{where}.content')",
            code=None,
            param=f"{where}.content",
        )
    for position, part in enumerate(content if isinstance(content, list) else []):
        place = f"{where}.content[{position}]"
        if part["type"] in _MEDIA:
            check_media(served.model, *_MEDIA[part["type"]])
        if part["type"] == "image_url":
            check_url(part["image_url"]["url"], f"{place}.image_url.url")
        if part["type"] == "file" and "file_data" not in part["file"]:
            raise OpenAIError(
                f"Missing required parameter: '{place}.file.file_data'.",
                code="missing_required_parameter",
                param=f"{place}.file.file_data",
            )


def _says(message: Message) -> bool:
    return bool(message.get("tool_calls") or message.get("refusal"))


def _check_response_format(served: Served, body: dict[str, Any]) -> None:
    form = body.get("response_format", {})
    if form.get("type") == "json_object" and served.openai.schemas:
        texts = [text for message in body["messages"] for text in texts_of(message)]
        if not mentions_json(texts):
            raise OpenAIError(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of "
                "type 'json_object'.",
                code=None,
                param="messages",
            )
    if form.get("type") == "json_schema" and form["json_schema"].get("strict"):
        check_strict_schema(
            form["json_schema"].get("schema", {}),
            f"response_format '{form['json_schema']['name']}'",
            "invalid_json_schema",
            "response_format",
        )


def texts_of(message: Message) -> list[str]:
    """The texts of a message."""
    content = message.get("content", "")
    if isinstance(content, str):
        return [content] if content else []
    return [part["text"] for part in content if part["type"] == "text"]
