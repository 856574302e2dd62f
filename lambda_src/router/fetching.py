"""Media that clients name by URL, fetched for models that take bytes only.

The URL is a stranger's, so it must not become a way into the network the router runs in:
  scheme, port   https on 443; the certificate must be valid for the host
  addresses      looked up once; all must be public, and the connection goes to one of those checked,
                 so that a second look-up cannot lead elsewhere (DNS rebinding)
  redirects      checked like the first URL, each with a look-up of its own
  time, size     one deadline from the look-up to the last byte; head, body and all bodies are bounded
  what is sent   the host, the path and the router's name: no cookie, credential or referrer

What a client is told names no address, and is the same for a host that does not exist as for one
inside, so that private names cannot be told by trying. No message holds a URL, as its query may be
a signature.
"""

import http.client
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from router import destinations
from router.allowance import Allowance, AllowedReader
from router.destinations import PORT, Destination, Unfetchable, parse_url
from router.errors import ApiError
from router.http_pool import CONNECT_TIMEOUT_S, READ_SIZE

MAX_FETCHES = 20
"""As many images as one Converse message takes
(https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html)."""

MAX_BODY = 5_000_000
"""Bytes of one body, above what Converse takes of an image (3.75 MB) or a document (4.5 MB)."""

MAX_REDIRECTS = 3

_THREADS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_NOT_PUBLIC = "its host does not resolve to a public address"

_TOO_LARGE = f"it leads to more than {MAX_BODY // 10**6} MB"

SocketAddress = tuple[Any, ...]
"""An IP address and a port, with what else `socket` wants of the family."""

Resolve = Callable[[str, int], list[tuple[int, SocketAddress]]]
"""Host and port to address families and addresses. Raises `OSError`."""


class Fetched(NamedTuple):
    """What a URL led to."""

    content: bytes
    media_type: str
    """Lower-case, without parameters; empty when the server gave none."""


def system_resolve(host: str, port: int) -> list[tuple[int, SocketAddress]]:
    """The addresses at which the system finds a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class Fetcher:
    """Fetches what URLs lead to, under the rules of this module."""

    def __init__(
        self,
        tls: Callable[[], ssl.SSLContext],
        *,
        resolve: Resolve = system_resolve,
        is_public: Callable[[str], bool] = destinations.is_public,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tls = tls
        self._resolve = resolve
        self._is_public = is_public
        self._clock = clock

    def fetch(self, url: str, where: str, *, limit_s: float) -> Fetched:
        """What the URL in the field `where` leads to. Raises `ApiError` that names the field."""
        return self.fetch_all([(url, where)], limit_s=limit_s)[0]

    def fetch_all(self, requests: Sequence[tuple[str, str]], *, limit_s: float) -> list[Fetched]:
        """What each URL leads to, in order; with each URL comes the field that holds it.

        Raises `ApiError` that names the first field at fault. A URL that occurs twice is fetched
        once, and counts twice towards the bytes of all bodies.
        """
        if len(requests) > MAX_FETCHES:
            where = requests[MAX_FETCHES][1]
            raise _invalid(where, f"a request may hold no more than {MAX_FETCHES} URLs")
        wanted: list[Destination] = []
        fields: dict[Destination, list[str]] = {}
        for url, where in requests:
            try:
                destination = parse_url(url)
            except Unfetchable as error:
                raise _invalid(where, str(error)) from error
            wanted.append(destination)
            fields.setdefault(destination, []).append(where)
        fetched = self._fetch_each(fields, limit_s) if fields else {}
        return [fetched[destination] for destination in wanted]

    def _fetch_each(
        self, fields: dict[Destination, list[str]], limit_s: float
    ) -> dict[Destination, Fetched]:
        # Few requests name a URL, and a cold start need not wait for what only these use.
        import queue  # noqa: PLC0415
        import threading  # noqa: PLC0415

        # The first call makes the TLS settings, which the threads then share.
        self._tls()
        allowance = Allowance(self._clock, limit_s, threading.Lock())
        waiting = deque(fields.items())
        outcomes: queue.SimpleQueue[tuple[Destination, Fetched | Exception]] = queue.SimpleQueue()

        def work() -> None:
            while True:
                try:
                    destination, wheres = waiting.popleft()
                except IndexError:
                    return
                outcome = self._outcome(destination, wheres, allowance, limit_s)
                if isinstance(outcome, Exception):
                    # What has not begun comes later in the request, so its faults are not told.
                    waiting.clear()
                outcomes.put((destination, outcome))

        for _ in range(min(_THREADS, len(fields))):
            # Never joined: the system looks a name up without a time limit.
            threading.Thread(target=work, daemon=True).start()
        known: dict[Destination, Fetched | Exception] = {}
        fetched = {}
        try:
            for destination, wheres in fields.items():
                while destination not in known:
                    try:
                        known.update([outcomes.get(timeout=allowance.left_s())])
                    except (queue.Empty, TimeoutError) as error:
                        raise _too_slow(wheres[0], limit_s) from error
                outcome = known[destination]
                if isinstance(outcome, Exception):
                    raise outcome
                fetched[destination] = outcome
        finally:
            allowance.withdraw()
        return fetched

    def _outcome(
        self, destination: Destination, wheres: list[str], allowance: Allowance, limit_s: float
    ) -> Fetched | Exception:
        try:
            return self._fetch(destination, len(wheres), allowance)
        except Unfetchable as error:
            return _invalid(wheres[0], str(error))
        except TimeoutError:
            return _too_slow(wheres[0], limit_s)
        except ssl.SSLCertVerificationError:
            return _invalid(wheres[0], "the server's certificate is not valid for its host")
        except (OSError, http.client.HTTPException):
            return _invalid(wheres[0], "the server gave no whole HTTP answer")
        except Exception as error:
            return error

    def _fetch(self, destination: Destination, uses: int, allowance: Allowance) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            with self._connect(destination.host, allowance) as sock:
                answer = _exchange(sock, destination, uses, allowance)
            if isinstance(answer, Fetched):
                return answer
            destination = answer
        raise Unfetchable(f"it redirects more than {MAX_REDIRECTS} times")

    def _connect(self, host: str, allowance: Allowance) -> ssl.SSLSocket:
        with _connect_to_any(self._public_addresses(host), allowance) as sock:
            sock.settimeout(allowance.left_s())
            # An end of the connection that TLS does not vouch for is a fault, not a body's end.
            return self._tls().wrap_socket(sock, server_hostname=host, suppress_ragged_eofs=False)

    def _public_addresses(self, host: str) -> list[tuple[int, SocketAddress]]:
        try:
            found = self._resolve(host, PORT)
        except OSError as error:
            raise Unfetchable(_NOT_PUBLIC) from error
        if not found or not all(self._is_public(address[0]) for _, address in found):
            raise Unfetchable(_NOT_PUBLIC)
        return found


def _connect_to_any(found: list[tuple[int, SocketAddress]], allowance: Allowance) -> socket.socket:
    for family, address in found:
        limit_s = min(CONNECT_TIMEOUT_S, allowance.left_s())
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(limit_s)
        try:
            sock.connect(address)
        except OSError:
            sock.close()
        else:
            return sock
    raise Unfetchable("the server cannot be reached")


def _exchange(
    sock: ssl.SSLSocket, destination: Destination, uses: int, allowance: Allowance
) -> Fetched | Destination:
    """Asks for what is at the destination; gives it, or where it redirects to."""
    sock.settimeout(allowance.left_s())
    sock.sendall(
        (
            f"GET {destination.path} HTTP/1.1\r\n"
            f"host: {destination.authority}\r\n"
            "user-agent: bedrockrouter\r\n"
            "accept: */*\r\n"
            "accept-encoding: identity\r\n"
            "connection: close\r\n\r\n"
        ).encode()
    )
    reader = AllowedReader(sock, allowance)
    with http.client.HTTPResponse(cast("socket.socket", reader), method="GET") as response:
        response.begin()
        if reader.at_end:
            # `http.client` takes a head that breaks off for one that ends there.
            raise http.client.IncompleteRead(b"")
        reader.in_body = True
        if response.status in _REDIRECTS:
            return _redirection(response, destination)
        if response.status != 200:
            raise Unfetchable(f"the server answered with status {response.status}")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(_body(response, uses, allowance), media_type)


def _redirection(response: http.client.HTTPResponse, destination: Destination) -> Destination:
    # `http.client` reads headers as Latin-1.
    location = response.headers.get("location", "").encode("latin-1").decode(errors="replace")
    try:
        return parse_url(location, destination)
    except Unfetchable as error:
        raise Unfetchable(f"after a redirect, {error}") from error


def _body(response: http.client.HTTPResponse, uses: int, allowance: Allowance) -> bytes:
    coding = response.getheader("content-encoding", "identity").lower()
    transfer_coding = response.getheader("transfer-encoding", "chunked").lower()
    if coding != "identity" or transfer_coding != "chunked":
        raise Unfetchable("the server compressed its answer, which it was asked not to")
    if response.length is not None and response.length > MAX_BODY:
        raise Unfetchable(_TOO_LARGE)
    content = bytearray()
    while piece := response.read1(READ_SIZE):
        content += piece
        if len(content) > MAX_BODY:
            raise Unfetchable(_TOO_LARGE)
        allowance.take(len(piece) * uses)
    if response.length:
        raise http.client.IncompleteRead(b"")
    return bytes(content)


def _too_slow(where: str, limit_s: float) -> ApiError:
    return _invalid(where, f"it did not arrive within {limit_s:g} s")


def _invalid(where: str, why: str) -> ApiError:
    return ApiError("invalid_request", f"{where} cannot be fetched: {why}.", param=where)
