"""Held to what recorded answers of the real Bedrock say of themselves."""

import base64
import json
from typing import Any

import pytest
from anthropic.types.beta import BetaUsage
from catalog.pricing import Usage
from router.eventstream import Decoder, Frame, encode
from router.usage import (
    METRICS_KEY,
    StreamUsage,
    from_anthropic,
    from_converse,
    from_converse_body,
    from_invoke,
    from_openai,
    from_openai_body,
)

from tests.support import recordings
from tests.support.recorded_usage import counts

# --- recordings -----------------------------------------------------------------------------------


def body_of(recording: dict[str, Any]) -> bytes:
    return json.dumps(recording["response"]["json"]).encode()


def agrees(used: Usage | None, recording: dict[str, Any]) -> bool:
    assert used is not None
    ours = {
        "input": used.input,
        "output": used.output,
        "cache_read": used.cache_read,
        "cache_write": used.cache_write_5m + used.cache_write_1h,
    }
    said = counts(recording)
    return bool(said) and said.items() <= ours.items()


@recordings.parametrize(op="converse", status=200)
def test_recorded_converse_answers_are_read(recording_id: str) -> None:
    recording = recordings.load(recording_id)
    used, tier = from_converse_body(body_of(recording))
    assert agrees(used, recording)
    assert used is not None
    assert used.total == recording["response"]["json"]["usage"]["totalTokens"]
    assert tier is None


UNCOUNTED = ("anthropic.claude-v2:1", "cohere.", "mistral.")
"""The models whose answers count nothing themselves."""


@recordings.parametrize(op="invoke", status=200)
def test_recorded_invoke_answers_are_read(recording_id: str) -> None:
    recording = recordings.load(recording_id)
    used = from_invoke(recording["response"]["headers"].items(), body_of(recording))
    assert used is not None
    if counts(recording):
        assert agrees(used, recording)
    else:
        assert recording["model"].startswith(UNCOUNTED)
        assert used.input > 0 < used.output


@recordings.parametrize(op="converse-stream", status=200)
def test_recorded_converse_streams_are_read(recording_id: str) -> None:
    recording = recordings.load(recording_id)
    assert agrees(read_all(raw_of(recording)).usage, recording)


GUARDED = "openllmetry/test_guardrails_test_guardrail_invoke_stream.1"
"""Its guardrail answered in the model's place, and Bedrock reported no use of the model."""


@recordings.parametrize(op="invoke-with-response-stream", status=200)
def test_recorded_invoke_streams_are_read(recording_id: str) -> None:
    recording = recordings.load(recording_id)
    used = read_all(raw_of(recording)).usage
    if recording_id == GUARDED:
        assert used is None
    else:
        assert agrees(used, recording)


@recordings.parametrize(stream=True, status=200)
def test_a_recorded_streams_content_bounds_its_tokens(recording_id: str) -> None:
    read = read_all(raw_of(recordings.load(recording_id)))
    assert read.usage is None or read.streamed >= read.usage.output


def raw_of(recording: dict[str, Any]) -> list[Frame]:
    return Decoder().feed(base64.b64decode(recording["response"]["raw_b64"]))


def read_all(frames: list[Frame]) -> StreamUsage:
    read = StreamUsage()
    for frame in frames:
        read.read(frame)
    return read


# --- Converse -------------------------------------------------------------------------------------


def test_cache_writes_are_split_by_how_long_they_are_kept() -> None:
    used = from_converse(
        {
            "inputTokens": 1,
            "outputTokens": 2,
            "totalTokens": 1033,
            "cacheReadInputTokens": 30,
            "cacheWriteInputTokens": 1000,
            "cacheDetails": [
                {"ttl": "5m", "inputTokens": 600},
                {"ttl": "1h", "inputTokens": 400},
            ],
        }
    )
    assert used == Usage(1, 2, 30, cache_write_5m=600, cache_write_1h=400)


def test_counts_may_be_doubles() -> None:
    usage = {"inputTokens": 7.0, "outputTokens": 3.0, "cacheReadInputTokenCount": 2.0}
    assert from_converse(usage) == Usage(7, 3, 2)


def test_more_hours_than_writes_never_make_a_negative_count() -> None:
    usage = {"inputTokens": 1, "cacheDetails": [{"ttl": "1h", "inputTokens": 400}]}
    assert from_converse(usage) == Usage(1, 0, cache_write_1h=400)


@pytest.mark.parametrize("usage", [None, [], "usage", {}, {"outputTokens": 5}])
def test_no_input_count_is_no_usage(usage: object) -> None:
    assert from_converse(usage) is None


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b"{}", b"[" * 100_000])
def test_an_answer_that_is_none_has_no_usage(body: bytes) -> None:
    assert from_converse_body(body) == (None, None)
    assert from_invoke([], body) is None


@pytest.mark.parametrize(
    ("service_tier", "expected"), [({"type": "flex"}, "flex"), ({}, None), ("flex", None)]
)
def test_the_tier_that_served_is_read(service_tier: object, expected: str | None) -> None:
    answer = {"usage": {"inputTokens": 1, "outputTokens": 2}, "serviceTier": service_tier}
    assert from_converse_body(json.dumps(answer).encode()) == (Usage(1, 2), expected)


# --- InvokeModel ----------------------------------------------------------------------------------

HEADERS = [
    ("content-type", "application/json"),
    ("x-amzn-bedrock-input-token-count", "4"),
    ("x-amzn-bedrock-output-token-count", "50"),
    ("x-amzn-bedrock-cache-read-input-token-count", "9"),
    ("x-amzn-bedrock-cache-write-input-token-count", "1000"),
    ("x-amzn-bedrock-invocation-latency", "77"),
]


def anthropic_usage(hour: int) -> dict[str, Any]:
    return {
        "input_tokens": 4,
        "output_tokens": 50,
        "cache_read_input_tokens": 9,
        "cache_creation_input_tokens": 1000,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 1000 - hour,
            "ephemeral_1h_input_tokens": hour,
        },
    }


def test_the_headers_tell_every_models_usage() -> None:
    assert from_invoke(HEADERS, b"whatever the model says") == Usage(4, 50, 9, 1000)


def test_only_the_body_tells_of_cache_writes_for_an_hour() -> None:
    body = json.dumps({"usage": anthropic_usage(hour=300)}).encode()
    assert from_invoke(HEADERS, body) == Usage(4, 50, 9, 700, 300)


@pytest.mark.parametrize(
    "body",
    [
        {"content": [{"text": "ephemeral_1h_input_tokens"}]},
        {"usage": {"cache_creation": "ephemeral_1h_input_tokens"}},
        {"usage": "ephemeral_1h_input_tokens"},
    ],
)
def test_the_word_for_such_writes_elsewhere_in_the_body_means_nothing(body: object) -> None:
    assert from_invoke(HEADERS, json.dumps(body).encode()) == Usage(4, 50, 9, 1000)


COMPACTED = {
    "input_tokens": 4,
    "output_tokens": 50,
    "cache_read_input_tokens": 9,
    "cache_creation_input_tokens": 1000,
    "iterations": [
        {
            "type": "compaction",
            "input_tokens": 180_000,
            "output_tokens": 3500,
            "cache_read_input_tokens": 20,
            "cache_creation_input_tokens": 300,
            "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
        },
        {
            "type": "message",
            "input_tokens": 4,
            "output_tokens": 50,
            "cache_read_input_tokens": 9,
            "cache_creation_input_tokens": 1000,
        },
    ],
}
WITH_COMPACTION = Usage(180_004, 3550, 29, 1100, 200)


def test_what_a_compaction_took_is_beside_anthropics_own_counts() -> None:
    BetaUsage.model_validate(COMPACTED, strict=True)
    assert from_anthropic(COMPACTED) == WITH_COMPACTION
    assert from_invoke(HEADERS, json.dumps({"usage": COMPACTED}).encode()) == WITH_COMPACTION


def test_a_compaction_that_bedrock_has_counted_is_not_counted_again() -> None:
    headers = [
        ("x-amzn-bedrock-input-token-count", "180004"),
        ("x-amzn-bedrock-output-token-count", "3550"),
        ("x-amzn-bedrock-cache-read-input-token-count", "29"),
        ("x-amzn-bedrock-cache-write-input-token-count", "1300"),
    ]
    assert from_invoke(headers, json.dumps({"usage": COMPACTED}).encode()) == WITH_COMPACTION


@pytest.mark.parametrize(
    "steps", [None, "compaction", ["compaction"], [{"type": "message", "input_tokens": 9}], {}]
)
def test_steps_that_are_no_compactions_add_nothing(steps: object) -> None:
    told = {**COMPACTED, "iterations": steps}
    assert from_anthropic(told) == Usage(4, 50, 9, 1000)
    assert from_invoke(HEADERS, json.dumps({"usage": told}).encode()) == Usage(4, 50, 9, 1000)


def test_an_embedding_has_no_output_count() -> None:
    assert from_invoke([("x-amzn-bedrock-input-token-count", "8")], b"{}") == Usage(8)


@pytest.mark.parametrize("value", ["", "many", "-5", "4.5"])
def test_a_count_that_is_no_number_is_none(value: str) -> None:
    assert from_invoke([("x-amzn-bedrock-input-token-count", value)], b"{}") is None


# --- streams --------------------------------------------------------------------------------------


def event(kind: str, payload: object) -> Frame:
    headers = {":event-type": kind, ":message-type": "event"}
    return Decoder().feed(encode(headers, json.dumps(payload).encode()))[0]


def chunk(content: object) -> Frame:
    return event("chunk", {"bytes": base64.b64encode(json.dumps(content).encode()).decode()})


METRICS = {
    "inputTokenCount": 4,
    "outputTokenCount": 50,
    "cacheReadInputTokenCount": 9,
    "cacheWriteInputTokenCount": 1000,
    "invocationLatency": 77,
}


def test_a_stream_that_says_nothing_of_it_has_no_usage() -> None:
    read = read_all([event("messageStart", {"role": "assistant"}), chunk({"type": "ping"})])
    assert (read.usage, read.service_tier) == (None, None)


def test_a_converse_streams_last_event_tells_its_usage_and_tier() -> None:
    usage = {"inputTokens": 4, "outputTokens": 50}
    metadata = {"usage": usage, "serviceTier": {"type": "priority"}}
    read = read_all([event("metadata", metadata)])
    assert (read.usage, read.service_tier) == (Usage(4, 50), "priority")


def test_an_invoke_streams_metrics_tell_its_usage() -> None:
    read = read_all([chunk({"type": "message_stop", METRICS_KEY: METRICS})])
    assert read.usage == Usage(4, 50, 9, 1000)


def test_an_anthropic_streams_start_tells_of_cache_writes_for_an_hour() -> None:
    read = read_all(
        [
            chunk({"type": "message_start", "message": {"usage": anthropic_usage(hour=300)}}),
            # The model talks of the field, which is no count.
            chunk({"delta": {"text": "usage: ephemeral_1h_input_tokens, output_tokens"}}),
            chunk({"message": "ephemeral_1h_input_tokens", "usage": "output_tokens"}),
            chunk({"type": "message_stop", METRICS_KEY: METRICS}),
        ]
    )
    assert read.usage == Usage(4, 50, 9, 700, 300)


def test_an_anthropic_streams_own_count_of_output_holds_where_it_is_the_larger() -> None:
    delta = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 133}}
    read = read_all([chunk(delta), chunk({"type": "message_stop", METRICS_KEY: METRICS})])
    assert read.usage == Usage(4, 133, 9, 1000)


def test_a_stream_tells_what_a_compaction_took_with_its_last_count() -> None:
    first, last = COMPACTED | {"iterations": None, "output_tokens": 1}, {"output_tokens": 50}
    told = [
        chunk({"type": "message_start", "message": {"usage": first}}),
        chunk({"type": "message_delta", "usage": {**last, "iterations": COMPACTED["iterations"]}}),
        chunk({"type": "message_stop", METRICS_KEY: METRICS}),
    ]
    assert read_all(told).usage == WITH_COMPACTION


@pytest.mark.parametrize("metrics", [None, "inputTokenCount", [], {}, {"outputTokenCount": 5}])
def test_metrics_without_an_input_count_are_no_usage(metrics: object) -> None:
    assert read_all([chunk({METRICS_KEY: metrics})]).usage is None


@pytest.mark.parametrize("payload", [{}, {"bytes": None}, {"bytes": "%%%"}, {"bytes": 5}, [], 5])
def test_a_chunk_that_holds_nothing_readable_is_passed_over(payload: object) -> None:
    assert read_all([event("chunk", payload)]).usage is None


def test_content_is_counted_in_bytes_as_it_comes() -> None:
    read = StreamUsage()
    read.read(event("contentBlockDelta", {"delta": {"text": "漢字"}}))
    first = read.streamed
    assert first >= len("漢字".encode())
    read.read(chunk({"delta": {"text": "hello"}}))
    assert read.streamed >= first + len("hello")


# --- OpenAI ---------------------------------------------------------------------------------------


OPENAI = {
    "chat": {
        "usage": {
            "prompt_tokens": 150,
            "completion_tokens": 50,
            "prompt_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 20},
        },
        "service_tier": "flex",
    },
    "responses": {
        "usage": {
            "input_tokens": 150,
            "output_tokens": 50,
            "input_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 20},
        },
        "service_tier": "flex",
    },
}
OPENAI["event"] = {"type": "response.completed", "response": OPENAI["responses"]}


@pytest.mark.parametrize("form", OPENAI)
def test_openais_prompt_tokens_are_parted_by_cache(form: str) -> None:
    body = json.dumps(OPENAI[form]).encode()
    assert from_openai_body(body) == (Usage(100, 50, 30, 20), "flex")


@pytest.mark.parametrize("tier", ["auto", None, 1])
def test_a_tier_that_is_not_named_is_the_one_asked_for(tier: object) -> None:
    assert from_openai({**OPENAI["chat"], "service_tier": tier}) == (Usage(100, 50, 30, 20), None)


@pytest.mark.parametrize(
    "content", [None, [], {}, {"usage": None}, {"usage": {}}, {"response": {"usage": 1}}]
)
def test_an_answer_without_openais_usage_has_none(content: object) -> None:
    assert from_openai(content) == (None, None)


def test_more_cached_tokens_than_prompt_tokens_never_make_a_negative_count() -> None:
    usage = {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 5}}
    assert from_openai({"usage": usage}) == (Usage(0, 0, 5), None)
