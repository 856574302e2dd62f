"""Marks that tell the simulated models' own reasoning from a forgery.

They look like a Claude's: base64 of a message in protobuf's wire format, which holds an encrypted copy of
the reasoning and so grows with it. Whoever alters a byte of one breaks its tag, and one whose text the
service left out can still be told from a forged one.
"""

import base64
import binascii
import hashlib
import hmac
from typing import NamedTuple

_KEY = b"simulated Bedrock"
_REDACTED, _SIGNATURE = b"\x01", b"\x02"
_HALF = 12
_TAG = 48
_FIXED = 4 + 2 + _HALF + 2 + _HALF + 2 + _TAG
"""Bytes of the fields before the encrypted text: the kind, two nonces and the tag."""
_BOUND = 6 << 3 | 2
BOUND_BYTES = 16
"""Bytes of the digest of a conversation."""


class _Mark(NamedTuple):
    """What is in a mark."""

    digest: bytes
    secret: bytes
    bound: bytes
    """The digest of the conversation it is bound to; empty for none."""


def seal(text: str, bound: bytes = b"") -> str:
    """The signature of a thought, bound to a conversation by its digest."""
    return _made(_SIGNATURE, text, bound)


def redact(text: str, bound: bytes = b"") -> str:
    """A thought that only the models can read, bound to a conversation by its digest."""
    return _made(_REDACTED, text, bound)


def is_genuine(mark: str, text: str = "") -> bool:
    """Whether a signature is one of ours and, when there is a text, that text's."""
    found = _read(_SIGNATURE, mark)
    return found is not None and (not text or _digest(text) == found.digest)


def is_redacted(data: str) -> bool:
    """Whether it is a thought of ours that `redact` made unreadable."""
    return _read(_REDACTED, data) is not None


def bound_to(mark: str) -> bytes:
    """The digest of the conversation that a mark is bound to; empty for none."""
    found = _read(_SIGNATURE, mark) or _read(_REDACTED, mark)
    return found.bound if found else b""


def _made(kind: bytes, text: str, bound: bytes) -> str:
    digest = _digest(text)
    secret = hashlib.shake_256(_KEY + digest).digest(len(text.encode()))
    return _encoded(kind, _Mark(digest, secret, bound))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[: 2 * _HALF]


def _encoded(kind: bytes, mark: _Mark) -> str:
    tag = hmac.digest(_KEY, kind + mark.digest + mark.bound + mark.secret, "sha384")
    fields = (
        _field(1, b"\x18" + kind),
        _field(2, mark.digest[:_HALF]),
        _field(3, mark.digest[_HALF:]),
        _field(4, tag),
        _field(6, mark.bound) if mark.bound else b"",
        _field(5, mark.secret),
    )
    return base64.b64encode(_field(2, b"".join(fields)) + b"\x18\x01").decode()


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    length, size = bytearray(), len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes((number << 3 | 2, *length, size)) + content


def _read(kind: bytes, mark: str) -> _Mark | None:
    """What is in a mark of that kind; None for any that would not be made again byte for byte."""
    try:
        content = base64.b64decode(mark, validate=True)
    except (binascii.Error, ValueError):
        return None
    start = _after_length(content, 1)
    fixed, rest = content[start : start + _FIXED], content[start + _FIXED : -2]
    digest = fixed[6 : 6 + _HALF] + fixed[8 + _HALF : 8 + 2 * _HALF]
    bound = rest[2 : 2 + BOUND_BYTES] if rest[:1] == bytes((_BOUND,)) else b""
    rest = rest[2 + BOUND_BYTES :] if bound else rest
    found = _Mark(digest, rest[_after_length(rest, 1) :], bound)
    return found if mark == _encoded(kind, found) else None


def _after_length(content: bytes, at: int) -> int:
    while at < len(content) and content[at] > 0x7F:
        at += 1
    return at + 1
