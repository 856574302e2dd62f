"""Claude's Messages relayed to InvokeModel; see `router.dialects.dialect.Dialect`."""

from functools import partial

from catalog.models import Target
from catalog.names import without_window
from ledger.money import to_usd

from router import bedrock_errors, bounds, usage
from router.dialects.anthropic_native.fitting import lower
from router.dialects.anthropic_native.relay import MessagesRelay
from router.dialects.anthropic_native.request import Translation, to_invoke
from router.dialects.checks import Json, request_object, upstream_object
from router.dialects.dialect import Call, Names
from router.dialects.model_ids import read_model
from router.dialects.shapes import ANTHROPIC
from router.http import Headers, Request, Response, json_response


class NativeMessagesDialect:
    """One Messages request to a Claude."""

    route = "messages"

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self._model: str
        self._translation: Translation

    def parse(self, request: Request, catalog: Names) -> Call:
        asked = request_object(request.body)
        return self.read(asked, read_model(asked, catalog), request)

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        """The call that a body, read already, asks for; takes over the body. Raises `ApiError`."""
        self._model = without_window(target.requested)
        self._translation = found = to_invoke(asked, target, request.headers)
        draft = found.draft
        body = draft.encode()
        return Call(
            target=target,
            operation="invoke-with-response-stream" if found.stream else "invoke",
            headers=[("content-type", "application/json"), ("accept", "*/*"), *found.headers],
            body=body,
            prompt_tokens=bounds.prompt_tokens(
                draft.body, len(body), target.context_window, draft.family.image_tokens
            ),
            output_tokens=bounds.invoke_output_tokens(draft.body, target.max_output_tokens),
            service_tier=found.service_tier,
            draft=draft,
            lower=partial(lower, draft),
        )

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:
        answer = upstream_object(body)
        # Claude Code drops the thinking of what another model than it asked for has said.
        answer["model"] = self._model
        used, told = usage.from_invoke(headers, body), answer.get("usage")
        if used is not None and isinstance(told, dict):
            told["cost"] = to_usd(call.cost(used, None))
        return json_response(200, answer, self._headers())

    def stream(self, call: Call, headers: Headers) -> MessagesRelay:  # noqa: ARG002
        cost = partial(call.cost, served_tier=None)
        return MessagesRelay(self._headers(), self._model, cost)

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        error = bedrock_errors.from_answer(status, headers, body)
        return ANTHROPIC.refused(error, self._request_id)

    def _headers(self) -> Headers:
        return ANTHROPIC.told(self._request_id, self._translation.draft.changes)
