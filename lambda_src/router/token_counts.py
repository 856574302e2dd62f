"""``POST /v1/messages/count_tokens``: how many input tokens a Messages request has.

Bedrock's CountTokens tells where it counts for the model; elsewhere, and while it cannot be asked, the
request is answered with an estimate, and a header says so. It costs nothing and no rate limit counts
it: Claude Code asks some 40 times at once.
https://platform.claude.com/docs/en/api/messages/count_tokens
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html
"""

import json
from base64 import b64encode
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from catalog.families import family_of
from catalog.models import Target, base_id
from ledger.keys import Credential

from router import bedrock_errors
from router.dialects import shapes
from router.dialects.checks import Json, request_object, type_of
from router.dialects.choosing import either
from router.dialects.converse.draft import Draft
from router.dialects.dialect import Call
from router.dialects.model_ids import read_model
from router.http import Headers, Request, Response, json_response
from router.http_pool import UpstreamUnreachable
from router.metered_call import MeteredCall, Services
from router.token_estimates import ESTIMATED, input_tokens

BEDROCK_S = 10.0
"""The most that Bedrock is waited for; an estimate is better than a client that gives up."""

_ROUTE = "count_tokens"

_HEADERS: Headers = [("content-type", "application/json"), ("accept", "application/json")]

_DOES_NOT_COUNT = "support counting tokens"
"""Of Bedrock's words for a model that CountTokens does not know."""


_UNCOUNTED_EDIT = "clear_tool_uses_20250919"
"""The edit of ``context_management`` that CountTokens does not take
(https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html)."""


class Counted(NamedTuple):
    """What is counted: the request as Bedrock would get it."""

    draft: Draft
    native: bool
    """Whether the body is InvokeModel's, not Converse's."""


class TokenCount(MeteredCall):
    """One request to count tokens."""

    def __init__(self, services: Services, request: Request) -> None:
        super().__init__(services, request, _ROUTE)

    def _serve(self, credential: Credential) -> Response:
        asked = request_object(self._request.body)
        target = self._read_for(credential, partial(read_model, asked))
        counted = self._read(asked, target)
        # Refused here as it would be when it is sent, also where it is only estimated.
        counted.draft.encode()
        self._admit(credential, _free_call(target))
        tokens = self._tokens_by_bedrock(counted, target)
        headers = shapes.ANTHROPIC.told(self._request.request_id, counted.draft.changes)
        if tokens is None:
            tokens = input_tokens(counted.draft.body, counted.draft.family)
            headers.append(ESTIMATED)
        self._finish(200, None)
        return json_response(200, {"input_tokens": tokens}, headers)

    def _read(self, asked: Json, target: Target) -> Counted:
        """The request as ``/v1/messages`` would send it. Raises `ApiError`."""
        native, translated = partial(self._native, target), partial(self._translated, target)
        if not family_of(target.runs).messages:
            return translated(asked)
        return either(self._request.body, asked, native, translated)

    # Most requests need one of these ways alone, and few processes count at all.
    def _native(self, target: Target, asked: Json) -> Counted:
        from router.dialects.anthropic_native.request import to_invoke  # noqa: PLC0415

        found = to_invoke(_limited(asked, target), target, self._request.headers)
        return Counted(found.draft, native=True)

    def _translated(self, target: Target, asked: Json) -> Counted:
        from router.dialects.anthropic_messages.request import to_converse  # noqa: PLC0415

        family = family_of(target.runs)
        found = to_converse(_limited(asked, target), family, self._request.headers)
        return Counted(found.draft, native=False)

    def _tokens_by_bedrock(self, counted: Counted, target: Target) -> int | None:
        """Bedrock's count; None where it counts none now. Raises `ApiError` for a body it refuses."""
        draft = counted.draft
        # What is named by a URL would have to be fetched first.
        if not (counted.native and draft.family.counts_tokens) or draft.remote:
            return None
        # By the foundation model's own id: CountTokens refuses profiles.
        model_id = base_id(target.runs)
        _leave_uncounted(draft)
        body = b64encode(draft.encode()).decode()
        limit_s = min(BEDROCK_S, self._seconds_left())
        try:
            answer = self._services.bedrock_runtime.call(
                "POST",
                f"/model/{quote(model_id, safe='')}/count-tokens",
                _HEADERS,
                json.dumps({"input": {"invokeModel": {"body": body}}}).encode(),
                limit_s=limit_s,
            )
            told = answer.read()
        except UpstreamUnreachable:
            return None
        if answer.status == 200:
            return _count_in(told)
        error = bedrock_errors.from_answer(answer.status, answer.headers, told)
        if error.kind == "invalid_request" and _DOES_NOT_COUNT not in error.message:
            raise error
        return None


def count_tokens(services: Services, request: Request) -> Response:
    """The endpoint; never raises."""
    return TokenCount(services, request).serve()


def _limited(asked: Json, target: Target) -> Json:
    """A request to count, made one to send: with the limit on its answer that this needs."""
    asked.setdefault("max_tokens", max(target.max_output_tokens, 1))
    asked.pop("stream", None)
    return asked


def _leave_uncounted(draft: Draft) -> None:
    """Takes out what Bedrock does not count with."""
    management = draft.body.get("context_management")
    if not isinstance(management, dict) or not isinstance(management.get("edits"), list):
        return
    edits = management["edits"]
    kept = [edit for edit in edits if type_of(edit) != _UNCOUNTED_EDIT]
    if len(kept) < len(edits):
        draft.changes.add(f"{_UNCOUNTED_EDIT} not counted")
        draft.body["context_management"] = {**management, "edits": kept}
    if not kept:
        del draft.body["context_management"]


def _free_call(target: Target) -> Call:
    """What a key must be allowed, and pays nothing for."""
    return Call(
        target=target,
        operation="count-tokens",
        headers=[],
        body=b"",
        prompt_tokens=0,
        output_tokens=0,
    )


def _count_in(body: bytes) -> int | None:
    """The count in Bedrock's answer."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    tokens = answer.get("inputTokens") if isinstance(answer, dict) else None
    return int(tokens) if isinstance(tokens, int | float) else None
