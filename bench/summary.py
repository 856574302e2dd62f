"""What many samples of one quantity come down to."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Summary(NamedTuple):
    """Median, 10th and 90th percentile of `n` samples."""

    median: float
    p10: float
    p90: float
    n: int


def summarize(samples: Sequence[float]) -> Summary:
    """The summary of at least one sample."""
    return Summary(
        median(samples), percentile(samples, 0.1), percentile(samples, 0.9), len(samples)
    )


def percentile(samples: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the samples lie, interpolated between neighbours."""
    ranked = sorted(samples)
    position = share * (len(ranked) - 1)
    below = int(position)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (position - below)


def slope(short: tuple[float, float], long: tuple[float, float]) -> float:
    """The cost of one more unit, from two (units, cost) points."""
    return (long[1] - short[1]) / (long[0] - short[0])
