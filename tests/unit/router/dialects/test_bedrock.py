"""Held to recorded calls, and to botocore's readers of answers and event streams."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.parsers import EventStreamJSONParser, create_parser
from botocore.session import Session
from catalog import models
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.bedrock import (
    OPERATIONS,
    BedrockDialect,
    BedrockRelay,
    model_id_of,
    relayed,
)
from router.dialects.shapes import bedrock_response
from router.errors import KINDS, ApiError
from router.eventstream import Decoder

from tests.support import recordings
from tests.support.requests import body_of, request
from tests.support.upstream import event, exception

SERVICE = Session().get_service_model("bedrock-runtime")
CATALOG = models.load("us-east-1", {"gpt-5": "claude-opus-5-5"})
OPUS = "us.anthropic.claude-opus-5-5"
ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-5"
HELLO: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}


def parse(
    body: object = HELLO,
    *,
    model: str = OPUS,
    operation: str = "converse",
    headers: dict[str, str] | None = None,
) -> Any:
    path = f"/model/{quote(model, safe='')}/{operation}"
    asked = request(path=path, headers=headers, body=body)
    return BedrockDialect(operation).parse(asked, CATALOG)


# --- model ids ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "model_id"),
    [
        (f"/model/{OPUS}/converse", OPUS),
        ("/model/amazon.nova-lite-v1%3A0/converse", "amazon.nova-lite-v1:0"),
        ("/model/amazon.nova-lite-v1:0/converse", "amazon.nova-lite-v1:0"),
        (f"/model/{quote(ARN, safe='')}/converse", ARN),
        (f"/model/{ARN}/converse", ARN),
        (f"/model/{quote(ARN)}/converse", ARN),
        ("/model//converse", ""),
        ("/model/converse/converse", "converse"),
    ],
)
def test_a_model_id_is_read_in_every_way_clients_and_function_urls_write_it(
    path: str, model_id: str
) -> None:
    assert model_id_of(path, "converse") == model_id


def test_a_stored_prompt_is_as_long_as_it_can_be_and_keeps_its_own_limit() -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:prompt/1234567890:1"
    call = parse({"promptVariables": {"name": {"text": "Ann"}}}, model=arn)
    assert call.prompt_tokens == call.target.context_window
    assert call.output_tokens == call.target.max_output_tokens
    assert call.lower is None


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_model_id_survives_the_path(model_id: str) -> None:
    assert model_id_of(f"/model/{quote(model_id, safe='')}/invoke", "invoke") == model_id


@pytest.mark.parametrize("model", [OPUS, ARN, "anthropic.claude-opus-5-5", "acme.brand-new"])
def test_an_id_of_bedrocks_is_called_as_it_is(model: str) -> None:
    call = parse(model=model)
    assert (call.target.requested, call.target.model_id) == (model, model)


@pytest.mark.parametrize("name", ["claude-opus-5-5", "opus", "gpt-5"])
def test_a_name_is_called_as_the_model_it_stands_for(name: str) -> None:
    call = parse(model=name)
    assert (call.target.requested, call.target.model_id) == (name, OPUS)


def test_a_path_without_a_model_is_refused() -> None:
    with pytest.raises(ApiError) as raised:
        parse(model="")
    assert (raised.value.kind, raised.value.param) == ("invalid_request", "modelId")


# --- requests -------------------------------------------------------------------------------------


def test_a_body_goes_on_byte_for_byte() -> None:
    body = b'{ "messages" : [ ],\n "a field of tomorrow" : "\\u00e9" }'
    assert parse(body).body == body


SONNET_4_5 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


def invoked(model: str, version: object, operation: str = "invoke") -> Any:
    """What goes on of a body of InvokeModel with a version of Anthropic's API."""
    body = {"anthropic_version": version, "max_tokens": 5, "messages": [], "novelty": "né"}
    call = parse(body, model=model, operation=operation)
    given = json.dumps(body).encode()
    sent = json.loads(call.body)
    assert {**sent, "anthropic_version": version} == body
    return "as it came" if call.body == given else sent["anthropic_version"]


@pytest.mark.parametrize("operation", ["invoke", "invoke-with-response-stream"])
@pytest.mark.parametrize(
    ("model", "version", "sent"),
    [
        (SONNET_4_5, "2026-10-21", "bedrock-2023-05-31"),
        (SONNET_4_5, "2023-06-01", "bedrock-2023-05-31"),
        (
            f"arn:aws:bedrock:us-east-1::foundation-model/{SONNET_4_5}",
            "2026-10-21",
            "bedrock-2023-05-31",
        ),
        (OPUS, "2023-06-01", "bedrock-2023-05-31"),
        (OPUS, "2026-10-21", "as it came"),
        (OPUS, "bedrock-2023-05-31", "as it came"),
        (SONNET_4_5, "bedrock-2023-05-31", "as it came"),
        # What nobody knows is Bedrock's to refuse.
        (SONNET_4_5, "2031-01-01", "as it came"),
        (SONNET_4_5, ["2026-10-21"], "as it came"),
        (SONNET_4_5, None, "as it came"),
        ("amazon.nova-lite-v1:0", "2026-10-21", "as it came"),
    ],
)
def test_a_version_that_only_newer_claudes_know_is_mended_for_an_older_one(
    model: str, version: object, sent: str, operation: str
) -> None:
    assert invoked(model, version, operation) == sent


def test_headers_that_bedrock_reads_go_on_and_no_others() -> None:
    headers = {
        "content-type": "application/json",
        "accept": "*/*",
        "x-amzn-bedrock-guardrailidentifier": "id",
        "x-amzn-bedrock-request-metadata": '{"a":"b"}',
        "authorization": "Bearer sk_m11_key",
        "x-api-key": "sk_m11_key",
        "host": "proxy.example",
        "user-agent": "boto3",
        "content-length": "5",
        "transfer-encoding": "chunked",
        "accept-encoding": "gzip",
        "amz-sdk-invocation-id": "id",
        "x-forwarded-for": "203.0.113.1",
    }
    assert dict(parse(headers=headers).headers) == {
        name: headers[name]
        for name in (
            "content-type",
            "accept",
            "x-amzn-bedrock-guardrailidentifier",
            "x-amzn-bedrock-request-metadata",
        )
    }


@pytest.mark.parametrize("value", ["é", "漢字", "two\r\nlines", "a\0b"])
def test_a_header_that_http_cannot_carry_is_refused_by_name(value: str) -> None:
    with pytest.raises(ApiError) as raised:
        parse(headers={"x-amzn-bedrock-trace": value, "user-agent": value})
    assert (raised.value.kind, raised.value.param) == ("invalid_request", "x-amzn-bedrock-trace")
    assert value not in raised.value.message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":' + b"1" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_cannot_be_read_cannot_be_bounded_and_is_refused(body: bytes) -> None:
    for operation in OPERATIONS:
        with pytest.raises(ApiError) as raised:
            parse(body, operation=operation)
        assert raised.value.kind == "invalid_request"


def test_a_call_is_bounded_by_its_body() -> None:
    body = HELLO | {"inferenceConfig": {"maxTokens": 77}}
    call = parse(body)
    assert call.output_tokens == 77
    assert len(json.dumps(body)) <= call.prompt_tokens < 2000
    assert parse(HELLO).output_tokens == CATALOG.resolve(OPUS).max_output_tokens
    document = {"messages": [{"role": "user", "content": [{"document": {}}]}]}
    assert parse(document).prompt_tokens == CATALOG.resolve(OPUS).context_window


def test_a_limit_is_read_where_the_operation_has_it() -> None:
    invoke = {"max_tokens": 5}
    assert parse(invoke, operation="invoke").output_tokens == 5
    assert parse(invoke, operation="invoke-with-response-stream").output_tokens == 5
    limit = CATALOG.resolve(OPUS).max_output_tokens
    assert parse(invoke, operation="converse-stream").output_tokens == limit


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_tier_is_read_where_the_operation_has_it(operation: str) -> None:
    in_body = parse(HELLO | {"serviceTier": {"type": "flex"}}, operation=operation)
    in_header = parse(operation=operation, headers={"x-amzn-bedrock-service-tier": "flex"})
    converses = operation.startswith("converse")
    assert in_body.service_tier == ("flex" if converses else "default")
    assert in_header.service_tier == ("default" if converses else "flex")


@pytest.mark.parametrize("tier", [None, "flex", {"type": 5}, {}, []])
def test_a_tier_that_is_no_word_is_the_default(tier: object) -> None:
    assert parse(HELLO | {"serviceTier": tier}).service_tier == "default"


@pytest.mark.parametrize(
    ("operation", "free"),
    [
        ("converse", False),
        ("converse-stream", False),
        ("invoke", False),
        ("invoke-with-response-stream", False),
        ("count-tokens", True),
    ],
)
def test_operations_are_what_botocore_says(operation: str, free: bool) -> None:
    call = parse(operation=operation)
    assert (call.operation, call.is_free) == (operation, free)
    assert call.path == f"/model/{quote(OPUS, safe='')}/{operation}"
    assert BedrockDialect(operation).route == operation


def test_operations_on_a_model_are_all_of_bedrocks_but_the_bidirectional_one() -> None:
    uris = [SERVICE.operation_model(name).http["requestUri"] for name in SERVICE.operation_names]
    found = {uri.rpartition("/")[2] for uri in uris if uri.startswith("/model/{modelId}/")}
    assert found == {*OPERATIONS, "invoke-with-bidirectional-stream"}


# --- answers --------------------------------------------------------------------------------------

ANSWER_HEADERS = [
    ("content-type", "application/json"),
    ("x-amzn-requestid", "id"),
    ("x-amzn-bedrock-input-token-count", "5"),
    ("connection", "keep-alive"),
    ("content-length", "2"),
    ("date", "today"),
    ("transfer-encoding", "chunked"),
]


def test_an_answer_comes_back_byte_for_byte_without_its_connections_headers() -> None:
    dialect = BedrockDialect("converse")
    response = dialect.answer(parse(), ANSWER_HEADERS, b'{ "a" : 1 }')
    assert (response.status, response.body) == (200, b'{ "a" : 1 }')
    assert response.headers == relayed(ANSWER_HEADERS) == ANSWER_HEADERS[:3]


def test_a_refusal_comes_back_as_bedrock_made_it() -> None:
    headers = [*ANSWER_HEADERS, ("x-amzn-errortype", "ValidationException:http://internal/")]
    response = BedrockDialect("converse").refusal(400, headers, b'{"message":"Fix it."}')
    assert (response.status, response.body) == (400, b'{"message":"Fix it."}')
    assert response.headers == [*ANSWER_HEADERS[:3], headers[-1]]


def test_a_refusal_that_passes_says_when_to_retry() -> None:
    dialect = BedrockDialect("converse")
    assert ("retry-after", "2") in dialect.refusal(429, [], b"{}").headers
    told = dialect.refusal(429, [("retry-after", "7")], b"{}").headers
    assert told == [("retry-after", "7")]


@pytest.mark.parametrize("kind", KINDS)
def test_botocore_reads_every_error_of_the_routers_own(kind: str) -> None:
    response = bedrock_response(ApiError(kind, "Words.", retry_after=3), "an-id")
    parser = create_parser("rest-json")
    parsed = parser.parse(
        {
            "status_code": response.status,
            "headers": dict(response.headers),
            "body": body_of(response),
        },
        SERVICE.operation_model("Converse").output_shape,
    )
    assert parsed["Error"] == {"Code": KINDS[kind].bedrock_exception, "Message": "Words."}
    assert parsed["ResponseMetadata"]["RequestId"] == "an-id"
    assert ("retry-after", "3") in response.headers


# --- streams --------------------------------------------------------------------------------------


def relay() -> BedrockRelay:
    return BedrockDialect("converse-stream").stream(parse(), ANSWER_HEADERS)


def botocore_reads(data: bytes, output: str = "ConverseStream") -> list[tuple[int, Any]]:
    """The status and content of each event, as botocore reads them."""
    shape = SERVICE.operation_model(output).get_event_stream_output()
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    parser = EventStreamJSONParser()
    read = []
    for message in buffer:
        answer = message.to_response_dict()
        read.append((answer["status_code"], parser.parse(answer, shape)))
    return read


@recordings.parametrize(stream=True, status=200)
@pytest.mark.parametrize("size", [1, 100, 1_000_000])
def test_a_recorded_stream_comes_through_byte_for_byte_however_it_was_cut(
    recording_id: str, size: int
) -> None:
    raw = base64.b64decode(recordings.load(recording_id)["response"]["raw_b64"])
    decoder, translator = Decoder(), relay()
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    out = b"".join(translator.translate(decoder.feed(piece)) for piece in pieces)
    assert out + translator.end() == raw


def test_a_stream_keeps_the_answers_headers_and_is_silent_in_silence() -> None:
    assert relay().headers == ANSWER_HEADERS[:3]
    assert relay().silence() == b""


def test_a_fault_is_told_as_an_exception_that_botocore_raises() -> None:
    translator = relay()
    text = event("contentBlockDelta", {"delta": {"text": "Hel"}, "contentBlockIndex": 0})
    out = translator.translate(Decoder().feed(text))
    out += translator.fail(ApiError("unavailable", "Words."))
    (first_status, _), (status, error) = botocore_reads(out)
    assert (first_status, status) == (200, 400)
    assert error["Error"] == {"Code": "serviceUnavailableException", "Message": "Words."}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", ["ConverseStream", "InvokeModelWithResponseStream"])
def test_every_fault_is_an_exception_that_the_stream_can_have(kind: str, operation: str) -> None:
    members = SERVICE.operation_model(operation).get_event_stream_output().members
    ((_, error),) = botocore_reads(relay().fail(ApiError(kind, "Words.")), operation)
    assert error["Error"]["Code"] in members
    assert error["Error"]["Message"] == "Words."


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("deadline", "modelStreamErrorException"),
        ("model_error", "modelStreamErrorException"),
        ("throttled", "throttlingException"),
        ("bad_upstream", "internalServerException"),
        ("internal", "internalServerException"),
    ],
)
def test_a_fault_in_a_stream_keeps_its_meaning(kind: str, code: str) -> None:
    ((_, error),) = botocore_reads(relay().fail(ApiError(kind, "Words.")))
    assert error["Error"]["Code"] == code


def test_a_fault_that_bedrock_told_itself_is_not_told_twice() -> None:
    translator = relay()
    told = exception("throttlingException", "Slow down.")
    assert translator.translate(Decoder().feed(told)) == told
    assert translator.fail(ApiError("throttled", "Slow down.")) == b""
