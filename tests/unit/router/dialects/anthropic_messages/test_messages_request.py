"""Messages requests become Converse requests, or are refused by the name of a field."""

import copy
from base64 import b64encode
from typing import Any

import pytest
from anthropic.types import message_create_params
from anthropic.types.beta import message_create_params as beta_params
from catalog.families import UNKNOWN, family_of
from router.dialects.anthropic_messages.parameters import PARAMETERS
from router.dialects.anthropic_messages.request import to_converse
from router.dialects.converse.media import attach
from router.errors import ApiError
from router.fetching import Fetched
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.converse import assert_accepted
from tests.support.drafts import family
from tests.support.media import PNG
from tests.support.messages_requests import (
    FOUND,
    IMAGE,
    NOTES,
    PDF_SOURCE,
    PNG_SOURCE,
    QUESTION,
    REQUESTS,
    WEATHER,
    assistant,
    call,
    document,
    request,
    result,
    system,
    text,
    thought,
    translated,
    user,
)

NOTHING = translated(request())._replace(body={})._asdict()


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_becomes_the_reviewed_converse_request(
    name: str, snapshot: SnapshotAssertion
) -> None:
    body = copy.deepcopy(REQUESTS[name])
    translation = translated(body)
    assert body == REQUESTS[name], "the client's request is left as it was"
    if "https:" not in repr(translation.body) + repr(body):
        assert_accepted(translation.body)
    told = {name: value for name, value in translation._asdict().items() if value != NOTHING[name]}
    assert told == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("name", ["documents", "cited_documents", "search_results", "thinking"])
def test_a_model_that_cites_nothing_gets_the_reviewed_request(
    name: str, snapshot: SnapshotAssertion
) -> None:
    translation = translated(REQUESTS[name], family("gpt-oss"))
    assert {
        "body": translation.body,
        "changes": translation.changes,
    } == snapshot(extension_class=JSONSnapshotExtension)


def block(value: Any) -> dict[str, Any]:
    return request(user(value))


def tool(**members: Any) -> dict[str, Any]:
    return request(tools=[{**WEATHER, **members}])


def source(value: Any) -> dict[str, Any]:
    return block(document(value))


REFUSED = {
    "no_max_tokens": ({"model": "m", "messages": [QUESTION]}, "max_tokens"),
    "max_tokens_zero": (request(max_tokens=0), "max_tokens"),
    "max_tokens_of_true": (request(max_tokens=True), "max_tokens"),
    "no_messages": ({"model": "m", "max_tokens": 9}, "messages"),
    "empty_messages": (request() | {"messages": []}, "messages"),
    "messages_of_a_string": (request() | {"messages": "Hi"}, "messages"),
    "blank_messages": (request(user(text(" "))), "messages"),
    "message_not_an_object": (request() | {"messages": ["Hi"]}, "messages[0].role"),
    "unknown_role": (request({"role": "tool", "content": "x"}), "messages[0].role"),
    "unknown_message_field": (request({**QUESTION, "name": "x"}), "messages[0].name"),
    "message_without_content": (request({"role": "user"}), "messages[0].content"),
    "content_of_a_number": (request({"role": "user", "content": 7}), "messages[0].content"),
    "unknown_block": (block({"type": "video"}), "messages[0].content[0].type"),
    "block_not_an_object": (block("Hi"), "messages[0].content[0].type"),
    "unknown_block_field": (block(text("Hi", bold=True)), "messages[0].content[0].bold"),
    "text_of_null": (block({"type": "text", "text": None}), "messages[0].content[0].text"),
    "half_a_surrogate_pair": (block(text("\ud83d")), "messages[0].content[0].text"),
    "image_of_the_assistant": (request(assistant(IMAGE)), "messages[0].content[0].type"),
    "call_of_the_user": (block(call("a")), "messages[0].content[0].type"),
    "thinking_of_the_user": (block(thought("unknown")), "messages[0].content[0].type"),
    "damaged_thinking": (
        request(QUESTION, assistant(thought("unknown", signature="bedrockrouter.1.%"))),
        "messages[1].content[0].signature",
    ),
    "image_in_a_system_turn": (request(QUESTION, system(IMAGE)), "messages[1].content[0].type"),
    "unknown_time_to_clear": (
        request(QUESTION, system(text("x"), clear_at="noon")),
        "messages[1].clear_at",
    ),
    "unknown_effort_of_a_turn": (
        request(QUESTION, system(output_config={"effort": "huge"})),
        "messages[1].output_config.effort",
    ),
    "system_of_a_number": (request(system=7), "system"),
    "system_of_strings": (request(system=["Hi"]), "system[0]"),
    "image_in_the_system_prompt": (
        request(system=[text("x-anthropic-billing-header: a"), IMAGE]),
        "system[1].type",
    ),
    "image_by_file": (
        block({"type": "image", "source": {"type": "file", "file_id": "f"}}),
        "messages[0].content[0].source",
    ),
    "image_not_base64": (
        block({"type": "image", "source": {**PNG_SOURCE, "data": "%%%%"}}),
        "messages[0].content[0].source.data",
    ),
    "image_of_an_unknown_type": (
        block({"type": "image", "source": {**PNG_SOURCE, "media_type": "image/tiff"}}),
        "messages[0].content[0].source.media_type",
    ),
    "image_by_http": (
        block({"type": "image", "source": {"type": "url", "url": "http://media.test/a.png"}}),
        "messages[0].content[0].source.url",
    ),
    "image_without_source": (block({"type": "image"}), "messages[0].content[0].source.type"),
    "document_by_file": (
        source({"type": "file", "file_id": "f"}),
        "messages[0].content[0].source",
    ),
    "document_in_a_data_url": (
        source({"type": "url", "url": "data:application/pdf;base64,JVBERi0x"}),
        "messages[0].content[0].source.url",
    ),
    "document_of_another_type": (
        source({**PDF_SOURCE, "media_type": "text/html"}),
        "messages[0].content[0].source.media_type",
    ),
    "text_of_another_type": (
        source({**NOTES, "media_type": "text/html"}),
        "messages[0].content[0].source.media_type",
    ),
    "blank_document": (source({**NOTES, "data": " "}), "messages[0].content[0].source.data"),
    "document_of_nothing": (
        source({"type": "content", "content": []}),
        "messages[0].content[0].source.content",
    ),
    "document_of_documents": (
        source({"type": "content", "content": [document(NOTES)]}),
        "messages[0].content[0].source.content[0].type",
    ),
    "title_of_a_number": (block(document(NOTES, title=7)), "messages[0].content[0].title"),
    "citations_of_a_string": (
        block(document(NOTES, citations={"enabled": "yes"})),
        "messages[0].content[0].citations.enabled",
    ),
    "search_result_without_source": (
        block({**FOUND, "source": None}),
        "messages[0].content[0].source",
    ),
    "search_result_of_images": (
        block({**FOUND, "content": [IMAGE]}),
        "messages[0].content[0].content[0].type",
    ),
    "upload": (
        block({"type": "container_upload", "file_id": "f"}),
        "messages[0].content[0]",
    ),
    "unknown_lifetime": (
        block(text("Hi", cache_control={"type": "ephemeral", "ttl": "1d"})),
        "messages[0].content[0].cache_control.ttl",
    ),
    "call_without_id": (
        request(QUESTION, assistant(call(""))),
        "messages[1].content[0].id",
    ),
    "call_with_a_list": (
        request(QUESTION, assistant(call("a", input=[1]))),
        "messages[1].content[0].input",
    ),
    "one_id_for_two_calls": (
        request(QUESTION, assistant(call("a"), call("a"))),
        "messages[1].content[1].id",
    ),
    "call_without_result": (
        request(QUESTION, assistant(call("a"), call("b")), user(result("a"))),
        "messages[1].content[1].id",
    ),
    "result_without_call": (
        request(user(result("a"))),
        "messages[0].content[0].tool_use_id",
    ),
    "second_result": (
        request(QUESTION, assistant(call("a")), user(result("a"), result("a"))),
        "messages[2].content[1].tool_use_id",
    ),
    "result_with_a_call": (
        request(QUESTION, assistant(call("a")), user(result("a", [call("b")]))),
        "messages[2].content[0].content[0].type",
    ),
    "is_error_of_a_string": (
        request(QUESTION, assistant(call("a")), user(result("a", is_error="no"))),
        "messages[2].content[0].is_error",
    ),
    "tools_not_a_list": (request(tools={}), "tools"),
    "tool_not_an_object": (request(tools=["weather"]), "tools[0]"),
    "tool_without_name": (tool(name=None), "tools[0].name"),
    "tool_of_another_api": (tool(type="function"), "tools[0].type"),
    "tool_of_a_list_for_a_type": (tool(type=[]), "tools[0].type"),
    "tool_with_a_stranger": (tool(parameters={}), "tools[0].parameters"),
    "schema_of_a_string": (tool(input_schema={"type": "string"}), "tools[0].input_schema.type"),
    "tool_for_code_alone": (
        tool(allowed_callers=["code_execution_20260120"]),
        "tools[0].allowed_callers",
    ),
    "example_of_a_string": (tool(input_examples=["Oslo"]), "tools[0].input_examples[0]"),
    "two_tools_of_one_name": (request(tools=[WEATHER, WEATHER]), "tools[1].name"),
    "hosted_search": (
        request(tools=[{"type": "web_search_20250305", "name": "web_search"}]),
        "tools[0].type",
    ),
    "hosted_servers": (
        request(tools=[WEATHER, {"type": "mcp_toolset", "mcp_server_name": "a"}]),
        "tools[1].type",
    ),
    "toolset_of_claude_s": (
        request(tools=[{"type": "computer_toolset_20260801"}]),
        "tools[0].type",
    ),
    "added_server": (
        request(
            QUESTION,
            system(
                {
                    "type": "tool_addition",
                    "tool": {"type": "mcp_toolset_reference", "server_name": "a"},
                }
            ),
        ),
        "messages[1].content[0].tool.type",
    ),
    "removed_definition": (
        request(
            QUESTION,
            system(
                {
                    "type": "tool_removal",
                    "tool": {"type": "tool_definition", "definition": WEATHER},
                }
            ),
        ),
        "messages[1].content[0].tool.type",
    ),
    "added_tool_of_a_broken_kind": (
        request(
            QUESTION,
            system(
                {
                    "type": "tool_addition",
                    "tool": {
                        "type": "tool_definition",
                        "definition": {"name": "a", "input_schema": []},
                    },
                }
            ),
        ),
        "messages[1].content[0].tool.definition.input_schema",
    ),
    "tool_choice_of_a_string": (request(tools=[WEATHER], tool_choice="auto"), "tool_choice.type"),
    "tool_choice_without_tools": (request(tool_choice={"type": "any"}), "tool_choice"),
    "tool_choice_of_an_absent_tool": (
        request(tools=[WEATHER], tool_choice={"type": "tool", "name": "now"}),
        "tool_choice.name",
    ),
    "unknown_thinking": (request(thinking={"type": "hard"}), "thinking.type"),
    "thinking_of_a_string": (request(thinking="adaptive"), "thinking.type"),
    "thinking_without_budget": (request(thinking={"type": "enabled"}), "thinking.budget_tokens"),
    "thinking_of_a_small_budget": (
        request(thinking={"type": "enabled", "budget_tokens": 1023}),
        "thinking.budget_tokens",
    ),
    "unknown_display": (
        request(thinking={"type": "adaptive", "display": "loud"}),
        "thinking.display",
    ),
    "unknown_effort": (request(output_config={"effort": "minimal"}), "output_config.effort"),
    "unknown_format": (
        request(output_config={"format": {"type": "xml"}}),
        "output_config.format.type",
    ),
    "format_without_schema": (
        request(output_config={"format": {"type": "json_schema"}}),
        "output_config.format.schema",
    ),
    "older_format_without_schema": (
        request(output_format={"type": "json_schema"}),
        "output_format.schema",
    ),
    "temperature_above_one": (request(temperature=1.1), "temperature"),
    "top_k_negative": (request(top_k=-1), "top_k"),
    "stop_of_a_string": (request(stop_sequences="END"), "stop_sequences"),
    "empty_stop": (request(stop_sequences=["a", ""]), "stop_sequences[1]"),
    "too_many_stops": (request(stop_sequences=["a"] * 2501), "stop_sequences"),
    "stream_of_a_string": (request(stream="yes"), "stream"),
    "unknown_tier": (request(service_tier="batch"), "service_tier"),
    "metadata_of_a_string": (request(metadata="me"), "metadata"),
    "unknown_metadata": (request(metadata={"team": "a"}), "metadata.team"),
    "kept_thread": (request(thread={"type": "create"}), "thread"),
    "compaction": (request(compaction={"type": "summarize"}), "compaction"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_converse_cannot_be_asked_is_refused_by_name(name: str) -> None:
    body, param = REFUSED[name]
    with pytest.raises(ApiError) as refusal:
        translated(body)
    assert (refusal.value.kind, refusal.value.param) == ("invalid_request", param)
    assert refusal.value.message.startswith(param)


def test_an_unknown_field_is_refused_in_the_words_that_clients_look_for() -> None:
    with pytest.raises(ApiError) as refusal:
        translated(request(reasoning_effort="high"))
    assert refusal.value.message == "reasoning_effort: Extra inputs are not permitted"


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_that_is_not_translated_takes_its_neutral_values(name: str) -> None:
    parameter = PARAMETERS[name]
    for value in (None, *parameter.neutral):
        assert translated(request(**{name: value} if value is not None else {})).changes == ()
    if not parameter.translated:
        with pytest.raises(ApiError) as refusal:
            translated(request(**{name: 0.5}))
        assert refusal.value.param == name


@pytest.mark.parametrize("params", [message_create_params, beta_params])
def test_every_parameter_of_the_sdk_is_in_the_table(params: Any) -> None:
    assert params.MessageCreateParamsBase.__annotations__.keys() | {"stream"} <= PARAMETERS.keys()


@pytest.mark.parametrize("user_id", ['{"a": 1}', "", None, "é" * 9000, "a\0b"])
def test_no_user_makes_a_call_fail(user_id: Any) -> None:
    found = translated(request(metadata={"user_id": user_id}))
    assert (found.body, found.changes) == (translated(request()).body, ())


@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21", "tomorrow"])
def test_no_version_and_no_beta_makes_a_call_fail(version: str) -> None:
    headers = {"anthropic-version": version, "anthropic-beta": "a, unknown-2027-01-01,,"}
    assert translated(request(), headers=headers) == translated(request())


def test_a_guardrail_is_applied_by_its_headers() -> None:
    headers = {
        "x-amzn-bedrock-guardrailidentifier": "abc123",
        "x-amzn-bedrock-guardrailversion": "1",
        "x-amzn-bedrock-trace": "ENABLED",
    }
    assert translated(request(), headers=headers).body["guardrailConfig"] == {
        "guardrailIdentifier": "abc123",
        "guardrailVersion": "1",
        "trace": "enabled",
    }


THINKING: dict[str, dict[str, Any]] = {
    "off": {"thinking": {"type": "disabled"}},
    "off_at_max": {"thinking": {"type": "disabled"}, "output_config": {"effort": "max"}},
    "between_tools": {"thinking": {"type": "between_tools"}},
    "unsaid": {},
    "adaptive": {"thinking": {"type": "adaptive"}},
    "adaptive_unseen": {"thinking": {"type": "adaptive", "display": "omitted"}},
    "adaptive_low": {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
    "effort_alone": {"output_config": {"effort": "medium"}},
    "budget": {"thinking": {"type": "enabled", "budget_tokens": 2000, "display": "summarized"}},
}

THINKERS = (
    "claude-4-5",
    "claude-4-7",
    "claude-5",
    "claude-opus-5",
    "claude-sonnet-5-5",
    "nova",
    "nova-2",
    "gpt-oss",
    "gpt-5-6",
)


@pytest.mark.parametrize("name", THINKERS)
def test_thinking_is_asked_for_in_the_family_s_words(
    name: str, snapshot: SnapshotAssertion
) -> None:
    asked = {}
    for wish, parameters in THINKING.items():
        found = translated(request(**parameters), family(name))
        asked[wish] = {
            "fields": found.body.get("additionalModelRequestFields", {}),
            "changes": found.changes,
            "thinking_shown": found.thinking_shown,
        }
    assert asked == snapshot(extension_class=JSONSnapshotExtension)


def test_a_claude_is_asked_which_stop_sequence_it_met() -> None:
    row = family_of("anthropic.claude-sonnet-5")
    body = translated(request(stop_sequences=["END"]), row).body
    assert body["additionalModelResponseFieldPaths"] == ["/stop_sequence", "/delta/stop_sequence"]
    assert "additionalModelResponseFieldPaths" not in translated(request(), row).body


def test_documents_are_told_apart_by_the_client_s_titles() -> None:
    found = translated(REQUESTS["cited_documents"])
    documents = [
        block["document"]["name"]
        for block in found.body["messages"][0]["content"]
        if "document" in block
    ]
    assert found.document_titles == ("Report", "Report", None)
    assert len(set(documents)) == len(documents)


def test_a_tool_keeps_its_stand_in_whatever_else_is_in_the_request() -> None:
    def name_in(body: dict[str, Any]) -> str:
        return str(translated(body).body["toolConfig"]["tools"][-1]["toolSpec"]["name"])

    dotted = {**WEATHER, "name": "files.read"}
    assert name_in(request(tools=[dotted])) == name_in(request(QUESTION, tools=[WEATHER, dotted]))


def test_a_long_history_is_translated_whole() -> None:
    turns = 600
    history: list[dict[str, Any]] = [QUESTION]
    for number in range(turns):
        history += [assistant(call(f"c{number}")), user(result(f"c{number}", "z" * 5000))]
    messages = translated(request(*history, tools=[WEATHER])).body["messages"]
    assert len(messages) == 1 + 2 * turns
    assert all(
        block["toolResult"]["content"] == [{"text": "z" * 5000}]
        for message in messages[2::2]
        for block in message["content"]
    )


@pytest.mark.parametrize("name", ["gpt-oss", "claude-5"])
def test_thinking_goes_back_to_the_family_that_wrote_it(name: str) -> None:
    sent = thought(name) if name == "gpt-oss" else {**thought(name), "signature": "EqQB"}
    body = request(QUESTION, assistant(sent, call("a")), user(result("a")), tools=[WEATHER])
    turn = translated(body, family(name)).body["messages"][1]["content"]
    signed = {} if name == "gpt-oss" else {"signature": "EqQB"}
    assert turn[0] == {"reasoningContent": {"reasoningText": {"text": "Look it up.", **signed}}}
    assert "toolUse" in turn[1]


def test_a_document_in_words_is_text_to_a_model_that_cites_nothing() -> None:
    told = document(NOTES, title="N", context="Written in May.")
    found = translated(request(user(told)), family("gpt-oss"))
    assert found.body["messages"][0]["content"] == [
        {"text": "About the next document: Written in May."},
        {"text": "Document: N\n\nOslo is cold."},
    ]
    assert found.changes == ()


@pytest.mark.parametrize("kind", ["web_search_20250305", "web_fetch_20260318", "code_execution"])
def test_a_hosted_tool_is_refused_with_what_to_do(kind: str) -> None:
    with pytest.raises(ApiError, match="offer a function of your own") as refusal:
        translated(request(tools=[{"type": kind, "name": "hosted"}]))
    assert kind in refusal.value.message


def test_what_is_named_by_its_url_is_completed_where_it_stands() -> None:
    picture = {"type": "image", "source": {"type": "url", "url": "https://media.test/a"}}
    remote = {"type": "url", "url": "https://media.test/b"}
    report = document(remote, title="Report 2.0", citations={"enabled": True})
    body = request(
        QUESTION, assistant(call("a")), user(result("a", [picture, report])), tools=[WEATHER]
    )
    draft = to_converse(body, UNKNOWN).draft
    attach(draft.remote, [Fetched(PNG, "image/png"), Fetched(b"Cold.", "text/plain")])
    assert_accepted(draft.body)
    image, written = draft.body["messages"][2]["content"][0]["toolResult"]["content"]
    assert image["image"]["format"] == "png"
    assert written["document"] == {
        "name": "Report 2 0",
        "format": "txt",
        "source": {"bytes": b64encode(b"Cold.").decode()},
        "citations": {"enabled": True},
    }
