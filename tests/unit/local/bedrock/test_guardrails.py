"""The guardrail of the simulated account: a word it blocks in prompts and in answers."""

from typing import Any

import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import (
    CLAUDE,
    NOVA,
    assert_refused,
    boto_client,
    call,
    claude_body,
    order,
    read_stream,
    serving,
    user,
)
from tests.support.simulated_openai import openai_client

Json = dict[str, Any]

GUARDRAIL = "simguardrail1"
BLOCKED_PROMPT = "Sorry, the model cannot answer this question."
BLOCKED_ANSWER = "Sorry, the model cannot give this answer."


def guarded(text: str, **config: Any) -> Json:
    chosen = {"guardrailIdentifier": GUARDRAIL, "guardrailVersion": "1", **config}
    return {"messages": user(text), "guardrailConfig": chosen}


def text_of(answer: Json) -> str:
    [block] = answer["output"]["message"]["content"]
    return str(block["text"])


def test_a_prompt_with_the_word_never_reaches_the_model(sim: Simulator) -> None:
    answer = call(sim, "converse", NOVA, guarded("A Kumquat, please")).json
    assert answer["stopReason"] == "guardrail_intervened"
    assert text_of(answer) == BLOCKED_PROMPT
    assert not any(answer["usage"].values())
    assert "trace" not in answer
    assert sim.bill.show()["total_picodollars"] == 0


def test_an_answer_with_the_word_is_kept_back_and_paid_for(sim: Simulator) -> None:
    answer = call(sim, "converse", NOVA, guarded(order(say="Have a kumquat now"))).json
    assert answer["stopReason"] == "guardrail_intervened"
    assert text_of(answer) == BLOCKED_ANSWER
    assert answer["usage"]["outputTokens"] == 4
    assert sim.bill.show()["total_picodollars"] > 0


def test_anything_else_passes(sim: Simulator) -> None:
    answer = call(sim, "converse", NOVA, guarded("A pear, please")).json
    assert (answer["stopReason"], text_of(answer)) == ("end_turn", "You said: A pear, please")


def test_only_what_is_marked_is_read(sim: Simulator) -> None:
    body = guarded("kumquat")
    marked = {"guardContent": {"text": {"text": "pear"}}}
    body["messages"][0]["content"].append(marked)
    assert call(sim, "converse", NOVA, body).json["stopReason"] == "end_turn"
    marked["guardContent"]["text"]["text"] = "kumquat"
    assert call(sim, "converse", NOVA, body).json["stopReason"] == "guardrail_intervened"


@pytest.mark.parametrize(
    ("text", "reason", "parts"),
    [
        ("pear", "No action.", {"inputAssessment", "outputAssessments"}),
        ("kumquat", "Guardrail blocked.", {"inputAssessment"}),
        (
            order(say="kumquat"),
            "No action.\nGuardrail blocked.",
            {"inputAssessment", "outputAssessments", "modelOutput"},
        ),
    ],
)
def test_a_trace_tells_what_was_read(
    sim: Simulator, text: str, reason: str, parts: set[str]
) -> None:
    answer = call(sim, "converse", NOVA, guarded(text, trace="enabled")).json
    trace = answer["trace"]["guardrail"]
    assert trace.keys() == {"actionReason", *parts}
    assert trace["actionReason"] == reason
    policies = [
        "wordPolicy" in assessment
        for assessment in (
            trace["inputAssessment"][GUARDRAIL],
            *trace.get("outputAssessments", {}).get(GUARDRAIL, []),
        )
    ]
    assert policies[-1] == ("blocked" in reason)


@pytest.mark.parametrize(
    ("mode", "told"),
    [("sync", BLOCKED_ANSWER), ("async", f"Have a {BLOCKED_ANSWER}")],
)
def test_boto3_reads_a_stream_the_guardrail_stopped(sim: Simulator, mode: str, told: str) -> None:
    body = guarded(order(say="Have a kumquat now"), streamProcessingMode=mode, trace="enabled")
    with serving(sim) as url, boto_client(url) as boto:
        events, error = read_stream(boto.converse_stream(modelId=CLAUDE, **body)["stream"])
    assert error is None
    texts = [event["delta"]["text"] for name, event in events if name == "contentBlockDelta"]
    assert "".join(texts) == told
    names = [name for name, _ in events]
    assert names[-2:] == ["messageStop", "metadata"]
    assert events[-2][1]["stopReason"] == "guardrail_intervened"
    assert events[-1][1]["trace"]["guardrail"]["modelOutput"] == ["Have a kumquat now"]


@pytest.mark.parametrize(
    "config",
    [
        {"guardrailIdentifier": "other"},
        {"guardrailVersion": "2"},
        {"guardrailIdentifier": "arn:aws:bedrock:us-east-1:123456789012:guardrail/other"},
    ],
)
def test_a_guardrail_there_is_not_is_refused(sim: Simulator, config: Json) -> None:
    message = "The guardrail identifier or version provided in the request does not exist."
    answer = call(sim, "converse", NOVA, guarded("hi", **config))
    assert_refused(answer, "ValidationException", message)


def test_a_guardrail_goes_by_its_arn_too(sim: Simulator) -> None:
    arn = f"arn:aws:bedrock:us-east-1:123456789012:guardrail/{GUARDRAIL}"
    answer = call(sim, "converse", NOVA, guarded("kumquat", guardrailIdentifier=arn)).json
    assert answer["stopReason"] == "guardrail_intervened"


def test_a_guardrail_does_not_work_with_invoke_model(sim: Simulator) -> None:
    headers = {"x_amzn_bedrock_guardrailidentifier": GUARDRAIL}
    answer = call(sim, "invoke", CLAUDE, claude_body(), **headers)
    assert_refused(answer, "ValidationException", "does not work with InvokeModel")


HEADERS = {
    "X-Amzn-Bedrock-GuardrailIdentifier": GUARDRAIL,
    "X-Amzn-Bedrock-GuardrailVersion": "DRAFT",
}


@pytest.mark.parametrize("stream", [False, True])
def test_a_chat_completion_is_guarded_by_its_headers(sim: Simulator, stream: bool) -> None:
    with openai_client(sim) as openai:
        asked = {"model": "us.openai.gpt-6-sol", "extra_headers": HEADERS}
        prompt = [{"role": "user", "content": "kumquat"}]
        if stream:
            chunks = list(openai.chat.completions.create(**asked, messages=prompt, stream=True))
            text = "".join(c.choices[0].delta.content or "" for c in chunks)
            assert chunks[-1].choices[0].finish_reason == "content_filter"
            assert chunks[0].id.startswith("bedrock-guardrails-")
        else:
            answer = openai.chat.completions.create(**asked, messages=prompt)
            text = answer.choices[0].message.content
            assert answer.choices[0].finish_reason == "content_filter"
            assert answer.usage.prompt_tokens == 0
            assert answer.id.startswith("bedrock-guardrails-")
    assert text == BLOCKED_PROMPT


def test_responses_ignores_a_guardrail(sim: Simulator) -> None:
    with openai_client(sim) as openai:
        answer = openai.responses.create(
            model="us.openai.gpt-6-sol", input="kumquat", extra_headers=HEADERS
        )
    assert answer.output_text == "You said: kumquat"
