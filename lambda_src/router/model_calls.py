"""A model call from authentication to settlement, whatever protocol its client speaks.

authenticate → parse → admit → Bedrock → translate → settle. Money is settled on every path out:
  finished, usage reported             what it cost
  refused by Bedrock, or never sent    nothing
  broken off by Bedrock in mid-stream  the most that what has come can have cost
  no usage to be had, or given up      the whole reservation, as only that is sure to cover it
"""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from catalog.models import Catalog
from catalog.pricing import Usage, cost, most
from ledger.admission import Ledger, Refused
from ledger.keys import Credential
from ledger.records import Reservation
from ledger.table import TableUnavailable
from ledger.updates import allows

from router import bedrock_errors, usage
from router.authentication import INVALID_KEY, SecretVersions, authenticate
from router.aws import Clock, Endpoint, SecretUnavailable
from router.dialects.dialect import Call, Dialect, Translator
from router.errors import ApiError, internal_error
from router.eventstream import CorruptFrame, Decoder, Frame
from router.http import Request, Response
from router.http_pool import Answer, NeverSent, SilentTooLong, UpstreamUnreachable
from router.metering import Meter, Record, log_error

MAX_BODY = 6_000_000
"""Bytes. A Function URL takes events of 6 MB, in which the body is escaped and has company."""

SETTLE_S = 20.0
"""What is left of an invocation's time when a call is given up, so that it can still be settled.

More than `SILENCE_S`, as a silent stream is looked at no more often.
"""

GRACE_S = 120
"""How long after an invocation's last instant its reservation becomes a charge."""

SILENCE_S = 15.0
"""A stream that says nothing for so long gets a sign of life."""

TABLE_RETRY_S = 1

_TIER_HEADER = "x-amzn-bedrock-service-tier"

_TOO_LARGE = (
    "The request is larger than 6 MB, the most a Lambda Function URL takes. Put large images, "
    "documents and videos into Amazon S3 and refer to them by s3Location, or send fewer at once."
)

_NO_CREDIT = (
    "This API key has not enough credit left for the most this request could cost. Lower "
    "max_tokens or shorten the prompt, or ask the owner of this router to raise the limit."
)

_CREDIT_RESERVED = (
    "This API key's remaining credit is reserved by calls in flight. Try again when they end."
)

_REFUSALS = {
    "unknown_key": ("invalid_key", INVALID_KEY),
    "model_not_allowed": ("model_not_allowed", "This API key may not use the model '{model}'."),
    "out_of_credit": ("out_of_credit", _NO_CREDIT),
    "credit_reserved": ("rate_limited", _CREDIT_RESERVED),
    "rate_limited": ("rate_limited", "This API key has reached its limit per minute."),
}


class Services(NamedTuple):
    """What serving needs from outside; one set per process."""

    secrets: SecretVersions
    ledger: Ledger
    catalog: Catalog
    bedrock_runtime: Endpoint
    bedrock: Endpoint
    clock: Clock
    meter: Meter


def identify(services: Services, request: Request) -> Credential:
    """The caller's credential. Raises `ApiError`."""
    try:
        return authenticate(request.headers, services.secrets)
    except SecretUnavailable as error:
        raise ApiError(
            "unavailable", "API keys cannot be checked just now.", retry_after=TABLE_RETRY_S
        ) from error


def table_down(error: TableUnavailable) -> ApiError:
    """What a client is told when the key table gives no answer: nothing is served unmetered."""
    return ApiError(
        "unavailable" if error.retryable else "internal",
        "The key table cannot be reached, so nothing can be charged. Try again.",
        retry_after=TABLE_RETRY_S,
    )


def refused(error: Refused, model: str) -> ApiError:
    """What a client is told when the ledger refuses."""
    kind, message = _REFUSALS[error.reason]
    return ApiError(kind, message.format(model=model), retry_after=error.retry_after)


class ModelCall:
    """One request's way through; `serve` is called once."""

    def __init__(self, services: Services, dialect: Dialect, request: Request) -> None:
        self._services = services
        self._dialect = dialect
        self._request = request
        self._record = Record(request.request_id, dialect.route, services.clock(), 0.0, 200)
        self._reservation: Reservation | None = None
        self._at_stake = 0
        self._fault: ApiError | None = None
        """What went wrong first in a stream."""

    def serve(self) -> Response:
        """The client's response; a streamed one settles as it ends."""
        try:
            return self._serve()
        except ApiError as error:
            fault = error
        except Exception as error:
            log_error(error)
            fault = internal_error()
        self._settle(self._at_stake, None)
        self._finish(fault.wire.status, fault.kind)
        return self._dialect.error(fault)

    def _serve(self) -> Response:
        credential = identify(self._services, self._request)
        self._record = self._record._replace(key_id=credential.id)
        if len(self._request.body) > MAX_BODY:
            raise ApiError("too_large", _TOO_LARGE)
        call = self._dialect.parse(self._request, self._services.catalog)
        self._record = self._record._replace(target=call.target)
        self._admit(credential, call)
        answer = self._send(call)
        is_stream = "eventstream" in (answer.header("content-type") or "")
        if call.streams and answer.status == 200 and is_stream:
            translator = self._dialect.stream(call, answer.headers)
            return Response(200, translator.headers, self._stream(call, answer, translator))
        return self._whole(call, answer)

    def _admit(self, credential: Credential, call: Call) -> None:
        ledger, target = self._services.ledger, call.target
        models = (target.requested, target.model_id)
        try:
            if call.is_free:
                if not allows(ledger.look_up(credential).allowed_models, models):
                    raise Refused("model_not_allowed")
                return
            self._reservation = ledger.admit(
                credential,
                models=models,
                amount=self._most(call, call.output_tokens),
                input_tokens=len(call.body) // 4,
                expires=int(self._request.deadline) + GRACE_S,
            )
        except Refused as error:
            raise refused(error, target.requested) from error
        except TableUnavailable as error:
            raise table_down(error) from error

    def _percent(self, tier: str) -> int:
        percents = self._services.catalog.tier_percents
        return percents.get(tier, max(percents.values()))

    def _most(self, call: Call, output_tokens: int) -> int:
        # A call that asks for a cheaper tier may be served by the default one.
        percent = max(self._percent(call.service_tier), self._percent("default"))
        return most(call.prompt_tokens, output_tokens, call.target.price, percent)

    def _send(self, call: Call) -> Answer:
        path = f"/model/{quote(call.target.model_id, safe='')}/{call.operation}"
        limit_s = self._request.deadline - self._services.clock() - SETTLE_S
        if limit_s <= 0:
            raise ApiError("deadline", "There was no time left to call the model.")
        self._at_stake = self._reservation.amount if self._reservation is not None else 0
        try:
            return self._services.bedrock_runtime.call(
                "POST", path, call.headers, call.body, limit_s=limit_s
            )
        except NeverSent as error:
            self._at_stake = 0
            raise bedrock_errors.unreachable() from error
        except UpstreamUnreachable as error:
            raise _broken(error) from error

    def _whole(self, call: Call, answer: Answer) -> Response:
        try:
            body = answer.read()
        except UpstreamUnreachable as error:
            raise _broken(error) from error
        self._record = self._record._replace(first_byte_at=self._services.clock())
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
        response = self._dialect.answer(call, answer.headers, body)
        self._finish(200, None)
        return response

    def _settle_whole(self, call: Call, answer: Answer, body: bytes) -> None:
        if call.operation == "converse":
            used, tier = usage.from_converse_body(body)
        else:
            used, tier = usage.from_invoke(answer.headers, body), None
        if used is None:
            self._settle(self._at_stake, None)
        else:
            self._settle(self._cost(call, answer, used, tier), used)

    def _cost(self, call: Call, answer: Answer, used: Usage, tier: str | None) -> int:
        served = tier or answer.header(_TIER_HEADER) or call.service_tier
        return cost(used, call.target.price, self._percent(served))

    def _stream(self, call: Call, answer: Answer, translator: Translator) -> Iterator[bytes]:
        read = usage.StreamUsage()
        ended_by_bedrock = False
        try:
            try:
                yield from self._translated(self._frames(answer, read), translator)
                ended_by_bedrock = self._fault is not None
            except UpstreamUnreachable as error:
                ended_by_bedrock = not isinstance(error, SilentTooLong)
                self._fault = self._fault or _broken(error)
            except CorruptFrame as error:
                self._fault = self._fault or _broken(error)
            except Exception as error:
                log_error(error)
                self._fault = internal_error()
            self._settle_stream(call, answer, read, ended_by_bedrock=ended_by_bedrock)
            yield self._last(translator)
        finally:
            answer.close()
            # Not settled yet means that the response was dropped, while Bedrock runs on and bills the
            # whole answer.
            self._settle_stream(call, answer, read, ended_by_bedrock=False)
            self._finish(200, self._fault.kind if self._fault is not None else None)

    def _last(self, translator: Translator) -> bytes:
        if self._fault is None:
            try:
                return translator.end()
            except ApiError as error:
                self._fault = error
        return translator.fail(self._fault)

    def _frames(self, answer: Answer, read: usage.StreamUsage) -> Iterator[list[Frame] | None]:
        """The stream's frames as they come, read for usage; None for a while of silence."""
        clock, deadline = self._services.clock, self._request.deadline - SETTLE_S
        decoder = Decoder()
        for piece in answer.pieces(SILENCE_S):
            frames = None
            if piece is not None:
                if self._record.first_byte_at is None:
                    self._record = self._record._replace(first_byte_at=clock())
                frames = decoder.feed(piece)
                for frame in frames:
                    read.read(frame)
            yield frames
            if clock() > deadline:
                raise SilentTooLong("the invocation's time is over")
        if decoder.pending:
            raise UpstreamUnreachable("the stream ended inside a frame")

    def _translated(
        self, frames_as_they_come: Iterator[list[Frame] | None], translator: Translator
    ) -> Iterator[bytes]:
        """The client's bytes up to the first fault, which is kept; the rest is read for its usage."""
        for frames in frames_as_they_come:
            if self._fault is not None:
                continue
            try:
                out = translator.silence() if frames is None else translator.translate(frames)
            except ApiError as error:
                self._fault, out = error, b""
            if out:
                yield out
            self._fault = self._fault or bedrock_errors.first_fault(frames or ())

    def _settle_stream(
        self, call: Call, answer: Answer, read: usage.StreamUsage, *, ended_by_bedrock: bool
    ) -> None:
        if read.usage is not None:
            self._settle(self._cost(call, answer, read.usage, read.service_tier), read.usage)
        elif ended_by_bedrock:
            self._settle(self._most(call, read.streamed), None)
        else:
            self._settle(self._at_stake, None)

    def _settle(self, amount: int, used: Usage | None) -> None:
        """Charges the call once; later calls change nothing."""
        reservation, self._reservation = self._reservation, None
        if reservation is None:
            return
        # A bound taken in place of reported usage never charges more than was reserved.
        charged = amount if used is not None else min(amount, reservation.amount)
        self._record = self._record._replace(
            usage=used, cost=charged, estimated=used is None and charged > 0
        )
        try:
            self._services.ledger.settle(
                reservation, cost=charged, tokens=used.total if used is not None else 0
            )
        except TableUnavailable:
            # The reservation expires into a charge, so the money is not lost; the record says so.
            self._record = self._record._replace(cost=reservation.amount, estimated=True)

    def _finish(self, status: int, error: str | None) -> None:
        self._services.meter(
            self._record._replace(status=status, error=error, ended_at=self._services.clock())
        )


def _broken(error: Exception) -> ApiError:
    if isinstance(error, SilentTooLong):
        return ApiError("deadline", "The model did not finish within the router's 15 minutes.")
    return ApiError("bad_upstream", "Bedrock's answer broke off.")
