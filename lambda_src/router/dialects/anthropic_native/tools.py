"""Tools and the choice among them, as InvokeModel takes them."""

from catalog.anthropic_tools import anthropic_tool

from router.dialects.anthropic_native.content import fit_mark
from router.dialects.anthropic_native.draft import InvokeDraft
from router.dialects.checks import Json, clipped, invalid, items, type_of
from router.dialects.converse.tools import ask_for_call

EAGER = "fine-grained-tool-streaming-2025-05-14"
"""What Bedrock knows a tool's `eager_input_streaming` as, for all tools at once."""

_BY_MEMBER = {"defer_loading": "tool_search", "input_examples": "tools.input_examples"}
"""What of `catalog.betas.GATED` a tool's member is, unless it is empty."""

_DIRECT = "direct"

_CUSTOM = ("", "custom")
"""The type of a client's own tools."""


def fit_tools(draft: InvokeDraft) -> None:
    """Makes the draft's `tools` and `tool_choice` such as the model takes. Raises `ApiError`."""
    if "tools" in draft.body:
        tools = items(draft.body["tools"], "tools")
        for i, tool in enumerate(tools):
            if not isinstance(tool, dict):
                raise invalid(f"tools[{i}]", "must be an object")
            _fit(draft, tool, f"tools[{i}]")
    _fit_choice(draft)


def _fit(draft: InvokeDraft, tool: Json, where: str) -> None:
    kind = type_of(tool)
    row = None if kind in _CUSTOM else anthropic_tool(kind)
    if row is not None:
        if why := row.refusal(draft.family):
            raise invalid(f"{where}.type", f"({clipped(kind)}) {why}")
        tool["type"] = row.goes_as or kind
        if row.gated:
            draft.used.add(row.gated)
    for name in _BY_MEMBER.keys() & tool.keys():
        if tool[name]:
            draft.used.add(_BY_MEMBER[name])
        else:
            del tool[name]
    if not draft.family.strict_tools and tool.pop("strict", None):
        draft.changes.add("strict dropped")
    if tool.pop("eager_input_streaming", None):
        draft.betas.append(EAGER)
    callers = tool.pop("allowed_callers", None)
    if callers is not None and callers != [_DIRECT]:
        draft.changes.add("allowed_callers dropped")
    if tool.get("cache_control") is not None:
        fit_mark(draft, tool, where)


def _fit_choice(draft: InvokeDraft) -> None:
    """Asks for a call in words where the model cannot be made to call a tool."""
    choice = draft.body.get("tool_choice")
    kind = type_of(choice)
    if not isinstance(choice, dict) or kind not in {"any", "tool"} or not draft.body.get("tools"):
        return
    if kind not in draft.family.tool_choices:
        draft.body["tool_choice"] = {
            **{key: value for key, value in choice.items() if key != "name"},
            "type": "auto",
        }
        ask_for_call(draft, choice.get("name") if kind == "tool" else None)
