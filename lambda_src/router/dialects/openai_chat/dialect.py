"""OpenAI's Chat Completions over Converse; see `router.dialects.dialect.Dialect`."""

import json

from catalog.families import family_of
from catalog.models import Catalog, Target

from router import bedrock_errors, bounds
from router.dialects import shapes
from router.dialects.checks import Json, request_object
from router.dialects.converse.events import events_of
from router.dialects.converse.structured import Unwrapper, unwrap_answer
from router.dialects.dialect import Call
from router.dialects.model_ids import read_model
from router.dialects.openai import STREAM_HEADERS, answer_object, told_headers
from router.dialects.openai_chat.answer import from_converse
from router.dialects.openai_chat.reply import Reply
from router.dialects.openai_chat.request import Translation, to_converse
from router.dialects.openai_chat.stream import ChunkStream
from router.errors import ApiError
from router.eventstream import Frame
from router.http import Headers, Request, Response, json_response
from router.sse import DONE, KEEP_ALIVE, data_event


class ChatDialect:
    """One Chat Completions request; `now` is in epoch seconds."""

    route = "chat.completions"

    def __init__(self, request_id: str, now: float) -> None:
        self._request_id = request_id
        self._completion_id = f"chatcmpl-{request_id}"
        self._created = int(now)
        self._model: str
        self._translation: Translation

    def parse(self, request: Request, catalog: Catalog) -> Call:
        asked = request_object(request.body)
        return self.read(asked, read_model(asked, catalog), request)

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        """The call that a body, read already, asks for. Raises `ApiError`."""
        self._model = target.requested
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
        answer = answer_object(body)
        if tool := self._translation.draft.answer_tool:
            answer = unwrap_answer(answer, tool)
        reply = self._reply(call)
        if not self._translation.stream:
            return json_response(200, from_converse(answer, reply), self._headers())
        # A stream of a model that gives none.
        chunks = ChunkStream(reply)
        events = [data_event(chunk) for event in events_of(answer) for chunk in chunks.feed(*event)]
        if chunks.fault is not None:
            raise chunks.fault
        return Response(200, [*STREAM_HEADERS, *self._headers()], b"".join([*events, DONE]))

    def stream(self, call: Call, headers: Headers) -> "ChatTranslator":  # noqa: ARG002
        tool = self._translation.draft.answer_tool
        unwrapper = Unwrapper(tool) if tool else None
        return ChatTranslator(ChunkStream(self._reply(call)), unwrapper, self._headers())

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        return self.error(bedrock_errors.from_answer(status, headers, body))

    def error(self, error: ApiError) -> Response:
        response = shapes.openai_response(error)
        response.headers.append(("x-request-id", self._request_id))
        return response

    def _reply(self, call: Call) -> Reply:
        translation = self._translation
        return Reply(
            completion_id=self._completion_id,
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

    def _headers(self) -> Headers:
        return told_headers(self._request_id, self._translation.draft)


class ChatTranslator:
    """Converse's events as server-sent chunks; see `router.dialects.dialect.Translator`."""

    def __init__(self, chunks: ChunkStream, unwrapper: Unwrapper | None, headers: Headers) -> None:
        self._chunks = chunks
        self._unwrapper = unwrapper
        self.headers: Headers = [*STREAM_HEADERS, *headers]

    def translate(self, events: list[Frame]) -> bytes:
        return b"".join(
            [
                data_event(chunk)
                for frame in events
                if frame.headers.get(":message-type") == "event"
                for chunk in self._feed(
                    str(frame.headers.get(":event-type")), json.loads(frame.payload)
                )
            ]
        )

    def _feed(self, event_type: str, payload: Json) -> list[Json]:
        if self._unwrapper is None:
            return self._chunks.feed(event_type, payload)
        unwrapped = self._unwrapper.feed(event_type, payload)
        return [chunk for event in unwrapped for chunk in self._chunks.feed(*event)]

    def silence(self) -> bytes:
        return KEEP_ALIVE

    def end(self) -> bytes:
        if self._chunks.fault is not None:
            raise self._chunks.fault
        return DONE

    def fail(self, error: ApiError) -> bytes:
        return data_event(shapes.openai_error(error))
