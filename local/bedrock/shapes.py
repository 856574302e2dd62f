"""Whether a request fits botocore's own service model of ``bedrock-runtime``.

botocore's `ParamValidator` checks what a Python caller passes: required members, types and minimums.
The service checks the JSON it receives, against everything the model says: maximums, patterns, enums,
unions, base64 and unknown members too. Each shape is compiled once into a function.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import botocore.loaders
import botocore.model

from local.bedrock.errors import invalid
from local.bedrock.shape_checks import Check, Path, compile_raw_blob, compile_shape, structure_check


class OperationShape(NamedTuple):
    """The checks of one operation's input, by where its members are in the request."""

    model_id: Check
    headers: Mapping[str, Check]
    """By lower-case name."""
    body: Check


@cache
def service(name: str) -> botocore.model.ServiceModel:
    """botocore's model of a service."""
    description = botocore.loaders.Loader().load_service_model(name, "service-2")
    return botocore.model.ServiceModel(description, name)


@cache
def operation(name: str) -> OperationShape:
    """The checks of a ``bedrock-runtime`` operation: ``Converse``, ``InvokeModel``, …"""
    shape: Any = service("bedrock-runtime").operation_model(name).input_shape
    located = {
        member: inner.serialization.get("location") for member, inner in shape.members.items()
    }
    payload = shape.serialization.get("payload")
    if payload:
        body = compile_raw_blob(shape.members[payload])
    else:
        body = structure_check(shape, [m for m, where in located.items() if where is None])
    return OperationShape(
        model_id=compile_shape(shape.members["modelId"]),
        headers={
            shape.members[member].serialization["name"].lower(): compile_shape(
                shape.members[member]
            )
            for member, where in located.items()
            if where == "header"
        },
        body=body,
    )


@cache
def located(service_name: str, operation_name: str, location: str) -> Mapping[str, Check]:
    """The checks of an operation's parameters in the ``querystring`` or in the ``uri``, by name."""
    shape: Any = service(service_name).operation_model(operation_name).input_shape
    return {
        inner.serialization["name"]: compile_shape(inner)
        for inner in shape.members.values()
        if inner.serialization.get("location") == location
    }


@cache
def body(service_name: str, operation_name: str) -> Check:
    """The check of an operation's JSON body."""
    shape: Any = service(service_name).operation_model(operation_name).input_shape
    return structure_check(
        shape, [name for name, inner in shape.members.items() if not inner.serialization]
    )


@cache
def stream_exceptions(name: str) -> frozenset[str]:
    """The exceptions that the stream of an operation can hold: ``throttlingException``, …"""
    shape: Any = service("bedrock-runtime").operation_model(name).get_event_stream_output()
    return frozenset(member for member in shape.members if member.endswith("Exception"))


def check_request(name: str, model_id: str, headers: Mapping[str, str], body: Any) -> None:
    """Raises what the service answers to a request that does not fit the operation's input."""
    shape = operation(name)
    problems: list[str] = []
    shape.model_id(model_id, ("modelId",), problems)
    for header, check in shape.headers.items():
        if header in headers:
            check(headers[header], (header,), problems)
    shape.body(body, (), problems)
    raise_problems(problems)


def check_member(shape_name: str, value: Any, path: Path) -> None:
    """Checks one value against a named shape of ``bedrock-runtime``."""
    problems: list[str] = []
    compile_shape(service("bedrock-runtime").shape_for(shape_name))(value, path, problems)
    raise_problems(problems)


def raise_problems(problems: list[str]) -> None:
    """Raises the ValidationException that lists the problems, when there are any."""
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise invalid(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")
