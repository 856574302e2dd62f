"""What the simulated model answers, and how many tokens it says that is."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock import tokens
from local.bedrock.samples import sample
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import (
    CLAUDE,
    NOVA,
    assert_refused,
    call,
    claude_body,
    order,
    user,
)

Json = dict[str, Any]

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "unit": {"enum": ["C", "F"]},
        "days": {"type": "integer", "enum": [3, 4]},
        "note": {"type": "string"},
    },
    "required": ["city", "unit", "days"],
    "additionalProperties": False,
}


def tools(*names: str) -> Json:
    specs = [{"toolSpec": {"name": name, "inputSchema": {"json": SCHEMA}}} for name in names]
    return {"tools": specs}


def converse(sim: Simulator, prompt: str, model: str = NOVA, **fields: Any) -> Any:
    return call(sim, "converse", model, {"messages": user(prompt), **fields}).json


def content(answer: Any) -> Any:
    return answer["output"]["message"]["content"]


def test_the_same_request_gets_the_same_answer(sim: Simulator) -> None:
    body = json.dumps(claude_body(order(say="x", tool={"name": "a"}), tools=[
        {"name": "a", "input_schema": {"type": "object"}}])).encode()  # fmt: skip
    assert call(sim, "invoke", CLAUDE, body).json == call(sim, "invoke", CLAUDE, body).json


def test_without_a_directive_it_repeats_what_was_said(sim: Simulator) -> None:
    assert content(converse(sim, "Good morning")) == [{"text": "You said: Good morning"}]


def test_words_are_counted(sim: Simulator) -> None:
    answer = converse(sim, order(words=3))
    assert content(answer) == [{"text": "word1 word2 word3"}]
    assert answer["usage"]["outputTokens"] == 3


@pytest.mark.parametrize("verb", ["use", "Call the", "please run the tool", "invoke `", "using"])
def test_a_tool_is_called_when_the_user_asks_for_it_by_name(sim: Simulator, verb: str) -> None:
    prompt = f"{verb}look" if verb.endswith("`") else f"{verb} look now"
    answer = converse(sim, prompt, toolConfig=tools("look", "other"))
    assert [block["toolUse"]["name"] for block in content(answer)] == ["look"]
    assert content(answer)[0]["toolUse"]["input"] == {"city": "city", "unit": "C", "days": 3}
    assert answer["stopReason"] == "tool_use"


def test_several_tools_can_be_asked_for(sim: Simulator) -> None:
    answer = converse(sim, "call look and call hear", toolConfig=tools("look", "hear", "smell"))
    assert [block["toolUse"]["name"] for block in content(answer)] == ["look", "hear"]
    ids = {block["toolUse"]["toolUseId"] for block in content(answer)}
    assert len(ids) == 2


def test_a_tool_that_is_only_spoken_of_is_not_called(sim: Simulator) -> None:
    answer = converse(sim, "Is look-up or look a tool?", toolConfig=tools("look"))
    assert answer["stopReason"] == "end_turn"


@pytest.mark.parametrize(
    ("choice", "called"), [({"any": {}}, "look"), ({"tool": {"name": "hear"}}, "hear")]
)
def test_a_forced_tool_is_called(sim: Simulator, choice: Json, called: str) -> None:
    config = {**tools("look", "hear"), "toolChoice": choice}
    answer = converse(sim, "Hello", toolConfig=config)
    assert content(answer)[0]["toolUse"]["name"] == called


def test_a_tool_that_is_not_offered_is_not_called(sim: Simulator) -> None:
    prompt = order(tool={"name": "look", "input": {}})
    assert converse(sim, prompt, toolConfig=tools("hear"))["stopReason"] == "end_turn"
    assert converse(sim, prompt)["stopReason"] == "end_turn"
    none = claude_body(prompt, tools=[{"name": "look", "input_schema": {"type": "object"}}],
                       tool_choice={"type": "none"})  # fmt: skip
    assert call(sim, "invoke", CLAUDE, none).json["stop_reason"] == "end_turn"


def test_a_tool_result_leads_to_the_next_step(sim: Simulator) -> None:
    config = tools("look", "hear")
    turns: list[Json] = user(order(tool={"name": "look"}))
    found = f"Nothing seen. {order(tool={'name': 'hear'})}"
    steps = []
    for result in (found, order(say="Nothing heard either."), "unread"):
        body = {"messages": turns, "toolConfig": config}
        message = call(sim, "converse", NOVA, body).json["output"]["message"]
        steps.append(message["content"][0].get("toolUse", {}).get("name", ""))
        answers = [
            {
                "toolResult": {
                    "toolUseId": block["toolUse"]["toolUseId"],
                    "content": [{"text": result}],
                }
            }
            for block in message["content"]
            if "toolUse" in block
        ]
        turns = [*turns, message, {"role": "user", "content": answers}]
    assert steps == ["look", "hear", ""]
    assert message["content"] == [{"text": "Nothing heard either."}]


def test_the_answer_stops_at_max_tokens(sim: Simulator) -> None:
    answer = converse(sim, order(words=9), inferenceConfig={"maxTokens": 4})
    assert content(answer) == [{"text": "word1 word2 word3 word4"}]
    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] == 4


def test_a_tool_call_is_never_cut_in_two(sim: Simulator) -> None:
    answer = converse(
        sim,
        order(say="Hm", tool={"name": "look", "input": {"a": "b c d"}}),
        toolConfig=tools("look"),
        inferenceConfig={"maxTokens": 3},
    )
    assert content(answer) == [{"text": "Hm"}]
    assert answer["stopReason"] == "max_tokens"


def test_the_answer_stops_at_the_first_stop_sequence(sim: Simulator) -> None:
    stops = {"stopSequences": ["five", "three"]}
    answer = converse(sim, order(say="one two three four five"), inferenceConfig=stops)
    assert content(answer) == [{"text": "one two "}]
    assert answer["stopReason"] == "stop_sequence"
    native = call(sim, "invoke", CLAUDE, claude_body(order(say="a b c"), stop_sequences=["b"])).json
    assert (native["stop_reason"], native["stop_sequence"]) == ("stop_sequence", "b")


def test_a_field_of_the_models_answer_is_given_when_asked_for(sim: Simulator) -> None:
    fields = {
        "inferenceConfig": {"stopSequences": ["b"]},
        "additionalModelResponseFieldPaths": ["/stop_sequence", "/nothing/here"],
    }
    answer = converse(sim, order(say="a b c"), CLAUDE, **fields)
    assert answer["additionalModelResponseFields"] == {"stop_sequence": "b"}
    assert "additionalModelResponseFields" not in converse(sim, "hi", CLAUDE)


@pytest.mark.parametrize("model", [CLAUDE, "openai.gpt-oss-120b-1:0"])
def test_an_answer_follows_the_schema_it_is_given(sim: Simulator, model: str) -> None:
    structure = {"jsonSchema": {"schema": json.dumps(SCHEMA), "name": "trip"}}
    output = {"textFormat": {"type": "json_schema", "structure": structure}}
    answer = converse(sim, "Plan a trip", model, outputConfig=output)
    assert json.loads(content(answer)[0]["text"]) == {"city": "city", "unit": "C", "days": 3}


def test_reasoning_is_for_models_that_reason(sim: Simulator) -> None:
    prompt = order(reasoning="Well", say="Yes")
    assert content(converse(sim, prompt, NOVA)) == [{"text": "Yes"}]
    assert content(converse(sim, prompt, CLAUDE)) == [{"text": "Yes"}]
    told = content(converse(sim, prompt, "openai.gpt-oss-120b-1:0"))
    assert told[0] == {"reasoningContent": {"reasoningText": {"text": "Well"}}}


def test_a_directive_is_read_from_any_text_of_the_last_user_turn(sim: Simulator) -> None:
    said = [{"text": f"Please {order(say='yes')} now"}, {"text": "<reminder>be brief</reminder>"}]
    body = {"messages": [{"role": "user", "content": said}]}
    assert content(call(sim, "converse", NOVA, body).json) == [{"text": "yes"}]
    older = [*user(order(say="yes")), {"role": "assistant", "content": [{"text": "yes"}]}]
    answer = call(sim, "converse", NOVA, {"messages": [*older, *user("and now?")]}).json
    assert content(answer) == [{"text": "You said: and now?"}]


def test_stated_usage_is_reported(sim: Simulator) -> None:
    answer = converse(
        sim,
        order(input_tokens=10, output_tokens=20, cache_read=3, cache_write=4, cache_write_1h=5),
        CLAUDE,
    )
    usage = answer["usage"]
    assert usage["totalTokens"] == 10 + 20 + 3 + 4 + 5
    assert usage["cacheReadInputTokens"] == 3
    assert usage["cacheDetails"] == [
        {"ttl": "5m", "inputTokens": 4},
        {"ttl": "1h", "inputTokens": 5},
    ]


@given(st.text(max_size=400))
def test_a_text_has_no_more_tokens_than_bytes_and_loses_nothing(text: str) -> None:
    assert tokens.count(text) <= len(text.encode())
    pieces = tokens.split(text)
    assert "".join(pieces) == text
    assert len(pieces) <= len(text)


@given(st.lists(st.text(min_size=1, max_size=50).filter(str.strip), min_size=1, max_size=3))
def test_a_prompt_of_text_has_no_more_tokens_than_its_body_has_bytes(texts: list[str]) -> None:
    body = {"messages": [{"role": "user", "content": [{"text": text} for text in texts]}]}
    size = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
    assert tokens.weigh(body["messages"]) + tokens.MESSAGE_OVERHEAD <= size


def test_an_image_weighs_what_its_pixels_do() -> None:
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (100).to_bytes(4) + (75).to_bytes(4)
    small = base64.b64encode(header + b"\0" * 99).decode()
    assert tokens.weigh({"source": {"bytes": small}}) == 11
    assert tokens.weigh({"source": {"bytes": "/9j/4AAQ"}}) == tokens.IMAGE_MOST
    assert tokens.weigh({"source": {"s3Location": {"uri": "s3://b/k"}}}) == tokens.IMAGE_MOST
    assert tokens.weigh({"source": {"type": "text", "data": "abcd"}}) < 10


def test_a_prompt_longer_than_the_context_is_refused(sim: Simulator) -> None:
    answer = call(sim, "converse", "qwen.qwen3-32b-v1:0", {"messages": user("word " * 30_000)})
    assert_refused(answer, "ValidationException", "Input is too long for requested model.")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "minLength": 8}, "valuexxx"),
        ({"type": "string", "maxLength": 2}, "va"),
        ({"type": ["number", "null"]}, 1),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"const": 5}, 5),
        ({"default": []}, []),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 1),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({}, {}),
    ],
)
def test_a_sample_fits_its_schema(schema: Json, value: Any) -> None:
    assert sample(schema) == value


DIRECTIVES = {
    "no JSON": ("<<sim {say}>>", "it is not JSON"),
    "no end": ('<<sim {"say": "x"}', ">> is missing after the JSON"),
    "no object": ("<<sim 5>>", "it is not an object"),
    "unknown word": (order(shout="x"), "'shout' is none of its words"),
    "wrong type": (order(words="three"), "'words' has the wrong value"),
    "truth for a number": (order(after=True), "'after' has the wrong value"),
    "unknown exception": (order(exception="oops"), "'exception' has the wrong value"),
    "unknown status": (order(status=418), "'status' has the wrong value"),
    "tool without a name": (order(tool={"input": {}}), "'tool' has the wrong value"),
    "fewer than nothing": (order(throttle=-1), "'throttle' has the wrong value"),
}


@pytest.mark.parametrize("case", DIRECTIVES)
def test_a_directive_that_cannot_be_followed_is_refused(sim: Simulator, case: str) -> None:
    prompt, message = DIRECTIVES[case]
    answer = call(sim, "converse", NOVA, {"messages": user(prompt)})
    assert_refused(answer, "ValidationException", f"cannot be followed: {message}")


@pytest.mark.parametrize(
    "fault", [{"cut_after": 6}, {"corrupt_after": 6}, {"silence_s": 1, "after": 6}]
)
def test_a_fault_that_would_never_come_is_refused(sim: Simulator, fault: Json) -> None:
    body = {"messages": user(order(words=5, **fault))}
    answer = call(sim, "converse-stream", NOVA, body)
    assert_refused(answer, "ValidationException", "waits for token 6; the answer has 5")
