"""Marks that tell the simulated models' own reasoning from a forgery.

A mark holds a digest of the reasoning and a tag over it, so that one whose text the service left out can
still be told from a forged one.
"""

import base64
import binascii
import hashlib
import hmac

_KEY = b"simulated Bedrock"
_PART = 24


def seal(text: str) -> str:
    """The mark of a text, in base64."""
    digest = _digest(text)
    return base64.b64encode(digest + _tag(digest)).decode()


def is_genuine(mark: str, text: str = "") -> bool:
    """Whether a mark is one of ours and, when there is a text, that text's."""
    try:
        content = base64.b64decode(mark, validate=True)
    except (binascii.Error, ValueError):
        return False
    digest, tag = content[:_PART], content[_PART:]
    return hmac.compare_digest(tag, _tag(digest)) and (not text or _digest(text) == digest)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:_PART]


def _tag(digest: bytes) -> bytes:
    return hmac.digest(_KEY, digest, "sha256")[:_PART]
