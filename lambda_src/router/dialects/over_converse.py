"""A protocol over Converse: what a request and its answer go through in each of them.

See `router.dialects.dialect` for the interface that this is one half of.
"""

import json
from abc import abstractmethod

from catalog.arns import is_stored_prompt
from catalog.models import Target

from router import bedrock_errors, bounds
from router.dialects import lowering
from router.dialects.checks import Json, request_object
from router.dialects.converse.draft import Draft
from router.dialects.converse.events import content_of
from router.dialects.dialect import Call, Names
from router.dialects.model_ids import read_model
from router.dialects.shapes import Envelope
from router.eventstream import Frame
from router.http import Headers, Request, Response
from router.sse import STREAM_HEADERS


def answer_object(body: bytes) -> Json:
    """A whole answer of Bedrock's, which holds a message. Raises `ApiError`."""
    try:
        answer: Json = json.loads(body)
    except (ValueError, RecursionError):
        answer = {}
    content_of(answer)
    return answer


class OverConverse:
    """One request. A dialect adds `read`, `answer` and `stream`."""

    envelope: Envelope

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self._draft: Draft

    def parse(self, request: Request, catalog: Names) -> Call:
        asked = request_object(request.body)
        return self.read(asked, read_model(asked, catalog), request)

    @abstractmethod
    def read(self, asked: Json, target: Target, request: Request) -> Call:
        """The call that a body, read already, asks for. Raises `ApiError`."""

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        error = bedrock_errors.from_answer(status, headers, body)
        return self.envelope.refused(error, self._request_id)

    def _call(self, target: Target, draft: Draft, *, stream: bool, service_tier: str) -> Call:
        self._draft = draft
        family, body = draft.family, draft.encode()

        def lower(tokens: int) -> bytes:
            lowering.lower_converse(draft, tokens)
            return draft.encode()

        streams = stream and (family.streamed_tools or "toolConfig" not in draft.body)
        return Call(
            target=target,
            operation="converse-stream" if streams else "converse",
            headers=[("content-type", "application/json"), ("accept", "*/*")],
            body=body,
            prompt_tokens=bounds.prompt_tokens(
                draft.body,
                len(body),
                target.context_window,
                family.image_tokens,
                stored=is_stored_prompt(target.model_id),
            ),
            output_tokens=bounds.converse_output_tokens(draft.body, target.max_output_tokens),
            service_tier=service_tier,
            draft=draft,
            lower=lower,
        )

    def _headers(self) -> Headers:
        return self.envelope.told(self._request_id, self._draft.changes)

    def _stream_of_whole(self, events: list[bytes]) -> Response:
        """The stream that a client wants of a model that gave its answer in one piece."""
        return Response(200, [*STREAM_HEADERS, *self._headers()], b"".join(events))


class ConverseTranslator:
    """Converse's frames as server-sent events. A dialect adds `_feed`, `end` and `fail`."""

    envelope: Envelope

    def __init__(self, headers: Headers) -> None:
        self.headers: Headers = [*STREAM_HEADERS, *headers]

    def translate(self, events: list[Frame]) -> bytes:
        return b"".join(
            [
                self._feed(str(frame.headers.get(":event-type")), json.loads(frame.payload))
                for frame in events
                if frame.headers.get(":message-type") == "event"
            ]
        )

    def silence(self) -> bytes:
        return self.envelope.sign_of_life

    @abstractmethod
    def _feed(self, event_type: str, payload: Json) -> bytes:
        """What to send for one event."""
