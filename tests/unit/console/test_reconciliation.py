"""The ledger and the bill, compared: what is one, what is apart, and what it comes to."""

from typing import Any

import pytest
from catalog import models
from console import billed_names
from console.billed_names import BilledNames
from console.cost_explorer import BillLine
from console.reconciliation import (
    ONLY_IN_BILL,
    VERDICTS,
    Beside,
    Comparison,
    Reconciliation,
    reconcile,
)
from hypothesis import given
from hypothesis import strategies as st
from ledger.usage import Counts

CENT = 10**10
DOLLAR = 10**12
NOVA = "us.amazon.nova-pro-v1:0"
DAY = "2026-11-20"
COMPLETE = "2026-11-21"


@pytest.fixture(scope="module")
def names() -> BilledNames:
    return billed_names.load(models.load("us-east-1"))


def charged(cost: int, requests: int = 1, bounded: int = 0) -> Counts:
    return Counts(requests=requests, bounded=bounded, cost=cost)


def billed(
    amount: int,
    usage_type: str = "USE1-NovaPro-input-tokens",
    *,
    day: str = DAY,
    service: str = "Amazon Bedrock",
) -> BillLine:
    return BillLine(day, service, usage_type, amount)


def compare(
    names: BilledNames,
    charges: dict[tuple[str, str], Counts],
    *lines: BillLine,
    tolerance: int = 100,
) -> Reconciliation:
    return reconcile(
        charges, lines, names, region="us-east-1", complete=COMPLETE, tolerance=tolerance
    )


def test_all_token_types_and_profiles_of_a_model_are_compared_as_one(names: BilledNames) -> None:
    opus = "Claude Opus 5.5 (Amazon Bedrock Edition)"
    found = compare(
        names,
        {
            (DAY, "us.anthropic.claude-opus-5-5"): charged(3 * DOLLAR),
            (DAY, "global.anthropic.claude-opus-5-5"): charged(2 * DOLLAR, requests=4),
        },
        billed(DOLLAR, "USE1-MP:USE1_input_tokens_standard-Units", service=opus),
        billed(2 * DOLLAR, "USE1-MP:USE1_output_tokens_global_standard-Units", service=opus),
        billed(DOLLAR, "USE1-MP:USE1_cache_write_tokens_1h_standard-Units", service=opus),
        billed(DOLLAR, "USE1-anthropic.claude-opus-5-5-mantle-cache-read-tokens-standard"),
    )
    counts = charged(5 * DOLLAR, requests=5)
    assert found.rows == [Comparison("claude-opus-5-5", counts, 5 * DOLLAR, "agrees", DAY)]
    assert found.models == [Comparison("claude-opus-5-5", counts, 5 * DOLLAR, "agrees")]
    assert (found.only_in_bill, found.only_in_ledger) == ([], {})
    assert found.within_tolerance


@pytest.mark.parametrize(
    ("counts", "amount", "tolerance", "verdict"),
    [
        (charged(DOLLAR), DOLLAR, 0, "agrees"),
        (charged(DOLLAR + CENT), DOLLAR, 0, "agrees"),
        (charged(DOLLAR + CENT + 1), DOLLAR, 0, "charged_more"),
        (charged(102 * DOLLAR), 100 * DOLLAR, 200, "agrees"),
        (charged(102 * DOLLAR + 1), 100 * DOLLAR, 200, "charged_more"),
        (charged(98 * DOLLAR), 100 * DOLLAR, 200, "agrees"),
        (charged(98 * DOLLAR - 1), 100 * DOLLAR, 200, "billed_more"),
        (charged(2 * DOLLAR, bounded=1), DOLLAR, 100, "bounds"),
        (charged(2 * DOLLAR), 0, 100, "not_billed"),
        (charged(2 * DOLLAR, bounded=1), 0, 10_000, "not_billed"),
        (charged(0, requests=0), -2 * DOLLAR, 10_000, "not_billed"),
    ],
)
def test_the_verdict(
    names: BilledNames, counts: Counts, amount: int, tolerance: int, verdict: str
) -> None:
    lines = [billed(amount)] if amount else []
    found = compare(names, {(DAY, NOVA): counts}, *lines, tolerance=tolerance)
    assert [row.verdict for row in (*found.rows, *found.models)] == [verdict, verdict]
    assert found.within_tolerance == (verdict == "agrees")
    assert verdict in VERDICTS


def test_what_midnight_parts_is_no_drift_of_the_model(names: BilledNames) -> None:
    found = compare(names, {(COMPLETE, NOVA): charged(DOLLAR)}, billed(DOLLAR, day=DAY))
    assert [(row.day, row.verdict) for row in found.rows] == [
        (DAY, "billed_more"),
        (COMPLETE, "not_billed"),
    ]
    assert found.within_tolerance


def test_models_that_drift_apart_do_not_make_up_for_each_other(names: BilledNames) -> None:
    found = compare(
        names,
        {
            (DAY, NOVA): charged(2 * DOLLAR),
            (DAY, "us.amazon.nova-lite-v1:0"): charged(DOLLAR),
        },
        billed(DOLLAR),
        billed(2 * DOLLAR, "USE1-NovaLite-output-tokens"),
    )
    assert sum(model.drift for model in found.models) == 0
    assert not found.within_tolerance


def test_a_day_whose_bill_is_incomplete_is_shown_and_not_judged(names: BilledNames) -> None:
    found = compare(names, {("2026-11-22", NOVA): charged(5 * DOLLAR)})
    assert [row.verdict for row in found.rows] == ["incomplete"]
    assert found.models == []
    assert found.within_tolerance


@pytest.mark.parametrize(
    ("usage_type", "reason", "what"),
    [
        ("EU-NovaPro-input-tokens", "other_region", "eu-west-1"),
        ("XX9-NovaPro-input-tokens", "other_region", "XX9-NovaPro-input-tokens"),
        ("USE1-NovaPro-input-tokens-batch", "batch", "nova-pro"),
        ("USE1-NovaPro-input-tokens-custom-model", "customization", "nova-pro"),
        ("USE1-NovaPro-Customization-Training", "customization", None),
        ("USE1-NovaPro-ProvisionedThroughput-ModelUnits", "capacity", None),
        ("USE1-Guardrail-ContentPolicyUnitsConsumed", "other_feature", None),
        ("USE1-Nova9Ultra-input-tokens", "unknown_model", "Nova9Ultra"),
        ("USE1-NovaLite-input-tokens", "beside_the_router", "nova-lite"),
    ],
)
def test_what_the_router_has_no_part_in_is_told_and_is_no_drift(
    names: BilledNames, usage_type: str, reason: str, what: str | None
) -> None:
    lines = billed(DOLLAR), billed(5 * DOLLAR, usage_type), billed(DOLLAR, usage_type, day=COMPLETE)
    found = compare(names, {(DAY, NOVA): charged(DOLLAR)}, *lines)
    assert found.only_in_bill == [Beside(reason, what or usage_type, 6 * DOLLAR)]
    assert [row.verdict for row in found.rows] == ["agrees"]
    assert reason in ONLY_IN_BILL


def test_a_model_that_any_call_was_charged_for_is_compared_on_all_days(names: BilledNames) -> None:
    found = compare(
        names, {(DAY, NOVA): charged(DOLLAR)}, billed(DOLLAR), billed(DOLLAR, day=COMPLETE)
    )
    assert [(row.day, row.verdict) for row in found.rows] == [
        (DAY, "agrees"),
        (COMPLETE, "billed_more"),
    ]
    assert not found.within_tolerance


def test_what_the_ledger_knows_by_no_model_is_apart(names: BilledNames) -> None:
    found = compare(
        names,
        {
            (DAY, "other"): charged(DOLLAR),
            (COMPLETE, "other"): charged(DOLLAR),
            (DAY, "unsettled"): charged(3 * DOLLAR, requests=2, bounded=2),
        },
    )
    assert found.rows == []
    assert found.only_in_ledger == {
        "other": charged(2 * DOLLAR, requests=2),
        "unsettled": charged(3 * DOLLAR, requests=2, bounded=2),
    }


MODELS = st.sampled_from([NOVA, "eu.amazon.nova-lite-v1:0", "other", "unsettled", "acme.gone"])
USAGE_TYPES = st.sampled_from(
    [
        "USE1-NovaPro-input-tokens",
        "USE1-NovaLite-input-tokens-batch",
        "EU-x",
        "USE1-R1-output-tokens",
    ]
)
DAYS = st.sampled_from([DAY, COMPLETE, "2026-11-22"])
AMOUNTS = st.integers(-(10**15), 10**15)


@given(
    st.dictionaries(st.tuples(DAYS, MODELS), st.builds(charged, st.integers(0, 10**15))),
    st.lists(st.builds(BillLine, DAYS, st.just("Amazon Bedrock"), USAGE_TYPES, AMOUNTS)),
)
def test_no_picodollar_of_either_side_is_lost(
    names: BilledNames, charges: Any, lines: list[BillLine]
) -> None:
    found = compare(names, charges, *lines)
    told = sum(row.charged.cost for row in found.rows)
    told += sum(counts.cost for counts in found.only_in_ledger.values())
    assert told == sum(counts.cost for counts in charges.values())
    apart = sum(beside.amount for beside in found.only_in_bill)
    assert sum(row.billed for row in found.rows) + apart == sum(line.amount for line in lines)
