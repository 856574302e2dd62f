"""InvokeModel's answers as one answer of OpenAI's Embeddings.

Vectors are kept packed between the two: as Python numbers, the 2,048 vectors of one request would
fill the function's memory.
"""

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

from catalog.pricing import Usage
from ledger.money import to_usd

from router.dialects.openai_embeddings.families import EmbeddingFamily
from router.errors import ApiError
from router.http import Headers
from router.usage import from_invoke

PACKING = {"float": "d", "base64": "f"}
"""How a vector is packed for each `encoding_format`, as `struct` calls it: numbers are written as they
came, base64 holds little-endian 32-bit floats."""

_UNREADABLE = (
    LookupError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


def pack_vectors(body: bytes, family: EmbeddingFamily, encoding: str, texts: int) -> list[bytes]:
    """The vectors of one call's answer, packed. Raises `ApiError` when they are not all there."""
    try:
        vectors = [_pack(vector, encoding) for vector in family.vectors_of(json.loads(body))]
    except _UNREADABLE as error:
        raise ApiError("bad_upstream", "Bedrock's answer holds no embeddings.") from error
    if len(vectors) != texts:
        raise ApiError("bad_upstream", f"Bedrock gave {len(vectors)} embeddings for {texts} texts.")
    return vectors


def reported_usage(headers: Headers, body: bytes) -> Usage | None:
    """The tokens of one call: by the answer's headers, else as Titan counts them in its body."""
    if (used := from_invoke(headers, body)) is not None:
        return used
    try:
        return Usage(input=int(json.loads(body)["inputTextTokenCount"]))
    except _UNREADABLE:
        return None


def body(
    model: str, vectors: list[bytes], encoding: str, used: Usage, cost: int
) -> Iterator[bytes]:
    """The client's body, one piece per vector. `model` is as requested, `cost` in picodollars."""
    before = '{"object":"list","data":['
    rest = {
        "model": model,
        "usage": {
            "prompt_tokens": used.prompt,
            "total_tokens": used.total,
            "cost": to_usd(cost),
        },
    }
    after = f"],{_json(rest)[1:]}"
    for index, vector in enumerate(vectors):
        entry = {
            "object": "embedding",
            "index": index,
            "embedding": _readable(vector, encoding),
        }
        last = after if index == len(vectors) - 1 else ""
        yield f"{before}{_json(entry)}{last}".encode()
        before = ","


def _pack(vector: list[Any], encoding: str) -> bytes:
    return struct.pack(f"<{len(vector)}{PACKING[encoding]}", *vector)


def _readable(vector: bytes, encoding: str) -> object:
    if encoding == "base64":
        return base64.b64encode(vector).decode()
    return struct.unpack(f"<{len(vector) // 8}d", vector)


def _json(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))
