"""A Chat Completions request as a Converse request."""

from typing import NamedTuple

from catalog.families import Family

from router.dialects.checks import Json, boolean, fields, members
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import ToolNames, add_tools
from router.dialects.openai_chat.messages import read_messages
from router.dialects.openai_chat.parameters import check_parameters, inference_config
from router.dialects.openai_chat.tools import tool_choice, tool_specs

STREAM_OPTIONS = fields("include_usage", "include_obfuscation")


class Translation(NamedTuple):
    """A translated request, and what its answer's translation needs to know of it."""

    draft: Draft
    stream: bool
    include_usage: bool
    """Whether a stream ends with a chunk of usage."""
    tool_names: dict[str, str]
    """The client's tool name by Bedrock's, for those that differ."""


def to_converse(body: Json, family: Family) -> Translation:
    """Translates any JSON object; raises `ApiError` for what Converse cannot be asked."""
    draft = Draft(family)
    check_parameters(body, draft.changes)
    stream, include_usage = _streaming(body, draft.changes)
    names = ToolNames()
    called = read_messages(draft, body.get("messages"), names)
    if config := inference_config(body, draft.changes):
        draft.body["inferenceConfig"] = config
    specs = tool_specs(draft, body.get("tools"), names)
    add_tools(draft, specs, tool_choice(draft, body.get("tool_choice"), names), called)
    return Translation(draft, stream, include_usage, names.replaced)


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
