"""Responses requests become Converse requests, and what they bend is told."""

import copy
import json
from typing import Any, get_args, get_type_hints

import pytest
from catalog.families import family_of
from openai.types.responses import (
    ResponseIncludable,
    response_create_params,
    response_input_param,
    tool_param,
)
from router.dialects.openai_responses.items import ITEMS, REFUSED
from router.dialects.openai_responses.parameters import INCLUDABLE, PARAMETERS
from router.dialects.openai_responses.tools import HOSTED, KINDS
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.converse import assert_accepted
from tests.support.media import PDF_URL, PNG_URL
from tests.support.responses import translated

CLAUDE = family_of("anthropic.claude-sonnet-4-6")

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
    "strict": True,
}
CLOCK = {
    "type": "namespace",
    "name": "clock",
    "description": "Tells and waits for times.",
    "tools": [
        {"type": "function", "name": "now"},
        {"type": "custom", "name": "sleep", "description": "Waits."},
    ],
}
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"}
EXEC = {"type": "custom", "name": "exec", "description": "Runs code.", "format": GRAMMAR}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
EPHEMERAL = {"type": "ephemeral"}


def request(*items: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {"model": "some-model", "input": list(items) or "Is it cold in Oslo?", **parameters}


def said(role: str, *content: Any, **members: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": list(content), **members}


def text(string: str, **members: Any) -> dict[str, Any]:
    return {"type": "input_text", "text": string, **members}


def call(call_id: str, name: str = "get_weather", arguments: Any = '{"city":"Oslo"}') -> Any:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}


def output(call_id: str, told: Any = "4 °C") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": told}


USER = said("user", text("Is it cold in Oslo?"))

GOLDEN: dict[str, dict[str, Any]] = {
    "text": request(),
    "instructions": request(instructions="Be brief."),
    "instructions_only": {"model": "m", "instructions": "Tell a joke."},
    "easy_messages": request(
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!", "phase": "final_answer"},
        {"role": "user", "content": [text("Is it cold?")], "type": "message"},
    ),
    "parts": request(
        said(
            "user",
            text("What is this?"),
            {"type": "input_image", "image_url": PNG_URL, "detail": "high", "file_id": None},
            {"type": "input_image", "image_url": "https://example.com/a.png"},
            {"type": "input_file", "filename": "report.pdf", "file_data": PDF_URL},
            {"type": "input_file", "filename": "notes.md", "file_data": "SGk="},
            {"type": "input_file", "file_url": "https://example.com/table.csv"},
            {"type": "input_audio", "input_audio": {"data": "SGk=", "format": "mp3"}},
        )
    ),
    "an_answer_sent_back": request(
        USER,
        {
            "type": "message",
            "id": "msg_1",
            "status": "completed",
            "role": "assistant",
            "phase": None,
            "content": [
                {
                    "type": "output_text",
                    "text": "Yes.",
                    "annotations": [{"type": "url_citation", "url": "https://example.com"}],
                    "logprobs": [],
                    "parsed": None,
                },
                {"type": "refusal", "refusal": "I say no more."},
            ],
        },
        said("user", text("Why?")),
    ),
    "calls_and_outputs_of_one_turn": request(
        USER,
        {**call("c1"), "id": "fc_1", "status": "completed", "parsed_arguments": {"city": "Oslo"}},
        {**call("c2", "now", ""), "namespace": "clock", "caller": {"type": "direct"}},
        {**output("c2", "12:00"), "id": "fco_1", "name": "now", "namespace": "clock"},
        output("c1", [text("4 °C"), {"type": "input_image", "image_url": PNG_URL}]),
        tools=[WEATHER, CLOCK],
    ),
    "calls_of_custom_tools": request(
        USER,
        {
            "type": "custom_tool_call",
            "id": "ctc_1",
            "status": "completed",
            "call_id": "c1",
            "name": "exec",
            "input": 'text("hi")',
        },
        {"type": "custom_tool_call_output", "call_id": "c1", "output": [text("Done:"), text("hi")]},
        tools=[EXEC],
    ),
    "calls_without_tools": request(USER, call("c1"), output("c1", "")),
    "malformed_arguments": request(USER, call("c1", arguments='{"city":'), output("c1")),
    "tools": request(tools=[WEATHER, CLOCK, EXEC]),
    "tool_marked_to_be_cached": request(tools=[{**WEATHER, "cache_control": EPHEMERAL}]),
    "tool_of_the_default_namespace": request(
        tools=[{**CLOCK, "name": "functions", "description": ""}]
    ),
    "tool_names_bedrock_refuses": request(
        tools=[{**WEATHER, "name": "a.b"}, {**CLOCK, "name": "mcp__a.b__"}]
    ),
    "tools_among_the_items": request(
        {"type": "additional_tools", "id": "at_1", "role": "developer", "tools": [EXEC]},
        USER,
        tools=[WEATHER],
    ),
    "what_only_openai_does_with_tools": request(
        tools=[{**WEATHER, "allowed_callers": ["direct"], "output_schema": CITY}]
    ),
    "choice_none": request(tools=[WEATHER], tool_choice="none"),
    "choice_required": request(tools=[WEATHER], tool_choice="required"),
    "choice_of_a_function": request(
        tools=[WEATHER, EXEC], tool_choice={"type": "function", "name": "get_weather"}
    ),
    "choice_of_a_custom_tool": request(
        tools=[WEATHER, CLOCK],
        tool_choice={"type": "custom", "name": "sleep", "namespace": "clock"},
    ),
    "choice_among_allowed_tools": request(
        tools=[WEATHER, EXEC],
        tool_choice={
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "custom", "name": "exec"}],
        },
    ),
    "one_call_at_a_time": request(tools=[WEATHER], parallel_tool_calls=False),
    "json_object": request(text={"format": {"type": "json_object"}}),
    "json_schema": request(
        text={
            "format": {
                "type": "json_schema",
                "name": "city",
                "description": "A city.",
                "schema": CITY,
                "strict": True,
            },
            "verbosity": "medium",
        }
    ),
    "verbosity": request(text={"format": {"type": "text"}, "verbosity": "low"}),
    "effort": request(reasoning={"effort": "high", "summary": None}),
    "summary": request(reasoning={"effort": "low", "generate_summary": "detailed"}),
    "sampling": request(
        temperature=0.5, max_output_tokens=99, stop=["\n"], top_k=5, service_tier="flex"
    ),
    "reasoning_that_cannot_be_replayed": request(
        USER,
        {
            "type": "reasoning",
            "id": "rs_1",
            "status": "completed",
            "summary": [{"type": "summary_text", "text": "Oslo is north."}],
            "content": None,
            "encrypted_content": "gAAAAABm",
        },
        {"type": "reasoning", "id": "rs_2", "summary": []},
        {"role": "assistant", "content": "Yes."},
        said("user", text("Why?")),
    ),
    "marks_to_cache": request(
        {"role": "system", "content": [text("Be brief.", cache_control=EPHEMERAL)]},
        said("user", text("Is it cold?", cache_control={"type": "ephemeral", "ttl": "1h"})),
        call("c1"),
        output("c1", [text("4 °C", cache_control=EPHEMERAL)]),
        tools=[WEATHER],
        cache_control=EPHEMERAL,
    ),
    "what_clients_send_as_a_matter_of_course": request(
        background=False,
        include=["reasoning.encrypted_content", "message.input_image.image_url"],
        max_tool_calls=3,
        metadata={"team": "a"},
        parallel_tool_calls=True,
        previous_response_id=None,
        prompt_cache_key="k",
        prompt_cache_retention="24h",
        safety_identifier="u",
        store=False,
        stream=True,
        stream_options={"include_obfuscation": True},
        top_logprobs=0,
        truncation="auto",
        user="u",
    ),
    "fields_of_the_models_own": request(min_tokens=5, thinking={"type": "enabled"}),
}

NOTHING = translated(request())._replace(body={})._asdict()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_request_becomes_the_reviewed_converse_request(
    name: str, snapshot: SnapshotAssertion
) -> None:
    body = copy.deepcopy(GOLDEN[name])
    translation = translated(body, CLAUDE)
    assert body == GOLDEN[name], "the client's request is left as it was"
    told = {name: value for name, value in translation._asdict().items() if value != NOTHING[name]}
    assert json.loads(json.dumps(told)) == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("name", [name for name in GOLDEN if name != "parts"])
def test_every_reviewed_request_is_accepted_by_converse(name: str) -> None:
    # Media behind URLs are only in the body once they are fetched.
    assert_accepted(translated(copy.deepcopy(GOLDEN[name]), CLAUDE).body)


def test_codex_works_although_it_always_offers_to_search_the_web() -> None:
    body = request(tools=[WEATHER, {"type": "web_search", "external_web_access": True}])
    found = translated(body, headers={"originator": "codex_exec"})
    (tool,) = found.body["toolConfig"]["tools"]
    assert tool["toolSpec"]["name"] == "get_weather"
    assert "web_search withheld" in found.changes


def test_a_tool_is_known_by_what_it_is_now_and_not_by_what_was_called() -> None:
    body = request(
        USER, call("c1", "exec", '{"input":"a"}'), output("c1"), tools=[{**EXEC, "format": None}]
    )
    assert translated(body).tools == {"exec": ("custom", "exec", None)}


def test_a_guardrail_is_asked_for_by_headers() -> None:
    headers = {
        "x-amzn-bedrock-guardrailidentifier": "gr1",
        "x-amzn-bedrock-guardrailversion": "DRAFT",
    }
    config = translated(request(), headers=headers).body["guardrailConfig"]
    assert config == {"guardrailIdentifier": "gr1", "guardrailVersion": "DRAFT"}


def test_every_parameter_of_the_sdk_is_in_the_table() -> None:
    known = get_type_hints(response_create_params.ResponseCreateParamsBase).keys()
    assert known <= PARAMETERS.keys()


def types_in(union: Any) -> set[str]:
    """The values that `type` has in the members of a union of the SDK's types."""
    found: set[str] = set()
    waiting = [get_type_hints(member).get("type") for member in get_args(union)]
    while waiting:
        for argument in get_args(waiting.pop()):
            if isinstance(argument, str):
                found.add(argument)
            else:
                waiting.append(argument)
    return found


def test_every_type_of_item_and_tool_of_the_sdk_is_taken_or_refused_by_name() -> None:
    assert types_in(response_input_param.ResponseInputItemParam) <= {*ITEMS, *REFUSED}
    assert types_in(tool_param.ToolParam) <= {*KINDS, *HOSTED, "namespace"}


def test_everything_the_sdk_can_include_is_in_the_table() -> None:
    assert set(get_args(ResponseIncludable)) == INCLUDABLE.keys()
