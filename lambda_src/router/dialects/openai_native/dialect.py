"""A request relayed to bedrock-runtime's own OpenAI API; see `router.dialects.dialect.Dialect`."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from catalog.families import family_of
from catalog.models import Target

from router import bounds
from router.dialects import lowering, shapes
from router.dialects.checks import Json, request_object
from router.dialects.converse import guardrails
from router.dialects.converse.draft import Draft
from router.dialects.dialect import Call, Names
from router.dialects.model_ids import read_model
from router.dialects.openai_native import chat, fitting, responses
from router.dialects.openai_native.answers import ChunkRelay, Relay, Reply, ResponseRelay, whole
from router.dialects.openai_native.refusals import refusal
from router.http import Headers, Request, Response, json_response


class Route(NamedTuple):
    """What differs between the routes."""

    write: Callable[[Draft, Json, str, Mapping[str, str]], None]
    """Writes the draft's body for a body, a model id and headers. Raises `ApiError`."""
    limit: str
    """The body's limit on the answer's tokens."""
    relay: type[Relay]


ROUTES = {
    "chat/completions": Route(chat.write, chat.LIMIT, ChunkRelay),
    "responses": Route(responses.write, responses.LIMIT, ResponseRelay),
}


class NativeDialect:
    """One request to the route of an operation, a key of `ROUTES`."""

    def __init__(self, operation: str, request_id: str) -> None:
        self.route = operation.replace("/", ".")
        self._operation = operation
        self._row = ROUTES[operation]
        self._request_id = request_id
        self._draft: Draft
        self._model: str
        self._include_usage: bool

    def parse(self, request: Request, catalog: Names) -> Call:
        asked = request_object(request.body)
        return self.read(asked, read_model(asked, catalog), request)

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        """The call that a body, read already, asks for; takes over the body. Raises `ApiError`."""
        self._model = target.requested
        family = family_of(target.runs)
        self._draft = draft = Draft(family)
        self._row.write(draft, asked, target.model_id, request.headers)
        self._include_usage = chat.wants_usage(asked)
        tier = fitting.fit_tier(draft.body)
        body = draft.encode()
        prompt_tokens = bounds.prompt_tokens(
            draft.body,
            len(body),
            target.context_window,
            family.image_tokens,
            stored=responses.refers_to_stored(draft.body),
        )

        def lower(tokens: int) -> bytes:
            lowering.lower_openai(draft, self._row.limit, tokens)
            return draft.encode()

        guardrail = guardrails.passed_on(request.headers)
        return Call(
            target=target,
            operation=self._operation,
            headers=[("content-type", "application/json"), ("accept", "*/*"), *guardrail],
            body=body,
            prompt_tokens=prompt_tokens,
            output_tokens=bounds.invoke_output_tokens(draft.body, target.max_output_tokens),
            service_tier=tier,
            draft=draft,
            lower=lower,
        )

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:  # noqa: ARG002
        return json_response(200, whole(body, self._reply(call)), self._headers())

    def stream(self, call: Call, headers: Headers) -> Relay:  # noqa: ARG002
        return self._row.relay(self._reply(call), self._headers())

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        return refusal(status, headers, body, self._request_id)

    def _headers(self) -> Headers:
        return shapes.OPENAI.told(self._request_id, self._draft.changes)

    def _reply(self, call: Call) -> Reply:
        ids = self._request_id.replace("-", "")
        return Reply(self._model, call.cost, ids, self._include_usage)
