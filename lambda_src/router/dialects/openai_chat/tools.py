"""Chat Completions' tools and tool choice, in today's form and in that before tools: functions."""

from typing import NamedTuple

from router.dialects.checks import Json, boolean, fields, invalid, items, members, type_of
from router.dialects.converse import tools
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import AUTO, Choice, ToolNames
from router.dialects.openai_parts import description_of, grammar_in_words

FUNCTION_TOOL = fields("type", "function", "cache_control")
CUSTOM_TOOL = fields("type", "custom", "cache_control")
FUNCTION = fields("name", "description", "parameters", "strict", "cache_control")
CUSTOM = fields("name", "description", "format")
TEXT_FORMAT = fields("type")
GRAMMAR_FORMAT = fields("type", "grammar")
GRAMMAR = fields("syntax", "definition")

ALLOWED_TOOLS_CHOICE = fields("type", "allowed_tools")
ALLOWED_TOOLS = fields("mode", "tools")
NAME = fields("name")

NAMED = {"function": fields("type", "function"), "custom": fields("type", "custom")}
"""How a tool of each kind is named in a choice."""


class Offer(NamedTuple):
    """What a request offers the model to call."""

    tools: list[Json]
    """The members of `toolConfig.tools`."""
    choice: Choice
    custom: frozenset[str]
    """The Bedrock names of custom tools."""
    legacy: bool
    """Offered as functions, in the form before tools."""


def read_tools(draft: Draft, body: Json, names: ToolNames) -> Offer:
    """The tools and the choice of the request."""
    if body.get("functions") is None and body.get("function_call") is None:
        tools_ = [] if body.get("tools") is None else items(body["tools"], "tools")
        offered = _Offered(draft, names)
        for index, value in enumerate(tools_):
            offered.add_tool(value, f"tools[{index}]")
        choice = _choice(draft, body.get("tool_choice"), names, offered)
        return Offer(offered.members, choice, frozenset(offered.custom), legacy=False)
    for key in ("tools", "tool_choice"):
        if body.get(key) is not None:
            raise invalid(key, "cannot stand beside functions, the form before tools")
    functions = [] if body.get("functions") is None else items(body["functions"], "functions")
    offered = _Offered(draft, names)
    for index, value in enumerate(functions):
        offered.add_function(value, f"functions[{index}]")
    choice = _legacy_choice(draft, body.get("function_call"), names)
    return Offer(offered.members, choice, frozenset(), legacy=True)


class _Offered:
    """The tools offered so far."""

    def __init__(self, draft: Draft, names: ToolNames) -> None:
        self.members: list[Json] = []
        self.custom: set[str] = set()
        self._draft = draft
        self._names = names
        self._taken: set[str] = set()

    def add_tool(self, value: object, where: str) -> None:
        kind = type_of(value)
        if kind == "custom":
            tool = members(value, where, CUSTOM_TOOL, self._draft.changes)
            self._add_custom(tool.get("custom"), f"{where}.custom")
        elif kind == "function":
            tool = members(value, where, FUNCTION_TOOL, self._draft.changes)
            self.add_function(tool.get("function"), f"{where}.function")
        else:
            raise invalid(f"{where}.type", f"must be {' or '.join(NAMED)}: no others are supported")
        self._mark(tool, where)

    def add_function(self, value: object, where: str) -> None:
        function = members(value, where, FUNCTION, self._draft.changes)
        strict = function.get("strict")
        spec = tools.spec(
            self._draft,
            self._name(function, where),
            description_of(function, where),
            tools.input_schema(function.get("parameters"), f"{where}.parameters"),
            strict=strict is not None and boolean(strict, f"{where}.strict"),
        )
        self.members.append({"toolSpec": spec})
        self._mark(function, where)

    def _add_custom(self, value: object, where: str) -> None:
        custom = members(value, where, CUSTOM, self._draft.changes)
        tool_name = self._name(custom, where)
        grammar = _grammar(self._draft, custom.get("format"), f"{where}.format")
        spec = tools.custom_spec(self._draft, tool_name, description_of(custom, where), grammar)
        self.members.append({"toolSpec": spec})
        self.custom.add(tool_name)

    def _name(self, tool: Json, where: str) -> str:
        tool_name = self._names.bedrock_name(tool.get("name"), f"{where}.name")
        if tool_name in self._taken:
            raise invalid(f"{where}.name", "is the name of an earlier tool too")
        self._taken.add(tool_name)
        return tool_name

    def _mark(self, tool: Json, where: str) -> None:
        # Clients put it on the tool or, some of them, on the function in it.
        if tool.get("cache_control") is not None:
            point = cache_point(self._draft, tool["cache_control"], f"{where}.cache_control")
            self.members += [] if point is None else [point]

    def withhold_all_but(self, allowed: set[str]) -> None:
        """Takes the other tools back."""
        if not self._taken <= allowed:
            self._draft.changes.add("tools withheld")
        self.members = [
            member
            for member in self.members
            if "toolSpec" not in member or member["toolSpec"]["name"] in allowed
        ]


def _grammar(draft: Draft, value: object, where: str) -> str:
    """What a custom tool's format says of its input, in words; "" for any text."""
    kind = type_of(value)
    if value is None or kind == "text":
        if value is not None:
            members(value, where, TEXT_FORMAT, draft.changes)
        return ""
    if kind != "grammar":
        raise invalid(f"{where}.type", "must be text or grammar")
    format_ = members(value, where, GRAMMAR_FORMAT, draft.changes)
    where = f"{where}.grammar"
    grammar = members(format_.get("grammar"), where, GRAMMAR, draft.changes)
    return grammar_in_words(grammar, where)


def _choice(draft: Draft, value: object, names: ToolNames, offered: _Offered) -> Choice:
    if value is None:
        return AUTO
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    kind = type_of(value)
    if kind == "allowed_tools":
        choice = members(value, "tool_choice", ALLOWED_TOOLS_CHOICE, draft.changes)
        return _allowed(draft, choice.get("allowed_tools"), names, offered)
    if kind in NAMED:
        tool, where = _named(draft, value, "tool_choice", names)
        return Choice("tool", tool, where)
    raise invalid("tool_choice", "must be none, auto, required, allowed_tools or name a tool")


_WORDS = {"auto": AUTO, "none": Choice("none"), "required": Choice("any")}


def _allowed(draft: Draft, value: object, names: ToolNames, offered: _Offered) -> Choice:
    where = "tool_choice.allowed_tools"
    allowed = members(value, where, ALLOWED_TOOLS, draft.changes)
    mode = allowed.get("mode")
    if mode not in ("auto", "required"):
        raise invalid(f"{where}.mode", "must be auto or required")
    known = {member["toolSpec"]["name"] for member in offered.members if "toolSpec" in member}
    chosen = set()
    for index, named in enumerate(items(allowed.get("tools"), f"{where}.tools")):
        tool, here = _named(draft, named, f"{where}.tools[{index}]", names)
        if tool not in known:
            raise invalid(here, "is not the name of one of the tools")
        chosen.add(tool)
    offered.withhold_all_but(chosen)
    return _WORDS[mode]


def _named(draft: Draft, value: object, where: str, names: ToolNames) -> tuple[str, str]:
    """The Bedrock name of the tool that an object names, and where its name stands."""
    kind = type_of(value)
    if kind not in NAMED:
        raise invalid(f"{where}.type", f"must be {' or '.join(NAMED)}")
    tool = members(value, where, NAMED[kind], draft.changes)
    where = f"{where}.{kind}"
    inner = members(tool.get(kind), where, NAME, draft.changes)
    return names.bedrock_name(inner.get("name"), f"{where}.name"), f"{where}.name"


def _legacy_choice(draft: Draft, value: object, names: ToolNames) -> Choice:
    where = "function_call"
    if value is None or value == "auto":
        return AUTO
    if value == "none":
        return Choice("none")
    if not isinstance(value, dict):
        raise invalid(where, "must be none, auto or name a function")
    named = members(value, where, NAME, draft.changes)
    where = f"{where}.name"
    return Choice("tool", names.bedrock_name(named.get("name"), where), where)
