"""Every tool that Anthropic defines is known: who runs it, and what it is as a function."""

import typing
from typing import Any

import jsonschema
import pytest
from anthropic.types import beta
from anthropic.types.beta.beta_memory_tool_20250818_command import BetaMemoryTool20250818Command
from catalog.anthropic_tools import HOSTED, TOOLS, AnthropicTool, anthropic_tool, as_function
from catalog.betas import GATED, bedrock_betas
from catalog.families import FAMILIES, UNKNOWN, Family, family_of
from hypothesis import given
from hypothesis import strategies as st

from tests.support.drafts import EXAMPLES

FAMILY = {row.name: row for row in FAMILIES}
CLAUDES = [row for row in FAMILIES if row.messages]


def _types_of_the_sdk() -> list[str]:
    members = typing.get_args(beta.BetaToolUnionParam)
    hints = [typing.get_type_hints(member)["type"] for member in members]
    literals = [one for hint in hints for one in _literals(hint)]
    return sorted({one for one in literals if one != "custom"})


def _literals(hint: Any) -> list[str]:
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    return [one for inner in typing.get_args(hint) for one in _literals(inner)]


SDK_TYPES = _types_of_the_sdk()


def test_every_tool_that_the_sdk_defines_is_known() -> None:
    assert len(SDK_TYPES) > 20
    assert [kind for kind in SDK_TYPES if anthropic_tool(kind) is None] == []


def test_every_tool_that_is_known_is_one_that_the_sdk_defines() -> None:
    assert {tool.type for tool in TOOLS} <= set(SDK_TYPES)


@pytest.mark.parametrize(
    "kind",
    ["web_search_20250305", "web_fetch_20300101", "code_execution_20250825", "mcp_toolset"],
)
@pytest.mark.parametrize("family", [*CLAUDES, UNKNOWN], ids=lambda row: row.name)
def test_a_tool_that_anthropic_runs_is_refused_of_every_model_with_what_to_do(
    kind: str, family: Family
) -> None:
    tool = anthropic_tool(kind)
    assert tool is not None
    assert tool.hosted
    why = tool.refusal(family)
    assert why is not None
    assert "Bedrock does not: " in why
    assert as_function({"type": kind, "name": "x"}) is None


@pytest.mark.parametrize(
    ("kind", "taken_by", "not_by"),
    [
        ("bash_20250124", "claude-3-7", "claude-3-5"),
        ("text_editor_20250728", "claude-opus-5-5", "claude-3-7"),
        ("memory_20250818", "claude-4", "claude-3"),
        ("computer_20250124", "claude-haiku-4-5", "claude-4-6"),
        ("computer_20251124", "claude-opus-4-5", "claude-4-5"),
        ("tool_search_tool_regex_20251119", "claude-4-5", "claude-opus-4-1"),
        ("tool_search_tool_bm25_20251119", "claude-4-6", "claude-haiku-4-5"),
        ("browser_toolset_20260801", "claude-fable-5-1", "claude-opus-4-8"),
    ],
)
def test_a_tool_goes_to_the_models_that_have_it(kind: str, taken_by: str, not_by: str) -> None:
    tool = anthropic_tool(kind)
    assert tool is not None
    assert tool.refusal(FAMILY[taken_by]) is None
    assert "another version" in (tool.refusal(FAMILY[not_by]) or "")


@pytest.mark.parametrize("kind", ["custom", "function", "", "web_searching", "bash", "mcp_tool"])
def test_other_types_are_none_of_anthropics(kind: str) -> None:
    assert anthropic_tool(kind) is None


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.type)
def test_a_row_makes_sense(tool: AnthropicTool) -> None:
    assert tool.families <= {row.name for row in CLAUDES}
    assert bool(tool.does) == bool(tool.properties)
    assert not tool.gated or tool.gated in GATED
    assert not tool.hosted


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.type)
def test_a_model_that_has_a_tool_knows_the_beta_that_opens_it(tool: AnthropicTool) -> None:
    for name in tool.families:
        used = [tool.gated] if tool.gated else []
        assert bedrock_betas([], FAMILY[name], used).closed == set()


def test_no_type_has_two_rows() -> None:
    types = [tool.type for tool in (*TOOLS, *HOSTED)]
    assert len(types) == len(set(types))


# --- as functions ---------------------------------------------------------------------------------


CLIENT_TOOLS = [tool for tool in TOOLS if tool.properties]


@pytest.mark.parametrize("tool", CLIENT_TOOLS, ids=lambda tool: tool.type)
def test_the_schema_of_a_tool_is_one_and_names_no_member_twice(tool: AnthropicTool) -> None:
    function = as_function({"type": tool.type, "name": "theirs"})
    assert function is not None
    assert function["name"] == "theirs"
    assert function["description"]
    schema = function["input_schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["required"]) <= schema["properties"].keys()


def test_the_memory_tool_takes_the_commands_that_the_sdk_answers() -> None:
    function = as_function({"type": "memory_20250818", "name": "memory"})
    assert function is not None
    schema = function["input_schema"]
    union = typing.get_args(typing.get_args(BetaMemoryTool20250818Command)[0])
    names = {typing.get_args(one.model_fields["command"].annotation)[0]: one for one in union}
    assert set(schema["properties"]["command"]["enum"]) == names.keys()
    members = {member for one in union for member in one.model_fields}
    assert schema["properties"].keys() == members


def _members(kind: str, **entry: object) -> dict[str, Any]:
    function = as_function({"type": kind, "name": "x", **entry})
    assert function is not None
    properties: dict[str, Any] = function["input_schema"]["properties"]
    return properties


def test_a_computer_zooms_only_when_it_may() -> None:
    still = _members("computer_20251124")
    zooming = _members("computer_20251124", enable_zoom=True)
    assert zooming.keys() - still.keys() == {"region"}
    assert set(zooming["action"]["enum"]) - set(still["action"]["enum"]) == {"zoom"}
    assert still == _members("computer_20250124")


def test_only_the_first_editors_undo_and_insert_a_new_str() -> None:
    for kind in ("text_editor_20241022", "text_editor_20250124"):
        members = _members(kind)
        assert "undo_edit" in members["command"]["enum"]
        assert "insert_text" not in members
    for kind in ("text_editor_20250429", "text_editor_20250728"):
        members = _members(kind)
        assert "undo_edit" not in members["command"]["enum"]
        assert "insert_text" in members


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ({"display_width_px": 1024, "display_height_px": 768}, True),
        ({"display_width_px": True, "display_height_px": 768}, False),
        ({"display_width_px": 1024}, False),
        ({"display_width_px": -1, "display_height_px": 768}, False),
        ({"display_width_px": 10**5000, "display_height_px": 768}, False),
    ],
)
def test_a_screen_has_the_size_that_it_can_have(size: dict[str, object], told: bool) -> None:
    function = as_function({"type": "computer_20250124", "name": "computer", **size})
    assert function is not None
    assert ("1024 by 768 pixels" in function["description"]) == told


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(["type", "name", "enable_zoom", "display_width_px", "display_height_px"])
TYPES = st.sampled_from(SDK_TYPES) | JSON


@given(st.dictionaries(KEYS, JSON), TYPES)
def test_any_tool_is_a_function_or_none(entry: dict[str, Any], kind: Any) -> None:
    function = as_function({**entry, "type": kind})
    assert function is None or function["input_schema"]["properties"]


@given(st.text(), st.sampled_from(sorted(EXAMPLES.values())))
def test_any_text_is_a_type_or_none(kind: str, model_id: str) -> None:
    tool = anthropic_tool(kind)
    assert tool is None or tool.refusal(family_of(model_id)) is None or tool.refusal(UNKNOWN)
