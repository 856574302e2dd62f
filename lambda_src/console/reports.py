"""What keys have used, and how that compares with the bill."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

from catalog import models
from ledger.administration import PAGE_LIMIT, Administration
from ledger.usage import Counts

from console import billed_names, query
from console.billed_names import BilledNames
from console.cost_explorer import CostExplorer
from console.errors import ApiError
from console.query import Days
from console.reconciliation import Charges, reconcile
from console.reconciliation_json import reconciliation_json
from console.usage_json import DIMENSIONS, usage_json

BILL_LAG = timedelta(days=2)
"""How long ago a day is whose bill is complete: AWS takes up to a day after its end to bill it.
https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html"""

READING_S = 20
"""How long the ledger is read for one answer; the rest of the function's 60 seconds is the bill's."""

DEFAULT_TOLERANCE = "1"


class Reports:
    """The reports over one key table and the bill of its account."""

    def __init__(
        self,
        administration: Administration,
        cost_explorer: CostExplorer,
        *,
        region: str,
        now: Callable[[], float],
    ) -> None:
        """`region` is the stack's, `now` gives epoch seconds."""
        self._administration = administration
        self._cost_explorer = cost_explorer
        self._region = region
        self._now = now

    def usage_of_key(self, key_id: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """What one key has used; raises UnknownKey."""
        query.only(asked, "from", "to", "by")
        by = query.choice(asked, "by", ("day", "model"), "day,model")
        days = query.days(asked, self._now())
        rows = self._administration.usage(key_id, *_iso(days))
        return {"id": key_id} | _told(days) | usage_json(((key_id, row) for row in rows), by)

    def usage(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """What a page of keys, revoked ones among them, have used together."""
        query.only(asked, "from", "to", "by", "limit", "cursor")
        by = query.choice(asked, "by", DIMENSIONS, "day,model")
        days = query.days(asked, self._now())
        page = self._administration.usage_page(*query.page(asked, PAGE_LIMIT), *_iso(days))
        rows = ((key_id, row) for key_id, rows in page.keys.items() for row in rows)
        return (
            _told(days)
            | {"keys": len(page.keys), "cursor": query.cursor(page.after)}
            | usage_json(rows, by)
        )

    def reconciliation(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """What all keys were charged, held against what the account was billed."""
        query.only(asked, "from", "to", "tolerance")
        days = query.days(asked, self._now())
        complete = (query.days({}, self._now()).last - BILL_LAG).isoformat()
        tolerance = query.percentage(asked, "tolerance", DEFAULT_TOLERANCE)
        if self._region.startswith("us-gov-"):
            raise ApiError(
                409,
                "cost_explorer_elsewhere",
                "AWS GovCloud has no Cost Explorer: its costs are on the bill of the standard account "
                "that this account belongs to",
            )
        charges = self._charges(days)
        bill = self._cost_explorer.bill(*days)
        found = reconcile(
            charges,
            bill.lines,
            self._names,
            region=self._region,
            complete=complete,
            tolerance=tolerance,
        )
        return reconciliation_json(
            found, days, region=self._region, complete=complete, requests=bill.requests
        )

    @cached_property
    def _names(self) -> BilledNames:
        return billed_names.load(models.load(self._region))

    def _charges(self, days: Days) -> Charges:
        """What all keys have used, by day and model."""
        give_up = self._now() + READING_S
        sums: dict[tuple[str, str], Counts] = {}
        after = None
        while True:
            page = self._administration.usage_page(PAGE_LIMIT, after, *_iso(days))
            for rows in page.keys.values():
                for row in rows:
                    cell = row.day, row.model
                    sums[cell] = sums.get(cell, Counts()).plus(row.counts)
            if page.after is None:
                return sums
            if self._now() > give_up:
                raise ApiError(
                    503,
                    "too_many_keys",
                    f"the ledger has more keys than can be read in {READING_S} seconds; "
                    "give the console's function more memory, which makes it faster",
                )
            after = page.after


def _iso(days: Days) -> tuple[str, str]:
    return days.first.isoformat(), days.last.isoformat()


def _told(days: Days) -> dict[str, Any]:
    return dict(zip(("from", "to"), _iso(days), strict=True))
