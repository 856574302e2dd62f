"""Which of a template's resources its conditions let come into being, all parameters left alone."""

from typing import Any


def wanted_resources(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources without a condition, and those whose condition holds. Raises ValueError for a
    condition of a kind that the stack has none of."""
    return {
        logical_id: definition
        for logical_id, definition in template["Resources"].items()
        if "Condition" not in definition
        or _holds(template["Conditions"][definition["Condition"]], template)
    }


def _holds(condition: Any, template: dict[str, Any]) -> bool:
    match condition:
        case {"Fn::Not": [inner]}:
            return not _holds(inner, template)
        case {"Fn::Equals": [one, other]}:
            return _value(one, template) == _value(other, template)
    raise ValueError(f"this condition is not emulated: {condition}")


def _value(told: Any, template: dict[str, Any]) -> str:
    match told:
        case str():
            return told
        case {"Ref": name}:
            return str(template["Parameters"][name]["Default"])
    raise ValueError(f"this value in a condition is not emulated: {told}")
