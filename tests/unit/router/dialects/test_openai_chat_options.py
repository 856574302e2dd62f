"""What a request asks of the model beside its conversation."""

from typing import Any

import pytest
from catalog.families import UNKNOWN, Family, family_of
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk
from router.dialects.openai_chat.stream import ChunkStream
from router.dialects.parameters import MOST_PASSED_ON
from router.errors import ApiError

from tests.support.chat import Translated, reply, translated
from tests.support.converse import assert_accepted

CLAUDE = family_of("anthropic.claude-sonnet-4-6")
OLDER_CLAUDE = family_of("anthropic.claude-sonnet-4-20250514-v1:0")
OPUS = family_of("anthropic.claude-opus-4-8")
NOVA = family_of("amazon.nova-pro-v1:0")

USER = {"role": "user", "content": "Hi"}


def request(*messages: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [USER], **parameters}


def accepted(
    body: dict[str, Any], family: Family = UNKNOWN, headers: dict[str, str] | None = None
) -> Translated:
    found = translated(body, family, headers)
    assert_accepted(found.body)
    return found


def refused(
    body: dict[str, Any], family: Family = UNKNOWN, headers: dict[str, str] | None = None
) -> str:
    with pytest.raises(ApiError) as refusal:
        translated(body, family, headers)
    assert refusal.value.kind == "invalid_request"
    return str(refusal.value.param)


# --- sampling -------------------------------------------------------------------------------------


def test_sampling_is_asked_as_the_family_takes_it() -> None:
    body = request(temperature=1.5, top_p=0.5, top_k=40, seed=7, presence_penalty=1, max_tokens=9)
    found = accepted(body, NOVA)
    assert found.body["inferenceConfig"] == {"maxTokens": 9, "temperature": 1, "topP": 0.5}
    assert found.body["additionalModelRequestFields"] == {"inferenceConfig": {"topK": 40}}
    assert found.changes == (
        "presence_penalty dropped",
        "seed dropped",
        "temperature lowered to 1",
    )


@pytest.mark.parametrize(
    "neutral",
    [
        {"top_k": 0},
        {"top_k": -1},
        {"logit_bias": {}},
        {"frequency_penalty": 0.0},
        {"usage": {"include": True}},
        {"verbosity": "medium"},
    ],
)
def test_what_asks_for_nothing_changes_nothing(neutral: dict[str, Any]) -> None:
    plain = accepted(request(), NOVA)
    assert accepted(request(**neutral), NOVA) == plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1},
        {"top_p": 1.1},
        {"top_k": 1.5},
        {"top_k": True},
        {"seed": 2**64},
        {"seed": "7"},
        {"min_p": "0"},
        {"frequency_penalty": 3},
        {"repetition_penalty": -1},
        {"logit_bias": [1]},
        {"logit_bias": 0},
        {"verbosity": 3},
        {"metadata": "x"},
    ],
)
def test_values_of_the_wrong_kind_are_refused_by_name(wrong: dict[str, Any]) -> None:
    assert refused(request(**wrong)) == next(iter(wrong))


# --- what cannot be honoured, and what is the model's own ---------------------------------------


@pytest.mark.parametrize(
    "parameter",
    [
        {"audio": {"voice": "alloy", "format": "mp3"}},
        {"modalities": ["text", "audio"]},
        {"logprobs": True},
        {"top_logprobs": 3},
        {"n": 2},
        {"prediction": {"type": "content", "content": "x"}},
        {"web_search_options": {}},
        {"moderation": {"model": "x"}},
        {"provider": {"order": ["x"]}},
        {"models": ["a", "b"]},
        {"plugins": []},
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(parameter: dict[str, Any]) -> None:
    assert refused(request(**parameter)) == next(iter(parameter))


def test_unknown_parameters_are_the_models_own() -> None:
    found = accepted(request(anthropic_beta=["context-1m-2025-08-07"], chat_template={"a": None}))
    assert found.body["additionalModelRequestFields"] == {
        "anthropic_beta": ["context-1m-2025-08-07"],
        "chat_template": {"a": None},
    }
    assert found.changes == ("anthropic_beta passed on", "chat_template passed on")


def test_what_is_passed_on_is_bounded() -> None:
    enough = {f"field_{number}": number for number in range(MOST_PASSED_ON)}
    assert len(accepted(request(**enough)).changes) == MOST_PASSED_ON
    assert refused(request(**enough, one_more=1)) == "one_more"
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert refused(request(deep=deep)) == "deep"
    assert refused(request(far=float("inf"))) == "far"


@pytest.mark.parametrize("name", ["", "a b", "ä", "x;y", "a\nb", "x" * 65])
def test_a_name_that_fits_no_header_is_not_passed_on(name: str) -> None:
    with pytest.raises(ApiError):
        translated(request(**{name: 1}))


# --- the form of the answer -----------------------------------------------------------------------

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def json_schema(**members: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA, **members}}


def test_a_schema_is_asked_for_as_the_family_can() -> None:
    native = accepted(request(response_format=json_schema(strict=True)), CLAUDE).body
    assert native["outputConfig"]["textFormat"]["type"] == "json_schema"
    by_tool = accepted(request(response_format=json_schema()), NOVA).body
    assert by_tool["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"] == SCHEMA
    assert by_tool["toolConfig"]["toolChoice"]


def test_plain_text_is_what_is_given_anyway() -> None:
    assert accepted(request(response_format={"type": "text"})) == accepted(request())


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ("json", "response_format.type"),
        ({"type": []}, "response_format.type"),
        ({"type": "grammar"}, "response_format.type"),
        ({"type": "json_object", "schema": {}}, "response_format.schema"),
        ({"type": "json_schema"}, "response_format.json_schema"),
        ({"type": "json_schema", "json_schema": {}}, "response_format.json_schema.name"),
        (json_schema(schema=[]), "response_format.json_schema.schema"),
        (json_schema(strict="yes"), "response_format.json_schema.strict"),
        (json_schema(description=7), "response_format.json_schema.description"),
    ],
)
def test_a_form_gone_wrong_is_refused(form: Any, param: str) -> None:
    assert refused(request(response_format=form)) == param


# --- reasoning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "thinking"),
    [
        ({"reasoning_effort": "low"}, {"type": "enabled", "budget_tokens": 2048}),
        ({"reasoning": {"effort": "low"}}, {"type": "enabled", "budget_tokens": 2048}),
        (
            {"reasoning": {"effort": "low"}, "reasoning_effort": "low"},
            {"type": "enabled", "budget_tokens": 2048},
        ),
        ({"reasoning": {"max_tokens": 5000}}, {"type": "enabled", "budget_tokens": 5000}),
        ({"reasoning": {"enabled": True}}, {"type": "enabled", "budget_tokens": 8192}),
        ({"reasoning": {"enabled": False, "effort": "high"}}, None),
        ({"reasoning_effort": "none"}, None),
        ({"reasoning": {}}, None),
        ({}, None),
    ],
)
def test_reasoning_is_asked_of_the_family(parameters: dict[str, Any], thinking: Any) -> None:
    found = accepted(request(**parameters), OLDER_CLAUDE)
    fields = found.body.get("additionalModelRequestFields", {})
    assert fields.get("thinking") == thinking
    assert not found.hides_reasoning


@pytest.mark.parametrize(
    ("parameters", "display"),
    [
        ({"reasoning_effort": "high"}, None),
        ({"reasoning": {"effort": "high"}}, "summarized"),
        ({"reasoning": {"effort": "high", "exclude": False}}, "summarized"),
        ({"reasoning": {"effort": "high", "exclude": True}}, None),
        ({"reasoning": {"effort": "high"}, "include_reasoning": False}, None),
        ({"reasoning_effort": "high", "include_reasoning": True}, "summarized"),
    ],
)
def test_reasoning_is_shown_to_those_who_ask(parameters: dict[str, Any], display: Any) -> None:
    found = accepted(request(**parameters), OPUS)
    thinking = found.body["additionalModelRequestFields"]["thinking"]
    assert thinking.get("display") == display


@pytest.mark.parametrize(
    "parameters",
    [
        {"reasoning": {"exclude": True}},
        {"include_reasoning": False},
        {"reasoning": {}, "include_reasoning": False},
    ],
)
def test_reasoning_is_hidden_from_those_who_want_none(parameters: dict[str, Any]) -> None:
    assert accepted(request(**parameters)).hides_reasoning


@pytest.mark.parametrize(
    ("parameters", "param"),
    [
        ({"reasoning_effort": "extreme"}, "reasoning_effort"),
        ({"reasoning_effort": []}, "reasoning_effort"),
        ({"reasoning": "high"}, "reasoning"),
        ({"reasoning": {"effort": 7}}, "reasoning.effort"),
        ({"reasoning": {"effort": "low"}, "reasoning_effort": "high"}, "reasoning.effort"),
        ({"reasoning": {"max_tokens": -1}}, "reasoning.max_tokens"),
        ({"reasoning": {"max_tokens": "many"}}, "reasoning.max_tokens"),
        ({"reasoning": {"exclude": "yes"}}, "reasoning.exclude"),
        ({"reasoning": {"enabled": 1}}, "reasoning.enabled"),
        ({"reasoning": {"depth": 1}}, "reasoning.depth"),
        ({"include_reasoning": 1}, "include_reasoning"),
    ],
)
def test_reasoning_gone_wrong_is_refused(parameters: dict[str, Any], param: str) -> None:
    assert refused(request(**parameters)) == param


THOUGHT = [
    ("messageStart", {"role": "assistant"}),
    *(
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": piece}})
        for piece in ({"text": "2 and 2"}, {"text": " is 4."}, {"signature": "EqQB"})
    ),
    ("contentBlockStop", {"contentBlockIndex": 0}),
    ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Four."}}),
    ("contentBlockStop", {"contentBlockIndex": 1}),
    ("messageStop", {"stopReason": "end_turn"}),
]
"""A signed thought and what came of it."""

SIGNED = {"reasoningText": {"text": "2 and 2 is 4.", "signature": "EqQB"}}


def streamed(family: str) -> list[dict[str, Any]]:
    stream = ChunkStream(reply(family=family))
    return [chunk for event in THOUGHT for chunk in stream.feed(*event)]


def test_a_streamed_thought_comes_back_signed_by_way_of_the_sdk() -> None:
    state = ChatCompletionStreamState()
    for chunk in streamed(OLDER_CLAUDE.name):
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    message = state.get_final_completion().choices[0].message
    found = accepted(
        request(USER, message.model_dump(mode="json", exclude_unset=True), USER), OLDER_CLAUDE
    )
    assert found.body["messages"][1]["content"] == [
        {"reasoningContent": SIGNED},
        {"text": "Four."},
    ]
    assert found.changes == ()


def test_a_streamed_thought_comes_back_signed_in_its_pieces() -> None:
    deltas = [chunk["choices"][0]["delta"] for chunk in streamed(OLDER_CLAUDE.name)]
    pieces = [piece for delta in deltas for piece in delta.get("reasoning_details", ())]
    assert len(pieces) == 3
    answer = {"role": "assistant", "content": "Four.", "reasoning_details": pieces}
    found = accepted(request(USER, answer, USER), OLDER_CLAUDE)
    assert found.body["messages"][1]["content"][0] == {"reasoningContent": SIGNED}


def test_a_thought_is_not_shown_to_another_model() -> None:
    deltas = [chunk["choices"][0]["delta"] for chunk in streamed(OLDER_CLAUDE.name)]
    pieces = [piece for delta in deltas for piece in delta.get("reasoning_details", ())]
    answer = {"role": "assistant", "content": "Four.", "reasoning_details": pieces}
    found = accepted(request(USER, answer, USER), NOVA)
    assert found.body["messages"][1]["content"] == [{"text": "Four."}]
    assert found.changes == ("reasoning of another model dropped",)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_a_thought_without_its_details_is_dropped_with_a_notice(name: str) -> None:
    found = accepted(request(USER, {"role": "assistant", "content": "4", name: "2+2"}, USER))
    assert found.body["messages"][1]["content"] == [{"text": "4"}]
    assert found.changes == (f"{name} dropped",)


@pytest.mark.parametrize(
    ("details", "param"),
    [
        ("thought", "reasoning_details"),
        ([7], "reasoning_details[0]"),
        ([{"type": "reasoning.text", "text": 7}], "reasoning_details[0].text"),
        (
            [{"type": "reasoning.encrypted", "data": "?", "format": "bedrock/unknown"}],
            "reasoning_details[0].data",
        ),
    ],
)
def test_details_gone_wrong_are_refused(details: Any, param: str) -> None:
    answer = {"role": "assistant", "content": "4", "reasoning_details": details}
    assert refused(request(USER, answer, USER)) == f"messages[1].{param}"


# --- service tiers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "tier"),
    [
        (None, None),
        ("auto", None),
        ("default", None),
        ("flex", "flex"),
        ("priority", "priority"),
        ("fast", "priority"),
    ],
)
def test_a_service_tier_is_bedrocks(asked: str | None, tier: str | None) -> None:
    found = accepted(request(service_tier=asked))
    assert found.body.get("serviceTier") == (tier and {"type": tier})
    assert found.service_tier == (tier or "default")


@pytest.mark.parametrize("asked", ["scale", "reserved", 1, ["flex"]])
def test_a_service_tier_that_bedrock_has_not_is_refused(asked: object) -> None:
    assert refused(request(service_tier=asked)) == "service_tier"


# --- guardrails -----------------------------------------------------------------------------------

GUARDRAIL = {
    "x-amzn-bedrock-guardrailidentifier": "gr4rdr41l",
    "x-amzn-bedrock-guardrailversion": "3",
}


def test_a_guardrail_is_asked_for_by_headers() -> None:
    config = {"guardrailIdentifier": "gr4rdr41l", "guardrailVersion": "3"}
    assert accepted(request(), headers=GUARDRAIL).body["guardrailConfig"] == config
    traced = accepted(request(), headers={**GUARDRAIL, "x-amzn-bedrock-trace": "ENABLED_FULL"})
    assert traced.body["guardrailConfig"] == {**config, "trace": "enabled_full"}
    by_arn = "arn:aws:bedrock:us-east-1:123456789012:guardrail/gr4rdr41l"
    draft = {**GUARDRAIL, "x-amzn-bedrock-guardrailversion": "DRAFT"}
    accepted(request(), headers={**draft, "x-amzn-bedrock-guardrailidentifier": by_arn})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amzn-bedrock-guardrailidentifier", None),
        ("x-amzn-bedrock-guardrailidentifier", "Not an id"),
        ("x-amzn-bedrock-guardrailidentifier", "a" * 3000),
        ("x-amzn-bedrock-guardrailversion", None),
        ("x-amzn-bedrock-guardrailversion", "0"),
        ("x-amzn-bedrock-guardrailversion", "latest"),
        ("x-amzn-bedrock-trace", "maybe"),
    ],
)
def test_a_guardrail_gone_wrong_is_refused_by_its_header(name: str, value: str | None) -> None:
    headers = {**GUARDRAIL, name: value}
    given = {header: text for header, text in headers.items() if text is not None}
    assert refused(request(), headers=given) == name


def test_a_trace_alone_asks_for_no_guardrail() -> None:
    found = accepted(request(), headers={"x-amzn-bedrock-trace": "ENABLED"})
    assert "guardrailConfig" not in found.body
