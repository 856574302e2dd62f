"""How much credit a call gets reserved: all that it can cost while credit lasts, then a share of the rest.

Clients ask for far longer answers than they get (Claude Code for 128,000 tokens a call) and for many
at once. Near a limit a few whole worst cases would hold all credit, while shares leave some for the
next call, each of which is held to what it got by a lower limit on its answer.
"""

from typing import NamedTuple


class Grant(NamedTuple):
    """Picodollars to reserve if at least `credit` of them are left."""

    amount: int
    credit: int


def whole(amount: int, least: int) -> Grant:
    """All that a call can cost, out of twice as much unless it can do with no less."""
    return Grant(amount, amount if least == amount else 2 * amount)


def share(amount: int, least: int, remaining: int, in_flight: int) -> Grant:
    """What a call gets that can cost `amount` and can do with `least`, which must be within `remaining`.

    Near the limit half of what remains is parted among the calls in flight and this one. So the first
    gets half, and each of n calls that come at once leaves about 1/(n + 1) of the whole, where halves
    of halves would leave nothing after a dozen.
    """
    part = remaining // (2 * (in_flight + 1))
    if least == amount or remaining >= 2 * amount:
        return whole(amount, least)
    if part <= least:
        return Grant(least, least)
    # All who saw the same credit may have their part as long as half of it stays.
    return Grant(part, remaining // 2 + part)
