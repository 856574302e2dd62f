"""The one way the ledger reaches DynamoDB, and what may go wrong on the way.

Requests and answers are DynamoDB's own JSON
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html), so any HTTP client
that can sign serves as a `Table`.
"""

from collections.abc import Mapping
from typing import Any, Protocol

Item = dict[str, dict[str, Any]]
"""Attribute name → attribute value, such as ``{"S": "text"}`` or ``{"N": "1"}``."""


class Table(Protocol):
    """Performs one DynamoDB operation, ``"UpdateItem"`` for one, and returns its answer.

    Raises `ConditionFailed` or `TableUnavailable` and nothing else. It may send a request again when
    it cannot know what became of the first: every request of the ledger is safe to repeat.
    """

    def __call__(self, operation: str, request: dict[str, Any], /) -> dict[str, Any]: ...


class ConditionFailed(Exception):
    """The condition of a write was false; `item` is what the table holds, None when nothing."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("the condition of a write was false")
        self.item = item


class TableUnavailable(Exception):
    """The table gave no usable answer, so nothing may be served on its behalf.

    `retryable` tells a throttle, a fault or a time-out, which pass, from a wrong name or permission,
    which does not.
    """

    def __init__(self, cause: str, *, retryable: bool = True) -> None:
        super().__init__(cause)
        self.retryable = retryable


RETRYABLE = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Codes that DynamoDB documents as passing:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""


def failure(code: str, body: Mapping[str, Any]) -> ConditionFailed | TableUnavailable:
    """The exception for a DynamoDB error answer.

    `code` is the error's bare name, without the ``com.amazonaws…#`` before it; `body` is the answer's
    JSON, which carries ``Item`` or ``CancellationReasons``.
    """
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(body.get("Item") or None)
    reasons = {reason.get("Code") for reason in body.get("CancellationReasons") or ()}
    if "ConditionalCheckFailed" in reasons:
        return ConditionFailed(None)
    retryable = code in RETRYABLE or code == "TransactionCanceledException"
    return TableUnavailable(code, retryable=retryable)
