"""Held to botocore's service model and to recorded refusals of the real Bedrock."""

import json

import pytest
from botocore.session import Session
from router import bedrock_errors
from router.bedrock_errors import (
    first_fault,
    from_answer,
    from_exception,
    from_sse,
    is_unknown_operation,
)
from router.errors import KINDS
from router.eventstream import Decoder, Frame, encode

from tests.support import recordings

MODEL = Session().get_service_model("bedrock-runtime")
STATUSES = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in MODEL.error_shapes}

UNKNOWN_OPERATION = (
    b'{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}'
)


# --- by name --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STATUSES)
def test_every_exception_of_bedrocks_has_a_kind(name: str) -> None:
    assert name in bedrock_errors._KINDS


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_an_exceptions_kind_keeps_its_status(name: str, status: int) -> None:
    kind = from_exception(name, "text").wire.status
    changed = {"ConflictException": 400, "ServiceQuotaExceededException": 429}
    assert kind == changed.get(name, status)


@pytest.mark.parametrize("name", STATUSES)
def test_an_exception_in_a_stream_begins_in_lower_case_and_means_the_same(name: str) -> None:
    spelt = name[0].lower() + name[1:]
    assert from_exception(spelt, "text").kind == from_exception(name, "text").kind


def test_bedrocks_own_words_are_kept() -> None:
    assert from_exception("ValidationException", "Fix it.").message == "Fix it."


def test_words_that_repeat_a_request_are_cut_off() -> None:
    message = "Value '" + "x" * 10**6
    error = bedrock_errors.from_exception("ValidationException", message)
    assert len(error.message) < 1_100
    assert message.startswith(error.message.removesuffix("…"))


@pytest.mark.parametrize("name", ["ThrottlingException", "ServiceUnavailableException"])
def test_what_passes_says_when_to_come_back(name: str) -> None:
    assert from_exception(name, "text").retry_after == 2
    assert from_exception("ValidationException", "text").retry_after is None


@pytest.mark.parametrize(
    "name", ["ExpiredTokenException", "InvalidSignatureException", "UnrecognizedClientException"]
)
def test_a_refusal_of_the_routers_own_credentials_is_not_the_clients_fault(name: str) -> None:
    error = from_exception(name, "The security token is expired: FQoGZXIv")
    assert error.kind == "bad_upstream"
    assert "FQoGZXIv" not in error.message


@pytest.mark.parametrize("name", ["BrandNewException", "", "x"])
def test_an_exception_nobody_has_heard_of_is_a_fault_of_bedrocks(name: str) -> None:
    assert from_exception(name, "text").kind == "internal"


# --- answers --------------------------------------------------------------------------------------


@recordings.parametrize(status=400)
def test_recorded_refusals_of_a_model_are_known_as_such(recording_id: str) -> None:
    response = recordings.load(recording_id)["response"]
    headers = list(response["headers"].items())
    error = from_answer(400, headers, json.dumps(response["json"]).encode())
    assert (error.kind, error.wire.status) == ("unknown_model", 404)
    assert error.message == "The provided model identifier is invalid."


@pytest.mark.parametrize(
    "header",
    [
        "ThrottlingException",
        "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/",
        "com.amazon.coral.service#ThrottlingException:http://internal.amazon.com/coral/",
    ],
)
def test_the_name_in_the_header_comes_in_several_forms(header: str) -> None:
    error = from_answer(429, [("x-amzn-errortype", header)], b'{"message":"Slow down."}')
    assert (error.kind, error.message) == ("throttled", "Slow down.")


def test_the_name_may_stand_in_the_body() -> None:
    body = b'{"__type":"com.amazon.bedrock#AccessDeniedException","Message":"No."}'
    error = from_answer(403, [], body)
    assert (error.kind, error.message) == ("access_denied", "No.")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request"),
        (403, "access_denied"),
        (404, "unknown_model"),
        (408, "model_timeout"),
        (424, "model_error"),
        (429, "throttled"),
        (500, "internal"),
        (502, "internal"),
        (503, "unavailable"),
    ],
)
@pytest.mark.parametrize("name", [None, "BrandNewException"])
def test_without_a_name_that_is_known_the_status_tells(
    status: int, kind: str, name: str | None
) -> None:
    headers = [] if name is None else [("x-amzn-errortype", name)]
    assert from_answer(status, headers, b"{}").kind == kind


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"message": 5}', b'{"__type": null}', b"[" * 100_000]
)
def test_an_answer_without_words_gets_some(body: bytes) -> None:
    assert from_answer(503, [], body).message == "Bedrock answered HTTP 503."


# --- paths that Bedrock does not have -------------------------------------------------------------


def test_the_answer_for_an_unknown_path_is_an_error_whatever_its_status() -> None:
    assert is_unknown_operation(UNKNOWN_OPERATION)
    assert from_answer(200, [], UNKNOWN_OPERATION).kind == "bad_upstream"
    assert is_unknown_operation(b'{"__type":"UnknownOperationException"}')


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"",
        b"UnknownOperationException",
        b'{"output":{"message":{"content":[{"text":"UnknownOperationException"}]}}}',
        b'{"Output":"UnknownOperationException"}',
        b'{"Output":{"text":"UnknownOperationException"}}',
        b'["UnknownOperationException"]',
    ],
)
def test_an_answer_that_only_has_the_word_in_it_is_an_answer(body: bytes) -> None:
    assert not is_unknown_operation(body)


# --- frames ---------------------------------------------------------------------------------------


def frame(payload: bytes = b"{}", **headers: str) -> Frame:
    named = {f":{name.replace('_', '-')}": value for name, value in headers.items()}
    return Decoder().feed(encode(named, payload))[0]


EVENT = frame(message_type="event", event_type="contentBlockDelta")


def test_ordinary_events_are_no_fault() -> None:
    assert first_fault([]) is None
    assert first_fault([EVENT, EVENT]) is None


def test_the_first_exception_among_events_is_the_fault() -> None:
    throttled = frame(
        b'{"message":"Slow down."}', message_type="exception", exception_type="throttlingException"
    )
    failed = frame(message_type="exception", exception_type="internalServerException")
    error = first_fault([EVENT, throttled, failed])
    assert error is not None
    assert (error.kind, error.message, error.retry_after) == ("throttled", "Slow down.", 2)


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"message": null}', b'{"Message": "No."}'])
def test_an_exception_without_words_is_called_by_its_name(payload: bytes) -> None:
    error = first_fault(
        [frame(payload, message_type="exception", exception_type="modelStreamErrorException")]
    )
    assert error is not None
    assert (error.kind, error.message) == ("model_error", "modelStreamErrorException")


def test_an_error_frame_has_its_code_and_words_in_headers() -> None:
    error = first_fault(
        [frame(message_type="error", error_code="ThrottlingException", error_message="Slow down.")]
    )
    assert error is not None
    assert (error.kind, error.message) == ("throttled", "Slow down.")


@pytest.mark.parametrize("headers", [{}, {"message_type": "error"}, {"message_type": "odd"}])
def test_a_frame_that_is_neither_is_a_fault_of_bedrocks(headers: dict[str, str]) -> None:
    error = first_fault([frame(**headers)])
    assert error is not None
    assert error.kind == "internal"


def test_every_kind_is_one_of_the_table() -> None:
    assert set(bedrock_errors._KINDS.values()) <= KINDS.keys()


# --- as OpenAI shapes them ------------------------------------------------------------------------


def test_an_error_answer_in_openais_shape_keeps_its_words() -> None:
    body = json.dumps({"error": {"message": "No background.", "type": "x", "code": None}}).encode()
    error = from_answer(400, [], body)
    assert (error.kind, error.message) == ("invalid_request", "No background.")


@pytest.mark.parametrize(
    "event",
    [
        {"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}},
        {"type": "error", "message": "Slow down.", "code": "rate_limit_exceeded"},
        {
            "type": "response.failed",
            "response": {"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}},
        },
    ],
    ids=["chunk", "event", "response"],
)
def test_an_error_event_is_an_error(event: dict[str, object]) -> None:
    error = from_sse(json.dumps(event).encode())
    assert error is not None
    assert (error.kind, error.message) == ("throttled", "Slow down.")


@pytest.mark.parametrize(
    "data",
    [
        b"[DONE]",
        b'{"error":null}',
        b'{"choices":[{"delta":{"content":"\\"error\\""}}]}',
        b'{"type":"response.completed","response":{"error":null}}',
        b'{"type":"response.failed"}',
        b'{"error"',
    ],
)
def test_other_events_are_none(data: bytes) -> None:
    assert from_sse(data) is None


def test_an_error_event_without_words_is_told_in_the_routers() -> None:
    error = from_sse(b'{"error":{}}')
    assert error is not None
    assert (error.kind, error.message) == ("internal", "Bedrock's answer broke off.")
