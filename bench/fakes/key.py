"""The one key of the bench, and its item in the table. Imports nothing but the ledger."""

from typing import Any

from ledger.keys import mint
from ledger.money import UNLIMITED
from ledger.periods import NEVER
from ledger.records import Held, KeyRecord, attribute, item_of
from ledger.usage import Counts

SECRET = "b" * 64
"""The HMAC secret, as long as the stack's."""

_HELD = attribute(Held(10**9, NEVER))

_MINTED = mint(SECRET.encode(), lambda length: b"\x5a" * length)

KEY = _MINTED.key

RECORD = KeyRecord(
    id=_MINTED.id,
    hash=_MINTED.hash,
    status="active",
    name="bench",
    created_at=1_795_000_000,
    expires_at=NEVER,
    credit_limit=UNLIMITED,
    remaining=UNLIMITED,
    spent=0,
    past_spent=0,
    held={},
    limit_period="none",
    period_ends=NEVER,
    allowed_models=None,
    requests_per_minute=None,
    tokens_per_minute=None,
    minute=0,
    minute_requests=0,
    minute_tokens=0,
    # Of a day that is never over, as the item of this table stays as it is.
    usage={"9999-12-31#us.anthropic.claude-haiku-4-5-20251001-v1:0": Counts(900, 0, 10**12, 10**6)},
    usage_moves=0,
)
"""A key without limits."""

ITEM = item_of(RECORD)


def updated(reservation: str) -> dict[str, Any]:
    """DynamoDB's answer to an update by the call that has this reservation, the one call in flight."""
    held = {"M": {reservation: _HELD}}
    return {"Attributes": {**ITEM, "held": held}}
