"""Reads a synthesized template the way a person does: references as ``${LogicalId}``, not as JSON."""

from collections.abc import Mapping
from typing import Any

Resource = dict[str, Any]
Template = Mapping[str, Any]


def text(value: Any) -> str:
    """A property as text; what only a deployment knows reads ``${LogicalId}`` or ``${Id.Attribute}``."""
    match value:
        case str():
            return value
        case {"Ref": reference}:
            return f"${{{reference}}}"
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"${{{resource}.{attribute}}}"
        case {"Fn::Sub": pattern}:
            return str(pattern)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(text(part) for part in parts)
    raise ValueError(f"no text is known for {value!r}")


def as_list(value: Any) -> list[Any]:
    """IAM writes a list of one as its only member."""
    return value if isinstance(value, list) else [value]


def of_type(template: Template, resource_type: str) -> dict[str, Resource]:
    """The resources of one type by logical id."""
    return {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    }


def role_of(template: Template, function_id: str) -> str:
    """The logical id of the role a function runs as."""
    role: str = template["Resources"][function_id]["Properties"]["Role"]["Fn::GetAtt"][0]
    return role


def allowances(template: Template, role_id: str) -> dict[str, set[str]]:
    """Every action a role is allowed, each with the resources it is allowed on.

    Raises ValueError where this would not be the whole truth: managed policies, inline policies of the
    role itself, conditions, denials.
    """
    role = template["Resources"][role_id]["Properties"]
    if role.keys() & {"ManagedPolicyArns", "Policies"}:
        raise ValueError(f"{role_id} has policies beside its own")
    allowed: dict[str, set[str]] = {}
    for policy in of_type(template, "AWS::IAM::Policy").values():
        if {"Ref": role_id} not in policy["Properties"]["Roles"]:
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if statement.keys() - {"Sid"} != {"Effect", "Action", "Resource"}:
                raise ValueError(f"a statement with more to it: {statement}")
            if statement["Effect"] != "Allow":
                raise ValueError(f"a denial: {statement}")
            for action in as_list(statement["Action"]):
                resources = {text(resource) for resource in as_list(statement["Resource"])}
                allowed[action] = allowed.get(action, set()) | resources
    return allowed
