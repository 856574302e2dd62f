import json

import pytest
from ledger.table import RETRYABLE, ConditionFailed, TableUnavailable
from router.aws import DynamoDbTable, Endpoint, SecretUnavailable, get_secret
from router.http_pool import Connection, NeverSent, SilentTooLong, UpstreamUnreachable
from router.runtime import _no_tls
from router.sigv4 import Credentials, sign

from tests.support.scripted_server import Peer, Received, serving
from tests.support.upstream import FakeEndpoint, Said, said

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", "token")
NOW = 1_750_000_000.0


def endpoint(connection: Connection, service: str = "bedrock") -> Endpoint:
    return Endpoint(
        connection,
        service=service,
        region="us-east-1",
        credentials=CREDENTIALS,
        clock=lambda: NOW,
    )


# --- endpoints ------------------------------------------------------------------------------------


def test_what_is_signed_is_what_is_sent() -> None:
    received: list[Received] = []

    def script(peer: Peer) -> None:
        received.append(peer.receive())
        peer.answer(b"answer")

    with serving(script) as server:
        connection = Connection(server.url, _no_tls)
        answer = endpoint(connection).call(
            "POST",
            "/model/arn%3Aaws%2Fx/converse",
            [("content-type", "application/json")],
            b"body",
            limit_s=5,
            query="a=b",
        )
        assert answer.read() == b"answer"
        connection.close()
    got = received[0]
    assert (got.target, got.body) == ("/model/arn%3Aaws%2Fx/converse?a=b", b"body")
    expected = sign(
        method=got.method,
        host=got.header("host") or "",
        path="/model/arn%3Aaws%2Fx/converse",
        query="a=b",
        headers=[("content-type", got.header("content-type") or "")],
        body=got.body,
        region="us-east-1",
        service="bedrock",
        credentials=CREDENTIALS,
        now=NOW,
    )
    assert {name.lower(): value for name, value in expected}.items() <= dict(got.headers).items()
    assert "/us-east-1/bedrock/aws4_request" in (got.header("authorization") or "")


def test_a_path_without_a_query_has_no_question_mark() -> None:
    targets: list[str] = []

    def script(peer: Peer) -> None:
        targets.append(peer.receive().target)
        peer.answer()

    with serving(script) as server:
        connection = Connection(server.url, _no_tls)
        endpoint(connection).call("GET", "/foundation-models", [], b"", limit_s=5).read()
        connection.close()
    assert targets == ["/foundation-models"]


def test_a_connection_can_be_opened_ahead() -> None:
    def script(peer: Peer) -> None:
        peer.receive()
        peer.answer()

    with serving(script) as server:
        connection = Connection(server.url, _no_tls)
        early = endpoint(connection)
        early.open()
        early.call("GET", "/", [], b"", limit_s=5).read()
        connection.close()
    assert server.accepted == 1


def test_a_connection_that_cannot_be_opened_ahead_is_tried_again_with_the_first_call() -> None:
    with serving() as server:
        pass
    unreachable = endpoint(Connection(server.url, _no_tls))
    unreachable.open()
    with pytest.raises(NeverSent):
        unreachable.call("GET", "/", [], b"", limit_s=5)


# --- the table ------------------------------------------------------------------------------------


class Table:
    """A `DynamoDbTable` over prepared answers, and its pauses."""

    def __init__(self, *answers: Said | Exception) -> None:
        self.endpoint = FakeEndpoint(*answers)
        self.pauses: list[float] = []
        self.perform = DynamoDbTable(self.endpoint, self.pauses.append)  # type: ignore[arg-type]


def refusal(code: str, status: int = 400, **content: object) -> Said:
    return said({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"} | content, status)


def test_an_operation_is_dynamodbs_json() -> None:
    table = Table(said({"Item": {"pk": {"S": "key"}}}))
    request = {"TableName": "keys", "Key": {"pk": {"S": "key"}}}
    assert table.perform("GetItem", request) == {"Item": {"pk": {"S": "key"}}}
    (asked,) = table.endpoint.asked
    assert (asked.method, asked.path) == ("POST", "/")
    assert asked.headers == [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "DynamoDB_20120810.GetItem"),
    ]
    assert json.loads(asked.body) == request


def test_an_operation_may_have_no_answer() -> None:
    assert Table(said(b"")).perform("DeleteItem", {}) == {}


@pytest.mark.parametrize("item", [{"pk": {"S": "key"}}, None])
def test_a_condition_that_failed_tells_what_the_table_holds(item: object) -> None:
    content = {} if item is None else {"Item": item}
    table = Table(refusal("ConditionalCheckFailedException", **content))
    with pytest.raises(ConditionFailed) as raised:
        table.perform("UpdateItem", {})
    assert raised.value.item == item
    assert table.pauses == []


PASSING = [
    *(refusal(code) for code in sorted(RETRYABLE)),
    said(b"", 500),
    said(b"<html>", 503),
    said(b"not JSON"),
    NeverSent("refused"),
    UpstreamUnreachable("reset"),
    SilentTooLong("silence"),
]


@pytest.mark.parametrize("trouble", PASSING)
def test_what_passes_is_tried_again(trouble: Said | Exception) -> None:
    table = Table(trouble, trouble, said({}))
    assert table.perform("UpdateItem", {"a": 1}) == {}
    assert len({asked.body for asked in table.endpoint.asked}) == 1
    assert len(table.pauses) == 2


def test_what_does_not_pass_in_three_tries_is_an_outage() -> None:
    table = Table(*[UpstreamUnreachable("reset")] * 4)
    with pytest.raises(TableUnavailable) as raised:
        table.perform("UpdateItem", {})
    assert raised.value.retryable
    assert len(table.endpoint.asked) == 3
    assert len(table.pauses) == 2


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "", "New"])
def test_what_is_wrong_for_good_is_not_tried_again(code: str) -> None:
    table = Table(refusal(code))
    with pytest.raises(TableUnavailable) as raised:
        table.perform("UpdateItem", {})
    assert not raised.value.retryable
    assert table.pauses == []


def test_a_condition_that_fails_at_the_second_try_is_told() -> None:
    table = Table(said(b"", 500), refusal("ConditionalCheckFailedException"))
    with pytest.raises(ConditionFailed):
        table.perform("UpdateItem", {})


# --- secrets --------------------------------------------------------------------------------------


def test_a_secret_is_asked_for_by_its_stage() -> None:
    fake = FakeEndpoint(said({"SecretString": "text", "VersionStages": ["AWSCURRENT"]}))
    assert get_secret(fake, "secret-id", "AWSCURRENT") == "text"  # type: ignore[arg-type]
    (asked,) = fake.asked
    assert asked.headers == [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "secretsmanager.GetSecretValue"),
    ]
    assert json.loads(asked.body) == {"SecretId": "secret-id", "VersionStage": "AWSCURRENT"}


@pytest.mark.parametrize("prefix", ["", "com.amazonaws.secretsmanager#"])
def test_a_stage_that_does_not_exist_has_no_secret(prefix: str) -> None:
    fake = FakeEndpoint(said({"__type": f"{prefix}ResourceNotFoundException"}, 400))
    assert get_secret(fake, "secret-id", "AWSPREVIOUS") is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said({"__type": "InternalServiceError", "message": "secret-id"}, 500), "InternalService"),
        (said({"__type": "x#AccessDeniedException", "Message": "secret-id"}, 400), "AccessDenied"),
        (said(b"{}", 503), "HTTP 503"),
        (said(b"not JSON"), "JSONDecodeError"),
        (said({"SecretBinary": "c2VjcmV0LWlk"}), "HTTP 200"),
        (NeverSent("secret-id"), "NeverSent"),
        (SilentTooLong("secret-id"), "SilentTooLong"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told_by_the_errors_name_only(
    answer: Said | Exception, words: str
) -> None:
    with pytest.raises(SecretUnavailable, match=words) as raised:
        get_secret(FakeEndpoint(answer), "secret-id", "AWSCURRENT")  # type: ignore[arg-type]
    assert "secret-id" not in str(raised.value)
