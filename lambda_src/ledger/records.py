"""One key's item in the table, typed, and the balance it stands for at an instant.

Invariant of every write: ``remaining == credit_limit - spent - sum of held amounts``.
"""

from typing import Any, NamedTuple

from ledger import usage
from ledger.periods import period
from ledger.table import Item
from ledger.usage import Counts


class Held(NamedTuple):
    """Credit set aside for one call in flight: picodollars, and the epoch second it becomes a charge."""

    amount: int
    expires: int


class RateLimit(NamedTuple):
    """A limit per minute, and what is left of it in the present one."""

    limit: int
    remaining: int


class RateLimits(NamedTuple):
    """A key's limits per minute at an instant; None for one that it does not have."""

    requests: RateLimit | None
    tokens: RateLimit | None
    resets: int
    """The epoch second at which the next minute begins, and with it new counts."""


class Reservation(NamedTuple):
    """Credit held for one call by one key, until it is settled or expires."""

    key_id: str
    id: str
    model: str
    """Under which its usage counts."""
    amount: int
    """Picodollars: what its admission granted."""
    expires: int
    """The epoch second from which it can no longer be settled and counts as spent."""
    input_tokens: int
    """The estimate that its admission counted."""
    minute: int | None
    """The epoch minute in which it was counted; None when the key has no token limit."""
    rate_limits: RateLimits
    """As its admission left them."""
    usage_rows: frozenset[str]
    """The names of the usage rows that its admission found in the key's item."""


class KeyRecord(NamedTuple):
    """A key as the table holds it. Amounts are picodollars, instants epoch seconds."""

    id: str
    hash: str
    status: str
    """``"active"`` or ``"revoked"``."""
    name: str
    created_at: int
    expires_at: int
    """`periods.NEVER` when the key has no end."""
    credit_limit: int
    """Per period; `money.UNLIMITED` when the key has no limit."""
    remaining: int
    spent: int
    """Settled in this period; calls in flight and lost ones are in `held`."""
    past_spent: int
    """Settled in all earlier periods."""
    held: dict[str, Held]
    limit_period: str
    """One of `periods.PERIODS`."""
    period_ends: int
    allowed_models: frozenset[str] | None
    """Globs over model names; None allows every model."""
    requests_per_minute: int | None
    tokens_per_minute: int | None
    minute: int
    """The epoch minute that `minute_requests` and `minute_tokens` count."""
    minute_requests: int
    minute_tokens: int
    usage: dict[str, Counts]
    """What settlements have counted (`ledger.usage`) and no move has taken away since."""
    usage_moves: int
    """How often rows have been taken away."""


class Balance(NamedTuple):
    """What a key has spent and may still spend, in picodollars, in the period that ends at `period_ends`."""

    spent: int
    """Settled, and reserved by calls that never settled in time."""
    held: int
    """Reserved by calls in flight."""
    remaining: int
    """Credit limit less `spent` and `held`; below zero when a call cost more than it had reserved."""
    total_spent: int
    """`spent` of this and all earlier periods."""
    period_ends: int


def balance(record: KeyRecord, now: int) -> Balance:
    """The balance at `now`, whether or not the table has been brought up to that instant.

    The table is written by calls only, so a period may have ended, and reservations may have expired,
    since the last one.
    """
    start, ends = period(record.limit_period, now)
    rolled = record.period_ends <= now
    live = overdue = late = 0
    for amount, expires in record.held.values():
        if expires > now:
            live += amount
        elif rolled and expires < start:
            overdue += amount
        else:
            late += amount
    settled, past = record.spent, record.past_spent
    if rolled:
        settled, past = 0, past + settled + overdue
    spent = settled + late
    return Balance(
        spent=spent,
        held=live,
        remaining=record.credit_limit - spent - live,
        total_spent=past + spent,
        period_ends=ends if rolled else record.period_ends,
    )


def usage_of(record: KeyRecord, now: int) -> dict[str, Counts]:
    """The usage that the key's own item tells at `now`: reservations that have expired are charges."""
    lost = [held for held in record.held.values() if held.expires <= now]
    return usage.added(record.usage, usage.unsettled(lost)) if lost else record.usage


def key_of(key_id: str) -> Item:
    """The primary key of a key's item."""
    return {"pk": {"S": f"key#{key_id}"}, "sk": {"S": "key"}}


def record_of(item: Item) -> KeyRecord:
    """The record that a key's item holds."""
    return KeyRecord(
        id=item["pk"]["S"].removeprefix("key#"),
        hash=item["hash"]["S"],
        status=item["status"]["S"],
        name=item["name"]["S"],
        created_at=int(item["created_at"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        credit_limit=int(item["credit_limit"]["N"]),
        remaining=int(item["remaining"]["N"]),
        spent=int(item["spent"]["N"]),
        past_spent=int(item["past_spent"]["N"]),
        held={
            name: Held(int(value["M"]["amount"]["N"]), int(value["M"]["expires"]["N"]))
            for name, value in item["held"]["M"].items()
        },
        limit_period=item["limit_period"]["S"],
        period_ends=int(item["period_ends"]["N"]),
        allowed_models=frozenset(item["allowed_models"]["SS"])
        if "allowed_models" in item
        else None,
        requests_per_minute=_optional_number(item, "requests_per_minute"),
        tokens_per_minute=_optional_number(item, "tokens_per_minute"),
        minute=int(item["minute"]["N"]),
        minute_requests=int(item["minute_requests"]["N"]),
        minute_tokens=int(item["minute_tokens"]["N"]),
        usage={
            name: Counts(*(int(count["N"]) for count in value["L"]))
            for name, value in item["usage"]["M"].items()
        },
        usage_moves=int(item["usage_moves"]["N"]),
    )


def item_of(record: KeyRecord) -> Item:
    """The whole item that holds `record`."""
    item = key_of(record.id)
    for name, value in record._asdict().items():
        if name != "id" and value is not None:
            item[name] = attribute(value)
    return item


def attribute(value: Any) -> dict[str, Any]:
    """DynamoDB's form of a record's field."""
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, frozenset):
        return {"SS": sorted(value)}
    if isinstance(value, Held):
        return attribute(value._asdict())
    if isinstance(value, Counts):
        # Without names, which would be most of the item's size.
        return {"L": [attribute(count) for count in value]}
    return {"M": {name: attribute(each) for name, each in value.items()}}


def _optional_number(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
