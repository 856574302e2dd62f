"""AWS's bill for the router, by AWS's own formulas: pure arithmetic on the prices of 2026-11-22.

Not in it, as they do not grow with requests: secrets, stored items and logs, custom metrics
(a fixed price per model seen in a month). Nor is the model itself, nor any free tier.
"""

from math import ceil
from typing import NamedTuple

REGION = "us-east-1"

PROXY_MEMORY_MB = 512
"""What the stack gives the proxy function unless told otherwise."""

VCPU_MEMORY_MB = 1769
"""Memory at which a function has one vCPU; less has a share in proportion.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

WRITE_UNIT_BYTES = 1024
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""

PLATFORM_LOG_BYTES = 330
"""Lambda's own START, END and REPORT lines of one invocation, in plain text, with their ids.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html"""

FREE_STREAM_BYTES = 6 * 1024 * 1024


class Prices(NamedTuple):
    """USD in one Region, first tier of each."""

    lambda_gb_second: float
    lambda_request: float
    lambda_streamed_gb: float
    """For what a streamed response has beyond `FREE_STREAM_BYTES`."""
    dynamodb_write_unit: float
    logs_ingested_gb: float
    transfer_out_gb: float


US_EAST_1 = Prices(
    # https://aws.amazon.com/lambda/pricing/ (Arm; a Function URL has no price of its own)
    lambda_gb_second=0.0000133334,
    lambda_request=0.20e-6,
    lambda_streamed_gb=0.008,
    # https://aws.amazon.com/dynamodb/pricing/on-demand/
    dynamodb_write_unit=0.625e-6,
    # https://aws.amazon.com/cloudwatch/pricing/ (Logs, standard class, from Lambda)
    logs_ingested_gb=0.50,
    # https://aws.amazon.com/ec2/pricing/on-demand/ (data transfer out to the internet)
    transfer_out_gb=0.09,
)


class Workload(NamedTuple):
    """One request as it is billed."""

    billed_ms: int
    memory_mb: int
    response_bytes: int
    log_bytes: int
    item_bytes: int
    """The key's item in the table, as both writes find it."""


class Bill(NamedTuple):
    """USD for a million requests of one workload."""

    duration: float
    requests: float
    streamed: float
    table: float
    logs: float
    transfer: float

    @property
    def total(self) -> float:
        return sum(self)


def billed_ms(model_s: float, table_ms: float, cpu_ms: float, memory_mb: int) -> int:
    """Wall time as Lambda bills it, in whole milliseconds, rounded up.

    The wait for the model and the table, and the router's CPU time, stretched by the share of a
    vCPU that the function's memory buys. A stream's chunks are worked on while the model thinks
    about the next one, so `cpu_ms` is that of a request without them.
    """
    stretched_ms = cpu_ms * max(1.0, VCPU_MEMORY_MB / memory_mb)
    return ceil(model_s * 1000 + table_ms + stretched_ms)


def per_million(workload: Workload, prices: Prices) -> Bill:
    """The bill for a million such requests."""
    million = 1_000_000
    gb_seconds = million * workload.billed_ms / 1000 * workload.memory_mb / 1024
    writes = 2 * ceil(workload.item_bytes / WRITE_UNIT_BYTES)
    beyond_free = max(0, workload.response_bytes - FREE_STREAM_BYTES)
    return Bill(
        duration=gb_seconds * prices.lambda_gb_second,
        requests=million * prices.lambda_request,
        streamed=million * beyond_free / 1e9 * prices.lambda_streamed_gb,
        table=million * writes * prices.dynamodb_write_unit,
        logs=million * (workload.log_bytes + PLATFORM_LOG_BYTES) / 1e9 * prices.logs_ingested_gb,
        transfer=million * workload.response_bytes / 1e9 * prices.transfer_out_gb,
    )


def item_bytes(item: dict[str, dict[str, object]]) -> int:
    """The most that an item counts by DynamoDB's rules.

    Names and strings count their UTF-8 bytes; a number a byte per two digits and one more, less for
    zeros at its ends, which are counted here; a map three bytes and one per entry.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: dict[str, object]) -> int:
    ((kind, content),) = value.items()
    if kind == "N":
        return ceil(len(str(content)) / 2) + 1
    if isinstance(content, dict):
        return 3 + len(content) + item_bytes(content)
    if isinstance(content, list):
        return sum(len(str(each).encode()) for each in content)
    return len(str(content).encode())
