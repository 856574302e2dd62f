"""The bill: what reached a model costs what the price list says, and nothing else costs anything."""

import contextlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.answers import Usage
from local.bedrock.bill import PriceList
from local.bedrock.messages import Request
from local.bedrock.playback import ConnectionCut
from local.bedrock.service import Settings, Simulator
from tests.support.simulated_bedrock import (
    CLAUDE,
    NOVA,
    PRICES,
    REGION,
    assert_refused,
    call,
    claude_body,
    get,
    order,
    read,
    user,
)

Json = dict[str, Any]


def billed(sim: Simulator) -> list[Json]:
    calls: list[Json] = get(sim, "/_sim/bill").json["calls"]
    return calls


def stated(**more: Any) -> str:
    return order(words=10, input_tokens=100, output_tokens=10, **more)


def drain(sim: Simulator, prompt: str, model: str = NOVA) -> None:
    """Reads a stream to its end, wherever that is."""
    body = json.dumps({"messages": user(prompt)}).encode()
    reply = sim.handle(Request("POST", f"/model/{model}/converse-stream", "", {}, body))
    assert not isinstance(reply.body, bytes)
    with contextlib.suppress(ConnectionCut):
        for _ in reply.body:
            pass


def test_a_call_is_charged_by_its_parts(sim: Simulator) -> None:
    prompt = order(input_tokens=7, output_tokens=3, cache_read=5, cache_write=11, cache_write_1h=13)
    answer = call(sim, "converse", CLAUDE, {"messages": user(prompt)})
    (entry,) = billed(sim)
    assert entry == {
        "id": answer.headers["x-amzn-requestid"],
        "model": CLAUDE,
        "operation": "Converse",
        "order_id": "",
        "usage": {
            "input": 7, "output": 3, "cache_read": 5, "cache_write_5m": 11, "cache_write_1h": 13,
        },
        # USD per million tokens x 10^6 = picodollars per token
        "picodollars": 7 * 3_300_000 + 3 * 16_500_000 + 5 * 330_000 + 11 * 4_125_000 + 13 * 6_600_000,
    }  # fmt: skip


def test_the_bill_adds_up_and_can_be_cleared(sim: Simulator) -> None:
    for _ in range(3):
        call(sim, "converse", NOVA, {"messages": user(stated())})
    told = get(sim, "/_sim/bill").json
    assert told["total_picodollars"] == 3 * (100 * 35_000 + 10 * 140_000)
    assert [entry["picodollars"] for entry in told["calls"]] == [4_900_000] * 3
    sim.handle_test_operation(Request("DELETE", "/_sim/bill", "", {}, b""))
    assert get(sim, "/_sim/bill").json == {"calls": [], "total_picodollars": 0}


def test_a_model_without_a_price_costs_the_fallback(sim: Simulator) -> None:
    call(sim, "converse", "qwen.qwen3-32b-v1:0", {"messages": user(stated())})
    assert billed(sim)[0]["picodollars"] == 100 * 15_000_000 + 10 * 75_000_000


def test_an_arn_is_charged_as_what_it_stands_for(sim: Simulator) -> None:
    arn = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{CLAUDE}"
    call(sim, "converse", arn, {"messages": user(stated())})
    assert billed(sim)[0]["model"] == CLAUDE


def test_a_long_prompt_is_charged_at_its_tier(sim: Simulator) -> None:
    prompt = order(input_tokens=150_000, cache_read=50_001, output_tokens=1)
    call(sim, "converse", CLAUDE, {"messages": user(prompt)})
    # the step has no price for cache reads, so they cost what input costs
    assert billed(sim)[0]["picodollars"] == 200_001 * 6_600_000 + 24_750_000


@pytest.mark.parametrize(("tier", "percent"), [("flex", 50), ("priority", 175), ("default", 100)])
def test_a_service_tier_has_its_share_of_the_price(sim: Simulator, tier: str, percent: int) -> None:
    call(sim, "converse", NOVA, {"messages": user(stated()), "serviceTier": {"type": tier}})
    call(sim, "invoke", CLAUDE, claude_body(stated()), x_amzn_bedrock_service_tier=tier)
    first, second = billed(sim)
    assert first["picodollars"] == 4_900_000 * percent // 100
    assert second["picodollars"] == (100 * 3_300_000 + 10 * 16_500_000) * percent // 100


@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"throttle": 1}, {"exception": "throttlingException"}, {"unknown": 1}],
)
def test_a_call_that_fails_before_the_model_runs_costs_nothing(sim: Simulator, fault: Json) -> None:
    assert call(sim, "converse", NOVA, {"messages": user(stated(**fault))}).status >= 400
    assert billed(sim) == []


@pytest.mark.parametrize(
    ("fault", "output"),
    [
        ({}, 10),
        ({"exception": "modelStreamErrorException", "after": 4}, 4),
        ({"cut_after": 3}, 3),
        ({"cut_after": 0}, 0),
        ({"corrupt_after": 3}, 10),
    ],
)
def test_a_stream_costs_its_input_and_what_it_streamed(
    sim: Simulator, fault: Json, output: int
) -> None:
    drain(sim, stated(**fault))
    (entry,) = billed(sim)
    assert (entry["usage"]["input"], entry["usage"]["output"]) == (100, output)
    assert entry["picodollars"] == 100 * 35_000 + output * 140_000


def test_a_stated_usage_is_charged_in_proportion_to_what_was_streamed(sim: Simulator) -> None:
    drain(sim, order(words=10, input_tokens=0, output_tokens=1_000, cut_after=4))
    assert billed(sim)[0]["usage"]["output"] == 400


def test_thinking_that_is_not_shown_is_streamed_and_charged_at_once(sim: Simulator) -> None:
    prompt = order(reasoning="one two three", say="four five", cut_after=1)
    body = claude_body(prompt, thinking={"type": "adaptive"})
    path = "/model/us.anthropic.claude-opus-5-5/invoke-with-response-stream"
    reply = sim.handle(Request("POST", path, "", {}, json.dumps(body).encode()))
    assert not isinstance(reply.body, bytes)
    with pytest.raises(ConnectionCut):
        list(reply.body)
    assert billed(sim)[0]["usage"]["output"] == 3


def test_a_client_that_goes_away_is_charged_the_whole_answer(sim: Simulator) -> None:
    body = json.dumps({"messages": user(stated())}).encode()
    reply = sim.handle(Request("POST", f"/model/{NOVA}/converse-stream", "", {}, body))
    assert not isinstance(reply.body, bytes)
    next(reply.body)
    assert billed(sim)[0]["usage"]["output"] == 10


def test_a_stream_held_too_long_is_charged_what_came_before(sim: Simulator) -> None:
    drain(sim, stated(hold_last="never opened"))
    assert billed(sim)[0]["usage"] == {
        "input": 100, "output": 9, "cache_read": 0, "cache_write_5m": 0, "cache_write_1h": 0,
    }  # fmt: skip


def test_an_answer_held_too_long_costs_nothing(sim: Simulator) -> None:
    answer = call(sim, "converse", NOVA, {"messages": user(stated(hold_last="never opened"))})
    assert_refused(answer, "ModelTimeoutException", "Model has timed out", 408)
    assert billed(sim) == []


def test_counting_tokens_is_free(sim: Simulator) -> None:
    body = {"input": {"converse": {"messages": user("hi")}}}
    assert call(sim, "count-tokens", "anthropic.claude-sonnet-4-6", body).status == 200
    assert billed(sim) == []


def test_an_embedding_costs_its_input(sim: Simulator) -> None:
    call(sim, "invoke", "amazon.titan-embed-text-v2:0", {"inputText": "a" * 40})
    assert billed(sim)[0]["usage"]["input"] == 10


def test_what_was_cut_without_a_stream_had_been_answered(sim: Simulator) -> None:
    body = json.dumps({"messages": user(stated(cut_after=0))}).encode()
    reply = sim.handle(Request("POST", f"/model/{NOVA}/converse", "", {}, body))
    assert not isinstance(reply.body, bytes)
    half = next(reply.body)
    assert 0 < len(half) < int(reply.headers["content-length"])
    assert billed(sim)[0]["usage"]["output"] == 10


def test_an_unknown_test_operation_is_not_found(sim: Simulator) -> None:
    assert get(sim, "/_sim/nothing").status == 404
    post = Request("POST", "/_sim/gates/", "", {}, b"")
    assert read(sim.handle_test_operation(post)).status == 404


def test_a_call_is_known_by_the_id_of_the_order_in_its_prompt(sim: Simulator) -> None:
    call(sim, "converse", NOVA, {"messages": user(stated(id="a stream"))})
    call(sim, "invoke", "amazon.titan-embed-text-v2:0", {"inputText": order(id="a text")})
    drain(sim, stated(id="held", hold_last="never opened"))
    assert [entry["order_id"] for entry in billed(sim)] == ["a stream", "a text", "held"]


# --- what the fields of a price file mean, in sums made by hand -------------------------------------

FILE: Json = {
    "service_tiers": {"default": 100, "flex": 50, "priority": 175, "reserved": 100},
    "fallback": {
        "input": "15", "output": "75",
        "above": [{"tokens": 272_000, "input": "22", "output": "82.5"}],
    },
    "models": [
        {"ids": {"bare": {"input": "2", "output": "10"}}},
        {"ids": {"cached": {
            "input": "2", "output": "10", "cache_read": "0.2", "cache_write_5m": "2.5",
        }}},
        {"ids": {"long": {
            "input": "2", "output": "10", "cache_read": "0.1",
            "above": [
                {"tokens": 200, "input": "8", "output": "30", "cache_read": "0.8"},
                {"tokens": 100, "input": "4", "output": "20", "cache_write_5m": "5"},
            ],
        }}},
        {"ids": {"exact": {
            "input": "0.09", "output": "0.29", "tiers": {"flex": {"input": "0.05", "output": "0.15"}},
            "above": [{"tokens": 1_000, "input": "0.9", "output": "2.9"}],
        }}},
        {"ids": {"local": {
            "input": "0.15", "output": "1.2",
            "tiers": {"flex": {"input": "0.07", "output": "0.6"}},
            "regions": [
                {"in": ["eu-west-2"], "input": "0.23", "output": "1.86"},
                {"in": ["ap-south-1", "eu-west-1"], "input": "0.18", "output": "1.41"},
            ],
        }}},
        {
            "service_tiers": {"default": 100, "reserved": 100},
            "ids": {"one-tier": {"input": "2", "output": "10"}},
        },
        {"ids": {"image": {"input": "0", "request": "0.04"}}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("model_id", "usage", "tier", "region", "picodollars"),
    [
        # 10 * 2 + 5 * 10 USD per million tokens, and a USD per million is 10^6 picodollars per token
        ("bare", Usage(10, 5), "default", "us-east-1", 70_000_000),
        # whatever has no price costs what input does: (10 + 1 + 2 + 3) * 2 + 5 * 10
        ("bare", Usage(10, 5, 1, 2, 3), "default", "us-east-1", 82_000_000),
        # an hour's writes cost what those for five minutes do: 10 * 2 + 1 * 0.2 + (2 + 3) * 2.5
        ("cached", Usage(10, 0, 1, 2, 3), "default", "us-east-1", 32_700_000),
        # 100 tokens are not above 100: 60 * 2 + 40 * 0.1 + 1 * 10
        ("long", Usage(60, 1, 40), "default", "us-east-1", 134_000_000),
        # 101 are, and reads have no price of their own there: (61 + 40) * 4 + 1 * 20
        ("long", Usage(61, 1, 40), "default", "us-east-1", 424_000_000),
        # 201 are above both, wherever they stand in the file: 1 * 8 + 200 * 0.8 + 1 * 30
        ("long", Usage(1, 1, 200), "default", "us-east-1", 198_000_000),
        # an answer counts for no threshold: 100 * 2 + 500 * 10
        ("long", Usage(100, 500), "default", "us-east-1", 5_200_000_000),
        # half of 61 * 4 + 40 * 4 + 1 * 20
        ("long", Usage(61, 1, 40), "flex", "us-east-1", 212_000_000),
        # 1,000 * 0.05 + 100 * 0.15, and not the half of 0.09 and 0.29
        ("exact", Usage(1_000, 100), "flex", "us-east-1", 65_000_000),
        # 1.75 times 1,000 * 0.09 + 100 * 0.29, as that tier has no price of its own
        ("exact", Usage(1_000, 100), "priority", "us-east-1", 208_250_000),
        # 1,001 are above a threshold, which that tier does not know: 1,001 * 0.05
        ("exact", Usage(1_001, 0), "flex", "us-east-1", 50_050_000),
        # 1,000 * 0.15 + 100 * 1.2
        ("local", Usage(1_000, 100), "default", "us-east-1", 270_000_000),
        # 1,000 * 0.23 + 100 * 1.86 in London
        ("local", Usage(1_000, 100), "default", "eu-west-2", 416_000_000),
        # 1,000 * 0.18 + 100 * 1.41 in Ireland
        ("local", Usage(1_000, 100), "default", "eu-west-1", 321_000_000),
        # 1,000 * 0.07 + 100 * 0.6
        ("local", Usage(1_000, 100), "flex", "us-east-1", 130_000_000),
        # half of London's own price, as flex is sold there at no exact one
        ("local", Usage(1_000, 100), "flex", "eu-west-2", 208_000_000),
        # it is sold in no tier that costs less or more: 10 * 2 + 5 * 10
        ("one-tier", Usage(10, 5), "reserved", "us-east-1", 70_000_000),
        ("one-tier", Usage(10, 5), "flex", "us-east-1", 70_000_000),
        # a tier that nobody knows costs what the dearest does: 1.75 times 70
        ("bare", Usage(10, 5), "new", "us-east-1", 122_500_000),
        # 4 cents, whatever the tier
        ("image", Usage(0, 0), "default", "us-east-1", 40_000_000_000),
        ("image", Usage(7, 0), "flex", "us-east-1", 40_000_000_000),
        # 10 * 15 + 1 * 75
        ("unknown", Usage(10, 1), "default", "us-east-1", 225_000_000),
        # 272,001 * 22 + 1 * 82.5
        ("unknown", Usage(272_001, 1), "default", "us-east-1", 5_984_104_500_000),
    ],
)
def test_a_call_costs_what_the_file_says(
    model_id: str, usage: Usage, tier: str, region: str, picodollars: int
) -> None:
    assert PriceList(FILE, region).cost(model_id, usage, tier) == picodollars


def test_a_part_of_a_picodollar_is_charged_as_a_whole_one() -> None:
    data = {**FILE, "models": [{"ids": {"fine": {"input": "0.000001"}}}]}
    # 3 tokens of a picodollar each: 1.5, and 5.25
    assert PriceList(data, "us-east-1").cost("fine", Usage(3, 0), "flex") == 2
    assert PriceList(data, "us-east-1").cost("fine", Usage(3, 0), "priority") == 6


_PRICE = st.decimals(min_value=0, max_value=100, places=6)
_COUNT = st.integers(min_value=0, max_value=2_000_000)


@given(
    prices=st.lists(_PRICE, min_size=5, max_size=5), counts=st.lists(_COUNT, min_size=5, max_size=5)
)
def test_the_cost_is_exact(prices: list[Decimal], counts: list[int]) -> None:
    row = {part: str(price) for part, price in zip(Usage._fields, prices, strict=True)}
    price_list = PriceList({**PRICES, "models": [{"ids": {"m": row}}]}, REGION)
    exact = sum(n * int(price * 10**6) for n, price in zip(counts, prices, strict=True))
    assert price_list.cost("m", Usage(*counts)) == exact


def test_the_region_is_the_simulators(tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    regional = {"input": "1", "output": "2", "regions": [{"in": ["eu-west-2"], "input": "3"}]}
    prices.write_text(json.dumps({**PRICES, "models": [{"ids": {NOVA: regional}}]}))
    sim = Simulator(Settings("eu-west-2", prices))
    call(sim, "converse", NOVA, {"messages": user(order(input_tokens=10, output_tokens=0))})
    assert billed(sim)[0]["picodollars"] == 30_000_000


def test_the_shipped_prices_can_be_read() -> None:
    catalog = Path(__file__).parents[4] / "lambda_src" / "catalog" / "models.json"
    price_list = PriceList.read(catalog, "us-east-1")
    assert price_list.cost("us.anthropic.claude-opus-5-5", Usage(1, 1)) == 26_400_000
