"""What of a template is created depends on its conditions, as CloudFormation reads them."""

from typing import Any

import pytest

from local.conditions import wanted_resources

IS_EMPTY = {"Fn::Equals": [{"Ref": "Address"}, ""]}


def template(condition: Any, address: str = "") -> dict[str, Any]:
    return {
        "Parameters": {"Address": {"Type": "String", "Default": address}},
        "Conditions": {"Asked": condition},
        "Resources": {
            "Always": {"Type": "AWS::SNS::Topic"},
            "Sometimes": {"Type": "AWS::SNS::Topic", "Condition": "Asked"},
        },
    }


@pytest.mark.parametrize(
    ("condition", "address", "wanted"),
    [
        (IS_EMPTY, "", True),
        (IS_EMPTY, "me@example.com", False),
        ({"Fn::Not": [IS_EMPTY]}, "", False),
        ({"Fn::Not": [IS_EMPTY]}, "me@example.com", True),
    ],
)
def test_a_resource_is_wanted_where_its_condition_holds(
    condition: Any, address: str, wanted: bool
) -> None:
    found = wanted_resources(template(condition, address))
    assert found.keys() == ({"Always", "Sometimes"} if wanted else {"Always"})


@pytest.mark.parametrize(
    "condition", [{"Fn::Or": [IS_EMPTY, IS_EMPTY]}, {"Fn::Equals": [{"Fn::Sub": "x"}, "x"]}]
)
def test_a_condition_of_another_kind_is_no_guess(condition: Any) -> None:
    with pytest.raises(ValueError, match="not emulated"):
        wanted_resources(template(condition))
