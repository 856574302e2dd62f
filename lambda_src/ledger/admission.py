"""The hot path: `Ledger.admit` before a call, `Ledger.settle` after it, one table round trip each.

Admission is a single conditional update whose condition proves everything (`updates.admission`). How
it must be put depends on the item's shape, which is guessed; when the guess, the period, the credit or
the call itself is refused, DynamoDB returns the item in the same answer, and that names the refusal, the
better guess or the share of the credit that the call gets (`ledger.grants`).
"""

import contextlib
import hmac
import os
from collections.abc import Callable
from typing import Literal

from ledger import grants, updates
from ledger.grants import Grant
from ledger.items import KeyItems, expired, found
from ledger.keys import Credential
from ledger.records import Balance, KeyRecord, RateLimit, RateLimits, Reservation, balance
from ledger.table import ConditionFailed, Table, TableUnavailable
from ledger.updates import Guess, Request, Seen, allows, guess_of, minute_at
from ledger.usage import Counts, movable, row_name

Reason = Literal[
    "unknown_key", "model_not_allowed", "out_of_credit", "credit_reserved", "rate_limited"
]

ATTEMPTS = 8
"""Conditional writes tried for one call. A stale guess, a new minute and a new period each cost one;
near a limit calls that race for the same credit do, ever more of them getting a share at each try; only
a key that is changed all the while by others can need more."""

RESERVED_RETRY_S = 2
"""When to come back for credit that is held by calls in flight: many end within seconds, and the
clients' SDKs wait longer by themselves at each further try."""

GUESSES = 1024
"""Keys whose shape one process remembers, about 200 bytes each."""


class Refused(Exception):
    """The key may not make this call. `retry_after` is in seconds, None when waiting does not help.

    `rate_limits` are those of a key that is valid.
    """

    def __init__(
        self,
        reason: Reason,
        retry_after: int | None = None,
        rate_limits: RateLimits | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.retry_after = retry_after
        self.rate_limits = rate_limits


def random_id() -> str:
    """A reservation id. Unique among one key's calls in flight is enough, and short keeps items small."""
    return os.urandom(8).hex()


class Ledger:
    """Admits and settles calls against the key table.

    Every method raises TableUnavailable when the table gives no usable answer: the call must then be
    refused, for nothing is served unmetered. If it was in fact admitted, its reservation expires into
    a charge.
    """

    __slots__ = ("_guesses", "_items", "_new_id", "_now")

    def __init__(
        self,
        table: Table,
        table_name: str,
        now: Callable[[], float],
        new_id: Callable[[], str] = random_id,
    ) -> None:
        """`now` gives epoch seconds."""
        self._items = KeyItems(table, table_name)
        self._now = now
        self._new_id = new_id
        self._guesses: dict[str, Guess] = {}

    def admit(
        self,
        credential: Credential,
        *,
        models: tuple[str, ...],
        counted_as: str,
        amount: int,
        least: int,
        input_tokens: int,
        expires: int,
    ) -> Reservation:
        """Reserves `amount` picodollars, the most the call can cost, or raises `Refused`.

        Near the key's limit it may reserve less, down to `least`; the reservation tells how much, and
        the call must not cost more. `least` is `amount` for a call that cannot be held to less.
        `models` are the names the key's list may allow the call by, `counted_as` the one under which
        its usage counts.
        `input_tokens` is an estimate, made good at settlement. `expires` (epoch seconds) must lie
        after the last instant at which the call can be settled.
        """
        request = Request(
            credential.id,
            credential.hash,
            models,
            self._new_id(),
            amount,
            least,
            input_tokens,
            expires,
        )
        grant = grants.whole(amount, least)
        guess = self._guesses.get(credential.id, Guess())
        for _ in range(ATTEMPTS):
            now = int(self._now())
            try:
                record = self._items.update(updates.admission(guess, request, grant, now))
            except ConditionFailed as failed:
                record = live(found(failed), credential, now)
                if request.reservation_id not in record.held:
                    record = self._admissible(record, request, now)
                    guess, grant = guess_of(record), grant_of(record, amount, least, now)
                    continue
            self._remember(record)
            self._sweep(record, now)
            minute = record.minute if record.tokens_per_minute is not None else None
            return Reservation(
                request.key_id,
                request.reservation_id,
                counted_as,
                record.held[request.reservation_id].amount,
                expires,
                input_tokens,
                minute,
                rate_limits(record, now),
                frozenset(record.usage),
            )
        raise TableUnavailable("the key changed faster than a call could be admitted")

    def settle(self, reservation: Reservation, used: Counts) -> bool:
        """Charges what a call used in place of what was reserved, however often it is called.

        It counts in the key's usage too. A cost above the reservation is charged in full. False when
        the reservation was settled before or has expired into a charge: nothing changed.
        """
        # The item counts this minute or a later one: it did when the reservation was made.
        seen = Seen(reservation.minute or 0, reservation.usage_rows)
        for _ in range(ATTEMPTS):
            now = int(self._now())
            settlement = updates.settlement(reservation, seen, used, now)
            try:
                record = self._items.update(settlement)
            except ConditionFailed as failed:
                met = found(failed)
                if met is None or not _is_held(reservation.id, met, now):
                    return False
                if met.period_ends <= now:
                    met = self._items.roll(met, now) or met
                seen = Seen(met.minute, met.usage)
            else:
                self._remember(record)
                self._move_usage(record, row_name(now, reservation.model), now)
                return True
        raise TableUnavailable("the key changed faster than a call could be settled")

    def look_up(self, credential: Credential) -> KeyRecord:
        """The key's record for its own holder, or `Refused`. Reads only: no credit, no rate counted."""
        return live(self._items.get(credential.id), credential, int(self._now()))

    def _admissible(self, record: KeyRecord, request: Request, now: int) -> KeyRecord:
        """The record to try again with, in its present period, or `Refused`."""
        if record.period_ends <= now:
            record = self._items.roll(record, now) or record
        refuse(record, request, now)
        return record

    def _sweep(self, record: KeyRecord, now: int) -> None:
        """Keeps the item small after crashes. The balance is the same without it, so failing is fine."""
        if lost := expired(record, now):
            with contextlib.suppress(ConditionFailed, TableUnavailable):
                self._items.update(updates.sweep(record, lost))

    def _move_usage(self, record: KeyRecord, counted: str, now: int) -> None:
        """Keeps the item small as days go by. The usage is the same without it, so failing is fine."""
        if names := movable(record.usage, counted):
            with contextlib.suppress(ConditionFailed, TableUnavailable):
                self._items.move_usage(record, names, now)

    def _remember(self, record: KeyRecord) -> None:
        self._guesses.pop(record.id, None)
        if len(self._guesses) >= GUESSES:
            del self._guesses[next(iter(self._guesses))]
        self._guesses[record.id] = guess_of(record)


def live(record: KeyRecord | None, credential: Credential, now: int) -> KeyRecord:
    """The record, if it is the credential's and neither revoked nor expired; else `Refused`.

    One reason for all, so that an answer says nothing about keys to those who hold none.
    """
    if (
        record is None
        or not hmac.compare_digest(record.hash, credential.hash)
        or record.status != "active"
        or record.expires_at <= now
    ):
        raise Refused("unknown_key")
    return record


def refuse(record: KeyRecord, request: Request, now: int) -> None:
    """Raises the `Refused` that a live key's record holds for a call, the most lasting reason first."""
    rates = rate_limits(record, now)
    if not allows(record.allowed_models, request.models):
        raise Refused("model_not_allowed", rate_limits=rates)
    credit = balance(record, now)
    short = shortage(credit, request.least)
    if short == "out_of_credit":
        raise Refused(short, rate_limits=rates)
    # A call may be the one that goes past the token limit.
    if any(rate is not None and rate.remaining == 0 for rate in (rates.requests, rates.tokens)):
        raise Refused("rate_limited", rates.resets - now, rates)
    if short is not None:
        raise Refused(short, RESERVED_RETRY_S, rates)


def shortage(credit: Balance, amount: int) -> Reason | None:
    """Why a balance cannot have `amount` picodollars reserved; None where it can."""
    if amount <= credit.remaining:
        return None
    return "credit_reserved" if amount <= credit.remaining + credit.held else "out_of_credit"


def rate_limits(record: KeyRecord, now: int) -> RateLimits:
    """A key's limits per minute, and what is left of them at `now`."""
    minute = minute_at(record.minute, now)
    counts = record.minute == minute

    def left(limit: int | None, counted: int) -> RateLimit | None:
        if limit is None:
            return None
        return RateLimit(limit, max(0, limit - counted) if counts else limit)

    return RateLimits(
        left(record.requests_per_minute, record.minute_requests),
        left(record.tokens_per_minute, record.minute_tokens),
        60 * (minute + 1),
    )


def grant_of(record: KeyRecord, amount: int, least: int, now: int) -> Grant:
    """What a key's credit gives a call, of which `least` must be within what remains."""
    in_flight = sum(held.expires > now for held in record.held.values())
    return grants.share(amount, least, balance(record, now).remaining, in_flight)


def _is_held(reservation_id: str, record: KeyRecord, now: int) -> bool:
    held = record.held.get(reservation_id)
    return held is not None and held.expires > now
