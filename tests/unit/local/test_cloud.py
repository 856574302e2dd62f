"""The emulated account keeps DynamoDB's promises, and knows the stack's resource types."""

import json
import string
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import Account
from local.cloud.server import SerializedDynamoDb
from tests.support.cloud_account import cloud_account


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with cloud_account() as running:
        yield running


def most_inside_at_once(target: str, requests: int = 4) -> int:
    """How many requests with this X-Amz-Target are in the application at the same time."""
    inside, most = 0, 0
    counting = threading.Lock()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        nonlocal inside, most
        with counting:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        with counting:
            inside -= 1
        return []

    serialized = SerializedDynamoDb(application)
    environ = {"HTTP_X_AMZ_TARGET": target}
    with ThreadPoolExecutor(requests) as threads:
        list(threads.map(lambda _: serialized(environ, None), range(requests)))
    return most


def test_dynamodb_requests_are_let_in_one_by_one_and_others_are_not() -> None:
    assert most_inside_at_once("DynamoDB_20120810.UpdateItem") == 1
    assert most_inside_at_once("secretsmanager.GetSecretValue") > 1


def make_table(account: Account, name: str) -> None:
    account.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def test_conditional_updates_at_once_accept_exactly_the_limit(account: Account) -> None:
    """Accepted updates are counted: the stored number alone would not show one accepted twice."""
    make_table(account, "counter")
    limit, attempts = 60, 96

    def add(_: int) -> int | None:
        try:
            answer = account.dynamodb.update_item(
                TableName="counter",
                Key={"pk": {"S": "a"}},
                UpdateExpression="ADD used :one",
                ConditionExpression="attribute_not_exists(used) OR used < :limit",
                ExpressionAttributeValues={":one": {"N": "1"}, ":limit": {"N": str(limit)}},
                ReturnValues="ALL_NEW",
            )
        except account.dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        return int(answer["Attributes"]["used"]["N"])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that requests really get into each other's way
    try:
        with ThreadPoolExecutor(16) as threads:
            seen = [used for used in threads.map(add, range(attempts)) if used is not None]
    finally:
        sys.setswitchinterval(interval)
    assert sorted(seen) == list(range(1, limit + 1))


def create_stack(account: Account, name: str, resources: dict[str, Any], **more: Any) -> None:
    template = {"Resources": resources, **more}
    account.cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))


def outputs(account: Account, name: str) -> dict[str, str]:
    [stack] = account.cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.mark.parametrize(
    ("rules", "length", "alphabet"),
    [
        (
            {"PasswordLength": 64, "ExcludePunctuation": True},
            64,
            string.ascii_letters + string.digits,
        ),
        (
            {"PasswordLength": "43", "ExcludePunctuation": "true"},
            43,
            string.ascii_letters + string.digits,
        ),
        ({}, 32, string.ascii_letters + string.digits + string.punctuation),
        (
            {"ExcludeUppercase": True, "ExcludeNumbers": True, "ExcludePunctuation": True},
            32,
            string.ascii_lowercase,
        ),
    ],
)
def test_secret_is_generated_by_its_rules(
    account: Account, rules: dict[str, Any], length: int, alphabet: str
) -> None:
    stack = f"secret{abs(hash(json.dumps(rules)))}"
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": rules}}
    create_stack(account, stack, {"S": secret}, Outputs={"Arn": {"Value": {"Ref": "S"}}})

    arn = outputs(account, stack)["Arn"]
    assert arn.startswith("arn:aws:secretsmanager:us-east-1:")
    assert len(account.secret(arn)) == length
    assert set(account.secret(arn)) <= set(alphabet)

    account.cloudformation.delete_stack(StackName=stack)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        account.secret(arn)


def test_secret_from_a_template_string_is_refused(account: Account) -> None:
    rules = {"SecretStringTemplate": "{}", "GenerateStringKey": "password"}
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": rules}}
    with pytest.raises(ClientError, match="is not emulated"):
        create_stack(account, "unknown-rules", {"S": secret})
