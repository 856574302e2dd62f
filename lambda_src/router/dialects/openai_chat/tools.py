"""Chat Completions' tools and tool choice."""

from router.dialects.checks import Json, boolean, fields, invalid, items, members, text
from router.dialects.converse import tools
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import AUTO, Choice, ToolNames

TOOL = fields("type", "function", dropped=("cache_control",))
FUNCTION = fields("name", "description", "parameters", "strict")
NAMED_CHOICE = fields("type", "function")
NAMED_FUNCTION = fields("name")


def tool_specs(draft: Draft, value: object, names: ToolNames) -> list[Json]:
    """The members of `toolConfig.tools` for the request's `tools`."""
    specs: dict[str, Json] = {}
    for index, offered in enumerate([] if value is None else items(value, "tools")):
        where = f"tools[{index}]"
        if isinstance(offered, dict) and offered.get("type") != "function":
            raise invalid(f"{where}.type", "must be function: other tools are not supported")
        tool = members(offered, where, TOOL, draft.changes)
        where = f"{where}.function"
        function = members(tool.get("function"), where, FUNCTION, draft.changes)
        tool_name = names.bedrock_name(function.get("name"), f"{where}.name")
        if tool_name in specs:
            raise invalid(f"{where}.name", "is the name of an earlier tool too")
        description = function.get("description")
        strict = function.get("strict")
        specs[tool_name] = tools.spec(
            draft,
            tool_name,
            "" if description is None else text(description, f"{where}.description"),
            tools.input_schema(function.get("parameters"), f"{where}.parameters"),
            strict=strict is not None and boolean(strict, f"{where}.strict"),
        )
    return [{"toolSpec": spec} for spec in specs.values()]


def tool_choice(draft: Draft, value: object, names: ToolNames) -> Choice:
    """The choice in the request's `tool_choice`."""
    if value is None or value == "auto":
        return AUTO
    if value == "none":
        return Choice("none")
    if value == "required":
        return Choice("any")
    if not isinstance(value, dict) or value.get("type") != "function":
        raise invalid(
            "tool_choice", "must be none, auto, required or a function named by an object"
        )
    where = "tool_choice.function"
    members(value, "tool_choice", NAMED_CHOICE, draft.changes)
    function = members(value.get("function"), where, NAMED_FUNCTION, draft.changes)
    where = f"{where}.name"
    return Choice("tool", names.bedrock_name(function.get("name"), where), where)
