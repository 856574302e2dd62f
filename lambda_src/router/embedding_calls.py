"""A request for embeddings from admission to settlement: one reservation, as many calls as it needs.

parse → admit once → send the parts side by side → settle once → answer. What is charged is the sum of
what became of the parts:
  answered                       what Bedrock counted
  answered without a count       the most tokens its texts can have
  broken off or given up         the same, as Bedrock may have run it
  refused, never sent, not begun nothing
A part that fails fails the request; those in flight are waited for, the rest is not begun.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from catalog.pricing import Usage
from ledger.keys import Credential

from router import bedrock_errors
from router.aws import Endpoint
from router.dialects import shapes
from router.dialects.openai_embeddings import answer
from router.dialects.openai_embeddings.request import Plan, plan
from router.errors import ApiError, internal_error
from router.http import Headers, Request, Response
from router.http_pool import NeverSent, UpstreamUnreachable
from router.metered_call import MeteredCall, Services
from router.metering import log_error
from router.model_calls import broken

PAUSES_S = (0.5, 1.0, 2.0)
"""Before each further try of a part that Bedrock was too busy for. The request's other parts are paid
for, so a little patience is cheaper than failing it."""


class EmbeddingCall(MeteredCall):
    """One request for embeddings."""

    def __init__(
        self, services: Services, request: Request, pause: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(services, request, "embeddings")
        self._pause = pause
        self._reported: dict[int, Usage] = {}
        """What Bedrock counted, by part."""
        self._staked: dict[int, Usage] = {}
        """The most that the other parts which were sent can have used."""
        self._vectors: dict[int, list[bytes]] = {}
        self._fault: ApiError | None = None
        """What went wrong first."""

    def _serve(self, credential: Credential) -> Response:
        wanted = self._read_for(credential, partial(plan, self._request.body))
        self._admit(credential, wanted.call)
        self._seconds_left()
        self._stake()
        lanes = self._services.bedrock_runtime_lanes[: len(wanted.parts)]
        waiting = deque(range(len(wanted.parts)))
        _side_by_side(lambda lane: self._work(lane, wanted, waiting), lanes)
        used = _sum([*self._reported.values(), *self._staked.values()])
        self._settle(wanted.call.cost(used, None), used, bounded=bool(self._staked))
        if self._fault is not None:
            raise self._fault
        self._finish(200, None)
        vectors = [vector for part in sorted(self._vectors) for vector in self._vectors[part]]
        model = wanted.call.target.requested
        pieces = answer.body(model, vectors, wanted.encoding, used, self._record.cost)
        told = shapes.OPENAI.told(self._request.request_id, wanted.changes)
        return Response(200, [("content-type", "application/json"), *told], pieces)

    def _work(self, lane: Endpoint, wanted: Plan, waiting: deque[int]) -> None:
        """Sends waiting parts, one after the other, until there are none or one has failed."""
        while self._fault is None:
            try:
                part = waiting.popleft()
            except IndexError:
                return
            try:
                self._vectors[part] = self._run(lane, wanted, part)
            except ApiError as error:
                self._fault = self._fault or error
            except Exception as error:
                log_error(error)
                self._fault = self._fault or internal_error()

    def _run(self, lane: Endpoint, wanted: Plan, part: int) -> list[bytes]:
        """A part's vectors. Raises `ApiError`."""
        pauses = iter(PAUSES_S)
        while True:
            try:
                body = self._ask(lane, wanted, part)
            except ApiError as error:
                pause_s = next(pauses, None)
                if pause_s is None or not self._is_worth_another_try(error, pause_s):
                    raise
                self._pause(pause_s)
            else:
                texts = wanted.parts[part].texts
                return answer.pack_vectors(body, wanted.family, wanted.encoding, texts)

    def _is_worth_another_try(self, error: ApiError, pause_s: float) -> bool:
        """Whether a part that failed is to be tried again after a pause."""
        return (
            error.kind in bedrock_errors.RETRY_AFTER_S
            and self._fault is None
            and self._seconds_left() > pause_s
        )

    def _ask(self, lane: Endpoint, wanted: Plan, part: int) -> bytes:
        """One try: the body of Bedrock's answer. Raises `ApiError`."""
        call, (where, _, body, prompt_tokens) = wanted.call, wanted.parts[part]
        limit_s = self._seconds_left()
        self._staked[part] = Usage(input=prompt_tokens)
        try:
            said = lane.call("POST", call.path, call.headers, body, limit_s=limit_s)
            content = said.read()
        except NeverSent as error:
            del self._staked[part]
            raise bedrock_errors.unreachable() from error
        except UpstreamUnreachable as error:
            raise broken(error) from error
        if said.status != 200 or bedrock_errors.is_unknown_operation(content):
            del self._staked[part]
            raise _refusal(said.status, said.headers, content, where)
        if (used := answer.reported_usage(said.headers, content)) is not None:
            del self._staked[part]
            self._reported[part] = used
        return content


def _refusal(status: int, headers: Headers, content: bytes, where: str) -> ApiError:
    if bedrock_errors.is_unknown_operation(content):
        return bedrock_errors.unknown_operation()
    error = bedrock_errors.from_answer(status, headers, content)
    if error.kind == "invalid_request":
        error.param = where
    return error


def _sum(usages: Sequence[Usage]) -> Usage:
    return Usage(*map(sum, zip(*usages, strict=True))) if usages else Usage()


def _side_by_side(work: Callable[[Endpoint], None], lanes: Sequence[Endpoint]) -> None:
    """Does the work on all lanes at once; returns when it is done on each."""
    first, *others = lanes
    if not others:
        work(first)
        return
    # Costs milliseconds to import, and most requests are of one part.
    from threading import Thread  # noqa: PLC0415

    started = []
    try:
        for lane in others:
            thread = Thread(target=work, args=(lane,), daemon=True)
            thread.start()
            started.append(thread)
        work(first)
    finally:
        for thread in started:
            thread.join()
