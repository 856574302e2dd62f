"""Tools and what names them: OpenAI's functions as Converse's `toolConfig`.

Bedrock takes tool names of ``[a-zA-Z0-9_-]{1,64}`` and tool call ids of ``[a-zA-Z0-9_.:-]{1,64}``;
clients use others (MCP tools' names have dots). A stand-in depends on nothing but the name itself, so
it stays the same from turn to turn, which Bedrock's prompt caches need.
"""

import string
from hashlib import sha256

from router.dialects.openai_chat.checks import (
    Json,
    boolean,
    document,
    fields,
    invalid,
    is_blank,
    items,
    members,
    name,
    text,
)

LONGEST = 64
NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + "_-")
ID_CHARACTERS = NAME_CHARACTERS | frozenset(".:")

TOOL = fields("type", "function", dropped=("cache_control",))
FUNCTION = fields("name", "description", "parameters", "strict")
NAMED_CHOICE = fields("type", "function")
NAMED_FUNCTION = fields("name")

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

    def bedrock_name(self, value: object, where: str) -> str:
        """The name Bedrock gets for the client's name `value`."""
        original = name(value, where)
        fitting = stand_in(original, NAME_CHARACTERS)
        if self._originals.setdefault(fitting, original) != original:
            raise invalid(where, "cannot be told from the name of another tool")
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


def tool_config(body: Json, called: list[str], names: ToolNames, changes: set[str]) -> Json | None:
    """Converse's `toolConfig`, or None for a request that has to do without.

    `called` are the Bedrock names of the tools called in the conversation: where it has any, Bedrock
    wants a `toolConfig`, even if the client offers no tools any more or forbids them.
    """
    specs = _tool_specs(body.get("tools"), names, changes)
    choice = _tool_choice(body.get("tool_choice"), specs, names, changes)
    if body.get("tool_choice") == "none" and specs:
        # Converse has no such choice: what must not be called is not shown.
        changes.add("tools withheld")
        specs = []
    if not specs and called:
        changes.add("tools taken from the history")
        specs = [_spec(tool, NO_LONGER_OFFERED, _schema(None, "")) for tool in called]
    if not specs:
        return None
    config: Json = {"tools": [{"toolSpec": spec} for spec in specs]}
    if choice is not None:
        config["toolChoice"] = choice
    return config


def _tool_specs(tools: object, names: ToolNames, changes: set[str]) -> list[Json]:
    specs: dict[str, Json] = {}
    for index, value in enumerate([] if tools is None else items(tools, "tools")):
        where = f"tools[{index}]"
        if isinstance(value, dict) and value.get("type") != "function":
            raise invalid(f"{where}.type", "must be function: other tools are not supported")
        tool = members(value, where, TOOL, changes)
        where = f"{where}.function"
        function = members(tool.get("function"), where, FUNCTION, changes)
        tool_name = names.bedrock_name(function.get("name"), f"{where}.name")
        if tool_name in specs:
            raise invalid(f"{where}.name", "is the name of an earlier tool too")
        description = function.get("description")
        spec = _spec(
            tool_name,
            "" if description is None else text(description, f"{where}.description"),
            _schema(function.get("parameters"), f"{where}.parameters"),
        )
        # Not strict is what no word of it means; and not every model on Bedrock knows the word.
        strict = function.get("strict")
        if strict is not None and boolean(strict, f"{where}.strict"):
            spec["strict"] = True
        specs[tool_name] = spec
    return list(specs.values())


def _spec(tool_name: str, description: str, schema: Json) -> Json:
    spec: Json = {"name": tool_name, "inputSchema": {"json": schema}}
    if not is_blank(description):
        spec["description"] = description
    return spec


def _schema(parameters: object, where: str) -> Json:
    if parameters is None or parameters == {}:
        return {"type": "object", "properties": {}}
    # Bedrock takes the schema of an object only, and wants that said.
    schema = {"type": "object", **document(parameters, where)}
    if schema["type"] != "object":
        raise invalid(f"{where}.type", "must be object")
    return schema


def _tool_choice(
    choice: object, specs: list[Json], names: ToolNames, changes: set[str]
) -> Json | None:
    if choice in (None, "auto", "none"):
        return None
    if choice == "required":
        if not specs:
            raise invalid("tool_choice", "is required, but there are no tools")
        return {"any": {}}
    if not isinstance(choice, dict) or choice.get("type") != "function":
        raise invalid(
            "tool_choice", "must be none, auto, required or a function named by an object"
        )
    where = "tool_choice.function"
    members(choice, "tool_choice", NAMED_CHOICE, changes)
    function = members(choice.get("function"), where, NAMED_FUNCTION, changes)
    tool_name = names.bedrock_name(function.get("name"), f"{where}.name")
    if all(spec["name"] != tool_name for spec in specs):
        raise invalid(f"{where}.name", "is not the name of one of the tools")
    return {"tool": {"name": tool_name}}
