"""Requests relayed to Bedrock's own OpenAI API, and what the simulated one says of them."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog import models
from router.dialects.dialect import Call
from router.dialects.openai_native.dialect import NativeDialect
from router.http import Response

from local.bedrock.directory import Directory
from local.bedrock.openai import chat_rules, responses_rules
from local.bedrock.openai.errors import OpenAIError
from local.bedrock.openai.rules import served
from tests.support.requests import request
from tests.support.router import REGION
from tests.support.upstream import JSON

CATALOG = models.load(REGION, {"gpt-5": "gpt-6.1-sol"})

GROK = "grok-4.7"
SOL = "gpt-6.1-sol"
TERRA = "gpt-6.1-terra"
"""It can be told not to reason, and Sol cannot."""

CHAT = "chat/completions"
RESPONSES = "responses"

_DIRECTORY = Directory(REGION)


class Relayed(NamedTuple):
    """A request as it goes to Bedrock."""

    dialect: NativeDialect
    call: Call

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.call.body))

    @property
    def changes(self) -> str:
        """What the client is told in a header; "" when nothing was changed."""
        headers = dict(self.dialect.stream(self.call, []).headers)
        return headers.get("x-bedrockrouter-changes", "")


def relayed(
    operation: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Relayed:
    """Reads a request; raises `ApiError` for one that is refused."""
    dialect = NativeDialect(operation, "11111111-2222-3333-4444-555555555555")
    return Relayed(dialect, dialect.parse(request(headers=headers, body=body), CATALOG))


def answered(found: Relayed, answer: object) -> Response:
    """The client's response for a whole answer."""
    return found.dialect.answer(found.call, JSON, json.dumps(answer).encode())


def refusal_of(operation: str, body: dict[str, Any]) -> OpenAIError | None:
    """What the simulated API refuses about a body; None when it takes it.

    Not asked is whether what the body refers to is stored.
    """
    route = "responses" if operation == RESPONSES else "chat"
    try:
        model = served(_DIRECTORY, body["model"], route)
        if operation == CHAT:
            chat_rules.check_body(model, body)
        else:
            responses_rules.check_body(model, body)
            given = body.get("input", [])
            if isinstance(given, str):
                given = [{"type": "message", "role": "user", "content": given}]
            if "previous_response_id" not in body:
                responses_rules.check_input(model, body, given)
    except OpenAIError as refusal:
        return refusal
    return None
