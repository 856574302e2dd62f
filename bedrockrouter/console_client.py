"""The console's API over HTTPS, opened by the admin key."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

TIMEOUT_S = 90
"""More than the console's function may take."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ConsoleError(Exception):
    """The console did not answer the question; the text says why, to people."""


class ConsoleClient:
    """Asks one console. Every method raises ConsoleError."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, parameters: Mapping[str, str | None]) -> dict[str, Any]:
        """The JSON that a path answers; parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            response = self._client.get(path, params=given)
        except httpx.HTTPError as error:
            raise ConsoleError(f"the console cannot be reached: {error}") from error
        try:
            body = response.json()
        except ValueError:
            body = None
        if response.status_code == httpx.codes.OK and isinstance(body, dict):
            return body
        raise ConsoleError(_reason(response.status_code, body))

    def pages(self, path: str, parameters: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
        """The answers of a path that tells where its next page begins."""
        cursor = None
        while True:
            page = self.get(path, {**parameters, "cursor": cursor})
            yield page
            cursor = page["cursor"]
            if cursor is None:
                return


def connect(url: str, admin_key: str, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client of the console at `url`.

    Raises ConsoleError where the admin key would travel in the clear, and for what cannot be sent.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ConsoleError("the console's URL must begin with https://")
    # Checked here, as the error of sending such a header would show the key.
    if not all("!" <= character <= "~" for character in admin_key):
        raise ConsoleError(
            "the admin key must be visible ASCII characters, without a space or a line's end"
        )
    try:
        return httpx.Client(
            base_url=url,
            headers={"authorization": f"Bearer {admin_key}"},
            timeout=TIMEOUT_S,
            transport=transport,
            # A proxy that the environment names would see what is sent without TLS.
            trust_env=parts.scheme == "https",
        )
    except httpx.InvalidURL as error:
        raise ConsoleError(f"the console cannot be asked: {error}") from error


def _reason(status: int, body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return str(error["message"])
    return f"the console answered {status}, and not as a console does: is this its URL?"
