"""The paths of which each request is one call of a model, and the dialect that it is read in."""

from collections.abc import Callable
from functools import partial

from catalog.families import family_of
from catalog.models import Target

from router.dialects import bedrock
from router.dialects.bedrock import BedrockDialect
from router.dialects.choosing import ChoosingDialect, Reader
from router.dialects.dialect import Dialect
from router.dialects.openai_chat.dialect import ChatDialect
from router.http import Request

# What chat and Bedrock's own API need is loaded ahead of the first request. The rest is loaded when it
# is first asked for, so that a cold start does not wait for it.
# ruff: noqa: PLC0415


def _chat(request: Request, now: float) -> Dialect:
    translated = partial(ChatDialect, request.request_id, now)
    native = partial(_openai_native, "chat/completions", request)
    return ChoosingDialect(ChatDialect.route, partial(_has_route, "chat"), native, translated)


def _responses(request: Request, now: float) -> Dialect:
    from router.dialects.openai_responses.dialect import ResponsesDialect

    translated = partial(ResponsesDialect, request.request_id, now)
    native = partial(_openai_native, "responses", request)
    serves = partial(_has_route, "responses")
    return ChoosingDialect(ResponsesDialect.route, serves, native, translated)


def _has_route(route: str, target: Target) -> bool:
    """Whether a route of Bedrock's own OpenAI API is the better one for a model.

    It takes no application inference profiles, and ids that are not ARNs are none.
    """
    return not target.model_id.startswith("arn:") and route in family_of(target.runs).native


def _openai_native(operation: str, request: Request) -> Reader:
    from router.dialects.openai_native.dialect import NativeDialect

    return NativeDialect(operation, request.request_id)


def _messages(request: Request, now: float) -> Dialect:  # noqa: ARG001 (its answers tell no time)
    native = partial(_anthropic_native, request)
    translated = partial(_anthropic_translated, request)
    return ChoosingDialect("messages", _takes_messages, native, translated)


def _takes_messages(target: Target) -> bool:
    """Whether a model takes the body of Anthropic's Messages API itself."""
    return family_of(target.runs).messages


def _anthropic_native(request: Request) -> Reader:
    from router.dialects.anthropic_native.dialect import NativeMessagesDialect

    return NativeMessagesDialect(request.request_id)


def _anthropic_translated(request: Request) -> Reader:
    from router.dialects.anthropic_messages.dialect import MessagesDialect

    return MessagesDialect(request.request_id)


def _relayed(operation: str, request: Request, now: float) -> Dialect:  # noqa: ARG001 (likewise)
    return BedrockDialect(operation)


_MODEL_PATHS = {operation: f"/model/*/{operation}" for operation in bedrock.OPERATIONS}

DIALECTS: dict[str, Callable[[Request, float], Dialect]] = {
    "/v1/chat/completions": _chat,
    "/v1/responses": _responses,
    "/v1/messages": _messages,
    **{path: partial(_relayed, operation) for operation, path in _MODEL_PATHS.items()},
}
"""What makes the dialect for a request at an epoch second. A `*` stands for a model id or ARN, which
may hold slashes."""


def pattern_of(path: str) -> str | None:
    """The key of `DIALECTS` that a path falls under."""
    if path in DIALECTS:
        return path
    before, _, operation = path.rpartition("/")
    if before.startswith("/model/") and operation in _MODEL_PATHS:
        return _MODEL_PATHS[operation]
    return None
