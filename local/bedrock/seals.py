"""Marks that tell the simulated models' own reasoning from a forgery.

They look like a Claude's: base64 of a message in protobuf's wire format, which holds an encrypted copy of
the reasoning and so grows with it. Whoever alters a byte of one breaks its tag, and one whose text the
service left out can still be told from a forged one.
"""

import base64
import binascii
import hashlib
import hmac

_KEY = b"simulated Bedrock"
_REDACTED, _SIGNATURE = b"\x01", b"\x02"
_HALF = 12
_TAG = 48
_FIXED = 4 + 2 + _HALF + 2 + _HALF + 2 + _TAG
"""Bytes of the fields before the encrypted text: the kind, two nonces and the tag."""


def seal(text: str) -> str:
    """The signature of a thought."""
    return _made(_SIGNATURE, text)


def redact(text: str) -> str:
    """A thought that only the models can read."""
    return _made(_REDACTED, text)


def is_genuine(mark: str, text: str = "") -> bool:
    """Whether a signature is one of ours and, when there is a text, that text's."""
    digest = _digest_in(_SIGNATURE, mark)
    return digest is not None and (not text or _digest(text) == digest)


def is_redacted(data: str) -> bool:
    """Whether it is a thought of ours that `redact` made unreadable."""
    return _digest_in(_REDACTED, data) is not None


def _made(kind: bytes, text: str) -> str:
    digest = _digest(text)
    secret = hashlib.shake_256(_KEY + digest).digest(len(text.encode()))
    return _mark(kind, digest, secret)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[: 2 * _HALF]


def _mark(kind: bytes, digest: bytes, secret: bytes) -> str:
    tag = hmac.digest(_KEY, kind + digest + secret, "sha384")
    fields = (
        _field(1, b"\x18" + kind),
        _field(2, digest[:_HALF]),
        _field(3, digest[_HALF:]),
        _field(4, tag),
        _field(5, secret),
    )
    return base64.b64encode(_field(2, b"".join(fields)) + b"\x18\x01").decode()


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    length, size = bytearray(), len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes((number << 3 | 2, *length, size)) + content


def _digest_in(kind: bytes, mark: str) -> bytes | None:
    """The digest in a mark of that kind; None in any that would not be made again byte for byte."""
    try:
        content = base64.b64decode(mark, validate=True)
    except (binascii.Error, ValueError):
        return None
    start = _after_length(content, 1)
    fixed = content[start : start + _FIXED]
    digest = fixed[6 : 6 + _HALF] + fixed[8 + _HALF : 8 + 2 * _HALF]
    secret = content[_after_length(content, start + _FIXED + 1) : -2]
    return digest if mark == _mark(kind, digest, secret) else None


def _after_length(content: bytes, at: int) -> int:
    while at < len(content) and content[at] > 0x7F:
        at += 1
    return at + 1
