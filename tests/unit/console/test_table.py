"""boto3's answers and failures become the ledger's."""

import boto3
import pytest
from botocore.config import Config
from console.table import BotoTable
from ledger.table import ConditionFailed, TableUnavailable

from tests.support.key_table import TABLE_NAME

KEY = {"pk": {"S": "key#1"}, "sk": {"S": "key"}}


def put(condition):
    return {
        "TableName": TABLE_NAME,
        "Item": KEY | {"spent": {"N": "1"}},
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def test_a_failed_condition_brings_the_item_that_failed_it(table):
    table("PutItem", put("attribute_not_exists(pk)"))
    with pytest.raises(ConditionFailed) as failed:
        table("PutItem", put("attribute_not_exists(pk)"))
    assert failed.value.item == KEY | {"spent": {"N": "1"}}


def test_a_failed_condition_on_nothing_brings_nothing(table):
    with pytest.raises(ConditionFailed) as failed:
        table("PutItem", put("attribute_exists(pk)"))
    assert failed.value.item is None


def test_a_transaction_fails_as_its_condition_does(table):
    writes = [{"Put": put("attribute_exists(pk)")}]
    with pytest.raises(ConditionFailed):
        table("TransactWriteItems", {"TransactItems": writes})


def test_a_missing_table_is_unavailable_for_good(table):
    with pytest.raises(TableUnavailable) as unavailable:
        table("GetItem", {"TableName": "no-such-table", "Key": KEY})
    assert not unavailable.value.retryable


def test_a_table_that_cannot_be_reached_is_unavailable_for_now():
    client = boto3.client(
        "dynamodb",
        region_name="eu-west-1",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(TableUnavailable) as unavailable:
        BotoTable(client)("GetItem", {"TableName": TABLE_NAME, "Key": KEY})
    assert unavailable.value.retryable
