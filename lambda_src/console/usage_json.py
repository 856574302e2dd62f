"""What keys have used, in the API's JSON: rows by any of day, model and key, and what they sum to."""

from collections.abc import Iterable
from typing import Any

from ledger.money import to_usd
from ledger.usage import Counts, UsageRow

from console.errors import invalid

DIMENSIONS = ("day", "model", "key")

MOST_ROWS = 10_000
"""Rows an answer has at most, about 2.5 MB: a Function URL passes on 6 MB."""


def usage_json(rows: Iterable[tuple[str, UsageRow]], by: tuple[str, ...]) -> dict[str, Any]:
    """``rows``, one for each value of the dimensions in `by`, in their order, and ``totals``.

    `rows` are of a key's id each.
    """
    sums: dict[tuple[str, ...], Counts] = {}
    total = Counts()
    for key_id, row in rows:
        told = {"day": row.day, "model": row.model, "key": key_id}
        group = tuple(told[dimension] for dimension in by)
        sums[group] = sums.get(group, Counts()).plus(row.counts)
        total = total.plus(row.counts)
    if len(sums) > MOST_ROWS:
        raise invalid(
            "by",
            f"gives {len(sums)} rows, and an answer has at most {MOST_ROWS}: ask for fewer days or keys",
        )
    return {
        "rows": [
            dict(zip(by, group, strict=True)) | counts_json(sums[group]) for group in sorted(sums)
        ],
        "totals": counts_json(total),
    }


def counts_json(counts: Counts) -> dict[str, Any]:
    """Counts, with their cost as a decimal string of dollars.

    ``bounded_requests`` were charged the most they can have cost, as Bedrock did not report their usage.
    """
    return {
        "requests": counts.requests,
        "bounded_requests": counts.bounded,
        "cost_usd": to_usd(counts.cost),
        "input_tokens": counts.input,
        "output_tokens": counts.output,
        "cache_read_tokens": counts.cache_read,
        "cache_write_5m_tokens": counts.cache_write_5m,
        "cache_write_1h_tokens": counts.cache_write_1h,
    }
