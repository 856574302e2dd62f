"""A key in the API's JSON: read from a request into the ledger's terms, and written from a record.

Dollars are decimal strings, instants ISO 8601 in UTC, and null stands for "no limit". In requests
amounts may also be JSON numbers, taken as the decimal they are written as, and instants epoch seconds.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ledger.administration import Changes, Terms
from ledger.money import UNLIMITED, from_usd, to_usd
from ledger.periods import NEVER
from ledger.records import KeyRecord, balance

from console.errors import ApiError, invalid

NAME_LENGTH = 200
PATTERNS = 100
PATTERN_LENGTH = 200
PER_MINUTE = 10**9
LAST_INSTANT = 253_402_300_799
"""The end of the year 9999, after which ISO 8601 needs five digits; it also catches milliseconds."""


class JsonDecimal(str):
    """A JSON number with a point or an exponent, as it was written; never turned into a float."""

    __slots__ = ()


def members_of(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body."""
    try:
        value = json.loads(body, parse_float=JsonDecimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid_json", "the body is not valid JSON") from error
    if not isinstance(value, dict):
        raise ApiError(400, "invalid_json", "the body must be a JSON object")
    return value


def terms_of(members: Mapping[str, Any], now: int) -> Terms:
    """The terms of a new key; what is left out sets no limit."""
    changes = changes_of(members, now)
    if "name" not in changes:
        raise invalid("name", "is required")
    unlimited = Terms(
        name=changes["name"],
        credit_limit=UNLIMITED,
        limit_period="none",
        expires_at=NEVER,
        allowed_models=None,
        requests_per_minute=None,
        tokens_per_minute=None,
    )
    return unlimited._replace(**changes)


def changes_of(members: Mapping[str, Any], now: int) -> Changes:
    """The terms that `members` name, and their new values; an unknown or wrong one is a 400."""
    changes = Changes()
    for field, value in members.items():
        if field not in FIELDS:
            raise invalid(_shown(field), "is not a field of a key")
        term, parse = FIELDS[field]
        changes[term] = parse(field, value, now)  # type: ignore[literal-required]
    return changes


def key_json(record: KeyRecord, now: int) -> dict[str, Any]:
    """A key as `GET /api/keys/{id}` shows it at the epoch second `now`.

    `remaining_usd` is the limit less spent and reserved, below zero after a call that cost more than
    it had reserved or a limit that was lowered.
    """
    credit = balance(record, now)
    limited = record.credit_limit != UNLIMITED
    expired = record.status == "active" and record.expires_at <= now
    return {
        "id": record.id,
        "name": record.name,
        "status": "expired" if expired else record.status,
        "created_at": _instant(record.created_at),
        "expires_at": _instant(record.expires_at),
        "credit_limit_usd": to_usd(record.credit_limit) if limited else None,
        "limit_period": record.limit_period if record.limit_period != "none" else None,
        "period_ends": _instant(credit.period_ends),
        "spent_usd": to_usd(credit.spent),
        "reserved_usd": to_usd(credit.held),
        "remaining_usd": to_usd(credit.remaining) if limited else None,
        "total_spent_usd": to_usd(credit.total_spent),
        "allowed_models": sorted(record.allowed_models) if record.allowed_models else None,
        "requests_per_minute": record.requests_per_minute,
        "tokens_per_minute": record.tokens_per_minute,
    }


def _name(field: str, value: Any, _now: int) -> str:
    if not _is_text(value, NAME_LENGTH) or not value.strip():
        raise invalid(field, f"must be a text of 1 to {NAME_LENGTH} characters on one line")
    return str(value)


def _credit_limit(field: str, value: Any, _now: int) -> int:
    if value is None:
        return UNLIMITED
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid(field, 'must be an amount in US dollars, such as "12.50", or null')
    try:
        return from_usd(value)
    except ValueError as error:
        raise invalid(field, str(error)) from error


def _limit_period(field: str, value: Any, _now: int) -> str:
    if value is None:
        return "none"
    if value not in ("day", "week", "month"):
        raise invalid(field, 'must be "day", "week", "month" or null')
    return str(value)


def _expires_at(field: str, value: Any, now: int) -> int:
    if value is None:
        return NEVER
    instant = _epoch_seconds(value)
    if instant is None or instant > LAST_INSTANT:
        raise invalid(
            field,
            'must be an ISO 8601 time with a zone, such as "2030-01-31T00:00:00Z", '
            "whole epoch seconds, or null",
        )
    if instant <= now:
        raise invalid(field, "must be in the future")
    return instant


def _epoch_seconds(value: Any) -> int | None:
    if type(value) is int:
        return value
    if type(value) is not str:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return int(instant.timestamp()) if instant.tzinfo else None


def _allowed_models(field: str, value: Any, _now: int) -> frozenset[str] | None:
    if value is None:
        return None
    if (
        not isinstance(value, list)
        or not 1 <= len(value) <= PATTERNS
        or not all(_is_text(pattern, PATTERN_LENGTH) for pattern in value)
    ):
        raise invalid(
            field,
            f"must be a list of 1 to {PATTERNS} model names or globs of at most {PATTERN_LENGTH} "
            "characters, or null to allow every model",
        )
    return frozenset(value)


def _per_minute(field: str, value: Any, _now: int) -> int | None:
    if value is not None and (type(value) is not int or not 1 <= value <= PER_MINUTE):
        raise invalid(field, f"must be a whole number from 1 to {PER_MINUTE}, or null")
    return value


FIELDS: Final[dict[str, tuple[str, Callable[[str, Any, int], Any]]]] = {
    "name": ("name", _name),
    "credit_limit_usd": ("credit_limit", _credit_limit),
    "limit_period": ("limit_period", _limit_period),
    "expires_at": ("expires_at", _expires_at),
    "allowed_models": ("allowed_models", _allowed_models),
    "requests_per_minute": ("requests_per_minute", _per_minute),
    "tokens_per_minute": ("tokens_per_minute", _per_minute),
}
"""Field of the API → term of the ledger, and how its value is read."""


def _is_text(value: Any, longest: int) -> bool:
    # Control characters spoil terminals and logs; lone surrogates cannot be stored at all.
    return (
        type(value) is str
        and 1 <= len(value) <= longest
        and not any(unicodedata.category(character) in ("Cc", "Cs") for character in value)
    )


def _shown(field: str) -> str:
    return field[:NAME_LENGTH].encode("ascii", "backslashreplace").decode()


def _instant(seconds: int) -> str | None:
    if seconds == NEVER:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _no_constant(constant: str) -> None:
    raise ValueError(constant)
