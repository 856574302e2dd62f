"""Finds the virtual key in a request and proves that this stack made it, without a table read."""

from collections.abc import Callable, Iterator, Mapping

from ledger import keys

from router.aws import Clock, SecretUnavailable
from router.errors import ApiError
from router.metering import log_error

_KEPT_S = 300.0
_ASKED_AGAIN_S = 30.0

INVALID_KEY = (
    "This API key is not valid: mistyped, revoked, expired, or made by another deployment. "
    "Check it, or ask the owner of this router for a new one."
)

FetchSecret = Callable[[str], str | None]
"""Version stage → secret text."""


class SecretVersions:
    """The HMAC secret's versions: the current one kept for minutes, the previous one if needed.

    A key that fits no kept version makes them be fetched anew, so that a rotation is seen at once, but
    no more than every 30 seconds, so that garbage cannot make the router hammer Secrets Manager. While
    Secrets Manager is down, what is kept goes on being good.
    """

    def __init__(self, fetch: FetchSecret, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._current: str | None = None
        self._previous: str | None = None
        self._fetched_at = float("-inf")
        self._previous_at = float("-inf")

    def load(self) -> None:
        """Fetches the current version. Raises `SecretUnavailable`."""
        current = self._fetch("AWSCURRENT")
        if current is None:
            raise SecretUnavailable("the HMAC secret has no current version")
        if current != self._current:
            # After a rotation the version kept as the previous one may have been retired.
            self._previous, self._previous_at = None, float("-inf")
        self._current = current
        self._fetched_at = self._clock()

    def identify(self, presented: str) -> keys.Credential | None:
        """The key's credential under whichever version made it. Raises `SecretUnavailable`."""
        if self._clock() - self._fetched_at > _KEPT_S:
            self._renew()
        found = keys.identify(presented, self._kept())
        if found is None and presented.startswith(keys.PREFIX) and self._refresh():
            found = keys.identify(presented, self._kept())
        return found

    def _renew(self) -> None:
        try:
            self.load()
        except SecretUnavailable as error:
            if self._current is None:
                raise
            log_error(error)
            self._fetched_at = self._clock() - _KEPT_S + _ASKED_AGAIN_S

    def _kept(self) -> list[bytes]:
        return [secret.encode() for secret in (self._current, self._previous) if secret]

    def _refresh(self) -> bool:
        now = self._clock()
        if now - self._previous_at < _ASKED_AGAIN_S:
            return False
        self._previous_at = now
        self.load()
        self._previous, self._previous_at = self._fetch("AWSPREVIOUS"), now
        return True


def authenticate(headers: Mapping[str, str], secrets: SecretVersions) -> keys.Credential:
    """The credential in the request's headers. Raises `ApiError` 401."""
    presented = False
    for candidate in _candidates(headers):
        presented = True
        if (found := secrets.identify(candidate)) is not None:
            return found
    if presented:
        raise ApiError("invalid_key", INVALID_KEY)
    if headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
        raise ApiError(
            "invalid_key",
            "This endpoint takes its own API keys, not AWS credentials. Set "
            "AWS_BEARER_TOKEN_BEDROCK to a key that starts with sk_m11_.",
        )
    raise ApiError(
        "invalid_key",
        "No API key was sent. Send one as 'Authorization: Bearer sk_m11_…', 'x-api-key' or 'api-key'.",
    )


def _candidates(headers: Mapping[str, str]) -> Iterator[str]:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        yield token.strip()
    for name in ("x-api-key", "api-key"):
        if value := headers.get(name, "").strip():
            yield value
