"""Whether a request is signed as AWS Signature Version 4 wants it, by botocore's own signer.

Refusals and their words: https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from local.bedrock.errors import ServiceError
from local.bedrock.messages import Request

_ALGORITHM = "AWS4-HMAC-SHA256"
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_WINDOW = timedelta(minutes=5)
_SERVICE = "bedrock"


class _Claim(NamedTuple):
    """What an Authorization header claims."""

    access_key: str
    scope: list[str]
    """Date, Region, service and ``aws4_request``."""
    signed_headers: list[str]
    signature: str


class Verifier:
    """Checks requests against one access key; `now` gives the time in UTC."""

    def __init__(
        self, access_key: str, secret_key: str, region: str, now: Callable[[], datetime]
    ) -> None:
        self._access_key = access_key
        self._region = region
        self._now = now
        self._signer = _Recomputer(Credentials(access_key, secret_key), _SERVICE, region)

    def check(self, request: Request) -> None:
        """Raises the refusal of a request that is not signed, or not rightly."""
        header = request.headers.get("authorization", "")
        if not header:
            raise ServiceError(
                "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        if header.startswith("Bearer "):
            raise ServiceError(
                "AccessDeniedException",
                "Authentication failed: Please make sure your API Key is valid.",
            )
        claim = _parse(header)
        if claim.access_key != self._access_key:
            raise ServiceError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        stamp = request.headers.get("x-amz-date", "")
        self._check_time(stamp)
        self._check_scope(claim, stamp)
        for name in ("host", "x-amz-date"):
            if name not in claim.signed_headers:
                raise _invalid(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
        digest = hashlib.sha256(request.body).hexdigest()
        told = request.headers.get("x-amz-content-sha256", digest)
        expected = self._signer.recompute(request, claim.signed_headers, stamp)
        if told != digest or not hmac.compare_digest(expected, claim.signature):
            raise _invalid(
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service "
                "documentation for details."
            )

    def _check_time(self, stamp: str) -> None:
        try:
            signed_at = datetime.strptime(stamp, _TIME_FORMAT).replace(tzinfo=UTC)
        except ValueError:
            raise ServiceError(
                "IncompleteSignatureException",
                "Date must be in ISO-8601 'basic format'. Got "
                f"'{stamp}'. See http://en.wikipedia.org/wiki/ISO_8601",
            ) from None
        now = self._now()
        if signed_at < now - _WINDOW:
            raise _invalid(
                f"Signature expired: {stamp} is now earlier than {_stamp(now - _WINDOW)} "
                f"({_stamp(now)} - 5 min.)"
            )
        if signed_at > now + _WINDOW:
            raise _invalid(
                f"Signature not yet current: {stamp} is still later than {_stamp(now + _WINDOW)} "
                f"({_stamp(now)} + 5 min.)"
            )

    def _check_scope(self, claim: _Claim, stamp: str) -> None:
        date, region, service, ending = claim.scope
        if date != stamp[:8]:
            raise _invalid(
                f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                f"from HTTP: '{date}' != '{stamp[:8]}', from '{stamp}'."
            )
        if region != self._region:
            raise _invalid("Credential should be scoped to a valid region. ")
        if service != _SERVICE:
            raise _invalid(f"Credential should be scoped to correct service: '{_SERVICE}'. ")
        if ending != "aws4_request":
            raise _invalid(
                "Credential should be scoped with a valid terminator: 'aws4_request', not "
                f"'{ending}'."
            )


class _Recomputer(SigV4Auth):
    """botocore's signer, made to sign exactly the headers another signer chose."""

    def headers_to_sign(self, request: Any) -> Any:
        """All headers of the request, which holds the signed ones only."""
        return request.headers

    def recompute(self, request: Request, signed_headers: list[str], stamp: str) -> str:
        """The signature the request should have."""
        query = f"?{request.query}" if request.query else ""
        aws_request = AWSRequest(
            method=request.method,
            url=f"http://{request.headers.get('host', '')}{request.path}{query}",
            data=request.body,
        )
        aws_request.context["timestamp"] = stamp
        aws_request.headers = HTTPHeaders()
        for name in signed_headers:
            if name in request.headers:
                aws_request.headers[name] = request.headers[name]
        canonical = self.canonical_request(aws_request)
        to_sign = self.string_to_sign(aws_request, canonical)
        return str(self.signature(to_sign, aws_request))


def _parse(header: str) -> _Claim:
    algorithm, _, rest = header.partition(" ")
    if algorithm != _ALGORITHM:
        raise ServiceError(
            "IncompleteSignatureException",
            f"Unsupported AWS 'algorithm': '{algorithm}'.",
        )
    parts = {
        name.strip(): value.strip()
        for name, _, value in (part.partition("=") for part in rest.split(","))
    }
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise ServiceError(
                "IncompleteSignatureException",
                f"Authorization header requires '{name}' parameter.",
            )
    access_key, *scope = parts["Credential"].split("/")
    if len(scope) != 4:
        raise ServiceError(
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            f"keyid/date/region/service/term, got '{parts['Credential']}'",
        )
    return _Claim(access_key, scope, parts["SignedHeaders"].split(";"), parts["Signature"])


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidSignatureException", message)


def _stamp(moment: datetime) -> str:
    return moment.strftime(_TIME_FORMAT)
