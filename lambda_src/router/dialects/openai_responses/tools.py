"""Responses' tools and tool choice as Converse's."""

from typing import NamedTuple

from router.dialects.checks import Json, fields, flag, invalid, items, members, name, type_of
from router.dialects.converse import tools
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import AUTO, Choice
from router.dialects.openai_parts import description_of, grammar_in_words
from router.dialects.openai_responses.toolbook import ToolBook, tool_of
from router.errors import ApiError

_OPENAI_ONLY = ("allowed_callers", "async", "defer_loading", "output_schema")

FUNCTION = fields(
    "type", "name", "description", "parameters", "strict", "cache_control", dropped=_OPENAI_ONLY
)
CUSTOM = fields("type", "name", "description", "format", "cache_control", dropped=_OPENAI_ONLY)
KINDS = {"function": FUNCTION, "custom": CUSTOM}
"""What a client can call its own, by type."""

NAMESPACE = fields("type", "name", "description", "tools")
FORMAT = fields("type", "syntax", "definition")
NAMED_CHOICE = fields("type", "name", "namespace")
ALLOWED_CHOICE = fields("type", "mode", "tools")

_AS_FUNCTION = "offer it as a function, which your own code then runs"
_OWN_FUNCTION = "offer a function of your own that does it"
_SEARCH = f'{_OWN_FUNCTION}; in Codex, set web_search = "disabled"'

HOSTED = {
    "apply_patch": _AS_FUNCTION,
    "code_interpreter": _OWN_FUNCTION,
    "computer": _AS_FUNCTION,
    "computer_use": _AS_FUNCTION,
    "computer_use_preview": _AS_FUNCTION,
    "file_search": _OWN_FUNCTION,
    "image_generation": _OWN_FUNCTION,
    "local_shell": _AS_FUNCTION,
    "mcp": "connect to the MCP server yourself and offer its tools as functions",
    "programmatic_tool_calling": "leave it out",
    "shell": _AS_FUNCTION,
    "tool_search": "offer all tools from the start",
    "web_search": _SEARCH,
    "web_search_2025_08_26": _SEARCH,
    "web_search_preview": _SEARCH,
    "web_search_preview_2025_03_11": _SEARCH,
}
"""The tools that only OpenAI has, by type, and what to do without each."""


class Offer(NamedTuple):
    """A list of tools somewhere in the request."""

    tools: object
    where: str


def tool_specs(
    draft: Draft, offers: list[Offer], book: ToolBook, withheld: frozenset[str]
) -> list[Json]:
    """The members of `toolConfig.tools` for all lists of tools in the request.

    OpenAI's own tools are left out with a notice if their type is in `withheld`, else refused.
    """
    reader = _Reader(draft, book, withheld)
    for offer in offers:
        for index, tool in enumerate(items(offer.tools, offer.where)):
            reader.read(tool, f"{offer.where}[{index}]")
    return reader.specs


def told_tools(tools: list[Json], withheld: frozenset[str]) -> list[Json]:
    """The tools that a response repeats, read already: what the model is told of, and no more."""
    return [_told(tool) for tool in tools if type_of(tool) not in withheld]


def _told(tool: Json) -> Json:
    told = {key: value for key, value in tool.items() if key not in _OPENAI_ONLY}
    if "tools" in told:
        told["tools"] = [_told(inner) for inner in told["tools"]]
        # OpenAI's SDKs want one of a namespace, which its clients may have left out.
        told["description"] = told.get("description") or ""
    return told


class _Reader:
    """Takes tools in one by one."""

    def __init__(self, draft: Draft, book: ToolBook, withheld: frozenset[str]) -> None:
        self.specs: list[Json] = []
        self._draft = draft
        self._book = book
        self._withheld = withheld
        self._taken: set[str] = set()

    def read(self, tool: object, where: str) -> None:
        kind = type_of(tool)
        if kind == "namespace":
            self._namespace(members(tool, where, NAMESPACE, self._draft.changes), where)
        elif kind in self._withheld:
            self._draft.changes.add(f"{kind} withheld")
        else:
            self._tool(tool, where)

    def _namespace(self, namespace: Json, where: str) -> None:
        inside = name(namespace.get("name"), f"{where}.name")
        about = description_of(namespace, where)
        where = f"{where}.tools"
        for index, tool in enumerate(items(namespace.get("tools"), where)):
            self._tool(tool, f"{where}[{index}]", inside, about)

    def _tool(
        self, value: object, where: str, namespace: str | None = None, about: str = ""
    ) -> None:
        kind = type_of(value)
        if kind not in KINDS:
            raise _no_such_tool(kind, f"{where}.type")
        tool = members(value, where, KINDS[kind], self._draft.changes)
        bedrock_name = self._book.enter(tool_of(kind, tool, where, namespace), f"{where}.name")
        if bedrock_name in self._taken:
            raise invalid(f"{where}.name", "is the name of an earlier tool too")
        self._taken.add(bedrock_name)
        description = "\n\n".join([w for w in (description_of(tool, where), about) if w])
        if kind == "function":
            spec = self._function(tool, where, bedrock_name, description)
        else:
            grammar = _grammar(tool.get("format"), f"{where}.format", self._draft.changes)
            spec = tools.custom_spec(self._draft, bedrock_name, description, grammar)
        self.specs.append({"toolSpec": spec})
        if tool.get("cache_control") is not None:
            point = cache_point(self._draft, tool["cache_control"], f"{where}.cache_control")
            self.specs += [] if point is None else [point]

    def _function(self, tool: Json, where: str, bedrock_name: str, description: str) -> Json:
        return tools.spec(
            self._draft,
            bedrock_name,
            description,
            tools.input_schema(tool.get("parameters"), f"{where}.parameters"),
            # OpenAI tries to be strict when nothing is said, and lets it be with a schema that does
            # not suit. Bedrock would refuse that schema.
            strict=flag(tool, "strict", f"{where}.strict"),
        )


def _grammar(value: object, where: str, changes: set[str]) -> str:
    """What a custom tool's description is to say of its input; "" for free text."""
    if value is None:
        return ""
    form = members(value, where, FORMAT, changes)
    if form.get("type") == "text":
        return ""
    if form.get("type") != "grammar":
        raise invalid(f"{where}.type", "must be text or grammar")
    return grammar_in_words(form, where)


def _no_such_tool(kind: str, where: str) -> ApiError:
    if kind in HOSTED:
        return invalid(where, f"is {kind}, a tool that only OpenAI has: {HOSTED[kind]}")
    return invalid(where, "must be function, custom or namespace")


def tool_choice(draft: Draft, value: object, book: ToolBook, specs: list[Json]) -> Choice:
    """The choice in the request's `tool_choice`; takes out of `specs` what it does not allow."""
    if value is None or value == "auto":
        return AUTO
    if value == "none":
        return Choice("none")
    if value == "required":
        return Choice("any")
    kind = type_of(value)
    if kind in KINDS:
        return _named(draft, value, book, "tool_choice")
    if kind == "allowed_tools":
        return _allowed(draft, value, book, specs)
    if isinstance(value, dict):
        raise _no_such_tool(kind, "tool_choice.type")
    raise invalid("tool_choice", "must be none, auto, required or an object that names tools")


def _named(draft: Draft, value: object, book: ToolBook, where: str) -> Choice:
    tool = members(value, where, NAMED_CHOICE, draft.changes)
    bedrock_name = book.bedrock_name(tool_of(tool["type"], tool, where), f"{where}.name")
    return Choice("tool", bedrock_name, f"{where}.name")


def _allowed(draft: Draft, value: object, book: ToolBook, specs: list[Json]) -> Choice:
    choice = members(value, "tool_choice", ALLOWED_CHOICE, draft.changes)
    if choice.get("mode") not in ("auto", "required"):
        raise invalid("tool_choice.mode", "must be auto or required")
    offered = {spec["toolSpec"]["name"] for spec in specs if "toolSpec" in spec}
    allowed = set()
    for index, tool in enumerate(items(choice.get("tools"), "tool_choice.tools")):
        where = f"tool_choice.tools[{index}]"
        kind = type_of(tool)
        if kind not in KINDS:
            raise _no_such_tool(kind, f"{where}.type")
        named = _named(draft, tool, book, where)
        if named.tool not in offered:
            raise invalid(named.where, "is not the name of one of the tools")
        allowed.add(named.tool)
    if offered != allowed:
        draft.changes.add("tools withheld")
    specs[:] = [
        spec for spec in specs if "toolSpec" not in spec or spec["toolSpec"]["name"] in allowed
    ]
    return AUTO if choice["mode"] == "auto" else Choice("any")
