"""Whole Converse answers become chat completions without loss."""

import json
from typing import Any

import botocore.session
import pytest
from openai.types.chat import ChatCompletion
from router.dialects.openai_chat.answer import FINISH_REASONS, finish_reason, from_converse
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support import recordings
from tests.support.openai_sdk import client_hearing

USAGE = {"inputTokens": 3, "outputTokens": 5, "totalTokens": 8}


def answer(*content: dict[str, Any], stop: str = "end_turn", **members: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": list(content)}
    return {"output": {"message": message}, "stopReason": stop, "usage": USAGE, **members}


def tool_use(name: str, tool_input: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": f"tooluse_{name}", "name": name, "input": tool_input}}


def translate(converse: dict[str, Any]) -> dict[str, Any]:
    return from_converse(
        converse,
        completion_id="chatcmpl-1",
        created=1_700_000_000,
        model="some-model",
        tool_names={"clock_now_0123456789": "clock.now"},
    )


GOLDEN = {
    "text": answer({"text": "Hello wörld"}),
    "several_texts": answer({"text": "Hel"}, {"text": "lo"}, {"text": " there"}),
    "tool_calls_beside_text": answer(
        {"text": "I'll look."},
        tool_use("get_weather", {"city": "Tromsø", "days": [1, 2]}),
        tool_use("clock_now_0123456789", {}),
        stop="tool_use",
    ),
    "tool_call_alone": answer(tool_use("now", None), stop="tool_use"),
    "reasoning": answer(
        {"reasoningContent": {"reasoningText": {"text": "2 and 2 ", "signature": "EqQB"}}},
        {"reasoningContent": {"redactedContent": "AAEC"}},
        {"reasoningContent": {"reasoningText": {"text": "is 4."}}},
        {"text": "Four."},
    ),
    "cited_text": answer(
        {"text": "It is "},
        {"citationsContent": {"content": [{"text": "4 °C"}, {"text": "."}], "citations": []}},
    ),
    "cached": answer(
        {"text": "Hi"},
        usage={
            "inputTokens": 100,
            "outputTokens": 20,
            "totalTokens": 1170,
            "cacheReadInputTokens": 1000,
            "cacheWriteInputTokens": 50,
            "cacheDetails": [{"ttl": "1h", "inputTokens": 50}],
        },
    ),
    "text_beside_an_image": answer(
        {"image": {"format": "png", "source": {"bytes": "AAEC"}}}, {"text": "A cat."}
    ),
    "nothing": answer(stop="guardrail_intervened"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_an_answer_becomes_the_reviewed_completion(name: str, snapshot: SnapshotAssertion) -> None:
    completion = translate(GOLDEN[name])
    body = json.dumps(completion).encode()
    client = client_hearing(body, content_type="application/json")
    heard = client.chat.completions.create(model="some-model", messages=[])
    ChatCompletion.model_validate(heard.model_dump(), strict=True)
    for call in heard.choices[0].message.tool_calls or ():
        assert isinstance(json.loads(call.function.arguments), dict)
    assert completion == snapshot(extension_class=JSONSnapshotExtension)


def test_every_stop_reason_of_converse_has_its_finish_reason_or_is_an_error() -> None:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    malformed = {"malformed_model_output", "malformed_tool_use"}
    assert FINISH_REASONS.keys() | malformed == set(model.shape_for("StopReason").enum)


@pytest.mark.parametrize("reason", ["malformed_model_output", "malformed_tool_use"])
def test_a_malformed_answer_is_not_passed_off_as_a_whole_one(reason: str) -> None:
    with pytest.raises(ApiError) as fault:
        translate(answer({"text": "{"}, stop=reason))
    assert fault.value.kind == "model_error"


def test_a_stop_reason_of_tomorrow_is_an_ordinary_stop() -> None:
    assert finish_reason("tired") == "stop"


@pytest.mark.parametrize("converse", [{}, {"Output": {}}, {"output": None}])
def test_an_answer_without_a_message_is_bedrocks_fault(converse: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as fault:
        translate(converse)
    assert fault.value.kind == "bad_upstream"


@recordings.parametrize(op="converse", status=200)
def test_a_recorded_answer_passes_without_loss(recording_id: str) -> None:
    recorded = recordings.load(recording_id)["response"]["json"]
    content = recorded["output"]["message"]["content"]
    completion = ChatCompletion.model_validate(translate(recorded), strict=True)
    (choice,) = completion.choices
    assert (choice.message.content or "") == "".join(block.get("text", "") for block in content)
    assert [
        {
            "toolUseId": call.id,
            "name": call.function.name,
            "input": json.loads(call.function.arguments),
        }
        for call in choice.message.tool_calls or ()
        if call.type == "function"
    ] == [block["toolUse"] for block in content if "toolUse" in block]
    assert all(block.keys() <= {"text", "toolUse"} for block in content)
    assert (
        choice.finish_reason
        == {
            "end_turn": "stop",
            "guardrail_intervened": "content_filter",
            "max_tokens": "length",
            "tool_use": "tool_calls",
        }[recorded["stopReason"]]
    )
    assert completion.usage is not None
    assert completion.usage.completion_tokens == recorded["usage"]["outputTokens"]
    assert completion.usage.total_tokens == recorded["usage"]["totalTokens"]
