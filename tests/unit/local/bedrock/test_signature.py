"""Signatures: what boto3 signs is accepted, and nothing else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.errors import ServiceError
from local.bedrock.messages import Request
from local.bedrock.signature import Verifier
from tests.support.simulated_bedrock import (
    CLAUDE,
    REGION,
    assert_refused,
    boto_client,
    read,
    serving,
    simulator,
    user,
)

HOST = "bedrock-runtime.us-east-1.amazonaws.com"
PATH = "/model/us.anthropic.claude-sonnet-4-6/converse"
BODY = json.dumps({"messages": user("hi")}).encode()


def signed(
    *,
    method: str = "POST",
    path: str = PATH,
    query: str = "",
    body: bytes = BODY,
    headers: dict[str, str] | None = None,
    region: str = REGION,
    service: str = "bedrock",
    credentials: Credentials | None = None,
) -> Request:
    """A request signed by botocore, now."""
    url = f"https://{HOST}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method, url, headers=dict(headers or {}), data=body)
    SigV4Auth(credentials or Credentials("key", "secret"), service, region).add_auth(request)
    names = {name.lower(): value for name, value in request.headers.items()}
    return Request(method, path, query, {"host": HOST, **names}, body)


def verifier(late: timedelta = timedelta()) -> Verifier:
    return Verifier("key", "secret", REGION, lambda: datetime.now(UTC) + late)


def refusal(request: Request, late: timedelta = timedelta()) -> tuple[str, str]:
    with pytest.raises(ServiceError) as caught:
        verifier(late).check(request)
    assert caught.value.status == 403
    return caught.value.name, caught.value.message


_TOKENS = st.text("abcXYZ019-_.~", min_size=1, max_size=8)
_SEGMENTS = st.text("abc019-_.~:%", min_size=1, max_size=12).map(lambda s: s.replace("%", "%3A"))


@given(
    path=st.lists(_SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
    query=st.lists(st.tuples(_TOKENS, _TOKENS), max_size=3).map(
        lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
    ),
    headers=st.dictionaries(_TOKENS.map(lambda name: f"x-{name}".lower()), _TOKENS, max_size=3),
    body=st.binary(max_size=100),
)
def test_whatever_botocore_signs_is_accepted(
    path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    verifier().check(signed(path=path, query=query, headers=headers, body=body))


def test_a_session_token_is_signed_along() -> None:
    verifier().check(signed(credentials=Credentials("key", "secret", "token")))


_TAMPERED: dict[str, Callable[[Request], Request]] = {
    "method": lambda request: request._replace(method="GET"),
    "path": lambda request: request._replace(path=PATH + "-stream"),
    "query": lambda request: request._replace(query="a=1"),
    "body": lambda request: request._replace(body=BODY + b" "),
    "header": lambda request: request._replace(headers={**request.headers, "x-a": "2"}),
    "host": lambda request: request._replace(headers={**request.headers, "host": "other"}),
    "missing header": lambda request: request._replace(
        headers={name: value for name, value in request.headers.items() if name != "x-a"}
    ),
    "body hash": lambda request: request._replace(
        headers={**request.headers, "x-amz-content-sha256": "0" * 64}
    ),
    "signature": lambda request: request._replace(
        headers={**request.headers, "authorization": request.headers["authorization"][:-1] + "g"}
    ),
}


@pytest.mark.parametrize("part", _TAMPERED)
def test_a_request_changed_after_signing_is_refused(part: str) -> None:
    name, message = refusal(_TAMPERED[part](signed(headers={"x-a": "1"})))
    assert name == "InvalidSignatureException"
    assert message.startswith("The request signature we calculated does not match the signature")


def test_the_hash_that_is_signed_must_be_the_bodys() -> None:
    request = signed(headers={"X-Amz-Content-SHA256": "0" * 64})
    assert refusal(request)[0] == "InvalidSignatureException"


def test_another_secret_is_refused() -> None:
    request = signed(credentials=Credentials("key", "other"))
    assert refusal(request)[0] == "InvalidSignatureException"


def test_an_unknown_access_key_is_refused() -> None:
    request = signed(credentials=Credentials("other", "secret"))
    assert refusal(request) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )


@pytest.mark.parametrize(
    ("late", "words"), [(6, "Signature expired: "), (-6, "Signature not yet current: ")]
)
def test_a_signature_is_good_for_five_minutes(late: int, words: str) -> None:
    name, message = refusal(signed(), timedelta(minutes=late))
    assert name == "InvalidSignatureException"
    assert message.startswith(words)
    verifier(timedelta(minutes=late * 4 / 6)).check(signed())


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({"region": "eu-west-1"}, "Credential should be scoped to a valid region."),
        ({"service": "s3"}, "Credential should be scoped to correct service: 'bedrock'."),
    ],
)
def test_the_scope_is_of_this_region_and_service(scope: dict[str, Any], words: str) -> None:
    assert words in refusal(signed(**scope))[1]


def _with_authorization(value: str) -> Request:
    request = signed()
    return request._replace(headers={**request.headers, "authorization": value})


@pytest.mark.parametrize(
    ("authorization", "exception"),
    [
        ("", "MissingAuthenticationTokenException"),
        ("Bearer bedrock-api-key-abc", "AccessDeniedException"),
        ("Basic abc", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=key/20260101", "IncompleteSignatureException"),
        (
            "AWS4-HMAC-SHA256 Credential=key/20260101, SignedHeaders=host, Signature=a",
            "IncompleteSignatureException",
        ),
    ],
)
def test_an_authorization_that_is_none_is_refused(authorization: str, exception: str) -> None:
    assert refusal(_with_authorization(authorization))[0] == exception


def test_a_date_that_is_none_is_refused() -> None:
    request = signed()
    undated = request._replace(headers={**request.headers, "x-amz-date": "yesterday"})
    assert refusal(undated)[0] == "IncompleteSignatureException"


def test_the_date_of_the_scope_is_that_of_the_request() -> None:
    request = signed()
    stamp = request.headers["x-amz-date"]
    authorization = request.headers["authorization"].replace(stamp[:8], "20000101")
    assert "Date in Credential scope" in refusal(_with_authorization(authorization))[1]


@pytest.mark.parametrize("header", ["host", "x-amz-date"])
def test_host_and_date_must_be_signed(header: str) -> None:
    authorization = signed().headers["authorization"]
    names = ";".join(name for name in ("host", "x-amz-date") if name != header)
    unsigned = authorization.replace("SignedHeaders=host;x-amz-date", f"SignedHeaders={names}")
    assert f"'{header}' must be a 'SignedHeader'" in refusal(_with_authorization(unsigned))[1]


def test_boto3_is_let_in_with_the_key_and_not_without(tmp_path: Path) -> None:
    sim = simulator(tmp_path, access_key="key", secret_key="secret")
    arn = f"arn:aws:bedrock:{REGION}:123456789012:inference-profile/{CLAUDE}"
    with (
        serving(sim) as url,
        boto_client(url) as boto,
        boto_client(url, "bedrock") as bedrock,
        boto_client(url, aws_secret_access_key="other") as wrong,
    ):
        answer = boto.converse(modelId=CLAUDE, messages=user("hi"))
        assert answer["stopReason"] == "end_turn"
        assert bedrock.list_foundation_models()["modelSummaries"]
        assert boto.converse(modelId=arn, messages=user("hi"))["usage"]
        with pytest.raises(ClientError) as caught:
            wrong.converse(modelId=CLAUDE, messages=user("hi"))
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert len(sim.bill.show()["calls"]) == 2


def test_an_unsigned_request_is_refused_before_it_is_read(tmp_path: Path) -> None:
    sim = simulator(tmp_path, access_key="key", secret_key="secret")
    answer = read(sim.handle(Request("POST", PATH, "", {}, b"no json")))
    assert_refused(
        answer, "MissingAuthenticationTokenException", "Missing Authentication Token", 403
    )
