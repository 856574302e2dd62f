"""Whether the resources of a stack really exist: a question to its service for each of them.

moto skips a resource whose type it does not know, and calls the stack complete all the same.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from local.account import Account


class StackResources(NamedTuple):
    """The template's resources, and the ids of those that CloudFormation lists, by logical id."""

    definitions: dict[str, dict[str, Any]]
    physical_ids: dict[str, str]

    def properties(self, logical_id: str) -> dict[str, Any]:
        properties: dict[str, Any] = self.definitions[logical_id]["Properties"]
        return properties

    def referred(self, reference: dict[str, Any]) -> str:
        """The physical id of what a `Ref` or an `Fn::GetAtt` points at."""
        logical_id = reference.get("Ref") or reference["Fn::GetAtt"][0]
        return self.physical_ids[logical_id]


def listed_resources(
    account: Account, stack_name: str, definitions: dict[str, dict[str, Any]]
) -> StackResources:
    """`definitions` are the template's resources; the ids are those CloudFormation tells."""
    pages = account.cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=stack_name
    )
    return StackResources(
        definitions,
        {
            summary["LogicalResourceId"]: summary["PhysicalResourceId"]
            for page in pages
            for summary in page["StackResourceSummaries"]
        },
    )


def missing_resources(account: Account, resources: StackResources) -> dict[str, str]:
    """What is wrong with each resource that is not there, by its logical id and type."""
    problems = {
        f"{logical_id} ({definition['Type']})": _problem(account, resources, logical_id)
        for logical_id, definition in resources.definitions.items()
    }
    return {name: problem for name, problem in problems.items() if problem}


def _problem(account: Account, resources: StackResources, logical_id: str) -> str | None:
    if logical_id not in resources.physical_ids:
        return "the emulated CloudFormation skipped it"
    check = _CHECKS.get(resources.definitions[logical_id]["Type"])
    if check is None:
        return "there is no check that it exists"
    try:
        found = check(account, resources, logical_id)
    except ClientError as error:
        return str(error)
    return None if found else "its service does not have it"


Check = Callable[[Account, StackResources, str], bool]
"""Whether the service has the resource with this logical id; a ClientError says no, too."""


def _table(account: Account, resources: StackResources, logical_id: str) -> bool:
    name = resources.physical_ids[logical_id]
    table = account.dynamodb.describe_table(TableName=name)["Table"]
    return bool(table["TableStatus"] == "ACTIVE")


def _secret(account: Account, resources: StackResources, logical_id: str) -> bool:
    return bool(account.secret(resources.physical_ids[logical_id]))


def _log_group(account: Account, resources: StackResources, logical_id: str) -> bool:
    name = resources.physical_ids[logical_id]
    groups = account.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group["logGroupName"] == name for group in groups)


def _role(account: Account, resources: StackResources, logical_id: str) -> bool:
    return bool(account.iam.get_role(RoleName=resources.physical_ids[logical_id]))


def _inline_policy(account: Account, resources: StackResources, logical_id: str) -> bool:
    properties = resources.properties(logical_id)
    return bool(properties["Roles"]) and all(
        account.iam.get_role_policy(
            RoleName=resources.referred(role), PolicyName=properties["PolicyName"]
        )["PolicyDocument"]["Statement"]
        for role in properties["Roles"]
    )


def _function(account: Account, resources: StackResources, logical_id: str) -> bool:
    name = resources.physical_ids[logical_id]
    return bool(account.lambda_.get_function(FunctionName=name)["Configuration"]["CodeSize"])


def _function_url(account: Account, resources: StackResources, logical_id: str) -> bool:
    properties = resources.properties(logical_id)
    name = resources.referred(properties["TargetFunctionArn"])
    config = account.lambda_.get_function_url_config(FunctionName=name)
    return bool(
        config["AuthType"] == properties["AuthType"]
        and config["InvokeMode"] == properties.get("InvokeMode", "BUFFERED")
    )


def _permission(account: Account, resources: StackResources, logical_id: str) -> bool:
    properties = resources.properties(logical_id)
    name = resources.referred(properties["FunctionName"])
    policy = json.loads(account.lambda_.get_policy(FunctionName=name)["Policy"])
    return any(statement["Action"] == properties["Action"] for statement in policy["Statement"])


def _dashboard(account: Account, resources: StackResources, logical_id: str) -> bool:
    name = resources.physical_ids[logical_id]
    return bool(account.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])


_CHECKS: dict[str, Check] = {
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::DynamoDB::Table": _table,
    "AWS::IAM::Policy": _inline_policy,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::Url": _function_url,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SecretsManager::Secret": _secret,
}
