"""Tools and what names them: a client's functions as Converse's `toolConfig`.

Bedrock takes tool names of ``[a-zA-Z0-9_-]{1,64}`` and tool call ids of ``[a-zA-Z0-9_.:-]{1,64}``;
clients use others (MCP tools' names have dots). A stand-in depends on nothing but the name itself, so
it stays the same from turn to turn, which Bedrock's prompt caches need.
"""

import json
import string
from collections.abc import Iterable
from hashlib import sha256
from math import isfinite
from typing import NamedTuple

from router.dialects.checks import MAX_DEPTH, Json, document, invalid, is_blank, name
from router.dialects.converse.draft import Draft
from router.dialects.converse.schemas import enforceable
from router.errors import ApiError

LONGEST = 64
NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + "_-")
ID_CHARACTERS = NAME_CHARACTERS | frozenset(".:")

NO_LONGER_OFFERED = "Was called earlier in this conversation. It is not available any more."


def stand_in(original: str, characters: frozenset[str]) -> str:
    """`original` where Bedrock takes it, else a legible and practically unique form that it takes."""
    if len(original) <= LONGEST and characters.issuperset(original):
        return original
    digest = sha256(original.encode()).hexdigest()[:10]
    legible = "".join(c if c in characters else "_" for c in original[: LONGEST - 11])
    return f"{legible}_{digest}"


class ToolNames:
    """The tool names of one request, and what Bedrock knows each as."""

    def __init__(self) -> None:
        self._originals: dict[str, str] = {}
        self._fitting: dict[str, str] = {}

    def bedrock_name(self, value: object, where: str) -> str:
        """The name Bedrock gets for the client's name `value`."""
        original = name(value, where)
        # A long conversation calls the same few tools thousands of times.
        if (known := self._fitting.get(original)) is not None:
            return known
        fitting = stand_in(original, NAME_CHARACTERS)
        if self._originals.setdefault(fitting, original) != original:
            raise invalid(where, "cannot be told from the name of another tool")
        self._fitting[original] = fitting
        return fitting

    @property
    def replaced(self) -> dict[str, str]:
        """The client's name by Bedrock's, for those that differ."""
        return {ours: theirs for ours, theirs in self._originals.items() if ours != theirs}


class ToolCallIds:
    """The tool call ids of one conversation, made unique in it.

    Some models number their calls anew in each answer (``call_0``), while Anthropic's want ids to be
    unique in the conversation.
    """

    def __init__(self) -> None:
        self._used: set[str] = set()

    def bedrock_id(self, original: str) -> str:
        """The id Bedrock gets for a new call that the client knows as `original`."""
        fitting = stand_in(original, ID_CHARACTERS)
        if fitting in self._used:
            fitting = stand_in(f"{original}#{len(self._used)}", ID_CHARACTERS)
        self._used.add(fitting)
        return fitting


def spec(draft: Draft, tool_name: str, description: str, schema: Json, *, strict: bool) -> Json:
    """A `toolSpec` for the tool that Bedrock knows as `tool_name`.

    It is strict where the model can be held to its schema, else a notice says that it is not.
    """
    found: Json = {"name": tool_name, "inputSchema": {"json": schema}}
    if not is_blank(description):
        found["description"] = description
    # Not strict is what no word of it means; and not every model on Bedrock knows the word.
    closed = enforceable(schema) if strict and draft.family.strict_tools else None
    if closed is not None:
        found |= {"inputSchema": {"json": closed}, "strict": True}
    elif strict:
        draft.changes.add("strict dropped")
    return found


def input_schema(parameters: object, where: str) -> Json:
    """A tool's parameters as Bedrock wants them: the schema of an object, and that said."""
    if parameters is None or parameters == {}:
        return {"type": "object", "properties": {}}
    schema = {"type": "object", **document(parameters, where)}
    if schema["type"] != "object":
        raise invalid(f"{where}.type", "must be object")
    return schema


CUSTOM_INPUT = "input"
"""The one parameter of the function that stands for a custom tool, whose input is free text."""


def custom_spec(draft: Draft, tool_name: str, description: str, grammar: str) -> Json:
    """A `toolSpec` for a custom tool; `grammar` says in words what its input must be like."""
    if grammar:
        draft.changes.add("tool grammar moved to the description")
        description = f"{description}\n\n{grammar}".lstrip()
    schema = {
        "type": "object",
        "properties": {CUSTOM_INPUT: {"type": "string"}},
        "required": [CUSTOM_INPUT],
    }
    return spec(draft, tool_name, description, schema, strict=False)


def custom_arguments(custom_input: str) -> Json:
    """The arguments of a call of that function."""
    return {CUSTOM_INPUT: custom_input}


def custom_input(arguments: object) -> str:
    """The input of the custom tool that a model gave those arguments."""
    if isinstance(arguments, dict) and isinstance(arguments.get(CUSTOM_INPUT), str):
        return str(arguments[CUSTOM_INPUT])
    return compact_json(arguments)


def compact_json(arguments: object) -> str:
    """Arguments as OpenAI's clients get them: JSON in a string."""
    return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))


def called_arguments(draft: Draft, string: str) -> Json:
    """The arguments of a call in a conversation, from the JSON that its client sent back.

    Models write what is no JSON, or no object, now and then. Converse takes objects only, and a
    conversation should not end with such a call, so it is wrapped in one.
    """
    if is_blank(string) or string == "null":
        return {}
    try:
        arguments = _DECODER.decode(string)
        # Only escapes can hide half a character, and only so many brackets can nest too deep: most
        # arguments need no look at what is in them.
        if "\\u" in string or string.count("{") + string.count("[") > MAX_DEPTH:
            document(arguments, "")
    except (ApiError, ValueError, RecursionError):
        arguments = None
    if isinstance(arguments, dict):
        return arguments
    draft.changes.add("malformed tool arguments wrapped")
    return {"arguments": string}


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise ValueError(number)
    return value


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
"""Takes JSON and nothing more: Python's own reads NaN, and numbers beyond its range as infinite."""


class Choice(NamedTuple):
    """Which tool the model is to call."""

    kind: str
    """``auto``, ``none``, ``any`` or ``tool``."""
    tool: str = ""
    """The Bedrock name of the one it must call."""
    where: str = "tool_choice"


AUTO = Choice("auto")


def add_tools(draft: Draft, tools: list[Json], choice: Choice, called: Iterable[str]) -> None:
    """Writes `toolConfig`, unless the request has to do without.

    `tools` holds ``toolSpec`` and ``cachePoint`` members in order. `called` are the Bedrock names of
    the tools called in the conversation: where it has any, Bedrock wants a `toolConfig`, even if the
    client offers no tools any more or forbids them.
    """
    if choice.kind in {"any", "tool"}:
        _check_choice(tools, choice)
    if choice.kind == "none" and tools:
        # Converse has no such choice: what must not be called is not shown.
        draft.changes.add("tools withheld")
        tools = []
    if not tools and (called := list(called)):
        draft.changes.add("tools taken from the history")
        schema = input_schema(None, "")
        tools = [
            {"toolSpec": spec(draft, tool, NO_LONGER_OFFERED, schema, strict=False)}
            for tool in called
        ]
    if not tools:
        return
    if not draft.family.tools:
        raise invalid("tools", "are not supported by this model")
    draft.body["toolConfig"] = {"tools": tools}
    if choice.kind in {"any", "tool"}:
        _force(draft, choice)


def allow_one_call(draft: Draft, asked: str = "parallel_tool_calls") -> None:
    """Has the model make at most one tool call at a time; comes after all that chooses tools.

    `asked` is the client's word for it. Anthropic's `tool_choice` among the additional fields must not
    say again what `toolChoice` says:
    https://github.com/BerriAI/litellm/issues/36536.
    """
    config = draft.body.get("toolConfig")
    if config is None:
        return
    if not draft.family.one_tool_call:
        draft.changes.add(f"{asked} dropped")
        return
    kind = {} if "toolChoice" in config else {"type": "auto"}
    draft.add_fields({"tool_choice": {**kind, "disable_parallel_tool_use": True}})


def _check_choice(tools: list[Json], choice: Choice) -> None:
    specs = [tool["toolSpec"]["name"] for tool in tools if "toolSpec" in tool]
    if not specs:
        raise invalid(choice.where, "asks for a tool call, but there are no tools")
    if choice.kind == "tool" and choice.tool not in specs:
        raise invalid(choice.where, "is not the name of one of the tools")


def _force(draft: Draft, choice: Choice) -> None:
    """Has the model call a tool: by Converse's `toolChoice`, or by asking where it takes none."""
    named = choice.kind == "tool"
    if choice.kind in draft.family.tool_choices:
        member: Json = {"tool": {"name": choice.tool}} if named else {"any": {}}
        draft.body["toolConfig"]["toolChoice"] = member
        return
    ask_for_call(draft, choice.tool if named else None)


def ask_for_call(draft: Draft, tool: str | None) -> None:
    """Asks in words for a call of the tool, or of any, of a model that cannot be made to call one."""
    draft.changes.add("tool_choice asked for by instructions")
    which = "one of the tools" if tool is None else f"the tool {tool}"
    draft.instruct(f"Answer by calling {which}, and with nothing else.")
