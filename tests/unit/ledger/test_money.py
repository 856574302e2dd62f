"""Dollars in text and picodollars in integers are the same amount, to the last digit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from ledger.money import UNLIMITED, from_usd, to_usd

amounts = st.integers(0, UNLIMITED - 1)


@pytest.mark.parametrize(
    ("picodollars", "usd"),
    [
        (0, "0"),
        (1, "0.000000000001"),
        (1_234_000, "0.000001234"),
        (4_000_000, "0.000004"),
        (10 * 10**12, "10"),
        (12_500_000_000_000, "12.5"),
        (-500_000_000_000, "-0.5"),
        (-3 * 10**12, "-3"),
    ],
)
def test_amounts_are_written_exactly_without_trailing_zeros(picodollars, usd):
    assert to_usd(picodollars) == usd


@given(st.integers())
def test_the_text_is_the_amount_and_nothing_but_plain_digits(picodollars):
    text = to_usd(picodollars)
    assert Fraction(text) * 10**12 == picodollars
    assert set(text) <= set("-.0123456789")


@given(amounts)
def test_what_is_written_is_read_back(picodollars):
    assert from_usd(to_usd(picodollars)) == picodollars


@given(st.integers(0, 10**12 - 1))
def test_whole_dollars_may_be_an_integer(dollars):
    assert from_usd(dollars) == dollars * 10**12


@given(st.floats(min_value=1e-6, max_value=1e9))
@example(1e-06)
@example(1e-12)
@example(1e9)
def test_a_json_number_is_the_decimal_it_is_written_as(number):
    exact = Fraction(repr(number)) * 10**12
    assume(exact.denominator == 1)
    assert from_usd(repr(number)) == exact


@given(amounts, st.integers(-30, 30))
def test_an_exponent_moves_the_point(picodollars, exponent):
    mantissa = Decimal(to_usd(picodollars)).scaleb(-exponent)
    assert from_usd(f"{mantissa:f}e{exponent}") == picodollars


@pytest.mark.parametrize("text", ["1e-12", "0.1e-11", "100e-14", "1E+0", "00.50", "0e999", "0.0"])
def test_unusual_spellings_keep_their_value(text):
    assert from_usd(text) == Fraction(text) * 10**12


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "+1", "-0", "nan", "NaN", "inf", "Infinity", "1.", ".5", "1,5", "1_000", " 1",
     "0x10", "1e", "1e1.5", "1e+-1", "1.2.3", "$1", "\u0661", "1\n", "--1", "e5", "1ee5"],
)  # fmt: skip
def test_what_is_not_a_plain_decimal_is_refused(text):
    with pytest.raises(ValueError, match="non-negative decimal"):
        from_usd(text)


@pytest.mark.parametrize("text", ["0.0000000000001", "1e-13", "1.0000000000005", "1e-99"])
def test_more_than_twelve_decimals_are_refused_not_rounded(text):
    with pytest.raises(ValueError, match="12 decimals"):
        from_usd(text)


def test_trailing_zeros_past_the_twelfth_decimal_lose_nothing():
    assert from_usd("0.50000000000000000") == 500_000_000_000


@pytest.mark.parametrize("amount", ["1000000000000", 10**12, "1e12", "1e999", "9" * 20])
def test_amounts_that_would_reach_the_mark_of_no_limit_are_refused(amount):
    with pytest.raises(ValueError, match="trillion"):
        from_usd(amount)


def test_the_largest_amount_is_just_below_the_mark_of_no_limit():
    assert from_usd("999999999999.999999999999") == UNLIMITED - 1


def test_endless_text_is_refused_before_it_is_computed():
    with pytest.raises(ValueError, match="non-negative decimal"):
        from_usd("1" * 1000)


@given(st.integers(max_value=-1))
def test_negative_integers_are_refused(dollars):
    with pytest.raises(ValueError, match="non-negative decimal"):
        from_usd(dollars)
