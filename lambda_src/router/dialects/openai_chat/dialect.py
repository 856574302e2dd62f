"""OpenAI's Chat Completions over Converse; see `router.dialects.dialect.Dialect`."""

from catalog.families import family_of
from catalog.models import Target

from router.dialects import shapes
from router.dialects.checks import Json
from router.dialects.converse.events import events_of
from router.dialects.converse.structured import Unwrapper, unwrap_answer
from router.dialects.dialect import Call
from router.dialects.openai_chat.answer import from_converse
from router.dialects.openai_chat.reply import Reply
from router.dialects.openai_chat.request import Translation, to_converse
from router.dialects.openai_chat.stream import ChunkStream
from router.dialects.over_converse import ConverseTranslator, OverConverse, answer_object
from router.errors import ApiError
from router.http import Headers, Request, Response, json_response
from router.sse import DONE, data_event


class ChatDialect(OverConverse):
    """One Chat Completions request; `now` is in epoch seconds."""

    route = "chat.completions"
    envelope = shapes.OPENAI

    def __init__(self, request_id: str, now: float) -> None:
        super().__init__(request_id)
        self._created = int(now)
        self._model: str
        self._translation: Translation

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        self._model = target.requested
        self._translation = found = to_converse(asked, family_of(target.runs), request.headers)
        return self._call(target, found.draft, stream=found.stream, service_tier=found.service_tier)

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:  # noqa: ARG002
        answer = answer_object(body)
        if tool := self._translation.draft.answer_tool:
            answer = unwrap_answer(answer, tool)
        reply = self._reply(call)
        if not self._translation.stream:
            return json_response(200, from_converse(answer, reply), self._headers())
        chunks = ChunkStream(reply)
        events = [data_event(chunk) for event in events_of(answer) for chunk in chunks.feed(*event)]
        if chunks.fault is not None:
            raise chunks.fault
        return self._stream_of_whole([*events, DONE])

    def stream(self, call: Call, headers: Headers) -> "ChatTranslator":  # noqa: ARG002
        tool = self._translation.draft.answer_tool
        unwrapper = Unwrapper(tool) if tool else None
        return ChatTranslator(ChunkStream(self._reply(call)), unwrapper, self._headers())

    def _reply(self, call: Call) -> Reply:
        translation = self._translation
        return Reply(
            completion_id=f"chatcmpl-{self._request_id}",
            created=self._created,
            model=self._model,
            family=translation.draft.family.name,
            cost=call.cost,
            service_tier=translation.service_tier,
            tool_names=translation.tool_names,
            custom_tools=translation.custom_tools,
            legacy=translation.legacy,
            hides_reasoning=translation.hides_reasoning,
            include_usage=translation.include_usage,
            changes=translation.draft.changes,
        )


class ChatTranslator(ConverseTranslator):
    """Converse's events as server-sent chunks; see `router.dialects.dialect.Translator`."""

    envelope = shapes.OPENAI

    def __init__(self, chunks: ChunkStream, unwrapper: Unwrapper | None, headers: Headers) -> None:
        super().__init__(headers)
        self._chunks = chunks
        self._unwrapper = unwrapper

    def end(self) -> bytes:
        if self._chunks.fault is not None:
            raise self._chunks.fault
        return DONE

    def fail(self, error: ApiError) -> bytes:
        return data_event(shapes.openai_error(error))

    def _feed(self, event_type: str, payload: Json) -> bytes:
        if self._unwrapper is None:
            chunks = self._chunks.feed(event_type, payload)
        else:
            unwrapped = self._unwrapper.feed(event_type, payload)
            chunks = [chunk for event in unwrapped for chunk in self._chunks.feed(*event)]
        return b"".join([data_event(chunk) for chunk in chunks])
