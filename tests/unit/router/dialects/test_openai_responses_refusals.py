"""What Converse cannot be asked is refused by the name of the field, with what to do instead."""

import json
from typing import Any

import pytest
from catalog.families import UNKNOWN, Family, family_of
from router.dialects.openai_responses.items import REFUSED as REFUSED_ITEMS
from router.dialects.openai_responses.tools import HOSTED
from router.errors import ApiError

from tests.support.media import PDF_URL, PNG_URL
from tests.support.responses import translated


def request(*items: Any, **parameters: Any) -> dict[str, Any]:
    return {"model": "some-model", "input": list(items) or "Hi", **parameters}


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def function(**members: Any) -> dict[str, Any]:
    return {"type": "function", "name": "f", "parameters": None, **members}


def custom(**format_: Any) -> dict[str, Any]:
    return {"type": "custom", "name": "c", "format": format_}


def namespace(*tools: Any, name: Any = "n") -> dict[str, Any]:
    return {"type": "namespace", "name": name, "description": "", "tools": list(tools)}


def allowed(*tools: Any, mode: str = "auto") -> dict[str, Any]:
    return {"type": "allowed_tools", "mode": mode, "tools": list(tools)}


def json_form(**members: Any) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "name": "n", "schema": {}, **members}}


HI = {"role": "user", "content": "Hi"}
CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "x"}
REASONING = {"type": "reasoning", "summary": []}
DEEP: dict[str, Any] = {}
for _ in range(200):
    DEEP = {"a": DEEP}

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "no_input": ({"model": "m"}, "input"),
    "blank_input": (request() | {"input": " \n"}, "input"),
    "input_of_a_number": (request() | {"input": 7}, "input"),
    "instructions_not_a_string": (request(instructions=["a"]), "instructions"),
    "item_not_an_object": (request("Hi"), "input[0].type"),
    "item_without_a_type": (request({"content": "Hi"}), "input[0].type"),
    "item_of_an_unknown_type": (request({"type": "poem"}), "input[0].type"),
    "item_of_a_type_that_is_no_string": (request({"type": {}}), "input[0].type"),
    "reference_without_a_type": (request({"id": "msg_1"}), "input[0].type"),
    "unknown_role": (request({"role": "critic", "content": "x"}), "input[0].role"),
    "unknown_member": (request({**HI, "cards": 1}), "input[0].cards"),
    "message_without_content": (request({"role": "user"}), "input[0].content"),
    "unknown_part": (request(user({"type": "video"})), "input[0].content[0].type"),
    "part_of_another_role": (
        request({"role": "system", "content": [{"type": "input_image", "image_url": PNG_URL}]}),
        "input[0].content[0].type",
    ),
    "half_a_user": (request(user="\ud83d"), "user"),
    "text_of_null": (request(user({"type": "input_text"})), "input[0].content[0].text"),
    "half_a_surrogate_pair": (
        request(user({"type": "input_text", "text": "\ud83d"})),
        "input[0].content[0].text",
    ),
    "image_of_an_uploaded_file": (
        request(user({"type": "input_image", "file_id": "file_1"})),
        "input[0].content[0].file_id",
    ),
    "image_of_nothing": (
        request(user({"type": "input_image", "detail": "low"})),
        "input[0].content[0].image_url",
    ),
    "image_of_an_unknown_detail": (
        request(user({"type": "input_image", "image_url": PNG_URL, "detail": "huge"})),
        "input[0].content[0].detail",
    ),
    "image_over_http": (
        request(user({"type": "input_image", "image_url": "http://example.com/a.png"})),
        "input[0].content[0].image_url",
    ),
    "uploaded_file": (
        request(user({"type": "input_file", "file_id": "file_1"})),
        "input[0].content[0].file_id",
    ),
    "file_of_nothing": (request(user({"type": "input_file"})), "input[0].content[0]"),
    "file_in_two_forms": (
        request(
            user({"type": "input_file", "file_data": PDF_URL, "file_url": "https://a.example"})
        ),
        "input[0].content[0]",
    ),
    "file_data_of_a_url": (
        request(user({"type": "input_file", "file_data": "https://a.example/b.pdf"})),
        "input[0].content[0].file_data",
    ),
    "file_url_over_http": (
        request(user({"type": "input_file", "file_url": "http://a.example/b.pdf"})),
        "input[0].content[0].file_url",
    ),
    "file_name_not_a_string": (
        request(user({"type": "input_file", "file_data": PDF_URL, "filename": 7})),
        "input[0].content[0].filename",
    ),
    "audio_of_nothing": (
        request(user({"type": "input_audio", "input_audio": {}})),
        "input[0].content[0].input_audio.data",
    ),
    "call_without_an_id": (request(HI, {**CALL, "call_id": None}), "input[1].call_id"),
    "call_without_a_name": (request(HI, {**CALL, "name": ""}, OUTPUT), "input[1].name"),
    "call_in_a_namespace_of_a_number": (
        request(HI, {**CALL, "namespace": 7}, OUTPUT),
        "input[1].namespace",
    ),
    "arguments_not_a_string": (
        request(HI, {**CALL, "arguments": {}}, OUTPUT),
        "input[1].arguments",
    ),
    "custom_call_without_input": (
        request(HI, {"type": "custom_tool_call", "call_id": "c1", "name": "c"}, OUTPUT),
        "input[1].input",
    ),
    "call_that_nothing_answers": (request(HI, CALL), "input[1].call_id"),
    "output_of_no_call": (request(HI, OUTPUT), "input[1].call_id"),
    "output_of_nothing": (request(HI, CALL, {**OUTPUT, "output": None}), "input[2].output"),
    "output_of_audio": (
        request(HI, CALL, {**OUTPUT, "output": [{"type": "input_audio"}]}),
        "input[2].output[0].type",
    ),
    "encrypted_content_of_a_number": (
        request(HI, {**REASONING, "encrypted_content": 7}),
        "input[1].encrypted_content",
    ),
    "encrypted_content_that_is_damaged": (
        request(HI, {**REASONING, "encrypted_content": "bedrockrouter.1.e30="}),
        "input[1].encrypted_content",
    ),
    "additional_tools_of_nothing": (request({"type": "additional_tools"}, HI), "input[0].tools"),
    "tools_not_a_list": (request(tools={}), "tools"),
    "tool_not_an_object": (request(tools=["f"]), "tools[0].type"),
    "tool_of_an_unknown_type": (request(tools=[{"type": "magic"}]), "tools[0].type"),
    "tool_of_a_type_that_is_no_string": (request(tools=[{"type": []}]), "tools[0].type"),
    "tool_without_a_name": (request(tools=[function(name="")]), "tools[0].name"),
    "tool_twice": (request(tools=[function(), function()]), "tools[1].name"),
    "tool_of_half_a_name_of_nothing": (request(tools=[function(**{"\ud83d": None})]), "tools[0]"),
    "tool_cached_in_half_a_scope": (
        request(tools=[function(cache_control={"type": "ephemeral", "scope": "\ud83d"})]),
        "tools[0].cache_control.scope",
    ),
    "tool_of_a_deep_schema_that_is_dropped": (
        request(tools=[function(output_schema=json.loads('{"a":' * 200 + "1" + "}" * 200))]),
        "tools[0].output_schema",
    ),
    "tool_of_an_unknown_member": (request(tools=[function(color="red")]), "tools[0].color"),
    "tool_with_a_schema_of_no_object": (
        request(tools=[function(parameters={"type": "string"})]),
        "tools[0].parameters.type",
    ),
    "tool_nested_too_deep": (request(tools=[function(parameters=DEEP)]), "tools[0].parameters"),
    "tool_strict_in_words": (request(tools=[function(strict="yes")]), "tools[0].strict"),
    "tool_of_chat_completions": (
        request(tools=[{"type": "function", "function": {"name": "f"}}]),
        "tools[0].function",
    ),
    "custom_format_unknown": (request(tools=[custom(type="xml")]), "tools[0].format.type"),
    "custom_syntax_unknown": (
        request(tools=[custom(type="grammar", syntax="ebnf", definition="a")]),
        "tools[0].format.syntax",
    ),
    "custom_grammar_of_nothing": (
        request(tools=[custom(type="grammar", syntax="lark", definition="")]),
        "tools[0].format.definition",
    ),
    "namespace_without_a_name": (request(tools=[namespace(name="")]), "tools[0].name"),
    "namespace_of_a_hosted_tool": (
        request(tools=[namespace({"type": "shell"})]),
        "tools[0].tools[0].type",
    ),
    "namespaces_that_cannot_be_told_apart": (
        request(
            tools=[
                namespace(function(name="b__c"), name="a"),
                namespace(function(name="c"), name="a__b"),
            ]
        ),
        "tools[1].tools[0].name",
    ),
    "choice_unknown": (request(tools=[function()], tool_choice="often"), "tool_choice"),
    "choice_of_a_hosted_tool": (
        request(tools=[function()], tool_choice={"type": "file_search"}),
        "tool_choice.type",
    ),
    "choice_of_no_tool": (
        request(tools=[function()], tool_choice={"type": "function", "name": "g"}),
        "tool_choice.name",
    ),
    "choice_without_tools": (request(tool_choice="required"), "tool_choice"),
    "allowed_mode_unknown": (
        request(tools=[function()], tool_choice=allowed(mode="any")),
        "tool_choice.mode",
    ),
    "allowed_hosted_tool": (
        request(tools=[function()], tool_choice=allowed({"type": "mcp"})),
        "tool_choice.tools[0].type",
    ),
    "allowed_tool_not_offered": (
        request(tools=[function()], tool_choice=allowed({"type": "function", "name": "g"})),
        "tool_choice.tools[0].name",
    ),
    "text_not_an_object": (request(text="json"), "text"),
    "text_verbosity_unknown": (request(text={"verbosity": "epic"}), "text.verbosity"),
    "text_format_unknown": (request(text={"format": {"type": "xml"}}), "text.format.type"),
    "text_format_without_a_schema": (request(text=json_form(schema=None)), "text.format.schema"),
    "text_format_without_a_name": (request(text=json_form(name="")), "text.format.name"),
    "text_format_of_chat_completions": (
        request(text=json_form(json_schema={})),
        "text.format.json_schema",
    ),
    "effort_unknown": (request(reasoning={"effort": "heroic"}), "reasoning.effort"),
    "effort_not_a_string": (request(reasoning={"effort": ["low"]}), "reasoning.effort"),
    "summary_unknown": (request(reasoning={"summary": "short"}), "reasoning.summary"),
    "summary_empty": (request(reasoning={"summary": ""}), "reasoning.summary"),
    "include_not_a_list": (request(include="reasoning.encrypted_content"), "include"),
    "include_unknown": (request(include=["everything"]), "include[0]"),
    "include_logprobs": (request(include=["message.output_text.logprobs"]), "include[0]"),
    "metadata_of_numbers": (request(metadata={"a": 1}), "metadata"),
    "stream_in_words": (request(stream="yes"), "stream"),
    "stream_options_unknown": (request(stream_options={"pace": 1}), "stream_options.pace"),
    "temperature_too_high": (request(temperature=3), "temperature"),
    "limit_of_zero": (request(max_output_tokens=0), "max_output_tokens"),
    "service_tier_unknown": (request(service_tier="scale"), "service_tier"),
    "parallel_tool_calls_in_words": (request(parallel_tool_calls="no"), "parallel_tool_calls"),
    "background": (request(background=True), "background"),
    "conversation": (request(conversation="conv_1"), "conversation"),
    "context_management": (
        request(context_management=[{"type": "compaction"}]),
        "context_management",
    ),
    "moderation": (request(moderation={"model": "m"}), "moderation"),
    "previous_response": (request(previous_response_id="resp_1"), "previous_response_id"),
    "prompt": (request(prompt={"id": "p1"}), "prompt"),
    "store": (request(store=True), "store"),
    "top_logprobs": (request(top_logprobs=2), "top_logprobs"),
    "user_of_a_number": (request(user=7), "user"),
}


def refusal_of(body: dict[str, Any], family: Family = UNKNOWN) -> ApiError:
    with pytest.raises(ApiError) as refusal:
        translated(body, family)
    assert refusal.value.kind == "invalid_request"
    return refusal.value


@pytest.mark.parametrize("name", CASES)
def test_what_converse_cannot_be_asked_is_refused_by_name(name: str) -> None:
    body, param = CASES[name]
    refusal = refusal_of(body)
    assert refusal.param == param
    assert refusal.message.startswith(f"{param} ")


@pytest.mark.parametrize("kind", HOSTED)
def test_a_tool_that_only_openai_has_is_refused_with_what_to_do_instead(kind: str) -> None:
    refusal = refusal_of(request(tools=[function(), {"type": kind}]))
    assert refusal.param == "tools[1].type"
    assert kind in refusal.message
    assert HOSTED[kind] in refusal.message


@pytest.mark.parametrize("kind", REFUSED_ITEMS)
def test_an_item_that_only_openai_has_is_refused_by_name(kind: str) -> None:
    refusal = refusal_of(request(HI, {"type": kind, "id": "x_1"}))
    assert refusal.param == "input[1].type"
    assert REFUSED_ITEMS[kind] in refusal.message


def test_a_reference_is_refused_with_the_setting_that_has_clients_send_items() -> None:
    message = refusal_of(request(HI, {"type": "item_reference", "id": "msg_1"})).message
    assert "store is false" in message
    assert "providerOptions.openai.store = false" in message


@pytest.mark.parametrize("name", ["conversation", "previous_response", "store"])
def test_what_needs_a_memory_is_refused_with_what_to_do_without(name: str) -> None:
    assert "send the whole conversation as input" in refusal_of(CASES[name][0]).message


def test_only_codex_has_its_search_withheld() -> None:
    body = request(tools=[{"type": "web_search"}])
    with pytest.raises(ApiError, match="web_search"):
        translated(body, headers={"originator": "my_agent"})


def test_codex_is_refused_what_it_does_not_offer_as_a_matter_of_course() -> None:
    body = request(tools=[{"type": "image_generation"}])
    with pytest.raises(ApiError, match="image_generation"):
        translated(body, headers={"originator": "codex_exec"})


def test_a_model_that_takes_no_tools_refuses_them() -> None:
    family = family_of("amazon.titan-text-express-v1")
    assert not family.tools
    assert refusal_of(request(tools=[function()]), family).param == "tools"
