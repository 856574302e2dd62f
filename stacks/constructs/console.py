"""The control plane: the function that issues keys, and the admin key that opens it."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from stacks.constructs.key_store import KeyStore
from stacks.constructs.proxy import Proxy
from stacks.constructs.python_function import python_function


class Console(Construct):
    """Issues, lists, changes and revokes keys for whoever holds the admin key.

    The URL wants no AWS signature: the function itself refuses every caller without the admin key.
    Its role manages the key store, reads the account's costs to reconcile them with what keys were
    charged, and may not call a model.

    Args:
        key_store: where the keys are.
        proxy: what the keys open; the console tells their holders its URL.
        log_retention: how long the console's log is kept. Omitted: three months.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key_store: KeyStore,
        proxy: Proxy,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        super().__init__(scope, construct_id)
        # CloudFormation generates the key anew when any of this changes.
        self.admin_key = secretsmanager.Secret(
            self,
            "AdminKey",
            description="Opens the console of BedrockRouter",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=43, exclude_punctuation=True
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.function = python_function(
            self,
            description="BedrockRouter control plane",
            handler="console.handler.handler",
            environment={
                "ADMIN_KEY_SECRET_ID": self.admin_key.secret_arn,
                "HMAC_SECRET_ID": key_store.hmac_secret.secret_arn,
                "PROXY_URL": proxy.url,
                "TABLE_NAME": key_store.table.table_name,
            },
            timeout=cdk.Duration.seconds(60),
            # CPU time comes in proportion, and reading what a thousand keys have used takes some.
            memory_size=1024,
            log_retention=log_retention,
        )
        key_store.grant_manage_keys(self.function)
        iam.Grant.add_to_principal(
            grantee=self.function,
            actions=["secretsmanager:GetSecretValue"],
            resource_arns=[self.admin_key.secret_arn],
        )
        iam.Grant.add_to_principal(
            grantee=self.function, actions=["ce:GetCostAndUsage"], resource_arns=["*"]
        )
        self.url = self.function.add_function_url(
            auth_type=lambda_.FunctionUrlAuthType.NONE, invoke_mode=lambda_.InvokeMode.BUFFERED
        ).url

    @property
    def admin_key_link(self) -> str:
        """Where the AWS console shows the admin key to whoever may read it (partition `aws`)."""
        region = cdk.Stack.of(self).region
        return (
            f"https://{region}.console.aws.amazon.com/secretsmanager/secret"
            f"?name={self.admin_key.secret_arn}&region={region}"
        )
