"""What calls of 30 models cost, worked out by hand from the public prices.

Prices are in USD per million tokens, as https://aws.amazon.com/bedrock/pricing/ has them for the Region
or the profile (2026-11-22); a sum says tokens * price of input + output + cache read + write for five
minutes + write for an hour, and is divided by a million.
"""

from decimal import Decimal
from typing import NamedTuple

import pytest
from catalog import models
from catalog.pricing import Usage


class Golden(NamedTuple):
    """A call, and what it costs in USD."""

    model: str
    usage: Usage
    usd: str
    tier: str = "default"
    region: str = "us-east-1"


GOLDEN = [
    # 1,000 * 4.40 + 500 * 22 + 90,000 * 0.22 + 2,000 * 5.50 + 1,000 * 8.80
    Golden("us.anthropic.claude-opus-5-5", Usage(1_000, 500, 90_000, 2_000, 1_000), "0.055"),
    # 1,000 * 4 + 500 * 20
    Golden("global.anthropic.claude-opus-5-5", Usage(1_000, 500), "0.014"),
    # 10,000 * 4.80 + 1,000 * 24
    Golden("us-gov.anthropic.claude-opus-5-5", Usage(10_000, 1_000), "0.072"),
    # 2,000 * 2.20 + 1,000 * 11 + 50,000 * 0.11
    Golden("eu.anthropic.claude-sonnet-5-5", Usage(2_000, 1_000, 50_000), "0.0209"),
    # 100,000 is not above 100,000: 100,000 * 0.11 + 1,000 * 0.55
    Golden("us.anthropic.claude-haiku-5-5", Usage(100_000, 1_000), "0.01155"),
    # 100,001 is: 1 * 0.55 + 1,000 * 2.75 + 100,000 * 0.055
    Golden("us.anthropic.claude-haiku-5-5", Usage(1, 1_000, 100_000), "0.00825055"),
    # 3,000 * 5.50 + 2,000 * 27.50 + 4,000 * 11
    Golden("jp.anthropic.claude-opus-5", Usage(3_000, 2_000, 0, 0, 4_000), "0.1155"),
    # 1,000 * 11 + 1,000 * 55 + 20,000 * 0.275
    Golden("us.anthropic.claude-fable-5-1", Usage(1_000, 1_000, 20_000), "0.0715"),
    # 1,000 * 8 + 1,000 * 40 + 10,000 * 10
    Golden("global.anthropic.claude-fable-5-2", Usage(1_000, 1_000, 0, 10_000), "0.148"),
    # 1,000 * 3.30 + 100 * 16.50 + 10,000 * 0.33 + 10,000 * 4.125 + 10,000 * 6.60
    Golden(
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        Usage(1_000, 100, 10_000, 10_000, 10_000),
        "0.1155",
    ),
    # 200,001 is above 200,000: 1 * 6.60 + 1,000 * 24.75 + 100,000 * 0.66 + 100,000 * 13.20
    Golden(
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        Usage(1, 1_000, 100_000, 0, 100_000),
        "1.4107566",
    ),
    # 10,000 * 1.10 + 1,000 * 5.50 + 100,000 * 0.11
    Golden("au.anthropic.claude-haiku-4-5-20251001-v1:0", Usage(10_000, 1_000, 100_000), "0.0275"),
    # 1,000 * 15 + 1,000 * 75 + 10,000 * 1.50 + 1,000 * 18.75
    Golden(
        "us.anthropic.claude-opus-4-1-20250805-v1:0", Usage(1_000, 1_000, 10_000, 1_000), "0.12375"
    ),
    # 4,000 * 0.80 + 1,000 * 4
    Golden("anthropic.claude-3-5-haiku-20241022-v1:0", Usage(4_000, 1_000), "0.0072"),
    # 10,000 * 0.25 + 1,000 * 1.25
    Golden("anthropic.claude-3-haiku-20240307-v1:0", Usage(10_000, 1_000), "0.00375"),
    # 10,000 * 0.035 + 1,000 * 0.14
    Golden("amazon.nova-micro-v1:0", Usage(10_000, 1_000), "0.00049"),
    # 10,000 * 0.078 + 1,000 * 0.312 + 10,000 * 0.0195
    Golden("eu.amazon.nova-lite-v1:0", Usage(10_000, 1_000, 10_000), "0.001287"),
    # 10,000 * 1.05 + 1,000 * 4.20
    Golden("eu.amazon.nova-pro-v1:0", Usage(10_000, 1_000), "0.0147"),
    # half of 10,000 * 0.80 + 1,000 * 3.20 + 10,000 * 0.20
    Golden("us.amazon.nova-pro-v1:0", Usage(10_000, 1_000, 10_000), "0.0066", "flex"),
    # 1.75 times 10,000 * 0.33 + 1,000 * 2.75
    Golden("us.amazon.nova-2-lite-v1:0", Usage(10_000, 1_000), "0.0105875", "priority"),
    # 100,000 * 2.20 + 10,000 * 11 + 100,000 * 0.11 + 10,000 * 2.75
    Golden("us.openai.gpt-6.1-sol", Usage(100_000, 10_000, 100_000, 10_000), "0.3685"),
    # 272,001 is above 272,000: 272,001 * 4.40 + 1,000 * 16.50
    Golden("us.openai.gpt-6.1-sol", Usage(272_001, 1_000), "1.2133044"),
    # 10,000 * 0.15 + 1,000 * 0.60
    Golden("openai.gpt-oss-120b-1:0", Usage(10_000, 1_000), "0.0021"),
    # 1.75 times 10,000 * 0.07 + 1,000 * 0.30
    Golden("openai.gpt-oss-20b-1:0", Usage(10_000, 1_000), "0.00175", "priority"),
    # 10,000 * 2.20 + 1,000 * 6.60 + 10,000 * 0.55
    Golden("us.xai.grok-4.7", Usage(10_000, 1_000, 10_000), "0.0341"),
    # 10,000 * 0.24 + 1,000 * 0.97
    Golden("us.meta.llama4-maverick-17b-instruct-v1:0", Usage(10_000, 1_000), "0.00337"),
    # 10,000 * 0.72 + 1,000 * 0.72
    Golden("us.meta.llama3-3-70b-instruct-v1:0", Usage(10_000, 1_000), "0.00792"),
    # 10,000 * 0.62 + 1,000 * 1.85
    Golden("deepseek.v3.2", Usage(10_000, 1_000), "0.00805"),
    # 10,000 * 0.74 + 1,000 * 2.22 in Tokyo
    Golden("deepseek.v3.2", Usage(10_000, 1_000), "0.00962", region="ap-northeast-1"),
    # 10,000 * 0.50 + 1,000 * 1.50
    Golden("mistral.mistral-large-3-675b-instruct", Usage(10_000, 1_000), "0.0065"),
    # 10,000 * 0.60 + 1,000 * 3
    Golden("moonshotai.kimi-k2.5", Usage(10_000, 1_000), "0.009"),
    # 10,000 * 3 + 1,000 * 15 + 10,000 * 0.30 + 10,000 * 3.75
    Golden("global.moonshotai.kimi-k3", Usage(10_000, 1_000, 10_000, 10_000), "0.0855"),
    # 10,000 * 1 + 1,000 * 3.20
    Golden("zai.glm-5", Usage(10_000, 1_000), "0.0132"),
    # 10,000 * 0.47 + 1,000 * 1.86 in London
    Golden("minimax.minimax-m2.5", Usage(10_000, 1_000), "0.00656", region="eu-west-2"),
    # 10,000 * 0.05 + 1,000 * 0.15, which Gemma has in the flex tier instead of half of 0.09 and 0.29
    Golden("google.gemma-3-12b-it", Usage(10_000, 1_000), "0.00065", "flex"),
    # 1,000,000 * 0.02
    Golden("amazon.titan-embed-text-v2:0", Usage(1_000_000), "0.02"),
    # 10,000 * 0.12
    Golden("us.cohere.embed-v4:0", Usage(10_000), "0.0012"),
    # an image
    Golden("stability.stable-image-ultra-v1:1", Usage(), "0.14"),
    # a search
    Golden("cohere.rerank-v3-5:0", Usage(), "0.002"),
]


@pytest.mark.parametrize("golden", GOLDEN, ids=[f"{n}-{g.model}" for n, g in enumerate(GOLDEN)])
def test_a_call_costs_what_the_public_price_says(golden: Golden) -> None:
    target = models.load(golden.region).resolve(golden.model)
    assert (target.model_id, target.priced) == (golden.model, True)
    assert Decimal(target.cost(golden.usage, golden.tier)) == Decimal(golden.usd) * 10**12


def test_they_are_of_thirty_models() -> None:
    assert len({models.base_id(golden.model) for golden in GOLDEN}) >= 30
