"""The time and the bytes that fetches may take, and a reader of sockets that keeps to them."""

import io
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from math import inf
from typing import Any

from router.destinations import Unfetchable
from router.http_pool import READ_SIZE

MAX_TOTAL = 15_000_000
"""Bytes of all bodies of one request, which become 20 MB of base64; Bedrock takes 25 MB."""

MAX_HEAD = 32_768
"""Bytes of an answer's status line and headers, interim answers included."""


class Allowance:
    """What the fetches of one request may take together. They may run in several threads."""

    def __init__(
        self, clock: Callable[[], float], limit_s: float, lock: AbstractContextManager[Any]
    ) -> None:
        self._clock = clock
        self._deadline = clock() + limit_s
        self._bytes = MAX_TOTAL
        self._lock = lock

    def left_s(self) -> float:
        """Seconds until the deadline. Raises `TimeoutError` when there are none."""
        left_s = self._deadline - self._clock()
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def take(self, size: int) -> None:
        """Takes from the bytes. Raises `Unfetchable` when there are not as many."""
        with self._lock:
            self._bytes -= size
            if self._bytes < 0:
                megabytes = MAX_TOTAL // 10**6
                raise Unfetchable(f"all URLs of a request together may lead to {megabytes} MB")

    def withdraw(self) -> None:
        """Ends the time, and with it whatever is still being fetched."""
        self._deadline = -inf


class AllowedReader(io.RawIOBase):
    """Reads a socket until the deadline, and no more than `MAX_HEAD` bytes before `in_body` is set.

    It stands in for the socket of an `http.client.HTTPResponse`.
    """

    def __init__(self, sock: ssl.SSLSocket, allowance: Allowance) -> None:
        self._socket = sock
        self._allowance = allowance
        self._head_left = MAX_HEAD
        self.in_body = False
        self.at_end = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        """A buffered reader over this one."""
        return io.BufferedReader(self, READ_SIZE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.in_body:
            if not self._head_left:
                raise Unfetchable(f"the server's headers are larger than {MAX_HEAD} bytes")
            buffer = buffer[: self._head_left]
        self._socket.settimeout(self._allowance.left_s())
        size = self._socket.recv_into(buffer)
        if not self.in_body:
            self._head_left -= size
        self.at_end = size == 0
        return size
