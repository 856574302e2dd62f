"""The stack's CloudFormation resource types that moto lacks, as thin layers over its own services.

moto finds subclasses of CloudFormationModel itself, once they are imported from a module whose path
has a dot in it.
"""

from contextlib import suppress
from typing import Any, Self

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.cloudformation.exceptions import ValidationError
from moto.core.common_models import CloudFormationModel
from moto.secretsmanager.models import secretsmanager_backends
from moto.secretsmanager.utils import random_password


class FunctionUrl(CloudFormationModel):
    """AWS::Lambda::Url. Its id is the function's ARN, as on AWS."""

    def __init__(self, function_arn: str, url: str) -> None:
        self.physical_resource_id = function_arn
        self._attributes = {"FunctionArn": function_arn, "FunctionUrl": url}

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Url"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in {"FunctionArn", "FunctionUrl"}

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self._attributes[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ARG003
    ) -> Self:
        properties = cloudformation_json["Properties"]
        backend = lambda_backends[account_id][region_name]
        config = backend.create_function_url_config(properties["TargetFunctionArn"], properties)
        config.url += "/"  # AWS's URLs end with a slash, moto's do not
        return cls(config.function.function_arn, config.url)

    def delete(self, account_id: str, region_name: str) -> None:
        backend = lambda_backends[account_id][region_name]
        # moto deletes in any order; the URL may have gone with its function.
        with suppress(UnknownFunctionException):
            backend.delete_function_url_config(self.physical_resource_id)


class Secret(CloudFormationModel):
    """AWS::SecretsManager::Secret with a generated string. Its id is its ARN, as on AWS."""

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SecretsManager::Secret"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Id"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return {"Id": self.physical_resource_id}[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ARG003
    ) -> Self:
        properties = cloudformation_json["Properties"]
        backend = secretsmanager_backends[account_id][region_name]
        backend.create_secret(
            name=resource_name,
            secret_string=_generated(properties["GenerateSecretString"]),
            secret_binary=None,
            description=properties.get("Description"),
            tags=properties.get("Tags"),
            kms_key_id=properties.get("KmsKeyId"),
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        return cls(backend.describe_secret(resource_name).arn)

    def delete(self, account_id: str, region_name: str) -> None:
        secretsmanager_backends[account_id][region_name].delete_secret(
            self.physical_resource_id,
            recovery_window_in_days=None,
            force_delete_without_recovery=True,
        )


def _generated(rules: dict[str, Any]) -> str:
    """A string by CloudFormation's GenerateSecretString, except its form with a JSON template."""
    unknown = rules.keys() & {"GenerateStringKey", "SecretStringTemplate"}
    if unknown:
        raise ValidationError(
            message=f"GenerateSecretString with {sorted(unknown)} is not emulated"
        )
    return random_password(
        password_length=int(rules.get("PasswordLength", 32)),
        exclude_characters=rules.get("ExcludeCharacters", ""),
        exclude_numbers=_flag(rules, "ExcludeNumbers"),
        exclude_punctuation=_flag(rules, "ExcludePunctuation"),
        exclude_uppercase=_flag(rules, "ExcludeUppercase"),
        exclude_lowercase=_flag(rules, "ExcludeLowercase"),
        include_space=_flag(rules, "IncludeSpace"),
        require_each_included_type=_flag(rules, "RequireEachIncludedType", default=True),
    )


def _flag(rules: dict[str, Any], name: str, *, default: bool = False) -> bool:
    # CloudFormation takes booleans as JSON and as words.
    return str(rules.get(name, default)).lower() == "true"
