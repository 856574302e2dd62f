"""What the simulated AWS charges for each call that reached a model.

Computed from the prices alone, in decimals: nothing is shared with the code that keeps the ledger, so
that each can be held to the other.
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


class Price(NamedTuple):
    """USD per million tokens of each part of `Usage`."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal


class PriceList:
    """The catalog's prices: ``{"fallback": row, "models": [{"ids": {id: row}}], "service_tiers"}``.

    A part without a price costs what input costs. A row may say under ``above`` what the whole call
    costs once its prompt has more than so many tokens.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._fallback = data["fallback"]
        self._rows = {
            model_id: row for model in data["models"] for model_id, row in model["ids"].items()
        }
        self._tiers = data.get("service_tiers", {})

    @classmethod
    def read(cls, path: Path) -> "PriceList":
        """The prices in a JSON file."""
        return cls(json.loads(path.read_text()))

    def cost(self, model_id: str, usage: Usage, tier: str = "default") -> int:
        """Picodollars of a call; a part of one is charged as a whole one."""
        row = self._rows.get(model_id, self._fallback)
        prompt = usage.total - usage.output
        for step in sorted(row.get("above", ()), key=lambda step: step["tokens"]):
            if prompt > step["tokens"]:
                row = step
        price = Price(*(Decimal(row.get(part, row["input"])) for part in Price._fields))
        dollars = (
            sum((count * rate for count, rate in zip(usage, price, strict=True)), Decimal(0))
            / _MILLION
        )
        share = Decimal(self._tiers.get(tier, 100)) / 100
        picodollars = dollars * share * _PICODOLLARS_PER_DOLLAR
        return int(picodollars.to_integral_value(ROUND_CEILING))


class Bill:
    """The calls of an account, in the order in which they reached a model."""

    def __init__(self, prices: PriceList) -> None:
        self._prices = prices
        self._lock = threading.Lock()
        self._calls: dict[str, dict[str, Any]] = {}

    def charge(
        self, call_id: str, model_id: str, operation: str, usage: Usage, tier: str = "default"
    ) -> None:
        """Puts a call on the bill; charging it again puts the new usage in place of the old."""
        entry = {
            "id": call_id,
            "model": model_id,
            "operation": operation,
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
