"""The data plane: the function every model call goes through, behind a URL that streams."""

from collections.abc import Iterable, Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.constructs.key_store import KeyStore
from stacks.constructs.python_function import python_function

# What a model id may be the ARN of, beside a foundation model. Each is invoked through the endpoint
# of its own Region, so no other Region needs to be allowed.
INVOKABLE_KINDS = (
    "application-inference-profile",
    "custom-model-deployment",
    "default-prompt-router",
    "imported-model",
    "inference-profile",
    "prompt-router",
    "provisioned-model",
)

# What a guardrail's id may be the ARN of; a profile lets one run in other Regions.
GUARDRAIL_KINDS = ("guardrail", "guardrail-profile")


class Proxy(Construct):
    """Checks a caller's key, books what the call costs and relays it to Amazon Bedrock.

    The URL wants no AWS signature: the function itself refuses every caller without a valid key.
    Its role may invoke models, with a guardrail where the caller names one, read and delete the
    responses that callers had stored, count tokens, list models, ask which model an application
    inference profile runs, and spend from the key store.

    Args:
        key_store: where the keys are.
        model_aliases: names clients may ask for, each with the Bedrock model id that serves it.
            Omitted: no aliases, clients name Bedrock's own ids.
        memory_size: MiB; CPU time comes in proportion, and both are billed while a stream runs.
            Omitted: 512, with about 0.3 of a CPU.
        log_retention: how long metering lines are kept; they tell what a call cost, not what it
            said. Omitted: three months.
        reserved_concurrency: how many calls run at once at most; that many are set aside for them.
            Omitted: calls share the account's unreserved concurrency.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key_store: KeyStore,
        model_aliases: Mapping[str, str] | None = None,
        memory_size: int = 512,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        reserved_concurrency: int | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = python_function(
            self,
            description="BedrockRouter data plane",
            # Never called: the wrapper starts the router's own loop in place of Lambda's, which
            # cannot stream from Python.
            handler="router.__main__",
            environment={
                "AWS_LAMBDA_EXEC_WRAPPER": "/var/task/bin/start-router",
                "HMAC_SECRET_ID": key_store.hmac_secret.secret_arn,
                "MODEL_ALIASES": cdk.Stack.of(self).to_json_string(dict(model_aliases or {})),
                "TABLE_NAME": key_store.table.table_name,
            },
            timeout=cdk.Duration.minutes(15),
            memory_size=memory_size,
            log_retention=log_retention,
            reserved_concurrency=reserved_concurrency,
        )
        key_store.grant_spend(self.function)
        for statement in self._bedrock_statements():
            self.function.add_to_role_policy(statement)
        self.url = self.function.add_function_url(
            auth_type=lambda_.FunctionUrlAuthType.NONE,
            invoke_mode=lambda_.InvokeMode.RESPONSE_STREAM,
        ).url

    def _bedrock_statements(self) -> tuple[iam.PolicyStatement, ...]:
        """What the routes need of Bedrock.

        A call to a cross-Region profile is authorized on the profile and on its model in every
        Region that may run it, which for a global profile is an ARN without a Region.
        https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html

        The OpenAI API authorizes a call on the account's default project too, and what it has stored
        belongs to the Region that ran the model.
        https://docs.aws.amazon.com/bedrock/latest/userguide/inference-responses-api.html
        """
        stack = cdk.Stack.of(self)
        foundation_models = stack.format_arn(
            service="bedrock",
            region="*",
            account="",
            resource="foundation-model",
            resource_name="*",
        )
        default_project = stack.format_arn(
            service="bedrock", region="*", resource="project", resource_name="default"
        )
        return (
            iam.PolicyStatement(
                sid="Infer",
                actions=["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
                resources=[foundation_models, *self._all_of(INVOKABLE_KINDS), default_project],
            ),
            iam.PolicyStatement(
                sid="StoredResponses",
                actions=["bedrock:GetInvoke", "bedrock:CancelInvoke", "bedrock:DeleteInvoke"],
                resources=[default_project],
            ),
            iam.PolicyStatement(
                sid="Guard",
                actions=["bedrock:ApplyGuardrail"],
                resources=self._all_of(GUARDRAIL_KINDS),
            ),
            iam.PolicyStatement(
                sid="CountTokens", actions=["bedrock:CountTokens"], resources=[foundation_models]
            ),
            iam.PolicyStatement(
                sid="List",
                actions=["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"],
                resources=["*"],
            ),
            iam.PolicyStatement(
                sid="ReadProfiles",
                actions=["bedrock:GetInferenceProfile"],
                resources=self._all_of(["application-inference-profile"]),
            ),
        )

    def _all_of(self, kinds: Iterable[str]) -> list[str]:
        """The ARNs of all resources of those kinds in the stack's own account and Region."""
        stack = cdk.Stack.of(self)
        return [
            stack.format_arn(service="bedrock", resource=kind, resource_name="*") for kind in kinds
        ]
