"""One structured log line per request: who, which model, tokens, cost, times. Never content.

Lines of model calls are CloudWatch embedded metrics too
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
The one dimension is the model: each further one would multiply what custom metrics cost.
"""

import json
import sys
from collections.abc import Callable
from typing import NamedTuple

from catalog.models import Target
from catalog.pricing import Usage
from ledger.money import to_usd

NAMESPACE = "BedrockRouter"

UNPRICED = "other"
"""The dimension of every model the catalog does not know, as clients may send any name."""

_METRICS = (
    ("CostUsd", "None"),
    ("InputTokens", "Count"),
    ("OutputTokens", "Count"),
    ("CacheReadTokens", "Count"),
    ("CacheWriteTokens", "Count"),
    ("Requests", "Count"),
    ("Errors", "Count"),
    ("TimeToFirstByteMs", "Milliseconds"),
    ("DurationMs", "Milliseconds"),
)


class Record(NamedTuple):
    """What is known of a request when it is over. Instants are epoch seconds."""

    request_id: str
    route: str
    started_at: float
    ended_at: float
    status: int
    key_id: str | None = None
    target: Target | None = None
    usage: Usage | None = None
    cost: int = 0
    """Picodollars charged."""
    estimated: bool = False
    """The charge is a bound, as Bedrock did not report what was used."""
    first_byte_at: float | None = None
    error: str | None = None
    """A kind of `router.errors.KINDS`."""


def line(record: Record) -> str:
    """The record as one line of JSON."""
    first_byte_at = record.first_byte_at or record.ended_at
    fields: dict[str, object] = {
        "request_id": record.request_id,
        "route": record.route,
        "status": record.status,
        "DurationMs": _ms(record.ended_at - record.started_at),
    }
    if record.key_id is not None:
        fields["key_id"] = record.key_id
    if record.error is not None:
        fields["error"] = record.error
    if record.target is not None:
        usage = record.usage or Usage()
        cost_usd = to_usd(record.cost)
        fields |= {
            # Not the id that the client sent: an ARN may hold any text.
            "model": record.target.listed_as or UNPRICED,
            "cost_picodollars": record.cost,
            "cost_usd": cost_usd,
            "estimated": record.estimated,
            "CostUsd": float(cost_usd),
            "InputTokens": usage.input,
            "OutputTokens": usage.output,
            "CacheReadTokens": usage.cache_read,
            "CacheWriteTokens": usage.cache_write_5m + usage.cache_write_1h,
            "Requests": 1,
            "Errors": int(record.error is not None),
            "TimeToFirstByteMs": _ms(first_byte_at - record.started_at),
        }
        fields["Model"] = fields["model"]
        fields["_aws"] = {
            "Timestamp": int(record.ended_at * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Model"]],
                    "Metrics": [{"Name": name, "Unit": unit} for name, unit in _METRICS],
                }
            ],
        }
    return json.dumps(fields, separators=(",", ":"))


Meter = Callable[[Record], None]


def write(record: Record) -> None:
    """Logs the record: Lambda sends what is written here to the function's log group."""
    _write(line(record))


def log_error(error: BaseException) -> None:
    """Logs where an unexpected error happened: file, line and function, and none of the values."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    _write(json.dumps({"level": "ERROR", "error": type(error).__name__, "at": places}))


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
