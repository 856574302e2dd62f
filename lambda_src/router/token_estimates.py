"""An estimate of the input tokens that Bedrock will report for a request.

It is as often too high as too low; what a request can cost at most is `router.bounds`'. How far it is
off is measured, and told in docs/token-counts.md.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

from catalog.families import Family

from router.dialects.checks import Json, type_of
from router.media_tokens import document_tokens, image_tokens
from router.text_tokens import text_tokens

_DEFINED_TOOLS = {"bash": 245, "computer": 735, "text_editor": 700}
"""Tools that Anthropic defines, by the beginning of their type
(https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview)."""

ESTIMATED = ("x-bedrockrouter-input-tokens", "estimated")
"""The response header that says that a count told to a client is an estimate."""

_MAX_DEPTH = 8
"""How deep content may be in content. A document in a tool's result in a message is at three."""

_FORCED = frozenset({"any", "tool"})


class Tokens(NamedTuple):
    """The tokens of a prompt."""

    text: int
    media: int
    """Of images, and of documents that are no text."""


def input_tokens(body: Json, family: Family) -> int:
    """The tokens of a body, of whatever: see `tokens_of`."""
    return sum(tokens_of(body, family))


def tokens_of(body: Json, family: Family) -> Tokens:
    """The tokens of a body in Converse's form or in that of Anthropic's Messages API.

    Takes any JSON; what it has no notion of counts as the text it is written in.
    """
    tools, forced = _tools_of(body)
    prompt = _Prompt(family, {str(tool.get("name")): tool for tool in tools if _is_deferred(tool)})
    prompt.add_blocks(body.get("system"))
    for message in _objects(body.get("messages")):
        prompt.tokens += family.turn_tokens
        prompt.add_blocks(message.get("content"))
    prompt.add_tools([tool for tool in tools if not _is_deferred(tool)], forced=forced)
    for form in ("output_config", "outputConfig"):
        if body.get(form):
            prompt.add_json(body[form])
    return prompt.total()


class _Prompt:
    """The texts of a prompt, and the tokens of what is no text."""

    def __init__(self, family: Family, deferred: dict[str, Json]) -> None:
        self.family = family
        self.deferred = deferred
        """Tools by name that come into the prompt when a search has found them
        (https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool)."""
        self.tokens = family.frame_tokens
        self.media = 0
        self._texts: list[str] = []
        self._depth = 0

    def total(self) -> Tokens:
        text = text_tokens(" ".join(self._texts), self.family.tokenizer)
        return Tokens(self.tokens + text, self.media)

    def add_text(self, value: object) -> None:
        if isinstance(value, str):
            self._texts.append(value)

    def add_json(self, value: object) -> None:
        try:
            self._texts.append(json.dumps(value, ensure_ascii=False))
        except RecursionError:
            # Deeper than any that a model is given.
            return

    def add_blocks(self, content: object) -> None:
        """A text, or a list of content blocks of either form."""
        self.add_text(content)
        if self._depth == _MAX_DEPTH:
            return
        self._depth += 1
        for block in _objects(content):
            kind = type_of(block) or next(iter(block), "")
            _BLOCKS.get(kind, _add_other)(self, block)
        self._depth -= 1

    def add_tools(self, tools: list[Json], *, forced: bool) -> None:
        for tool in tools:
            self.add_tool(tool)
        if tools:
            self.tokens += self.family.tool_prompt[forced]

    def add_tool(self, tool: Json) -> None:
        defined = _DEFINED_TOOLS.get(type_of(tool).rpartition("_")[0])
        if defined is not None:
            self.tokens += defined
            return
        schema = tool.get("input_schema")
        bedrock = tool.get("inputSchema")
        self.add_json(
            {
                "name": tool.get("name"),
                "description": tool.get("description"),
                "parameters": bedrock.get("json") if isinstance(bedrock, dict) else schema,
            }
        )


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _tools_of(body: Json) -> tuple[list[Json], bool]:
    """A body's tools, each with its name at the top, and whether one of them must be called."""
    config = body.get("toolConfig")
    if not isinstance(config, dict):
        return _objects(body.get("tools")), type_of(body.get("tool_choice")) in _FORCED
    choice = config.get("toolChoice")
    forced = isinstance(choice, dict) and bool(choice.keys() & _FORCED)
    return _objects([tool.get("toolSpec") for tool in _objects(config.get("tools"))]), forced


def _is_deferred(tool: Json) -> bool:
    return tool.get("defer_loading") is True


def _add_text_block(prompt: _Prompt, block: Json) -> None:
    prompt.add_text(block.get("text"))


def _add_image(prompt: _Prompt, block: Json) -> None:
    prompt.media += image_tokens(_data_of(block, "image"), prompt.family)


def _add_document(prompt: _Prompt, block: Json) -> None:
    told = block.get("document")
    document = told if isinstance(told, dict) else block
    for name in ("title", "name", "context"):
        prompt.add_text(document.get(name))
    source = document.get("source")
    if not isinstance(source, dict):
        return
    prompt.add_text(source.get("text"))
    prompt.add_blocks(source.get("content"))
    if type_of(source) == "text":
        prompt.add_text(source.get("data"))
        return
    form = document.get("format") or source.get("media_type")
    told_form = form if isinstance(form, str) else ""
    tokens, text = document_tokens(_data_of(block, "document"), told_form)
    prompt.media += tokens
    prompt.add_text(text)


def _data_of(block: Json, member: str) -> str:
    """The base64 of an image or a document of either form; empty where it has none."""
    told = block.get(member)
    source = (told if isinstance(told, dict) else block).get("source")
    found = source.get("bytes") or source.get("data") if isinstance(source, dict) else None
    return found if isinstance(found, str) else ""


def _add_call(prompt: _Prompt, block: Json) -> None:
    told = block.get("toolUse")
    call = told if isinstance(told, dict) else block
    prompt.tokens += prompt.family.call_tokens
    prompt.add_text(call.get("name"))
    prompt.add_json(call.get("input"))


def _add_result(prompt: _Prompt, block: Json) -> None:
    told = block.get("toolResult")
    result = told if isinstance(told, dict) else block
    prompt.tokens += prompt.family.call_tokens
    prompt.add_blocks(result.get("content"))


def _add_json_block(prompt: _Prompt, block: Json) -> None:
    prompt.add_json(block.get("json"))


def _add_thinking(prompt: _Prompt, block: Json) -> None:
    prompt.add_text(block.get("thinking"))


def _add_reasoning(prompt: _Prompt, block: Json) -> None:
    reasoning = block.get("reasoningContent")
    told = reasoning.get("reasoningText") if isinstance(reasoning, dict) else None
    if isinstance(told, dict):
        prompt.add_text(told.get("text"))


def _add_guarded(prompt: _Prompt, block: Json) -> None:
    guarded = block.get("guardContent")
    if isinstance(guarded, dict):
        prompt.add_blocks([guarded])
        told = guarded.get("text")
        if isinstance(told, dict):
            prompt.add_text(told.get("text"))


def _add_search_result(prompt: _Prompt, block: Json) -> None:
    told = block.get("searchResult")
    found = told if isinstance(told, dict) else block
    prompt.add_text(found.get("title"))
    prompt.add_text(found.get("source"))
    prompt.add_blocks(found.get("content"))


def _add_cited(prompt: _Prompt, block: Json) -> None:
    cited = block.get("citationsContent")
    if isinstance(cited, dict):
        prompt.add_blocks(cited.get("content"))


def _add_found_tools(prompt: _Prompt, block: Json) -> None:
    found = block.get("content")
    if isinstance(found, dict):
        prompt.add_blocks(found.get("tool_references"))


def _add_found_tool(prompt: _Prompt, block: Json) -> None:
    tool = prompt.deferred.pop(str(block.get("tool_name")), None)
    if tool is not None:
        prompt.add_tool(tool)


def _add_nothing(prompt: _Prompt, block: Json) -> None:
    """Costs nothing, or what cannot be known from here."""


def _add_other(prompt: _Prompt, block: Json) -> None:
    prompt.add_json(block)


_BLOCKS: dict[str, Callable[[_Prompt, Json], None]] = {
    "audio": _add_nothing,
    "cachePoint": _add_nothing,
    "citationsContent": _add_cited,
    "document": _add_document,
    "guardContent": _add_guarded,
    "image": _add_image,
    "json": _add_json_block,
    "reasoningContent": _add_reasoning,
    "redacted_thinking": _add_nothing,
    "searchResult": _add_search_result,
    "search_result": _add_search_result,
    "text": _add_text_block,
    "thinking": _add_thinking,
    "toolResult": _add_result,
    "toolUse": _add_call,
    "tool_reference": _add_found_tool,
    "tool_result": _add_result,
    "tool_search_tool_result": _add_found_tools,
    "tool_use": _add_call,
    "video": _add_nothing,
}
"""By Anthropic's ``type`` or Converse's only member."""
