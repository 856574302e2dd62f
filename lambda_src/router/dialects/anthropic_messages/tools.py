"""A Messages request's tools and the choice among them.

https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview
"""

from typing import NamedTuple

from catalog.anthropic_tools import anthropic_tool, as_function

from router.dialects.anthropic_messages.content import mark
from router.dialects.anthropic_messages.toolbook import ToolBook
from router.dialects.checks import (
    Fields,
    Json,
    boolean,
    clipped,
    document,
    fields,
    flag,
    invalid,
    items,
    members,
    name,
    text,
    type_of,
)
from router.dialects.converse import tools
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import AUTO, Choice, ToolNames, compact_json

_OF_ALL = (
    "type",
    "name",
    "allowed_callers",
    "cache_control",
    "defer_loading",
    "eager_input_streaming",
    "input_examples",
    "strict",
)
CUSTOM = fields(*_OF_ALL, "description", "input_schema")
DEFINED = fields(
    *_OF_ALL,
    "display_height_px",
    "display_width_px",
    "enable_zoom",
    dropped=("display_number", "max_characters"),
)
"""A tool that Anthropic defines."""

CHOICES: dict[str, Fields] = {
    "any": fields("type", "disable_parallel_tool_use"),
    "auto": fields("type", "disable_parallel_tool_use"),
    "none": fields("type"),
    "tool": fields("type", "name", "disable_parallel_tool_use"),
}

_SEARCH = "tool_search_tool"
"""How the types of the tools begin that search the deferred ones."""

_DIRECT = "direct"
"""The caller of a tool that is the model itself."""


class Offer(NamedTuple):
    """What a request offers the model to call."""

    tools: list[Json]
    """The members of `toolConfig.tools`."""
    choice: Choice
    one_call: bool
    """Whether the model is to make at most one call at a time."""


def read_tools(draft: Draft, body: Json, names: ToolNames, book: ToolBook) -> Offer:
    """The tools and the choice of the request; `book` is what its messages say of tools."""
    given = [] if body.get("tools") is None else items(body["tools"], "tools")
    offered = _Offered(draft, names)
    if any(type_of(tool).startswith(_SEARCH) for tool in given):
        draft.changes.add("tool search replaced by showing all tools")
        offered.searched = True
    for index, value in enumerate(given):
        offered.add(value, f"tools[{index}]", book)
    for definition in book.definitions.values():
        offered.add(definition.value, definition.where, book)
    choice, one_call = _choice(draft, body.get("tool_choice"), names)
    return Offer(offered.members, choice, one_call)


class _Offered:
    """The tools offered so far."""

    def __init__(self, draft: Draft, names: ToolNames) -> None:
        self.members: list[Json] = []
        self.searched = False
        """Whether there is a search of deferred tools, which is then one by the model's eyes."""
        self._draft = draft
        self._names = names
        self._taken: set[str] = set()

    def add(self, value: object, where: str, book: ToolBook) -> None:
        kind = type_of(value)
        if kind.startswith(_SEARCH) and anthropic_tool(kind) is not None:
            return
        tool = self._read(kind, value, where)
        tool_name = self._names.bedrock_name(tool.get("name"), f"{where}.name")
        if tool_name in self._taken:
            raise invalid(f"{where}.name", "is the name of an earlier tool too")
        self._taken.add(tool_name)
        spec = tools.spec(
            self._draft,
            tool_name,
            self._description(tool, where),
            tools.input_schema(tool.get("input_schema"), f"{where}.input_schema"),
            strict=flag(tool, "strict", f"{where}.strict"),
        )
        deferred = flag(tool, "defer_loading", f"{where}.defer_loading")
        if book.is_offered(tool["name"], deferred=deferred and not self.searched):
            self.members.append({"toolSpec": spec})
        self.members += mark(self._draft, tool, where) if self.members else []

    def _read(self, kind: str, value: object, where: str) -> Json:
        """A tool as a custom one, whose other members are checked."""
        if kind in {"", "custom"}:
            if isinstance(value, dict) and value.get("type") not in (None, "custom"):
                raise invalid(f"{where}.type", "must be custom")
            tool = members(value, where, CUSTOM, self._draft.changes)
        else:
            tool = self._defined(kind, value, where)
        if tool.get("eager_input_streaming") is not None:
            # Models on Converse have their arguments streamed as they come, if at all.
            boolean(tool["eager_input_streaming"], f"{where}.eager_input_streaming")
        self._check_callers(tool.get("allowed_callers"), f"{where}.allowed_callers")
        return tool

    def _defined(self, kind: str, value: object, where: str) -> Json:
        """A tool that Anthropic defines, as one that says what it does."""
        row = anthropic_tool(kind)
        if row is None:
            raise invalid(f"{where}.type", "must be custom, or the type of a tool of Anthropic's")
        if row.hosted:
            why = row.refusal(self._draft.family)
            raise invalid(f"{where}.type", f"({clipped(kind)}) {why}")
        tool = members(value, where, DEFINED, self._draft.changes)
        function = as_function(tool)
        if function is None:
            raise invalid(
                f"{where}.type", f"({clipped(kind)}) is a tool that only Claude has been taught"
            )
        return {**tool, **function}

    def _check_callers(self, value: object, where: str) -> None:
        if value is None:
            return
        callers = items(value, where)
        if _DIRECT not in callers:
            raise invalid(where, f"must hold {_DIRECT}: no code runs here that could call tools")
        if len(callers) > 1:
            self._draft.changes.add("allowed_callers dropped")

    def _description(self, tool: Json, where: str) -> str:
        described = tool.get("description")
        words = "" if described is None else text(described, f"{where}.description")
        if tool.get("input_examples") is None:
            return words
        where = f"{where}.input_examples"
        examples = [
            compact_json(document(example, f"{where}[{index}]"))
            for index, example in enumerate(items(tool["input_examples"], where))
        ]
        if not examples:
            return words
        self._draft.changes.add("input_examples moved to the description")
        return "\n".join([words, "", "Examples of its input:", *examples]).lstrip()


def _choice(draft: Draft, value: object, names: ToolNames) -> tuple[Choice, bool]:
    """The choice, and whether it allows one call at most."""
    if value is None:
        return AUTO, False
    where = "tool_choice"
    kind = type_of(value)
    if kind not in CHOICES:
        raise invalid(f"{where}.type", f"must be one of {', '.join(CHOICES)}")
    choice = members(value, where, CHOICES[kind], draft.changes)
    one_call = flag(choice, "disable_parallel_tool_use", f"{where}.disable_parallel_tool_use")
    if kind != "tool":
        return Choice(kind), one_call
    where = f"{where}.name"
    return Choice(kind, names.bedrock_name(name(choice.get("name"), where), where), where), one_call
