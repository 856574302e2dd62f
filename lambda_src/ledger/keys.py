"""The key's format: what is minted, and what a presented key proves before any table is read.

    sk_m11_  id (12, base 36)  random (33, base 62, 192 bits)  tag (17, base 62, 96 bits)  [~host]

The tag is an HMAC over all before it, so made-up keys are refused by arithmetic alone. The table holds
only an HMAC of the whole key: a stolen table opens nothing, and neither does a stolen secret alone.
``~host`` tells a client where the proxy is; it is no part of the key.
"""

import hmac
from collections.abc import Callable, Iterable
from typing import NamedTuple

PREFIX = "sk_m11_"
ID_LENGTH = 12
RANDOM_LENGTH = 33
TAG_LENGTH = 17
KEY_LENGTH = len(PREFIX) + ID_LENGTH + RANDOM_LENGTH + TAG_LENGTH

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Credential(NamedTuple):
    """What a presented key that carries a true tag claims to be; the table decides if it is live."""

    id: str
    hash: str
    """Hex HMAC-SHA256 of the key, as the table holds it."""


class Minted(NamedTuple):
    """A new key. `key` is shown to its owner once and kept nowhere."""

    key: str
    id: str
    hash: str


def mint(secret: bytes, randbytes: Callable[[int], bytes]) -> Minted:
    """A new key under `secret`, from `randbytes`, a cryptographic source such as `os.urandom`."""
    # Each whole number of bits fits its field, so no digit is likelier than another by a modulo.
    key_id = _digits(int.from_bytes(randbytes(8)) >> 2, 36, ID_LENGTH)
    random = _digits(int.from_bytes(randbytes(24)), 62, RANDOM_LENGTH)
    body = PREFIX + key_id + random
    key = body + _tag(secret, body)
    return Minted(key, key_id, _hash(secret, key))


def identify(presented: str, secrets: Iterable[bytes]) -> Credential | None:
    """The credential that `presented` proves under one of `secrets`, or None.

    `secrets` are the live versions of the HMAC secret (``AWSCURRENT``, ``AWSPREVIOUS``): the one whose
    tag matches made the key, hence its hash in the table too.
    """
    key = presented.partition("~")[0]
    well_formed = (
        len(key) == KEY_LENGTH
        and key.startswith(PREFIX)
        and key.isascii()
        and key[len(PREFIX) :].isalnum()
    )
    if not well_formed:
        return None
    body, tag = key[:-TAG_LENGTH], key[-TAG_LENGTH:]
    for secret in secrets:
        if hmac.compare_digest(_tag(secret, body), tag):
            return Credential(key[len(PREFIX) : len(PREFIX) + ID_LENGTH], _hash(secret, key))
    return None


def _tag(secret: bytes, body: str) -> str:
    digest = hmac.digest(secret, b"tag:" + body.encode(), "sha256")
    return _digits(int.from_bytes(digest[:12]), 62, TAG_LENGTH)


def _hash(secret: bytes, key: str) -> str:
    return hmac.digest(secret, key.encode(), "sha256").hex()


def _digits(number: int, base: int, length: int) -> str:
    """`number` in `base`, most significant digit first, padded with zeros to `length`."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, base)
        digits.append(DIGITS[digit])
    return "".join(reversed(digits))
