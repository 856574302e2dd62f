"""Responses requests of every form that is translated."""

from typing import Any

from tests.support.media import PDF_URL, PNG_URL

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

REQUESTS: dict[str, dict[str, Any]] = {
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
