"""Gates that tests open: a stream that is told to waits before one with its last token."""

import threading


class Gates:
    """Gates by name; each stays open once it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[str, threading.Event] = {}

    def open(self, name: str) -> None:
        """Lets everything through that waits at the gate, and all that comes later."""
        self._gate(name).set()

    def wait(self, name: str, seconds: float) -> bool:
        """Waits until the gate is open; False when it is not after that time."""
        return self._gate(name).wait(seconds)

    def _gate(self, name: str) -> threading.Event:
        with self._lock:
            return self._events.setdefault(name, threading.Event())
