"""What the simulator has seen: counts, and each request's operation, model and status."""

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_KEPT = 10_000


class Traffic:
    """Counts requests; never keeps what they say."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_flight = 0
        self._most_in_flight = 0
        self._statuses: Counter[int] = Counter()
        self._seen: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Counts a request as under way for as long as its answer takes."""
        with self._lock:
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def saw(self, operation: str, model: str, status: int) -> None:
        """Notes a request and the status it got."""
        with self._lock:
            self._statuses[status] += 1
            self._seen.append({"operation": operation, "model": model, "status": status})

    def show(self) -> dict[str, Any]:
        """The counts and the latest requests, oldest first."""
        with self._lock:
            return {
                "requests": sum(self._statuses.values()),
                "statuses": {str(status): n for status, n in sorted(self._statuses.items())},
                "in_flight": self._in_flight,
                "most_in_flight": self._most_in_flight,
                "seen": list(self._seen),
            }
