"""A Chat Completions request as a Converse request."""

from typing import NamedTuple

from router.dialects.openai_chat.checks import Json, boolean, fields, members, name
from router.dialects.openai_chat.messages import read_conversation
from router.dialects.openai_chat.parameters import check_parameters, inference_config
from router.dialects.openai_chat.tools import ToolNames, tool_config
from router.errors import ApiError

STREAM_OPTIONS = fields("include_usage", "include_obfuscation")


class Translation(NamedTuple):
    """A translated request, and what its answer's translation needs to know of it."""

    body: Json
    """Converse's request body, without `modelId`."""
    model: str
    """As the client calls it."""
    stream: bool
    include_usage: bool
    """Whether a stream ends with a chunk of usage."""
    tool_names: dict[str, str]
    """The client's tool name by Bedrock's, for those that differ."""
    changes: tuple[str, ...]
    """What was dropped or bent, in words fit for a response header."""


def to_converse(body: object) -> Translation:
    """Translates any JSON value; raises `ApiError` for what Converse cannot be asked."""
    if not isinstance(body, dict):
        raise ApiError("invalid_request", "The request body must be a JSON object.")
    changes: set[str] = set()
    check_parameters(body, changes)
    model = name(body.get("model"), "model")
    stream, include_usage = _streaming(body, changes)
    names = ToolNames()
    conversation = read_conversation(body.get("messages"), names, changes)
    converse: Json = {"messages": conversation.messages}
    if conversation.system:
        converse["system"] = conversation.system
    if config := inference_config(body, changes):
        converse["inferenceConfig"] = config
    if tools := tool_config(body, conversation.called, names, changes):
        converse["toolConfig"] = tools
    return Translation(
        converse, model, stream, include_usage, names.replaced, tuple(sorted(changes))
    )


def _streaming(body: Json, changes: set[str]) -> tuple[bool, bool]:
    options: Json = {}
    if body.get("stream_options") is not None:
        options = members(body["stream_options"], "stream_options", STREAM_OPTIONS, changes)
    if _flag(options, "include_obfuscation", "stream_options.include_obfuscation"):
        changes.add("include_obfuscation dropped")
    include_usage = _flag(options, "include_usage", "stream_options.include_usage")
    return _flag(body, "stream", "stream"), include_usage


def _flag(values: Json, key: str, where: str) -> bool:
    value = values.get(key)
    return value is not None and boolean(value, where)
