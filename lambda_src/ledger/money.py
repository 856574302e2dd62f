"""Money is an integer of picodollars (10^-12 USD) inside and a decimal string of dollars at the edges.

$4 per million tokens is 4,000,000 picodollars per token, so no price needs a fraction, and no amount
is ever a float.
"""

PLACES = 12
DOLLAR = 10**PLACES

UNLIMITED = 10**24
"""The credit limit, in picodollars, of a key without one: a trillion dollars, never reached. It lets
one condition, ``remaining >= :amount``, serve keys with and without a limit."""

MAX_TEXT = 64
"""Longest accepted amount; it bounds what an exponent could make us compute."""


def to_usd(picodollars: int) -> str:
    """Exact decimal string in dollars, without trailing zeros: ``"0.000001234"``, ``"10"``, ``"-0.5"``."""
    dollars, rest = divmod(abs(picodollars), DOLLAR)
    sign = "-" if picodollars < 0 else ""
    fraction = str(rest).zfill(PLACES).rstrip("0")
    return f"{sign}{dollars}.{fraction}" if fraction else f"{sign}{dollars}"


def from_usd(amount: str | int) -> int:
    """Picodollars of a non-negative decimal amount in dollars, exactly, or ValueError.

    Takes an int, or a string as JSON writes numbers (``"10"``, ``"0.05"``, ``"1e-07"``). Refuses a
    sign, NaN, more than 12 decimals and anything of `UNLIMITED` or above.
    """
    text = str(amount)
    mantissa, e, exponent = text.lower().partition("e")
    whole, point, fraction = mantissa.partition(".")
    if (
        len(text) > MAX_TEXT
        or not _is_digits(whole)
        or (point and not _is_digits(fraction))
        or (e and not _is_digits(exponent.removeprefix("-").removeprefix("+")))
    ):
        raise ValueError("must be a non-negative decimal amount in US dollars")
    shift = int(exponent or 0) + PLACES - len(fraction)
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return 0
    if len(digits) + shift > len(str(UNLIMITED)) - 1:
        raise ValueError("must be less than a trillion US dollars")
    if shift >= 0:
        return int(digits + "0" * shift)
    if digits[shift:].strip("0"):
        raise ValueError(f"must have at most {PLACES} decimals")
    return int(digits[:shift])


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
