"""OpenAI's Responses over Converse; see `router.dialects.dialect.Dialect`."""

from catalog.families import family_of
from catalog.models import Target

from router.dialects import shapes
from router.dialects.checks import Json
from router.dialects.converse.events import events_of
from router.dialects.dialect import Call
from router.dialects.openai_responses.request import Translation, to_converse
from router.dialects.openai_responses.stream import ResponseStream, Wanted
from router.dialects.over_converse import ConverseTranslator, OverConverse, answer_object
from router.errors import ApiError
from router.http import Headers, Request, Response, json_response


class ResponsesDialect(OverConverse):
    """One Responses request; `now` is in epoch seconds."""

    route = "responses"
    envelope = shapes.OPENAI

    def __init__(self, request_id: str, now: float) -> None:
        super().__init__(request_id)
        self._created = int(now)
        self._translation: Translation

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        self._translation = found = to_converse(asked, family_of(target.runs), request.headers)
        return self._call(target, found.draft, stream=found.stream, service_tier=found.service_tier)

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:  # noqa: ARG002
        stream = self._stream(call)
        events = [stream.feed(*event) for event in events_of(answer_object(body))]
        if stream.fault is not None:
            raise stream.fault
        last, response = stream.finish()
        if self._translation.stream:
            return self._stream_of_whole([*events, last])
        return json_response(200, response, self._headers())

    def stream(self, call: Call, headers: Headers) -> "ResponsesTranslator":  # noqa: ARG002
        return ResponsesTranslator(self._stream(call), self._headers())

    def _stream(self, call: Call) -> ResponseStream:
        found = self._translation
        ids = self._request_id.replace("-", "")
        wanted = Wanted(
            response={"id": f"resp_{ids}", "created_at": self._created, **found.response},
            ids=ids,
            tools=found.tools,
            family=found.draft.family.name,
            summary=found.summary,
            answer_tool=found.draft.answer_tool,
            price=call.cost,
        )
        return ResponseStream(wanted)


class ResponsesTranslator(ConverseTranslator):
    """Converse's events as a response's; see `router.dialects.dialect.Translator`."""

    envelope = shapes.OPENAI

    def __init__(self, stream: ResponseStream, headers: Headers) -> None:
        super().__init__(headers)
        self._stream = stream

    def end(self) -> bytes:
        if self._stream.fault is not None:
            raise self._stream.fault
        return self._stream.finish()[0]

    def fail(self, error: ApiError) -> bytes:
        return self._stream.fail(error)

    def _feed(self, event_type: str, payload: Json) -> bytes:
        return self._stream.feed(event_type, payload)
