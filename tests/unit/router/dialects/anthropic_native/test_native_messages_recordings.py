"""What recorded answers of real Claudes are when they reach the client."""

import base64
import json
from typing import Any

import pytest
from ledger.money import to_usd
from router.answer_streams import EventStream

from tests.support import recordings
from tests.support.anthropic_sdk import events, streamed_message, whole_message
from tests.support.anthropic_streams import (
    NAME,
    Data,
    asked,
    assert_relayed,
    passed_on,
)
from tests.support.requests import json_of

_OF_TEXT_COMPLETIONS = "anthropic.claude-v2:1"
"""The model that was recorded with the API before Messages."""


def claudes(op: str) -> pytest.MarkDecorator:
    """Parametrizes over the recorded answers of Claudes, which speak Messages."""
    ids = [
        row["id"]
        for row in recordings.index()
        if row["op"] == op
        and row["status"] == 200
        and "anthropic." in row["model"]
        and row["model"] != _OF_TEXT_COMPLETIONS
    ]
    absent = pytest.param("", marks=pytest.mark.skip(f"no recorded calls at {recordings.ROOT}"))
    return pytest.mark.parametrize("recording_id", ids or [absent])


def inner(recording: Data) -> list[bytes]:
    payloads = [told["payload"] for told in recording["response"]["events"]]
    return [base64.b64decode(payload["bytes"]) for payload in payloads]


@claudes("invoke-with-response-stream")
def test_a_recorded_stream_passes_byte_for_byte(recording_id: str) -> None:
    recording = recordings.load(recording_id)
    told = passed_on(base64.b64decode(recording["response"]["raw_b64"]))
    assert_relayed(inner(recording), told)


@claudes("invoke-with-response-stream")
def test_the_sdk_puts_a_recorded_stream_together_as_bedrock_told_it(recording_id: str) -> None:
    recording = recordings.load(recording_id)
    message = streamed_message(passed_on(base64.b64decode(recording["response"]["raw_b64"])))
    expected = put_together([json.loads(told) for told in inner(recording)])
    heard = message.model_dump(mode="json", exclude_unset=True)
    assert [block["type"] for block in heard["content"]] == [one["type"] for one in expected]
    for block, other in zip(heard["content"], expected, strict=True):
        assert {key: block[key] for key in other} == other


def put_together(told: list[Data]) -> list[Data]:
    """The content of a stream, by the rules of its documentation alone."""
    blocks: list[Data] = []
    for content in told:
        if content["type"] == "content_block_start":
            blocks.append({**content["content_block"]})
            if blocks[-1]["type"] == "tool_use":
                blocks[-1]["input"] = ""
        elif content["type"] == "content_block_delta":
            delta = {key: value for key, value in content["delta"].items() if key != "type"}
            for key, value in delta.items():
                member = "input" if key == "partial_json" else key
                blocks[content["index"]][member] += value
    for block in blocks:
        if block["type"] == "tool_use":
            block["input"] = json.loads(block["input"])
    return blocks


@claudes("invoke-with-response-stream")
def test_a_recorded_stream_tells_the_cost_that_is_settled(recording_id: str) -> None:
    raw = base64.b64decode(recordings.load(recording_id)["response"]["raw_b64"])
    found, stream = asked(), EventStream()
    stream.feed(raw)
    assert stream.usage is not None
    told = [one for one in events(passed_on(raw, found)) if one["type"] == "message_delta"]
    assert told[-1]["usage"]["cost"] == to_usd(found.call.cost(stream.usage, None))


@claudes("invoke")
def test_a_recorded_answer_comes_whole(recording_id: str) -> None:
    recording = recordings.load(recording_id)["response"]
    found = asked(stream=False)
    headers = list(recording["headers"].items())
    told: Any = json_of(
        found.dialect.answer(found.call, headers, json.dumps(recording["json"]).encode())
    )
    assert whole_message(json.dumps(told).encode()).model == NAME
    assert told["usage"].pop("cost")
    assert told == {**recording["json"], "model": NAME}
