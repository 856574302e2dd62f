"""DynamoDB's error answers become the ledger's two exceptions."""

import pytest
from ledger.table import ConditionFailed, TableUnavailable, failure


def test_a_failed_condition_carries_the_item_that_failed_it():
    item = {"pk": {"S": "key#1"}}
    error = failure("ConditionalCheckFailedException", {"Item": item})
    assert isinstance(error, ConditionFailed)
    assert error.item == item


def test_a_failed_condition_on_nothing_carries_nothing():
    error = failure("ConditionalCheckFailedException", {"message": "…"})
    assert isinstance(error, ConditionFailed)
    assert error.item is None


def test_a_transaction_cancelled_by_a_condition_is_a_failed_condition():
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}]
    error = failure("TransactionCanceledException", {"CancellationReasons": reasons})
    assert isinstance(error, ConditionFailed)


@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionConflictException",
    ],
)
def test_throttles_and_faults_may_be_tried_again(code):
    error = failure(code, {})
    assert isinstance(error, TableUnavailable)
    assert error.retryable


def test_a_transaction_cancelled_by_a_conflict_may_be_tried_again():
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
    error = failure("TransactionCanceledException", {"CancellationReasons": reasons})
    assert isinstance(error, TableUnavailable)
    assert error.retryable


@pytest.mark.parametrize(
    "code", ["ResourceNotFoundException", "AccessDeniedException", "ValidationException"]
)
def test_wrong_names_and_permissions_stay_wrong(code):
    error = failure(code, {})
    assert isinstance(error, TableUnavailable)
    assert not error.retryable
    assert code in str(error)
