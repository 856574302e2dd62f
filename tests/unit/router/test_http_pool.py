"""Held against real sockets, in the clear and under TLS, on which a test scripts every byte."""

import select
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from router import http_pool
from router.http_pool import (
    Connection,
    NeverSent,
    Pool,
    SilentTooLong,
    UpstreamUnreachable,
    tls_context,
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

SILENCE_S = 0.03
"""Short for a test's sake: what is asserted is the order of things, never how long they took."""

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


@pytest.fixture(params=["http", "https"])
def serve(request: pytest.FixtureRequest, authority: Authority) -> Serve:
    tls = authority.server if request.param == "https" else None
    return lambda *scripts: serving(*scripts, tls=tls)


@pytest.fixture
def connect(authority: Authority) -> Iterator[Callable[[Server], Connection]]:
    made: list[Connection] = []

    def connect(server: Server) -> Connection:
        made.append(Connection(server.url, authority.client))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


Connect = Callable[[Server], Connection]


def get(connection: Connection, limit_s: float = PATIENCE_S) -> http_pool.Answer:
    return connection.request("GET", "/", [], b"", limit_s)


def saying(*pieces: bytes) -> Script:
    """Answers one request with these bytes, then closes."""

    def script(peer: Peer) -> None:
        peer.receive()
        for piece in pieces:
            peer.send(piece)

    return script


def wait(event: threading.Event) -> None:
    assert event.wait(PATIENCE_S)


# --- requests -------------------------------------------------------------------------------------


def test_a_request_goes_out_as_it_was_given(serve: Serve, connect: Connect) -> None:
    received: list[Received] = []

    def script(peer: Peer) -> None:
        for _ in range(3):
            received.append(peer.receive())
            peer.answer()

    with serve(script) as server:
        connection = connect(server)
        headers = [("accept", "*/*"), ("x-twice", "1"), ("x-twice", "2")]
        connection.request("POST", "/a%2Fb?c=d", headers, b"body", PATIENCE_S).read()
        connection.request("POST", "/", [], b"", PATIENCE_S).read()
        connection.request("GET", "/", [], b"", PATIENCE_S).read()
    host = ("host", f"localhost:{server.port}")
    assert [(got.method, got.target, got.headers, got.body) for got in received] == [
        ("POST", "/a%2Fb?c=d", [host, *headers, ("content-length", "4")], b"body"),
        ("POST", "/", [host, ("content-length", "0")], b""),
        ("GET", "/", [host], b""),
    ]


def test_an_answer_has_its_status_and_all_its_headers(serve: Serve, connect: Connect) -> None:
    head = b"HTTP/1.1 418 Odd\r\nX-Twice: 1\r\nx-twice: 2\r\nContent-Length: 0\r\n\r\n"
    with serve(saying(head)) as server:
        answer = get(connect(server))
        assert answer.status == 418
        assert answer.headers == [("x-twice", "1"), ("x-twice", "2"), ("content-length", "0")]
        assert answer.header("x-twice") == "1"
        assert answer.header("x-other") is None
        assert answer.read() == b""


def test_a_url_without_a_host_or_with_another_protocol_is_refused() -> None:
    for url in ("ftp://localhost", "http://", "localhost:80"):
        with pytest.raises(ValueError, match="URL"):
            Connection(url, ssl.create_default_context)


def test_the_default_port_is_left_out_of_the_host_header() -> None:
    connection = Connection("https://bedrock.example", ssl.create_default_context)
    assert connection.host == "bedrock.example"


# --- one connection for many requests -------------------------------------------------------------


def test_one_connection_serves_request_after_request(serve: Serve, connect: Connect) -> None:
    def script(peer: Peer) -> None:
        for number in range(20):
            assert peer.receive().target == f"/{number}"
            if number % 2:
                peer.answer(b"whole")
            else:
                peer.send(CHUNKED + b"3\r\nchu\r\n4\r\nnked\r\n0\r\n\r\n")

    with serve(script) as server:
        connection = connect(server)
        for number in range(20):
            answer = connection.request("GET", f"/{number}", [], b"", PATIENCE_S)
            # Both ways to read a body leave the connection fit for the next request.
            body = b"".join(filter(None, answer.pieces(1))) if number % 3 else answer.read()
            assert body == (b"whole" if number % 2 else b"chunked")
    assert server.accepted == 1


def test_a_connection_opened_ahead_is_the_one_that_serves(serve: Serve, connect: Connect) -> None:
    def script(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"warm")

    with serve(script) as server:
        connection = connect(server)
        connection.open()
        # Under TLS 1.3 the server's session tickets arrive now, before any request was sent.
        _wait_for_tickets(connection)
        assert get(connection).read() == b"warm"
    assert server.accepted == 1


def _wait_for_tickets(connection: Connection) -> None:
    sock = connection.open()[1].sock
    if isinstance(sock, ssl.SSLSocket):
        select.select([sock], [], [], PATIENCE_S)


@pytest.mark.parametrize("end", [Peer.close, Peer.reset])
def test_a_connection_that_ended_while_idle_is_replaced(
    serve: Serve, connect: Connect, end: Callable[[Peer], None]
) -> None:
    closed = threading.Event()

    def closes_when_idle(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        end(peer)
        closed.set()

    with serve(closes_when_idle, saying(b"HTTP/1.1 200 OK\r\n\r\nsecond")) as server:
        connection = connect(server)
        assert get(connection).read() == b"first"
        wait(closed)
        assert get(connection).read() == b"second"
    assert server.accepted == 2


def test_a_connection_on_which_an_answer_came_unasked_is_replaced(
    serve: Serve, connect: Connect
) -> None:
    read, said = threading.Event(), threading.Event()

    def says_too_much(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        wait(read)
        peer.answer(b"an answer to no request")
        said.set()
        assert peer.is_closed_by_client()

    with serve(says_too_much, saying(b"HTTP/1.1 200 OK\r\n\r\nsecond")) as server:
        connection = connect(server)
        assert get(connection).read() == b"first"
        read.set()
        wait(said)
        assert get(connection).read() == b"second"


def test_a_connection_that_the_server_wants_closed_is_not_used_again(
    serve: Serve, connect: Connect
) -> None:
    def last_answer(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first", headers="connection: close\r\n")
        assert peer.is_closed_by_client()

    with serve(last_answer, saying(b"HTTP/1.1 200 OK\r\n\r\nsecond")) as server:
        connection = connect(server)
        assert get(connection).read() == b"first"
        assert get(connection).read() == b"second"


@pytest.mark.parametrize("leave", ["close", "drop"])
def test_a_body_left_unread_never_shows_up_in_the_next_answer(
    serve: Serve, connect: Connect, leave: str
) -> None:
    def half_read(peer: Peer) -> None:
        peer.receive()
        peer.send(CHUNKED + b"5\r\nfirst\r\n")
        assert peer.is_closed_by_client()

    with serve(half_read, saying(b"HTTP/1.1 200 OK\r\n\r\nsecond")) as server:
        connection = connect(server)
        answer = get(connection)
        assert next(answer.pieces(PATIENCE_S)) == b"first"
        if leave == "close":
            answer.close()
        assert get(connection).read() == b"second"
    assert server.accepted == 2


# --- when a request may be sent again -------------------------------------------------------------


def reset_after_receiving(peer: Peer) -> None:
    peer.receive()
    peer.reset()


def test_a_reset_on_a_reused_connection_is_taken_for_a_stale_connection(
    serve: Serve, connect: Connect
) -> None:
    received: list[bytes] = []

    def goes_stale(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        received.append(peer.receive().body)
        peer.reset()

    def fresh(peer: Peer) -> None:
        received.append(peer.receive().body)
        peer.answer(b"second")

    with serve(goes_stale, fresh) as server:
        connection = connect(server)
        assert get(connection).read() == b"first"
        assert connection.request("POST", "/", [], b"body", PATIENCE_S).read() == b"second"
    assert received == [b"body", b"body"]


def test_a_close_on_a_reused_connection_is_taken_for_a_stale_connection(
    serve: Serve, connect: Connect
) -> None:
    def goes_stale(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        peer.receive()

    with serve(goes_stale, saying(b"HTTP/1.1 200 OK\r\n\r\nsecond")) as server:
        connection = connect(server)
        assert get(connection).read() == b"first"
        assert get(connection).read() == b"second"


@pytest.mark.parametrize("end", [Peer.close, Peer.reset])
@pytest.mark.parametrize("size", [0, 1_000_000])
def test_a_connection_that_ends_while_a_request_is_sent_is_replaced(
    serve: Serve,
    connect: Connect,
    end: Callable[[Peer], None],
    size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()

    def ends(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        end(peer)
        ended.set()

    with serve(ends, saying(b"HTTP/1.1 200 OK\r\n\r\nsecond")) as server:
        connection = connect(server)
        assert get(connection).read() == b"first"
        wait(ended)
        # The end comes just after the look that found the connection idle.
        monkeypatch.setattr(http_pool._Socket, "is_idle", lambda _: True)
        answer = connection.request("POST", "/", [], bytes(size), PATIENCE_S)
        assert answer.read() == b"second"


def test_a_request_is_sent_again_only_once(serve: Serve, connect: Connect) -> None:
    def goes_stale(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        peer.receive()
        peer.reset()

    def answers(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"third")

    with serve(goes_stale, reset_after_receiving, answers) as server:
        connection = connect(server)
        get(connection).read()
        with pytest.raises(UpstreamUnreachable) as raised:
            get(connection)
    assert not isinstance(raised.value, NeverSent)
    assert server.accepted == 2


def test_a_reset_on_a_fresh_connection_is_never_followed_by_a_second_try(
    serve: Serve, connect: Connect
) -> None:
    def answers(peer: Peer) -> None:
        peer.receive()
        peer.answer()

    with (
        serve(reset_after_receiving, answers) as server,
        pytest.raises(UpstreamUnreachable) as raised,
    ):
        get(connect(server))
    assert not isinstance(raised.value, NeverSent | SilentTooLong)
    assert server.accepted == 1


def test_a_reset_after_a_second_is_never_followed_by_a_second_try(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(http_pool.time, "monotonic", lambda: now[0])

    def resets_late(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        peer.receive()
        now[0] += 1.0
        peer.reset()

    def answers(peer: Peer) -> None:
        peer.receive()
        peer.answer()

    with serve(resets_late, answers) as server:
        connection = connect(server)
        get(connection).read()
        with pytest.raises(UpstreamUnreachable):
            get(connection)
    assert server.accepted == 1


def test_a_reset_within_an_answer_is_never_followed_by_a_second_try(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, begun = [0], threading.Event()
    readinto = http_pool._SocketReader.readinto

    def noticed(reader: http_pool._SocketReader, buffer: memoryview) -> int | None:
        # A reset overtakes what was not yet read, so it waits for the second read.
        reads[0] += 1
        if reads[0] == 2:
            begun.set()
        return readinto(reader, buffer)

    def resets_within_the_head(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        peer.receive()
        peer.send(b"HTTP/1.1 200 O")
        wait(begun)
        peer.reset()

    def answers(peer: Peer) -> None:
        peer.receive()
        peer.answer()

    with serve(resets_within_the_head, answers) as server:
        connection = connect(server)
        get(connection).read()
        monkeypatch.setattr(http_pool._SocketReader, "readinto", noticed)
        with pytest.raises(UpstreamUnreachable):
            get(connection)
    assert server.accepted == 1


def test_an_unanswered_connection_attempt_was_never_sent(connect: Connect) -> None:
    with serving() as server:
        pass
    with pytest.raises(NeverSent):
        get(connect(server))


def test_a_certificate_that_is_not_trusted_means_that_nothing_was_sent(
    authority: Authority,
) -> None:
    refused = threading.Event()

    def never_connected(peer: Peer) -> None:
        with pytest.raises(ssl.SSLError):
            authority.server.wrap_socket(peer.socket, server_side=True)
        refused.set()

    with serving(never_connected) as server:
        connection = Connection(server.url.replace("http:", "https:"), ssl.create_default_context)
        with pytest.raises(NeverSent, match="CERTIFICATE_VERIFY_FAILED"):
            get(connection)
        wait(refused)


@pytest.mark.parametrize("illegible", ["漢字", "two\r\nlines"])
def test_a_header_that_http_cannot_carry_leaves_the_connection_fit_for_use(
    serve: Serve, connect: Connect, illegible: str
) -> None:
    def hears_nothing_of_it(peer: Peer) -> None:
        peer.receive()
        peer.answer(b"first")
        assert peer.is_closed_by_client()

    def fresh(peer: Peer) -> None:
        assert peer.receive().header("x-text") == "legible"
        peer.answer(b"second")

    with serve(hears_nothing_of_it, fresh) as server:
        connection = connect(server)
        get(connection).read()
        with pytest.raises(ValueError, match=r"encode|Invalid header"):
            connection.request("GET", "/", [("x-text", illegible)], b"", PATIENCE_S)
        answer = connection.request("GET", "/", [("x-text", "legible")], b"", PATIENCE_S)
        assert answer.read() == b"second"


# --- bodies ---------------------------------------------------------------------------------------


BODIES = {
    "content-length": b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world",
    "chunked": CHUNKED + b"6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
    "chunked with extensions and trailers": CHUNKED
    + b"B;name=value\r\nhello world\r\n0\r\nx-trailer: 1\r\n\r\n",
    "until the connection closes": b"HTTP/1.1 200 OK\r\n\r\nhello world",
}


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("read", ["read", "pieces"])
def test_every_framing_of_a_body_is_read(
    serve: Serve, connect: Connect, answer: bytes, read: str
) -> None:
    with serve(saying(answer)) as server:
        got = get(connect(server))
        body = got.read() if read == "read" else b"".join(filter(None, got.pieces(PATIENCE_S)))
        assert body == b"hello world"


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES)
def test_a_body_may_arrive_byte_by_byte(serve: Serve, connect: Connect, answer: bytes) -> None:
    single = [answer[at : at + 1] for at in range(len(answer))]
    with serve(saying(*single)) as server:
        pieces = list(get(connect(server)).pieces(PATIENCE_S))
    assert b"".join(filter(None, pieces)) == b"hello world"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_never_has_a_body_ends_with_its_head(
    serve: Serve, connect: Connect, status: int
) -> None:
    def script(peer: Peer) -> None:
        for _ in range(3):
            peer.receive()
            peer.send(f"HTTP/1.1 {status} Nothing\r\n\r\n".encode())

    with serve(script) as server:
        connection = connect(server)
        assert get(connection).read() == b""
        assert list(get(connection).pieces(PATIENCE_S)) == []
        get(connection).close()
    assert server.accepted == 1


def test_a_body_longer_than_any_buffer_arrives_whole(serve: Serve, connect: Connect) -> None:
    body = bytes(range(256)) * 2000
    with serve(saying(b"HTTP/1.1 200 OK\r\ncontent-length: 512000\r\n\r\n" + body)) as server:
        pieces = list(get(connect(server)).pieces(PATIENCE_S))
    assert b"".join(filter(None, pieces)) == body
    assert len(pieces) > 1


CUT_OFF = {
    "content-length": b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello",
    "before a chunk": CHUNKED + b"5\r\nhello\r\n",
    "within a chunk": CHUNKED + b"6\r\nhello",
    "before a chunk's end": CHUNKED + b"5\r\nhello",
    "within a chunk's size": CHUNKED + b"5\r\nhello\r\n1",
    "a chunk's size is not a number": CHUNKED + b"5\r\nhello\r\nfive\r\n",
}


@pytest.mark.parametrize("answer", CUT_OFF.values(), ids=CUT_OFF)
@pytest.mark.parametrize("read", ["read", "pieces"])
def test_a_body_that_breaks_off_is_never_taken_for_a_whole_one(
    serve: Serve, connect: Connect, answer: bytes, read: str
) -> None:
    with serve(saying(answer), saying(b"HTTP/1.1 200 OK\r\n\r\nnext")) as server:
        connection = connect(server)
        got = get(connection)
        if read == "read":
            with pytest.raises(UpstreamUnreachable):
                got.read()
        else:
            arrived: list[bytes | None] = []
            with pytest.raises(UpstreamUnreachable):
                arrived.extend(got.pieces(PATIENCE_S))
            assert arrived == [b"hello"]
        assert get(connection).read() == b"next"


def test_a_reset_within_a_body_is_told_from_silence(serve: Serve, connect: Connect) -> None:
    seen = threading.Event()

    def script(peer: Peer) -> None:
        peer.receive()
        peer.send(CHUNKED + b"5\r\nhello\r\n")
        wait(seen)
        peer.reset()

    with serve(script) as server:
        pieces = get(connect(server)).pieces(PATIENCE_S)
        assert next(pieces) == b"hello"
        seen.set()
        with pytest.raises(UpstreamUnreachable) as raised:
            next(pieces)
    assert not isinstance(raised.value, SilentTooLong)


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\ncontent-len", b"HTTP/1.1 200 OK\r\na: b\r\n"],
)
def test_a_head_that_breaks_off_is_never_taken_for_a_whole_one(
    serve: Serve, connect: Connect, head: bytes
) -> None:
    with serve(saying(head)) as server, pytest.raises(UpstreamUnreachable):
        get(connect(server))


def test_an_answer_that_is_not_http_is_no_answer(serve: Serve, connect: Connect) -> None:
    with serve(saying(b"220 ready\r\n"), saying(b"HTTP/1.1 200 OK\r\n\r\nnext")) as server:
        connection = connect(server)
        with pytest.raises(UpstreamUnreachable):
            get(connection)
        assert get(connection).read() == b"next"


# --- silence --------------------------------------------------------------------------------------

SILENCES = {
    "after the head": (CHUNKED, b"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"),
    "between chunks": (CHUNKED + b"5\r\nhello\r\n", b"5\r\nworld\r\n0\r\n\r\n"),
    "within a chunk": (CHUNKED + b"A\r\nhello", b"world\r\n0\r\n\r\n"),
    "before a chunk's CRLF": (CHUNKED + b"5\r\nhello", b"\r\n5\r\nworld\r\n0\r\n\r\n"),
    "before the last chunk": (CHUNKED + b"A\r\nhelloworld\r\n", b"0\r\n\r\n"),
    "before more of a known length": (
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
        b"world",
    ),
    "before more until the end": (b"HTTP/1.1 200 OK\r\n\r\nhello", b"world"),
}

PROTOCOL_SILENCES = {
    "within a chunk's CRLF": (CHUNKED + b"5\r\nhello\r", b"\n5\r\nworld\r\n0\r\n\r\n"),
    "within a chunk's size": (CHUNKED + b"5\r\nhello\r\n5", b"\r\nworld\r\n0\r\n\r\n"),
    "within the last chunk": (CHUNKED + b"A\r\nhelloworld\r\n0", b"\r\n\r\n"),
}
"""Here the reader waits for the rest without a sign, as no server pauses within so few bytes."""


@pytest.mark.parametrize(("before", "after"), SILENCES.values(), ids=SILENCES)
def test_silence_is_told_and_the_body_goes_on_after_it(
    serve: Serve, connect: Connect, before: bytes, after: bytes
) -> None:
    enough_silence = threading.Event()

    def script(peer: Peer) -> None:
        peer.receive()
        peer.send(before)
        wait(enough_silence)
        peer.send(after)

    with serve(script) as server:
        arrived: list[bytes] = []
        silences = 0
        for piece in get(connect(server)).pieces(SILENCE_S):
            if piece is None:
                # The rest is sent only now: it is silence that was told, not a late arrival.
                silences += 1
                if silences == 2:
                    enough_silence.set()
            else:
                arrived.append(piece)
    assert silences >= 2
    assert b"".join(arrived) == b"helloworld"


@pytest.mark.parametrize(("before", "after"), PROTOCOL_SILENCES.values(), ids=PROTOCOL_SILENCES)
def test_a_pause_between_the_bytes_of_the_framing_loses_nothing(
    serve: Serve, connect: Connect, before: bytes, after: bytes
) -> None:
    first_read = threading.Event()

    def script(peer: Peer) -> None:
        peer.receive()
        peer.send(before)
        wait(first_read)
        time.sleep(2 * SILENCE_S)
        peer.send(after)

    with serve(script) as server:
        arrived = []
        for piece in get(connect(server)).pieces(SILENCE_S):
            arrived.append(piece or b"")
            first_read.set()
    assert b"".join(arrived) == b"helloworld"


def test_a_pause_within_a_tls_record_is_silence_like_any_other(authority: Authority) -> None:
    """The part of a record that has come makes the socket readable, but is no byte of the body yet."""
    silent_twice = threading.Event()

    def script(peer: Peer) -> None:
        tls = _TlsInMemory(peer, authority.server)
        tls.receive_request()
        peer.send(tls.sealed(CHUNKED + b"5\r\nhello\r\n"))
        record = tls.sealed(b"5\r\nworld\r\n0\r\n\r\n")
        peer.send(record[:20])
        wait(silent_twice)
        peer.send(record[20:])

    with serving(script) as server:
        connection = Connection(server.url.replace("http:", "https:"), authority.client)
        arrived = []
        silences = 0
        for piece in get(connection).pieces(SILENCE_S):
            arrived.append(piece or b"")
            silences += piece is None
            if silences == 2:
                silent_twice.set()
        connection.close()
    assert silences >= 2
    assert b"".join(arrived) == b"helloworld"


class _TlsInMemory:
    """The server's side of TLS with its records in hand."""

    def __init__(self, peer: Peer, context: ssl.SSLContext) -> None:
        self._peer = peer
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._pump(self._tls.do_handshake)

    def receive_request(self) -> None:
        assert b"\r\n\r\n" in self._pump(self._tls.read)

    def sealed(self, data: bytes) -> bytes:
        """The records that hold `data`."""
        self._tls.write(data)
        return self._out.read()

    def _pump(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._peer.send(self._out.read())
                self._in.write(self._peer.socket.recv(65536))
            finally:
                self._peer.send(self._out.read())


def test_a_server_that_says_nothing_for_too_long_is_given_up(
    serve: Serve, connect: Connect
) -> None:
    def never_answers(peer: Peer) -> None:
        peer.receive()
        assert peer.is_closed_by_client()

    with serve(never_answers) as server, pytest.raises(SilentTooLong):
        get(connect(server), limit_s=SILENCE_S)


def limited(answer: http_pool.Answer, limit_s: float) -> http_pool.Answer:
    """With another limit for the body, as the head may take its time on a slow machine."""
    answer._reader.limit_s = limit_s
    return answer


@pytest.mark.parametrize("read", ["read", "pieces"])
def test_a_body_that_stays_silent_for_too_long_is_given_up(
    serve: Serve, connect: Connect, read: str
) -> None:
    def stops_talking(peer: Peer) -> None:
        peer.receive()
        peer.send(CHUNKED + b"5\r\nhello\r\n")
        assert peer.is_closed_by_client()

    with serve(stops_talking) as server:
        answer = limited(get(connect(server)), 3.5 * SILENCE_S)
        if read == "read":
            with pytest.raises(SilentTooLong):
                answer.read()
        else:
            arrived = []
            with pytest.raises(SilentTooLong):
                arrived.extend(answer.pieces(SILENCE_S))


def test_silence_is_told_until_the_limit_and_counted_anew_after_each_byte(
    serve: Serve, connect: Connect
) -> None:
    steps = [(threading.Event(), threading.Event()) for _ in range(3)]

    def script(peer: Peer) -> None:
        peer.receive()
        peer.send(CHUNKED)
        for wanted, sent in steps:
            wait(wanted)
            peer.send(b"1\r\n.\r\n")
            sent.set()
        assert peer.is_closed_by_client()

    with serve(script) as server:
        pieces = limited(get(connect(server)), 5 * SILENCE_S).pieces(2 * SILENCE_S)
        # Each pause is most of the limit, and all of them together are more than it.
        for wanted, sent in steps:
            assert next(pieces) is None
            assert next(pieces) is None
            wanted.set()
            wait(sent)
            assert next(pieces) == b"."
        assert next(pieces) is None
        assert next(pieces) is None
        with pytest.raises(SilentTooLong):
            next(pieces)


# --- requests in pieces ---------------------------------------------------------------------------


def test_a_request_in_pieces_is_sent_as_it_is_made(serve: Serve, connect: Connect) -> None:
    arrived = [threading.Event(), threading.Event()]
    received: list[object] = []

    def script(peer: Peer) -> None:
        received.append(peer.receive_head())
        for event in arrived:
            received.append(peer.receive_chunk())
            event.set()
        received.append(peer.receive_chunk())
        received.append(peer.receive_trailers())
        peer.answer(b"thanks")
        received.append(peer.receive().target)
        peer.answer()

    with serve(script) as server:
        connection = connect(server)
        request = connection.start_chunked("POST", "/in-pieces", [("x-header", "1")], PATIENCE_S)
        request.send(b"first piece")
        wait(arrived[0])
        request.send(b"")
        request.send(b"second" * 1000)
        wait(arrived[1])
        assert request.end([("X-Trailer", "one"), ("X-Other", "two")]) == b"thanks"
        assert connection.request("GET", "/next", [], b"", PATIENCE_S).read() == b""
    assert received == [
        (
            "POST",
            "/in-pieces",
            [
                ("host", f"localhost:{server.port}"),
                ("transfer-encoding", "chunked"),
                ("x-header", "1"),
            ],
        ),
        b"first piece",
        b"second" * 1000,
        b"",
        [("x-trailer", "one"), ("x-other", "two")],
        "/next",
    ]
    assert server.accepted == 1


def test_a_request_in_pieces_without_trailers_ends_cleanly(serve: Serve, connect: Connect) -> None:
    received: list[Received] = []

    def script(peer: Peer) -> None:
        received.append(peer.receive())
        peer.answer()

    with serve(script) as server:
        request = connect(server).start_chunked("POST", "/", [], PATIENCE_S)
        request.send(b"all")
        assert request.end([]) == b""
    assert received[0].chunks == [b"all"]
    assert received[0].trailers == []


def send_much(request: http_pool.ChunkedRequest) -> None:
    """More than all buffers on the way hold."""
    for _ in range(1000):
        request.send(bytes(65536))


def test_a_server_that_hangs_up_on_a_request_in_pieces_is_unreachable(
    serve: Serve, connect: Connect
) -> None:
    with serve(
        lambda peer: peer.receive_head() and peer.reset(), saying(*BODIES.values())
    ) as server:
        connection = connect(server)
        request = connection.start_chunked("POST", "/", [], PATIENCE_S)
        with pytest.raises(UpstreamUnreachable):
            send_much(request)
        assert get(connection).status == 200


def test_a_server_that_stops_reading_a_request_in_pieces_is_given_up(
    serve: Serve, connect: Connect
) -> None:
    given_up = threading.Event()

    def never_reads(peer: Peer) -> None:
        wait(given_up)

    with serve(never_reads) as server:
        request = connect(server).start_chunked("POST", "/", [], SILENCE_S)
        with pytest.raises(SilentTooLong):
            send_much(request)
        given_up.set()


def test_a_request_in_pieces_that_gets_no_answer_is_unreachable(
    serve: Serve, connect: Connect
) -> None:
    with serve(lambda peer: peer.receive() and None) as server:
        request = connect(server).start_chunked("POST", "/", [], PATIENCE_S)
        with pytest.raises(UpstreamUnreachable):
            request.end([])


def test_a_request_in_pieces_to_nobody_is_unreachable(connect: Connect) -> None:
    with serving() as server:
        pass
    with pytest.raises(UpstreamUnreachable):
        connect(server).start_chunked("POST", "/", [], PATIENCE_S)


# --- the pool -------------------------------------------------------------------------------------


def test_the_pool_has_one_connection_per_endpoint_and_lane() -> None:
    pool = Pool(ssl.create_default_context)
    first = pool.connection("https://a.example")
    assert pool.connection("https://a.example") is first
    assert pool.connection("https://b.example") is not first
    second = pool.connection("https://a.example", 1)
    assert pool.connection("https://a.example", 1) is second is not first


def test_the_certificates_are_loaded_once_and_only_when_needed(
    authority: Authority, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    context = tls_context(str(bundle))
    authority.authority.cert_pem.write_to_path(str(bundle))
    assert context() is context()
    with serving(saying(BODIES["content-length"]), tls=authority.server) as server:
        connection = Connection(server.url, context)
        assert get(connection).read() == b"hello world"
        connection.close()
