"""Cost Explorer is asked what its service model takes, and its answers and refusals are understood."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from console.cost_explorer import Bill, BillLine, CostExplorer
from console.errors import ApiError

from tests.support.bill_answers import FIRST, LAST, billed_as, services_answer, usage_answers

ACCOUNT = "123456789012"
DAYS = date.fromisoformat(FIRST), date.fromisoformat(LAST)
OPUS = "Claude Opus 5.5 (Amazon Bedrock Edition)"
BEDROCKS = [
    "Amazon Bedrock",
    "Amazon Bedrock Service",
    "Claude Haiku 4.5 (Amazon Bedrock Edition)",
    OPUS,
    "TwelveLabs Marengo Embed 3.0 (Amazon Bedrock Edition)",
]


@pytest.fixture
def ce() -> Iterator[Any]:
    client = boto3.client(
        "ce", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    yield client
    client.close()


@pytest.fixture
def stubber(ce: Any) -> Iterator[Stubber]:
    """Answers in order, each held to botocore's service model, as the requests are."""
    with Stubber(ce) as stubber:
        yield stubber


@pytest.fixture
def bill(ce: Any) -> Any:
    return lambda: CostExplorer(lambda: ce, ACCOUNT).bill(*DAYS)


def request(granularity: str, *group_by: str, services: list[str] | None = None) -> dict[str, Any]:
    values = {"RECORD_TYPE": ["Usage"], "LINKED_ACCOUNT": [ACCOUNT]}
    if services:
        values["SERVICE"] = services
    return {
        "TimePeriod": {"Start": "2026-11-19", "End": "2026-11-24"},
        "Granularity": granularity,
        "Metrics": ["UnblendedCost"],
        "Filter": {"And": [{"Dimensions": {"Key": k, "Values": v}} for k, v in values.items()]},
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in group_by],
    }


def answer(stubber: Stubber, response: dict[str, Any]) -> None:
    stubber.add_response("get_cost_and_usage", response)


def test_all_of_bedrock_is_asked_for_by_day_and_every_page_is_read(
    stubber: Stubber, bill: Any
) -> None:
    first, last = usage_answers()
    daily = request("DAILY", "SERVICE", "USAGE_TYPE", services=BEDROCKS)
    for response, expected in (
        (services_answer(), request("MONTHLY", "SERVICE")),
        (first, daily),
        (last, daily | {"NextPageToken": first["NextPageToken"]}),
    ):
        stubber.add_response("get_cost_and_usage", response, expected)
    found: Bill = bill()
    stubber.assert_no_pending_responses()
    assert found.requests == 3
    assert BillLine(FIRST, "Amazon Bedrock", "USE1-NovaPro-input-tokens", 8 * 10**11) in found.lines
    assert found.lines[-1] == BillLine(
        "2026-11-22", OPUS, "USE1-MP:USE1_input_tokens_standard-Units", 11 * 10**11
    )
    # What cost nothing says nothing.
    assert len(found.lines) == 23
    assert all(line.amount for line in found.lines)


def test_an_account_without_bedrock_is_asked_about_once(stubber: Stubber, bill: Any) -> None:
    (services, _) = billed_as(FIRST, {("AWS Lambda", "USE1-Request"): "1"})
    answer(stubber, services)
    assert bill() == Bill([], 1)


@pytest.mark.parametrize(
    ("usd", "picodollars"),
    [
        ("0.0000295", 29_500_000),
        ("12.743910805", 12_743_910_805_000),
        ("0.000000404", 404_000),
        ("1.2E-7", 120_000),
        ("123456789012.123456789012", 123_456_789_012_123_456_789_012),
        ("-0.5", -500_000_000_000),
    ],
)
def test_amounts_are_exact_to_the_picodollar(
    stubber: Stubber, bill: Any, usd: str, picodollars: int
) -> None:
    for response in billed_as(FIRST, {("Amazon Bedrock", "USE1-NovaPro-input-tokens"): usd}):
        answer(stubber, response)
    assert [line.amount for line in bill().lines] == [picodollars]


def test_a_bill_in_another_currency_is_not_compared(stubber: Stubber, bill: Any) -> None:
    services, usage = billed_as(FIRST, {("Amazon Bedrock", "USE1-NovaPro-input-tokens"): "1"})
    usage["ResultsByTime"][0]["Groups"][0]["Metrics"]["UnblendedCost"]["Unit"] = "INR"
    answer(stubber, services)
    answer(stubber, usage)
    with pytest.raises(ApiError) as refused:
        bill()
    assert (refused.value.status, refused.value.code) == (409, "other_currency")
    assert "INR" in refused.value.message


@pytest.mark.parametrize(
    ("code", "message", "status", "told"),
    [
        ("AccessDeniedException", "User not enabled for cost explorer access", 409, "disabled"),
        (
            "AccessDeniedException",
            "User: arn:… is not authorized to perform: ce:GetCostAndUsage",
            502,
            "denied",
        ),
        (
            "DataUnavailableException",
            "Data is not available. Please try to adjust the time period.",
            409,
            "empty",
        ),
        ("BillExpirationException", "", 409, "empty"),
        ("LimitExceededException", "Rate exceeded", 503, "unavailable"),
        ("ThrottlingException", "", 503, "unavailable"),
        ("InternalFailure", "", 503, "unavailable"),
    ],
)
def test_a_refusal_says_what_to_do(
    stubber: Stubber, bill: Any, code: str, message: str, status: int, told: str
) -> None:
    stubber.add_client_error("get_cost_and_usage", code, message)
    with pytest.raises(ApiError) as refused:
        bill()
    assert (refused.value.status, refused.value.code) == (status, f"cost_explorer_{told}")
    assert ("retry-after" in refused.value.headers) == (status == 503)


def test_days_that_cost_explorer_does_not_have_are_the_clients_fault(
    stubber: Stubber, bill: Any
) -> None:
    stubber.add_client_error("get_cost_and_usage", "ValidationException", "start date is too old")
    with pytest.raises(ApiError) as refused:
        bill()
    assert (refused.value.status, refused.value.field) == (400, "from")


def test_an_endpoint_that_cannot_be_reached_is_unavailable() -> None:
    client = boto3.client(
        "ce",
        region_name="eu-west-1",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"total_max_attempts": 1}),
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    with pytest.raises(ApiError) as refused:
        CostExplorer(lambda: client, ACCOUNT).bill(*DAYS)
    client.close()
    assert refused.value.status == 503
    assert "EndpointConnectionError" in refused.value.message


def test_the_endpoint_is_the_one_of_the_partition(ce: Any) -> None:
    assert ce.meta.endpoint_url == "https://ce.us-east-1.amazonaws.com"
