"""Who may do what: the two roles and the two URLs, to the last action and resource."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template as Assertions

from stacks.constructs.key_store import KeyStore
from tests.support.cloudformation import Template, allowances, of_type, role_of, text

PROXY = "ProxyFunction6F85094A"
CONSOLE = "ConsoleFunctionE7833E2B"

TABLE = "${KeyStoreTable117FAEE3.Arn}"
HMAC_SECRET = "${KeyStoreHmacSecret140D7EC0}"
ADMIN_KEY = "${ConsoleAdminKeyFD487BCB}"

FOUNDATION_MODELS = "arn:${AWS::Partition}:bedrock:*::foundation-model/*"
OWN = "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}"
DEFAULT_PROJECT = "arn:${AWS::Partition}:bedrock:*:${AWS::AccountId}:project/default"
INVOKABLE = {
    FOUNDATION_MODELS,
    f"{OWN}:application-inference-profile/*",
    f"{OWN}:custom-model-deployment/*",
    f"{OWN}:default-prompt-router/*",
    f"{OWN}:imported-model/*",
    f"{OWN}:inference-profile/*",
    f"{OWN}:prompt-router/*",
    f"{OWN}:provisioned-model/*",
    DEFAULT_PROJECT,
}


@pytest.fixture(scope="module")
def proxy(template: Template) -> dict[str, set[str]]:
    return allowances(template, role_of(template, PROXY))


@pytest.fixture(scope="module")
def console(template: Template) -> dict[str, set[str]]:
    return allowances(template, role_of(template, CONSOLE))


def test_the_proxy_may_do_exactly_this(proxy: dict[str, set[str]]) -> None:
    assert proxy == {
        "bedrock:InvokeModel": INVOKABLE,
        "bedrock:InvokeModelWithResponseStream": INVOKABLE,
        "bedrock:GetInvoke": {DEFAULT_PROJECT},
        "bedrock:CancelInvoke": {DEFAULT_PROJECT},
        "bedrock:DeleteInvoke": {DEFAULT_PROJECT},
        "bedrock:ApplyGuardrail": {f"{OWN}:guardrail/*", f"{OWN}:guardrail-profile/*"},
        "bedrock:CountTokens": {FOUNDATION_MODELS},
        "bedrock:GetInferenceProfile": {f"{OWN}:application-inference-profile/*"},
        "bedrock:ListFoundationModels": {"*"},
        "bedrock:ListInferenceProfiles": {"*"},
        "dynamodb:GetItem": {TABLE},
        "dynamodb:UpdateItem": {TABLE},
        "secretsmanager:GetSecretValue": {HMAC_SECRET},
        "logs:CreateLogStream": {"${ProxyLogGroup29A2C131.Arn}"},
        "logs:PutLogEvents": {"${ProxyLogGroup29A2C131.Arn}"},
    }


def test_the_console_may_do_exactly_this(console: dict[str, set[str]]) -> None:
    assert console == {
        "ce:GetCostAndUsage": {"*"},
        "dynamodb:BatchGetItem": {TABLE},
        "dynamodb:GetItem": {TABLE},
        "dynamodb:PutItem": {TABLE},
        "dynamodb:Query": {TABLE},
        "dynamodb:UpdateItem": {TABLE},
        "secretsmanager:GetSecretValue": {HMAC_SECRET, ADMIN_KEY},
        "logs:CreateLogStream": {"${ConsoleLogGroup753969BA.Arn}"},
        "logs:PutLogEvents": {"${ConsoleLogGroup753969BA.Arn}"},
    }


def test_the_proxy_cannot_put_or_list_keys_nor_read_the_admin_key(
    proxy: dict[str, set[str]],
) -> None:
    assert not proxy.keys() & {"dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"}
    assert ADMIN_KEY not in proxy["secretsmanager:GetSecretValue"]


def test_the_console_cannot_reach_a_model(console: dict[str, set[str]]) -> None:
    assert {action.partition(":")[0] for action in console} == {
        "ce",
        "dynamodb",
        "logs",
        "secretsmanager",
    }


def test_wildcards_stand_only_where_aws_has_nothing_narrower(
    proxy: dict[str, set[str]], console: dict[str, set[str]]
) -> None:
    wild = {
        action
        for allowed in (proxy, console)
        for action, resources in allowed.items()
        if "*" in action or any("*" in resource for resource in resources)
    }
    of_bedrock = {action for action in proxy if action.startswith("bedrock:")}
    assert wild == of_bedrock | {"ce:GetCostAndUsage"}


def test_only_lambda_may_take_on_the_roles(template: Template) -> None:
    roles = of_type(template, "AWS::IAM::Role")
    assert roles.keys() == {role_of(template, PROXY), role_of(template, CONSOLE)}
    for role in roles.values():
        (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement == {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }


@pytest.mark.parametrize("function_id", [PROXY, CONSOLE])
def test_a_url_is_open_to_callers_and_the_function_only_through_its_url(
    template: Template, function_id: str
) -> None:
    """Since October 2025 a public URL needs both permissions.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    function = {"Fn::GetAtt": [function_id, "Arn"]}
    permissions = [
        permission["Properties"]
        for permission in of_type(template, "AWS::Lambda::Permission").values()
        if permission["Properties"]["FunctionName"] == function
    ]
    anyone = {"FunctionName": function, "Principal": "*"}
    assert sorted(permissions, key=lambda permission: permission["Action"]) == [
        anyone | {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
        anyone | {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
    ]


def test_a_key_store_with_a_kms_key_grants_its_use() -> None:
    stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), "Encrypted")
    key_store = KeyStore(stack, "KeyStore", encryption_key=kms.Key(stack, "Key"))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    key_store.grant_spend(role)

    template = Assertions.from_stack(stack).to_json()
    (key_id,) = of_type(template, "AWS::KMS::Key")
    (role_id,) = of_type(template, "AWS::IAM::Role")
    assert allowances(template, role_id)["kms:Decrypt"] == {f"${{{key_id}.Arn}}"}
    (table,) = of_type(template, "AWS::DynamoDB::Table").values()
    assert text(table["Properties"]["SSESpecification"]["KMSMasterKeyId"]) == f"${{{key_id}.Arn}}"
    (secret,) = of_type(template, "AWS::SecretsManager::Secret").values()
    assert text(secret["Properties"]["KmsKeyId"]) == f"${{{key_id}.Arn}}"


def test_a_key_store_alone_outlives_its_stack() -> None:
    stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), "Alone")
    KeyStore(stack, "KeyStore")
    resources = Assertions.from_stack(stack).to_json()["Resources"].values()
    assert [resource["DeletionPolicy"] for resource in resources] == ["Retain", "Retain"]
