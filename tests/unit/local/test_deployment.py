"""A deployment is believed only when every resource of the template is seen to exist."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import build_app
from local.account import Account
from local.conditions import wanted_resources
from local.deployment import DeploymentError, deploy
from local.resource_checks import StackResources, listed_resources, missing_resources
from local.synthesis import Assembly, read_assembly
from tests.support.cloud_account import cloud_account

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with cloud_account(REGION) as running:
        yield running


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    outdir = tmp_path_factory.mktemp("assembly")
    build_app(outdir=str(outdir), model_aliases={"gpt-5": "a.b-v1:0"}, validate=False).synth()
    return read_assembly(outdir)


def changed(assembly: Assembly, name: str, **resources: Any) -> Assembly:
    """The same stack under another name, with other resources beside or in place of its own."""
    template = copy.deepcopy(assembly.template)
    template["Resources"] |= resources
    return assembly._replace(stack_name=name, template=template)


def test_functions_come_with_their_resolved_configuration(
    account: Account, assembly: Assembly
) -> None:
    functions = deploy(assembly, account)

    assert functions.keys() == {"router", "console"}
    router, console = functions["router"], functions["console"]
    assert router.environment["MODEL_ALIASES"] == '{"gpt-5":"a.b-v1:0"}'
    assert router.environment["AWS_LAMBDA_EXEC_WRAPPER"] == "/var/task/bin/start-router"
    assert (router.invoke_mode, console.invoke_mode) == ("RESPONSE_STREAM", "BUFFERED")
    assert (router.timeout_s, console.handler) == (900, "console.handler.handler")
    assert console.environment["PROXY_URL"] == router.url
    assert router.url.endswith(f".lambda-url.{REGION}.on.aws/")
    assert len(account.secret(router.environment["HMAC_SECRET_ID"])) == 64
    assert len(account.secret(console.environment["ADMIN_KEY_SECRET_ID"])) == 43
    table = console.environment["TABLE_NAME"]
    assert account.dynamodb.describe_table(TableName=table)["Table"]["ItemCount"] == 0


@pytest.mark.filterwarnings("ignore:Tried to parse")
def test_resource_type_the_emulator_skips_is_an_error(account: Account, assembly: Assembly) -> None:
    """The emulator itself calls this stack complete."""
    signing = {"Type": "AWS::Lambda::CodeSigningConfig", "Properties": {}}
    with pytest.raises(
        DeploymentError, match=r"Signing \(AWS::Lambda::CodeSigningConfig\): .* skipped it"
    ):
        deploy(changed(assembly, "Skipped", Signing=signing), account)
    [stack] = account.cloudformation.describe_stacks(StackName="Skipped")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_resource_type_nobody_can_check_is_an_error(account: Account, assembly: Assembly) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
    with pytest.raises(DeploymentError, match=r"Topic \(AWS::SNS::Topic\): there is no check"):
        deploy(changed(assembly, "Unchecked", Topic=topic), account)


def test_what_a_condition_rules_out_is_not_missed(account: Account, assembly: Assembly) -> None:
    ruled_out = assembly.template["Resources"].keys() - wanted_resources(assembly.template).keys()
    assert "AlarmsTopic3A2DFEBA" in ruled_out
    deploy(changed(assembly, "Unalarmed"), account)
    pages = account.cloudformation.get_paginator("list_stack_resources").paginate(
        StackName="Unalarmed"
    )
    created = {
        summary["LogicalResourceId"] for page in pages for summary in page["StackResourceSummaries"]
    }
    assert created >= wanted_resources(assembly.template).keys()
    assert not created & ruled_out


def test_template_the_emulator_refuses_is_an_error(account: Account, assembly: Assembly) -> None:
    bad = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"GenerateSecretString": {"SecretStringTemplate": "{}"}},
    }
    with pytest.raises(DeploymentError, match=r"the stack was not created: .* is not emulated"):
        deploy(changed(assembly, "Refused", Bad=bad), account)


def test_deleted_stack_leaves_nothing_behind(account: Account, assembly: Assembly) -> None:
    deploy(changed(assembly, "Deleted"), account)
    account.cloudformation.delete_stack(StackName="Deleted")

    left = [
        *account.dynamodb.list_tables()["TableNames"],
        *(function["FunctionName"] for function in account.lambda_.list_functions()["Functions"]),
        *(role["RoleName"] for role in account.iam.list_roles()["Roles"]),
        *(secret["Name"] for secret in account.secretsmanager.list_secrets()["SecretList"]),
    ]
    assert not [name for name in left if name.startswith("Deleted-")]


Removal = Callable[[Account, str, dict[str, Any], StackResources], Any]

REMOVALS: dict[str, Removal] = {
    "AWS::CloudWatch::Dashboard": lambda account, name, *_: account.cloudwatch.delete_dashboards(
        DashboardNames=[name]
    ),
    "AWS::DynamoDB::Table": lambda account, name, *_: account.dynamodb.delete_table(TableName=name),
    "AWS::IAM::Policy": lambda account, _, policy, resources: account.iam.delete_role_policy(
        RoleName=resources.referred(policy["Roles"][0]), PolicyName=policy["PolicyName"]
    ),
    "AWS::Lambda::Permission": lambda account, _, permission, resources: forbid(
        account, resources.referred(permission["FunctionName"]), permission["Action"]
    ),
    "AWS::Lambda::Url": lambda account, arn, *_: account.lambda_.delete_function_url_config(
        FunctionName=arn
    ),
    "AWS::Lambda::Function": lambda account, name, *_: account.lambda_.delete_function(
        FunctionName=name
    ),
    "AWS::IAM::Role": lambda account, name, *_: account.iam.delete_role(RoleName=name),
    "AWS::Logs::LogGroup": lambda account, name, *_: account.logs.delete_log_group(
        logGroupName=name
    ),
    "AWS::SecretsManager::Secret": lambda account, arn, *_: account.secretsmanager.delete_secret(
        SecretId=arn, ForceDeleteWithoutRecovery=True
    ),
}
"""How to take a resource away behind CloudFormation's back, in an order that no other minds."""


def forbid(account: Account, function: str, action: str) -> None:
    policy = json.loads(account.lambda_.get_policy(FunctionName=function)["Policy"])
    for statement in policy["Statement"]:
        if statement["Action"] == action:
            account.lambda_.remove_permission(FunctionName=function, StatementId=statement["Sid"])


def test_every_resource_of_the_stack_is_missed_once_it_is_gone(
    account: Account, assembly: Assembly
) -> None:
    stack = changed(assembly, "Undone")
    deploy(stack, account)
    definitions = wanted_resources(stack.template)
    resources = listed_resources(account, stack.stack_name, definitions)

    gone: set[str] = set()
    for resource_type, remove in REMOVALS.items():
        for logical_id, definition in definitions.items():
            if definition["Type"] == resource_type:
                name = resources.physical_ids[logical_id]
                remove(account, name, definition["Properties"], resources)
                gone.add(f"{logical_id} ({resource_type})")
        assert missing_resources(account, resources).keys() >= gone
    assert len(gone) == len(definitions)
