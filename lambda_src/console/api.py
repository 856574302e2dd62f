"""The console's routes: what the owner of the keys may ask, and what each is answered.

    POST   /api/keys        make a key; the answer alone ever holds it
    GET    /api/keys        list keys, newest first, `limit` (1 to 100) at a time, on from `cursor`
    GET    /api/keys/{id}   one key, revoked or not
    PATCH  /api/keys/{id}   change the terms that are named, from the key's next request on
    DELETE /api/keys/{id}   revoke, from the key's next request on; again is as good as once
    GET    /api/keys/{id}/usage   what a key has used, `by` day and model
    GET    /api/usage             what all have, `limit` (1 to 100) keys at a time, on from `cursor`
    GET    /api/reconciliation    what all were charged, held against what AWS bills; costs some cents
    GET    /healthz         whether the function runs; the one route without the admin key

Reports are of the UTC days `from` to `to`, without them of the last 30.

The answer to POST has `key`, which is all a client with a base URL needs, and `key_with_host`, the same
key followed by ``~`` and the proxy's host, for clients that find the proxy by the key.
"""

import hmac
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ledger.administration import Administration, RevokedKey, UnknownKey
from ledger.keys import ID_LENGTH
from ledger.table import TableUnavailable

from console import query
from console.errors import ApiError
from console.key_json import changes_of, key_json, members_of, terms_of
from console.reports import Reports
from console.secret_values import SecretUnavailable

MAX_BODY = 64 * 1024
DEFAULT_PAGE = 50
RETRY_AFTER_S = 1

logger = logging.getLogger("console")


class Request(NamedTuple):
    """One HTTP request. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Response(NamedTuple):
    """One HTTP response; `body` is JSON, None for an empty one."""

    status: int
    body: dict[str, Any] | None
    headers: Mapping[str, str] = {}


class Api:
    """The routes over one key table."""

    def __init__(
        self,
        administration: Administration,
        reports: Reports,
        *,
        hmac_secret: Callable[[], str],
        admin_key: Callable[[], str],
        proxy_url: str,
        now: Callable[[], float],
        randbytes: Callable[[int], bytes],
    ) -> None:
        """Both secrets raise SecretUnavailable; `now` gives epoch seconds, `randbytes` is secure."""
        self._administration = administration
        self._reports = reports
        self._hmac_secret = hmac_secret
        self._admin_key = admin_key
        self._proxy_url = proxy_url
        self._now = now
        self._randbytes = randbytes

    def respond(self, request: Request) -> Response:
        """The answer to any request."""
        try:
            return self._route(request)
        except ApiError as error:
            return Response(error.status, error.body(), error.headers)
        except (TableUnavailable, SecretUnavailable) as error:
            logger.error("unavailable: %s: %s", type(error).__name__, error)
            unavailable = ApiError(503, "unavailable", "the keys cannot be reached, try again soon")
            return Response(503, unavailable.body(), {"retry-after": str(RETRY_AFTER_S)})

    def _route(self, request: Request) -> Response:
        if request.path.startswith("/api/"):
            self._authorize(request)
        if len(request.body) > MAX_BODY:
            raise ApiError(413, "too_large", f"the body must be at most {MAX_BODY} bytes")
        actions = self._resource(request.path)
        if not actions:
            raise _not_found()
        if request.method not in actions:
            allowed = ", ".join(actions)
            raise ApiError(
                405, "method_not_allowed", f"use {allowed} here", headers={"allow": allowed}
            )
        try:
            return actions[request.method](request)
        except UnknownKey as error:
            raise _not_found() from error
        except RevokedKey as error:
            raise ApiError(409, "revoked", "the key is revoked, which is final") from error

    def _resource(self, path: str) -> dict[str, Callable[[Request], Response]]:
        """What can be done at a path, by method; nothing at an unknown one."""
        match path.split("/"):
            case ["", "healthz"]:
                return {"GET": _health}
            case ["", "api", "keys"]:
                return {"GET": self._list, "POST": self._create}
            case ["", "api", "keys", key_id] if _is_key_id(key_id):
                return {
                    "GET": partial(self._get, key_id),
                    "PATCH": partial(self._amend, key_id),
                    "DELETE": partial(self._revoke, key_id),
                }
            case ["", "api", "keys", key_id, "usage"] if _is_key_id(key_id):
                return {"GET": partial(self._usage_of_key, key_id)}
            case ["", "api", "usage"]:
                return {"GET": self._usage}
            case ["", "api", "reconciliation"]:
                return {"GET": self._reconciliation}
        return {}

    def _authorize(self, request: Request) -> None:
        """Passes the admin key and nothing else, in a time that says nothing about it."""
        scheme, _, presented = request.headers.get("authorization", "").partition(" ")
        if not presented or scheme.lower() != "bearer":
            raise _unauthorized()
        if not hmac.compare_digest(
            presented.encode(errors="surrogatepass"), self._admin_key().encode()
        ):
            raise _unauthorized()

    def _create(self, request: Request) -> Response:
        now = int(self._now())
        terms = terms_of(members_of(request.body), now)
        secret = self._hmac_secret().encode()
        minted, record = self._administration.create(terms, secret, self._randbytes)
        logger.info("created key %s", record.id)
        shown_once = {
            "key": minted.key,
            "key_with_host": f"{minted.key}~{urlsplit(self._proxy_url).netloc}",
            "proxy_url": self._proxy_url,
        }
        location = {"location": f"/api/keys/{record.id}"}
        return Response(201, shown_once | key_json(record, now), location)

    def _list(self, request: Request) -> Response:
        query.only(request.query, "limit", "cursor")
        page = self._administration.page(*query.page(request.query, DEFAULT_PAGE))
        now = int(self._now())
        return Response(
            200,
            {
                "keys": [key_json(record, now) for record in page.records],
                "cursor": query.cursor(page.after),
            },
        )

    def _get(self, key_id: str, _request: Request) -> Response:
        return Response(200, key_json(self._administration.get(key_id), int(self._now())))

    def _amend(self, key_id: str, request: Request) -> Response:
        now = int(self._now())
        changes = changes_of(members_of(request.body), now)
        record = self._administration.amend(key_id, changes)
        logger.info("amended key %s", key_id)
        return Response(200, key_json(record, now))

    def _revoke(self, key_id: str, _request: Request) -> Response:
        self._administration.revoke(key_id)
        logger.info("revoked key %s", key_id)
        return Response(204, None)

    def _usage_of_key(self, key_id: str, request: Request) -> Response:
        return Response(200, self._reports.usage_of_key(key_id, request.query))

    def _usage(self, request: Request) -> Response:
        return Response(200, self._reports.usage(request.query))

    def _reconciliation(self, request: Request) -> Response:
        return Response(200, self._reports.reconciliation(request.query))


def _health(_request: Request) -> Response:
    return Response(200, {"status": "ok"})


def _is_key_id(text: str) -> bool:
    return len(text) == ID_LENGTH and text.isascii() and text.isalnum()


def _unauthorized() -> ApiError:
    """The same for every wrong credential."""
    return ApiError(
        401,
        "unauthorized",
        "send the admin key as `Authorization: Bearer <admin key>`",
        headers={"www-authenticate": "Bearer"},
    )


def _not_found() -> ApiError:
    return ApiError(404, "not_found", "there is no such key or path")
