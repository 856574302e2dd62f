"""Embeddings: a vector for each text, made from the text's digest, of length 1."""

import hashlib
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from local.bedrock import tokens
from local.bedrock.models import Model

Vector = list[float]


class Embedded(NamedTuple):
    """The answer to an embedding request and the tokens it counts."""

    body: dict[str, Any]
    input_tokens: int


def embed(model: Model, body: dict[str, Any]) -> Embedded:
    """Answers an InvokeModel body of an embedding model."""
    return _FAMILIES[model.family](body)


def vector(text: str, dimensions: int) -> Vector:
    """The embedding of a text."""
    noise = hashlib.shake_256(text.encode()).digest(2 * dimensions)
    raw = [value / 32_768 for value in struct.unpack(f">{dimensions}h", noise)]
    norm = sum(value * value for value in raw) ** 0.5
    return [round(value / norm, 8) for value in raw]


def _binary(values: Vector) -> list[int]:
    return [int(value > 0) for value in values]


def _packed(values: Vector, offset: int) -> list[int]:
    bits = _binary(values)
    return [int("".join(map(str, bits[at : at + 8])), 2) - offset for at in range(0, len(bits), 8)]


_COHERE_TYPES: dict[str, Callable[[Vector], list[Any]]] = {
    "float": list,
    "int8": lambda values: [round(value * 127) for value in values],
    "uint8": lambda values: [round(value * 127) + 128 for value in values],
    "binary": lambda values: _packed(values, 128),
    "ubinary": lambda values: _packed(values, 0),
}


def _titan_v1(body: dict[str, Any]) -> Embedded:
    text = body["inputText"]
    count = tokens.count(text)
    return Embedded({"embedding": vector(text, 1536), "inputTextTokenCount": count}, count)


def _titan_v2(body: dict[str, Any]) -> Embedded:
    text = body["inputText"]
    count = tokens.count(text)
    values = vector(text, body.get("dimensions", 1024))
    made: dict[str, list[Any]] = {"float": values, "binary": _binary(values)}
    wanted = body.get("embeddingTypes") or ["float"]
    answer: dict[str, Any] = {"embeddingsByType": {kind: made[kind] for kind in wanted}}
    if "float" in wanted:
        answer["embedding"] = values
    return Embedded({**answer, "inputTextTokenCount": count}, count)


def _cohere_v3(body: dict[str, Any]) -> Embedded:
    return _cohere(body, body["texts"], 1024)


def _cohere_v4(body: dict[str, Any]) -> Embedded:
    contents = body.get("texts") or body.get("images") or body.get("inputs") or []
    joined = [" ".join(texts(item)) for item in contents]
    return _cohere(body, joined, body.get("output_dimension", 1536))


def _cohere(body: dict[str, Any], inputs: list[str], dimensions: int) -> Embedded:
    vectors = [vector(text, dimensions) for text in inputs]
    answer: dict[str, Any] = {
        "id": hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:32],
        "texts": body.get("texts", []),
        "response_type": "embeddings_floats",
        "embeddings": vectors,
    }
    if wanted := body.get("embedding_types"):
        answer["response_type"] = "embeddings_by_type"
        answer["embeddings"] = {kind: list(map(_COHERE_TYPES[kind], vectors)) for kind in wanted}
    return Embedded(answer, sum(map(tokens.count, inputs)))


def _nova(body: dict[str, Any]) -> Embedded:
    params = body["singleEmbeddingParams"]
    text = params["text"]["value"]
    values = vector(text, params.get("embeddingDimension", 3072))
    embedding = {"embeddingType": "TEXT", "embedding": values}
    return Embedded({"embeddings": [embedding]}, tokens.count(text))


_FAMILIES: dict[str, Callable[[dict[str, Any]], Embedded]] = {
    "titan-embed-v1": _titan_v1,
    "titan-embed-v2": _titan_v2,
    "cohere-embed-v3": _cohere_v3,
    "cohere-embed-v4": _cohere_v4,
    "nova-embed": _nova,
}


def texts(body: Any) -> list[str]:
    """Every text in a body."""
    if isinstance(body, str):
        return [body]
    items = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return [text for item in items for text in texts(item)]


def embeds(model: Model) -> bool:
    """Whether the model makes embeddings."""
    return model.family in _FAMILIES
