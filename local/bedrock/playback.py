"""Sending an answer at the pace and with the faults its directive asks for."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from local.bedrock.answers import Usage
from local.bedrock.directives import Directive
from local.bedrock.encoders.frames import Piece, Wire
from local.bedrock.errors import invalid, made_to_order
from local.bedrock.gates import Gates

GATE_SECONDS = 60.0


class ConnectionCut(Exception):
    """The connection is to break here, without a word."""


class Pace(NamedTuple):
    """How time passes: the gates, and how to sleep."""

    gates: Gates
    sleep: Callable[[float], None] = time.sleep
    gate_seconds: float = GATE_SECONDS


def refuse_call(directive: Directive) -> None:
    """Raises the exception that an `exception` directive makes of a call without a stream."""
    if directive.exception is not None:
        raise made_to_order(_exception_name(directive.exception))


def pause_whole(directive: Directive, pace: Pace, output_tokens: int) -> None:
    """Waits as long as a whole answer takes; raises ModelTimeoutException at a gate kept shut."""
    waits = directive.delay_ms / 1000 * output_tokens + directive.silence_s
    if waits:
        pace.sleep(waits)
    if directive.hold_last and not pace.gates.wait(directive.hold_last, pace.gate_seconds):
        raise made_to_order("ModelTimeoutException")


def cut_whole(body: bytes) -> Iterator[bytes]:
    """The first half of a whole answer's body, and then the connection breaks."""
    yield body[: len(body) // 2]
    raise ConnectionCut


def check_reachable(pieces: Sequence[Piece], directive: Directive) -> None:
    """Refuses a fault that is to come after more tokens than the answer has."""
    total = sum(piece.tokens for piece in pieces)
    waits = (directive.after, directive.cut_after or 0, directive.corrupt_after or 0)
    if max(waits) > total:
        raise invalid(f"The directive waits for token {max(waits)}; the answer has {total}.")


def streamed_usage(pieces: Sequence[Piece], directive: Directive, usage: Usage) -> Usage:
    """The tokens a stream will have cost when it ends: fewer when it is to end early."""
    limits = [directive.cut_after, directive.after if directive.exception else None]
    ends = [limit for limit in limits if limit is not None]
    if not ends:
        return usage
    return partial_usage(pieces, _sent_until(pieces, min(ends)), usage)


def _sent_until(pieces: Sequence[Piece], limit: int) -> int:
    """The tokens sent when a fault due after `limit` of them strikes: a piece may carry several."""
    sent = 0
    for piece in pieces:
        if sent >= limit:
            break
        sent += piece.tokens
    return sent


def partial_usage(pieces: Sequence[Piece], sent: int, usage: Usage) -> Usage:
    """The usage of a stream that ended after `sent` of its tokens."""
    total = sum(piece.tokens for piece in pieces)
    return usage._replace(output=usage.output * min(sent, total) // total if total else 0)


def play(
    pieces: Sequence[Piece],
    directive: Directive,
    pace: Pace,
    failed: Callable[[int], None],
    wire: Wire,
) -> Iterator[bytes]:
    """The bytes of a stream, piece by piece.

    `failed` is told how many tokens were sent when a gate stays shut and the stream ends there.
    """
    last = max((index for index, piece in enumerate(pieces) if piece.tokens), default=-1)
    sent = 0
    silent, damaged = directive.silence_s > 0, directive.corrupt_after is not None
    for index, piece in enumerate(pieces):
        holds = index == last and directive.hold_last
        if holds and not pace.gates.wait(holds, pace.gate_seconds):
            failed(sent)
            yield wire.exception(made_to_order("ModelStreamErrorException"), index)
            return
        strikes = piece.tokens or index > last
        if strikes:
            if silent and sent >= directive.after:
                silent = False
                pace.sleep(directive.silence_s)
            if directive.cut_after is not None and sent >= directive.cut_after:
                raise ConnectionCut
            if directive.exception is not None and sent >= directive.after:
                yield wire.exception(made_to_order(_exception_name(directive.exception)), index)
                return
        if piece.tokens and sent and directive.delay_ms:
            pace.sleep(directive.delay_ms / 1000)
        encoded = piece.encode(index)
        if damaged and strikes and sent >= (directive.corrupt_after or 0):
            damaged = False
            encoded = wire.damage(encoded)
        yield encoded
        sent += piece.tokens


def _exception_name(kind: str) -> str:
    """The name an exception in a stream has as an answer: ThrottlingException."""
    return kind[:1].upper() + kind[1:]
