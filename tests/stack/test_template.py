"""What the stack is made of, and what is left of it when it is deleted."""

import json
import re
from collections import Counter

import aws_cdk as cdk
from aws_cdk.assertions import Match
from aws_cdk.assertions import Template as Assertions
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.router_stack import BedrockRouterStack
from tests.support.cloudformation import Template, of_type, text

ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")

PHYSICAL_NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SecretsManager::Secret": "Name",
}


def test_the_template_is_the_reviewed_one(template: Template, snapshot: SnapshotAssertion) -> None:
    masked = json.loads(ASSET_HASH.sub("<asset hash>", json.dumps(template)))
    assert masked == snapshot.use_extension(JSONSnapshotExtension)


def test_the_stack_holds_nothing_but_these_resources(template: Template) -> None:
    assert Counter(resource["Type"] for resource in template["Resources"].values()) == {
        "AWS::CloudWatch::Alarm": 2,
        "AWS::CloudWatch::Dashboard": 1,
        "AWS::DynamoDB::Table": 1,
        "AWS::IAM::Policy": 2,
        "AWS::IAM::Role": 2,
        "AWS::Lambda::Function": 2,
        "AWS::Lambda::Permission": 4,
        "AWS::Lambda::Url": 2,
        "AWS::Logs::LogGroup": 2,
        "AWS::SNS::Subscription": 1,
        "AWS::SNS::Topic": 1,
        "AWS::SNS::TopicPolicy": 1,
        "AWS::SecretsManager::Secret": 2,
    }


def test_it_deploys_to_any_account_and_region_without_a_question(template: Template) -> None:
    assert template.keys() == {
        "Conditions",
        "Description",
        "Outputs",
        "Parameters",
        "Resources",
    }
    assert all("Default" in parameter for parameter in template["Parameters"].values())
    assert not re.search(r"\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b", json.dumps(template))


def test_a_later_release_replaces_neither_table_nor_secrets(template: Template) -> None:
    """CloudFormation replaces a resource whose logical id changes: the keys would be gone."""
    assert of_type(template, "AWS::DynamoDB::Table").keys() == {"KeyStoreTable117FAEE3"}
    assert of_type(template, "AWS::SecretsManager::Secret").keys() == {
        "KeyStoreHmacSecret140D7EC0",
        "ConsoleAdminKeyFD487BCB",
    }


def test_two_stacks_fit_into_one_region_because_nothing_is_named(template: Template) -> None:
    named = [
        logical_id
        for resource_type, property_name in PHYSICAL_NAMES.items()
        for logical_id, resource in of_type(template, resource_type).items()
        if property_name in resource["Properties"]
    ]
    assert named == []


def test_deleting_the_stack_leaves_nothing(template: Template) -> None:
    stateful = {"AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret"}
    for logical_id, resource in template["Resources"].items():
        policies = {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
        assert policies == ({"Delete"} if resource["Type"] in stateful else {None}), logical_id


def test_an_owner_with_dashboards_enough_goes_without() -> None:
    app = cdk.App(builtin_cloud_formation_validation=False)
    stack = BedrockRouterStack(app, "Plain", dashboard=False)
    assert not of_type(Assertions.from_stack(stack).to_json(), "AWS::CloudWatch::Dashboard")


def test_the_keys_outlive_the_stack_when_the_owner_wants_it() -> None:
    app = cdk.App(builtin_cloud_formation_validation=False)
    stack = BedrockRouterStack(app, "Kept", removal_policy=cdk.RemovalPolicy.RETAIN)
    retained = [
        logical_id
        for logical_id, resource in Assertions.from_stack(stack).to_json()["Resources"].items()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    assert sorted(retained) == ["KeyStoreHmacSecret140D7EC0", "KeyStoreTable117FAEE3"]


def test_the_table_bills_by_request_and_recovers_and_forgets(template: Template) -> None:
    Assertions.from_json(template).has_resource_properties(
        "AWS::DynamoDB::Table",
        {
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "BillingMode": "PAY_PER_REQUEST",
            "ProvisionedThroughput": Match.absent(),
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        },
    )


def test_secrets_are_generated_in_the_account_and_appear_nowhere(template: Template) -> None:
    generated = {
        logical_id: resource["Properties"]["GenerateSecretString"]
        for logical_id, resource in of_type(template, "AWS::SecretsManager::Secret").items()
        if "SecretString" not in resource["Properties"]
    }
    assert generated == {
        "KeyStoreHmacSecret140D7EC0": {"ExcludePunctuation": True, "PasswordLength": 64},
        "ConsoleAdminKeyFD487BCB": {"ExcludePunctuation": True, "PasswordLength": 43},
    }
    assert "{{resolve:" not in json.dumps(template)


def test_the_outputs_lead_to_both_urls_and_the_admin_key(template: Template) -> None:
    outputs = {name: text(output["Value"]) for name, output in template["Outputs"].items()}
    assert outputs == {
        "ProxyUrl": "${ProxyFunctionFunctionUrl3B519EF3.FunctionUrl}",
        "ConsoleUrl": "${ConsoleFunctionFunctionUrl64D8784D.FunctionUrl}",
        "AdminKeyLink": "https://${AWS::Region}.console.aws.amazon.com/secretsmanager/secret"
        "?name=${ConsoleAdminKeyFD487BCB}&region=${AWS::Region}",
    }
