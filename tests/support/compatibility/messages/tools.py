"""Tools: a client's own, those of Anthropic's design, and those that only Anthropic runs."""

from typing import Any

from tests.support.compatibility.answers import Answer
from tests.support.compatibility.messages.content import (
    IMAGE,
    NOTES,
    PNG_DATA,
    REACHED_NOTES,
)
from tests.support.compatibility.messages.parts import (
    WEATHER,
    assistant,
    probe,
    result,
    text,
    use,
    user,
)
from tests.support.compatibility.probes import (
    CALL,
    SAY,
    Json,
    Probe,
    There,
    answers,
    calls_for_rome,
    calls_once,
    says,
)
from tests.support.simulated_bedrock import order

_CLOCK: Json = {**WEATHER, "name": "get_time", "description": "The time in a city."}
_ASKED = user("The weather?")
_NONE = ("tool",)
"""How a refusal tells that a model has no tools."""
_IN_WORDS = "Answer by calling"
"""How a model is asked for a call that it cannot be made to."""


def _called(*names: str) -> There:
    return lambda answer: [name for name, _ in answer.calls] == list(names)


def _to_call(name: str, **given: Any) -> Json:
    return user(f"Please. {order(tool={'name': name, 'input': given})}")


def _defined(feature: str, kind: str, name: str, *, given: Json, **members: Any) -> Probe:
    """The probe of a tool of Anthropic's design that a client runs."""
    return probe(
        feature,
        lambda answer: list(answer.calls) == [(name, given)],
        _to_call(name, **given),
        tools=[{"type": kind, "name": name, **members}],
        refusal=(kind, "tool"),
    )


def _hosted(feature: str, kind: str, **members: Any) -> Probe:
    """The probe of a tool that only Anthropic runs."""
    return probe(feature, answers, tools=[{"type": kind, **members}], refusal=(kind,))


def _stops_to_call(answer: Answer) -> bool:
    return calls_for_rome(answer) and answer.stop == "tool_use"


_SCREEN = {"display_width_px": 1024, "display_height_px": 768}
_SHOT = {"action": "screenshot"}
_VIEW = {"command": "view", "path": "/memories"}

TOOLS = (
    probe("tool calls", _stops_to_call, user(CALL), tools=[WEATHER], refusal=_NONE),
    probe(
        "streamed tool calls",
        _stops_to_call,
        user(CALL),
        tools=[WEATHER],
        stream=True,
        refusal=_NONE,
    ),
    probe(
        "several calls at once",
        _called("get_weather", "get_time"),
        user("Use get_weather and call get_time."),
        tools=[WEATHER, _CLOCK],
        refusal=_NONE,
    ),
    probe(
        "`disable_parallel_tool_use`",
        _called("get_weather"),
        user("Use get_weather and call get_time."),
        tools=[WEATHER, _CLOCK],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
        refusal=_NONE,
    ),
    probe(
        "`tool_choice` any",
        calls_once,
        user(CALL),
        tools=[WEATHER],
        tool_choice={"type": "any"},
        reaches=('"tool_choice":{"type":"any"', '"toolChoice":{"any"', _IN_WORDS),
        refusal=_NONE,
    ),
    probe(
        "`tool_choice` tool",
        calls_once,
        user(CALL),
        tools=[WEATHER],
        tool_choice={"type": "tool", "name": "get_weather"},
        reaches=('"type":"tool","name":"get_weather"', '"toolChoice":{"tool"', _IN_WORDS),
        refusal=_NONE,
    ),
    probe(
        "`tool_choice` none",
        lambda answer: not answer.calls,
        user(CALL),
        tools=[WEATHER],
        tool_choice={"type": "none"},
        refusal=_NONE,
    ),
    probe(
        "`strict`",
        calls_for_rome,
        user(CALL),
        tools=[{**WEATHER, "strict": True}],
        reaches=('"strict":true',),
        refusal=_NONE,
    ),
    probe(
        "`input_examples`",
        calls_for_rome,
        user(CALL),
        tools=[{**WEATHER, "input_examples": [{"city": "Bergen"}]}],
        reaches=("Bergen",),
        refusal=_NONE,
    ),
    probe(
        "`eager_input_streaming`",
        calls_for_rome,
        user(CALL),
        tools=[{**WEATHER, "eager_input_streaming": True}],
        stream=True,
        refusal=_NONE,
    ),
    probe(
        "several results, with `is_error`",
        says("Hello"),
        _ASKED,
        assistant(use(1), use(2)),
        user(result("4 degrees", 1), result("No such city", 2, is_error=True), SAY),
        tools=[WEATHER],
        reaches=('"is_error":true', '"status":"error"'),
        refusal=_NONE,
    ),
    probe(
        "images in results",
        says("Hello"),
        _ASKED,
        assistant(use()),
        user(result([text("Look:"), IMAGE]), SAY),
        tools=[WEATHER],
        reaches=(PNG_DATA,),
        refusal=("image", *_NONE),
    ),
    probe(
        "documents in results",
        says("Hello"),
        _ASKED,
        assistant(use()),
        user(result([text("Read:"), NOTES]), SAY),
        tools=[WEATHER],
        reaches=REACHED_NOTES,
        refusal=("document", *_NONE),
    ),
    probe(
        "calls and results without `tools`",
        says("Hello"),
        _ASKED,
        assistant(use()),
        user(result("4 degrees"), SAY),
        reaches=("4 degrees",),
        refusal=_NONE,
    ),
    probe(
        "`tool_addition` in a `system` turn",
        calls_for_rome,
        user("Hi"),
        {
            "role": "system",
            "content": [
                {
                    "type": "tool_addition",
                    "tool": {"type": "tool_reference", "name": "get_weather"},
                }
            ],
        },
        assistant(text("Hello.")),
        user(CALL),
        tools=[{**WEATHER, "defer_loading": True}, _CLOCK],
        refusal=_NONE,
    ),
    probe(
        "`defer_loading` and `tool_reference`",
        calls_for_rome,
        _ASKED,
        assistant(use(name="find_tools")),
        user(result([{"type": "tool_reference", "tool_name": "get_weather"}]), CALL),
        tools=[{**_CLOCK, "name": "find_tools"}, {**WEATHER, "defer_loading": True}],
        refusal=_NONE,
    ),
    *(
        probe(
            f"`tool_search_tool_{way}`",
            calls_for_rome,
            user(CALL),
            tools=[
                {"type": f"tool_search_tool_{way}_20251119", "name": f"tool_search_tool_{way}"},
                {**WEATHER, "defer_loading": True},
            ],
            refusal=_NONE,
        )
        for way in ("regex", "bm25")
    ),
    _defined("`bash`", "bash_20250124", "bash", given={"command": "ls"}),
    _defined(
        "`text_editor`",
        "text_editor_20250728",
        "str_replace_based_edit_tool",
        given=_VIEW,
    ),
    _defined("`computer_20250124`", "computer_20250124", "computer", given=_SHOT, **_SCREEN),
    _defined("`computer_20251124`", "computer_20251124", "computer", given=_SHOT, **_SCREEN),
    _defined("`memory`", "memory_20250818", "memory", given=_VIEW),
    _hosted("`web_search`", "web_search_20250305", name="web_search"),
    _hosted("`web_fetch`", "web_fetch_20250910", name="web_fetch"),
    _hosted("`code_execution`", "code_execution_20250825", name="code_execution"),
    _hosted("`mcp_toolset`", "mcp_toolset", mcp_server_name="files"),
    probe(
        "`mcp_servers`",
        answers,
        mcp_servers=[{"type": "url", "url": "https://mcp.test/", "name": "files"}],
        refusal=("mcp_servers",),
    ),
    probe(
        "what hosted tools found earlier",
        says("Hello"),
        user("Search for Oslo."),
        assistant(
            {
                "type": "server_tool_use",
                "id": "srvtoolu_1",
                "name": "web_search",
                "input": {"query": "Oslo"},
            },
            {
                "type": "web_search_tool_result",
                "tool_use_id": "srvtoolu_1",
                "content": [
                    {
                        "type": "web_search_result",
                        "title": "A town in Norway",
                        "url": "https://weather.test/oslo",
                        "encrypted_content": "EqQB",
                    }
                ],
            },
            text("It is cold."),
        ),
        user(SAY),
        reaches=("A town in Norway",),
    ),
)
