from decimal import ROUND_CEILING, Decimal

import pytest
from catalog.pricing import (
    Price,
    Rates,
    Usage,
    affordable,
    cache_savings,
    cost,
    least,
    most,
    parse_price,
    picodollars_per_token,
)
from hypothesis import given
from hypothesis import strategies as st

# --- from dollars to picodollars ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usd_per_million", "picodollars"),
    [
        ("4", 4_000_000),
        ("4.4", 4_400_000),
        ("0.00875", 8_750),
        ("0.000001", 1),
        ("0", 0),
        ("15.000000", 15_000_000),
        ("100", 100_000_000),
    ],
)
def test_a_price_per_million_tokens_is_whole_picodollars_per_token(
    usd_per_million: str, picodollars: int
) -> None:
    assert picodollars_per_token(usd_per_million) == picodollars


@pytest.mark.parametrize("text", ["0.0000001", "4,4", "four", "", ".5", ".", "-1", "1e-3", "1_0"])
def test_a_price_that_is_no_exact_number_of_picodollars_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="picodollar"):
        picodollars_per_token(text)


@given(st.decimals(min_value=0, max_value=10_000, places=6))
def test_prices_are_exact(usd_per_million: Decimal) -> None:
    per_token_usd = usd_per_million / 1_000_000
    assert picodollars_per_token(str(usd_per_million)) == per_token_usd * 10**12


def test_a_part_without_a_price_costs_what_input_costs() -> None:
    price = parse_price({"input": "3", "output": "15", "cache_read": "0.3"})
    assert price == Price(Rates(3_000_000, 15_000_000, 300_000, 3_000_000, 3_000_000))


def test_a_cache_write_for_an_hour_costs_no_less_than_one_for_five_minutes() -> None:
    price = parse_price({"input": "1", "output": "5", "cache_write_5m": "1.25"})
    assert price.base.cache_write_1h == 1_250_000


def test_an_embedding_model_has_an_input_price_only() -> None:
    assert parse_price({"input": "0.02"}).base == Rates(20_000, 20_000, 20_000, 20_000, 20_000)


def test_tiers_are_parsed_in_the_order_given() -> None:
    row = {
        "input": "1",
        "output": "2",
        "above": [
            {"tokens": 100, "input": "3", "output": "4"},
            {"tokens": 200, "input": "5", "output": "6"},
        ],
    }
    price = parse_price(row)
    assert [limit for limit, _ in price.above] == [100, 200]
    assert [rates.output for _, rates in price.above] == [4_000_000, 6_000_000]


# --- what a call costs ----------------------------------------------------------------------------

OPUS = parse_price(
    {
        "input": "4",
        "output": "20",
        "cache_read": "0.2",
        "cache_write_5m": "5",
        "cache_write_1h": "8",
    }
)

TIERED = parse_price(
    {"input": "1", "output": "5", "above": [{"tokens": 1000, "input": "2", "output": "7.5"}]}
)


def test_every_part_of_the_usage_has_its_own_price() -> None:
    used = Usage(input=1, output=10, cache_read=100, cache_write_5m=1000, cache_write_1h=10_000)
    assert cost(used, OPUS) == (
        4_000_000 + 10 * 20_000_000 + 100 * 200_000 + 1000 * 5_000_000 + 10_000 * 8_000_000
    )
    assert (used.prompt, used.total) == (11_101, 11_111)


def test_nothing_used_costs_nothing() -> None:
    assert cost(Usage(), OPUS) == 0


@pytest.mark.parametrize(
    ("prompt", "rate"), [(999, 1_000_000), (1000, 1_000_000), (1001, 2_000_000)]
)
def test_a_tier_begins_strictly_above_its_threshold(prompt: int, rate: int) -> None:
    assert cost(Usage(input=prompt), TIERED) == prompt * rate


def test_a_tier_prices_the_whole_call() -> None:
    assert cost(Usage(input=1001, output=10), TIERED) == 1001 * 2_000_000 + 10 * 7_500_000


def test_cached_tokens_count_towards_the_threshold_and_output_does_not() -> None:
    cached = Usage(input=1, cache_read=500, cache_write_5m=300, cache_write_1h=200)
    assert cost(cached, TIERED) == 1001 * 2_000_000
    assert cost(Usage(input=1000, output=5000), TIERED) == 1000 * 1_000_000 + 5000 * 5_000_000


def test_a_service_tier_is_a_share_of_the_price_rounded_up() -> None:
    odd = Price(Rates(1, 1, 1, 1, 1))
    assert cost(Usage(input=3), odd, 50) == 2
    assert cost(Usage(input=4), odd, 50) == 2
    assert cost(Usage(input=1), odd, 175) == 2


def test_reading_from_a_cache_saves_and_writing_to_it_costs() -> None:
    assert cache_savings(Usage(input=5, output=7, cache_read=100), OPUS) == 100 * 3_800_000
    assert cache_savings(Usage(cache_write_5m=10), OPUS) == -10 * 1_000_000
    assert cache_savings(Usage(cache_write_1h=10), OPUS) == -10 * 4_000_000
    assert cache_savings(Usage(input=5, output=7), OPUS) == 0


def test_savings_are_told_by_the_prices_of_the_call_itself() -> None:
    price = Price(Rates(10, 0, 1, 12, 20), ((1000, Rates(20, 0, 2, 24, 40)),), request=7)
    assert cache_savings(Usage(cache_read=1000), price) == 1000 * 9
    assert cache_savings(Usage(input=1, cache_read=1000), price) == 1000 * 18
    assert cache_savings(Usage(cache_read=1000), price, 50) == 1000 * 9 // 2


# --- laws -----------------------------------------------------------------------------------------

TOKENS = st.integers(0, 2_000_000)
RATE = st.integers(0, 10**9)
RATES = st.builds(Rates, RATE, RATE, RATE, RATE, RATE)
USAGES = st.builds(Usage, TOKENS, TOKENS, TOKENS, TOKENS, TOKENS)
PERCENTS = st.integers(1, 400)


@st.composite
def prices(draw: st.DrawFn) -> Price:
    """Any price, also one whose higher tiers are the cheaper ones."""
    thresholds = sorted(draw(st.sets(TOKENS, max_size=3)))
    return Price(draw(RATES), tuple((threshold, draw(RATES)) for threshold in thresholds))


def cost_in_decimals(used: Usage, price: Price, percent: int) -> Decimal:
    """The cost in dollars, computed another way: per million tokens, rounded up at the end."""
    prompt = used.input + used.cache_read + used.cache_write_5m + used.cache_write_1h
    rates = price.base
    for threshold, dearer in price.above:
        rates = dearer if prompt > threshold else rates
    usd = sum(
        Decimal(tokens) * (Decimal(rate) / 10**6) / 10**6
        for tokens, rate in zip(used, rates, strict=True)
    )
    return (usd * percent / 100).quantize(Decimal("1e-12"), ROUND_CEILING)


@given(USAGES, prices(), PERCENTS)
def test_a_cost_is_what_decimal_arithmetic_says(used: Usage, price: Price, percent: int) -> None:
    assert Decimal(cost(used, price, percent)) / 10**12 == cost_in_decimals(used, price, percent)


@given(USAGES, RATES, st.sampled_from(Usage._fields), PERCENTS)
def test_one_more_token_never_costs_less(
    used: Usage, rates: Rates, part: str, percent: int
) -> None:
    more = used._replace(**{part: getattr(used, part) + 1})
    assert cost(more, Price(rates), percent) >= cost(used, Price(rates), percent)


@given(USAGES, USAGES, RATES)
def test_two_calls_within_one_tier_cost_what_one_of_both_does(
    one: Usage, other: Usage, rates: Rates
) -> None:
    both = Usage(*(a + b for a, b in zip(one, other, strict=True)))
    price = Price(rates)
    assert cost(both, price) == cost(one, price) + cost(other, price)


@given(USAGES, prices(), PERCENTS)
def test_savings_are_those_of_the_reads_less_what_the_writes_cost_more(
    used: Usage, price: Price, percent: int
) -> None:
    rates = price.rates(used.prompt)
    parts = ("cache_read", "cache_write_5m", "cache_write_1h")
    full = sum(getattr(used, part) * (rates.input - getattr(rates, part)) for part in parts)
    # Both costs are rounded up.
    assert abs(cache_savings(used, price, percent) * 100 - full * percent) < 100
    assert cache_savings(used, price) == full


@st.composite
def calls_within_bounds(draw: st.DrawFn) -> tuple[Usage, int, int]:
    """A usage, and bounds of prompt and answer that it keeps to."""
    used = draw(USAGES)
    return used, used.prompt + draw(TOKENS), used.output + draw(TOKENS)


@given(calls_within_bounds(), prices(), PERCENTS)
def test_no_call_within_the_bounds_costs_more_than_the_most(
    call: tuple[Usage, int, int], price: Price, percent: int
) -> None:
    used, prompt_tokens, output_tokens = call
    assert most(prompt_tokens, output_tokens, price, percent) >= cost(used, price, percent)


@given(TOKENS, TOKENS, prices(), PERCENTS)
def test_the_most_is_not_more_than_some_call_could_cost(
    prompt_tokens: int, output_tokens: int, price: Price, percent: int
) -> None:
    """It is tight at the dearest rates that a prompt up to that size could be billed at."""
    reachable = [price.rates(0), *(price.rates(t + 1) for t, _ in price.above if t < prompt_tokens)]
    dearest = max(
        prompt_tokens * max(rates[0], *rates[2:]) + output_tokens * rates.output
        for rates in reachable
    )
    assert most(prompt_tokens, output_tokens, price, percent) == -(-dearest * percent // 100)


@given(TOKENS, TOKENS, st.integers(0, 10**15), prices(), PERCENTS)
def test_what_is_affordable_costs_no_more_than_the_amount_and_one_token_more_would(
    prompt_tokens: int, output_tokens: int, spare: int, price: Price, percent: int
) -> None:
    amount = most(prompt_tokens, 0, price, percent) + spare
    tokens = affordable(amount, prompt_tokens, output_tokens, price, percent)
    assert 0 <= tokens <= output_tokens
    assert most(prompt_tokens, tokens, price, percent) <= amount
    if tokens < output_tokens:
        assert most(prompt_tokens, tokens + 1, price, percent) > amount


@given(TOKENS, TOKENS, prices(), PERCENTS)
def test_the_most_of_a_call_affords_it_whole(
    prompt_tokens: int, output_tokens: int, price: Price, percent: int
) -> None:
    amount = most(prompt_tokens, output_tokens, price, percent)
    assert affordable(amount, prompt_tokens, output_tokens, price, percent) == output_tokens


def test_an_amount_below_the_prompts_cost_affords_no_answer() -> None:
    assert affordable(10 * 8_000_000 - 1, 10, 5, OPUS) == 0
    assert affordable(1001 * 2_000_000 - 1, 1001, 5, TIERED) == 0


def test_the_most_weighs_dear_tiers_that_the_bound_reaches_only() -> None:
    assert most(1000, 10, TIERED) == 1000 * 1_000_000 + 10 * 5_000_000
    assert most(1001, 10, TIERED) == 1001 * 2_000_000 + 10 * 7_500_000


def test_the_most_assumes_the_dearest_way_to_cache() -> None:
    assert most(10, 0, OPUS) == 10 * 8_000_000


# --- the least a call can cost ----------------------------------------------------------------------


@given(calls_within_bounds(), prices(), PERCENTS)
def test_no_call_within_the_bounds_costs_less_than_the_least(
    call: tuple[Usage, int, int], price: Price, percent: int
) -> None:
    used, most_tokens, _ = call
    for fewer in (0, used.prompt // 2, used.prompt):
        found = least(fewer, most_tokens, price, percent, cached=True)
        assert found <= cost(used, price, percent)


@given(calls_within_bounds(), prices(), PERCENTS)
def test_no_call_without_a_cache_costs_less_than_the_least(
    call: tuple[Usage, int, int], price: Price, percent: int
) -> None:
    used, most_tokens, _ = call
    uncached = Usage(input=used.prompt, output=used.output)
    found = least(used.prompt // 2, most_tokens, price, percent, cached=False)
    assert found <= cost(uncached, price, percent)


def test_the_least_assumes_the_cheapest_way_to_cache_where_there_is_one() -> None:
    assert least(10, 100, OPUS, cached=True) == 10 * OPUS.base.cache_read
    assert least(10, 100, OPUS, cached=False) == 10 * OPUS.base.input


def test_the_least_weighs_cheap_tiers_that_the_bound_reaches_only() -> None:
    cheaper = parse_price(
        {"input": "10", "output": "1", "above": [{"tokens": 1000, "input": "0.1", "output": "1"}]}
    )
    assert least(1000, 1000, cheaper, cached=False) == 1000 * 10_000_000
    assert least(1000, 1001, cheaper, cached=False) == 1001 * 100_000
    assert least(2000, 3000, cheaper, cached=False) == 2000 * 100_000
