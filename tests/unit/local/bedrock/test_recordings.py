"""The simulator held to calls recorded from the real service: what that accepted and said is right."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer

from local.bedrock import eventstream
from local.bedrock.messages import Request
from local.bedrock.service import Simulator
from tests.support import recordings
from tests.support.simulated_bedrock import NOVA, order, read, simulator, user


def _as_sent(recording: dict[str, Any]) -> Request:
    request = recording["request"]
    body = b"" if request["body"] is None else json.dumps(request["body"]).encode()
    return Request(request["method"], request["path"], "", {}, body)


@recordings.parametrize()
def test_a_recorded_request_gets_the_status_the_real_service_gave(
    sim: Simulator, recording_id: str
) -> None:
    recording = recordings.load(recording_id)
    assert sim.handle(_as_sent(recording)).status == recording["response"]["status"]


@recordings.parametrize(status=400)
def test_a_recorded_refusal_is_word_for_word_the_simulators(
    sim: Simulator, recording_id: str
) -> None:
    recording = recordings.load(recording_id)
    reply = sim.handle(_as_sent(recording))
    told = recording["response"]["headers"]
    assert read(reply).json == recording["response"]["json"]
    assert {name: reply.headers[name] for name in told} == told


def _keys(value: Any) -> Any:
    """The shape of a JSON value: the keys of its objects, to the bottom; usage counts may vary."""
    if isinstance(value, dict):
        return {key: _keys(item) for key, item in value.items() if key not in _VARYING}
    return [_keys(value[0])] if isinstance(value, list) and value else ()


_VARYING = {"usage", "amazon-bedrock-invocationMetrics", "p", "toolUse", "input", "bytes"}

_NOT_SIMULATED = {
    "amazon-bedrock-trace": "a guardrail, which the simulator has for Converse only",
    "amazon-bedrock-guardrailAction": "a guardrail",
    "chat_history": "Cohere repeats the conversation",
    "prompt": "Cohere and AI21 repeat the prompt",
    "system_fingerprint": "a deployment of one's own",
}


@recordings.parametrize(status=200, stream=False)
def test_an_answer_has_the_members_of_the_recorded_one(sim: Simulator, recording_id: str) -> None:
    recording = recordings.load(recording_id)
    recorded = recording["response"]["json"]
    made = read(sim.handle(_as_sent(recording))).json
    extra = recorded.keys() - made.keys() - _NOT_SIMULATED.keys()
    assert not extra
    assert not made.keys() - recorded.keys() - {"usage"}


@recordings.parametrize(status=200, stream=False)
def test_an_answer_tells_its_tokens_in_the_recorded_headers(
    sim: Simulator, recording_id: str
) -> None:
    recording = recordings.load(recording_id)
    reply = sim.handle(_as_sent(recording))
    assert recording["response"]["headers"].keys() <= reply.headers.keys()


def _event_types(events: list[dict[str, Any]]) -> list[str]:
    """The kinds of the events of a stream, repeated ones once."""
    kinds = [_kind(event) for event in events]
    return [kind for before, kind in zip(["", *kinds], kinds, strict=False) if kind != before]


def _kind(event: dict[str, Any]) -> str:
    inner = event.get("inner")
    if inner is None:
        return str(event["headers"][":event-type"])
    return str(inner.get("type") or "+".join(sorted(set(inner) & _EVENTS)) or "chunk")


_EVENTS = {"messageStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}


def _read_stream(content: bytes) -> list[dict[str, Any]]:
    buffer = EventStreamBuffer()
    buffer.add_data(content)
    events = []
    for message in buffer:
        payload = json.loads(message.payload)
        event: dict[str, Any] = {"headers": message.headers, "payload": payload}
        if "bytes" in payload:
            event["inner"] = json.loads(base64.b64decode(payload["bytes"]))
        events.append(event)
    return events


def _is_plain_text(row: dict[str, Any]) -> bool:
    return (
        row["stream"] and row["status"] == 200 and not {"toolUse", "trace"} & set(row["features"])
    )


@pytest.mark.parametrize("recording_id", [r["id"] for r in recordings.index() if _is_plain_text(r)])
def test_a_stream_of_text_has_the_recorded_order_of_events(
    sim: Simulator, recording_id: str
) -> None:
    recording = recordings.load(recording_id)
    reply = sim.handle(_as_sent(recording))
    assert not isinstance(reply.body, bytes)
    made = _read_stream(b"".join(reply.body))
    recorded = recording["response"]["events"]
    assert _event_types(made) == _event_types(recorded)
    for kind in {_kind(event) for event in recorded} - {"chunk"}:
        said = next(event for event in made if _kind(event) == kind)
        heard = next(event for event in recorded if _kind(event) == kind)
        assert _keys(said) == _keys(heard)


@recordings.parametrize(stream=True)
def test_frames_are_encoded_to_the_recorded_bytes(recording_id: str) -> None:
    response = recordings.load(recording_id)["response"]
    encoded = b"".join(
        eventstream.encode(event["headers"], eventstream.to_json(event["payload"]))
        for event in response["events"]
    )
    assert encoded == base64.b64decode(response["raw_b64"])


@recordings.parametrize(op="converse-stream", status=200)
def test_a_stream_is_replayed_byte_for_byte(tmp_path: Path, recording_id: str) -> None:
    recorded = recordings.load(recording_id)["response"]
    sim = simulator(tmp_path, recordings=recordings.ROOT)
    body = json.dumps({"messages": user(order(replay=recording_id))}).encode()
    reply = sim.handle(Request("POST", f"/model/{NOVA}/converse-stream", "", {}, body))
    assert not isinstance(reply.body, bytes)
    assert b"".join(reply.body) == base64.b64decode(recorded["raw_b64"])
    assert recorded["headers"].items() <= reply.headers.items()
    told = next(e["payload"]["usage"] for e in recorded["events"] if "usage" in e["payload"])
    billed = sim.bill.show()["calls"][0]["usage"]
    assert (billed["input"], billed["output"]) == (told["inputTokens"], told["outputTokens"])


@recordings.parametrize(op="invoke", status=200)
def test_a_replay_is_charged_what_the_recorded_headers_tell(
    tmp_path: Path, recording_id: str
) -> None:
    recorded = recordings.load(recording_id)["response"]
    sim = simulator(tmp_path, recordings=recordings.ROOT)
    body = json.dumps({"messages": user(order(replay=recording_id))}).encode()
    reply = sim.handle(Request("POST", f"/model/{NOVA}/invoke", "", {}, body))
    assert read(reply).json == recorded["json"]
    billed = sim.bill.show()["calls"][0]["usage"]
    counts = [billed["input"], billed["output"], billed["cache_read"], billed["cache_write_5m"]]
    names = ("input", "output", "cache-read-input", "cache-write-input")
    headers = recorded["headers"]
    assert counts == [int(headers.get(f"x-amzn-bedrock-{n}-token-count", 0)) for n in names]


@recordings.parametrize(status=400, op="converse")
def test_a_replayed_refusal_costs_nothing(tmp_path: Path, recording_id: str) -> None:
    sim = simulator(tmp_path, recordings=recordings.ROOT)
    body = json.dumps({"messages": user(order(replay=recording_id))}).encode()
    reply = sim.handle(Request("POST", f"/model/{NOVA}/converse", "", {}, body))
    assert reply.status == 400
    assert sim.bill.show()["calls"] == []


@pytest.mark.parametrize(
    ("recording_id", "problem"),
    [
        ("nothing", "There is no recording"),
        ("otel-botocore/test_converse_no_content.1", "not ConverseStream"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    tmp_path: Path, recording_id: str, problem: str
) -> None:
    if not recordings.index():
        pytest.skip("no recorded Bedrock calls")
    sim = simulator(tmp_path, recordings=recordings.ROOT)
    body = json.dumps({"messages": user(order(replay=recording_id))}).encode()
    reply = sim.handle(Request("POST", f"/model/{NOVA}/converse-stream", "", {}, body))
    assert problem in read(reply).json["message"]
