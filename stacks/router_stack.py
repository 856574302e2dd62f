"""BedrockRouter as one stack."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.acknowledgements import acknowledge
from stacks.constructs.alarms import ERROR_PERCENT, SPEND_PER_DAY_USD, Alarms
from stacks.constructs.console import Console
from stacks.constructs.cost_dashboard import CostDashboard
from stacks.constructs.key_store import KeyStore
from stacks.constructs.proxy import Proxy


class BedrockRouterStack(cdk.Stack):
    """One URL and one kind of key for every model on Amazon Bedrock, a console and a dashboard.

    Args:
        model_aliases: names clients may ask for, each with the Bedrock model id that serves it.
            Omitted: no aliases, clients name Bedrock's own ids.
        proxy_memory_size: MiB; CPU time comes in proportion, and both are billed while a stream
            runs. Omitted: 512, with about 0.3 of a CPU.
        proxy_reserved_concurrency: how many calls run at once at most; that many are set aside for
            them. Omitted: calls share the account's unreserved concurrency.
        log_retention: how long the two functions' logs are kept while the stack stands.
            Omitted: three months.
        dashboard: whether there is a dashboard, for which CloudWatch charges up to $3 a month.
            Omitted: there is one.
        alarm_email: the default of the parameter `AlarmEmail`. Omitted: none, and so no alarms unless
            the deployment sets it.
        alarm_spend_per_day_usd: the default of the parameter `AlarmSpendPerDayUsd`. Omitted: 50.
        alarm_error_percent: the default of the parameter `AlarmErrorPercent`. Omitted: 10.
        removal_policy: what becomes of the keys when the stack is deleted; all else always goes.
            Omitted: they go too, and nothing is left.
        env: the account and Region to deploy to.
            Omitted: those of the AWS credentials at deployment.
    """

    def __init__(  # noqa: PLR0913 -- every prop has a default
        self,
        scope: Construct,
        construct_id: str,
        *,
        model_aliases: Mapping[str, str] | None = None,
        proxy_memory_size: int = 512,
        proxy_reserved_concurrency: int | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        dashboard: bool = True,
        alarm_email: str = "",
        alarm_spend_per_day_usd: float = SPEND_PER_DAY_USD,
        alarm_error_percent: float = ERROR_PERCENT,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.DESTROY,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="One URL and one kind of key for every model on Amazon Bedrock",
        )
        key_store = KeyStore(self, "KeyStore", removal_policy=removal_policy)
        proxy = Proxy(
            self,
            "Proxy",
            key_store=key_store,
            model_aliases=model_aliases,
            memory_size=proxy_memory_size,
            log_retention=log_retention,
            reserved_concurrency=proxy_reserved_concurrency,
        )
        console = Console(
            self, "Console", key_store=key_store, proxy=proxy, log_retention=log_retention
        )
        if dashboard:
            CostDashboard(self, "CostDashboard", proxy=proxy, console=console)
        self._alarms(proxy, alarm_email, alarm_spend_per_day_usd, alarm_error_percent)

        cdk.CfnOutput(self, "ProxyUrl", value=proxy.url, description="The base URL for clients")
        cdk.CfnOutput(self, "ConsoleUrl", value=console.url, description="Where keys are managed")
        cdk.CfnOutput(
            self,
            "AdminKeyLink",
            value=console.admin_key_link,
            description="Where the AWS console shows the admin key",
        )
        acknowledge(self)

    def _alarms(
        self, proxy: Proxy, email: str, spend_per_day_usd: float, error_percent: float
    ) -> None:
        """Alarms, if the deployment has an address for them; what is given here are its defaults."""
        address = cdk.CfnParameter(
            self,
            "AlarmEmail",
            description="Where alarms on spend and errors are sent; empty for no alarms",
            default=email,
            allowed_pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$",
            constraint_description="must be an email address or empty",
        )
        spend = cdk.CfnParameter(
            self,
            "AlarmSpendPerDayUsd",
            type="Number",
            description="US dollars that may be charged within 24 hours before an alarm is sent",
            default=spend_per_day_usd,
            min_value=0,
        )
        errors = cdk.CfnParameter(
            self,
            "AlarmErrorPercent",
            type="Number",
            description="Percent of requests that may fail before an alarm is sent",
            default=error_percent,
            min_value=0,
            max_value=100,
        )
        wanted = cdk.CfnCondition(
            self,
            "AlarmsAreWanted",
            expression=cdk.Fn.condition_not(cdk.Fn.condition_equals(address.value_as_string, "")),
        )
        alarms = Alarms(
            self,
            "Alarms",
            proxy=proxy,
            email=address.value_as_string,
            spend_per_day_usd=spend.value_as_number,
            error_percent=errors.value_as_number,
        )
        for construct in alarms.node.find_all():
            if isinstance(construct, cdk.CfnResource):
                construct.cfn_options.condition = wanted
