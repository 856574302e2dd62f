"""Tells the owner by email when the models cost too much or fail too often."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs.proxy import Proxy
from stacks.constructs.router_metrics import total

SPEND_PER_DAY_USD = 50
ERROR_PERCENT = 10

FEWEST_REQUESTS = 20
"""In a period, before a share of them says anything."""

ERROR_PERIOD = cdk.Duration.minutes(5)


class Alarms(Construct):
    """Two CloudWatch alarms and the topic that sends an email when one of them goes off.

    Spend is what was charged in any 24 hours, not in a calendar day, so that the email comes while the
    money is being spent. An error is a request that failed through no fault of its client's, be it that
    Lambda did not come to run it; the share of errors counts in two of three periods of five minutes
    with at least 20 requests each.

    Args:
        proxy: what is watched.
        email: where alarms go; AWS asks there once for consent.
        spend_per_day_usd: US dollars within 24 hours that are not yet alarming. Omitted: 50.
        error_percent: the share of failing requests that is not yet alarming. Omitted: 10.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        proxy: Proxy,
        email: str,
        spend_per_day_usd: float = SPEND_PER_DAY_USD,
        error_percent: float = ERROR_PERCENT,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = self._topic(email)
        self.spend = cloudwatch.Alarm(
            self,
            "Spend",
            alarm_description="BedrockRouter has charged more within 24 hours than its owner expects.",
            # CloudWatch moves the window on each time it looks, and does not wait for midnight.
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
            metric=total("CostUsd", period=cdk.Duration.days(1)),
            threshold=spend_per_day_usd,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.errors = cloudwatch.Alarm(
            self,
            "Errors",
            alarm_description="Too many requests to BedrockRouter fail through no fault of its clients.",
            metric=_error_percent(proxy),
            threshold=error_percent,
            # Log lines become metrics with a delay that nobody controls.
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Alarms.html
            evaluation_periods=3,
            datapoints_to_alarm=2,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        for alarm in (self.spend, self.errors):
            alarm.add_alarm_action(actions.SnsAction(self.topic))

    def _topic(self, email: str) -> sns.Topic:
        # Not encrypted with a key: CloudWatch may not use the one AWS manages, another costs more than
        # both alarms, and what they tell is a number.
        topic = sns.Topic(self, "Topic", display_name="BedrockRouter", enforce_ssl=True)
        # A policy of one's own takes the place of the one by which the account's alarms may publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
        )
        sns.Subscription(
            self, "Email", topic=topic, protocol=sns.SubscriptionProtocol.EMAIL, endpoint=email
        )
        return topic


def _error_percent(proxy: Proxy) -> cloudwatch.MathExpression:
    # Where the process died, or Lambda had no place for it, no line was written that could be counted.
    # In sums, CloudWatch takes a metric without a value for 0.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    unlogged = "crashed + turned_away"
    return cloudwatch.MathExpression(
        expression=(
            f"IF((requests + {unlogged}) >= {FEWEST_REQUESTS}, "
            f"100 * (errors + {unlogged}) / (requests + {unlogged}), 0)"
        ),
        using_metrics={
            "errors": total("Errors"),
            "requests": total("Requests"),
            "crashed": proxy.function.metric("Errors", statistic="Sum"),
            "turned_away": proxy.function.metric("Throttles", statistic="Sum"),
        },
        label="Errors (%)",
        period=ERROR_PERIOD,
    )
