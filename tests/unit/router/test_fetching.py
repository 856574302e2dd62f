"""Held against real TLS servers on loopback, which a test's own resolver finds and counts as public."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from router import destinations
from router.allowance import MAX_HEAD, MAX_TOTAL
from router.errors import ApiError
from router.fetching import (
    MAX_BODY,
    MAX_FETCHES,
    MAX_REDIRECTS,
    Fetched,
    Fetcher,
    Resolve,
    SocketAddress,
    system_resolve,
)

from tests.support.scripted_server import (
    PATIENCE_S,
    Authority,
    Peer,
    Received,
    Script,
    Server,
    make_authority,
    serving,
)

HOST = "media.example"
MORE_HOSTS = tuple(f"{letter}.example" for letter in "abcdefg")
IPV6_HOST = "2606:4700::1111"
URL = f"https://{HOST}/a.png?signature=secret"
WHERE = "messages[0].content[1].image_url.url"

SOON_S = 0.05
"""A deadline for what never comes."""

NOT_PUBLIC = "its host does not resolve to a public address"
NOT_WHOLE = "the server gave no whole HTTP answer"
TOO_LARGE = "it leads to more than 5 MB"
TOO_LARGE_TOGETHER = "all URLs of a request together may lead to 15 MB"

Serve = Callable[..., AbstractContextManager[Server]]


class Names:
    """A resolver that knows the names a test gives addresses, and what it was asked."""

    def __init__(self) -> None:
        self.known: dict[str, list[tuple[int, SocketAddress]]] = {}
        self.asked: list[str] = []

    def lead_to(self, server: Server, *hosts: str) -> None:
        """Has these hosts, or `HOST`, lead to a server on loopback."""
        for host in hosts or (HOST,):
            self.known[host] = [loopback(server.port)]

    def resolve(self, host: str, port: int) -> list[tuple[int, SocketAddress]]:
        assert port == 443
        self.asked.append(host)
        if host not in self.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.known[host]


def loopback(port: int) -> tuple[int, SocketAddress]:
    return (socket.AF_INET, ("127.0.0.1", port))


def is_public_or_loopback(address: str) -> bool:
    return address == "127.0.0.1" or destinations.is_public(address)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


@pytest.fixture(scope="module")
def serve(authority: Authority) -> Serve:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    hosts = (HOST, *MORE_HOSTS, "other.example", IPV6_HOST)
    authority.authority.issue_cert(*hosts).configure_cert(tls)
    return lambda *scripts: serving(*scripts, tls=tls)


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def fetcher(authority: Authority, names: Names) -> Fetcher:
    return Fetcher(authority.client, resolve=names.resolve, is_public=is_public_or_loopback)


def fetch(fetcher: Fetcher, url: str = URL, limit_s: float = PATIENCE_S) -> Fetched:
    return fetcher.fetch(url, WHERE, limit_s=limit_s)


def refusal(call: Callable[[], object], where: str = WHERE) -> str:
    """Why the field at `where` is refused: a 400 that tells nothing of addresses or of the query."""
    with pytest.raises(ApiError) as raised:
        call()
    error = raised.value
    assert error.kind == "invalid_request"
    assert error.param == where
    for private in ("secret", "127.0.0", "10.0.0", "169.254", HOST):
        assert private not in error.message
    opening = f"{where} cannot be fetched: "
    assert error.message.startswith(opening)
    return error.message.removeprefix(opening).removesuffix(".")


def saying(*pieces: bytes) -> Script:
    """Answers one request with these bytes, as far as they are wanted, then drops the connection."""

    def script(peer: Peer) -> None:
        peer.receive()
        with contextlib.suppress(OSError):
            for piece in pieces:
                peer.send(piece)

    return script


def answering(body: bytes = b"", status: int = 200, headers: str = "") -> Script:
    """Answers one request with a whole answer, as far as it is wanted."""

    def script(peer: Peer) -> None:
        peer.receive()
        with contextlib.suppress(OSError):
            peer.answer(body, status, headers)

    return script


def redirecting(location: str, status: int = 302) -> Script:
    return answering(b"moved", status, f"location: {location}\r\n")


def ending_tls_after(answer: bytes) -> Script:
    """Answers one request with these bytes, then ends the connection as TLS wants it."""

    def script(peer: Peer) -> None:
        peer.receive()
        peer.send(answer)
        assert isinstance(peer.socket, ssl.SSLSocket)
        with contextlib.suppress(OSError):
            peer.socket.unwrap()

    return script


def endless(head: bytes, piece: bytes) -> Script:
    """Repeats a piece until the client closes the connection."""

    def script(peer: Peer) -> None:
        peer.receive()
        with contextlib.suppress(OSError):
            peer.send(head)
            while True:
                peer.send(piece)

    return script


# --- what is fetched ------------------------------------------------------------------------------


def test_the_body_comes_with_its_media_type(serve: Serve, names: Names, fetcher: Fetcher) -> None:
    script = answering(b"\x89PNG", headers="Content-Type: Image/PNG; charset=binary\r\n")
    with serve(script) as server:
        names.lead_to(server)
        assert fetch(fetcher) == Fetched(b"\x89PNG", "image/png")


def test_a_server_may_leave_out_the_media_type(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    with serve(answering(b"bytes")) as server:
        names.lead_to(server)
        assert fetch(fetcher) == Fetched(b"bytes", "")


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        (URL, HOST, "/a.png?signature=secret"),
        (f"https://{HOST}.:443/b ü#top", HOST, "/b%20%C3%BC"),
        (f"https://[{IPV6_HOST}]/", f"[{IPV6_HOST}]", "/"),
    ],
)
def test_a_request_says_what_is_wanted_and_no_more(
    serve: Serve, names: Names, fetcher: Fetcher, url: str, host: str, target: str
) -> None:
    received: list[Received] = []

    def script(peer: Peer) -> None:
        received.append(peer.receive())
        peer.answer()

    with serve(script) as server:
        names.lead_to(server, HOST, IPV6_HOST)
        fetch(fetcher, url)
    assert (received[0].method, received[0].target) == ("GET", target)
    assert received[0].headers == [
        ("host", host),
        ("user-agent", "bedrockrouter"),
        ("accept", "*/*"),
        ("accept-encoding", "identity"),
        ("connection", "close"),
    ]


def test_the_server_is_asked_for_by_name_in_the_handshake(
    authority: Authority, names: Names, fetcher: Fetcher
) -> None:
    asked: list[str | None] = []
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.authority.issue_cert(HOST).configure_cert(tls)

    def note(_: object, name: str | None, __: object) -> None:
        asked.append(name)

    tls.sni_callback = note
    with serving(answering(), tls=tls) as server:
        names.lead_to(server)
        fetch(fetcher, f"https://{HOST.upper()}./")
    assert asked == [HOST]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nchu\r\n4;x=y\r\nnked\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n7\r\nchunked\r\n0\r\nx: y\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nchunked",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 7\r\n\r\nchunked and more",
        b"HTTP/1.0 200 OK\r\ncontent-length: 7\r\n\r\nchunked",
    ],
    ids=["chunks", "trailers", "interim", "excess", "http10"],
)
@pytest.mark.parametrize("apart", [False, True])
def test_a_body_is_read_however_http_may_frame_it(
    serve: Serve, names: Names, fetcher: Fetcher, answer: bytes, apart: bool
) -> None:
    pieces = [bytes([byte]) for byte in answer] if apart else [answer]
    with serve(saying(*pieces)) as server:
        names.lead_to(server)
        assert fetch(fetcher).content == b"chunked"


def test_a_body_may_end_with_the_connection_when_tls_vouches_for_the_end(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    with serve(ending_tls_after(b"HTTP/1.1 200 OK\r\n\r\nwhole")) as server:
        names.lead_to(server)
        assert fetch(fetcher).content == b"whole"


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "others",
    [
        ["10.0.0.1"],
        ["93.184.216.34", "169.254.169.254"],
        ["fd00:ec2::254"],
        ["fe80::1%eth0"],
        ["::ffff:10.0.0.1"],
        ["inside"],
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_host_with_any_address_that_is_not_public_is_not_connected_to(
    serve: Serve, names: Names, fetcher: Fetcher, others: list[str], first: bool
) -> None:
    with serve(answering(b"never")) as server:
        addresses = [
            (socket.AF_INET6, (other, 443, 0, 0))
            if ":" in other
            else (socket.AF_INET, (other, 443))
            for other in others
        ]
        public = [loopback(server.port)]
        names.known[HOST] = [*public, *addresses] if first else [*addresses, *public]
        assert refusal(lambda: fetch(fetcher)) == NOT_PUBLIC
        assert server.accepted == 0


def test_a_host_that_does_not_exist_is_told_in_the_same_words(fetcher: Fetcher) -> None:
    assert refusal(lambda: fetch(fetcher)) == NOT_PUBLIC


def test_a_host_without_addresses_is_told_in_the_same_words(names: Names, fetcher: Fetcher) -> None:
    names.known[HOST] = []
    assert refusal(lambda: fetch(fetcher)) == NOT_PUBLIC


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "169.254.169.254", "0.0.0.0", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::]"],
)
def test_by_default_the_system_resolves_and_loopback_is_not_public(
    authority: Authority, host: str
) -> None:
    fetcher = Fetcher(authority.client)
    assert refusal(lambda: fetch(fetcher, f"https://{host}/?secret")) == NOT_PUBLIC


def test_the_system_resolves_an_address_to_itself() -> None:
    assert system_resolve("127.0.0.1", 443) == [(socket.AF_INET, ("127.0.0.1", 443))]


def test_a_host_is_looked_up_once_however_often_its_answer_changes(
    serve: Serve, authority: Authority
) -> None:
    with serve(answering(b"checked")) as checked, serve(answering(b"rebound")) as rebound:
        answers = iter([[loopback(checked.port)], [loopback(rebound.port)]])
        fetcher = Fetcher(
            authority.client,
            resolve=lambda *_: next(answers),
            is_public=is_public_or_loopback,
        )
        assert fetch(fetcher).content == b"checked"
        assert rebound.accepted == 0
        assert next(answers) == [loopback(rebound.port)]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_an_address_that_does_not_answer_gives_way_to_the_next(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    with serve(answering(b"second")) as server:
        names.known[HOST] = [loopback(closed_port()), loopback(server.port)]
        assert fetch(fetcher).content == b"second"


def test_a_server_that_cannot_be_reached_is_told(names: Names, fetcher: Fetcher) -> None:
    names.known[HOST] = [loopback(closed_port())]
    assert refusal(lambda: fetch(fetcher)) == "the server cannot be reached"


@pytest.mark.parametrize(
    "url",
    [
        "http://media.example/?secret",
        "https://good.example@media.example/?secret",
        "https://2130706433/?secret",
        "https://media.example:8443/?secret",
        "https://media.example/?secret\r\nhost: inside",
    ],
)
def test_a_url_that_breaks_the_rules_is_not_even_looked_up(
    names: Names, fetcher: Fetcher, url: str
) -> None:
    assert refusal(lambda: fetch(fetcher, url))
    assert names.asked == []


# --- TLS ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["host", "authority"])
def test_a_certificate_must_be_valid_for_the_host(
    authority: Authority, names: Names, fetcher: Fetcher, fault: str
) -> None:
    issuer = make_authority() if fault == "authority" else authority
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued_to = "other.example" if fault == "host" else HOST
    issuer.authority.issue_cert(issued_to).configure_cert(tls)
    refused = threading.Event()

    def script(peer: Peer) -> None:
        with pytest.raises(OSError, match=r"."):
            tls.wrap_socket(peer.socket, server_side=True).recv(1)
        refused.set()

    with serving(script) as server:
        names.lead_to(server)
        why = refusal(lambda: fetch(fetcher))
        assert refused.wait(PATIENCE_S)
    assert why == "the server's certificate is not valid for its host"


def test_a_server_that_does_not_speak_tls_is_told(names: Names, fetcher: Fetcher) -> None:
    def script(peer: Peer) -> None:
        peer.socket.recv(1)
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")

    with serving(script) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == NOT_WHOLE


# --- redirects ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_with_a_look_up_of_its_own(
    serve: Serve, names: Names, fetcher: Fetcher, status: int
) -> None:
    received: list[Received] = []

    def script(peer: Peer) -> None:
        received.append(peer.receive())
        peer.answer(b"there")

    set_cookie = "set-cookie: a=b\r\nlocation: https://other.example/b?c\r\n"
    with serve(answering(b"here", status, set_cookie)) as here, serve(script) as there:
        names.lead_to(here)
        names.lead_to(there, "other.example")
        assert fetch(fetcher).content == b"there"
    assert names.asked == [HOST, "other.example"]
    assert received[0].target == "/b?c"
    assert [name for name, _ in received[0].headers] == [
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
    ]


def test_a_redirect_may_be_relative_and_in_raw_utf_8(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    received: list[Received] = []

    def script(peer: Peer) -> None:
        received.append(peer.receive())
        peer.answer()

    with serve(redirecting("bücher/ä b.png"), script) as server:
        names.lead_to(server)
        fetch(fetcher, f"https://{HOST}/a/b")
    assert received[0].target == "/a/b%C3%BCcher/%C3%A4%20b.png"


def test_redirects_are_followed_so_often_and_no_oftener(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    redirects = [redirecting(f"/{number}") for number in range(MAX_REDIRECTS)]
    with serve(*redirects, answering(b"there")) as server:
        names.lead_to(server)
        assert fetch(fetcher).content == b"there"
    with serve(*redirects, redirecting("/more"), answering(b"there")) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == "it redirects more than 3 times"
        assert server.accepted == MAX_REDIRECTS + 1


@pytest.mark.parametrize("hops", [1, MAX_REDIRECTS])
@pytest.mark.parametrize("location", ["https://inside.example/", "//inside.example/"])
def test_a_redirect_to_an_address_that_is_not_public_is_not_followed(
    serve: Serve, names: Names, fetcher: Fetcher, location: str, hops: int
) -> None:
    redirects = [redirecting("/again") for _ in range(hops - 1)]
    with serve(*redirects, redirecting(location), answering(b"never")) as server:
        names.lead_to(server)
        names.known["inside.example"] = [
            loopback(server.port),
            (socket.AF_INET, ("10.0.0.1", 443)),
        ]
        assert refusal(lambda: fetch(fetcher)) == NOT_PUBLIC
        assert server.accepted == hops


def test_a_host_that_moves_inside_between_redirects_is_not_followed(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    def script(peer: Peer) -> None:
        names.known[HOST] = [(socket.AF_INET, ("169.254.169.254", 443))]
        redirecting("/again")(peer)

    with serve(script, answering(b"never")) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == NOT_PUBLIC
        assert server.accepted == 1


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://media.example/", "its scheme is http, and must be https"),
        ("file:///etc/passwd", "its scheme is file, and must be https"),
        ("https://user@media.example/", "it holds a user name or a password"),
        ("https://media.example:8443/", "its port is not 443"),
        (
            "https://0x7f.1/",
            "its host is neither a domain name in ASCII nor an IP address",
        ),
        ("/a\r\n b", "it holds control characters"),
    ],
)
def test_a_redirect_is_held_to_the_rules_for_urls(
    serve: Serve, names: Names, fetcher: Fetcher, location: str, why: str
) -> None:
    with serve(redirecting(location), answering(b"never")) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == f"after a redirect, {why}"
        assert server.accepted == 1


# --- answers that are no use ----------------------------------------------------------------------


@pytest.mark.parametrize("status", [201, 204, 206, 300, 304, 401, 403, 404, 429, 500, 503])
def test_any_other_status_than_200_is_told(
    serve: Serve, names: Names, fetcher: Fetcher, status: int
) -> None:
    with serve(answering(b"content", status)) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == f"the server answered with status {status}"


@pytest.mark.parametrize(
    "header",
    ["content-encoding: gzip", "Content-Encoding: br", "transfer-encoding: gzip, chunked"],
)
def test_a_compressed_answer_is_refused(
    serve: Serve, names: Names, fetcher: Fetcher, header: str
) -> None:
    with serve(answering(b"\x1f\x8b", headers=f"{header}\r\n")) as server:
        names.lead_to(server)
        why = "the server compressed its answer, which it was asked not to"
        assert refusal(lambda: fetch(fetcher)) == why


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhalf or whole",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 2OO OK\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"220 smtp ready\r\n\r\n",
        b"\0" * 100,
    ],
)
@pytest.mark.parametrize("end", [Peer.close, Peer.reset])
def test_an_answer_that_is_cut_off_or_no_http_is_told(
    serve: Serve, names: Names, fetcher: Fetcher, answer: bytes, end: Callable[[Peer], None]
) -> None:
    def script(peer: Peer) -> None:
        peer.receive()
        peer.send(answer)
        end(peer)

    with serve(script) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == NOT_WHOLE


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhalf",
    ],
)
def test_an_answer_that_is_cut_off_with_tls_vouching_for_the_end_is_told(
    serve: Serve, names: Names, fetcher: Fetcher, answer: bytes
) -> None:
    with serve(ending_tls_after(answer)) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == NOT_WHOLE


# --- bounds ---------------------------------------------------------------------------------------


def test_a_body_may_be_as_large_as_allowed(serve: Serve, names: Names, fetcher: Fetcher) -> None:
    with serve(answering(bytes(MAX_BODY))) as server:
        names.lead_to(server)
        assert len(fetch(fetcher).content) == MAX_BODY


def test_a_body_declared_too_large_is_not_read(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    def script(peer: Peer) -> None:
        peer.receive()
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (MAX_BODY + 1))
        assert peer.is_closed_by_client()

    with serve(script) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == TOO_LARGE


def test_a_chunked_body_may_be_as_large_as_allowed_and_not_a_byte_larger(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (MAX_BODY, bytes(MAX_BODY))
    with serve(saying(head, chunk, b"0\r\n\r\n")) as server:
        names.lead_to(server)
        assert len(fetch(fetcher).content) == MAX_BODY
    with serve(saying(head, chunk, b"1\r\nx\r\n0\r\n\r\n")) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == TOO_LARGE


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", bytes(100_000)),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            b"10000\r\n%b\r\n" % bytes(65536),
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", bytes(100_000)),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", bytes(100_000)),
    ],
    ids=["undeclared", "chunked", "declared in words", "declared negative"],
)
def test_an_endless_body_is_read_no_further_than_allowed(
    serve: Serve, names: Names, fetcher: Fetcher, head: bytes, piece: bytes
) -> None:
    with serve(endless(head, piece)) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == TOO_LARGE


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"x-long: %b\r\n" % bytes(1000)),
        (b"HTTP/1.1 200 OK\r\nx-longer: ", b"x" * 1000),
        (b"", b"H" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
    ],
    ids=["lines", "one line", "status line", "interim answers"],
)
def test_endless_headers_are_read_no_further_than_allowed(
    serve: Serve, names: Names, fetcher: Fetcher, head: bytes, piece: bytes
) -> None:
    with serve(endless(head, piece)) as server:
        names.lead_to(server)
        why = f"the server's headers are larger than {MAX_HEAD} bytes"
        assert refusal(lambda: fetch(fetcher)) == why


def test_headers_without_number_are_read_no_further_than_allowed(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    with serve(endless(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n")) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch(fetcher)) == NOT_WHOLE


def test_headers_may_be_as_large_as_allowed(serve: Serve, names: Names, fetcher: Fetcher) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-long: \r\n\r\n"
    fill = b"x" * (MAX_HEAD - len(head))
    answer = head.replace(b"x-long: ", b"x-long: " + fill) + b"body"
    with serve(saying(answer)) as server:
        names.lead_to(server)
        assert fetch(fetcher).content == b"body"


# --- time -----------------------------------------------------------------------------------------


def hurried(fetcher: Fetcher) -> str:
    return refusal(lambda: fetch(fetcher, limit_s=SOON_S))


TOO_SLOW = f"it did not arrive within {SOON_S} s"


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]
)
def test_a_server_that_falls_silent_is_waited_for_until_the_deadline(
    serve: Serve, names: Names, fetcher: Fetcher, start: bytes
) -> None:
    def script(peer: Peer) -> None:
        with contextlib.suppress(EOFError, OSError):
            # The client may give up before it has asked.
            peer.receive()
            peer.send(start)
            peer.is_closed_by_client()

    with serve(script) as server:
        names.lead_to(server)
        # The handshake is not what is to be slow.
        assert refusal(lambda: fetch(fetcher, limit_s=0.5)) == "it did not arrive within 0.5 s"


def test_a_handshake_that_trickles_ends_at_the_deadline(names: Names, fetcher: Fetcher) -> None:
    def script(peer: Peer) -> None:
        record = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"
        given_up = threading.Event()
        with contextlib.suppress(OSError):
            peer.send(record)
            while not given_up.wait(SOON_S / 10):
                peer.send(b"\0")

    with serving(script) as server:
        names.lead_to(server)
        assert hurried(fetcher) == TOO_SLOW


def test_a_look_up_that_hangs_ends_at_the_deadline(authority: Authority) -> None:
    answered = threading.Event()
    looked: list[str] = []

    def resolve(host: str, _port: int) -> list[tuple[int, SocketAddress]]:
        looked.append(host)
        assert answered.wait(PATIENCE_S)
        return [loopback(closed_port())]

    try:
        assert hurried(Fetcher(authority.client, resolve=resolve)) == TOO_SLOW
        assert looked == [HOST]
    finally:
        answered.set()


class Ticking:
    """A clock that moves on by a second whenever it is read."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        self._now += 1
        return self._now


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n"),
    ],
    ids=["status line", "header", "body", "declared body", "chunks", "trailers"],
)
def test_an_answer_that_trickles_ends_at_the_deadline(
    serve: Serve, names: Names, authority: Authority, head: bytes, piece: bytes
) -> None:
    fetcher = Fetcher(
        authority.client,
        resolve=names.resolve,
        is_public=is_public_or_loopback,
        clock=Ticking(),
    )
    with serve(endless(head, piece)) as server:
        names.lead_to(server)
        why = refusal(lambda: fetch(fetcher, limit_s=60))
    assert why == "it did not arrive within 60 s"


def test_redirects_share_one_deadline(serve: Serve, names: Names, authority: Authority) -> None:
    now = [0.0]
    fetcher = Fetcher(
        authority.client,
        resolve=names.resolve,
        is_public=is_public_or_loopback,
        clock=lambda: now[0],
    )

    def slow_redirect(peer: Peer) -> None:
        peer.receive()
        now[0] += 40
        peer.answer(status=302, headers="location: /again\r\n")

    with serve(slow_redirect, slow_redirect, answering(b"never")) as server:
        names.lead_to(server)
        why = refusal(lambda: fetch(fetcher, limit_s=60))
    assert why == "it did not arrive within 60 s"


# --- many at once ---------------------------------------------------------------------------------


def field(number: int) -> str:
    return f"messages[0].content[{number}].image_url.url"


def fetch_all(fetcher: Fetcher, *urls: str, limit_s: float = PATIENCE_S) -> list[Fetched]:
    requests = [(url, field(number)) for number, url in enumerate(urls)]
    return fetcher.fetch_all(requests, limit_s=limit_s)


def test_no_url_means_nothing_to_do(authority: Authority) -> None:
    def resolve(_host: str, _port: int) -> Any:
        raise AssertionError

    assert Fetcher(authority.client, resolve=resolve).fetch_all([], limit_s=0) == []


def test_as_many_urls_as_allowed_come_in_their_order(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    def script(peer: Peer) -> None:
        peer.answer(peer.receive().target.encode())

    with serve(*[script] * MAX_FETCHES) as server:
        names.lead_to(server)
        urls = [f"https://{HOST}/{number}" for number in range(MAX_FETCHES)]
        fetched = fetch_all(fetcher, *urls)
    assert fetched == [Fetched(f"/{number}".encode(), "") for number in range(MAX_FETCHES)]


def test_one_url_more_is_refused_where_it_stands(names: Names, fetcher: Fetcher) -> None:
    urls = [URL] * (MAX_FETCHES + 1)
    why = refusal(lambda: fetch_all(fetcher, *urls), field(MAX_FETCHES))
    assert why == f"a request may hold no more than {MAX_FETCHES} URLs"
    assert names.asked == []


def test_urls_are_fetched_beside_each_other(serve: Serve, names: Names, fetcher: Fetcher) -> None:
    both = threading.Barrier(2)

    def script(peer: Peer) -> None:
        peer.receive()
        both.wait(PATIENCE_S)
        peer.answer(b"met")

    with serve(script) as one, serve(script) as other:
        names.lead_to(one, "a.example")
        names.lead_to(other, "other.example")
        fetched = fetch_all(fetcher, "https://a.example", "https://other.example")
    assert [answer.content for answer in fetched] == [b"met", b"met"]


def test_a_url_that_occurs_again_is_fetched_once(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    with serve(answering(b"same"), answering(b"other"), answering(b"never")) as server:
        names.lead_to(server)
        same = f"https://{HOST}/same"
        again = f"https://{HOST.upper()}:443/same#again"
        fetched = fetch_all(fetcher, same, same, again)
        assert [answer.content for answer in fetched] == [b"same"] * 3
        assert server.accepted == 1


def test_all_bodies_together_are_bounded(serve: Serve, names: Names, fetcher: Fetcher) -> None:
    count = MAX_TOTAL // MAX_BODY
    urls = [f"https://{HOST}/{number}" for number in range(count)]
    with serve(*[answering(bytes(MAX_BODY))] * count) as server:
        names.lead_to(server)
        assert sum(len(answer.content) for answer in fetch_all(fetcher, *urls)) == MAX_TOTAL
    with serve(*[answering(bytes(MAX_BODY))] * count) as server, serve(answering(b"x")) as other:
        names.lead_to(server)
        names.lead_to(other, "other.example")
        with pytest.raises(ApiError, match=TOO_LARGE_TOGETHER):
            fetch_all(fetcher, *urls, "https://other.example/")


def test_a_url_that_occurs_again_counts_again(serve: Serve, names: Names, fetcher: Fetcher) -> None:
    with serve(answering(bytes(MAX_BODY))) as server:
        names.lead_to(server)
        fetched = fetch_all(fetcher, *[URL] * 3)
        assert [len(answer.content) for answer in fetched] == [MAX_BODY] * 3
    with serve(answering(bytes(MAX_BODY))) as server:
        names.lead_to(server)
        assert refusal(lambda: fetch_all(fetcher, *[URL] * 4), field(0)) == TOO_LARGE_TOGETHER


def test_a_url_that_breaks_the_rules_is_told_before_any_is_fetched(
    names: Names, fetcher: Fetcher
) -> None:
    urls = [URL, "http://media.example/", "ftp://media.example/"]
    why = refusal(lambda: fetch_all(fetcher, *urls), field(1))
    assert why == "its scheme is http, and must be https"
    assert names.asked == []


def test_the_first_fault_in_order_is_told_whichever_comes_first(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    other_failed = threading.Event()

    def fails_last(peer: Peer) -> None:
        peer.receive()
        assert other_failed.wait(PATIENCE_S)
        peer.answer(status=404)

    def fails_first(peer: Peer) -> None:
        answering(status=403)(peer)
        other_failed.set()

    with serve(fails_last) as one, serve(fails_first) as other:
        names.lead_to(one, "a.example")
        names.lead_to(other, "other.example")
        urls = ["https://a.example", "https://other.example"]
        why = refusal(lambda: fetch_all(fetcher, *urls), field(0))
    assert why == "the server answered with status 404"


def test_after_a_fault_nothing_is_waited_for_and_nothing_begun(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    begun, told = threading.Barrier(5), threading.Event()

    def fails(peer: Peer) -> None:
        peer.receive()
        begun.wait(PATIENCE_S)
        peer.answer(status=404)

    def hangs(peer: Peer) -> None:
        peer.receive()
        begun.wait(PATIENCE_S)
        assert told.wait(PATIENCE_S)

    with contextlib.ExitStack() as stack:
        for number, host in enumerate(MORE_HOSTS[:5]):
            server = stack.enter_context(serve(hangs if number else fails))
            names.lead_to(server, host)
        urls = [f"https://{host}" for host in MORE_HOSTS]
        assert refusal(lambda: fetch_all(fetcher, *urls), field(0)).endswith("404")
        told.set()
    assert sorted(names.asked) == list(MORE_HOSTS[:5])


def test_what_is_on_its_way_when_another_url_fails_is_given_up(
    serve: Serve, names: Names, fetcher: Fetcher
) -> None:
    on_its_way = threading.Event()

    def fails(peer: Peer) -> None:
        peer.receive()
        assert on_its_way.wait(PATIENCE_S)
        peer.answer(status=404)

    def trickles(peer: Peer) -> None:
        peer.receive()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        on_its_way.set()
        with contextlib.suppress(OSError):
            while True:
                peer.send(b"x")

    with serve(fails) as one, serve(trickles) as other:
        names.lead_to(one, "a.example")
        names.lead_to(other, "other.example")
        urls = ["https://a.example", "https://other.example"]
        why = refusal(lambda: fetch_all(fetcher, *urls, limit_s=1000), field(0))
    assert why == "the server answered with status 404"


def test_a_fault_of_the_programs_own_is_not_taken_for_the_servers(authority: Authority) -> None:
    def resolve(_host: str, _port: int) -> Any:
        return 1 // 0

    broken: Resolve = resolve
    with pytest.raises(ZeroDivisionError):
        fetch(Fetcher(authority.client, resolve=broken))


@pytest.fixture(autouse=True)
def all_threads_end() -> Iterator[None]:
    """What was given up ends by itself, and soon."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
