"""OpenAI's Responses over Converse; see `router.dialects.dialect.Dialect`."""

import json

from catalog.families import family_of
from catalog.models import Catalog, Target

from router import bedrock_errors, bounds
from router.dialects import shapes
from router.dialects.checks import Json, request_object
from router.dialects.converse.events import events_of
from router.dialects.dialect import Call
from router.dialects.model_ids import read_model
from router.dialects.openai import STREAM_HEADERS, answer_object, told_headers
from router.dialects.openai_responses.request import Translation, to_converse
from router.dialects.openai_responses.stream import ResponseStream, Wanted
from router.errors import ApiError
from router.eventstream import Frame
from router.http import Headers, Request, Response, json_response
from router.sse import KEEP_ALIVE


class ResponsesDialect:
    """One Responses request; `now` is in epoch seconds."""

    route = "responses"

    def __init__(self, request_id: str, now: float) -> None:
        self._request_id = request_id
        self._created = int(now)
        self._translation: Translation

    def parse(self, request: Request, catalog: Catalog) -> Call:
        asked = request_object(request.body)
        return self.read(asked, read_model(asked, catalog), request)

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        """The call that a body, read already, asks for. Raises `ApiError`."""
        family = family_of(target.model_id)
        self._translation = translation = to_converse(asked, family, request.headers)
        draft = translation.draft
        body = draft.encode()
        streams = translation.stream and (family.streamed_tools or "toolConfig" not in draft.body)
        return Call(
            target=target,
            operation="converse-stream" if streams else "converse",
            headers=[("content-type", "application/json"), ("accept", "*/*")],
            body=body,
            prompt_tokens=bounds.prompt_tokens(
                draft.body, len(body), target.context_window, family.image_tokens
            ),
            output_tokens=bounds.converse_output_tokens(draft.body, target.max_output_tokens),
            service_tier=translation.service_tier,
            draft=draft if draft.remote else None,
        )

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:  # noqa: ARG002
        stream = self._stream(call)
        events = [stream.feed(*event) for event in events_of(answer_object(body))]
        if stream.fault is not None:
            raise stream.fault
        last, response = stream.finish()
        if not self._translation.stream:
            return json_response(200, response, self._headers())
        # A stream of a model that gives none.
        return Response(200, [*STREAM_HEADERS, *self._headers()], b"".join([*events, last]))

    def stream(self, call: Call, headers: Headers) -> "ResponsesTranslator":  # noqa: ARG002
        return ResponsesTranslator(self._stream(call), self._headers())

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        return self.error(bedrock_errors.from_answer(status, headers, body))

    def error(self, error: ApiError) -> Response:
        response = shapes.openai_response(error)
        response.headers.append(("x-request-id", self._request_id))
        return response

    def _stream(self, call: Call) -> ResponseStream:
        translation = self._translation
        ids = self._request_id.replace("-", "")
        response = {"id": f"resp_{ids}", "created_at": self._created, **translation.response}
        return ResponseStream(
            Wanted(
                response,
                ids,
                translation.tools,
                translation.draft.family.name,
                translation.summary,
                translation.draft.answer_tool,
                call.cost,
            )
        )

    def _headers(self) -> Headers:
        return told_headers(self._request_id, self._translation.draft)


class ResponsesTranslator:
    """Converse's events as a response's; see `router.dialects.dialect.Translator`."""

    def __init__(self, stream: ResponseStream, headers: Headers) -> None:
        self._stream = stream
        self.headers: Headers = [*STREAM_HEADERS, *headers]

    def translate(self, events: list[Frame]) -> bytes:
        return b"".join(
            [
                self._stream.feed(str(frame.headers.get(":event-type")), json.loads(frame.payload))
                for frame in events
                if frame.headers.get(":message-type") == "event"
            ]
        )

    def silence(self) -> bytes:
        return KEEP_ALIVE

    def end(self) -> bytes:
        if self._stream.fault is not None:
            raise self._stream.fault
        return self._stream.finish()[0]

    def fail(self, error: ApiError) -> bytes:
        return self._stream.fail(error)
