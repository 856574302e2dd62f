"""What becomes of a request on its way to Bedrock's own OpenAI API."""

import copy
from typing import Any

import pytest
from catalog.families import FAMILIES, family_of
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params
from router.dialects.openai_native import chat, chat_shape, responses, responses_shape
from router.dialects.openai_native.dialect import NativeDialect
from router.dialects.openai_native.fitting import SAMPLED_WHILE_REASONING
from router.errors import ApiError
from router.fetching import Fetched
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from local.bedrock.inventory import MODELS
from tests.support.native import CATALOG, CHAT, GROK, RESPONSES, SOL, refusal_of, relayed
from tests.support.native_requests import (
    CHATS,
    DATA_URL,
    TOOL,
    URL,
    WANTED,
    WEB_SEARCH,
    asked,
    wanted,
)
from tests.support.requests import request

REVIEWED = [(CHAT, name) for name in CHATS] + [(RESPONSES, name) for name in WANTED]


@pytest.mark.parametrize(
    ("operation", "name"), REVIEWED, ids=[f"{op.partition('/')[0]}-{name}" for op, name in REVIEWED]
)
def test_a_request_becomes_the_reviewed_one_which_bedrock_takes(
    operation: str, name: str, snapshot: SnapshotAssertion
) -> None:
    body = CHATS[name] if operation == CHAT else WANTED[name]
    found = relayed(operation, body)
    assert {"body": found.body, "changes": found.changes} == snapshot(
        extension_class=JSONSnapshotExtension
    )
    assert found.call.path == f"/openai/v1/{operation}"
    assert refusal_of(operation, found.body) is None


def test_a_tool_of_every_client_is_withheld_for_that_client_only() -> None:
    body = wanted(SOL, tools=[WEB_SEARCH, TOOL])
    found = relayed(RESPONSES, copy.deepcopy(body), {"originator": "codex_cli_rs"})
    assert [tool["type"] for tool in found.body["tools"]] == ["function"]
    assert "web_search withheld" in found.changes
    with pytest.raises(ApiError, match="web_search"):
        relayed(RESPONSES, body, {"originator": "someone"})


def test_a_call_without_a_type_is_a_functions_and_called_so() -> None:
    call = {"id": "call_1", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "4"},
    ]
    found = relayed(CHAT, asked(GROK, *messages))
    (sent,) = found.body["messages"][0]["tool_calls"]
    assert sent == {**call, "type": "function"}
    assert refusal_of(CHAT, found.body) is None


def test_a_reference_without_a_type_is_called_one() -> None:
    found = relayed(RESPONSES, wanted(SOL, [{"id": "msg_1"}]))
    assert found.body["input"] == [{"type": "item_reference", "id": "msg_1"}]
    assert refusal_of(RESPONSES, found.body) is None


# --- refusals -------------------------------------------------------------------------------------

USER_PART = {"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}

REFUSED_CHATS: dict[str, tuple[dict[str, Any], str]] = {
    "no messages": ({"model": GROK}, "messages"),
    "empty messages": ({"model": GROK, "messages": []}, "messages"),
    "messages of the wrong type": ({"model": GROK, "messages": "Hi"}, "messages"),
    "unknown role": (asked(GROK, {"role": "judge", "content": ""}), "messages[0].role"),
    "unknown part": (asked(GROK, USER_PART), "messages[0].content[0].type"),
    "several answers": (asked(GROK, n=2), "n"),
    "a yes for a number": (asked(GROK, n=True), "n"),
    "log probabilities": (asked(GROK, logprobs=True, top_logprobs=2), "logprobs"),
    "biased tokens": (asked(GROK, logit_bias={"50256": -100}), "logit_bias"),
    "spoken answers": (asked(GROK, modalities=["text", "audio"]), "modalities"),
    "a voice": (asked(GROK, audio={"voice": "alloy"}), "audio"),
    "an unknown effort": (asked(GROK, reasoning_effort="huge"), "reasoning_effort"),
    "an unknown tier": (asked(GROK, service_tier="reserved"), "service_tier"),
    "a tool without a name": (
        asked(GROK, tools=[{"type": "function", "function": {}}]),
        "tools[0].function.name",
    ),
    "a choice without tools": (asked(GROK, tool_choice="required"), "tool_choice"),
    "a tool whose name has a dot": (
        asked(GROK, tools=[{"type": "function", "function": {"name": "files.read"}}]),
        "tools[0].function.name",
    ),
    "a key longer than it may be": (asked(GROK, prompt_cache_key="x" * 65), "prompt_cache_key"),
    "a list for an object": (asked(GROK, stream_options=[]), "stream_options"),
    "custom tools among allowed ones": (
        asked(
            GROK,
            tools=[{"type": "custom", "custom": {"name": "run"}}],
            tool_choice={
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "auto",
                    "tools": [{"type": "custom", "custom": {"name": "run"}}],
                },
            },
        ),
        "tool_choice.allowed_tools.tools[0].type",
    ),
    "hot": (asked(GROK, temperature=2.1), "temperature"),
    "JSON without a schema": (
        asked(GROK, response_format={"type": "json_object"}),
        "response_format.type",
    ),
    "an image that is no URL": (
        asked(
            GROK,
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "a.png"}}]},
        ),
        "messages[0].content[0].image_url.url",
    ),
    "an assistant that says nothing": (
        asked(GROK, {"role": "assistant", "content": None, "tool_calls": []}),
        "messages[0].content",
    ),
    "an assistant that refuses with nothing": (
        asked(GROK, {"role": "assistant", "refusal": ""}),
        "messages[0].content",
    ),
    "metadata other than texts": (asked(GROK, metadata={"a": {"b": "c"}}), "metadata"),
    "a number of 400 digits": (asked(GROK, temperature=10**400), "temperature"),
    "half a character": (
        asked(GROK, {"role": "user", "content": "\ud83d"}),
        "messages[0].content",
    ),
    "half a character in a schema": (
        asked(
            GROK,
            tools=[{"type": "function", "function": {"name": "f", "parameters": {"\ud83d": 1}}}],
        ),
        "tools[0].function.parameters",
    ),
}

REFUSED_RESPONSES: dict[str, tuple[dict[str, Any], str]] = {
    "no input": ({"model": SOL}, "input"),
    "empty input": (wanted(SOL, []), "input"),
    "nothing but a thought": (wanted(SOL, [{"type": "reasoning", "summary": []}]), "input"),
    "in the background": (wanted(SOL, background=True), "background"),
    "a conversation": (wanted(SOL, conversation="conv_1"), "conversation"),
    "a stored prompt": (wanted(SOL, prompt={"id": "pmpt_1"}), "prompt"),
    "a hosted tool": (wanted(SOL, tools=[{"type": "code_interpreter"}]), "tools[0].type"),
    "a server of tools": (wanted(SOL, tools=[{"type": "mcp"}]), "tools[0].type"),
    "an unknown tool": (wanted(SOL, tools=[{"type": "hammer"}]), "tools[0].type"),
    "a hosted tool's call": (wanted(SOL, [{"type": "web_search_call"}]), "input[0].type"),
    "an uploaded image": (
        wanted(SOL, [{"role": "user", "content": [{"type": "input_image", "file_id": "file_1"}]}]),
        "input[0].content[0].file_id",
    ),
    "a file by URL": (
        wanted(SOL, [{"role": "user", "content": [{"type": "input_file", "file_url": URL}]}]),
        "input[0].content[0].file_url",
    ),
    "log probabilities": (wanted(SOL, include=["message.output_text.logprobs"]), "include[0]"),
    "most probable tokens": (wanted(SOL, top_logprobs=3), "top_logprobs"),
    "an unknown parameter": (wanted(SOL, temprature=1), "temprature"),
    "an unknown member": (wanted(SOL, reasoning={"effort": "low", "x": 1}), "reasoning.x"),
}


@pytest.mark.parametrize("name", REFUSED_CHATS)
def test_a_chat_that_cannot_be_relayed_is_refused_by_the_name_of_its_field(name: str) -> None:
    body, param = REFUSED_CHATS[name]
    with pytest.raises(ApiError) as refusal:
        relayed(CHAT, body)
    assert (refusal.value.kind, refusal.value.param) == ("invalid_request", param)


@pytest.mark.parametrize("name", REFUSED_RESPONSES)
def test_a_response_that_cannot_be_relayed_is_refused_by_the_name_of_its_field(name: str) -> None:
    body, param = REFUSED_RESPONSES[name]
    with pytest.raises(ApiError) as refusal:
        relayed(RESPONSES, body)
    assert (refusal.value.kind, refusal.value.param) == ("invalid_request", param)


def test_a_number_outside_of_jsons_range_is_refused_by_the_name_of_its_field() -> None:
    body = b'{"model":"grok-4.7","messages":[{"role":"user","content":"Hi"}],"temperature":1e999}'
    with pytest.raises(ApiError) as refusal:
        NativeDialect(CHAT, "1").parse(request(body=body), CATALOG)
    assert refusal.value.param == "temperature"


def test_a_hosted_tool_is_refused_with_what_to_do_instead() -> None:
    with pytest.raises(ApiError, match="offer its tools as functions"):
        relayed(RESPONSES, wanted(SOL, tools=[{"type": "mcp"}]))


def test_a_guardrail_on_responses_is_never_passed_over() -> None:
    headers = {"x-amzn-bedrock-guardrailidentifier": "abc", "x-amzn-bedrock-guardrailversion": "1"}
    with pytest.raises(ApiError, match="guardrail") as refusal:
        relayed(RESPONSES, wanted(), headers)
    assert refusal.value.param == "x-amzn-bedrock-guardrailidentifier"


def test_a_guardrail_goes_along_with_a_chat() -> None:
    headers = {
        "x-amzn-bedrock-guardrailidentifier": "abc",
        "x-amzn-bedrock-guardrailversion": "1",
        "x-amzn-bedrock-trace": "ENABLED",
    }
    found = relayed(CHAT, asked(), {**headers, "x-other": "1"})
    assert dict(found.call.headers).items() >= headers.items()
    assert "x-other" not in dict(found.call.headers)


# --- media ----------------------------------------------------------------------------------------

REMOTE: dict[str, tuple[str, dict[str, Any], str]] = {
    "chat": (
        CHAT,
        asked(
            GROK, {"role": "user", "content": [{"type": "image_url", "image_url": {"url": URL}}]}
        ),
        "messages[0].content[0].image_url.url",
    ),
    "responses": (
        RESPONSES,
        wanted(SOL, [{"role": "user", "content": [{"type": "input_image", "image_url": URL}]}]),
        "input[0].content[0].image_url",
    ),
    "a tool's result": (
        RESPONSES,
        wanted(
            SOL,
            [
                {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"},
                {
                    "type": "function_call_output",
                    "call_id": "1",
                    "output": [{"type": "input_image", "image_url": URL}],
                },
            ],
        ),
        "input[1].output[0].image_url",
    ),
}


@pytest.mark.parametrize("name", REMOTE)
def test_an_image_by_url_is_fetched_and_sent_as_data(name: str) -> None:
    operation, body, where = REMOTE[name]
    found = relayed(operation, body)
    draft = found.call.draft
    assert draft is not None
    (remote,) = draft.remote
    assert (remote.url, remote.where) == (URL, where)
    remote.complete(Fetched(b"GIF89a....", "text/plain"))
    sent = draft.encode().decode()
    assert "data:image/gif;base64,R0lGODlh" in sent
    assert URL not in sent
    with pytest.raises(ApiError) as refusal:
        remote.complete(Fetched(b"<html>", "text/html"))
    assert refusal.value.param == where


@pytest.mark.parametrize("url", [DATA_URL, "s3://bucket/a.png"])
def test_an_image_that_bedrock_finds_itself_is_left_alone(url: str) -> None:
    content = [{"type": "input_image", "image_url": url}]
    found = relayed(RESPONSES, wanted(SOL, [{"role": "user", "content": content}]))
    assert found.call.draft is not None
    assert found.call.draft.remote == []
    assert url in found.call.body.decode()


# --- bounds ---------------------------------------------------------------------------------------


def test_the_answer_is_bounded_by_what_is_asked_or_by_the_model() -> None:
    assert relayed(CHAT, asked(GROK, max_completion_tokens=70)).call.output_tokens == 70
    assert relayed(RESPONSES, wanted(SOL, max_output_tokens=70)).call.output_tokens == 70
    assert relayed(RESPONSES, wanted(SOL)).call.output_tokens == 131_072


@pytest.mark.parametrize(
    "more",
    [
        {"previous_response_id": "resp_1"},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"input": [{"id": "msg_1"}]},
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_data": "data:,a"}]}]},
    ],
)
def test_a_prompt_that_goes_on_from_what_is_stored_may_fill_the_context(more: Any) -> None:
    window = CATALOG.resolve(SOL).context_window
    assert relayed(RESPONSES, wanted(SOL)).call.prompt_tokens < 10_000
    assert relayed(RESPONSES, {**wanted(SOL), **more}).call.prompt_tokens >= window


@pytest.mark.parametrize(
    ("tier", "billed"),
    [(None, "default"), ("auto", "default"), ("flex", "flex"), ("fast", "priority")],
)
def test_a_call_is_billed_in_the_tier_it_asks_for(tier: str | None, billed: str) -> None:
    assert relayed(CHAT, asked(GROK, service_tier=tier)).call.service_tier == billed


# --- the tables -----------------------------------------------------------------------------------


def test_every_family_with_sampling_of_its_own_has_a_native_route() -> None:
    native = {family.name for family in FAMILIES if family.native}
    assert native >= SAMPLED_WHILE_REASONING.keys()


def test_every_model_that_the_catalog_calls_native_serves_the_route_in_the_simulation() -> None:
    every = [model_id for model in CATALOG.models for model_id in model.ids]
    account = {f"{place}.{model.id}" for model in MODELS.values() for place in model.geographies}
    ids = [model_id for model_id in every if model_id in account]
    routes = {"chat": (CHAT, asked), "responses": (RESPONSES, wanted)}
    native = [(model_id, route) for model_id in ids for route in family_of(model_id).native]
    assert native
    for model_id, route in native:
        operation, body = routes[route]
        assert refusal_of(operation, relayed(operation, body(model_id)).body) is None


def test_every_parameter_of_chat_completions_is_known_or_left_to_the_translation() -> None:
    theirs = completion_create_params.CompletionCreateParamsNonStreaming.__annotations__.keys()
    theirs = theirs | completion_create_params.CompletionCreateParamsBase.__annotations__.keys()
    left = {
        "audio",
        "function_call",
        "functions",
        "moderation",
        "prediction",
        "web_search_options",
    }
    assert theirs - left - {"stream"} == chat_shape.PARAMETERS.keys() - {"stream"}
    assert chat.LEFT_OUT.keys() <= chat_shape.PARAMETERS.keys()


def test_every_parameter_of_responses_is_known_or_left_to_the_translation() -> None:
    theirs = response_create_params.ResponseCreateParamsBase.__annotations__.keys()
    left = {
        "access_programs",
        "background_options",
        "conversation",
        "image",
        "moderation",
        "prompt",
    }
    assert theirs - left == responses_shape.PARAMETERS.keys() - {"stream", "client_metadata"}
    assert responses.LEFT_OUT.keys() <= responses_shape.PARAMETERS.keys()
