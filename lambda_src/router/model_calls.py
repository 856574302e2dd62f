"""A model call from admission to settlement, whatever protocol its client speaks.

parse → admit → fetch media → Bedrock → translate → settle. Money is settled on every path out:
  finished, usage reported             what it cost
  refused by Bedrock, or never sent    nothing
  broken off by Bedrock in mid-stream  the most that what has come can have cost
  no usage to be had, or given up      the whole reservation, as only that is sure to cover it; so
                                       too where what has come does not tell what was produced
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from catalog.families import UNKNOWN, family_of
from catalog.pricing import Usage
from ledger.keys import Credential

from router import bedrock_errors, bounds, usage
from router.answer_streams import AnswerStream, stream_of
from router.dialects.converse import media
from router.dialects.dialect import OPENAI_OPERATIONS, Call, Dialect, Translator
from router.errors import ApiError, internal_error
from router.eventstream import CorruptFrame
from router.http import Request, Response
from router.http_pool import Answer, NeverSent, SilentTooLong, UpstreamUnreachable
from router.metered_call import SETTLE_S, MeteredCall, Services
from router.metering import log_error

SILENCE_S = 15.0
"""A stream that says nothing for so long gets a sign of life."""

FETCH_S = 20.0
"""The most that fetching the media a request refers to may take, all together."""


class ModelCall(MeteredCall):
    """One request that calls a model once."""

    def __init__(self, services: Services, dialect: Dialect, request: Request) -> None:
        super().__init__(services, request, dialect.route)
        self._dialect = dialect
        self._fault: ApiError | None = None
        """What went wrong first in a stream."""

    def _serve(self, credential: Credential) -> Response:
        call = self._read_for(credential, partial(self._dialect.parse, self._request))
        call = self._admit(credential, call)
        answer = self._send(self._with_media(call))
        call = _as_served(call, answer)
        stream = stream_of(answer) if answer.status == 200 else None
        if stream is not None:
            translator = self._dialect.stream(call, answer.headers)
            return Response(200, translator.headers, self._stream(call, answer, stream, translator))
        return self._whole(call, answer)

    def _with_media(self, call: Call) -> Call:
        """The call with the media that its request only refers to. Raises `ApiError`."""
        # After admission: only a key that may call the model makes the router fetch anything.
        if call.draft is None or not call.draft.remote:
            return call
        limit_s = min(FETCH_S, self._seconds_left())
        wanted = [(remote.url, remote.where) for remote in call.draft.remote]
        media.attach(call.draft.remote, self._services.fetcher.fetch_all(wanted, limit_s=limit_s))
        return call._replace(body=call.draft.encode())

    def _send(self, call: Call) -> Answer:
        limit_s = self._seconds_left()
        self._stake()
        try:
            return self._services.bedrock_runtime.call(
                "POST", call.path, call.headers, call.body, limit_s=limit_s
            )
        except NeverSent as error:
            self._at_stake = 0
            raise bedrock_errors.unreachable() from error
        except UpstreamUnreachable as error:
            raise broken(error) from error

    def _whole(self, call: Call, answer: Answer) -> Response:
        try:
            body = answer.read()
        except UpstreamUnreachable as error:
            raise broken(error) from error
        if bedrock_errors.is_unknown_operation(body):
            self._at_stake = 0
            raise bedrock_errors.unknown_operation()
        if answer.status != 200:
            kind = bedrock_errors.from_answer(answer.status, answer.headers, body).kind
            self._settle(0, None)
            response = self._dialect.refusal(answer.status, answer.headers, body)
            self._finish(response.status, kind)
            return response
        self._settle_whole(call, answer, body)
        # It may be more than the usage costs: a settlement that the table has not confirmed.
        charged = call._replace(charged=self._record.cost)
        response = self._dialect.answer(charged, answer.headers, body)
        self._finish(200, None)
        return response

    def _settle_whole(self, call: Call, answer: Answer, body: bytes) -> None:
        if call.operation == "converse":
            used, tier = usage.from_converse_body(body)
        elif call.operation in OPENAI_OPERATIONS:
            used, tier = usage.from_openai_body(body)
        else:
            used, tier = usage.from_invoke(answer.headers, body), None
        if used is None:
            self._settle(self._at_stake, None)
        else:
            self._settle_used(call, used, tier)

    def _settle_used(self, call: Call, used: Usage, tier: str | None) -> None:
        """Charges what Bedrock says the call used in that tier."""
        self._record = self._record._replace(cache_savings=call.cache_savings(used, tier))
        self._settle(call.cost(used, tier), used)

    def _stream(
        self, call: Call, answer: Answer, stream: AnswerStream, translator: Translator
    ) -> Iterator[bytes]:
        ended_by_bedrock = False
        try:
            try:
                yield from self._translated(answer, stream, translator)
                ended_by_bedrock = self._fault is not None
            except UpstreamUnreachable as error:
                ended_by_bedrock = not isinstance(error, SilentTooLong)
                self._fault = self._fault or broken(error)
            except CorruptFrame as error:
                self._fault = self._fault or broken(error)
            except Exception as error:
                log_error(error)
                self._fault = internal_error()
            self._settle_stream(call, stream, ended_by_bedrock=ended_by_bedrock)
            yield self._last(translator)
        finally:
            answer.close()
            # Not settled yet means that the response was dropped, while Bedrock runs on and bills the
            # whole answer.
            self._settle_stream(call, stream, ended_by_bedrock=False)
            self._finish(200, self._fault.kind if self._fault is not None else None)

    def _last(self, translator: Translator) -> bytes:
        if self._fault is None:
            try:
                return translator.end()
            except ApiError as error:
                self._fault = error
        return translator.fail(self._fault)

    def _events(self, answer: Answer, stream: AnswerStream) -> Iterator[list[Any] | None]:
        """The stream's events as they come; None for a while of silence."""
        clock, deadline = self._services.clock, self._request.deadline - SETTLE_S
        for piece in answer.pieces(SILENCE_S):
            events = None
            if piece is not None:
                events = stream.feed(piece)
                if self._record.first_token_at is None and stream.has_token(events):
                    self._record = self._record._replace(first_token_at=clock())
            yield events
            if clock() > deadline:
                raise SilentTooLong("the invocation's time is over")
        if stream.pending:
            raise UpstreamUnreachable("the stream ended inside an event")

    def _translated(
        self, answer: Answer, stream: AnswerStream, translator: Translator
    ) -> Iterator[bytes]:
        """The client's bytes up to the first fault, which is kept; the rest is read for its usage."""
        clock = self._services.clock
        told_at = clock()
        for events in self._events(answer, stream):
            if self._fault is not None:
                continue
            try:
                out = b"" if events is None else translator.translate(events)
            except ApiError as error:
                self._fault, out = error, b""
            # A model may say a lot that the client is not told, such as its reasoning.
            if not out and (events is None or clock() - told_at >= SILENCE_S):
                out = translator.silence()
            if out:
                yield out
                told_at = clock()
            self._fault = self._fault or stream.fault(events or ())

    def _settle_stream(self, call: Call, stream: AnswerStream, *, ended_by_bedrock: bool) -> None:
        if stream.usage is not None:
            self._settle_used(call, stream.usage, stream.service_tier)
        elif ended_by_bedrock and stream.streamed is not None and not _reasons_unseen(call):
            most = call.target.most(call.prompt_tokens, stream.streamed, call.service_tier)
            self._settle(most, None)
        else:
            self._settle(self._at_stake, None)


def _as_served(call: Call, answer: Answer) -> Call:
    """The call in the tier that an answer's headers say served it; the answer itself may name none."""
    tier = usage.tier_at(answer.header(usage.LATENCY_HEADER), answer.header(usage.TIER_HEADER))
    return call if tier is None else call._replace(service_tier=tier)


def _reasons_unseen(call: Call) -> bool:
    """Whether what came of an answer may be less than what was billed for it."""
    family = family_of(call.target.runs)
    # Behind an ARN that does not tell its model may be any.
    if family.hides_reasoning or family is UNKNOWN:
        return True
    return family.abridges_reasoning and bounds.asks_reasoning(json.loads(call.body))


def broken(error: Exception) -> ApiError:
    """What a client is told when an answer of Bedrock's does not come to its end."""
    if isinstance(error, SilentTooLong):
        return ApiError("deadline", "The model did not finish within the router's 15 minutes.")
    return ApiError("bad_upstream", "Bedrock's answer broke off.")
