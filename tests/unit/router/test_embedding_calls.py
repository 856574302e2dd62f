"""Requests for embeddings from admission to settlement, however many calls they take.

The ledger is the real one over moto, so that money is what the table says.
"""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from catalog.pricing import Usage
from router.app import LANES
from router.dialects.openai_embeddings.request import plan
from router.embedding_calls import PAUSES_S, EmbeddingCall
from router.http import Headers, Request, Response
from router.http_pool import NeverSent, SilentTooLong, UpstreamUnreachable
from router.metered_call import SETTLE_S

from tests.support.key_table import outage
from tests.support.requests import body_of, json_of
from tests.support.router import INVOCATION_S, Router
from tests.support.upstream import JSON, Asked, Said, said

TITAN = "titan-embed-text-v2"
COHERE = "cohere-embed-english-v3"

PATIENCE_S = 10.0

Answer = Callable[[str], Said | Exception]
"""What Bedrock says to the call for a text."""


class Lane:
    """An endpoint that answers by the text it is asked for; it is asked one thing at a time."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._free = threading.Lock()
        self.asked: list[Asked] = []

    def call(
        self, method: str, path: str, headers: Headers, body: bytes, *, limit_s: float
    ) -> Said:
        assert self._free.acquire(blocking=False), "asked before it had answered"
        try:
            self.asked.append(Asked(method, path, headers, body, "", limit_s))
            answer = self._answer(text_of(body))
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self._free.release()


def text_of(body: bytes) -> str:
    asked = json.loads(body)
    return str(asked["inputText"] if "inputText" in asked else asked["texts"][0])


def lanes(router: Router, answer: Answer, count: int = 1) -> list[Lane]:
    """Lets Bedrock answer so, on that many connections."""
    made = [Lane(answer) for _ in range(count)]
    router.services = router.services._replace(bedrock_runtime_lanes=made)  # type: ignore[arg-type]
    return made


def counted(tokens: int | None) -> Headers:
    if tokens is None:
        return JSON
    return [*JSON, ("x-amzn-bedrock-input-token-count", str(tokens))]


def embedded(value: float, tokens: int | None = 10) -> Said:
    """Titan's answer."""
    return said({"embedding": [value, 0.5]}, 200, counted(tokens))


def by_text(text: str) -> Said:
    """A vector that tells which text it is of."""
    return embedded(float(text))


def refusal(status: int, name: str, message: str = "No.") -> Said:
    return said({"message": message}, status, [*JSON, ("x-amzn-errortype", name)])


def request(router: Router, *texts: str, model: str = TITAN, **members: Any) -> Request:
    body = {"model": model, "input": list(texts), **members}
    return router.request(path="/v1/embeddings", body=body)


def embed(router: Router, *texts: str, pauses: list[float] | None = None, **more: Any) -> Response:
    def pause(seconds: float) -> None:
        assert pauses is not None, "nobody expected a pause"
        pauses.append(seconds)

    return EmbeddingCall(router.services, request(router, *texts, **more), pause).serve()


def vectors(response: Response) -> list[float]:
    """The first number of each vector, in the order of their indexes."""
    found: Any = json_of(response)
    assert [entry["index"] for entry in found["data"]] == list(range(len(found["data"])))
    return [entry["embedding"][0] for entry in found["data"]]


def error(response: Response) -> tuple[int, str | None, str | None]:
    """Status, code and param of an error in OpenAI's shape."""
    content: Any = json_of(response)
    assert set(content) == {"error"}
    assert ("x-request-id", "11111111-2222-3333-4444-555555555555") in response.headers
    return response.status, content["error"]["code"], content["error"]["param"]


def rate(router: Router, model: str = TITAN) -> int:
    """Picodollars per token."""
    return router.services.catalog.resolve(model).price.base.input


def bound(router: Router, *texts: str) -> int:
    """The most tokens that these texts can have."""
    return plan(request(router, *texts).body, router.services.catalog).call.prompt_tokens


def assert_charged(router: Router, tokens: int, *, estimated: bool = False) -> None:
    """The request was settled once, for that many tokens, and nothing of it is held any more."""
    account, record = router.account, router.record
    picodollars = tokens * rate(router)
    assert router.settled() == [picodollars]
    assert (account.spent, account.held) == (picodollars, {})
    assert (record.cost, record.estimated) == (picodollars, estimated)
    assert record.usage == Usage(input=tokens)


def assert_nothing_happened(router: Router) -> None:
    """Nothing was reserved; Bedrock would have failed the test."""
    account = router.account
    assert (account.held, account.spent, router.settled()) == ({}, 0, [])
    assert router.record.cost == 0


def nobody(text: str) -> Said:
    raise AssertionError(f"nobody expected {text}")


# --- finished -------------------------------------------------------------------------------------


def test_a_text_is_one_call_and_costs_what_it_used(router: Router) -> None:
    (lane,) = lanes(router, by_text)
    response = embed(router, "1", encoding_format="float")
    assert (response.status, json_of(response)) == (
        200,
        {
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [1.0, 0.5]}],
            "model": TITAN,
            # 10 tokens at $0.02 a million
            "usage": {"prompt_tokens": 10, "total_tokens": 10, "cost": "0.0000002"},
        },
    )
    (asked,) = lane.asked
    assert (asked.method, asked.path) == ("POST", "/model/amazon.titan-embed-text-v2%3A0/invoke")
    assert asked.body == b'{"inputText":"1"}'
    assert asked.limit_s == INVOCATION_S - SETTLE_S
    assert_charged(router, 10)
    record = router.record
    assert (record.route, record.status, record.error) == ("embeddings", 200, None)
    assert (record.key_id, record.target and record.target.requested) == (router.key_id, TITAN)


def test_many_texts_are_many_calls_of_one_admission_and_one_settlement(router: Router) -> None:
    (lane,) = lanes(router, by_text)
    response = embed(router, "1", "2", "3")
    assert vectors(response) == [1, 2, 3]
    assert len(lane.asked) == 3
    assert router.reserved() == [bound(router, "1", "2", "3") * rate(router)]
    assert_charged(router, 30)


def test_batches_keep_the_order_of_their_texts(router: Router) -> None:
    def answer(text: str) -> Said:
        start = int(text)
        batch = [[float(n)] for n in range(start, min(start + 96, 200))]
        return said({"embeddings": batch}, 200, counted(96))

    lanes(router, answer, 3)
    response = embed(router, *map(str, range(200)), model=COHERE)
    assert vectors(response) == list(range(200))
    assert router.record.usage == Usage(input=288)


def test_base64_is_what_the_client_asked_for(router: Router) -> None:
    lanes(router, by_text)
    found: Any = json_of(embed(router, "1", encoding_format="base64"))
    assert found["data"][0]["embedding"] == "AACAPwAAAD8="


def test_what_was_dropped_is_told(router: Router) -> None:
    lanes(router, by_text)
    response = embed(router, "1", user="someone")
    assert ("x-bedrockrouter-changes", "user dropped") in response.headers
    assert ("content-type", "application/json") in response.headers
    assert ("x-request-id", "11111111-2222-3333-4444-555555555555") in response.headers


def test_titans_own_count_stands_in_for_the_headers(router: Router) -> None:
    body = {"embedding": [1.0], "inputTextTokenCount": 4}
    lanes(router, lambda _: said(body, 200, JSON))
    embed(router, "1")
    assert_charged(router, 4)


def test_a_part_without_a_count_costs_the_most_its_texts_can_have(router: Router) -> None:
    lanes(router, lambda text: embedded(float(text), None if text == "2" else 10))
    response: Any = json_of(embed(router, "1", "2"))
    tokens = 10 + bound(router, "2")
    assert response["usage"]["prompt_tokens"] == tokens
    assert_charged(router, tokens, estimated=True)


# --- side by side ---------------------------------------------------------------------------------


def test_eight_calls_are_under_way_at_once_on_a_connection_each(router: Router) -> None:
    meeting = threading.Barrier(LANES, timeout=PATIENCE_S)

    def answer(text: str) -> Said:
        meeting.wait()
        return by_text(text)

    made = lanes(router, answer, LANES)
    texts = [str(n) for n in range(2 * LANES)]
    assert vectors(embed(router, *texts)) == list(map(float, texts))
    assert [len(lane.asked) for lane in made] == [2] * LANES
    assert_charged(router, 20 * LANES)


def test_vectors_come_in_the_order_of_the_texts_whichever_is_answered_first(router: Router) -> None:
    second_answered = threading.Event()

    def answer(text: str) -> Said:
        if text == "1":
            assert second_answered.wait(PATIENCE_S)
        else:
            second_answered.set()
        return by_text(text)

    lanes(router, answer, 2)
    assert vectors(embed(router, "1", "2")) == [1, 2]


def test_no_more_connections_are_used_than_there_are_calls(router: Router) -> None:
    made = lanes(router, by_text, LANES)
    embed(router, "1")
    assert [len(lane.asked) for lane in made] == [1] + [0] * (LANES - 1)


def test_calls_in_flight_when_another_fails_are_waited_for_and_charged(router: Router) -> None:
    refused = threading.Event()

    def answer(text: str) -> Said:
        if text == "2":
            refused.set()
            return refusal(400, "ValidationException", "Too many input tokens.")
        assert refused.wait(PATIENCE_S)
        return by_text(text)

    made = lanes(router, answer, 2)
    assert error(embed(router, "1", "2", "3", "4")) == (400, None, "input[1]")
    assert sum(len(lane.asked) for lane in made) in (2, 3)
    assert_charged(router, 10 * (sum(len(lane.asked) for lane in made) - 1))


def test_a_thread_that_cannot_be_started_leaves_nothing_uncharged(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    lanes(router, nobody, 2)
    assert embed(router, "1", "2").status == 500
    assert router.settled() == router.reserved()


# --- a part that fails ----------------------------------------------------------------------------


def test_a_refused_part_fails_the_request_and_the_finished_ones_are_charged(router: Router) -> None:
    def answer(text: str) -> Said:
        if text == "3":
            return refusal(400, "ValidationException", "Too many input tokens.")
        return by_text(text)

    (lane,) = lanes(router, answer)
    response = embed(router, "1", "2", "3", "4")
    assert error(response) == (400, None, "input[2]")
    assert b"Too many input tokens." in body_of(response)
    assert len(lane.asked) == 3
    assert_charged(router, 20)
    assert (router.record.status, router.record.error) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("broken", "status", "code"),
    [
        (UpstreamUnreachable("reset"), 502, "bad_upstream"),
        (SilentTooLong("too long"), 504, "deadline"),
        (said(b'{"emb', 200, counted(10), UpstreamUnreachable("reset")), 502, "bad_upstream"),
    ],
    ids=["no answer", "silence", "half an answer"],
)
def test_a_part_that_broke_off_may_have_run_and_is_charged(
    router: Router, broken: Any, status: int, code: str
) -> None:
    lanes(router, lambda text: broken if text == "2" else by_text(text))
    assert error(embed(router, "1", "2", "3")) == (status, code, None)
    assert_charged(router, 10 + bound(router, "2"), estimated=True)


def test_a_bug_in_a_part_is_told_and_its_part_charged(
    router: Router, capsys: pytest.CaptureFixture[str]
) -> None:
    lanes(router, lambda text: KeyError("bug") if text == "2" else by_text(text))
    assert error(embed(router, "1", "2", "3")) == (500, None, None)
    assert_charged(router, 10 + bound(router, "2"), estimated=True)
    assert json.loads(capsys.readouterr().out)["error"] == "KeyError"


def test_an_answer_without_its_vector_is_charged_all_the_same(router: Router) -> None:
    lanes(router, lambda _: said({"embedding": None}, 200, counted(10)))
    assert error(embed(router, "1")) == (502, "bad_upstream", None)
    assert_charged(router, 10)


def test_an_operation_that_bedrock_does_not_know_costs_nothing(router: Router) -> None:
    name = "com.amazon.coral.service#UnknownOperationException"
    lanes(router, lambda _: said({"Output": {"__type": name}}))
    assert error(embed(router, "1")) == (502, "bad_upstream", None)
    assert_charged(router, 0)


def test_an_error_without_a_field_names_none(router: Router) -> None:
    lanes(router, lambda _: refusal(403, "AccessDeniedException"))
    assert error(embed(router, "1")) == (403, "access_denied", None)
    assert_charged(router, 0)


# --- another try ----------------------------------------------------------------------------------


def failing(times: int, failure: Callable[[], Said | Exception]) -> Answer:
    """The text 2 fails that often."""
    left = [failure() for _ in range(times)]
    return lambda text: left.pop() if left and text == "2" else by_text(text)


BUSY: dict[str, Callable[[], Said | Exception]] = {
    "throttled": lambda: refusal(429, "ThrottlingException"),
    "overloaded": lambda: refusal(503, "ServiceUnavailableException"),
    "never sent": lambda: NeverSent("refused"),
}


@pytest.mark.parametrize("failure", BUSY)
def test_a_part_that_bedrock_was_too_busy_for_is_tried_again(router: Router, failure: str) -> None:
    (lane,) = lanes(router, failing(2, BUSY[failure]))
    pauses: list[float] = []
    assert vectors(embed(router, "1", "2", "3", pauses=pauses)) == [1, 2, 3]
    assert pauses == list(PAUSES_S[:2])
    assert len(lane.asked) == 5
    assert_charged(router, 30)


@pytest.mark.parametrize(
    ("failure", "status", "retry_after"),
    [("throttled", 429, "2"), ("overloaded", 503, "2"), ("never sent", 503, "1")],
)
def test_after_a_few_tries_the_client_is_told_to_come_again(
    router: Router, failure: str, status: int, retry_after: str
) -> None:
    (lane,) = lanes(router, failing(9, BUSY[failure]))
    pauses: list[float] = []
    response = embed(router, "1", "2", "3", pauses=pauses)
    assert response.status == status
    assert ("retry-after", retry_after) in response.headers
    assert pauses == list(PAUSES_S)
    assert len(lane.asked) == 2 + len(PAUSES_S)
    assert_charged(router, 10)


def test_there_is_no_other_try_without_the_time_for_it(router: Router) -> None:
    def answer(text: str) -> Said:
        router.clock.seconds += INVOCATION_S - SETTLE_S - PAUSES_S[0]
        return refusal(429, "ThrottlingException")

    (lane,) = lanes(router, answer)
    assert embed(router, "1").status == 429
    assert len(lane.asked) == 1
    assert_charged(router, 0)


def test_a_part_is_not_tried_again_once_another_has_failed(router: Router) -> None:
    refused = threading.Event()
    throttled = threading.Event()

    def answer(text: str) -> Said:
        if text == "1":
            assert throttled.wait(PATIENCE_S)
            refused.set()
            return refusal(400, "ValidationException")
        throttled.set()
        return refusal(429, "ThrottlingException")

    def pause(_: float) -> None:
        assert refused.wait(PATIENCE_S)

    lanes(router, answer, 2)
    response = EmbeddingCall(router.services, request(router, "1", "2"), pause).serve()
    assert response.status == 400
    assert_charged(router, 0)


# --- time -----------------------------------------------------------------------------------------


def test_parts_that_there_is_no_time_for_are_not_begun(router: Router) -> None:
    def answer(text: str) -> Said:
        router.clock.seconds += 500
        return by_text(text)

    (lane,) = lanes(router, answer)
    assert error(embed(router, "1", "2", "3")) == (504, "deadline", None)
    assert [asked.limit_s for asked in lane.asked] == [880, 380]
    assert_charged(router, 20)


def test_an_invocation_without_time_calls_nobody_and_charges_nothing(router: Router) -> None:
    lanes(router, nobody)
    late = request(router, "1")._replace(deadline=router.clock() + SETTLE_S)
    response = EmbeddingCall(router.services, late).serve()
    assert error(response) == (504, "deadline", None)
    assert router.settled() == [0]


# --- refused before anything is sent --------------------------------------------------------------


def test_what_is_no_request_happens_to_nobody(router: Router) -> None:
    lanes(router, nobody)
    assert error(embed(router, "a", dimensions=3)) == (400, None, "dimensions")
    assert_nothing_happened(router)


def test_a_chat_model_is_refused_before_any_call(router: Router) -> None:
    lanes(router, nobody)
    assert error(embed(router, "a", model="claude-opus-5-5")) == (400, None, "model")
    assert_nothing_happened(router)


def test_a_key_that_may_not_use_the_model_is_refused(router: Router) -> None:
    router.new_key(allowed_models=frozenset({"claude-*"}))
    lanes(router, nobody)
    assert error(embed(router, "a")) == (403, "model_not_allowed", None)
    assert_nothing_happened(router)


def test_a_key_without_the_credit_for_all_parts_is_refused_before_the_first(router: Router) -> None:
    router.new_key(credit_limit=bound(router, "1", "2") * rate(router) - 1)
    lanes(router, nobody)
    assert error(embed(router, "1", "2")) == (402, "insufficient_quota", None)
    lanes(router, by_text)
    assert embed(router, "1").status == 200


def test_a_stranger_is_refused(router: Router) -> None:
    lanes(router, nobody)
    router.key = "sk-foreign"
    assert error(embed(router, "a")) == (401, "invalid_api_key", None)
    assert_nothing_happened(router)


# --- a table that fails ---------------------------------------------------------------------------


def test_while_the_table_is_down_nothing_is_served(router: Router) -> None:
    lanes(router, nobody)
    router.table.mishaps = [outage]
    assert embed(router, "1").status == 503
    assert router.account.held == {}


def test_embeddings_that_cannot_be_settled_are_served_and_expire_into_a_charge(
    router: Router,
) -> None:
    def answer(text: str) -> Said:
        router.table.mishaps = [outage]
        return by_text(text)

    lanes(router, answer)
    assert vectors(embed(router, "1")) == [1]
    (held,) = router.account.held.values()
    assert router.reserved() == [held.amount] == [router.record.cost]
    assert router.record.estimated


def test_tokens_per_minute_count_what_all_parts_used(router: Router) -> None:
    router.new_key(tokens_per_minute=25)
    lanes(router, by_text)
    assert embed(router, "1", "2", "3").status == 200
    assert router.account.minute_tokens == 30
    assert embed(router, "1").status == 429
