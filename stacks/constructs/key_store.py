"""Where keys live: the table of their limits and spend, and the secret their hashes depend on."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

# TransactWriteItems has no action of its own: the actions of the writes in it authorize it.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
SPEND_ACTIONS = ("dynamodb:GetItem", "dynamodb:UpdateItem")

MANAGE_KEYS_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)


class KeyStore(Construct):
    """The key table and the HMAC secret, and the only ways in to them.

    The table holds no key, only HMAC-SHA256(secret, key): neither of the two opens anything alone.

    Args:
        encryption_key: the KMS key that encrypts table and secret; a grant includes its use.
            Omitted: the keys DynamoDB and Secrets Manager encrypt with by default, at no charge.
        removal_policy: what becomes of table and secret when they leave the stack.
            Omitted: they stay in the account, since without them every key handed out is void.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        self._encryption_key = encryption_key
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="ttl",
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
        # CloudFormation generates the secret anew when any of this changes, and every key is void.
        self.hmac_secret = secretsmanager.Secret(
            self,
            "HmacSecret",
            description="Authenticates the keys of BedrockRouter and hashes them for storage",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )

    def grant_spend(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` verify keys and book what calls cost, of keys that it can name."""
        return self._grant(grantee, SPEND_ACTIONS)

    def grant_manage_keys(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` issue, list, change and revoke keys; nobody may delete or scan."""
        return self._grant(grantee, MANAGE_KEYS_ACTIONS)

    def _grant(self, grantee: iam.IGrantable, table_actions: tuple[str, ...]) -> iam.Grant:
        grant = iam.Grant.add_to_principal(
            grantee=grantee, actions=list(table_actions), resource_arns=[self.table.table_arn]
        ).combine(
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=["secretsmanager:GetSecretValue"],
                resource_arns=[self.hmac_secret.secret_arn],
            )
        )
        if self._encryption_key is None:
            return grant
        return grant.combine(self._encryption_key.grant_encrypt_decrypt(grantee))
