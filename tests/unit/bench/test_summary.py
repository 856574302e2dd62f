from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.summary import Summary, percentile, slope, summarize

samples = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50)


@given(samples)
def test_percentiles_agree_with_the_standard_librarys(values: list[float]) -> None:
    deciles = quantiles(values, n=10, method="inclusive")
    assert summarize(values).p10 == pytest.approx(deciles[0], abs=1e-6)
    assert summarize(values).p90 == pytest.approx(deciles[-1], abs=1e-6)


@given(samples)
def test_the_ends_are_percentiles_too(values: list[float]) -> None:
    assert (percentile(values, 0.0), percentile(values, 1.0)) == (min(values), max(values))


def test_a_single_sample_is_its_own_summary() -> None:
    assert summarize([3.5]) == Summary(median=3.5, p10=3.5, p90=3.5, n=1)


def test_slope_leaves_out_what_every_stream_costs_once() -> None:
    once, each = 700.0, 40.0
    assert slope((10, once + 10 * each), (260, once + 260 * each)) == pytest.approx(each)
