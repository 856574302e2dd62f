"""(method, path) → endpoint. What is not in the table is answered 404 and never reaches Bedrock."""

from collections.abc import Callable

from router import endpoints, model_routes
from router.dialects.checks import clipped
from router.dialects.dialect import Dialect
from router.dialects.shapes import envelope_of
from router.errors import ApiError, internal_error
from router.http import Request, Response
from router.metered_call import Services
from router.metering import log_error
from router.model_calls import ModelCall
from router.unserved import unknown_path

Endpoint = Callable[[Services, Request], Response]


# What few processes are asked for is loaded when it is first asked for, so that a cold start does not
# wait for it.
# ruff: noqa: PLC0415


def _model_call(dialect_for: Callable[[Request, float], Dialect]) -> Endpoint:
    def serve(services: Services, request: Request) -> Response:
        dialect = dialect_for(request, services.clock())
        return ModelCall(services, dialect, request).serve()

    return serve


def _count_tokens(services: Services, request: Request) -> Response:
    from router.token_counts import count_tokens

    return count_tokens(services, request)


def _stored_response(action: str) -> Endpoint:
    def serve(services: Services, request: Request) -> Response:
        from router import stored_responses

        endpoint: Endpoint = getattr(stored_responses, action)
        return endpoint(services, request)

    return serve


def _embeddings(services: Services, request: Request) -> Response:
    from router.embedding_calls import EmbeddingCall

    return EmbeddingCall(services, request).serve()


def _estimate(services: Services, request: Request) -> Response:
    from router.estimates import Estimate

    return Estimate(services, request).serve()


ROUTES: dict[str, dict[str, Endpoint]] = {
    **{path: {"POST": _model_call(make)} for path, make in model_routes.DIALECTS.items()},
    "/v1/responses/*": {
        "GET": _stored_response("retrieve"),
        "DELETE": _stored_response("delete"),
    },
    "/v1/responses/*/cancel": {"POST": _stored_response("cancel")},
    "/v1/messages/count_tokens": {"POST": _count_tokens},
    "/v1/embeddings": {"POST": _embeddings},
    "/v1/estimate": {"POST": _estimate},
    "/v1/models": {"GET": endpoints.models},
    "/v1/models/*": {"GET": endpoints.model},
    "/v1/key": {"GET": endpoints.key},
    "/healthz": {"GET": endpoints.health, "HEAD": endpoints.health},
    "/inference-profiles": {"GET": endpoints.control_plane},
    "/foundation-models": {"GET": endpoints.control_plane},
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
    return model_routes.pattern_of(path)


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
