"""The ledger held against the bill, by day and model: rows of both in, their drift out.

    the ledger's rows                                 the bill's lines
      of models that the catalog knows ──▶ rows ◀── of the same models, in this Region
      the rest ──▶ only_in_ledger                 the rest ──▶ only_in_bill

Drift is what was charged less what was billed. Only the days that are `complete` are judged.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.usage import Counts

from console.billed_names import BilledNames
from console.cost_explorer import BillLine
from console.usage_types import BilledUsage, read

NEGLIGIBLE = 10**10
"""Picodollars, one cent, that are no drift whatever their share."""

Charges = Mapping[tuple[str, str], Counts]
"""What all keys have used, by day and by the model that the ledger names."""

VERDICTS = {
    "agrees": "agrees with the bill",
    "incomplete": "the bill of this day may still be incomplete",
    "bounds": "charged more than billed: {bounded} of {requests} requests were charged a bound, as Bedrock "
    "did not report their usage",
    "charged_more": "charged more than billed: prices of the catalog are too high, or discounted for you",
    "not_billed": "charged, but not on the bill: by another name, if only_in_bill has it, or free of charge",
    "billed_more": "billed more than charged: calls beside the router, or prices of the catalog are too low",
}
"""What a comparison comes to, and how to say it."""

ONLY_IN_BILL = {
    "other_region": "another Region",
    "beside_the_router": "no key was charged for it: calls beside the router",
    "batch": "batch inference",
    "capacity": "provisioned or reserved capacity",
    "customization": "customized models and their training",
    "unknown_model": "a name that no model of the catalog has",
    "other_feature": "not a model: guardrails, knowledge bases and the like",
}
"""Why a part of the bill is compared with nothing."""

ONLY_IN_LEDGER = {
    "other": "models that the catalog does not know, charged at its fallback price",
    "unsettled": "reservations of calls whose process died, charged in full",
}
"""The ledger's names for what is of no one model."""

_PURPOSES = {
    "batch": "batch",
    "provisioned": "capacity",
    "reserved": "capacity",
    "custom": "customization",
    "customization": "customization",
    "training": "customization",
}
"""Word of a usage type → what it is for, other than a call."""


class Comparison(NamedTuple):
    """What was charged and billed for a model, on a day or on all complete days."""

    model: str
    """The catalog's name."""
    charged: Counts
    billed: int
    """Picodollars."""
    verdict: str
    """One of `VERDICTS`."""
    day: str = ""

    @property
    def drift(self) -> int:
        """Picodollars charged more than billed; below zero, less."""
        return self.charged.cost - self.billed


class Beside(NamedTuple):
    """A part of the bill that the router has no part in."""

    reason: str
    """One of `ONLY_IN_BILL`."""
    what: str
    amount: int
    """Picodollars."""


class Reconciliation(NamedTuple):
    """See the module."""

    rows: list[Comparison]
    """By day and model."""
    models: list[Comparison]
    """By model, over the complete days."""
    only_in_ledger: dict[str, Counts]
    only_in_bill: list[Beside]

    @property
    def within_tolerance(self) -> bool:
        """Whether every model's drift over the complete days is."""
        return all(model.verdict == "agrees" for model in self.models)


def reconcile(
    charges: Charges,
    lines: Iterable[BillLine],
    names: BilledNames,
    *,
    region: str,
    complete: str,
    tolerance: int,
) -> Reconciliation:
    """Compares what keys were charged with what the account was billed for the same days.

    `complete` is the last day whose bill is complete, `tolerance` in hundredths of a percent of what
    was billed.
    """
    charged, rest = _charged(charges, names)
    billed, beside = _billed(lines, names, region, {model for _, model in charged})
    rows = []
    by_model: dict[str, tuple[Counts, int]] = {}
    for day, model in sorted(charged.keys() | billed.keys()):
        counts, amount = charged.get((day, model), Counts()), billed.get((day, model), 0)
        if day <= complete:
            verdict = _verdict(counts, amount, tolerance)
            before = by_model.get(model, (Counts(), 0))
            by_model[model] = before[0].plus(counts), before[1] + amount
        else:
            verdict = "incomplete"
        rows.append(Comparison(model, counts, amount, verdict, day))
    models = [
        Comparison(model, counts, amount, _verdict(counts, amount, tolerance))
        for model, (counts, amount) in sorted(by_model.items())
    ]
    return Reconciliation(rows, models, rest, beside)


def _charged(
    charges: Charges, names: BilledNames
) -> tuple[dict[tuple[str, str], Counts], dict[str, Counts]]:
    """The ledger by day and the catalog's name of the model, and what is of none of its models."""
    charged: dict[tuple[str, str], Counts] = {}
    rest: dict[str, Counts] = {}
    for (day, listed), counts in sorted(charges.items()):
        model = names.of_id(listed)
        if model is None:
            rest[listed] = rest.get(listed, Counts()).plus(counts)
        else:
            cell = day, model.name
            charged[cell] = charged.get(cell, Counts()).plus(counts)
    return charged, rest


def _billed(
    lines: Iterable[BillLine], names: BilledNames, region: str, called: set[str]
) -> tuple[dict[tuple[str, str], int], list[Beside]]:
    """The bill by day and model for the models that were `called`, and what else is in it."""
    billed: dict[tuple[str, str], int] = {}
    rest: dict[tuple[str, str], int] = {}
    for line in lines:
        usage = read(line.service, line.usage_type)
        reason, what = _place(usage, line.usage_type, names, region, called)
        if reason:
            rest[reason, what] = rest.get((reason, what), 0) + line.amount
        else:
            billed[line.day, what] = billed.get((line.day, what), 0) + line.amount
    return billed, [Beside(*place, amount) for place, amount in sorted(rest.items())]


def _place(
    usage: BilledUsage, usage_type: str, names: BilledNames, region: str, called: set[str]
) -> tuple[str, str]:
    """Why the router has no part in a line, and what it is of; "" and the model where it has."""
    found = names.find(usage.model) if usage.model else None
    purposes = sorted({_PURPOSES[word] for word in usage.words & _PURPOSES.keys()})
    if usage.region != region:
        return "other_region", usage.region or usage_type
    if purposes:
        return purposes[0], found.name if found else usage.model or usage_type
    if not usage.model:
        return "other_feature", usage_type
    if found is None:
        return "unknown_model", usage.model
    return "" if found.name in called else "beside_the_router", found.name


def _verdict(charged: Counts, billed: int, tolerance: int) -> str:
    drift = charged.cost - billed
    if abs(drift) <= NEGLIGIBLE or abs(drift) * 10_000 <= billed * tolerance:
        return "agrees"
    if drift < 0:
        return "billed_more"
    if billed <= 0:
        return "not_billed"
    return "bounds" if charged.bounded else "charged_more"
