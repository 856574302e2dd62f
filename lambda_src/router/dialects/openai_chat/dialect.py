"""OpenAI's Chat Completions over Converse; see `router.dialects.dialect.Dialect`."""

import json

from catalog.families import family_of
from catalog.models import Catalog

from router import bedrock_errors, bounds
from router.dialects import shapes
from router.dialects.checks import name, request_object
from router.dialects.dialect import Call
from router.dialects.openai_chat.answer import from_converse
from router.dialects.openai_chat.request import Translation, to_converse
from router.dialects.openai_chat.stream import DONE, KEEP_ALIVE, ChunkStream, sse
from router.errors import ApiError
from router.eventstream import Frame
from router.http import Headers, Request, Response, json_response


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
        self._model = name(asked.get("model"), "model")
        target = catalog.resolve(self._model)
        self._translation = translation = to_converse(asked, family_of(target.model_id))
        draft = translation.draft
        body = json.dumps(draft.body, ensure_ascii=False, separators=(",", ":")).encode()
        return Call(
            target=target,
            operation="converse-stream" if translation.stream else "converse",
            headers=[("content-type", "application/json"), ("accept", "*/*")],
            body=body,
            prompt_tokens=bounds.prompt_tokens(draft.body, len(body), target.context_window),
            output_tokens=bounds.converse_output_tokens(draft.body, target.max_output_tokens),
        )

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:  # noqa: ARG002
        completion = from_converse(
            json.loads(body),
            completion_id=self._completion_id,
            created=self._created,
            model=self._model,
            tool_names=self._translation.tool_names,
        )
        return json_response(200, completion, self._headers())

    def stream(self, call: Call, headers: Headers) -> "ChatTranslator":  # noqa: ARG002
        chunks = ChunkStream(
            completion_id=self._completion_id,
            created=self._created,
            model=self._model,
            tool_names=self._translation.tool_names,
            include_usage=self._translation.include_usage,
        )
        return ChatTranslator(chunks, self._headers())

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        return self.error(bedrock_errors.from_answer(status, headers, body))

    def error(self, error: ApiError) -> Response:
        response = shapes.openai_response(error)
        response.headers.append(("x-request-id", self._request_id))
        return response

    def _headers(self) -> Headers:
        headers = [("x-request-id", self._request_id)]
        if changes := self._translation.draft.changes:
            headers.append(("x-bedrockrouter-changes", "; ".join(sorted(changes))))
        return headers


class ChatTranslator:
    """Converse's events as server-sent chunks; see `router.dialects.dialect.Translator`."""

    def __init__(self, chunks: ChunkStream, headers: Headers) -> None:
        self._chunks = chunks
        self.headers: Headers = [
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-cache"),
            *headers,
        ]

    def translate(self, frames: list[Frame]) -> bytes:
        return b"".join(
            [
                sse(chunk)
                for frame in frames
                if frame.headers.get(":message-type") == "event"
                for chunk in self._chunks.feed(
                    str(frame.headers.get(":event-type")), json.loads(frame.payload)
                )
            ]
        )

    def silence(self) -> bytes:
        return KEEP_ALIVE

    def end(self) -> bytes:
        if self._chunks.fault is not None:
            raise self._chunks.fault
        return DONE

    def fail(self, error: ApiError) -> bytes:
        return sse(shapes.openai_error(error))
