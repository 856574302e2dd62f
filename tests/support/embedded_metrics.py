"""Reads a log line as CloudWatch does that looks for embedded metrics in it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import jsonschema
from botocore.session import Session
from botocore.validate import validate_parameters

MODEL = Session().get_service_model("cloudwatch")
UNITS = MODEL.shape_for("StandardUnit").enum

NAME = {"type": "string", "minLength": 1, "maxLength": 255}
METRIC = {
    "type": "object",
    "required": ["Name"],
    "additionalProperties": False,
    "properties": {"Name": NAME, "Unit": {"enum": UNITS}, "StorageResolution": {"enum": [1, 60]}},
}
DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "additionalProperties": False,
    "properties": {
        "Namespace": NAME,
        "Dimensions": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "maxItems": 30, "uniqueItems": True, "items": NAME},
        },
        "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": METRIC},
    },
}
DOCUMENT = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 0},
                "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": DIRECTIVE},
            },
        }
    },
}

LONGEST_LINE = 256 * 1024
"""Bytes of a log event that every Region takes."""


class Metric(NamedTuple):
    """Which time series of a namespace a value belongs to."""

    name: str
    dimensions: tuple[tuple[str, str], ...]


def published(text: str) -> dict[Metric, float]:
    """What CloudWatch takes out of a log line; empty for a line that names no metrics.

    Raises where the line is no document of the format, or where a value is none that PutMetricData
    would take.
    """
    assert len(text.encode()) <= LONGEST_LINE
    assert "\n" not in text
    document = json.loads(text, parse_constant=refuse)
    if "_aws" not in document:
        return {}
    jsonschema.validate(document, DOCUMENT)
    found: dict[Metric, float] = {}
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for dimensions in directive["Dimensions"]:
            for definition in directive["Metrics"]:
                metric = Metric(
                    definition["Name"], tuple((name, document[name]) for name in dimensions)
                )
                assert metric not in found, f"{metric} is published twice"
                found[metric] = value_of(document, directive["Namespace"], definition, metric)
    return found


def value_of(
    document: Mapping[str, Any], namespace: str, definition: Mapping[str, Any], metric: Metric
) -> float:
    value = document[metric.name]
    assert type(value) in {int, float}, f"{metric.name} is no number"
    datum = {
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
        "Timestamp": document["_aws"]["Timestamp"] / 1000,
        "Value": value,
        "Unit": definition.get("Unit", "None"),
    }
    request = {"Namespace": namespace, "MetricData": [datum]}
    validate_parameters(request, MODEL.operation_model("PutMetricData").input_shape)
    return float(value)


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
