"""Every write to a key's item but the move of its usage rows: one conditional UpdateItem each.

Pure functions from what is known of the item to the request, less the table's name. Each condition
proves by itself, inside DynamoDB, all that makes its write right, so neither a race nor a repeated
request can break the invariant of `ledger.records`. Names with ``#`` are DynamoDB's reserved words,
reservation ids and usage rows.
"""

from collections.abc import Container, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ledger import usage
from ledger.expressions import Clauses, Update, key_update
from ledger.grants import Grant
from ledger.periods import period
from ledger.records import Held, KeyRecord, Reservation
from ledger.usage import Counts, Rows


class Request(NamedTuple):
    """What one call asks of the ledger."""

    key_id: str
    hash: str
    models: tuple[str, ...]
    reservation_id: str
    amount: int
    """The most the call can cost, in picodollars."""
    least: int
    """The least it can do with: `amount`, if it cannot be held to less."""
    input_tokens: int
    expires: int
    """The epoch second from which the reservation is a charge."""


class Guess(NamedTuple):
    """The parts of a key's item that decide how a write must be put, as last seen.

    A wrong guess costs a second round trip and nothing else: the condition names what was guessed.
    """

    allowed_models: frozenset[str] | None = None
    limits_requests: bool = False
    limits_tokens: bool = False
    minute: int = 0


class Seen(NamedTuple):
    """The parts of a key's item that decide how a settlement must be put, as last seen."""

    minute: int
    usage_rows: Container[str]
    """The names of the rows that the item holds."""


def guess_of(record: KeyRecord) -> Guess:
    """The guess that fits `record`."""
    return Guess(
        record.allowed_models,
        record.requests_per_minute is not None,
        record.tokens_per_minute is not None,
        record.minute,
    )


def admission(guess: Guess, request: Request, grant: Grant, now: int) -> Update:
    """Reserves what is granted, if all that could forbid the call is found not to."""
    clauses = Clauses(
        conditions=[
            # The key that was shown is the one on record, and still opens the door.
            "#hash = :hash",
            "#status = :active",
            #     now        expires_at      a key, like a period, holds up to its end, not at it
            # ─────┼──────────────┼────────▶
            "expires_at > :now",
            # `remaining` speaks of the present period; once that is over, `roll` comes first.
            "period_ends > :now",
            # The hard limit: what other calls hold has already left `remaining`.
            "remaining >= :credit",
            # A request repeated after a lost answer finds its own reservation, and holds nothing more.
            "attribute_not_exists(held.#reservation)",
        ],
        sets=["remaining = remaining - :amount", "held.#reservation = :reservation"],
        removes=[],
        names={"#hash": "hash", "#status": "status", "#reservation": request.reservation_id},
        values={
            ":hash": request.hash,
            ":active": "active",
            ":now": now,
            ":amount": grant.amount,
            ":credit": grant.credit,
            ":reservation": Held(grant.amount, request.expires),
        },
    )
    # DynamoDB knows no globs. The list was judged here, as last seen, and the write stands only if it
    # is still that one. A list that forbids the call is no proof either: it may have changed since, so
    # the table is asked all the same, and answers with the list of now.
    if guess.allowed_models is not None and allows(guess.allowed_models, request.models):
        clauses.conditions.append("allowed_models = :judged")
        clauses.values[":judged"] = guess.allowed_models
    else:
        clauses.conditions.append("attribute_not_exists(allowed_models)")
    limited = guess.limits_requests or guess.limits_tokens
    if limited:
        _count_in_minute(clauses, guess.minute, now, requests=1, tokens=request.input_tokens)
    # A minute that begins with this call has room for it; a minute under way must be asked.
    if not limited or guess.minute >= now // 60:
        clauses.conditions.extend(_room_in_minute(guess))
    return key_update(request.key_id, clauses)


def settlement(reservation: Reservation, seen: Seen, used: Counts, now: int) -> Update:
    """Replaces a reservation by its call's cost, at most once, and counts what the call used."""
    clauses = Clauses(
        conditions=[
            # A reservation is settled while it is held and before it expires. Then it is a charge, and
            # a late or second settlement finds nothing to change.
            #   admitted      now       expires
            # ──────┼──────────┼───────────┼────────▶
            "held.#reservation.expires > :now",
            # A cost belongs to the period in which it is settled, and that may not have begun yet.
            "period_ends > :now",
        ],
        sets=["remaining = remaining + :unspent", "spent = spent + :cost"],
        removes=["held.#reservation"],
        names={"#reservation": reservation.id},
        values={":now": now, ":unspent": reservation.amount - used.cost, ":cost": used.cost},
    )
    if any(used):
        _count_usage(clauses, {usage.row_name(now, reservation.model): used}, seen.usage_rows)
    if reservation.minute is not None:
        above = used.tokens - reservation.input_tokens
        # The estimate was counted in the minute of admission; a later minute holds nothing of it that
        # could be given back.
        if minute_at(seen.minute, now) != reservation.minute:
            above = max(above, 0)
        _count_in_minute(clauses, seen.minute, now, requests=0, tokens=above)
    return key_update(reservation.key_id, clauses)


def sweep(record: KeyRecord, expired: Sequence[tuple[str, Held]]) -> Update:
    """Turns expired reservations into what they have been since they expired: money spent.

    `remaining` does not move, it fell when they were made. Each must still be there unsettled, so of
    two sweeps only one counts.
    """
    clauses = Clauses([], ["spent = spent + :charged"], [], {}, {})
    clauses.values[":charged"] = sum(held.amount for _, held in expired)
    _count_usage(clauses, usage.unsettled(held for _, held in expired), record.usage)
    for number, (name, held) in enumerate(expired):
        clauses.conditions.append(f"held.#r{number}.expires = :x{number}")
        clauses.removes.append(f"held.#r{number}")
        clauses.names[f"#r{number}"] = name
        clauses.values[f":x{number}"] = held.expires
    return key_update(record.id, clauses)


def roll(record: KeyRecord, ends: int) -> Update:
    """Begins the period that ends at `ends`: what was spent is past, what is held stays held.

    The end that was seen must still stand, so the period begins once however many calls find it over.
    """
    clauses = Clauses(
        conditions=["period_ends = :seen", "limit_period = :kind"],
        sets=[
            "remaining = remaining + spent",
            "past_spent = past_spent + spent",
            "spent = :none",
            "period_ends = :ends",
        ],
        removes=[],
        names={},
        values={
            ":seen": record.period_ends,
            ":kind": record.limit_period,
            ":none": 0,
            ":ends": ends,
        },
    )
    return key_update(record.id, clauses)


def allows(patterns: frozenset[str] | None, models: tuple[str, ...]) -> bool:
    """Whether a key's list of globs, None for no list, allows any of a call's model names."""
    return patterns is None or any(
        fnmatchcase(model, pattern) for model in models for pattern in patterns
    )


def amendment(record: KeyRecord, changes: Mapping[str, Any], now: int) -> Update:
    """Sets the terms in `changes` (names of `KeyRecord`); None removes one that may be absent.

    Terms that other attributes follow from are changed only if they are still as seen.
    """
    clauses = Clauses(["#status = :active"], [], [], {"#status": "status"}, {":active": "active"})
    for field, value in changes.items():
        if value is None:
            clauses.removes.append(f"#{field}")
        else:
            clauses.sets.append(f"#{field} = :{field}")
            clauses.values[f":{field}"] = value
        clauses.names[f"#{field}"] = field
    if "credit_limit" in changes:
        clauses.conditions.append("#credit_limit = :seen_limit")
        clauses.sets.append("remaining = remaining + :more")
        clauses.values[":seen_limit"] = record.credit_limit
        clauses.values[":more"] = changes["credit_limit"] - record.credit_limit
    if "limit_period" in changes:
        clauses.conditions.append("#limit_period = :seen_period")
        clauses.conditions.append("period_ends = :seen_end")
        clauses.sets.append("period_ends = :ends")
        clauses.values[":seen_period"] = record.limit_period
        clauses.values[":seen_end"] = record.period_ends
        clauses.values[":ends"] = period(changes["limit_period"], now).ends
    return key_update(record.id, clauses)


def revocation(key_id: str, until: int) -> Update:
    """Ends a key; its item stays readable to the epoch second `until`, by the first revocation's."""
    clauses = Clauses(
        conditions=["attribute_exists(pk)"],
        sets=["#status = :revoked", "#ttl = if_not_exists(#ttl, :until)"],
        removes=[],
        names={"#status": "status", "#ttl": "ttl"},
        values={":revoked": "revoked", ":until": until},
    )
    return key_update(key_id, clauses)


def minute_at(seen: int, now: int) -> int:
    """The epoch minute a call at `now` counts in: the item's, should its writer's clock be ahead."""
    return max(now // 60, seen)


def _count_in_minute(clauses: Clauses, seen: int, now: int, *, requests: int, tokens: int) -> None:
    """Adds to the minute's counts, which restart when the item is found in an earlier minute."""
    minute = minute_at(seen, now)
    clauses.names["#minute"] = "minute"
    clauses.values.update({":minute": minute, ":requests": requests, ":tokens": tokens})
    if seen < minute:
        clauses.conditions.append("#minute < :minute")
        clauses.sets.append("#minute = :minute")
        clauses.sets.append("minute_requests = :requests")
        clauses.sets.append("minute_tokens = :tokens")
    else:
        clauses.conditions.append("#minute = :minute")
        clauses.sets.append("minute_requests = minute_requests + :requests")
        clauses.sets.append("minute_tokens = minute_tokens + :tokens")


def _count_usage(clauses: Clauses, more: Rows, present: Container[str]) -> None:
    """Adds to the key's usage rows, of which those that are `present` must be and no others may be."""
    clauses.names["#usage"] = "usage"
    for number, (name, counts) in enumerate(more.items()):
        row = f"#usage.#u{number}"
        clauses.names[f"#u{number}"] = name
        if name not in present:
            clauses.conditions.append(f"attribute_not_exists({row})")
            clauses.sets.append(f"{row} = :u{number}")
            clauses.values[f":u{number}"] = counts
            continue
        clauses.conditions.append(f"attribute_exists({row})")
        for field, count in enumerate(counts):
            if count:
                value = f":u{number}_{field}"
                clauses.sets.append(f"{row}[{field}] = {row}[{field}] + {value}")
                clauses.values[value] = count


def _room_in_minute(guess: Guess) -> list[str]:
    """Conditions: a limit guessed is not reached, and none stands where none was guessed."""
    return [
        f"minute_{unit} < {unit}_per_minute"
        if limited
        else f"attribute_not_exists({unit}_per_minute)"
        for unit, limited in (("requests", guess.limits_requests), ("tokens", guess.limits_tokens))
    ]
