"""Messages requests relayed to InvokeModel, and what the simulated Bedrock says of them."""

import copy
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from catalog import models
from catalog.families import family_of
from router.dialects.anthropic_native.dialect import NativeMessagesDialect
from router.dialects.dialect import Call
from router.errors import ApiError

from local.bedrock.calls import check_native
from local.bedrock.directory import Directory
from local.bedrock.errors import ServiceError
from tests.support.requests import request
from tests.support.router import REGION

CATALOG = models.load(REGION, {"opus": "claude-opus-5-5"})

REQUEST_ID = "11111111-2222-3333-4444-555555555555"

CLAUDES = {
    "claude-3": "anthropic.claude-3-haiku-20240307-v1:0",
    "claude-3-5": "us.anthropic.claude-3-5-haiku-20241022-v1:0",
    "claude-3-7": "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "claude-4": "claude-sonnet-4-20250514",
    "claude-opus-4-1": "claude-opus-4-1",
    "claude-4-5": "claude-sonnet-4-5",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "claude-opus-4-5": "claude-opus-4-5",
    "claude-4-6": "claude-sonnet-4-6",
    "claude-4-7": "claude-opus-4-7",
    "claude-opus-4-8": "claude-opus-4-8",
    "claude-5": "claude-sonnet-5",
    "claude-opus-5": "claude-opus-5",
    "claude-fable-5": "claude-fable-5",
    "claude-fable-5-1": "claude-fable-5-1",
    "claude-opus-5-5": "claude-opus-5-5",
    "claude-sonnet-5-5": "claude-sonnet-5-5",
}
"""A model of each family of Claude's that Bedrock still runs, oldest first, by names clients use."""

OLD, NEW = "claude-sonnet-4-5", "claude-opus-5-5"
"""One that takes a budget for its thinking and no system turns, and one of which neither is true."""

_DIRECTORY = Directory(REGION)


class Relayed(NamedTuple):
    """A request as it goes to Bedrock."""

    dialect: NativeMessagesDialect
    call: Call

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.call.body))

    @property
    def changes(self) -> list[str]:
        """What the client is told in a header."""
        headers = dict(self.dialect.stream(self.call, []).headers)
        told = headers.get("x-bedrockrouter-changes")
        return told.split("; ") if told is not None else []


def relayed(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Relayed:
    """Reads a request; raises `ApiError` for one that is refused."""
    dialect = NativeMessagesDialect(REQUEST_ID)
    return Relayed(dialect, dialect.parse(request(headers=headers, body=body), CATALOG))


def family_name(model: str) -> str:
    """The name of the family of the model that a client's name stands for."""
    return family_of(CATALOG.resolve(model).model_id).name


def refusal_of(found: Relayed) -> str | None:
    """What the simulated Bedrock refuses about a call's body; None when it takes it."""
    model = _DIRECTORY.resolve(found.call.target.model_id).model
    try:
        check_native(model, found.body)
    except ServiceError as refusal:
        return refusal.message
    return None


def sent(body: Mapping[str, Any], model: str = NEW, **headers: str) -> Relayed:
    """A request without its model on its way to Bedrock; fails unless that takes it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = relayed({**copy.deepcopy(body), "model": model}, named)
    said = refusal_of(found)
    assert said is None, said
    return found


def refused(body: Mapping[str, Any], model: str = NEW) -> ApiError:
    """The router's refusal of a request without its model."""
    with pytest.raises(ApiError) as error:
        relayed({**copy.deepcopy(body), "model": model})
    return error.value
