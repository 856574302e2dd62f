"""The prompt cache: prefixes of prompts, kept for as long as their cache points say.

https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
"""

import hashlib
import json
import threading
from collections.abc import Callable
from typing import NamedTuple

from local.bedrock.models import Model
from local.bedrock.prompts import Prompt

LIFETIMES = {"5m": 300, "30m": 1800, "1h": 3600}
"""Seconds, by the name a request has for them."""


class CacheUse(NamedTuple):
    """Tokens of a prompt that were read from the cache and written to it."""

    read: int = 0
    write_5m: int = 0
    """Also those written for half an hour."""
    write_1h: int = 0


class _Prefix(NamedTuple):
    digest: str
    tokens: int
    cached_for: str


class PromptCache:
    """The prefixes cached for one account; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._expires: dict[str, tuple[float, str]] = {}

    def use(self, model: Model, prompt: Prompt) -> CacheUse:
        """Reads the longest cached prefix of a prompt and writes what its cache points add."""
        if not any(segment.cached_for for segment in prompt.segments):
            return CacheUse()
        prefixes = [p for p in _prefixes(model, prompt) if p.tokens >= model.cache_minimum]
        last = max((i for i, p in enumerate(prefixes) if p.cached_for), default=-1)
        now = self._clock()
        with self._lock:
            read = 0
            for prefix in reversed(prefixes[: last + 1]):
                expires, lifetime = self._expires.get(prefix.digest, (0.0, "5m"))
                if expires > now:
                    read = prefix.tokens
                    self._expires[prefix.digest] = (now + LIFETIMES[lifetime], lifetime)
                    break
            written = dict.fromkeys(LIFETIMES, 0)
            done = read
            for prefix in prefixes:
                if prefix.cached_for and prefix.tokens > done:
                    written[prefix.cached_for] += prefix.tokens - done
                    done = prefix.tokens
                    self._expires[prefix.digest] = (
                        now + LIFETIMES[prefix.cached_for],
                        prefix.cached_for,
                    )
        return CacheUse(read, written["5m"] + written["30m"], written["1h"])


def _prefixes(model: Model, prompt: Prompt) -> list[_Prefix]:
    running = hashlib.sha256(f"{model.id}\0{prompt.cache_key}".encode())
    total = 0
    prefixes = []
    for segment in prompt.segments[1:]:
        running.update(json.dumps(segment.content, sort_keys=True).encode())
        total += segment.tokens
        prefixes.append(_Prefix(running.hexdigest(), total, segment.cached_for))
    return prefixes
