"""The bodies InvokeModel takes of the families that are no Claude."""

from typing import Any

import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import NOVA, assert_refused, call, order, user

TITAN = "amazon.titan-text-express-v1"
TITAN_EMBED = "amazon.titan-embed-text-v2:0"
COHERE_EMBED = "cohere.embed-english-v3"
LLAMA = "meta.llama3-1-8b-instruct-v1:0"
GPT_OSS = "openai.gpt-oss-20b-1:0"

Json = dict[str, Any]

REFUSED: dict[str, tuple[str, Json, str]] = {
    "missing": (TITAN, {}, "#: required key [inputText] not found"),
    "extra": (LLAMA, {"prompt": "x", "max_tokens": 5}, "#: extraneous key [max_tokens] is not permitted"),
    "extra within": (
        TITAN,
        {"inputText": "x", "textGenerationConfig": {"n": 1}},
        "#/textGenerationConfig: extraneous key [n] is not permitted",
    ),
    "type": (TITAN, {"inputText": 5}, "#/inputText: expected type: String, found: Integer"),
    "empty": (LLAMA, {"prompt": ""}, "#/prompt: expected minLength: 1, actual: 0"),
    "low": (LLAMA, {"prompt": "x", "max_gen_len": 0}, "#/max_gen_len: 0 is not greater or equal to 1"),
    "high": (LLAMA, {"prompt": "x", "top_p": 2}, "#/top_p: 2 is not less or equal to 1"),
    "choice": (
        TITAN_EMBED, {"inputText": "x", "dimensions": 300},
        "#/dimensions: 300 is not a valid enum value",
    ),
    "too many": (
        COHERE_EMBED, {"texts": ["x"] * 97, "input_type": "search_query"},
        "#/texts: expected maximum item count: 96, found: 97",
    ),
    "several": (LLAMA, {"top_p": 2}, "2 schema violations found"),
    "no input": ("cohere.embed-v4:0", {"input_type": "search_query"}, "#: required key [texts] not found"),
    "Nova's schema": (
        NOVA, {"messages": user("x"), "max_tokens": 5}, "#: extraneous key [max_tokens] is not permitted",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_body_of_the_wrong_form_is_malformed(sim: Simulator, case: str) -> None:
    model, body, problem = REFUSED[case]
    message = f"Malformed input request: {problem}, please reformat your input and try again."
    assert_refused(call(sim, "invoke", model, body), "ValidationException", message)


def test_more_tokens_than_the_model_has_are_refused(sim: Simulator) -> None:
    body = {"messages": user("x"), "inferenceConfig": {"max_new_tokens": 10_001}}
    message = "The maximum tokens you requested exceeds the model limit of 10000"
    assert_refused(call(sim, "invoke", NOVA, body), "ValidationException", message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
         "#/messages/0/content/0: extraneous key [type] is not permitted"),
        ({"messages": [*user("a"), *user("b")]}, "A conversation must alternate"),
        ({"messages": user(" ")}, "is blank"),
        ({"messages": user("x"), "toolConfig": {"tools": []}}, "length greater than or equal to 1"),
    ],
)  # fmt: skip
def test_novas_own_messages_follow_the_rules_of_converse(
    sim: Simulator, body: Json, message: str
) -> None:
    assert_refused(call(sim, "invoke", NOVA, body), "ValidationException", message)


def test_an_openai_body_is_answered_as_a_chat_completion(sim: Simulator) -> None:
    body = {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": order(
                reasoning="Well", tool={"name": "look", "input": {"at": 1}})},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}],
        "max_completion_tokens": 50,
    }  # fmt: skip
    choice = call(sim, "invoke", GPT_OSS, body).json["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == "<reasoning>Well</reasoning>"
    assert choice["message"]["tool_calls"][0]["function"] == {
        "name": "look",
        "arguments": '{"at": 1}',
    }


def test_the_length_of_an_answer_is_limited_by_each_familys_own_name(sim: Simulator) -> None:
    said = order(words=9)
    bodies: list[tuple[str, Json]] = [
        (TITAN, {"inputText": said, "textGenerationConfig": {"maxTokenCount": 2}}),
        (LLAMA, {"prompt": said, "max_gen_len": 2}),
        ("mistral.mistral-7b-instruct-v0:2", {"prompt": said, "max_tokens": 2}),
        ("ai21.j2-mid-v1", {"prompt": said, "maxTokens": 2}),
        (NOVA, {"messages": user(said), "inferenceConfig": {"maxTokens": 2}}),
        (GPT_OSS, {"messages": [{"role": "user", "content": said}], "max_tokens": 2}),
    ]
    for model, body in bodies:
        answer = call(sim, "invoke", model, body)
        assert answer.headers["x-amzn-bedrock-output-token-count"] == "2", model


def test_an_embedding_request_obeys_a_directive(sim: Simulator) -> None:
    body = {"inputText": order(status=503)}
    answer = call(sim, "invoke", TITAN_EMBED, body)
    assert (answer.status, answer.exception) == (503, "ServiceUnavailableException")
