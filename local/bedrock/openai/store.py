"""The responses an account has stored: what ``store`` keeps and ``previous_response_id`` goes on from.

The service keeps one for 30 days; here the oldest go first once all together are too large.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

Item = dict[str, Any]

_MOST_BYTES = 64_000_000


class _Stored(NamedTuple):
    response: dict[str, Any]
    items: list[Item]
    """The conversation up to the response, without its output."""
    size: int


class ResponseStore:
    """Stored responses by id; holds at most `most_bytes` of their JSON."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._stored: OrderedDict[str, _Stored] = OrderedDict()
        self._size = 0

    def keep(self, response: dict[str, Any], items: list[Item]) -> None:
        """Stores a response, or its new state in place of the old."""
        size = len(json.dumps([response, items]))
        with self._lock:
            self._drop(response["id"])
            self._stored[response["id"]] = _Stored(response, items, size)
            self._size += size
            while self._size > self._most_bytes and len(self._stored) > 1:
                self._drop(next(iter(self._stored)))

    def get(self, response_id: str) -> dict[str, Any] | None:
        """A stored response."""
        with self._lock:
            stored = self._stored.get(response_id)
        return stored.response if stored else None

    def conversation(self, response_id: str) -> list[Item] | None:
        """The items up to and including a response's output; None when it is not stored."""
        with self._lock:
            stored = self._stored.get(response_id)
        return [*stored.items, *stored.response["output"]] if stored else None

    def item(self, item_id: str) -> Item | None:
        """A stored output item."""
        return next((item for item in self._outputs() if item.get("id") == item_id), None)

    def delete(self, response_id: str) -> bool:
        """Forgets a response; whether there was one."""
        with self._lock:
            return self._drop(response_id)

    def cancel(self, response_id: str) -> dict[str, Any] | None:
        """Ends a response that is in progress, and gives it; None when it is not in progress."""
        with self._lock:
            stored = self._stored.get(response_id)
            if stored is None or stored.response["status"] != "in_progress":
                return None
            response = {**stored.response, "status": "cancelled"}
            self._stored[response_id] = stored._replace(response=response)
        return response

    def follow(
        self, pieces: Iterator[bytes], response: dict[str, Any], items: list[Item]
    ) -> Iterator[bytes]:
        """The pieces of a stream until its response is cancelled; keeps the response in the end."""
        try:
            for piece in pieces:
                if self._is_cancelled(response["id"]):
                    return
                yield piece
        finally:
            # A client that goes away does not stop the model, so its response is kept all the same.
            if not self._is_cancelled(response["id"]):
                self.keep(response, items)

    def _is_cancelled(self, response_id: str) -> bool:
        stored = self.get(response_id)
        return stored is not None and stored["status"] == "cancelled"

    def _outputs(self) -> list[Item]:
        with self._lock:
            return [item for kept in self._stored.values() for item in kept.response["output"]]

    def _drop(self, response_id: str) -> bool:
        stored = self._stored.pop(response_id, None)
        if stored is None:
            return False
        self._size -= stored.size
        return True
