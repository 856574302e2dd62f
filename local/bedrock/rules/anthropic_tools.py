"""The tools of a Messages body: a client's own, and those of Anthropic's design that a client runs.

Those that Anthropic itself would run are unknown to Bedrock. Names and fields are those of Anthropic's
Python SDK 2.12; what a search of tools refuses:
https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool, "Error handling".
"""

from collections.abc import Collection
from typing import Any

from local.bedrock.claude_features import SEARCH, TOOL_EXAMPLES
from local.bedrock.errors import ModelRefusal
from local.bedrock.models import Claude, Model
from local.bedrock.rules.anthropic_content import block
from local.bedrock.rules.structured import check_input_schema
from local.bedrock.schemas import Field, unexpected_tag

_TEXT = Field("string")
_FLAG = Field("boolean")
_EXAMPLES = Field("array", items=Field("object"))


def _client_tool(*names: str, **members: Field) -> Field:
    return block(
        name=Field("string", required=True, choices=names),
        strict=_FLAG,
        defer_loading=_FLAG,
        input_examples=_EXAMPLES,
        **members,
    )


def _search_tool(name: str) -> Field:
    return block(name=Field("string", required=True, choices=(name,)), defer_loading=_FLAG)


_SCREEN = {
    "display_width_px": Field("integer", required=True, least=1),
    "display_height_px": Field("integer", required=True, least=1),
    "display_number": Field("integer", least=0),
}
_EDITOR = "str_replace_based_edit_tool"
_LIMIT = Field("integer", least=1)

TOOL = Field(
    "tagged",
    untagged="custom",
    tags={
        "custom": block(
            name=Field("string", required=True, pattern=r"[a-zA-Z0-9_-]{1,128}"),
            description=_TEXT,
            input_schema=Field("object", required=True),
            strict=_FLAG,
            defer_loading=_FLAG,
            input_examples=_EXAMPLES,
        ),
        "bash_20241022": _client_tool("bash"),
        "bash_20250124": _client_tool("bash"),
        "text_editor_20241022": _client_tool("str_replace_editor"),
        # AWS has the newer name for it.
        "text_editor_20250124": _client_tool("str_replace_editor", _EDITOR),
        "text_editor_20250429": _client_tool(_EDITOR),
        "text_editor_20250728": _client_tool(_EDITOR, max_characters=_LIMIT),
        "computer_20241022": _client_tool("computer", **_SCREEN),
        "computer_20250124": _client_tool("computer", **_SCREEN),
        "computer_20251124": _client_tool("computer", **_SCREEN, enable_zoom=_FLAG),
        "memory_20250818": _client_tool("memory"),
        "tool_search_tool_bm25": _search_tool("tool_search_tool_bm25"),
        "tool_search_tool_bm25_20251119": _search_tool("tool_search_tool_bm25"),
        "tool_search_tool_regex": _search_tool("tool_search_tool_regex"),
        "tool_search_tool_regex_20251119": _search_tool("tool_search_tool_regex"),
    },
)

_CHOICE_OPTIONS = {"type": _TEXT, "disable_parallel_tool_use": _FLAG}
TOOL_CHOICE = Field(
    "tagged",
    tags={
        "auto": Field("object", members=_CHOICE_OPTIONS),
        "any": Field("object", members=_CHOICE_OPTIONS),
        "none": Field("object", members={"type": _TEXT}),
        "tool": Field(
            "object", members={**_CHOICE_OPTIONS, "name": Field("string", required=True)}
        ),
    },
)

_PATH = {"type": "string", "default": "/memories"}
_INPUTS = {
    "bash": {"properties": {"command": {"type": "string"}}, "required": ["command"]},
    "computer": {"properties": {"action": {"const": "screenshot"}}, "required": ["action"]},
    "memory": {
        "properties": {"command": {"const": "view"}, "path": _PATH},
        "required": ["command", "path"],
    },
    "text_editor": {
        "properties": {"command": {"const": "view"}, "path": {"type": "string"}},
        "required": ["command", "path"],
    },
}
"""What the model gives each kind of client tool."""


def input_schema(tool: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of what the model may give a tool."""
    if "input_schema" in tool:
        return dict(tool["input_schema"])
    kind = next((kind for kind in _INPUTS if tool["type"].startswith(kind)), "")
    return {"type": "object", **_INPUTS.get(kind, {})}


_NEEDS_BETA = {"defer_loading": SEARCH, "input_examples": TOOL_EXAMPLES}


def check_tools(model: Model, rules: Claude, body: dict[str, Any]) -> None:
    """Raises the refusal of the tools of a body, or of the choice among them."""
    tools = body.get("tools") or []
    betas = frozenset(body.get("anthropic_beta") or ())
    names = [tool["name"] for tool in tools]
    if len(set(names)) < len(names):
        raise ModelRefusal("tools: Tool names must be unique.")
    for index, tool in enumerate(tools):
        _check_type(model, rules, index, tool.get("type", "custom"), betas)
        for field, beta in _NEEDS_BETA.items():
            if field in tool and beta not in betas:
                kind = tool.get("type", "custom")
                raise ModelRefusal(f"tools.{index}.{kind}.{field}: Extra inputs are not permitted")
        if "input_schema" in tool:
            check_input_schema(tool["input_schema"], index)
    if tools and all(tool.get("defer_loading") for tool in tools):
        raise ModelRefusal(
            "All tools have defer_loading set. At least one tool must be non-deferred."
        )
    _check_choice(body.get("tool_choice") or {}, names)


def _check_type(model: Model, rules: Claude, index: int, kind: str, betas: frozenset[str]) -> None:
    if kind == "custom":
        return
    if kind not in rules.tools:
        known = ", ".join(("custom", *sorted(rules.tools)))
        raise ModelRefusal(
            f"'{model.short_name}' does not support tool types: {kind}. Did you mean one of {known}?"
        )
    opened = opened_types(rules, betas)
    if kind not in opened:
        raise ModelRefusal(unexpected_tag(f"tools.{index}", kind, opened))


def opened_types(rules: Claude, betas: Collection[str]) -> tuple[str, ...]:
    """The types of tool that a model takes with these beta flags."""
    return ("custom", *(kind for kind, beta in rules.tools.items() if not beta or beta in betas))


def _check_choice(choice: dict[str, Any], names: list[str]) -> None:
    if choice.get("type") == "tool" and choice["name"] not in names:
        raise ModelRefusal(f"Tool '{choice['name']}' not found in provided tools")
    if choice.get("type") in {"any", "tool", "auto"} and not names:
        raise ModelRefusal("tool_choice may only be specified while providing tools.")
