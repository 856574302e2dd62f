"""``POST /v1/estimate``: what a paid request would cost at least and at most, and whether its key can
afford it.

It is read just as the request itself would be and refused for the same reasons. No model is called,
nothing is fetched or reserved, and no rate limit counts it.
"""

import json
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qs

from catalog.pricing import Usage
from ledger.admission import Refused, grant_of, shortage
from ledger.keys import Credential
from ledger.money import UNLIMITED, to_usd
from ledger.records import KeyRecord, balance
from ledger.updates import allows

from router import model_routes
from router.dialects.checks import Json, clipped, invalid, request_object
from router.dialects.dialect import Call, Names
from router.dialects.openai_embeddings.families import family_of as embedding_family_of
from router.dialects.openai_embeddings.request import plan
from router.dialects.shapes import ANTHROPIC, envelope_of
from router.errors import ApiError
from router.http import Request, Response, json_response
from router.metered_call import MeteredCall, Services, holder, refused
from router.prompt_estimates import may_be_cached, prompt_of

_CHAT = "/v1/chat/completions"
_EMBEDDINGS = "/v1/embeddings"
_MESSAGES = "/v1/messages"
_RESPONSES = "/v1/responses"

_WRAPPER = frozenset({"body", "path"})
"""No request has members of these names, so one that has is not meant itself."""

_UNCLEAR = (
    "It is not clear which request this is the body of: send "
    '{"path": "/v1/chat/completions", "body": {…}}, or the path in the query, as ?path=….'
)


class Appraised(NamedTuple):
    """A request as it would be sent to Bedrock."""

    call: Call
    changes: set[str]


class Estimate(MeteredCall):
    """One request for an estimate."""

    def __init__(self, services: Services, request: Request) -> None:
        super().__init__(services, request, "estimate")

    def _serve(self, credential: Credential) -> Response:
        now = self._services.clock()
        asked = self._read_for(credential, partial(meant, self._request))
        self._envelope = envelope_of(asked.path, asked.headers)
        found = self._read_for(credential, partial(_appraise, asked, now))
        key = holder(self._services, credential)
        target = found.call.target
        if not allows(key.allowed_models, target.called):
            raise refused(Refused("model_not_allowed"), target.requested)
        content = {"object": "estimate", "path": asked.path, **_told(found, asked)}
        content |= _afforded(found.call, key, int(now))
        self._finish(200, None)
        told = self._envelope.told(self._request.request_id, found.changes)
        return json_response(200, content, told)


def meant(request: Request, catalog: Names) -> Request:
    """The request that is to be estimated, with the headers of the one that asks. Raises `ApiError`."""
    asked = request_object(request.body)
    paths = parse_qs(request.query).get("path")
    path: object = paths[0] if paths else None
    body = request.body
    if path is None and asked.keys() & _WRAPPER:
        for name in asked.keys() - _WRAPPER:
            raise invalid(clipped(name), 'is not supported beside "path" and "body"')
        path, asked = asked.get("path"), _unwrapped(asked.get("body"))
        body = _written(asked)
    if path is None:
        path = _guessed(asked, request, catalog)
    if not isinstance(path, str) or not _is_paid(path):
        raise invalid("path", "must be one of a request that is paid for, such as " + _CHAT)
    return request._replace(path=path, query="", body=body)


def _unwrapped(value: object) -> Json:
    if not isinstance(value, dict):
        raise invalid("body", "must be an object")
    return value


def _written(body: Json) -> bytes:
    """A body as AWS's Python SDK writes it, byte for byte."""
    try:
        return json.dumps(body).encode()
    except RecursionError:
        raise invalid("body", "has too many levels") from None


def _guessed(asked: Json, request: Request, catalog: Names) -> str:
    """The path of a body that comes without."""
    if "messages" in asked:
        return _MESSAGES if envelope_of(request.path, request.headers) is ANTHROPIC else _CHAT
    if "input" not in asked:
        raise ApiError("invalid_request", _UNCLEAR, param="path")
    model = asked.get("model")
    embeds = isinstance(model, str) and embedding_family_of(catalog.resolve(model).runs)
    return _EMBEDDINGS if embeds else _RESPONSES


def _is_paid(path: str) -> bool:
    return path == _EMBEDDINGS or model_routes.pattern_of(path) is not None


def _appraise(asked: Request, now: float, catalog: Names) -> Appraised:
    """Raises `ApiError` for what the request itself would be refused for."""
    if asked.path == _EMBEDDINGS:
        planned = plan(asked.body, catalog)
        return Appraised(planned.call, planned.changes)
    dialect = model_routes.DIALECTS[model_routes.pattern_of(asked.path) or ""](asked, now)
    call = dialect.parse(asked, catalog)
    return Appraised(call, call.draft.changes if call.draft is not None else set())


def _told(found: Appraised, asked: Request) -> Json:
    """What is known of the request, whoever sends it."""
    call, target = found.call, found.call.target
    prompt = prompt_of(call, asked.body, asked.headers)
    least = target.least(
        prompt.least, call.prompt_tokens, call.service_tier, cached=may_be_cached(call)
    )
    prompt_cost = None
    if prompt.estimated is not None and not call.is_free:
        prompt_cost = to_usd(call.cost(Usage(input=prompt.estimated), None))
    return {
        "model": target.requested,
        "model_id": target.model_id,
        "priced": target.priced,
        "service_tier": call.service_tier,
        "changes": sorted(found.changes),
        "input_tokens": {**prompt._asdict(), "most": call.prompt_tokens},
        "least_usd": to_usd(0 if call.is_free else least),
        "prompt_usd": prompt_cost,
        "most_usd": to_usd(call.most),
    }


def _afforded(call: Call, key: KeyRecord, now: int) -> Json:
    """What the request would take of a key's credit, and whether that has it now."""
    credit = balance(key, now)
    short = shortage(credit, call.least)
    reserved = call.least
    if short is None:
        reserved = grant_of(key, call.most, call.least, now).amount
    return {
        "output_tokens": {
            "most": call.output_tokens,
            "reserved": call.output_tokens_within(reserved),
        },
        "reserved_usd": to_usd(reserved),
        "remaining_usd": to_usd(credit.remaining) if key.credit_limit < UNLIMITED else None,
        "affordable": short is None,
        "refusal": short,
    }
