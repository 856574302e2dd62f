"""Bedrock's own API, relayed byte for byte in both directions while a copy is read for usage.

Two things are mended: Anthropic's own Bedrock clients (2026) put the newest version of their API into every
body, which older models refuse; and a limit on the answer is lowered where a key's credit is short.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

from catalog.arns import is_stored_prompt
from catalog.families import Family, family_of
from catalog.models import Target

from router import bedrock_errors, bounds, usage
from router.dialects.checks import Json
from router.dialects.converse.draft import Draft
from router.dialects.dialect import Call, Names
from router.dialects.lowering import (
    has_converse_limit,
    has_invoke_limit,
    lower_converse,
    lower_invoke,
)
from router.dialects.shapes import changes_told
from router.errors import ApiError
from router.eventstream import Frame, encode
from router.http import Headers, Request, Response

OPERATIONS = (
    "converse",
    "converse-stream",
    "count-tokens",
    "invoke",
    "invoke-with-response-stream",
)

_HOP_BY_HOP = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}
)

_PASSED_ON = frozenset({"accept", "content-type"})

_ANTHROPIC_VERSIONS = ("2023-06-01", "2026-10-21")
"""Those of Anthropic's own API."""

_DOCUMENTS_PER_SEARCH = 100

_IN_STREAM = {
    "ModelErrorException": "modelStreamErrorException",
    "ModelTimeoutException": "modelStreamErrorException",
    "ServiceUnavailableException": "serviceUnavailableException",
    "ThrottlingException": "throttlingException",
    "ValidationException": "validationException",
}
"""The exceptions that both kinds of stream have; of any other, botocore's reader drops the message."""


def model_id_of(path: str, operation: str) -> str:
    """The model id between ``/model/`` and the operation.

    An ARN holds slashes, which clients encode and a Function URL may decode: both forms are read.
    """
    return unquote(path.removeprefix("/model/").removesuffix(f"/{operation}"))


class BedrockDialect:
    """One native operation; see `router.dialects.dialect.Dialect`."""

    def __init__(self, operation: str) -> None:
        self.route = operation
        self._operation = operation
        self._changes: set[str] = set()

    def parse(self, request: Request, catalog: Names) -> Call:
        model_id = model_id_of(request.path, self._operation)
        if not model_id:
            raise ApiError("invalid_request", "The path names no model.", param="modelId")
        target = catalog.resolve(model_id)
        if not catalog.is_name(model_id):
            # An id of Bedrock's goes to Bedrock as it is, even one it will refuse.
            target = target._replace(model_id=model_id)
        family = family_of(target.runs)
        draft = Draft(family)
        self._changes = draft.changes
        draft.body = body = _object(request.body)
        target = _of_all_searches(target, body)
        mended = _fit_version(body, family)
        stored = is_stored_prompt(target.model_id)
        if self._operation.startswith("converse"):
            output_tokens = bounds.converse_output_tokens(body, target.max_output_tokens)
            asked = _named(body.get("serviceTier"), "type")
            latency = _named(body.get("performanceConfig"), "latency")
            # A stored prompt has its own limit, beside which Bedrock takes none.
            lower = lower_converse if has_converse_limit(body) and not stored else None
        else:
            output_tokens = bounds.invoke_output_tokens(body, target.max_output_tokens)
            asked = request.headers.get(usage.TIER_HEADER)
            latency = request.headers.get(usage.LATENCY_HEADER)
            lower = lower_invoke if has_invoke_limit(body) else None
        return Call(
            target=target,
            operation=self._operation,
            headers=_passed_on(request.headers),
            body=json.dumps(body).encode() if mended else request.body,
            prompt_tokens=bounds.prompt_tokens(
                body,
                len(request.body),
                target.context_window,
                family.image_tokens,
                stored=stored,
            ),
            output_tokens=output_tokens,
            service_tier=usage.tier_at(latency, asked) or "default",
            lower=partial(_lowered, draft, lower) if lower is not None else None,
        )

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:  # noqa: ARG002
        return Response(200, self._told(headers), body)

    def stream(self, call: Call, headers: Headers) -> "BedrockRelay":  # noqa: ARG002
        return BedrockRelay(self._told(headers))

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        response = Response(status, relayed(headers), body)
        retry_after = bedrock_errors.from_answer(status, headers, body).retry_after
        if retry_after is not None and all(name != "retry-after" for name, _ in headers):
            response.headers.append(("retry-after", str(retry_after)))
        return response

    def _told(self, headers: Headers) -> Headers:
        return [*relayed(headers), *changes_told(self._changes)]


class BedrockRelay:
    """Passes an event stream on frame by frame, unchanged.

    Only whole frames that proved intact go out, so that an exception frame can follow them. The
    protocol has no event that means nothing, hence no sign of life in silence.
    """

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self._told = False

    def translate(self, frames: list[Frame]) -> bytes:
        for frame in frames:
            if frame.headers.get(":message-type") != "event":
                self._told = True
        return b"".join([frame.raw for frame in frames])

    def silence(self) -> bytes:
        return b""

    def end(self) -> bytes:
        return b""

    def fail(self, error: ApiError) -> bytes:
        if self._told:
            return b""
        name = _IN_STREAM.get(error.wire.bedrock_exception, "internalServerException")
        return encode(
            {
                ":exception-type": name,
                ":content-type": "application/json",
                ":message-type": "exception",
            },
            json.dumps({"message": error.message}).encode(),
        )


def relayed(headers: Headers) -> Headers:
    """An answer's headers without those that belong to the connection it came over."""
    return [(name, value) for name, value in headers if name not in _HOP_BY_HOP]


def _object(body: bytes) -> dict[str, Any]:
    """The body's JSON. What cannot be read cannot be bounded either, so it never reaches Bedrock."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ApiError("invalid_request", "The request body is not a JSON object.")
    return content


def _named(settings: object, name: str) -> str | None:
    found = settings.get(name) if isinstance(settings, dict) else None
    return found if isinstance(found, str) else None


def _of_all_searches(target: Target, body: Json) -> Target:
    """The target at the price of all the searches that a body is charged as.

    One for each hundred documents: https://docs.aws.amazon.com/bedrock/latest/userguide/rerank-pricing.html.
    """
    documents = body.get("documents")
    if not isinstance(documents, list) or not target.price.request:
        return target
    searches = max(1, -(-len(documents) // _DOCUMENTS_PER_SEARCH))
    return target._replace(price=target.price._replace(request=target.price.request * searches))


def _lowered(draft: Draft, lower: Callable[[Draft, int], None], tokens: int) -> bytes:
    lower(draft, tokens)
    # In ASCII, as the client may have written what UTF-8 cannot.
    return json.dumps(draft.body).encode()


def _fit_version(body: dict[str, Any], family: Family) -> bool:
    """Gives the body a version of Anthropic's API that the model knows; whether it needed that."""
    version = body.get("anthropic_version")
    if not isinstance(version, str) or version not in _ANTHROPIC_VERSIONS or not family.messages:
        return False
    if version in family.anthropic_versions:
        return False
    body["anthropic_version"] = family.anthropic_versions[0]
    return True


def _passed_on(headers: Mapping[str, str]) -> Headers:
    """The request headers that Bedrock reads."""
    kept = [
        (name, value)
        for name, value in headers.items()
        if name in _PASSED_ON or name.startswith("x-amzn-bedrock-")
    ]
    for name, value in kept:
        if not (value.isascii() and value.isprintable()):
            raise ApiError("invalid_request", f"The header {name} is not plain ASCII.", param=name)
    return kept
