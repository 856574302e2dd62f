"""Anthropic's Messages over Converse; see `router.dialects.dialect.Dialect`."""

from catalog.families import family_of
from catalog.models import Target
from catalog.names import without_window
from catalog.pricing import Usage

from router import token_estimates, usage
from router.dialects import shapes
from router.dialects.anthropic import lower_limit
from router.dialects.anthropic_messages.answer import from_converse
from router.dialects.anthropic_messages.reply import Reply
from router.dialects.anthropic_messages.request import Translation, to_converse
from router.dialects.anthropic_messages.stream import MESSAGE_STOP, MessageStream
from router.dialects.anthropic_messages.thinking import LEFT_OUT, SHOWN, SIGNED
from router.dialects.checks import Json
from router.dialects.converse.events import events_of
from router.dialects.converse.structured import Unwrapper, unwrap_answer
from router.dialects.dialect import Call
from router.dialects.over_converse import ConverseTranslator, OverConverse, answer_object
from router.errors import ApiError
from router.http import Headers, Request, Response, json_response
from router.sse import named_event


class MessagesDialect(OverConverse):
    """One Messages request."""

    route = "messages"
    envelope = shapes.ANTHROPIC

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id)
        self._model: str
        self._translation: Translation

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        self._model = without_window(target.requested)
        lowered = lower_limit(asked, target)
        self._translation = found = to_converse(asked, family_of(target.runs), request.headers)
        if lowered:
            found.draft.changes.add(lowered)
        return self._call(target, found.draft, stream=found.stream, service_tier=found.service_tier)

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:  # noqa: ARG002
        answer = answer_object(body)
        if tool := self._translation.draft.answer_tool:
            answer = unwrap_answer(answer, tool)
        if not self._translation.stream:
            reply = self._reply(call, Usage())
            return json_response(200, from_converse(answer, reply), self._headers())
        counted = usage.from_converse(answer.get("usage")) or Usage()
        stream = MessageStream(self._reply(call, counted._replace(output=0)))
        events = [stream.feed(*event) for event in events_of(answer)]
        if stream.fault is not None:
            raise stream.fault
        return self._stream_of_whole([*events, MESSAGE_STOP])

    def stream(self, call: Call, headers: Headers) -> "MessagesTranslator":  # noqa: ARG002
        draft = self._translation.draft
        expected = Usage(input=token_estimates.input_tokens(draft.body, draft.family))
        unwrapper = Unwrapper(draft.answer_tool) if draft.answer_tool else None
        stream = MessageStream(self._reply(call, expected))
        return MessagesTranslator(stream, unwrapper, [*self._headers(), token_estimates.ESTIMATED])

    def _reply(self, call: Call, expected: Usage) -> Reply:
        found = self._translation
        return Reply(
            message_id=f"msg_{self._request_id.replace('-', '')}",
            model=self._model,
            family=found.draft.family,
            cost=call.cost,
            service_tier=found.service_tier,
            tool_names=found.tool_names,
            thinking=_display(found),
            titles=found.document_titles,
            stops=found.draft.body.get("inferenceConfig", {}).get("stopSequences", ()),
            expected=expected,
        )


def _display(found: Translation) -> str:
    """How the client gets the model's reasoning.

    A Claude's goes through as it comes, as its signature is for the text beside it. Another model's that
    the client does not want to see goes along signed where it is of use, between tool calls. Without
    tools a client that never asked for thinking may take the first block for the answer.
    """
    family = found.draft.family
    if found.thinking_shown or family.messages:
        return SHOWN
    return SIGNED if family.replays and "toolConfig" in found.draft.body else LEFT_OUT


class MessagesTranslator(ConverseTranslator):
    """Converse's events as those of a message; see `router.dialects.dialect.Translator`."""

    envelope = shapes.ANTHROPIC

    def __init__(
        self, stream: MessageStream, unwrapper: Unwrapper | None, headers: Headers
    ) -> None:
        super().__init__(headers)
        self._stream = stream
        self._unwrapper = unwrapper

    def end(self) -> bytes:
        if self._stream.fault is not None:
            raise self._stream.fault
        return MESSAGE_STOP

    def fail(self, error: ApiError) -> bytes:
        return named_event("error", shapes.anthropic_error(error))

    def _feed(self, event_type: str, payload: Json) -> bytes:
        if self._unwrapper is None:
            return self._stream.feed(event_type, payload)
        events = self._unwrapper.feed(event_type, payload)
        return b"".join([self._stream.feed(*event) for event in events])
