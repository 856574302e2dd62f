"""Which tools of a request the model is shown.

A deferred tool is part of the prompt only once something in the conversation refers to it, and messages
may add and remove tools: https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool.
"""

from collections.abc import Iterable
from typing import NamedTuple

from router.dialects.checks import Json, fields, invalid, members, name, type_of

REFERENCE = fields("type", "name")
DEFINITION = fields("type", "definition")

_MCP = (
    "is of an MCP server, to which only Anthropic's own API connects: offer its tools as functions"
)


class Definition(NamedTuple):
    """A tool that stands among the messages."""

    value: object
    where: str


class ToolBook:
    """What a conversation says of tools, by the client's names of them."""

    def __init__(self) -> None:
        self.definitions: dict[str, Definition] = {}
        """The tools defined in messages and not removed again."""
        self._shown: set[str] = set()
        self._removed: set[str] = set()

    def show(self, tools: Iterable[str]) -> None:
        """Notes tools that the conversation refers to."""
        self._shown.update(tools)

    def change(self, change: Json, where: str) -> None:
        """Takes in a ``tool_addition`` or a ``tool_removal``."""
        tool, where = change.get("tool"), f"{where}.tool"
        kind = type_of(tool)
        adds = change["type"] == "tool_addition"
        if kind.startswith("mcp_"):
            raise invalid(f"{where}.type", _MCP)
        if kind == "tool_reference":
            reference = members(tool, where, REFERENCE, set())
            self._refer(name(reference.get("name"), f"{where}.name"), adds=adds)
        elif kind == "tool_definition" and adds:
            definition = members(tool, where, DEFINITION, set()).get("definition")
            self._define(definition, f"{where}.definition")
        else:
            known = "tool_reference or tool_definition" if adds else "tool_reference"
            raise invalid(f"{where}.type", f"must be {known}")

    def is_offered(self, tool: object, *, deferred: bool) -> bool:
        """Whether the model is to be shown a tool of the request's own list."""
        return tool not in self._removed and (not deferred or tool in self._shown)

    def _refer(self, tool: str, *, adds: bool) -> None:
        if adds:
            self._shown.add(tool)
            self._removed.discard(tool)
        else:
            self._removed.add(tool)
            self.definitions.pop(tool, None)

    def _define(self, value: object, where: str) -> None:
        defined = value.get("name") if isinstance(value, dict) else None
        defined = name(defined, f"{where}.name")
        self.definitions[defined] = Definition(value, where)
        self._shown.add(defined)
