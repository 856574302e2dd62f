"""One structured log line per request: who, which model, tokens, cost, times. Never content.

Lines of what ran a model, or failed to, are CloudWatch embedded metrics too
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
CloudWatch bills each metric for every model it is sent for, so only what has to be known by model has
that dimension. The key is in the log alone, and so is what was refused for its client's sake.
"""

import json
import sys
from collections.abc import Callable
from typing import NamedTuple

from catalog.models import Target
from catalog.pricing import Usage
from ledger.money import to_usd

from router.errors import KINDS

NAMESPACE = "BedrockRouter"

_UNITS = {
    "CacheSavingsUsd": "None",
    "CostUsd": "None",
    "DurationMs": "Milliseconds",
    "TimeToFirstTokenMs": "Milliseconds",
}
"""Of the metrics that are not counts."""

_TOTALS = (
    "CostUsd",
    "CacheSavingsUsd",
    "InputTokens",
    "OutputTokens",
    "CacheReadTokens",
    "CacheWriteTokens",
    "Requests",
    "Errors",
)
"""Metrics of all models together. An alarm watches these, as it cannot search for models."""

_BY_MODEL = ("CostUsd", "Requests", "Errors", "Throttles", "TimeToFirstTokenMs", "DurationMs")


class Record(NamedTuple):
    """What is known of a request when it is over. Instants are epoch seconds."""

    request_id: str
    route: str
    started_at: float
    ended_at: float
    status: int
    key_id: str | None = None
    target: Target | None = None
    is_free: bool = False
    """No model is run for it."""
    usage: Usage | None = None
    cost: int = 0
    """Picodollars charged."""
    cache_savings: int = 0
    """Picodollars that caching saved; negative where it cost more than it saved."""
    estimated: bool = False
    """The charge is a bound, as Bedrock did not report what was used."""
    first_token_at: float | None = None
    """When the first token of a streamed answer came from Bedrock."""
    error: str | None = None
    """A kind of `router.errors.KINDS`."""

    @property
    def is_fault(self) -> bool:
        """Whether it failed through no fault of its client's."""
        return self.error is not None and KINDS[self.error].is_fault

    @property
    def is_counted(self) -> bool:
        """Whether it is one of the requests by which errors and times are measured.

        What was refused is none: a client that keeps on asking for what it cannot have would hide how
        the others fare.
        """
        if self.error is None:
            return self.target is not None and not self.is_free
        return self.is_fault or self.cost > 0


def line(record: Record) -> str:
    """The record as one line of JSON."""
    fields: dict[str, object] = {
        "request_id": record.request_id,
        "route": record.route,
        "status": record.status,
        "DurationMs": _ms(record.ended_at - record.started_at),
    }
    if record.first_token_at is not None:
        fields["TimeToFirstTokenMs"] = _ms(record.first_token_at - record.started_at)
    if record.key_id is not None:
        fields["key_id"] = record.key_id
    if record.error is not None:
        fields["error"] = record.error
    if record.target is not None:
        # Not the id that the client sent: an ARN may hold any text.
        fields["model"] = record.target.charged_as
    if record.is_counted:
        fields |= {
            "Requests": 1,
            "Errors": int(record.is_fault),
            "Throttles": int(record.error == "throttled"),
        }
        if record.target is not None:
            fields |= {"Model": fields["model"], **_charged(record)}
        fields["_aws"] = {
            "Timestamp": int(record.ended_at * 1000),
            "CloudWatchMetrics": _directives(record, fields),
        }
    return json.dumps(fields, separators=(",", ":"))


def _charged(record: Record) -> dict[str, object]:
    usage = record.usage or Usage()
    cost_usd = to_usd(record.cost)
    return {
        "cost_picodollars": record.cost,
        "cost_usd": cost_usd,
        "estimated": record.estimated,
        "cache_savings_picodollars": record.cache_savings,
        "CostUsd": float(cost_usd),
        "CacheSavingsUsd": float(to_usd(record.cache_savings)),
        "InputTokens": usage.input,
        "OutputTokens": usage.output,
        "CacheReadTokens": usage.cache_read,
        "CacheWriteTokens": usage.cache_write_5m + usage.cache_write_1h,
    }


def _directives(record: Record, fields: dict[str, object]) -> list[dict[str, object]]:
    """Which of the fields are metrics, of all models together and of the record's own."""
    told = [_directive([], [name for name in _TOTALS if name in fields])]
    if record.target is not None:
        # CloudWatch bills a metric for the hours in which it is sent, and zero adds nothing to a sum.
        names = [name for name in _BY_MODEL if fields.get(name)]
        if record.error is not None:
            # How soon something fails would pass for how soon it is done.
            names = [name for name in names if name != "DurationMs"]
        told.append(_directive(["Model"], names))
    return told


def _directive(dimensions: list[str], names: list[str]) -> dict[str, object]:
    return {
        "Namespace": NAMESPACE,
        "Dimensions": [dimensions],
        "Metrics": [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in names],
    }


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
