import inspect

import pytest

from bench.bill import (
    PLATFORM_LOG_BYTES,
    PROXY_MEMORY_MB,
    US_EAST_1,
    Workload,
    billed_ms,
    item_bytes,
    per_million,
)
from bench.fakes.key import ITEM
from stacks.constructs.proxy import Proxy

SECOND_AT_A_GIGABYTE = Workload(
    billed_ms=1000, memory_mb=1024, response_bytes=0, log_bytes=0, item_bytes=1
)


def test_a_gigabyte_second_costs_its_price() -> None:
    # The example of AWS's price page: a million Arm requests of a second at 1 GB.
    bill = per_million(SECOND_AT_A_GIGABYTE, US_EAST_1)
    assert (bill.duration, bill.requests) == (pytest.approx(13.3334), pytest.approx(0.20))


def test_both_table_writes_are_rounded_up_to_whole_units() -> None:
    bills = [
        per_million(SECOND_AT_A_GIGABYTE._replace(item_bytes=size), US_EAST_1).table
        for size in (1024, 1025)
    ]
    assert bills == pytest.approx([2 * 0.625, 4 * 0.625])


def test_only_what_a_stream_has_beyond_six_megabytes_is_paid_as_streamed() -> None:
    free = 6 * 1024 * 1024
    within, beyond = (
        per_million(SECOND_AT_A_GIGABYTE._replace(response_bytes=size), US_EAST_1)
        for size in (free, free + 1000)
    )
    assert within.streamed == 0
    assert beyond.streamed == pytest.approx(1e6 * 1000 / 1e9 * 0.008)


def test_lambdas_own_log_lines_are_paid_beside_the_routers() -> None:
    bill = per_million(SECOND_AT_A_GIGABYTE._replace(log_bytes=1000), US_EAST_1)
    assert bill.logs == pytest.approx((1000 + PLATFORM_LOG_BYTES) / 1000 * 0.50)


def test_the_total_is_the_sum_of_the_parts() -> None:
    bill = per_million(SECOND_AT_A_GIGABYTE._replace(response_bytes=10**7), US_EAST_1)
    assert bill.total == pytest.approx(
        bill.duration + bill.requests + bill.streamed + bill.table + bill.logs + bill.transfer
    )


@pytest.mark.parametrize(
    ("memory_mb", "expected_ms"),
    [(1769, 1012), (3538, 1012), (512, 1017)],
    ids=["a whole vCPU", "two, of which one thread uses one", "a share of one"],
)
def test_cpu_time_stretches_with_the_share_of_a_vcpu(memory_mb: int, expected_ms: int) -> None:
    assert billed_ms(model_s=1.0, table_ms=10.0, cpu_ms=2.0, memory_mb=memory_mb) == expected_ms


def test_an_items_size_follows_dynamodbs_rules() -> None:
    assert item_bytes({"pk": {"S": "key#é"}}) == 2 + 6
    assert item_bytes({"n": {"N": "12345"}}) == 1 + 4
    assert item_bytes({"m": {"M": {"a": {"S": "bc"}}}}) == 1 + 3 + 1 + 1 + 2
    assert item_bytes({"s": {"SS": ["ab", "c"]}}) == 1 + 3


def test_a_keys_item_fits_one_write_unit() -> None:
    assert item_bytes(ITEM) < 1024


def test_the_memory_billed_is_the_stacks_default() -> None:
    assert inspect.signature(Proxy.__init__).parameters["memory_size"].default == PROXY_MEMORY_MB
