"""What a request's tools are called, by the client and by Bedrock.

Bedrock has no namespaces: a tool in one is named after both, and named apart again in the answer.
"""

from typing import NamedTuple

from router.dialects.checks import Json, invalid, name
from router.dialects.converse.tools import ToolNames

DEFAULT_NAMESPACE = "functions"
"""Where OpenAI's models see the tools that have no namespace
(https://developers.openai.com/cookbook/articles/openai-harmony, "Function calling")."""


class Tool(NamedTuple):
    """A tool as the client knows it."""

    kind: str
    """``function`` or ``custom``."""
    name: str
    namespace: str | None = None


def tool_of(kind: str, value: Json, where: str, namespace: str | None = None) -> Tool:
    """The tool that an object names, by its `name` and by its `namespace` or the one it stands in."""
    if value.get("namespace") is not None:
        namespace = name(value["namespace"], f"{where}.namespace")
    if namespace == DEFAULT_NAMESPACE:
        namespace = None
    return Tool(kind, name(value.get("name"), f"{where}.name"), namespace)


class ToolBook:
    """The tools of one request, those offered and those called before."""

    def __init__(self) -> None:
        self.tools: dict[str, Tool] = {}
        """The client's tool by its Bedrock name."""
        self._names = ToolNames()
        self._found: dict[Tool, str] = {}

    def bedrock_name(self, tool: Tool, where: str) -> str:
        """The Bedrock name of a tool; `where` is where the client names it."""
        found = self._found.get(tool)
        if found is None:
            found = self._found[tool] = self._bedrock_name(tool, where)
        return found

    def enter(self, tool: Tool, where: str) -> str:
        """The Bedrock name of a tool that was called or is offered.

        Of a tool entered twice the later kind counts: what is offered now, not what was called.
        """
        bedrock_name = self.bedrock_name(tool, where)
        self.tools[bedrock_name] = tool
        return bedrock_name

    def _bedrock_name(self, tool: Tool, where: str) -> str:
        flat = tool.name
        if tool.namespace is not None:
            # MCP clients end a server's namespace in the separator.
            flat = f"{tool.namespace.removesuffix('__')}__{tool.name}"
        bedrock_name = self._names.bedrock_name(flat, where)
        known = self.tools.get(bedrock_name, tool)
        if (known.name, known.namespace) != (tool.name, tool.namespace):
            raise invalid(where, "cannot be told from the name of another tool")
        return bedrock_name
