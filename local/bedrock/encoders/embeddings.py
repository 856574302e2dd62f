"""Embeddings: a vector for each input, made from its digest, of length 1 unless asked otherwise.

Bodies and limits: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html,
model-parameters-titan-embed-mm.html, model-parameters-embed-v3.html and -v4.html,
https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html. Titan's words for too long a text:
https://github.com/aws-samples/amazon-bedrock-workshop/issues/136; those of the others were not found.
"""

import hashlib
import json
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from local.bedrock import tokens
from local.bedrock.errors import invalid
from local.bedrock.models import Model

Vector = list[float]
Body = dict[str, Any]

_CHARACTERS = 4
"""In a token, as `local.bedrock.tokens` counts."""


class Embedded(NamedTuple):
    """The answer to an embedding request and the tokens it counts."""

    body: Body
    input_tokens: int


def embed(model: Model, body: Body) -> Embedded:
    """Answers an InvokeModel body of an embedding model."""
    return _FAMILIES[model.family](body, model.context)


def vector(text: str, dimensions: int, *, normalize: bool = True) -> Vector:
    """The embedding of a text."""
    noise = hashlib.shake_256(text.encode()).digest(2 * dimensions)
    raw = [value / 32_768 for value in struct.unpack(f">{dimensions}h", noise)]
    norm = sum(value * value for value in raw) ** 0.5 if normalize else 1
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


def _counted(text: str, most: int) -> int:
    """The tokens of a text for a Titan, which never cuts one."""
    count = tokens.count(text)
    if count > most:
        raise invalid(
            f"400 Bad Request: Too many input tokens. Max input tokens: {most}, request input token "
            f"count: {count} "
        )
    return count


def _cut(text: str, most: int, mode: str) -> str:
    """A text within so many tokens, less its start or its end; too long a text may be refused."""
    length = most * _CHARACTERS
    if len(text) <= length:
        return text
    if mode == "NONE":
        raise invalid(
            f"Input is too long: {tokens.count(text)} tokens, and the model takes {most}. Shorten it or "
            "have it truncated."
        )
    return text[-length:] if mode in {"START", "LEFT"} else text[:length]


def _titan_v1(body: Body, most: int) -> Embedded:
    count = _counted(body["inputText"], most)
    made = vector(body["inputText"], 1536)
    return Embedded({"embedding": made, "inputTextTokenCount": count}, count)


def _titan_v2(body: Body, most: int) -> Embedded:
    text = body["inputText"]
    count = _counted(text, most)
    values = vector(text, body.get("dimensions", 1024), normalize=body.get("normalize", True))
    made: dict[str, list[Any]] = {"float": values, "binary": _binary(values)}
    wanted = body.get("embeddingTypes") or ["float"]
    answer: Body = {"embeddingsByType": {kind: made[kind] for kind in wanted}}
    if "float" in wanted:
        answer["embedding"] = values
    return Embedded({**answer, "inputTextTokenCount": count}, count)


def _titan_multimodal(body: Body, most: int) -> Embedded:
    text, image = body.get("inputText", ""), body.get("inputImage", "")
    count = _counted(text, most)
    config = body.get("embeddingConfig", {})
    values = vector(f"{text}\0{image}", config.get("outputEmbeddingLength", 1024))
    answer = {"embedding": values, "inputTextTokenCount": count, "message": None}
    return Embedded(answer, count + (tokens.IMAGE_MOST if image else 0))


def _cohere_v3(body: Body, most: int) -> Embedded:
    # Cut unless told not to: https://github.com/run-llama/llama_index/issues/13376
    mode = body.get("truncate", "END")
    texts, images = body.get("texts", ()), body.get("images", ())
    inputs = [_cut(text, most, mode) for text in texts]
    count = sum(map(tokens.count, inputs)) + sum(map(tokens.weigh_url, images))
    return _cohere(body, [*inputs, *images], 1024, count)


def _cohere_v4(body: Body, most: int) -> Embedded:
    most, mode = min(most, body.get("max_tokens", most)), body.get("truncate", "RIGHT")
    inputs = [_cut(text, most, mode) for text in body.get("texts", ())]
    images = body.get("images", ())
    count = sum(map(tokens.count, inputs)) + sum(map(tokens.weigh_url, images))
    inputs += images
    for item in body.get("inputs", ()):
        inputs.append(json.dumps(item["content"], sort_keys=True))
        count += tokens.weigh(item["content"])
    return _cohere(body, inputs, body.get("output_dimension", 1536), count)


def _cohere(body: Body, inputs: list[str], dimensions: int, count: int) -> Embedded:
    vectors = [vector(text, dimensions) for text in inputs]
    answer: Body = {
        "id": hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:32],
        "texts": body.get("texts", []),
        "response_type": "embeddings_floats",
        "embeddings": vectors,
    }
    if wanted := body.get("embedding_types"):
        answer["response_type"] = "embeddings_by_type"
        answer["embeddings"] = {kind: list(map(_COHERE_TYPES[kind], vectors)) for kind in wanted}
    return Embedded(answer, count)


def _nova(body: Body, most: int) -> Embedded:
    params = body["singleEmbeddingParams"]
    kind = next(kind for kind in ("text", "image", "audio", "video") if kind in params)
    media = params[kind]
    whole = media.get("value", "") or json.dumps(media.get("source"), sort_keys=True)
    kept = _cut(whole, most, media["truncationMode"]) if "value" in media else whole
    made: Body = {
        "embeddingType": media.get("embeddingMode", kind.upper()),
        "embedding": vector(kept, params.get("embeddingDimension", 3072)),
    }
    if kept != whole:
        made["truncatedCharLength"] = len(kept)
    count = tokens.count(kept) if "value" in media else tokens.IMAGE_MOST
    return Embedded({"embeddings": [made]}, count)


_FAMILIES: dict[str, Callable[[Body, int], Embedded]] = {
    "titan-embed-v1": _titan_v1,
    "titan-embed-v2": _titan_v2,
    "titan-embed-image": _titan_multimodal,
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
