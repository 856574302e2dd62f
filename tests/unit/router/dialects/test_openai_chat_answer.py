"""Whole Converse answers become chat completions without loss."""

import json
from typing import Any

import botocore.session
import pytest
from openai.types.chat import ChatCompletion
from router.dialects.openai_chat.answer import from_converse
from router.dialects.openai_chat.reply import FINISH_REASONS, Reply, finish_reason
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support import recordings
from tests.support.chat import reply
from tests.support.openai_sdk import client_hearing

USAGE = {"inputTokens": 30, "outputTokens": 50, "totalTokens": 80}

WEB = {"title": "Oslo", "location": {"web": {"url": "https://example.com/oslo"}}}
PAGE = {"title": "Report", "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}}


def answer(*content: dict[str, Any], stop: str = "end_turn", **members: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": list(content)}
    return {"output": {"message": message}, "stopReason": stop, "usage": USAGE, **members}


def tool_use(name: str, tool_input: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": f"tooluse_{name}", "name": name, "input": tool_input}}


def cited(*citations: dict[str, Any]) -> dict[str, Any]:
    content = [{"text": "4 °C"}, {"text": "."}]
    return {"citationsContent": {"content": content, "citations": list(citations)}}


THOUGHT = {"reasoningContent": {"reasoningText": {"text": "2 and 2 ", "signature": "EqQB"}}}
REDACTED = {"reasoningContent": {"redactedContent": "AAEC"}}
UNSIGNED = {"reasoningContent": {"reasoningText": {"text": "is 4."}}}

GOLDEN: dict[str, tuple[dict[str, Any], Reply]] = {
    "text": (answer({"text": "Hello wörld"}), reply()),
    "several_texts": (answer({"text": "Hel"}, {"text": "lo"}, {"text": " there"}), reply()),
    "tool_calls_beside_text": (
        answer(
            {"text": "I'll look."},
            tool_use("get_weather", {"city": "Tromsø", "days": [1, 2]}),
            tool_use("clock_now_0123456789", {}),
            stop="tool_use",
        ),
        reply(),
    ),
    "tool_call_alone": (answer(tool_use("now", None), stop="tool_use"), reply()),
    "custom_tool_call": (
        answer(tool_use("clock_now_0123456789", {"input": 'say "hi"\n'}), stop="tool_use"),
        reply(custom_tools=frozenset({"clock_now_0123456789"})),
    ),
    "custom_tool_call_gone_wrong": (
        answer(tool_use("shell", {"command": "ls"}), stop="tool_use"),
        reply(custom_tools=frozenset({"shell"})),
    ),
    "function_call": (
        answer({"text": "I'll look."}, tool_use("get_weather", {"city": "Oslo"}), stop="tool_use"),
        reply(legacy=True),
    ),
    "reasoning": (answer(THOUGHT, REDACTED, UNSIGNED, {"text": "Four."}), reply()),
    "reasoning_excluded": (answer(THOUGHT, {"text": "Four."}), reply(hides_reasoning=True)),
    "cited_text": (answer({"text": "It is "}, cited(WEB, PAGE), cited(PAGE)), reply()),
    "cached": (
        answer(
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
        reply(),
    ),
    "tier_asked_for": (answer({"text": "Hi"}), reply(service_tier="flex")),
    "tier_served": (
        answer({"text": "Hi"}, serviceTier={"type": "default"}),
        reply(service_tier="priority"),
    ),
    "guardrail": (
        answer(
            {"text": "Sorry."},
            stop="guardrail_intervened",
            trace={"guardrail": {"actionReason": "blocked"}, "promptRouter": {}},
        ),
        reply(),
    ),
    "text_beside_an_image": (
        answer({"image": {"format": "png", "source": {"bytes": "AAEC"}}}, {"text": "A cat."}),
        reply(),
    ),
    "nothing": (answer(stop="guardrail_intervened"), reply()),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_an_answer_becomes_the_reviewed_completion(name: str, snapshot: SnapshotAssertion) -> None:
    completion = from_converse(*GOLDEN[name])
    body = json.dumps(completion).encode()
    client = client_hearing(body, content_type="application/json")
    heard = client.chat.completions.create(model="some-model", messages=[])
    ChatCompletion.model_validate(heard.model_dump(), strict=True)
    for call in heard.choices[0].message.tool_calls or ():
        assert call.type == "custom" or isinstance(json.loads(call.function.arguments), dict)
    assert completion == snapshot(extension_class=JSONSnapshotExtension)


def test_what_an_answer_cost_is_told_in_dollars() -> None:
    completion = from_converse(answer({"text": "Hi"}), reply())
    assert completion["usage"]["cost"] == "0.00023"


def test_reasoning_has_its_share_of_the_tokens() -> None:
    completion = from_converse(answer(THOUGHT, {"text": "8 bytes!"}), reply())
    details = completion["usage"]["completion_tokens_details"]
    assert details == {"reasoning_tokens": 25}


def test_calls_that_a_function_call_has_no_room_for_are_told_of() -> None:
    changes: set[str] = set()
    both = answer(tool_use("one", {}), tool_use("two", {}), stop="tool_use")
    completion = from_converse(both, reply(legacy=True, changes=changes))
    assert completion["choices"][0]["message"]["function_call"]["name"] == "one"
    assert changes == {"all function calls but the first dropped"}


def test_every_stop_reason_of_converse_has_its_finish_reason_or_is_an_error() -> None:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    malformed = {"malformed_model_output", "malformed_tool_use"}
    assert FINISH_REASONS.keys() | malformed == {*model.shape_for("StopReason").enum, "refusal"}


@pytest.mark.parametrize("reason", ["malformed_model_output", "malformed_tool_use"])
def test_a_malformed_answer_is_not_passed_off_as_a_whole_one(reason: str) -> None:
    with pytest.raises(ApiError) as fault:
        from_converse(answer({"text": "{"}, stop=reason), reply())
    assert fault.value.kind == "model_error"


def test_a_stop_reason_of_tomorrow_is_an_ordinary_stop() -> None:
    assert finish_reason("tired") == "stop"


@pytest.mark.parametrize("converse", [{}, {"Output": {}}, {"output": None}])
def test_an_answer_without_a_message_is_bedrocks_fault(converse: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as fault:
        from_converse(converse, reply())
    assert fault.value.kind == "bad_upstream"


@recordings.parametrize(op="converse", status=200)
def test_a_recorded_answer_passes_without_loss(recording_id: str) -> None:
    recorded = recordings.load(recording_id)["response"]["json"]
    content = recorded["output"]["message"]["content"]
    completion = ChatCompletion.model_validate(from_converse(recorded, reply()), strict=True)
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
    thoughts = [
        block["reasoningContent"]["reasoningText"]
        for block in content
        if "reasoningContent" in block
    ]
    told = choice.message.model_dump()
    assert told.get("reasoning_content", "") == "".join(thought["text"] for thought in thoughts)
    assert [
        {name: detail[name] for name in ("text", "signature") if name in detail}
        for detail in told.get("reasoning_details", ())
    ] == thoughts
    assert all(block.keys() <= {"text", "toolUse", "reasoningContent"} for block in content)
    assert choice.finish_reason == FINISH_REASONS[recorded["stopReason"]]
    usage = recorded["usage"]
    assert completion.usage is not None
    assert completion.usage.completion_tokens == usage["outputTokens"]
    assert completion.usage.total_tokens == usage["totalTokens"]
    details = completion.usage.prompt_tokens_details
    assert details is not None
    assert details.cached_tokens == usage.get("cacheReadInputTokens", 0)
    assert details.cache_write_tokens == usage.get("cacheWriteInputTokens", 0)
