"""The emulated AWS account, seen through boto3."""

import os
from contextlib import suppress
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session as BotocoreSession

from local.functions.configuration import Credentials

ACCOUNT_ID = "123456789012"
LOCAL_CREDENTIALS = Credentials("AKIAIOSFODNN7EXAMPLE", "local-stack-only", None)
"""Any credentials open the emulated account; these are not anybody's."""


class Account:
    """Clients of the services a deployment needs. `url` is where all of them are served."""

    def __init__(self, url: str, region: str) -> None:
        self.url = url
        self.region = region
        self._session = boto3.Session(
            botocore_session=detached_session(),
            aws_access_key_id=LOCAL_CREDENTIALS.access_key_id,
            aws_secret_access_key=LOCAL_CREDENTIALS.secret_access_key,
            region_name=region,
        )
        self.cloudformation = self.client("cloudformation")
        self.cloudwatch = self.client("cloudwatch")
        self.dynamodb = self.client("dynamodb")
        self.iam = self.client("iam")
        self.lambda_ = self.client("lambda")
        self.logs = self.client("logs")
        self.s3 = self.client("s3")
        self.secretsmanager = self.client("secretsmanager")

    def client(self, service: str) -> Any:
        """A boto3 client that a proxy set in the environment does not lead away."""
        return self._session.client(
            service,  # type: ignore[call-overload, unused-ignore]
            endpoint_url=self.url,
            config=Config(
                proxies={}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
            ),
        )

    def create_bucket(self, name: str) -> None:
        """Make a bucket of this Region; that it is there already is no error."""
        # us-east-1 is the default, and may not be named.
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        with suppress(self.s3.exceptions.BucketAlreadyOwnedByYou):
            self.s3.create_bucket(Bucket=name, **({} if self.region == "us-east-1" else elsewhere))

    def secret(self, secret_id: str) -> str:
        return str(self.secretsmanager.get_secret_value(SecretId=secret_id)["SecretString"])

    def resolved(self, name: str) -> str:
        """`name` with the account's and the Region's CloudFormation variables filled in."""
        return name.replace("${AWS::AccountId}", ACCOUNT_ID).replace("${AWS::Region}", self.region)


def detached_session() -> BotocoreSession:
    """An SDK session that the AWS configuration of whoever runs this has no part in."""
    nowhere = {
        name: (None, None, default, None)
        for name, default in (
            ("profile", None),
            ("config_file", os.devnull),
            ("credentials_file", os.devnull),
        )
    }
    return BotocoreSession(session_vars=nowhere)


def callers_credentials() -> Credentials | None:
    """The AWS credentials of whoever runs this, found as every AWS SDK finds them."""
    found = boto3.Session().get_credentials()
    if not found:
        return None
    frozen = found.get_frozen_credentials()
    if not (frozen.access_key and frozen.secret_key):
        return None
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
