"""The requests stay within what DynamoDB accepts, whatever the item holds."""

import re

from ledger import usage_moves
from ledger.expressions import Update
from ledger.items import SWEEP_AT_ONCE
from ledger.records import Held
from ledger.updates import sweep
from ledger.usage import ROWS_AT_ONCE, Counts

from tests.support.key_table import record

EXPRESSION_BYTES = 4096
OPERATORS = 300
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

MOST = 10**24


def rows(count: int) -> dict[str, Counts]:
    return {f"2026-11-23#{number:064d}": Counts(*[MOST] * 8) for number in range(count)}


def is_within_limits(update: Update) -> bool:
    """Counts every word that can be an operator or a function."""
    texts = [update["ConditionExpression"], update["UpdateExpression"]]
    return all(
        len(text.encode()) <= EXPRESSION_BYTES
        and sum(map(text.count, ("=", "+", "-", "AND", "attribute_", "REMOVE", ", "))) <= OPERATORS
        for text in texts
    )


def test_the_largest_sweep_is_within_dynamodbs_limits() -> None:
    expired = [(f"{number:016x}", Held(MOST, 2**53)) for number in range(SWEEP_AT_ONCE)]
    for usage in ({}, rows(3)):
        update = sweep(record(usage=usage), expired)
        assert is_within_limits(update)
        assert update["ExpressionAttributeValues"][":charged"] == {"N": str(SWEEP_AT_ONCE * MOST)}


def test_the_largest_move_is_within_dynamodbs_limits() -> None:
    usage = rows(ROWS_AT_ONCE)
    assert is_within_limits(usage_moves.removal(record(usage=usage), list(usage)))


def test_a_move_names_what_it_uses_and_no_more() -> None:
    """DynamoDB refuses names and values that no expression has; moto takes such values in transactions."""
    seen = record(usage=rows(2))
    names = list(seen.usage)
    for write in (usage_moves.removal(seen, names), usage_moves.addition(seen, names[0], until=1)):
        text = f"{write['UpdateExpression']} {write.get('ConditionExpression', '')}"
        told = write["ExpressionAttributeNames"].keys() | write["ExpressionAttributeValues"].keys()
        assert set(re.findall(r"[#:]\w+", text)) == told
