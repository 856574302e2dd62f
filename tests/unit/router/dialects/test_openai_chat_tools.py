"""Tools in all their forms become Converse's, and their calls and results are paired."""

from typing import Any

import pytest
from catalog.families import UNKNOWN, family_of
from router.dialects.converse.tools import NAME_CHARACTERS, stand_in
from router.errors import ApiError

from tests.support.chat import Translated, translated
from tests.support.converse import assert_accepted

USER = {"role": "user", "content": "Go."}
CLAUDE = family_of("anthropic.claude-sonnet-4-6")
NOVA = family_of("amazon.nova-pro-v1:0")

EPHEMERAL = {"type": "ephemeral"}
POINT = {"cachePoint": {"type": "default"}}


def function(name: str, **members: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **members}}


def custom(name: str, **members: Any) -> dict[str, Any]:
    return {"type": "custom", "custom": {"name": name, **members}}


def call(call_id: str, name: str, arguments: Any = "{}") -> dict[str, Any]:
    return {"id": call_id, **function(name, arguments=arguments)}


def accepted(*messages: dict[str, Any], family: Any = UNKNOWN, **parameters: Any) -> Translated:
    found = translated({"model": "m", "messages": [USER, *messages], **parameters}, family)
    assert_accepted(found.body)
    return found


def refused(*messages: dict[str, Any], family: Any = UNKNOWN, **parameters: Any) -> str:
    with pytest.raises(ApiError) as refusal:
        translated({"model": "m", "messages": [USER, *messages], **parameters}, family)
    assert refusal.value.kind == "invalid_request"
    assert refusal.value.message.startswith(f"{refusal.value.param} ")
    return str(refusal.value.param)


def specs(found: Translated) -> list[dict[str, Any]]:
    return [tool["toolSpec"] for tool in found.body["toolConfig"]["tools"] if "toolSpec" in tool]


# --- custom tools ---------------------------------------------------------------------------------


def test_a_custom_tool_is_a_function_of_one_string() -> None:
    found = accepted(tools=[custom("shell.run", description="Runs it.")])
    (spec,) = specs(found)
    assert spec["description"] == "Runs it."
    assert spec["inputSchema"]["json"] == {
        "type": "object",
        "properties": {"input": {"type": "string"}},
        "required": ["input"],
    }
    assert found.custom_tools == (spec["name"],)
    assert found.tool_names == {spec["name"]: "shell.run"}


@pytest.mark.parametrize("form", [None, {"type": "text"}])
def test_a_custom_tool_of_any_text_needs_no_words(form: Any) -> None:
    found = accepted(tools=[custom("shell", format=form)])
    assert "description" not in specs(found)[0]
    assert found.changes == ()


def test_a_grammar_is_told_in_the_description() -> None:
    grammar = {"syntax": "lark", "definition": 'start: "a"+'}
    form = {"type": "grammar", "grammar": grammar}
    found = accepted(tools=[custom("letters", description="Letters.", format=form)])
    assert specs(found)[0]["description"] == (
        'Letters.\n\nThe input must match this lark grammar:\nstart: "a"+'
    )
    assert found.changes == ("tool grammar moved to the description",)


def test_a_custom_tools_call_comes_back_with_its_input() -> None:
    asked = {"id": "a", "type": "custom", "custom": {"name": "shell", "input": "ls\n-l"}}
    answer = {"role": "tool", "tool_call_id": "a", "content": "total 0"}
    found = accepted({"role": "assistant", "tool_calls": [asked]}, answer, tools=[custom("shell")])
    assert found.body["messages"][1]["content"] == [
        {"toolUse": {"toolUseId": "a", "name": "shell", "input": {"input": "ls\n-l"}}}
    ]


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        (custom(""), "tools[0].custom.name"),
        (custom("a", format="text"), "tools[0].custom.format.type"),
        (custom("a", format={"type": []}), "tools[0].custom.format.type"),
        (custom("a", format={"type": "grammar"}), "tools[0].custom.format.grammar"),
        (
            custom("a", format={"type": "grammar", "grammar": {"syntax": "lark"}}),
            "tools[0].custom.format.grammar.definition",
        ),
        ({"type": "custom", "function": {"name": "a"}}, "tools[0].function"),
        (custom("a", parameters={}), "tools[0].custom.parameters"),
    ],
)
def test_a_custom_tool_gone_wrong_is_refused(tool: Any, param: str) -> None:
    assert refused(tools=[tool]) == param


# --- the form before tools ------------------------------------------------------------------------

FILES_READ = stand_in("files.read", NAME_CHARACTERS)
FUNCTIONS = [{"name": "now"}, {"name": "files.read", "parameters": {"type": "object"}}]


def test_functions_are_tools_and_are_answered_as_they_were_asked() -> None:
    found = accepted(functions=FUNCTIONS)
    assert found.legacy
    assert [spec["name"] for spec in specs(found)] == ["now", FILES_READ]
    assert not accepted(tools=[function("now")]).legacy


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        ("auto", None),
        (None, None),
        ({"name": "now"}, {"tool": {"name": "now"}}),
        ({"name": "files.read"}, {"tool": {"name": FILES_READ}}),
    ],
)
def test_a_function_call_is_a_tool_choice(choice: Any, config: Any) -> None:
    found = accepted(functions=FUNCTIONS, function_call=choice)
    assert found.body["toolConfig"].get("toolChoice") == config


def test_no_function_call_withholds_the_functions() -> None:
    found = accepted(functions=FUNCTIONS, function_call="none")
    assert "toolConfig" not in found.body
    assert found.changes == ("tools withheld",)


def test_functions_called_before_find_their_results_by_name() -> None:
    messages: list[dict[str, Any]] = []
    for city in ("Oslo", "Bergen"):
        arguments = f'{{"city":"{city}"}}'
        called = {"name": "weather.in", "arguments": arguments}
        messages += [
            {"role": "assistant", "content": None, "function_call": called},
            {"role": "function", "name": "weather.in", "content": f"Rain in {city}."},
        ]
    found = accepted(*messages, functions=[{"name": "weather.in"}])
    turns = found.body["messages"]
    asked = [turn["content"][0]["toolUse"] for turn in turns[1::2]]
    answers = [turn["content"][0]["toolResult"] for turn in turns[2::2]]
    assert [use["input"]["city"] for use in asked] == ["Oslo", "Bergen"]
    assert [use["toolUseId"] for use in asked] == [answer["toolUseId"] for answer in answers]
    assert [answer["content"] for answer in answers] == [
        [{"text": "Rain in Oslo."}],
        [{"text": "Rain in Bergen."}],
    ]


def test_a_functions_empty_result_is_filled() -> None:
    called = {"role": "assistant", "function_call": {"name": "now", "arguments": ""}}
    found = accepted(called, {"role": "function", "name": "now", "content": None})
    assert found.changes == ("empty tool result filled", "tools taken from the history")


@pytest.mark.parametrize(
    ("parameters", "param"),
    [
        ({"functions": FUNCTIONS, "tools": []}, "tools"),
        ({"functions": FUNCTIONS, "tool_choice": "auto"}, "tool_choice"),
        ({"functions": {}}, "functions"),
        ({"functions": [{}]}, "functions[0].name"),
        ({"functions": [{"name": "a"}, {"name": "a"}]}, "functions[1].name"),
        ({"functions": FUNCTIONS, "function_call": "required"}, "function_call"),
        ({"functions": FUNCTIONS, "function_call": {"name": "b"}}, "function_call.name"),
        ({"function_call": {"name": "b"}}, "function_call.name"),
    ],
)
def test_functions_gone_wrong_are_refused(parameters: dict[str, Any], param: str) -> None:
    assert refused(**parameters) == param


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([{"role": "function", "name": "now", "content": "12"}], "messages[1].name"),
        (
            [{"role": "assistant", "function_call": {"name": "now"}}],
            "messages[1].function_call.name",
        ),
        ([{"role": "assistant", "function_call": {}}], "messages[1].function_call.name"),
        ([{"role": "assistant", "function_call": "now"}], "messages[1].function_call"),
    ],
)
def test_function_calls_without_their_other_half_are_refused(messages: Any, param: str) -> None:
    assert refused(*messages) == param


# --- choice ---------------------------------------------------------------------------------------

THREE = [function("a"), custom("b.c"), function("d")]


def allowed(mode: str, *tools: dict[str, Any]) -> dict[str, Any]:
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": list(tools)}}


def test_a_custom_tool_can_be_chosen() -> None:
    found = accepted(tools=THREE, tool_choice=custom("b.c"))
    (name,) = found.custom_tools
    assert found.body["toolConfig"]["toolChoice"] == {"tool": {"name": name}}


@pytest.mark.parametrize(("mode", "choice"), [("auto", None), ("required", {"any": {}})])
def test_tools_that_are_not_allowed_are_withheld(mode: str, choice: Any) -> None:
    found = accepted(tools=THREE, tool_choice=allowed(mode, function("d"), custom("b.c")))
    assert [spec["name"] for spec in specs(found)] == [*found.custom_tools, "d"]
    assert found.body["toolConfig"].get("toolChoice") == choice
    assert found.changes == ("tools withheld",)


def test_all_tools_allowed_change_nothing() -> None:
    found = accepted(tools=THREE[::2], tool_choice=allowed("auto", function("a"), function("d")))
    assert [spec["name"] for spec in specs(found)] == ["a", "d"]
    assert found.changes == ()


@pytest.mark.parametrize(
    ("choice", "param"),
    [
        ("any", "tool_choice"),
        ([], "tool_choice"),
        ({"type": []}, "tool_choice"),
        ({"type": "mcp"}, "tool_choice"),
        ({"type": "custom"}, "tool_choice.custom"),
        (custom("x"), "tool_choice.custom.name"),
        ({"type": "allowed_tools"}, "tool_choice.allowed_tools"),
        (allowed("some"), "tool_choice.allowed_tools.mode"),
        (allowed("auto", {"type": "mcp"}), "tool_choice.allowed_tools.tools[0].type"),
        (allowed("auto", function("x")), "tool_choice.allowed_tools.tools[0].function.name"),
        (allowed("required"), "tool_choice"),
    ],
)
def test_a_choice_gone_wrong_is_refused(choice: Any, param: str) -> None:
    assert refused(tools=THREE, tool_choice=choice) == param


def test_one_call_at_a_time_is_asked_of_the_families_that_can() -> None:
    found = accepted(tools=THREE, parallel_tool_calls=False, family=CLAUDE)
    assert found.body["additionalModelRequestFields"] == {
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}
    }
    forced = accepted(tools=THREE, parallel_tool_calls=False, tool_choice="required", family=CLAUDE)
    assert forced.body["toolConfig"]["toolChoice"] == {"any": {}}
    assert forced.body["additionalModelRequestFields"] == {
        "tool_choice": {"disable_parallel_tool_use": True}
    }
    other = accepted(tools=THREE, parallel_tool_calls=False, family=NOVA)
    assert "additionalModelRequestFields" not in other.body
    assert other.changes == ("parallel_tool_calls dropped",)


def test_without_tools_there_is_nothing_to_be_called_at_a_time() -> None:
    for family in (CLAUDE, NOVA):
        found = accepted(parallel_tool_calls=False, family=family)
        assert "additionalModelRequestFields" not in found.body
        assert found.changes == ()


def test_a_function_call_has_room_for_one_call() -> None:
    found = accepted(functions=FUNCTIONS, family=CLAUDE)
    assert "tool_choice" in found.body["additionalModelRequestFields"]
    assert accepted(functions=FUNCTIONS, family=NOVA).changes == ()


# --- families without tools -----------------------------------------------------------------------

WITHOUT_TOOLS = UNKNOWN._replace(tools=False)


def test_a_family_without_tools_is_not_asked_to_use_any() -> None:
    assert refused(tools=THREE, family=WITHOUT_TOOLS) == "tools"
    asked = {"role": "assistant", "tool_calls": [call("a", "f")]}
    answer = {"role": "tool", "tool_call_id": "a", "content": "1"}
    assert refused(asked, answer, family=WITHOUT_TOOLS) == "messages[1].tool_calls[0].id"
    withheld = accepted(tools=THREE, tool_choice="none", family=WITHOUT_TOOLS)
    assert "toolConfig" not in withheld.body


# --- calls and results in the conversation --------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ("{city", {"arguments": "{city"}),
        ("[1]", {"arguments": "[1]"}),
        ('"Oslo"', {"arguments": '"Oslo"'}),
        ('{"t":NaN}', {"arguments": '{"t":NaN}'}),
        ('{"t":1e999}', {"arguments": '{"t":1e999}'}),
        ('{"\\ud83d":1}', {"arguments": '{"\\ud83d":1}'}),
        ("[" * 100_000, {"arguments": "[" * 100_000}),
    ],
)
def test_arguments_that_are_no_object_keep_the_conversation_alive(
    arguments: str, given: dict[str, Any]
) -> None:
    found = accepted(
        {"role": "assistant", "tool_calls": [call("a", "f", arguments)]},
        {"role": "tool", "tool_call_id": "a", "content": "Try again."},
        tools=[function("f")],
    )
    assert found.body["messages"][1]["content"][0]["toolUse"]["input"] == given
    assert found.changes == ("malformed tool arguments wrapped",)


@pytest.mark.parametrize("arguments", ["", " ", "null", "{}", None])
def test_no_arguments_are_an_empty_object(arguments: str | None) -> None:
    found = accepted(
        {"role": "assistant", "tool_calls": [call("a", "f", arguments)]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        tools=[function("f")],
    )
    assert found.body["messages"][1]["content"][0]["toolUse"]["input"] == {}
    assert found.changes == ()


def test_results_may_hold_images_and_documents() -> None:
    png = "data:image/png;base64,iVBORw0KGgo="
    content = [
        {"type": "text", "text": "See:"},
        {"type": "image_url", "image_url": {"url": png}},
        {"type": "file", "file": {"file_data": "YQ==", "filename": "a.txt"}},
    ]
    found = accepted(
        {"role": "assistant", "tool_calls": [call("a", "f")]},
        {"role": "tool", "tool_call_id": "a", "content": content},
        tools=[function("f")],
    )
    (block,) = found.body["messages"][2]["content"]
    assert [next(iter(part)) for part in block["toolResult"]["content"]] == [
        "text",
        "image",
        "document",
    ]


# --- caching --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "marked",
    [
        {**function("b"), "cache_control": EPHEMERAL},
        function("b", cache_control=EPHEMERAL),
        {**custom("b"), "cache_control": EPHEMERAL},
    ],
)
def test_a_mark_on_a_tool_is_a_cache_point_behind_it(marked: dict[str, Any]) -> None:
    tools = accepted(tools=[function("a"), marked, function("c")]).body["toolConfig"]["tools"]
    assert ["toolSpec" in tool for tool in tools] == [True, True, False, True]
    assert tools[2] == POINT


def test_marks_on_results_wait_for_the_last_of_them() -> None:
    marked = [{"type": "text", "text": "1", "cache_control": EPHEMERAL}]
    found = accepted(
        {"role": "assistant", "tool_calls": [call("a", "f"), call("b", "f")]},
        {"role": "tool", "tool_call_id": "a", "content": marked},
        {"role": "tool", "tool_call_id": "b", "content": "2", "cache_control": EPHEMERAL},
        {"role": "user", "content": "And?"},
        tools=[function("f")],
    )
    kinds = [next(iter(block)) for block in found.body["messages"][2]["content"]]
    assert kinds == ["toolResult", "toolResult", "cachePoint", "text"]


def test_a_mark_on_a_message_of_calls_is_behind_them() -> None:
    found = accepted(
        {"role": "assistant", "tool_calls": [call("a", "f")], "cache_control": EPHEMERAL},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        tools=[function("f")],
    )
    assert found.body["messages"][1]["content"][1] == POINT
