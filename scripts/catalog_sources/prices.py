"""Which of the tables is believed, for each price."""

from collections.abc import Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from scripts.catalog_sources import genai_table, litellm_table
from scripts.catalog_sources.litellm_table import Row

Tables = tuple[Mapping[str, litellm_table.Entry], list[dict[str, Any]]]
"""litellm's entries, and the models of one provider in genai-prices."""


class Undecided(Exception):
    """The tables say what no decision covers, or a decision covers nothing."""


class Prices:
    """Prices by id, out of whichever source is to be believed."""

    def __init__(self, tables: Tables, overrides: Mapping[str, Any]) -> None:
        self._litellm, self._genai = tables
        self._set = overrides["prices"]
        self._decisions = overrides["disagreements"]
        self._used: set[str] = set()
        self._open: list[str] = []

    def find(self, model_id: str) -> tuple[str, Row]:
        """The source and the price row."""
        for override in self._set:
            if model_id in override["ids"]:
                self._used.add(override["why"])
                return "overrides", self._overridden(override)
        ours = litellm_table.price(self._litellm.get(model_id, {}))
        theirs = genai_table.price(self._genai, model_id)
        if ours and theirs and differences(ours, theirs):
            return self._decide(model_id, ours, theirs)
        if not (ours or theirs):
            raise Undecided(f"no source has a price of {model_id}")
        return ("litellm", ours) if ours else ("genai-prices", theirs)

    def _overridden(self, override: Mapping[str, Any]) -> Row:
        like = override.get("like")
        return dict(override["price"]) if like is None else self.find(like)[1]

    def _decide(self, model_id: str, ours: Row, theirs: Row) -> tuple[str, Row]:
        for decision in self._decisions:
            if any(fnmatchcase(model_id, glob) for glob in decision["ids"]):
                self._used.add(decision["why"])
                take = decision["take"]
                return take, ours if take == "litellm" else theirs
        self._open.append(f"{model_id}: litellm {ours}, genai-prices {theirs}")
        return "litellm", ours

    def check_all_used(self) -> None:
        """Raises `Undecided` for open disagreements and for idle decisions."""
        idle = [
            f"decides nothing: {decision['why']}"
            for decision in (*self._set, *self._decisions)
            if decision["why"] not in self._used
        ]
        if self._open or idle:
            raise Undecided("\n".join((*self._open, *idle)))


def differences(ours: Row, theirs: Row) -> list[str]:
    """The parts that both tables have and tell differently, context tiers among them."""
    parts = [
        part
        for part in litellm_table.PARTS
        if part in ours and part in theirs and Decimal(ours[part]) != Decimal(theirs[part])
    ]
    steps = [[step["tokens"] for step in row.get("above", ())] for row in (ours, theirs)]
    return parts + (["above"] if steps[0] != steps[1] else [])
