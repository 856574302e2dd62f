"""What becomes of a Messages request on its way to each generation of Claude."""

import copy
import json
from typing import Any

import pytest
from catalog.families import FAMILIES
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.anthropic_native import CLAUDES, family_name, refusal_of, relayed
from tests.support.anthropic_native_requests import REQUESTS

LEFT_TO_BEDROCK = {
    # Anthropic's own API refuses it as well.
    "prefill": "This model does not support assistant message prefill.",
    # The catalog does not know the limits of a model that is retired.
    "large_limit": "The maximum tokens you requested exceeds the model limit",
}
"""What Bedrock refuses of a request, by the request's name."""


def outcome(name: str, model: str) -> dict[str, Any]:
    """What the request becomes for a model; Bedrock's rules are asked whether they take it."""
    try:
        found = relayed({**copy.deepcopy(REQUESTS[name]), "model": model})
    except ApiError as error:
        return {"refused": error.message}
    said = refusal_of(found)
    assert said is None or said.startswith(LEFT_TO_BEDROCK.get(name, "nothing")), (model, said)
    return {
        "body": found.body,
        "changes": found.changes,
        "operation": found.call.operation,
        **({} if said is None else {"bedrock": said}),
    }


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_becomes_the_reviewed_ones_which_bedrock_takes(
    name: str, snapshot: SnapshotAssertion
) -> None:
    families: dict[str, list[str]] = {}
    for family, model in CLAUDES.items():
        families.setdefault(json.dumps(outcome(name, model)), []).append(family)
    found = [{"families": same, **json.loads(told)} for told, same in families.items()]
    assert found == snapshot(extension_class=JSONSnapshotExtension)


def test_the_reviewed_models_are_of_all_families_of_claudes() -> None:
    assert {family: family_name(model) for family, model in CLAUDES.items()} == {
        family: family for family in CLAUDES
    }
    served = {family.name for family in FAMILIES if family.messages}
    assert served - set(CLAUDES) == {"claude-2"}
