"""A key's limits per minute as response headers, in the form of each protocol that has one.

A limit that the key does not have is left out.
"""

import time
from collections.abc import Iterator

from ledger.records import RateLimit, RateLimits

from router.http import Headers


def openai_headers(limits: RateLimits, now: int) -> Headers:
    """``x-ratelimit-limit-requests`` and so on; the reset is how long it takes, as ``1m2s``.

    https://platform.openai.com/docs/guides/rate-limits
    """
    minutes, seconds = divmod(max(0, limits.resets - now), 60)
    reset = f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
    headers = []
    for unit, rate in _found(limits):
        headers += [
            (f"x-ratelimit-limit-{unit}", str(rate.limit)),
            (f"x-ratelimit-remaining-{unit}", str(rate.remaining)),
            (f"x-ratelimit-reset-{unit}", reset),
        ]
    return headers


def anthropic_headers(limits: RateLimits, now: int) -> Headers:  # noqa: ARG001
    """``anthropic-ratelimit-requests-limit`` and so on; the reset is an instant of RFC 3339.

    There are none for input and output tokens, as a key's limit is one for both.
    https://platform.claude.com/docs/en/api/rate-limits
    """
    reset = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(limits.resets))
    headers = []
    for unit, rate in _found(limits):
        headers += [
            (f"anthropic-ratelimit-{unit}-limit", str(rate.limit)),
            (f"anthropic-ratelimit-{unit}-remaining", str(rate.remaining)),
            (f"anthropic-ratelimit-{unit}-reset", reset),
        ]
    return headers


def no_headers(limits: RateLimits, now: int) -> Headers:  # noqa: ARG001
    """What a protocol has that knows no such headers."""
    return []


def _found(limits: RateLimits) -> Iterator[tuple[str, RateLimit]]:
    for unit, rate in (("requests", limits.requests), ("tokens", limits.tokens)):
        if rate is not None:
            yield unit, rate
