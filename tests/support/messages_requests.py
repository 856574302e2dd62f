"""Messages requests of every form that is translated to Converse, and the translation of them."""

import base64
from typing import Any, NamedTuple

from catalog.families import UNKNOWN, Family
from router.dialects.anthropic_messages.request import to_converse
from router.dialects.converse.replay import seal

from tests.support.media import PDF, PNG

Json = dict[str, Any]


class Translated(NamedTuple):
    """What a request became."""

    body: Json
    stream: bool
    tool_names: dict[str, str]
    thinking_shown: bool
    document_titles: tuple[str | None, ...]
    service_tier: str
    changes: tuple[str, ...]


def translated(
    body: Json, family: Family = UNKNOWN, headers: dict[str, str] | None = None
) -> Translated:
    """Translates a request for a model of that family."""
    found = to_converse(body, family, headers)
    return Translated(
        found.draft.body,
        found.stream,
        found.tool_names,
        found.thinking_shown,
        found.document_titles,
        found.service_tier,
        tuple(sorted(found.draft.changes)),
    )


MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h", "scope": "global"}
CITED = {"enabled": True}

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "get_weather", "description": "The weather in a city.", "input_schema": CITY}

PNG_SOURCE = {
    "type": "base64",
    "media_type": "image/png",
    "data": base64.b64encode(PNG).decode(),
}
PDF_SOURCE = {
    "type": "base64",
    "media_type": "application/pdf",
    "data": base64.b64encode(PDF).decode(),
}
IMAGE = {"type": "image", "source": PNG_SOURCE}
NOTES = {"type": "text", "media_type": "text/plain", "data": "Oslo is cold."}
FOUND = {
    "type": "search_result",
    "source": "https://weather.test/oslo",
    "title": "Oslo",
    "content": [{"type": "text", "text": "4 °C."}],
}


def text(string: str, **members: Any) -> Json:
    return {"type": "text", "text": string, **members}


def user(*content: Any) -> Json:
    return {"role": "user", "content": list(content)}


def assistant(*content: Any) -> Json:
    return {"role": "assistant", "content": list(content)}


def system(*content: Any, **members: Any) -> Json:
    return {"role": "system", "content": list(content), **members}


def document(source: Json, **members: Any) -> Json:
    return {"type": "document", "source": source, **members}


def call(call_id: str, name: str = "get_weather", **members: Any) -> Json:
    return {
        "type": "tool_use",
        "id": call_id,
        "name": name,
        "input": {"city": "Oslo"},
        **members,
    }


def result(call_id: str, content: Any = "4 °C", **members: Any) -> Json:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content, **members}


QUESTION = {"role": "user", "content": "What is the weather in Oslo?"}


def request(*messages: Json, **parameters: Any) -> Json:
    return {
        "model": "some-model",
        "max_tokens": 4096,
        "messages": list(messages) or [QUESTION],
        **parameters,
    }


def thought(family: str, **members: Any) -> Json:
    """A thinking block as the router gave it of a model of that family, which signs nothing."""
    sealed = seal([{"reasoningContent": {"reasoningText": {"text": ""}}}], family)
    return {"type": "thinking", "thinking": "Look it up.", "signature": sealed, **members}


REQUESTS: dict[str, Json] = {
    "text": request(),
    "system": request(system="Be brief."),
    "system_blocks": request(
        system=[
            text("x-anthropic-billing-header: cc_version=2.1.330;"),
            text("Be brief.", cache_control=HOUR),
            text(" "),
        ]
    ),
    "system_turns": request(
        system(text("Be brief.")),
        QUESTION,
        {"role": "system", "content": "Celsius."},
        assistant(call("a")),
        system(text("Hurry.", cache_control=MARK)),
        user(result("a"), text("Well?")),
        system(text("Gone."), clear_at="next_user_message"),
        assistant(text("4 °C.")),
        QUESTION,
        system(text("Still here."), clear_at="next_user_message"),
        tools=[WEATHER],
    ),
    "blank_text": request(
        user(text(" "), text("")),
        {"role": "assistant", "content": ""},
        user(text("Still there?")),
    ),
    "nothing_but_marks": request(
        QUESTION,
        assistant(text(" ", cache_control=MARK)),
        assistant(text("", cache_control=MARK)),
        system=[text("", cache_control=MARK)],
    ),
    "neighbours_of_one_role": request(
        QUESTION,
        user(text("In Celsius.")),
        assistant(text("It is")),
        assistant(text("4 °C.")),
        user(text("Thanks.")),
    ),
    "assistant_first": request({"role": "assistant", "content": "Hello."}, QUESTION),
    "assistant_prefill": request(QUESTION, {"role": "assistant", "content": "It is {"}),
    "images": request(
        user(
            text("What are these?"),
            IMAGE,
            {**IMAGE, "cache_control": MARK},
            {"type": "image", "source": {"type": "url", "url": "https://media.test/a.png"}},
        )
    ),
    "documents": request(
        user(
            document(PDF_SOURCE, title="Report 2.0", context="Of the year."),
            document(NOTES),
            document({"type": "url", "url": "https://media.test/b.pdf"}, title="B"),
            document({"type": "content", "content": "Bergen is wet."}, title=None),
            document({"type": "content", "content": [text("Rome."), IMAGE]}, citations=None),
        )
    ),
    "cited_documents": request(
        user(
            document(PDF_SOURCE, title="Report", citations=CITED),
            document(NOTES, title="Report", citations=CITED, context="Of mine."),
            document(
                {"type": "content", "content": [text("A."), text(" "), text("B.")]},
                citations=CITED,
                cache_control=MARK,
            ),
            text("Which is coldest?"),
        )
    ),
    "search_results": request(
        user({**FOUND, "citations": CITED}, {**FOUND, "content": []}, text("Is it cold?"))
    ),
    "citations_of_an_answer": request(
        QUESTION,
        assistant(
            text("It is "),
            text(
                "4 °C.",
                citations=[
                    {
                        "type": "char_location",
                        "cited_text": "4 °C",
                        "document_index": 0,
                        "document_title": "Notes",
                        "start_char_index": 0,
                        "end_char_index": 4,
                    }
                ],
            ),
        ),
        user(text("And tomorrow?")),
    ),
    "tools": request(
        tools=[
            {**WEATHER, "type": "custom", "eager_input_streaming": True, "strict": True},
            {"name": "now", "input_schema": {}, "allowed_callers": ["direct"]},
            {**WEATHER, "name": "forecast", "input_examples": [{"city": "Oslo"}, {"city": "Rom"}]},
            {"name": "nothing", "input_schema": {"type": "object"}, "cache_control": MARK},
        ],
        tool_choice={"type": "auto"},
    ),
    "tools_of_anthropic": request(
        tools=[
            {"type": "bash_20250124", "name": "bash"},
            {
                "type": "text_editor_20250728",
                "name": "str_replace_based_edit_tool",
                "max_characters": 9000,
            },
            {
                "type": "computer_20250124",
                "name": "computer",
                "display_width_px": 1024,
                "display_height_px": 768,
                "display_number": 1,
            },
            {"type": "memory_20250818", "name": "memory", "cache_control": MARK},
        ]
    ),
    "deferred_tools": request(
        QUESTION,
        assistant(call("a", "find_tools")),
        user(result("a", [{"type": "tool_reference", "tool_name": "get_weather"}])),
        tools=[
            {"name": "find_tools", "input_schema": {"type": "object"}},
            {**WEATHER, "defer_loading": True},
            {**WEATHER, "name": "forecast", "defer_loading": True},
        ],
    ),
    "searched_tools": request(
        QUESTION,
        assistant(
            {
                "type": "server_tool_use",
                "id": "srvtoolu_1",
                "name": "tool_search_tool_bm25",
                "input": {"query": "weather"},
            },
            {
                "type": "tool_search_tool_result",
                "tool_use_id": "srvtoolu_1",
                "content": {
                    "type": "tool_search_tool_search_result",
                    "tool_references": [{"type": "tool_reference", "tool_name": "get_weather"}],
                },
            },
            call("a", caller={"type": "direct"}),
        ),
        user(result("a")),
        tools=[
            {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
            {**WEATHER, "defer_loading": True},
            {**WEATHER, "name": "forecast", "defer_loading": True},
        ],
    ),
    "changes_of_tools": request(
        QUESTION,
        system(
            {
                "type": "tool_addition",
                "tool": {
                    "type": "tool_definition",
                    "definition": {**WEATHER, "name": "forecast"},
                },
            },
            {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "get_weather"}},
            {
                "type": "tool_addition",
                "tool": {"type": "tool_reference", "name": "now"},
                "cache_control": MARK,
            },
        ),
        tools=[WEATHER, {"name": "now", "input_schema": {"type": "object"}, "defer_loading": True}],
    ),
    "tool_choice_any": request(
        tools=[WEATHER], tool_choice={"type": "any", "disable_parallel_tool_use": True}
    ),
    "tool_choice_named": request(
        tools=[WEATHER], tool_choice={"type": "tool", "name": "get_weather"}
    ),
    "tool_choice_none": request(tools=[WEATHER], tool_choice={"type": "none"}),
    "one_call_at_most": request(
        tools=[WEATHER], tool_choice={"type": "auto", "disable_parallel_tool_use": True}
    ),
    "parallel_results": request(
        QUESTION,
        assistant(text("I'll look."), call("a"), call("b", cache_control=MARK)),
        user(
            result("b", [text("4 °C"), IMAGE, document(NOTES, title="N"), FOUND]),
            result("a", "No such city.", is_error=True, cache_control=MARK),
            text("Hurry up."),
        ),
        tools=[WEATHER],
    ),
    "results_of_nothing": request(
        QUESTION,
        assistant(call("a"), call("b"), call("c", input={})),
        user(result("a", ""), result("b", []), {"type": "tool_result", "tool_use_id": "c"}),
        tools=[WEATHER],
    ),
    "calls_and_no_tools": request(QUESTION, assistant(call("a")), user(result("a"))),
    "names_and_ids_bedrock_refuses": request(
        QUESTION,
        assistant(call("call 1", "files.read"), call("x" * 65, f"mcp__{'very_' * 12}long__name")),
        user(result("call 1"), result("x" * 65)),
        assistant(call("call 1", "files.read")),
        user(result("call 1")),
        tools=[{**WEATHER, "name": "files.read"}],
        tool_choice={"type": "tool", "name": "files.read"},
    ),
    "thinking": request(
        QUESTION,
        assistant(thought("unknown"), text("I'll look."), call("a")),
        user(result("a")),
        tools=[WEATHER],
        thinking={"type": "adaptive", "display": "summarized"},
        output_config={"effort": "medium"},
    ),
    "thinking_of_others": request(
        QUESTION,
        assistant(
            thought("gpt-oss"),
            {"type": "thinking", "thinking": "Cut o", "signature": ""},
            {"type": "redacted_thinking", "data": "EqQB"},
            text("4 °C."),
        ),
        user(text("Thanks.")),
        thinking={"type": "enabled", "budget_tokens": 2048, "display": "omitted"},
    ),
    "thinking_disabled": request(thinking={"type": "disabled"}, output_config={"effort": "max"}),
    "effort_of_a_turn": request(
        QUESTION,
        {"role": "system", "output_config": {"effort": "low"}},
        output_config={"effort": "max", "task_budget": {"type": "tokens", "total": 20_000}},
    ),
    "json_answer": request(output_config={"format": {"type": "json_schema", "schema": CITY}}),
    "json_answer_as_in_the_beta": request(output_format={"type": "json_schema", "schema": CITY}),
    "hosted_tools_in_the_history": request(
        QUESTION,
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
                        "title": "Oslo",
                        "url": "https://weather.test/oslo",
                        "encrypted_content": "EqQB",
                        "page_age": None,
                    }
                ],
            },
            {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}},
            text("4 °C."),
        ),
        user(text("Thanks.")),
    ),
    "a_compacted_conversation": request(
        QUESTION,
        assistant(text("Long words.")),
        assistant({"type": "compaction", "content": "They spoke of Oslo.", "signature": "EqQB"}),
        user(text("Go on.")),
    ),
    "a_compacted_conversation_with_changes_of_tools": request(
        {
            "role": "user",
            "content": [
                {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "now"}},
                text("Words."),
            ],
        },
        assistant(
            {
                "type": "compaction",
                "content": "They spoke of Oslo.",
                "tool_changes": [
                    {
                        "type": "tool_removal",
                        "tool": {"type": "tool_reference", "name": "get_weather"},
                    }
                ],
            }
        ),
        user(
            text("Go on."),
            {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "x"}},
        ),
        assistant({"type": "compaction", "content": None}, text("Yes?")),
        QUESTION,
        tools=[WEATHER, {"name": "now", "input_schema": {}}],
    ),
    "what_says_nothing_to_a_model": request(
        user(
            document(NOTES, citations={"enabled": False}, context=" "), {**FOUND, "citations": {}}
        ),
        assistant(
            {"type": "mcp_tool_listing", "mcp_server_name": "a", "tools": []},
            {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}},
            text("Cold."),
        ),
        user(text("And now?")),
        tools=[
            {
                **WEATHER,
                "input_examples": [],
                "allowed_callers": ["direct", "code_execution_20260120"],
            }
        ],
    ),
    "sampling": request(
        temperature=0.2,
        top_p=1,
        top_k=5,
        stop_sequences=["\n\n", "END"],
        stream=True,
        service_tier="priority",
    ),
    "cached_whole": request(cache_control=MARK, system=[text("Be brief.", cache_control=MARK)]),
    "what_clients_send_as_a_matter_of_course": request(
        metadata={"user_id": '{"device_id":"d","session_id":"s"}'},
        anthropic_beta=["some-beta-2026-01-01"],
        betas=["another"],
        anthropic_version="2026-10-21",
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        service_tier="auto",
        inference_geo="global",
        mcp_servers=[],
        speed="standard",
        fallbacks="default",
        container=None,
        stream=False,
        top_k=None,
    ),
}
