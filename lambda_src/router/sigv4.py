"""AWS Signature Version 4 in the Authorization header, for Bedrock, DynamoDB and Secrets Manager.

Not for S3, which encodes paths once and wants ``x-amz-content-sha256``.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import time
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from router.http import Headers

UNSIGNED_HEADERS = frozenset(
    {
        "baggage",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
    }
)
"""Headers that may change on the way; the list is botocore's (``SIGNED_HEADERS_BLACKLIST``)."""


class Credentials(NamedTuple):
    """An AWS access key; `session_token` is None for one that is not temporary."""

    access_key: str
    secret_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.access_key!r})"


def sign(  # noqa: PLR0913 (a request has this many parts)
    *,
    method: str,
    host: str,
    path: str,
    query: str,
    headers: Headers,
    body: bytes,
    region: str,
    service: str,
    credentials: Credentials,
    now: float,
) -> Headers:
    """The headers that make this request a signed one, to be sent beside `headers`.

    Everything is as it goes over the wire: `method` in capitals, `host` the Host header's value,
    `path` and `query` percent-encoded. `headers` holds no Host, no X-Amz-Content-SHA256 and none
    of the headers returned here. `service` is the signing name (``bedrock`` for bedrock-runtime
    too), `now` seconds since the epoch.
    """
    timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    date = timestamp[:8]
    added = [("X-Amz-Date", timestamp)]
    if credentials.session_token:
        added.append(("X-Amz-Security-Token", credentials.session_token))
    canonical_headers, signed_headers = _canonical_headers([("host", host), *headers, *added])
    canonical_request = (
        f"{method}\n{_canonical_path(path)}\n{_canonical_query(query)}\n"
        f"{canonical_headers}\n{signed_headers}\n{sha256(body).hexdigest()}"
    )
    scope = f"{date}/{region}/{service}/aws4_request"
    digest = sha256(canonical_request.encode()).hexdigest()
    key = _signing_key(credentials.secret_key, date, region, service)
    signature = _hmac(key, f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}").hex()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={signed_headers}, Signature={signature}"
    )
    return [("Authorization", authorization), *added]


def _canonical_headers(headers: Headers) -> tuple[str, str]:
    values: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key not in UNSIGNED_HEADERS:
            trimmed = " ".join(value.split())
            values[key] = f"{values[key]},{trimmed}" if key in values else trimmed
    names = sorted(values)
    return "".join([f"{name}:{values[name]}\n" for name in names]), ";".join(names)


@lru_cache(maxsize=256)
def _canonical_path(path: str) -> str:
    """The wire path without empty and dot segments, percent-encoded once more."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    trailing = "/" if kept and path.endswith("/") else ""
    return quote(f"/{'/'.join(kept)}{trailing}", safe="/~")


def _canonical_query(query: str) -> str:
    if not query:
        return ""
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&"))
    return "&".join([f"{name}={value}" for name, value in pairs])


@lru_cache(maxsize=8)
def _signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (date, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")
