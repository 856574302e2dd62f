"""Requests of every form that Bedrock's own OpenAI API takes."""

from typing import Any

from router.dialects.converse.replay import seal

from tests.support.native import GROK, SOL, TERRA

PIXEL = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="
DATA_URL = f"data:image/gif;base64,{PIXEL}"
URL = "https://example.com/a.gif"

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
USER = {"role": "user", "content": "What is the weather in Oslo?"}
FUNCTION = {"name": "get_weather", "description": "The weather", "parameters": SCHEMA}
CHAT_TOOL = {"type": "function", "function": {**FUNCTION, "strict": True}}
TOOL = {"type": "function", **FUNCTION, "strict": True}
MCP_TOOLS = {
    "type": "namespace",
    "name": "mcp__files__",
    "description": "Files",
    "tools": [{"type": "function", "name": "read", "parameters": {"type": "object"}}],
}
WEB_SEARCH = {"type": "web_search", "external_web_access": True}


def asked(model: str = GROK, *messages: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {"model": model, "messages": list(messages) or [USER], **parameters}


def wanted(model: str = SOL, given: Any = "Hi", **parameters: Any) -> dict[str, Any]:
    return {"model": model, "input": given, **parameters}


CHATS: dict[str, dict[str, Any]] = {
    "bare": asked(),
    "all_parameters": asked(
        GROK,
        frequency_penalty=0,
        logit_bias={},
        logprobs=False,
        max_completion_tokens=100,
        metadata={"team": "a"},
        modalities=["text"],
        n=1,
        parallel_tool_calls=False,
        presence_penalty=0.0,
        prompt_cache_key="a",
        prompt_cache_options={"mode": "implicit"},
        prompt_cache_retention="24h",
        reasoning_effort="low",
        response_format={"type": "text"},
        safety_identifier="someone",
        seed=7,
        service_tier="auto",
        stop=[],
        store=False,
        stream=True,
        stream_options={"include_usage": True, "include_obfuscation": False},
        temperature=1.5,
        tool_choice="auto",
        tools=[CHAT_TOOL],
        top_logprobs=0,
        top_p=0.9,
        user="someone",
        verbosity="low",
    ),
    "nulls": asked(GROK, temperature=None, tools=None, response_format=None, stop=None),
    "older_limit": asked(GROK, max_tokens=50),
    "both_limits": asked(GROK, max_tokens=50, max_completion_tokens=60),
    "tiny_limit": asked(GROK, max_tokens=1),
    "stop": asked(GROK, stop=["\n"]),
    "penalties": asked(GROK, frequency_penalty=0.5, presence_penalty=-0.5),
    "no_reasoning": asked(GROK, reasoning_effort="none"),
    "most_reasoning": asked(GROK, reasoning_effort="max"),
    "store": asked(GROK, store=True),
    "usage_not_wanted": asked(GROK, stream=True),
    "whole_with_stream_options": asked(GROK, stream=False, stream_options={"include_usage": True}),
    "faster": asked(GROK, service_tier="fast"),
    "no_tools": asked(GROK, tools=[], tool_choice="none", parallel_tool_calls=True),
    "schema": asked(
        GROK,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "place", "schema": SCHEMA, "strict": True},
        },
    ),
    "conversation": asked(
        GROK,
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is it?", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": DATA_URL, "detail": "low"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "annotations": [],
            "audio": None,
            "function_call": None,
            "reasoning_content": "A pixel.",
            "reasoning_details": [{"type": "reasoning.text", "text": "A pixel."}],
            "parsed": None,
            "tool_calls": [
                {
                    "index": 0,
                    "id": "call_1",
                    "type": "function",
                    "function": {
                        "name": "get_weather",
                        "arguments": '{"city":"Oslo"}',
                        "parsed_arguments": {"city": "Oslo"},
                    },
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "4 °C"},
        {"role": "assistant", "content": "It is cold.", "tool_calls": []},
        tools=[CHAT_TOOL],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
    ),
}

WANTED: dict[str, dict[str, Any]] = {
    "bare": wanted(),
    "all_parameters": wanted(
        TERRA,
        background=False,
        client_metadata={"session": "1"},
        context_management=[{"type": "compaction", "compact_threshold": 100000}],
        include=["reasoning.encrypted_content"],
        instructions="Be brief.",
        max_output_tokens=100,
        max_tool_calls=3,
        metadata={"team": "a"},
        parallel_tool_calls=False,
        previous_response_id="resp_1",
        prompt_cache_key="a",
        prompt_cache_options={"mode": "explicit", "ttl": "30m"},
        prompt_cache_retention="in_memory",
        reasoning={"effort": "none", "summary": "auto"},
        safety_identifier="someone",
        service_tier="default",
        store=True,
        stream=True,
        stream_options={"include_obfuscation": False},
        temperature=0.5,
        text={"format": {"type": "json_schema", "name": "p", "schema": SCHEMA}, "verbosity": "low"},
        tool_choice={"type": "function", "name": "get_weather"},
        tools=[TOOL],
        top_logprobs=0,
        top_p=0.9,
        truncation="disabled",
        user="someone",
    ),
    "store_not_wanted": wanted(store=False),
    "store_wanted": wanted(store=True),
    "summary": wanted(reasoning={"effort": "high", "summary": "detailed"}),
    "least_reasoning": wanted(SOL, reasoning={"effort": "none"}),
    "minimal_reasoning": wanted(TERRA, reasoning={"effort": "minimal"}),
    "sampling": wanted(SOL, temperature=0.2, top_p=1),
    "sampling_of_grok": wanted(GROK, temperature=0.2, top_p=0.5),
    "tiny_limit": wanted(SOL, max_output_tokens=1),
    "previous": wanted(SOL, "And now?", previous_response_id="resp_1"),
    "client_tools": wanted(
        SOL,
        tools=[
            TOOL,
            MCP_TOOLS,
            {"type": "custom", "name": "run", "format": {"type": "text"}},
            {"type": "apply_patch"},
            {"type": "tool_search"},
            {"type": "computer"},
        ],
    ),
    "conversation": wanted(
        SOL,
        [
            {"role": "developer", "content": "Be brief."},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {
                        "type": "input_text",
                        "text": "What is it?",
                        "prompt_cache_breakpoint": {"mode": "explicit"},
                    },
                    {"type": "input_image", "image_url": DATA_URL, "detail": "auto"},
                ],
            },
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
            {"type": "reasoning", "id": "rs_2", "summary": []},
            {
                "type": "reasoning",
                "id": "rs_3",
                "summary": [],
                "encrypted_content": seal([], "claude"),
            },
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": "get_weather",
                "arguments": "{}",
                "parsed_arguments": {},
                "status": "completed",
            },
            {"type": "function_call_output", "call_id": "call_1", "output": "4 °C"},
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "phase": "final_answer",
                "content": [
                    {"type": "output_text", "text": "Cold.", "annotations": [], "parsed": None}
                ],
            },
            {"role": "user", "content": "Thanks"},
        ],
        tools=[TOOL],
    ),
}
