"""The requests stay within what DynamoDB accepts, whatever the item holds."""

from ledger.items import SWEEP_AT_ONCE
from ledger.records import Held
from ledger.updates import sweep

EXPRESSION_BYTES = 4096
OPERATORS = 300
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


def test_the_largest_sweep_is_within_dynamodbs_limits():
    expired = [(f"{number:016x}", Held(10**24, 2**53)) for number in range(SWEEP_AT_ONCE)]
    update = sweep("a" * 12, expired)
    condition, expression = update["ConditionExpression"], update["UpdateExpression"]
    assert len(condition.encode()) <= EXPRESSION_BYTES
    assert len(expression.encode()) <= EXPRESSION_BYTES
    assert condition.count("=") + condition.count("AND") <= OPERATORS
    assert expression.count("held.") + 2 <= OPERATORS
    assert update["ExpressionAttributeValues"][":charged"] == {"N": str(SWEEP_AT_ONCE * 10**24)}
