"""(method, path) → endpoint. What is not in the table is answered 404 and never reaches Bedrock."""

from collections.abc import Callable
from functools import partial

from catalog.families import family_of
from catalog.models import Target

from router import endpoints
from router.dialects import bedrock
from router.dialects.bedrock import BedrockDialect
from router.dialects.checks import clipped
from router.dialects.choosing import ChoosingDialect, Reader
from router.dialects.openai_chat.dialect import ChatDialect
from router.dialects.shapes import envelope_of
from router.errors import ApiError, internal_error
from router.http import Request, Response
from router.metered_call import Services
from router.metering import log_error
from router.model_calls import ModelCall
from router.unserved import unknown_path

Endpoint = Callable[[Services, Request], Response]

_MODEL_PATHS = {operation: f"/model/*/{operation}" for operation in bedrock.OPERATIONS}


# What chat and Bedrock's own API need is loaded ahead of the first request. The rest is loaded when it
# is first asked for, so that a cold start does not wait for it.
# ruff: noqa: PLC0415


def _chat(services: Services, request: Request) -> Response:
    translated = partial(ChatDialect, request.request_id, services.clock())
    native = partial(_openai_native, "chat/completions", request)
    serves = partial(_has_route, "chat")
    dialect = ChoosingDialect(ChatDialect.route, serves, native, translated)
    return ModelCall(services, dialect, request).serve()


def _responses(services: Services, request: Request) -> Response:
    from router.dialects.openai_responses.dialect import ResponsesDialect

    translated = partial(ResponsesDialect, request.request_id, services.clock())
    native = partial(_openai_native, "responses", request)
    serves = partial(_has_route, "responses")
    dialect = ChoosingDialect(ResponsesDialect.route, serves, native, translated)
    return ModelCall(services, dialect, request).serve()


def _has_route(route: str, target: Target) -> bool:
    """Whether a route of Bedrock's own OpenAI API is the better one for a model.

    It takes no application inference profiles, and ids that are not ARNs are none.
    """
    return not target.model_id.startswith("arn:") and route in family_of(target.model_id).native


def _messages(services: Services, request: Request) -> Response:
    native = partial(_anthropic_native, request)
    translated = partial(_anthropic_translated, request)
    dialect = ChoosingDialect("messages", _takes_messages, native, translated)
    return ModelCall(services, dialect, request).serve()


def _count_tokens(services: Services, request: Request) -> Response:
    from router.token_counts import count_tokens

    return count_tokens(services, request)


def _takes_messages(target: Target) -> bool:
    """Whether a model takes the body of Anthropic's Messages API itself."""
    return family_of(target.model_id).messages


def _anthropic_native(request: Request) -> Reader:
    from router.dialects.anthropic_native.dialect import NativeMessagesDialect

    return NativeMessagesDialect(request.request_id)


def _anthropic_translated(request: Request) -> Reader:
    from router.dialects.anthropic_messages.dialect import MessagesDialect

    return MessagesDialect(request.request_id)


def _openai_native(operation: str, request: Request) -> Reader:
    from router.dialects.openai_native.dialect import NativeDialect

    return NativeDialect(operation, request.request_id)


def _stored_response(action: str) -> Endpoint:
    def serve(services: Services, request: Request) -> Response:
        from router import stored_responses

        endpoint: Endpoint = getattr(stored_responses, action)
        return endpoint(services, request)

    return serve


def _embeddings(services: Services, request: Request) -> Response:
    from router.embedding_calls import EmbeddingCall

    return EmbeddingCall(services, request).serve()


def _native(operation: str) -> Endpoint:
    def serve(services: Services, request: Request) -> Response:
        return ModelCall(services, BedrockDialect(operation), request).serve()

    return serve


ROUTES: dict[str, dict[str, Endpoint]] = {
    "/v1/chat/completions": {"POST": _chat},
    "/v1/responses": {"POST": _responses},
    "/v1/responses/*": {
        "GET": _stored_response("retrieve"),
        "DELETE": _stored_response("delete"),
    },
    "/v1/responses/*/cancel": {"POST": _stored_response("cancel")},
    "/v1/messages": {"POST": _messages},
    "/v1/messages/count_tokens": {"POST": _count_tokens},
    "/v1/embeddings": {"POST": _embeddings},
    "/v1/models": {"GET": endpoints.models},
    "/v1/models/*": {"GET": endpoints.model},
    "/v1/key": {"GET": endpoints.key},
    "/healthz": {"GET": endpoints.health, "HEAD": endpoints.health},
    "/inference-profiles": {"GET": endpoints.control_plane},
    "/foundation-models": {"GET": endpoints.control_plane},
    **{path: {"POST": _native(operation)} for operation, path in _MODEL_PATHS.items()},
}
"""A `*` stands for a model id or ARN, which may hold slashes, or for a response's id, which may not."""


def pattern_of(path: str) -> str | None:
    """The key of `ROUTES` that a path falls under."""
    if path in ROUTES:
        return path
    if path.startswith("/v1/models/") and path != "/v1/models/":
        return "/v1/models/*"
    if path.startswith("/v1/responses/"):
        response_id, slash, action = path.removeprefix("/v1/responses/").partition("/")
        pattern = f"/v1/responses/*{slash}{action}"
        return pattern if response_id and pattern in ROUTES else None
    before, _, operation = path.rpartition("/")
    if before.startswith("/model/") and operation in _MODEL_PATHS:
        return _MODEL_PATHS[operation]
    return None


def _is_encoded(query: str) -> bool:
    """Whether a query has only what a line of HTTP can hold, as some are passed on to Bedrock."""
    return query.isascii() and query.isprintable() and " " not in query


def handle(services: Services, request: Request) -> Response:
    """Answers any request; never raises."""
    envelope = envelope_of(request.path, request.headers)
    try:
        if not _is_encoded(request.query):
            raise ApiError("invalid_request", "The query string is not percent-encoded.")
        pattern = pattern_of(request.path)
        if pattern is None:
            raise unknown_path(request.method, request.path)
        methods = ROUTES[pattern]
        if request.method in methods:
            return methods[request.method](services, request)
        told = f"Use {' or '.join(methods)} for {clipped(request.path)}."
        response = envelope.refused(ApiError("method_not_allowed", told), request.request_id)
        response.headers.append(("allow", ", ".join(methods)))
        return response
    except ApiError as error:
        return envelope.refused(error, request.request_id)
    except Exception as error:
        log_error(error)
        return envelope.refused(internal_error(), request.request_id)
