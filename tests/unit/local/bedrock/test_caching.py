"""The prompt cache: what is written once is read afterwards, for as long as it lives."""

from pathlib import Path
from typing import Any

import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import CLAUDE, NOVA, call, claude_body, simulator

LONG = "word " * 2_000
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"

Json = dict[str, Any]


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sim(tmp_path: Path, clock: Clock) -> Simulator:
    return simulator(tmp_path, clock=clock)


def point(ttl: str = "5m") -> Json:
    return {"cachePoint": {"type": "default", "ttl": ttl}}


def talk(*turns: list[Json]) -> Json:
    roles = ["user", "assistant"] * len(turns)
    return {
        "messages": [{"role": role, "content": c} for role, c in zip(roles, turns, strict=False)]
    }


def usage(sim: Simulator, body: Json, model: str = CLAUDE) -> tuple[int, int]:
    """(tokens read from the cache, tokens written to it)."""
    told = call(sim, "converse", model, body).json["usage"]
    assert told["totalTokens"] == sum(
        told[name]
        for name in ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    )
    return told["cacheReadInputTokens"], told["cacheWriteInputTokens"]


def test_the_first_call_writes_and_the_second_reads(sim: Simulator) -> None:
    body = talk([{"text": LONG}, point(), {"text": "and?"}])
    read, written = usage(sim, body)
    assert (read, written > 2_000) == (0, True)
    assert usage(sim, body) == (written, 0)
    other = talk([{"text": LONG}, point(), {"text": "something else"}])
    assert usage(sim, other) == (written, 0)


def test_a_grown_conversation_reads_what_an_earlier_turn_wrote(sim: Simulator) -> None:
    _, written = usage(sim, talk([{"text": LONG}, point()]))
    grown = talk([{"text": LONG}], [{"text": "yes"}], [{"text": LONG}, point()])
    read, added = usage(sim, grown)
    assert read == written
    assert added > 2_000


def test_a_changed_prefix_is_not_read(sim: Simulator) -> None:
    usage(sim, talk([{"text": LONG}, point()]))
    read, written = usage(sim, {**talk([{"text": LONG}, point()]), "system": [{"text": "New"}]})
    assert (read, written > 0) == (0, True)


def test_another_model_has_a_cache_of_its_own(sim: Simulator) -> None:
    body = talk([{"text": LONG}, point()])
    usage(sim, body)
    assert usage(sim, body, NOVA)[0] == 0


@pytest.mark.parametrize(("ttl", "seconds"), [("5m", 300), ("1h", 3600)])
def test_a_prefix_lives_as_long_as_its_point_says(
    sim: Simulator, clock: Clock, ttl: str, seconds: int
) -> None:
    body = talk([{"text": LONG}, point(ttl)])
    _, written = usage(sim, body)
    clock.now += seconds - 1
    assert usage(sim, body) == (written, 0)
    clock.now += seconds - 1
    assert usage(sim, body) == (written, 0)
    clock.now += seconds
    assert usage(sim, body) == (0, written)


def test_a_prompt_too_short_for_the_model_is_not_cached(sim: Simulator) -> None:
    body = talk([{"text": LONG}, point()])
    assert usage(sim, body)[1] > 0
    assert usage(sim, body, HAIKU) == (0, 0)


def test_writes_for_an_hour_are_told_apart(sim: Simulator) -> None:
    body = claude_body(
        system=[_cached("1h")], messages=[{"role": "user", "content": [_cached("5m")]}]
    )
    told = call(sim, "invoke", CLAUDE, body).json["usage"]
    created = told["cache_creation"]
    hour, minutes = created["ephemeral_1h_input_tokens"], created["ephemeral_5m_input_tokens"]
    assert hour > 2_000
    assert minutes > 2_000
    assert told["cache_creation_input_tokens"] == hour + minutes
    billed = sim.bill.show()["calls"][0]["usage"]
    assert (billed["cache_write_1h"], billed["cache_write_5m"]) == (hour, minutes)


def _cached(ttl: str) -> Json:
    return {"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": ttl}}
