"""What the simulated AWS charges for each call that reached a model.

Computed from the price file alone, in decimals: nothing is shared with the code that keeps the ledger,
so that each can be held to the other. What the file's fields mean is in ``lambda_src/catalog/schema.json``.
"""

import json
import threading
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from local.bedrock.answers import Usage

_PICODOLLARS_PER_DOLLAR = Decimal(10) ** 12
_MILLION = Decimal(10) ** 6

_INSTEAD = {
    "output": "input",
    "cache_read": "input",
    "cache_write_5m": "input",
    "cache_write_1h": "cache_write_5m",
}
"""The part whose price another has that has none of its own."""


class _Offer(NamedTuple):
    """What the calls of an id cost in one Region."""

    line: Mapping[str, Any]
    """USD per million tokens by part; ``tiers``, ``above`` and ``request``, where there are any."""
    percents: Mapping[str, int]
    """What each service tier costs, of the default one."""


class PriceList:
    """The prices of a file in one Region."""

    def __init__(self, data: Mapping[str, Any], region: str) -> None:
        percents = data["service_tiers"]
        self._offers = {
            model_id: _Offer(_local(line, region), model.get("service_tiers", percents))
            for model in data["models"]
            for model_id, line in model["ids"].items()
        }
        self._fallback = _Offer(data["fallback"], percents)

    @classmethod
    def read(cls, path: Path, region: str) -> "PriceList":
        """The prices in a JSON file."""
        return cls(json.loads(path.read_text()), region)

    def cost(self, model_id: str, usage: Usage, tier: str = "default") -> int:
        """Picodollars of a call; a part of one is charged as a whole one.

        An id that is not in the file costs the fallback, and a service tier that is not in it what the
        dearest does.
        """
        offer = self._offers.get(model_id, self._fallback)
        prices, percent = _sold(offer, tier, usage.total - usage.output)
        by_part = [count * _price(prices, part) for part, count in usage._asdict().items()]
        dollars = sum(by_part, Decimal(0)) / _MILLION * percent / 100
        dollars += Decimal(offer.line.get("request", "0"))
        return int((dollars * _PICODOLLARS_PER_DOLLAR).to_integral_value(ROUND_CEILING))


def _sold(offer: _Offer, tier: str, prompt: int) -> tuple[Mapping[str, Any], int]:
    """The prices of a call in a tier whose prompt has so many tokens, and how many percent of them."""
    exact = offer.line.get("tiers", {})
    if tier in exact:
        return exact[tier], 100
    passed = [step for step in offer.line.get("above", ()) if prompt > step["tokens"]]
    prices = max(passed, key=lambda step: int(step["tokens"]), default=offer.line)
    return prices, offer.percents.get(tier, max(offer.percents.values()))


def _local(line: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    for regional in line.get("regions", ()):
        if region in regional["in"]:
            return dict(regional)
    return line


def _price(prices: Mapping[str, Any], part: str) -> Decimal:
    while part not in prices:
        part = _INSTEAD[part]
    return Decimal(prices[part])


class Bill:
    """The calls of an account, in the order in which they reached a model."""

    def __init__(self, prices: PriceList) -> None:
        self._prices = prices
        self._lock = threading.Lock()
        self._calls: dict[str, dict[str, Any]] = {}

    def charge(
        self,
        call_id: str,
        model_id: str,
        operation: str,
        usage: Usage,
        tier: str = "default",
        order_id: str = "",
    ) -> None:
        """Puts a call on the bill; charging it again puts the new usage in place of the old.

        `order_id` is the ``id`` of the order in its prompt, by which a test can know its calls again.
        """
        entry = {
            "id": call_id,
            "model": model_id,
            "operation": operation,
            "order_id": order_id,
            "usage": usage._asdict(),
            "picodollars": self._prices.cost(model_id, usage, tier),
        }
        with self._lock:
            self._calls[call_id] = entry

    def show(self) -> dict[str, Any]:
        """Every call and the total."""
        with self._lock:
            calls = list(self._calls.values())
        return {"calls": calls, "total_picodollars": sum(call["picodollars"] for call in calls)}

    def clear(self) -> None:
        """Forgets every call."""
        with self._lock:
            self._calls.clear()
