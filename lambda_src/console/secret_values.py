"""Secrets as Secrets Manager holds them now, give or take a minute."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

FRESH_S = 60
"""How long a value is used before it is read again, hence how long a rotation takes to be felt."""


class SecretUnavailable(Exception):
    """The secret cannot be read, so nothing it guards may be done."""


class SecretValue:
    """The current value of one secret, read when asked for and kept for `FRESH_S` seconds."""

    def __init__(self, client: Any, secret_id: str, now: Callable[[], float]) -> None:
        """`client` is boto3's ``secretsmanager``; `now` gives seconds of any clock."""
        self._client = client
        self._secret_id = secret_id
        self._now = now
        self._value = ""
        self._read_at = float("-inf")

    def __call__(self) -> str:
        """The value, or SecretUnavailable."""
        if self._now() - self._read_at >= FRESH_S:
            try:
                answer = self._client.get_secret_value(SecretId=self._secret_id)
            except (ClientError, BotoCoreError) as error:
                raise SecretUnavailable(type(error).__name__) from error
            self._value, self._read_at = answer["SecretString"], self._now()
        return self._value
