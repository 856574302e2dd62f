"""What AWS bills for Bedrock, from Cost Explorer.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html. Each request,
and each page of an answer, costs $0.01, and the bill is brought up to date up to three times a day
(https://docs.aws.amazon.com/cost-management/latest/userguide/ce-api-best-practices.html).
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from ledger.money import PLACES

from console.errors import ApiError, invalid

RETRY_AFTER_S = 60

_DISABLED = (
    "Cost Explorer is not enabled in this account: open it once in the AWS console, under Billing and Cost "
    "Management; in an organization its management account has to allow it. The bill is there within a day"
)
_PROBLEMS = {
    "AccessDeniedException": (
        502,
        "cost_explorer_denied",
        "the console's role may not call ce:GetCostAndUsage, by its own policy or your organization's",
    ),
    "DataUnavailableException": (
        409,
        "cost_explorer_empty",
        "Cost Explorer has no data of these days yet; once it has been enabled, that takes up to a day",
    ),
    "BillExpirationException": (
        409,
        "cost_explorer_empty",
        "Cost Explorer does not have these days any more",
    ),
}
_NOT_ENABLED = "not enabled for cost explorer"


class BillLine(NamedTuple):
    """What one usage type of a service cost on one day."""

    day: str
    """UTC, as ``2026-11-23``."""
    service: str
    usage_type: str
    amount: int
    """Picodollars."""


class Bill(NamedTuple):
    """What Bedrock cost an account, in all Regions."""

    lines: list[BillLine]
    requests: int
    """How many requests, at $0.01 each, it took to read this."""


class CostExplorer:
    """The costs of one account before credits, discounts, refunds and taxes."""

    def __init__(self, connect: Callable[[], Any], account_id: str) -> None:
        """`connect` gives boto3's ``ce``, which finds the endpoint of its partition by itself."""
        self._connect = connect
        self._account_id = account_id

    def bill(self, first: date, last: date) -> Bill:
        """What Bedrock cost from the day `first` to the day `last`, or an ApiError that says what to do.

        Models of other makers are services of their own, of AWS Marketplace, whose names nobody lists;
        all have "Bedrock" in them. So the services that were used are asked for first.
        """
        period = {"Start": first.isoformat(), "End": (last + timedelta(days=1)).isoformat()}
        # The account of an organization's management sees those of all accounts.
        conditions = [
            _dimension("RECORD_TYPE", "Usage"),
            _dimension("LINKED_ACCOUNT", self._account_id),
        ]
        requests = 0
        services = set()
        for results in self._pages(period, "MONTHLY", conditions, "SERVICE"):
            requests += 1
            services |= {service for _, (service,), _ in _groups(results) if "Bedrock" in service}
        if not services:
            return Bill([], requests)
        lines = []
        conditions.append(_dimension("SERVICE", *sorted(services)))
        for results in self._pages(period, "DAILY", conditions, "SERVICE", "USAGE_TYPE"):
            requests += 1
            for day, (service, usage_type), amount in _groups(results):
                lines.append(BillLine(day, service, usage_type, amount))
        return Bill(lines, requests)

    def _pages(
        self,
        period: dict[str, str],
        granularity: str,
        conditions: list[dict[str, Any]],
        *group_by: str,
    ) -> Iterator[list[dict[str, Any]]]:
        request: dict[str, Any] = {
            "TimePeriod": period,
            "Granularity": granularity,
            "Metrics": ["UnblendedCost"],
            "Filter": {"And": conditions},
            "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in group_by],
        }
        while True:
            try:
                answer = self._connect().get_cost_and_usage(**request)
            except ClientError as error:
                raise _problem(error.response["Error"]) from error
            except BotoCoreError as error:
                raise _unavailable(type(error).__name__) from error
            yield answer["ResultsByTime"]
            if not answer.get("NextPageToken"):
                return
            request["NextPageToken"] = answer["NextPageToken"]


def _dimension(key: str, *values: str) -> dict[str, Any]:
    return {"Dimensions": {"Key": key, "Values": list(values)}}


def _groups(results: list[dict[str, Any]]) -> Iterator[tuple[str, list[str], int]]:
    """Day, keys and picodollars of each group that cost anything."""
    for result in results:
        for group in result.get("Groups", ()):
            cost = group["Metrics"]["UnblendedCost"]
            amount = round(Decimal(cost["Amount"]).scaleb(PLACES))
            if amount and cost["Unit"] != "USD":
                raise ApiError(
                    409,
                    "other_currency",
                    f"the account is billed in {cost['Unit']}, the ledger is in USD",
                )
            if amount:
                yield result["TimePeriod"]["Start"], group["Keys"], amount


def _problem(error: dict[str, Any]) -> ApiError:
    code = error.get("Code", "")
    if code == "AccessDeniedException" and _NOT_ENABLED in error.get("Message", "").lower():
        return ApiError(409, "cost_explorer_disabled", _DISABLED)
    if code == "ValidationException":
        return invalid(
            "from", "must be a day that Cost Explorer has: of this month or the 13 before"
        )
    if code in _PROBLEMS:
        return ApiError(*_PROBLEMS[code])
    return _unavailable(code)


def _unavailable(cause: str) -> ApiError:
    return ApiError(
        503,
        "cost_explorer_unavailable",
        f"Cost Explorer cannot be read now ({cause}), try again soon",
        headers={"retry-after": str(RETRY_AFTER_S)},
    )
