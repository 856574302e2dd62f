"""A reconciliation in the API's JSON."""

from collections.abc import Iterable
from typing import Any

from ledger.money import to_usd

from console.query import Days
from console.reconciliation import (
    ONLY_IN_BILL,
    ONLY_IN_LEDGER,
    VERDICTS,
    Comparison,
    Reconciliation,
)


def reconciliation_json(
    found: Reconciliation, days: Days, *, region: str, complete: str, requests: int
) -> dict[str, Any]:
    """The answer of ``GET /api/reconciliation``.

    Amounts are decimal strings of dollars; ``drift_usd`` is what was charged less what was billed, and
    ``drift_percent`` its share of what was billed, null where nothing was.
    """
    return {
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "region": region,
        "complete_until": complete,
        "within_tolerance": found.within_tolerance,
        "rows": [{"day": row.day} | _comparison(row) for row in found.rows],
        "models": [_comparison(model) for model in found.models],
        "totals": {
            "complete": _sums(row for row in found.rows if row.day <= complete),
            "incomplete": _sums(row for row in found.rows if row.day > complete),
        },
        "only_in_ledger": [
            {
                "model": model,
                "requests": counts.requests,
                "ledger_usd": to_usd(counts.cost),
                "explanation": ONLY_IN_LEDGER.get(model, "a model that the catalog no longer has"),
            }
            for model, counts in found.only_in_ledger.items()
        ],
        "only_in_bill": [
            {
                "reason": beside.reason,
                "what": beside.what,
                "billed_usd": to_usd(beside.amount),
                "explanation": ONLY_IN_BILL[beside.reason],
            }
            for beside in found.only_in_bill
        ],
        "cost_explorer_requests": requests,
    }


def _comparison(row: Comparison) -> dict[str, Any]:
    counts = row.charged
    return {
        "model": row.model,
        "requests": counts.requests,
        "bounded_requests": counts.bounded,
        **_amounts(counts.cost, row.billed),
        "verdict": row.verdict,
        "explanation": VERDICTS[row.verdict].format(
            bounded=counts.bounded, requests=counts.requests
        ),
    }


def _sums(rows: Iterable[Comparison]) -> dict[str, Any]:
    summed = [(row.charged.cost, row.billed) for row in rows]
    return _amounts(sum(charged for charged, _ in summed), sum(billed for _, billed in summed))


def _amounts(charged: int, billed: int) -> dict[str, Any]:
    return {
        "ledger_usd": to_usd(charged),
        "billed_usd": to_usd(billed),
        "drift_usd": to_usd(charged - billed),
        "drift_percent": _percent(charged - billed, billed),
    }


def _percent(drift: int, billed: int) -> str | None:
    """A share with two decimals, rounded away from zero at the half."""
    if billed <= 0:
        return None
    hundredths = (abs(drift) * 20_000 + billed) // (2 * billed)
    sign = "-" if drift < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02}"
