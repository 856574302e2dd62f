"""Chat Completions requests become Converse requests, or are refused by the name of a field."""

import copy
import json
from typing import Any

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk, completion_create_params
from router.dialects.converse.tools import NAME_CHARACTERS, stand_in
from router.dialects.openai_chat.parameters import PARAMETERS
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.chat import translated
from tests.support.converse import assert_accepted

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

USER = {"role": "user", "content": "What is the weather in Oslo?"}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def request(*messages: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {"model": "some-model", "messages": list(messages) or [USER], **parameters}


def call(
    call_id: str, name: str = "get_weather", arguments: Any = '{"city":"Oslo"}'
) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(*made: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(made), **members}


def result(call_id: str, content: Any = "4 °C") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def image(url: str = f"data:image/png;base64,{PNG}", **members: Any) -> dict[str, Any]:
    return {
        "role": "user",
        "content": [{"type": "image_url", "image_url": {"url": url, **members}}],
    }


GOLDEN = {
    "text": request(),
    "instructions_from_system_and_developer": request(
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
        USER,
    ),
    "instructions_in_mid_conversation": request(
        USER,
        {"role": "assistant", "content": "Cold."},
        {"role": "system", "content": "Answer in Norwegian."},
        {"role": "user", "content": "And tomorrow?"},
    ),
    "parts": request(
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                image()["content"][0],
                {"type": "text", "text": "And this?"},
                image(f"data:image/jpg;base64,{PNG}", detail="high")["content"][0],
            ],
        }
    ),
    "neighbours_of_one_role": request(
        USER,
        {"role": "user", "content": "In Celsius."},
        {"role": "assistant", "content": "It is"},
        {"role": "assistant", "content": [{"type": "text", "text": "4 °C."}]},
        {"role": "user", "content": "Thanks."},
    ),
    "blank_text": request(
        {"role": "user", "content": " \n"},
        {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "Still there?"},
    ),
    "assistant_first": request({"role": "assistant", "content": "How can I help?"}, USER),
    "instructions_only": request({"role": "system", "content": "Tell a joke."}),
    "tools": request(
        tools=[
            WEATHER,
            {"type": "function", "function": {"name": "now", "description": " "}},
            {
                "type": "function",
                "function": {"name": "list", "parameters": {}, "strict": True},
                "cache_control": {"type": "ephemeral"},
            },
            {
                "type": "function",
                "function": {"name": "loose", "parameters": None, "strict": False},
            },
        ],
        tool_choice="auto",
    ),
    "tool_choice_required": request(tools=[WEATHER], tool_choice="required"),
    "tool_choice_named": request(
        tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "get_weather"}}
    ),
    "tool_choice_none": request(tools=[WEATHER], tool_choice="none"),
    "tool_choice_none_after_calls": request(
        USER, calls(call("a")), result("a"), tools=[WEATHER], tool_choice="none"
    ),
    "parallel_tool_results_beside_text": request(
        USER,
        calls(call("a"), call("b", arguments='{"city":"Bergen"}'), content="I'll look."),
        {"role": "user", "content": "Hurry up."},
        result("b", [{"type": "text", "text": "6 °C"}, {"type": "text", "text": "rain"}]),
        {**result("a"), "name": "get_weather"},
        tools=[WEATHER],
    ),
    "tool_calls_without_arguments": request(
        USER,
        calls(call("a", "now", ""), call("b", "now", None), call("c", "now", "{}")),
        result("a", ""),
        result("b", "12:00"),
        result("c", [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}]),
        tools=[{"type": "function", "function": {"name": "now"}}],
    ),
    "tool_calls_and_no_tools": request(
        USER,
        calls(call("a"), call("b", "now", "")),
        result("a"),
        result("b", "12:00"),
        calls(call("c")),
        result("c"),
    ),
    "tool_names_bedrock_refuses": request(
        USER,
        calls(call("a", "files.read", "{}"), call("b", f"mcp__{'very_' * 12}long__name", "{}")),
        result("a"),
        result("b"),
        tools=[
            {"type": "function", "function": {"name": "files.read"}},
            {"type": "function", "function": {"name": f"mcp__{'very_' * 12}long__name"}},
            {"type": "function", "function": {"name": "天気"}},
        ],
        tool_choice={"type": "function", "function": {"name": "files.read"}},
    ),
    "tool_call_ids_bedrock_refuses": request(
        USER,
        calls(call("call 1"), call("x" * 65)),
        result("call 1"),
        result("x" * 65),
        tools=[WEATHER],
    ),
    "tool_call_ids_that_repeat": request(
        USER,
        calls(call("call_0")),
        result("call_0"),
        calls(call("call_0")),
        result("call_0", "5 °C"),
        tools=[WEATHER],
    ),
    "sampling": request(
        temperature=0.2, top_p=1, max_tokens=100, stop=["\n\n", "END"], stream=True
    ),
    "older_and_newer_token_limit": request(max_tokens=100, max_completion_tokens=200, stop="END"),
    "obfuscation": request(stream=True, stream_options={"include_obfuscation": True}),
    "what_clients_send_as_a_matter_of_course": request(
        user="u-1",
        metadata={"run": "7"},
        seed=42,
        store=True,
        safety_identifier="s",
        prompt_cache_key="k",
        n=1,
        logprobs=False,
        presence_penalty=0.0,
        frequency_penalty=0,
        parallel_tool_calls=True,
        service_tier="auto",
        response_format={"type": "text"},
        modalities=["text"],
        logit_bias={},
        stream=True,
        stream_options={"include_usage": True, "include_obfuscation": False},
        reasoning_effort=None,
        extra=None,
    ),
}


NOTHING = translated(request())._replace(body={})._asdict()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_request_becomes_the_reviewed_converse_request(
    name: str, snapshot: SnapshotAssertion
) -> None:
    body = copy.deepcopy(GOLDEN[name])
    translation = translated(body)
    assert body == GOLDEN[name], "the client's request is left as it was"
    assert_accepted(translation.body)
    told = {name: value for name, value in translation._asdict().items() if value != NOTHING[name]}
    assert told == snapshot(extension_class=JSONSnapshotExtension)


REFUSED = {
    "no_messages": ({"model": "m"}, "messages"),
    "empty_messages": (request() | {"messages": []}, "messages"),
    "blank_messages": (request({"role": "user", "content": " "}), "messages"),
    "message_not_an_object": (request() | {"messages": ["hi"]}, "messages[0].role"),
    "unknown_role": (request({"role": "critic", "content": "x"}), "messages[0].role"),
    "unknown_message_field": (request({**USER, "cards": 1}), "messages[0].cards"),
    "user_without_content": (request({"role": "user"}), "messages[0].content"),
    "content_of_a_number": (request(USER, {**USER, "content": 7}), "messages[1].content"),
    "unknown_part": (
        request({"role": "user", "content": [{"type": "video_url"}]}),
        "messages[0].content[0].type",
    ),
    "part_not_an_object": (
        request({"role": "user", "content": ["a"]}),
        "messages[0].content[0].type",
    ),
    "image_from_the_assistant": (
        request({**image(), "role": "assistant"}),
        "messages[0].content[0].type",
    ),
    "text_of_null": (
        request({"role": "user", "content": [{"type": "text", "text": None}]}),
        "messages[0].content[0].text",
    ),
    "half_a_surrogate_pair": (request({**USER, "content": "\ud83d"}), "messages[0].content"),
    "image_not_base64": (
        request(image("data:image/png;base64,%%%")),
        "messages[0].content[0].image_url.url",
    ),
    "image_not_quite_base64": (
        request(image(f"data:image/png;base64,{PNG[:8]}%{PNG[8:]}")),
        "messages[0].content[0].image_url.url",
    ),
    "image_of_no_image_type": (
        request(image("data:image/svg+xml;base64,AAAA")),
        "messages[0].content[0].image_url.url",
    ),
    "image_by_http": (
        request(image("http://example.com/cat.png")),
        "messages[0].content[0].image_url.url",
    ),
    "empty_image": (
        request(image("data:image/png;base64,")),
        "messages[0].content[0].image_url.url",
    ),
    "unknown_detail": (request(image(detail="huge")), "messages[0].content[0].image_url.detail"),
    "arguments_of_an_object": (
        request(USER, calls(call("a", arguments={"city": "Oslo"})), result("a")),
        "messages[1].tool_calls[0].function.arguments",
    ),
    "call_of_an_unknown_kind": (
        request(USER, calls({**call("a"), "type": "mcp"}), result("a")),
        "messages[1].tool_calls[0].type",
    ),
    "call_of_a_list_for_a_kind": (
        request(USER, calls({**call("a"), "type": []}), result("a")),
        "messages[1].tool_calls[0].type",
    ),
    "call_without_id": (request(USER, calls(call(""))), "messages[1].tool_calls[0].id"),
    "one_id_for_two_calls": (
        request(USER, calls(call("a"), call("a")), result("a")),
        "messages[1].tool_calls[1].id",
    ),
    "call_without_answer": (
        request(USER, calls(call("a"), call("b")), result("a")),
        "messages[1].tool_calls[1].id",
    ),
    "call_answered_too_late": (
        request(USER, calls(call("a")), USER, {"role": "assistant", "content": "x"}, result("a")),
        "messages[1].tool_calls[0].id",
    ),
    "answer_without_call": (request(USER, result("a")), "messages[1].tool_call_id"),
    "second_answer": (
        request(USER, calls(call("a")), result("a"), result("a")),
        "messages[3].tool_call_id",
    ),
    "tools_not_a_list": (request(tools={}), "tools"),
    "hosted_tool": (request(tools=[{"type": "web_search"}]), "tools[0].type"),
    "tool_of_a_list_for_a_kind": (request(tools=[{"type": []}]), "tools[0].type"),
    "tool_without_function": (request(tools=[{"type": "function"}]), "tools[0].function"),
    "tool_without_name": (
        request(tools=[{"type": "function", "function": {"name": ""}}]),
        "tools[0].function.name",
    ),
    "two_tools_of_one_name": (request(tools=[WEATHER, WEATHER]), "tools[1].function.name"),
    "tool_named_like_the_stand_in_of_another": (
        request(
            USER,
            calls(call("a", "a.b")),
            result("a"),
            tools=[{"type": "function", "function": {"name": stand_in("a.b", NAME_CHARACTERS)}}],
        ),
        "tools[0].function.name",
    ),
    "parameters_not_an_object": (
        request(tools=[{"type": "function", "function": {"name": "f", "parameters": []}}]),
        "tools[0].function.parameters",
    ),
    "parameters_of_a_string": (
        request(
            tools=[
                {"type": "function", "function": {"name": "f", "parameters": {"type": "string"}}}
            ]
        ),
        "tools[0].function.parameters.type",
    ),
    "tool_choice_unknown": (request(tool_choice="maybe", tools=[WEATHER]), "tool_choice"),
    "tool_choice_without_tools": (request(tool_choice="required"), "tool_choice"),
    "tool_choice_of_an_absent_tool": (
        request(tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "now"}}),
        "tool_choice.function.name",
    ),
    "temperature_above_two": (request(temperature=2.1), "temperature"),
    "temperature_of_true": (request(temperature=True), "temperature"),
    "temperature_not_a_number": (request(temperature=float("nan")), "temperature"),
    "top_p_negative": (request(top_p=-0.1), "top_p"),
    "max_tokens_zero": (request(max_tokens=0), "max_tokens"),
    "max_tokens_of_true": (request(max_tokens=True), "max_tokens"),
    "max_tokens_beyond_32_bits": (request(max_completion_tokens=2**31), "max_completion_tokens"),
    "max_tokens_of_a_float": (request(max_tokens=10.0), "max_tokens"),
    "stop_of_a_number": (request(stop=7), "stop"),
    "empty_stop": (request(stop=["x", ""]), "stop[1]"),
    "too_many_stops": (request(stop=["x"] * 2501), "stop"),
    "stream_of_a_string": (request(stream="yes"), "stream"),
    "stream_options_of_a_list": (request(stream=True, stream_options=[]), "stream_options"),
    "include_usage_of_a_number": (
        request(stream=True, stream_options={"include_usage": 1}),
        "stream_options.include_usage",
    ),
    "unknown_stream_option": (
        request(stream=True, stream_options={"turbo": True}),
        "stream_options.turbo",
    ),
    "several_choices": (request(n=2), "n"),
    "n_of_true": (request(n=True), "n"),
    "logprobs": (request(logprobs=True), "logprobs"),
    "user_of_a_number": (request(user=7), "user"),
    "seed_of_true": (request(seed=True), "seed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_converse_cannot_be_asked_is_refused_by_name(name: str) -> None:
    body, param = REFUSED[name]
    with pytest.raises(ApiError) as refusal:
        translated(body)
    assert (refusal.value.kind, refusal.value.param) == ("invalid_request", param)
    assert param is None or refusal.value.message.startswith(f"{param} ")


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_that_is_not_translated_takes_its_neutral_values(name: str) -> None:
    parameter = PARAMETERS[name]
    for value in parameter.neutral:
        assert translated(request(**{name: value})).changes == ()
    if not parameter.translated and parameter.dropped is None:
        with pytest.raises(ApiError) as refusal:
            translated(request(**{name: {"no": "such value"}}))
        assert refusal.value.param == name


def test_a_long_name_of_a_field_is_clipped_in_the_message() -> None:
    with pytest.raises(ApiError) as refusal:
        translated(request(**{"x" * 1_000_000: 1}))
    assert len(refusal.value.message) < 200


def test_every_openai_parameter_is_in_the_table() -> None:
    known = completion_create_params.CompletionCreateParamsBase.__annotations__
    assert known.keys() | {"stream"} <= PARAMETERS.keys()


def test_an_answer_sent_back_as_the_openai_sdk_holds_it_is_accepted() -> None:
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": "", "refusal": None},
        {"reasoning_content": "Look it up."},
        {"tool_calls": [{"index": 0, **call("a", arguments="")}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
    ]
    strict = {"type": "function", "function": {**WEATHER["function"], "strict": True}}
    state = ChatCompletionStreamState(input_tools=[strict])
    for delta in deltas:
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        state.handle_chunk(ChatCompletionChunk.model_validate({**chunk, "choices": [choice]}))
    message = state.get_final_completion().choices[0].message
    sent_back = message.model_dump(mode="json", exclude_unset=True)
    assert {"parsed", "reasoning_content", "refusal"} <= sent_back.keys()
    translation = translated(request(USER, sent_back, result("a"), tools=[strict]))
    assert_accepted(translation.body)
    assert translation.changes == ("reasoning_content dropped",)


def test_a_tool_keeps_its_stand_in_whatever_else_is_in_the_request() -> None:
    def name_in(body: dict[str, Any]) -> str:
        return translated(body).body["toolConfig"]["tools"][-1]["toolSpec"]["name"]

    tool = {"type": "function", "function": {"name": "files.read"}}
    assert name_in(request(tools=[tool])) == name_in(request(USER, USER, tools=[WEATHER, tool]))


def test_a_long_history_is_translated_whole() -> None:
    turns = 600
    history: list[dict[str, Any]] = [USER]
    for number in range(turns):
        history += [calls(call(f"c{number}")), result(f"c{number}", "z" * 5000), USER]
    messages = translated(request(*history, tools=[WEATHER])).body["messages"]
    assert len(messages) == 1 + 2 * turns
    assert len(json.dumps(messages)) > turns * 5000
