"""The tools that Anthropic defines, by the ``type`` of a request's tool.

Which of them InvokeModel takes: the tags that its refusals list
(https://github.com/BerriAI/litellm/issues/28083, https://github.com/anthropics/claude-quickstarts/issues/251,
and those of Sonnet 4.6 in July 2026, which GitHub Copilot runs on Bedrock),
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html
and, for toolsets, calls to Claude 5 on 2026-09-05. Seen on 2026-11-22.

    schemas.py    what the tools that a client runs take, for models that were not taught them
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog.anthropic_tools.schemas import (
    BASH,
    EDITOR,
    EDITS,
    FIRST_EDITOR,
    FIRST_SCREEN,
    MEMORY,
    OPERATES,
    REMEMBERS,
    SCREEN,
    SHELL,
    ZOOMING,
    Json,
)
from catalog.families.family import Family
from catalog.families.generations import CLAUDE_4, CLAUDE_4_5, CLAUDE_5, FROM_3_7, FROM_4, FROM_4_6


class AnthropicTool(NamedTuple):
    """A row: a type, or how the types of a kind that only Anthropic runs begin."""

    type: str
    families: frozenset[str] = frozenset()
    """The families, by name, with which InvokeModel takes it."""
    goes_as: str = ""
    """Its type there, where that is another."""
    gated: str = ""
    """What its request uses of `catalog.betas.GATED`."""
    instead: str = ""
    """What to do for what Bedrock does not run."""
    does: str = ""
    """What the tool does, for models that were not taught it."""
    properties: Mapping[str, Json] = {}
    """The JSON schemas of the members of its input; the first is the one it always has."""

    @property
    def hosted(self) -> bool:
        """Whether Anthropic's own API runs it, and nobody else."""
        return bool(self.instead)

    def refusal(self, family: Family) -> str | None:
        """Why InvokeModel takes no such tool of that family, and what to do; None where it does."""
        if self.hosted:
            return f"is a tool that Anthropic's own API runs, and Bedrock does not: {self.instead}"
        if family.name not in self.families:
            return "is not a tool that this model has on Bedrock: use another version of it"
        return None


_CLIENT_SIDE = "offer a function of your own that does it, or a tool of an MCP server of yours"

TOOLS = (
    AnthropicTool("bash_20241022", does=SHELL, properties=BASH),
    AnthropicTool("bash_20250124", FROM_3_7, does=SHELL, properties=BASH),
    AnthropicTool("text_editor_20241022", does=EDITS, properties=FIRST_EDITOR),
    AnthropicTool("text_editor_20250124", FROM_3_7, does=EDITS, properties=FIRST_EDITOR),
    AnthropicTool("text_editor_20250429", FROM_4, does=EDITS, properties=EDITOR),
    AnthropicTool("text_editor_20250728", FROM_4, does=EDITS, properties=EDITOR),
    AnthropicTool(
        "memory_20250818",
        FROM_4,
        gated="tools.memory_20250818",
        does=REMEMBERS,
        properties=MEMORY,
    ),
    AnthropicTool("computer_20241022", does=OPERATES, properties=FIRST_SCREEN),
    AnthropicTool(
        "computer_20250124",
        CLAUDE_4 | CLAUDE_4_5 | {"claude-3-7"},
        gated="tools.computer_20250124",
        does=OPERATES,
        properties=SCREEN,
    ),
    AnthropicTool(
        "computer_20251124",
        FROM_4_6 | {"claude-opus-4-5"},
        gated="tools.computer_20251124",
        does=OPERATES,
        properties=ZOOMING,
    ),
    # One entry for a family of tools, whose calls name the member.
    AnthropicTool("computer_toolset_20260801", CLAUDE_5),
    AnthropicTool("browser_toolset_20260801", CLAUDE_5),
    # Bedrock searches tools itself. Its older refusals know the undated types only, and AWS documents
    # no search by BM25, which Sonnet 4.6 has.
    *(
        AnthropicTool(
            f"tool_search_tool_regex{date}",
            CLAUDE_4_5 | FROM_4_6,
            goes_as="tool_search_tool_regex",
            gated="tool_search",
        )
        for date in ("", "_20251119")
    ),
    *(
        AnthropicTool(
            f"tool_search_tool_bm25{date}",
            FROM_4_6,
            goes_as="tool_search_tool_bm25",
            gated="tool_search",
        )
        for date in ("", "_20251119")
    ),
)
"""The tools that a client or Bedrock runs."""

HOSTED = (
    AnthropicTool("web_search", instead=f"for a search of the web {_CLIENT_SIDE}"),
    AnthropicTool("web_fetch", instead=f"to fetch pages {_CLIENT_SIDE}"),
    AnthropicTool("code_execution", instead=f"to run code {_CLIENT_SIDE}"),
    AnthropicTool(
        "mcp_toolset",
        instead="connect to the MCP server yourself, and offer its tools as functions",
    ),
    AnthropicTool("advisor", instead="leave it out, and ask another model in a request of its own"),
    AnthropicTool("agent_toolset", instead="offer functions of your own"),
)
"""Tools that only Anthropic's own API runs, by how their types begin."""

_MOST_PIXELS = 100_000

_BY_TYPE = {tool.type: tool for tool in TOOLS}


def anthropic_tool(kind: str) -> AnthropicTool | None:
    """The row for a tool's ``type``; None for ``custom``, and what Anthropic has no tool of."""
    found = _BY_TYPE.get(kind)
    if found is not None:
        return found
    return next(
        (tool for tool in HOSTED if kind == tool.type or _is_version(kind, tool.type)), None
    )


def _is_version(kind: str, beginning: str) -> bool:
    return kind.startswith(f"{beginning}_") and kind[len(beginning) + 1 :].isdecimal()


def _is_length(pixels: object) -> bool:
    return type(pixels) is int and 0 < pixels < _MOST_PIXELS


def as_function(entry: Mapping[str, Any]) -> Json | None:
    """The function tool ``{"name", "description", "input_schema"}`` that does what a tool of Anthropic's
    does, for models that have no such tool; None where no function can stand in for it.

    `entry` is the tool as the request has it; its `name` is the client's. The schema is the table's
    own, to read only.
    """
    kind = entry.get("type")
    tool = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    if tool is None or not tool.properties:
        return None
    properties = dict(tool.properties)
    description = tool.does
    if "action" in properties:
        width, height = entry.get("display_width_px"), entry.get("display_height_px")
        if _is_length(width) and _is_length(height):
            description += f" It has {width} by {height} pixels."
        if "region" in properties and entry.get("enable_zoom") is not True:
            properties |= {"action": SCREEN["action"]}
            del properties["region"]
    first = next(iter(properties))
    schema = {
        "type": "object",
        "properties": properties,
        # A restart of the shell comes without a command.
        "required": [] if "restart" in properties else [first],
    }
    return {"name": entry.get("name"), "description": description, "input_schema": schema}
