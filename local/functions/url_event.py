"""What a Lambda Function URL makes of an HTTP request: an event in payload format 2.0.

Field by field: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

# Captured on real AWS (payload format 2.0); any other type, and none at all, arrives as base64.
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")

_NOT_FORWARDED = frozenset({"connection", "cookie", "transfer-encoding"})


class HttpRequest(NamedTuple):
    """`target` is the request line's path and query as sent; header names are lower-case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    source_ip: str


class UrlIdentity(NamedTuple):
    """Where the URL answers: its AWS host name, and the scheme and port it is reached at."""

    domain_name: str
    scheme: str
    port: int


def function_url_event(
    request: HttpRequest, url: UrlIdentity, request_id: str, now: float
) -> bytes:
    """The event as the JSON bytes the function receives. `now` is in epoch seconds.

    `rawPath` keeps its percent-encoding, `requestContext.http.path` loses it, as on AWS.
    """
    path, _, query = request.target.partition("?")
    domain_prefix = url.domain_name.partition(".")[0]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": _forwarded_headers(request, url),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": domain_prefix,
            "domainName": url.domain_name,
            "domainPrefix": domain_prefix,
            "http": {
                "method": request.method,
                "path": unquote(path),
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := request.headers.get("cookie"):
        event["cookies"] = cookies.split("; ")
    if query:
        event["queryStringParameters"] = _query_parameters(query)
    if request.body:
        event |= _body(request.body, request.headers.get("content-type", ""))
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def _forwarded_headers(request: HttpRequest, url: UrlIdentity) -> dict[str, str]:
    kept = {name: value for name, value in request.headers.items() if name not in _NOT_FORWARDED}
    return kept | {
        "x-forwarded-for": request.source_ip,
        "x-forwarded-proto": url.scheme,
        "x-forwarded-port": str(url.port),
    }


def _query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _body(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type.lower().startswith(_TEXT_TYPES):
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
