"""The environment, read once.

Lambda sets the Region, the credentials and the Runtime API's address; the stack sets the rest. The
``AWS_ENDPOINT_URL_*`` variables are the AWS SDKs' own and point the router at other endpoints, such
as VPC endpoints (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from router.sigv4 import Credentials


class Settings(NamedTuple):
    """Everything the router is told from outside."""

    runtime_api: str
    region: str
    credentials: Credentials
    table_name: str
    hmac_secret_id: str
    aliases: Mapping[str, str]
    bedrock_runtime_url: str
    bedrock_url: str
    dynamodb_url: str
    secrets_manager_url: str
    ca_bundle: str | None


class InvalidSettings(Exception):
    """A variable is missing or cannot be read; the message names it and not its value."""


def from_environment(env: Mapping[str, str]) -> Settings:
    """Reads the settings. Raises `InvalidSettings`."""

    def need(name: str) -> str:
        value = env.get(name)
        if not value:
            raise InvalidSettings(f"the environment variable {name} is not set")
        return value

    region = need("AWS_REGION")

    def endpoint(service: str, prefix: str) -> str:
        url = env.get(f"AWS_ENDPOINT_URL_{service}") or env.get("AWS_ENDPOINT_URL")
        return (url or f"https://{prefix}.{region}.{_domain(region)}").rstrip("/")

    return Settings(
        runtime_api=need("AWS_LAMBDA_RUNTIME_API"),
        region=region,
        credentials=Credentials(
            need("AWS_ACCESS_KEY_ID"),
            need("AWS_SECRET_ACCESS_KEY"),
            env.get("AWS_SESSION_TOKEN") or None,
        ),
        table_name=need("TABLE_NAME"),
        hmac_secret_id=need("HMAC_SECRET_ID"),
        aliases=_aliases(env.get("MODEL_ALIASES") or "{}"),
        bedrock_runtime_url=endpoint("BEDROCK_RUNTIME", "bedrock-runtime"),
        bedrock_url=endpoint("BEDROCK", "bedrock"),
        dynamodb_url=endpoint("DYNAMODB", "dynamodb"),
        secrets_manager_url=endpoint("SECRETS_MANAGER", "secretsmanager"),
        ca_bundle=env.get("AWS_CA_BUNDLE") or None,
    )


def _domain(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _aliases(text: str) -> Mapping[str, str]:
    try:
        aliases = json.loads(text)
    except ValueError:
        aliases = None
    if not isinstance(aliases, dict) or not all(isinstance(v, str) for v in aliases.values()):
        raise InvalidSettings("MODEL_ALIASES is not a JSON object of names and model ids")
    return aliases
