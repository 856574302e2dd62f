"""Deploys an assembly to the emulated account, and believes nothing that it does not see there."""

import io
import json
import zipfile
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.account import Account
from local.conditions import wanted_resources
from local.functions.configuration import FunctionConfiguration
from local.resource_checks import StackResources, listed_resources, missing_resources
from local.synthesis import Assembly, Asset


class DeploymentError(Exception):
    """The stack, or a resource of it, is not there after the deployment."""


def deploy(assembly: Assembly, account: Account) -> dict[str, FunctionConfiguration]:
    """Create the stack with its assets. Raises DeploymentError unless every resource exists.

    Its functions are returned by the package their handler is in, which names their plane.
    """
    try:
        for asset in assembly.assets:
            _upload(asset, account)
        _create_stack(assembly, account)
        return _verified_functions(assembly, account)
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(f"the stack was not created: {error}") from error


def _create_stack(assembly: Assembly, account: Account) -> None:
    account.cloudformation.create_stack(
        StackName=assembly.stack_name,
        TemplateBody=json.dumps(assembly.template),
        Capabilities=["CAPABILITY_IAM"],
    )
    stacks = account.cloudformation.describe_stacks(StackName=assembly.stack_name)["Stacks"]
    if stacks[0]["StackStatus"] != "CREATE_COMPLETE":
        raise DeploymentError(f"the stack is in {stacks[0]['StackStatus']}")


def _verified_functions(assembly: Assembly, account: Account) -> dict[str, FunctionConfiguration]:
    wanted = wanted_resources(assembly.template)
    resources = listed_resources(account, assembly.stack_name, wanted)
    if problems := missing_resources(account, resources):
        listing = "; ".join(f"{name}: {problem}" for name, problem in problems.items())
        raise DeploymentError(f"not really created: {listing}")
    functions = [
        _function_configuration(logical_id, resources, account)
        for logical_id, definition in resources.definitions.items()
        if definition["Type"] == "AWS::Lambda::Function"
    ]
    return {function.handler.partition(".")[0]: function for function in functions}


def _upload(asset: Asset, account: Account) -> None:
    bucket, key = account.resolved(asset.bucket), account.resolved(asset.key)
    account.create_bucket(bucket)
    account.s3.put_object(Bucket=bucket, Key=key, Body=_zipped(asset.folder))


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def _function_configuration(
    logical_id: str, resources: StackResources, account: Account
) -> FunctionConfiguration:
    name = resources.physical_ids[logical_id]
    config = account.lambda_.get_function_configuration(FunctionName=name)
    url = account.lambda_.get_function_url_config(FunctionName=name)
    # moto forgets where a function logs to, so this one setting is read from the template.
    log_group = resources.properties(logical_id)["LoggingConfig"]["LogGroup"]
    variables = config.get("Environment", {}).get("Variables", {})
    return FunctionConfiguration(
        name=name,
        arn=config["FunctionArn"],
        handler=config["Handler"],
        timeout_s=config["Timeout"],
        memory_mb=config["MemorySize"],
        log_group=resources.referred(log_group),
        environment={name: str(value) for name, value in variables.items()},
        url=url["FunctionUrl"],
        invoke_mode=url["InvokeMode"],
    )
