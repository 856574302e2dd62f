"""Signatures are held to botocore's signer and to the vectors AWS publishes."""

import datetime as dt
import string
from typing import NamedTuple
from unittest import mock
from urllib.parse import quote

import pytest
from botocore import auth, awsrequest, credentials
from hypothesis import given, settings
from hypothesis import strategies as st
from router.http import Headers
from router.sigv4 import UNSIGNED_HEADERS, Credentials, sign

# --- the vectors AWS publishes -------------------------------------------------------------------

EXAMPLE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
UNRESERVED = "-._~" + string.digits + string.ascii_uppercase + string.ascii_lowercase


class Vector(NamedTuple):
    """A request of https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite/v4."""

    name: str
    signature: str
    path: str = "/"
    query: str = ""
    headers: Headers = []  # noqa: RUF012 (nobody adds to it)
    token: str | None = None
    method: str = "GET"


VECTORS = [
    Vector("get-vanilla", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Vector(
        "post-vanilla",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        method="POST",
    ),
    Vector(
        "get-header-key-duplicate",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        headers=[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
    ),
    Vector(
        "get-header-value-order",
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
        headers=[("My-Header1", f"value{n}") for n in (4, 1, 3, 2)],
    ),
    Vector(
        "get-header-value-trim",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        headers=[("My-Header1", " value1"), ("My-Header2", ' "a   b   c"')],
    ),
    Vector(
        "get-relative-relative-normalized",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        path="/example1/example2/../..",
    ),
    Vector(
        "get-slash-pointless-dot-normalized",
        "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
        path="/./example",
    ),
    Vector(
        "get-slashes-normalized",
        "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        path="//example//",
    ),
    Vector(
        "get-space-normalized",
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        path="/example space/",
    ),
    Vector(
        "get-unreserved",
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        path=f"/{UNRESERVED}",
    ),
    Vector(
        "get-utf8",
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        path="/\u1234",
    ),
    Vector(
        "get-vanilla-empty-query-key",
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        query="Param1=value1",
    ),
    Vector(
        "get-vanilla-query-order-encoded",
        "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        query="Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
    ),
    Vector(
        "get-vanilla-query-order-key-case",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        query="Param2=value2&Param1=value1",
    ),
    Vector(
        "get-vanilla-query-unreserved",
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        query=f"{UNRESERVED}={UNRESERVED}",
    ),
    Vector(
        "get-vanilla-with-session-token",
        "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        token="6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
    ),
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_published_vectors_are_signed_as_aws_says(vector: Vector) -> None:
    added = sign(
        method=vector.method,
        host="example.amazonaws.com",
        path=vector.path,
        query=vector.query,
        headers=vector.headers,
        body=b"",
        region="us-east-1",
        service="service",
        credentials=EXAMPLE._replace(session_token=vector.token),
        now=dt.datetime(2015, 8, 30, 12, 36, tzinfo=dt.UTC).timestamp(),
    )
    authorization = dict(added)["Authorization"]
    assert authorization.partition("Signature=")[2] == vector.signature
    assert authorization.startswith(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
    )
    assert dict(added)["X-Amz-Date"] == "20150830T123600Z"
    assert dict(added).get("X-Amz-Security-Token") == vector.token


# --- botocore's signer ---------------------------------------------------------------------------


class Sent(NamedTuple):
    """The keyword arguments of `sign` that are drawn at random."""

    method: str
    host: str
    path: str
    query: str
    headers: Headers
    body: bytes
    region: str
    credentials: Credentials
    now: int


# A Date header takes X-Amz-Date's place in botocore; the others `sign` forbids by contract.
FORBIDDEN = {
    "authorization",
    "date",
    "host",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
}
PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)

encoded = st.builds(quote, st.text(max_size=8), safe=st.sampled_from(["", ":", "~:@!$'()*,;"]))
segments = st.one_of(
    encoded,
    st.sampled_from(
        [
            "",
            ".",
            "..",
            "model",
            "converse-stream",
            "us.anthropic.claude-sonnet-4-6-v1%3A0",
            "us.anthropic.claude-sonnet-4-6-v1:0",
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fx",
            "100%25",
            "%2F",
            "%E1%88%B4",
        ]
    ),
)
paths = st.lists(segments, max_size=5).map(lambda parts: "/" + "/".join(parts))
parameters = st.one_of(
    encoded,
    st.builds("{}={}".format, encoded, encoded),
    st.sampled_from(
        ["", "type=SYSTEM_DEFINED", "type=", "=", "a=b=c", "maxResults=1000", "a", "A"]
    ),
)
queries = st.lists(parameters, max_size=4).map("&".join)
header_names = st.one_of(
    st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12),
    st.sampled_from(sorted(UNSIGNED_HEADERS)),
    st.sampled_from(
        ["Content-Type", "content-length", "Accept", "X-Amzn-Bedrock-Trace", "x-amz-target"]
    ),
).filter(lambda name: name.lower() not in FORBIDDEN)
header_values = st.one_of(
    st.text(PRINTABLE, max_size=16),
    st.sampled_from(["a  b   c", "  padded ", "\ttab\tbed", "", "caf\u00e9", "application/json"]),
)
requests = st.builds(
    Sent,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
    host=st.sampled_from(
        [
            "bedrock-runtime.us-east-1.amazonaws.com",
            "dynamodb.eu-central-1.amazonaws.com",
            "secretsmanager.ap-south-1.amazonaws.com",
            "127.0.0.1:8443",
            "[::1]:8443",
        ]
    ),
    path=paths,
    query=queries,
    headers=st.lists(st.tuples(header_names, header_values), max_size=4),
    body=st.binary(max_size=64),
    region=st.sampled_from(["us-east-1", "eu-central-1", "us-gov-west-1"]),
    credentials=st.builds(
        Credentials,
        st.sampled_from(["AKIDEXAMPLE", "ASIAEXAMPLE"]),
        st.text(PRINTABLE, min_size=1, max_size=40),
        st.none() | st.text(string.ascii_letters + string.digits + "+/=", min_size=1, max_size=40),
    ),
    now=st.integers(0, 2**32),
)


def signed_by_botocore(sent: Sent, service: str) -> Headers:
    """The headers botocore's SigV4Auth adds to the same request."""
    url = f"https://{sent.host}{sent.path}" + (f"?{sent.query}" if sent.query else "")
    request = awsrequest.AWSRequest(method=sent.method, url=url, data=sent.body)
    for name, value in sent.headers:
        request.headers.add_header(name, value)
    signer = auth.SigV4Auth(credentials.Credentials(*sent.credentials), service, sent.region)
    moment = dt.datetime.fromtimestamp(sent.now, dt.UTC)
    with mock.patch.object(auth, "get_current_datetime", return_value=moment):
        signer.add_auth(request)
    return [(name, value) for name, value in request.headers.items() if name.lower() in FORBIDDEN]


@settings(max_examples=1000, deadline=None)
@given(requests)
def test_random_requests_are_signed_as_botocore_signs_them(sent: Sent) -> None:
    for service in ("bedrock", "dynamodb", "secretsmanager"):
        signed = sign(**sent._asdict(), service=service)
        assert sorted(signed) == sorted(signed_by_botocore(sent, service))


def test_credentials_do_not_print_their_secrets() -> None:
    text = repr(Credentials("AKIDEXAMPLE", "secret-key", "session-token"))
    assert "AKIDEXAMPLE" in text
    assert "secret-key" not in text
    assert "session-token" not in text
