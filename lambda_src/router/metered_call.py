"""What every paid request goes through, whatever it asks of Bedrock and how often.

authenticate → admit → … → settle → finish. A reservation is settled exactly once on every path out.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from catalog.models import Catalog
from catalog.pricing import Usage
from ledger.admission import Ledger, Refused
from ledger.keys import Credential
from ledger.money import to_usd
from ledger.records import KeyRecord, RateLimits, Reservation
from ledger.table import TableUnavailable
from ledger.updates import allows
from ledger.usage import Counts

from router.authentication import INVALID_KEY, SecretVersions, authenticate
from router.aws import Clock, Endpoint, SecretUnavailable
from router.dialects.checks import clipped
from router.dialects.dialect import Call, Names
from router.dialects.shapes import envelope_of
from router.errors import ApiError, internal_error
from router.fetching import Fetcher
from router.http import Request, Response
from router.inference_profiles import AskingNames, HiddenModel, InferenceProfiles
from router.metering import Meter, Record, log_error

MAX_BODY = 6_000_000
"""Bytes. A Function URL takes events of 6 MB, in which the body is escaped and has company."""

SETTLE_S = 20.0
"""What is left of an invocation's time when a call is given up, so that it can still be settled.

More than `model_calls.SILENCE_S`, as a silent stream is looked at no more often.
"""

GRACE_S = 120
"""How long after an invocation's last instant its reservation becomes a charge."""

TABLE_RETRY_S = 1

COST = "x-bedrockrouter-cost-usd"
"""The response header that tells what a call was charged, where that is known before its answer
begins: for all but streams, whose last events tell it."""

_TOO_LARGE = (
    "The request is larger than 6 MB, the most a Lambda Function URL takes. Put large images, "
    "documents and videos into Amazon S3 and refer to them by s3Location, or send fewer at once."
)

_NO_CREDIT = (
    "This API key has not enough credit left for this request. Shorten the prompt, or ask the owner "
    "of this router to raise the limit."
)

_CREDIT_RESERVED = (
    "This API key's remaining credit is reserved by calls in flight. Try again when they end."
)

_REFUSALS = {
    "unknown_key": ("invalid_key", INVALID_KEY),
    "model_not_allowed": ("model_not_allowed", "This API key may not use the model '{model}'."),
    "out_of_credit": ("out_of_credit", _NO_CREDIT),
    "credit_reserved": ("credit_reserved", _CREDIT_RESERVED),
    "rate_limited": ("rate_limited", "This API key has reached its limit per minute."),
}


_Found = TypeVar("_Found")


class Services(NamedTuple):
    """What serving needs from outside; one set per process."""

    secrets: SecretVersions
    ledger: Ledger
    catalog: Catalog
    bedrock_runtime: Endpoint
    bedrock_runtime_lanes: Sequence[Endpoint]
    """The same and others, with a connection each, for calls that are made side by side."""
    bedrock: Endpoint
    profiles: InferenceProfiles
    fetcher: Fetcher
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
    return ApiError(kind, message.format(model=clipped(model)), retry_after=error.retry_after)


def look_up(services: Services, request: Request) -> KeyRecord:
    """The caller's key, which is valid and active, for what costs nothing. Raises `ApiError`."""
    return holder(services, identify(services, request))


def holder(services: Services, credential: Credential) -> KeyRecord:
    """The key of a credential, which is valid and active. Raises `ApiError`."""
    try:
        return services.ledger.look_up(credential)
    except Refused as error:
        raise refused(error, "") from error
    except TableUnavailable as error:
        raise table_down(error) from error


class MeteredCall:
    """One paid request; `serve` is called once. The parts that differ are the subclass's."""

    def __init__(self, services: Services, request: Request, route: str) -> None:
        self._services = services
        self._request = request
        self._record = Record(request.request_id, route, services.clock(), 0.0, 200)
        self._envelope = envelope_of(request.path, request.headers)
        self._rate_limits: RateLimits | None = None
        self._admitted = False
        self._reservation: Reservation | None = None
        self._at_stake = 0
        """What is charged if it ends now and nothing more is known."""

    @abstractmethod
    def _serve(self, credential: Credential) -> Response:
        """The response; it has settled and finished, or does when its stream ends."""

    def serve(self) -> Response:
        """The client's response; never raises."""
        response = self._served()
        if self._rate_limits is not None:
            now = int(self._services.clock())
            told = self._envelope.rate_limits(self._rate_limits, now)
            response.headers = [*response.headers, *told]
        if self._admitted and self._reservation is None:
            response.headers = [*response.headers, (COST, to_usd(self._record.cost))]
        return response

    def _served(self) -> Response:
        try:
            credential = identify(self._services, self._request)
            self._record = self._record._replace(key_id=credential.id)
            if len(self._request.body) > MAX_BODY:
                raise ApiError("too_large", _TOO_LARGE)
            return self._serve(credential)
        except ApiError as error:
            fault = error
        except Exception as error:
            log_error(error)
            fault = internal_error()
        self._settle(self._at_stake, None)
        self._finish(fault.wire.status, fault.kind)
        return self._envelope.refused(fault, self._request.request_id)

    def _read_for(self, credential: Credential, read: Callable[[Names], _Found]) -> _Found:
        """What `read` makes of the request, with a catalog that knows what the profile it names runs.

        Bedrock is asked only for a key that is active and may use the profile. Raises what `read` does.
        """
        catalog = self._services.catalog
        try:
            return read(AskingNames(catalog))
        except HiddenModel as error:
            target = error.target
        if allows(holder(self._services, credential).allowed_models, target.called):
            self._services.profiles.teach(catalog, target.model_id)
        return read(catalog)

    def _admit(self, credential: Credential, call: Call) -> Call:
        """Reserves the most that a call can cost, or a share of the credit left that it is then held to.

        Raises `ApiError`.
        """
        ledger, target = self._services.ledger, call.target
        self._record = self._record._replace(target=target, is_free=call.is_free)
        try:
            if call.is_free:
                if not allows(ledger.look_up(credential).allowed_models, target.called):
                    raise Refused("model_not_allowed")
                self._admitted = True
                return call
            self._reservation = ledger.admit(
                credential,
                models=target.called,
                counted_as=target.charged_as,
                amount=call.most,
                least=call.least,
                input_tokens=len(call.body) // 4,
                expires=int(self._request.deadline) + GRACE_S,
            )
            self._rate_limits = self._reservation.rate_limits
            self._admitted = True
            return call.within(self._reservation.amount)
        except Refused as error:
            self._rate_limits = error.rate_limits
            raise refused(error, target.requested) from error
        except TableUnavailable as error:
            raise table_down(error) from error

    def _seconds_left(self) -> float:
        """What is left for Bedrock, so that the call can still be settled. Raises `ApiError`."""
        limit_s = self._request.deadline - self._services.clock() - SETTLE_S
        if limit_s <= 0:
            raise ApiError("deadline", "There was no time left to call the model.")
        return limit_s

    def _stake(self) -> None:
        """From here on Bedrock may run the model: the whole reservation is at stake."""
        self._at_stake = self._reservation.amount if self._reservation is not None else 0

    def _settle(self, amount: int, used: Usage | None, *, bounded: bool = False) -> None:
        """Charges the call once; later calls change nothing.

        `bounded` tells that some of what was `used` is the most that can have been.
        """
        reservation, self._reservation = self._reservation, None
        if reservation is None:
            return
        # A bound taken in place of reported usage never charges more than was reserved.
        charged = amount if used is not None else min(amount, reservation.amount)
        bounded = bounded or (used is None and charged > 0)
        self._record = self._record._replace(usage=used, cost=charged, estimated=bounded)
        tokens = used or Usage()
        counts = Counts(int(charged > 0 or any(tokens)), int(bounded), charged, *tokens)
        try:
            settled = self._services.ledger.settle(reservation, counts)
            lost = not settled and self._services.clock() >= reservation.expires
        except TableUnavailable:
            lost = True
        if lost:
            # The reservation expires into a charge, so the money is not lost; the record says so.
            self._record = self._record._replace(cost=reservation.amount, estimated=True)

    def _finish(self, status: int, error: str | None) -> None:
        self._services.meter(
            self._record._replace(status=status, error=error, ended_at=self._services.clock())
        )
