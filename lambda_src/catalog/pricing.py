"""What tokens cost, in integer picodollars (10^-12 USD); the one cost function of every route.

Bedrock's `inputTokens` excludes cache reads and writes, so the parts of `Usage` never overlap and
their sum is what the prompt weighs against a context tier's threshold.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

DECIMALS = 6
"""A price in USD per million tokens, times 10 to this, is a price in picodollars per token."""

_USD_DECIMALS = 12


class Usage(NamedTuple):
    """Tokens of one call, each counted in exactly one part."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def prompt(self) -> int:
        """All tokens that went in, cached or not."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        """All tokens, in and out."""
        return self.prompt + self.output


class Rates(NamedTuple):
    """Picodollars per token."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int

    @property
    def prompt_min(self) -> int:
        """The least one token of a prompt can cost, however it is cached."""
        return min(self.input, self.cache_read, self.cache_write_5m, self.cache_write_1h)

    @property
    def prompt_max(self) -> int:
        """The most one token of a prompt can cost, however it is cached."""
        return max(self.input, self.cache_read, self.cache_write_5m, self.cache_write_1h)


class Price(NamedTuple):
    """A model's rates, and those for the whole call once its prompt passes a threshold."""

    base: Rates
    above: tuple[tuple[int, Rates], ...] = ()
    """(prompt tokens, rates), thresholds ascending."""
    request: int = 0
    """Picodollars of a call, whatever its tokens: of an image, or of a search."""
    tiers: Mapping[str, "Price"] = {}
    """What it is in the service tiers that no percentage of it tells."""

    def rates(self, prompt_tokens: int) -> Rates:
        """The rates of a call whose prompt has that many tokens."""
        found = self.base
        for threshold, rates in self.above:
            if prompt_tokens > threshold:
                found = rates
        return found


def picodollars_per_token(usd_per_million: str) -> int:
    """'4.4' USD per million tokens as picodollars per token: 4_400_000. Finer prices raise."""
    return _scaled(usd_per_million, DECIMALS)


def _scaled(usd: str, decimals: int) -> int:
    whole, _, fraction = usd.partition(".")
    digits = whole + fraction.ljust(decimals, "0")
    if not (whole and digits.isdecimal()) or len(fraction) > decimals:
        raise ValueError(f"not a price in whole picodollars: {usd!r}")
    return int(digits)


def parse_price(row: Mapping[str, Any]) -> Price:
    """A price row of ``models.json``.

    A part without a price of its own costs what input costs, a cache write for an hour what one for
    five minutes does.
    """
    return Price(
        _rates(row),
        tuple((step["tokens"], _rates(step)) for step in row.get("above", ())),
        _scaled(row.get("request", "0"), _USD_DECIMALS),
        {tier: parse_price(own) for tier, own in row.get("tiers", {}).items()},
    )


def in_region(row: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    """A price row as it is in a Region: another one where the Region has prices of its own."""
    return next((own for own in row.get("regions", ()) if region in own["in"]), row)


def _rates(row: Mapping[str, Any]) -> Rates:
    write = row.get("cache_write_5m", row["input"])
    defaults = {"cache_write_5m": write, "cache_write_1h": write}
    parts = (row.get(part, defaults.get(part, row["input"])) for part in Rates._fields)
    return Rates(*(picodollars_per_token(part) for part in parts))


def cost(usage: Usage, price: Price, tier_percent: int = 100) -> int:
    """Picodollars of a call; `tier_percent` is the service tier's share of the default price.

    Rounded up where a percentage leaves a fraction of a picodollar.
    """
    rates = price.rates(usage.prompt)
    full = sum(tokens * rate for tokens, rate in zip(usage, rates, strict=True))
    return -(-full * tier_percent // 100) + price.request


def cache_savings(usage: Usage, price: Price, tier_percent: int = 100) -> int:
    """Picodollars by which a call without a cache would have cost more; its prompt is then all input.

    Negative where writing to the cache cost more than reading from it saved.
    """
    uncached = Usage(input=usage.prompt, output=usage.output)
    return cost(uncached, price, tier_percent) - cost(usage, price, tier_percent)


def most(prompt_tokens: int, output_tokens: int, price: Price, tier_percent: int = 100) -> int:
    """The most a call can cost whose prompt and answer have at most that many tokens.

    Every tier a prompt up to that size could fall into is weighed, as a smaller prompt's rates need
    not be the lower ones.
    """
    full = max(
        prompt_tokens * rates.prompt_max + output_tokens * rates.output
        for rates in _reachable(prompt_tokens, price)
    )
    return -(-full * tier_percent // 100) + price.request


def least(
    prompt_tokens: int, most_tokens: int, price: Price, tier_percent: int = 100, *, cached: bool
) -> int:
    """The least a call can cost whose prompt has at least so many tokens and at most so many.

    Nothing is counted for the answer. `cached` tells whether any of the prompt may be.
    """
    beginnings = [
        (prompt_tokens, price.rates(prompt_tokens)),
        *(
            (limit + 1, rates)
            for limit, rates in price.above
            if prompt_tokens <= limit < most_tokens
        ),
    ]
    full = min(
        tokens * (rates.prompt_min if cached else rates.input) for tokens, rates in beginnings
    )
    return -(-full * tier_percent // 100) + price.request


def affordable(
    amount: int, prompt_tokens: int, output_tokens: int, price: Price, tier_percent: int = 100
) -> int:
    """The most tokens of an answer, up to `output_tokens`, with which `most` is within `amount`.

    0 where `amount` does not cover the prompt.
    """
    full = (amount - price.request) * 100 // tier_percent
    left = [
        (full - prompt_tokens * rates.prompt_max, rates.output)
        for rates in _reachable(prompt_tokens, price)
    ]
    if any(rest < 0 for rest, _ in left):
        return 0
    return min([output_tokens, *(rest // rate for rest, rate in left if rate)])


def _reachable(prompt_tokens: int, price: Price) -> list[Rates]:
    return [price.base, *(rates for limit, rates in price.above if prompt_tokens > limit)]
