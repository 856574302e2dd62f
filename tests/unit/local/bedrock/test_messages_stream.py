"""The Messages API as a simulated Claude streams it, read by Anthropic's own SDK."""

import base64
import json
from typing import Any

import pytest
from anthropic.types import Message
from anthropic.types.beta import BetaMessage
from botocore.eventstream import EventStreamBuffer

from local.bedrock.directives import Directive
from local.bedrock.messages import Request
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import (
    CLAUDE,
    NOVA,
    Answer,
    assert_refused,
    call,
    claude_body,
    order,
    user,
)

HAIKU_3_5 = "us.anthropic.claude-3-5-haiku-20241022-v1:0"
OPUS_5 = "us.anthropic.claude-opus-5"
REDACTS = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_"
    "46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
REFUSES = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_"
    "1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86"
)

Json = dict[str, Any]


def whole(sim: Simulator, prompt: str, model: str = CLAUDE, **fields: Any) -> Json:
    answer = call(sim, "invoke", model, claude_body(prompt, **fields))
    assert answer.status == 200, answer.json
    return dict(answer.json)


def events(sim: Simulator, prompt: str, model: str = CLAUDE, **fields: Any) -> list[Json]:
    """The events of a stream, each with its members in the order in which they came."""
    path = f"/model/{model}/invoke-with-response-stream"
    body = json.dumps(claude_body(prompt, **fields)).encode()
    reply = sim.handle(Request("POST", path, "", {}, body))
    assert not isinstance(reply.body, bytes), reply.body
    buffer = EventStreamBuffer()
    buffer.add_data(b"".join(reply.body))
    return [json.loads(base64.b64decode(json.loads(event.payload)["bytes"])) for event in buffer]


def shape(value: Any) -> Any:
    """The members of an object in their order, to the bottom."""
    if isinstance(value, dict):
        return [(name, shape(item)) for name, item in value.items()]
    return [shape(item) for item in value] if isinstance(value, list) else None


def put_together(stream: list[Json]) -> Json:
    """The message that a stream amounts to."""
    message: Json = stream[0]["message"]
    for event in stream[1:]:
        match event:
            case {"type": "content_block_start"}:
                message["content"].append(event["content_block"])
            case {"type": "content_block_delta", "index": index, "delta": delta}:
                grow(message["content"][index], delta)
            case {"type": "message_delta"}:
                message.update(event["delta"])
                message["usage"].update(event["usage"])
                message.update({k: v for k, v in event.items() if k == "context_management"})
    return message


def grow(block: Json, delta: Json) -> None:
    match delta:
        case {"type": "text_delta", "text": text}:
            block["text"] += text
        case {"type": "thinking_delta", "thinking": thinking}:
            block["thinking"] += thinking
        case {"type": "signature_delta", "signature": signature}:
            block["signature"] += signature
        case {"type": "input_json_delta", "partial_json": piece}:
            block["input"] = block["input"] or ""
            block["input"] += piece
        case {"type": "citations_delta", "citation": citation}:
            block["citations"].append(citation)


SCHEMA: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
TOOLS: list[Json] = [
    {"name": "look", "input_schema": SCHEMA},
    {"name": "hear", "input_schema": SCHEMA},
]
ADAPT: Json = {"type": "adaptive"}

ANSWERS: dict[str, tuple[str, Json]] = {
    "text": ("Hello", {}),
    "two calls": ("call look and call hear", {"tools": TOOLS}),
    "ordered calls": (
        order(tool=[{"name": "hear", "input": {"city": "Oslo"}}, {"name": "look"}, {"name": "no"}]),
        {"tools": TOOLS},
    ),
    "thinking": ("Hello", {"thinking": ADAPT}),
    "omitted thinking": ("Hello", {"thinking": {**ADAPT, "display": "omitted"}}),
    "redacted thinking": (REDACTS, {"thinking": ADAPT}),
    "both thoughts": (order(reasoning="Hm", redacted="Hm hm", say="x"), {"thinking": ADAPT}),
    "refusal": (REFUSES, {}),
    "partial refusal": (order(refusal="cyber", say="Sure, here"), {}),
    "stop reason": (order(stop_reason="pause_turn", say="x"), {}),
    "edits": (
        "Hello",
        {
            "anthropic_beta": ["context-management-2025-06-27"],
            "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        },
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_stream_amounts_to_the_whole_answer(sim: Simulator, case: str) -> None:
    prompt, fields = ANSWERS[case]
    made = put_together(events(sim, prompt, **fields))
    for block in made["content"]:
        if block["type"] == "tool_use":
            block["input"] = json.loads(block["input"])
    answer = whole(sim, prompt, **fields)
    assert {**made, "id": ""} | {"content": 0} == {**answer, "id": ""} | {"content": 0}
    ids = {"id": "", "name": "", "input": {}}
    assert [{**ids, **b, "id": ""} for b in made["content"]] == [
        {**ids, **b, "id": ""} for b in answer["content"]
    ]
    assert BetaMessage.model_validate(answer, strict=True).to_dict(exclude_unset=True) == answer


def test_message_start_has_the_recorded_members_in_their_order(sim: Simulator) -> None:
    start = events(sim, "Hello")[0]
    usage = {
        "input_tokens": 1,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 1,
    }
    message = {
        "model": "claude-sonnet-4-6",
        "id": "",
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    assert shape(start) == shape({"type": "message_start", "message": message})
    assert start["message"]["model"] == "claude-sonnet-4-6"
    older = events(sim, "Hello", HAIKU_3_5)[0]["message"]
    assert list(older)[:4] == ["id", "type", "role", "model"]
    assert list(older["usage"]) == [
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens",
    ]


def test_the_cache_is_told_by_how_long_it_keeps(sim: Simulator) -> None:
    stated = order(cache_read=3, cache_write=4, cache_write_1h=5, input_tokens=2, say="x y")
    stream = events(sim, stated)
    assert stream[0]["message"]["usage"] == {
        "input_tokens": 2,
        "cache_creation_input_tokens": 9,
        "cache_read_input_tokens": 3,
        "cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 5},
        "output_tokens": 1,
    }
    assert stream[-2]["usage"] == {"output_tokens": 2}
    metrics = stream[-1]["amazon-bedrock-invocationMetrics"]
    assert metrics["cacheReadInputTokenCount"] == 3
    assert metrics["cacheWriteInputTokenCount"] == 9
    assert whole(sim, stated)["usage"]["cache_creation"]["ephemeral_1h_input_tokens"] == 5


def kinds(stream: list[Json]) -> list[str]:
    """The kinds of events and of their blocks and deltas; what comes again and again once."""
    found = [
        event.get("content_block", event.get("delta", {})).get("type", event["type"])
        for event in stream
    ]
    return [kind for before, kind in zip(["", *found], found, strict=False) if kind != before]


def test_thinking_is_signed_at_its_end(sim: Simulator) -> None:
    stream = events(sim, order(reasoning="Well, well", say="x"), thinking=ADAPT)
    assert kinds(stream) == [
        "message_start",
        "thinking", "thinking_delta", "signature_delta", "content_block_stop",
        "text", "text_delta", "content_block_stop",
        "message_delta", "message_stop",
    ]  # fmt: skip
    assert stream[1] == {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "thinking", "thinking": "", "signature": ""},
    }


def test_omitted_thinking_is_a_signature_alone(sim: Simulator) -> None:
    stream = events(sim, "Hello", OPUS_5, thinking=ADAPT)
    assert kinds(stream)[1:4] == ["thinking", "signature_delta", "content_block_stop"]
    assert whole(sim, "Hello", OPUS_5, thinking=ADAPT)["content"][0]["thinking"] == ""


def test_redacted_thinking_is_whole_from_its_start(sim: Simulator) -> None:
    stream = events(sim, REDACTS, thinking=ADAPT)
    assert kinds(stream)[:3] == ["message_start", "redacted_thinking", "content_block_stop"]
    assert len(stream[1]["content_block"]["data"]) > 100
    assert whole(sim, REDACTS)["content"] == [{"type": "text", "text": f"You said: {REDACTS}"}]


@pytest.mark.parametrize("said", [REDACTS, "Hello"])
def test_the_thinking_of_an_answer_can_be_given_back_and_not_another(
    sim: Simulator, said: str
) -> None:
    fields: Json = {"thinking": ADAPT, "tools": TOOLS}
    prompt = f"{said} call look"
    answer = whole(sim, prompt, **fields)
    thought, used = answer["content"]
    given = {"type": "tool_result", "tool_use_id": used["id"], "content": "seen"}
    turns: list[Json] = [
        {"role": "user", "content": prompt},
        {"role": "assistant", "content": [thought, used]},
        {"role": "user", "content": [given]},
    ]
    body = claude_body(messages=turns, **fields)
    assert call(sim, "invoke", CLAUDE, body).status == 200
    name = "data" if thought["type"] == "redacted_thinking" else "thinking"
    thought[name] = thought[name].swapcase()
    assert call(sim, "invoke", CLAUDE, body).status == 400


def test_a_refusal_tells_of_what(sim: Simulator) -> None:
    end = events(sim, order(refusal="cyber", say="Sure"))[-2]
    assert list(end["delta"]) == ["stop_reason", "stop_sequence", "stop_details"]
    assert end["delta"]["stop_reason"] == "refusal"
    assert end["delta"]["stop_details"]["category"] == "cyber"
    message = Message.model_validate(whole(sim, REFUSES))
    assert message.content == []
    assert message.stop_details is not None
    assert message.stop_details.category is None
    body = {"messages": user(order(refusal="cyber", say="Sure"))}
    told = call(sim, "converse", CLAUDE, body).json
    assert told["stopReason"] == "content_filtered"


def test_redacted_thinking_goes_from_one_api_to_the_other(sim: Simulator) -> None:
    prompt = order(redacted="Hm", say="x")
    native = whole(sim, prompt, thinking=ADAPT)["content"][0]["data"]
    fields = {"additionalModelRequestFields": {"thinking": ADAPT}}
    body = {"messages": user(prompt), **fields}
    [thought, text] = call(sim, "converse", CLAUDE, body).json["output"]["message"]["content"]
    told = thought["reasoningContent"]["redactedContent"]
    for data in (told, native):
        said = [{"reasoningContent": {"redactedContent": data}}, text]
        later = [*body["messages"], {"role": "assistant", "content": said}, *user("and?")]
        assert call(sim, "converse", CLAUDE, {"messages": later, **fields}).status == 200
        turns = [
            {"role": "user", "content": prompt},
            {"role": "assistant", "content": [{"type": "redacted_thinking", "data": data}]},
            {"role": "user", "content": "and?"},
        ]
        assert call(sim, "invoke", CLAUDE, claude_body(messages=turns)).status == 200


def test_what_no_sdk_knows_is_streamed_when_ordered(sim: Simulator) -> None:
    glow = {"type": "glow_delta", "glow": {"a": [1]}}
    pulse = {"type": "message_pulse", "beat": 1}
    stream = events(sim, order(deltas=[glow, glow], events=[pulse], say="a b"))
    assert stream[2:4] == [{"type": "content_block_delta", "index": 0, "delta": glow}] * 2
    assert stream[-3] == pulse
    assert kinds(stream) == [
        "message_start", "text", "glow_delta", "text_delta", "content_block_stop",
        "message_pulse", "message_delta", "message_stop",
    ]  # fmt: skip


UNHEARD: dict[str, tuple[str, str, Json]] = {
    "refusal of another": ("converse", NOVA, {"refusal": ""}),
    "redaction of another": ("converse", NOVA, {"redacted": "x"}),
    "stop reason in Converse": ("converse", CLAUDE, {"stop_reason": "x"}),
    "events in a whole answer": ("invoke", CLAUDE, {"events": []}),
    "deltas in a whole answer": ("invoke", CLAUDE, {"deltas": []}),
    "deltas without a block": (
        "invoke-with-response-stream",
        CLAUDE,
        {"deltas": [], "refusal": ""},
    ),
}


@pytest.mark.parametrize("case", UNHEARD)
def test_an_order_with_no_way_to_follow_it_is_refused(sim: Simulator, case: str) -> None:
    operation, model, words = UNHEARD[case]
    assert words.keys() <= set(Directive._fields)
    prompt = order(**words)
    body = {"messages": user(prompt)} if operation == "converse" else claude_body(prompt)
    answer: Answer = call(sim, operation, model, body)
    assert_refused(answer, "ValidationException", f"cannot be followed: {next(iter(words))!r} is")


DOCUMENTS: list[Json] = [
    {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "It rains. It pours."},
        "title": "Weather",
        "citations": {"enabled": True},
    },
    {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "Not to be cited."},
    },
    {
        "type": "document",
        "source": {"type": "content", "content": [{"type": "text", "text": "A block."}]},
        "citations": {"enabled": True},
    },
    {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
        "citations": {"enabled": True},
    },
    {
        "type": "search_result",
        "source": "https://example.com/",
        "title": "Found",
        "content": [{"type": "text", "text": "A find."}],
        "citations": {"enabled": True},
    },
    {"type": "text", "text": "What do they say?"},
]


def test_sources_are_cited(sim: Simulator) -> None:
    messages = [{"role": "user", "content": DOCUMENTS}]
    answer = whole(sim, "", messages=messages)
    message = Message.model_validate(answer, strict=True)
    cited = [block.citations[0] for block in message.content if getattr(block, "citations", None)]
    assert [citation.type for citation in cited] == [
        "char_location", "content_block_location", "page_location", "search_result_location",
    ]  # fmt: skip
    assert [getattr(c, "document_index", None) for c in cited] == [0, 2, 3, None]
    first = answer["content"][1]
    assert first["text"] == first["citations"][0]["cited_text"] == "It rains."
    assert first["citations"][0]["document_title"] == "Weather"
    stream = events(sim, "", messages=messages)
    assert put_together(stream)["content"] == answer["content"]
    assert kinds(stream)[4:7] == ["text", "text_delta", "citations_delta"]
    replay = [*messages, {"role": "assistant", "content": answer["content"]}, *MORE]
    assert call(sim, "invoke", CLAUDE, claude_body(messages=replay)).status == 200


MORE: list[Json] = [{"role": "user", "content": "More?"}]


def test_sources_in_a_tools_result_are_cited(sim: Simulator) -> None:
    used = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
    given = {"type": "tool_result", "tool_use_id": "t1", "content": DOCUMENTS[4:5]}
    messages = [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": [used]},
        {"role": "user", "content": [given]},
    ]
    content = whole(sim, "", messages=messages, tools=TOOLS)["content"]
    assert content[1]["citations"][0]["search_result_index"] == 0


def test_what_was_left_out_of_the_prompt_is_told_to_those_who_ask(sim: Simulator) -> None:
    asked = {"anthropic_beta": ["thinking-binding-controls-2026-08-01"]}
    assert whole(sim, "Hello", OPUS_5, **asked)["input_transformations"] == []
    assert events(sim, "Hello", OPUS_5, **asked)[0]["message"]["input_transformations"] == []
    assert "input_transformations" not in whole(sim, "Hello", OPUS_5)


CLIENT_TOOLS: dict[str, Json] = {
    "bash_20250124": {"name": "bash"},
    "text_editor_20250728": {"name": "str_replace_based_edit_tool"},
    "memory_20250818": {"name": "memory"},
}


@pytest.mark.parametrize("kind", CLIENT_TOOLS)
def test_a_tool_of_anthropics_design_is_given_what_it_takes(sim: Simulator, kind: str) -> None:
    tool = {"type": kind, **CLIENT_TOOLS[kind]}
    [used] = whole(sim, f"call {tool['name']}", tools=[tool])["content"]
    assert isinstance(used["input"]["command"], str)


def counted(sim: Simulator, prompt: str, **fields: Any) -> Answer:
    body = base64.b64encode(json.dumps(claude_body(prompt, **fields)).encode()).decode()
    model = "anthropic.claude-sonnet-4-6"
    return call(sim, "count-tokens", model, {"input": {"invokeModel": {"body": body}}})


@pytest.mark.parametrize("case", ["text", "two calls", "redacted thinking"])
def test_tokens_are_counted_as_they_are_billed(sim: Simulator, case: str) -> None:
    prompt, fields = ANSWERS[case]
    [tokens] = counted(sim, prompt, **fields).json.values()
    assert tokens == whole(sim, prompt, **fields)["usage"]["input_tokens"]
    assert sim.bill.show()["calls"][0]["usage"]["input"] == tokens


REFUSED: dict[str, tuple[Json, str]] = {
    "edits": (ANSWERS["edits"][1], "context_management: Extra inputs are not permitted"),
    "no limit": ({"max_tokens": None}, "max_tokens: Field required"),
    "model": ({"model": "x"}, "model: Extra inputs are not permitted"),
    "beta": ({"anthropic_beta": ["files-api-2025-04-14"]}, "invalid beta flag"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_body_that_cannot_be_sent_cannot_be_counted(sim: Simulator, case: str) -> None:
    fields, message = REFUSED[case]
    assert_refused(counted(sim, "Hello", **fields), "ValidationException", message)
