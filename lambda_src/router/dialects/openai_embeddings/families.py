"""What each family of embedding models takes and gives: one row per family.

Bodies and limits:
Titan  https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
       https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-mm.html
Cohere https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v3.html
       https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v4.html
Nova   https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.models import base_id

from router.dialects.checks import Json


class Options(NamedTuple):
    """What a request asks beside its texts, in the family's own words; None leaves it to the model."""

    dimensions: int | None = None
    input_type: str | None = None
    truncate: str | None = None
    normalize: bool | None = None


class EmbeddingFamily(NamedTuple):
    """A row of the table."""

    begins: tuple[str, ...]
    """How its foundation models' ids begin."""
    body_of: Callable[[Sequence[str], Options], Json]
    """The InvokeModel body for up to `texts_per_call` texts."""
    vectors_of: Callable[[Any], list[Any]]
    """The vectors in an answer, in the order of the texts; raises `LookupError` or `TypeError` for
    an answer of another shape."""
    dimensions: tuple[int, ...]
    """The sizes of vector it makes."""
    texts_per_call: int = 1
    longest_text: int | None = None
    """In characters, where Bedrock refuses longer texts whatever is asked of it."""
    input_types: Mapping[str, str] = {}
    """`input_type` as clients name it → the family's own word."""
    truncate: Mapping[str, str] = {}
    """`truncate` as clients name it → the family's own word."""
    normalize: tuple[bool, ...] = ()
    """The values of `normalize` it can fulfil."""


def _given(**members: object) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def _titan_v1(texts: Sequence[str], options: Options) -> Json:  # noqa: ARG001 (it has no options)
    return {"inputText": texts[0]}


def _titan_v2(texts: Sequence[str], options: Options) -> Json:
    return {
        "inputText": texts[0],
        **_given(dimensions=options.dimensions, normalize=options.normalize),
    }


def _titan_multimodal(texts: Sequence[str], options: Options) -> Json:
    config = _given(outputEmbeddingLength=options.dimensions)
    return {"inputText": texts[0], **_given(embeddingConfig=config or None)}


def _cohere_v3(texts: Sequence[str], options: Options) -> Json:
    return {
        "texts": texts,
        "input_type": options.input_type or "search_document",
        **_given(truncate=options.truncate),
    }


def _cohere_v4(texts: Sequence[str], options: Options) -> Json:
    return _cohere_v3(texts, options) | _given(output_dimension=options.dimensions)


def _nova(texts: Sequence[str], options: Options) -> Json:
    return {
        "schemaVersion": "nova-multimodal-embed-v1",
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {
            "embeddingPurpose": options.input_type or "GENERIC_INDEX",
            **_given(embeddingDimension=options.dimensions),
            # The model wants to be told. A text too long for it is refused, as OpenAI refuses it.
            "text": {"truncationMode": options.truncate or "NONE", "value": texts[0]},
        },
    }


def _titan_vectors(answer: Any) -> list[Any]:
    return [answer["embedding"]]


def _cohere_vectors(answer: Any) -> list[Any]:
    found = answer["embeddings"]
    # By type where types were asked for; version 4 may give that form unasked.
    vectors: list[Any] = found["float"] if isinstance(found, dict) else found
    return vectors


def _nova_vectors(answer: Any) -> list[Any]:
    return [found["embedding"] for found in answer["embeddings"]]


_COHERE_INPUT_TYPES = {
    name: name for name in ("search_document", "search_query", "classification", "clustering")
}

_NOVA_PURPOSES = (
    "GENERIC_INDEX",
    "GENERIC_RETRIEVAL",
    "TEXT_RETRIEVAL",
    "IMAGE_RETRIEVAL",
    "VIDEO_RETRIEVAL",
    "DOCUMENT_RETRIEVAL",
    "AUDIO_RETRIEVAL",
    "CLASSIFICATION",
    "CLUSTERING",
)

_START_END = {"NONE": "NONE", "START": "START", "END": "END", "LEFT": "START", "RIGHT": "END"}

_LEFT_RIGHT = {"NONE": "NONE", "START": "LEFT", "END": "RIGHT", "LEFT": "LEFT", "RIGHT": "RIGHT"}

_ALWAYS_WHOLE = {"NONE": "NONE"}
"""Of models that refuse a text that is too long and cannot be told to cut it."""

FAMILIES = (
    EmbeddingFamily(
        ("amazon.titan-embed-text-v1", "amazon.titan-embed-g1-text"),
        _titan_v1,
        _titan_vectors,
        dimensions=(1536,),
        longest_text=50_000,
        truncate=_ALWAYS_WHOLE,
    ),
    EmbeddingFamily(
        ("amazon.titan-embed-text-v2",),
        _titan_v2,
        _titan_vectors,
        dimensions=(256, 512, 1024),
        longest_text=50_000,
        truncate=_ALWAYS_WHOLE,
        normalize=(False, True),
    ),
    EmbeddingFamily(
        ("amazon.titan-embed-image",),
        _titan_multimodal,
        _titan_vectors,
        dimensions=(256, 384, 1024),
    ),
    EmbeddingFamily(
        ("cohere.embed-english-v3", "cohere.embed-multilingual-v3"),
        _cohere_v3,
        _cohere_vectors,
        dimensions=(1024,),
        texts_per_call=96,
        longest_text=2048,
        input_types=_COHERE_INPUT_TYPES,
        truncate=_START_END,
    ),
    EmbeddingFamily(
        ("cohere.embed-v4",),
        _cohere_v4,
        _cohere_vectors,
        dimensions=(256, 512, 1024, 1536),
        texts_per_call=96,
        input_types=_COHERE_INPUT_TYPES,
        truncate=_LEFT_RIGHT,
    ),
    EmbeddingFamily(
        ("amazon.nova-2-multimodal-embeddings",),
        _nova,
        _nova_vectors,
        dimensions=(256, 384, 1024, 3072),
        longest_text=50_000,
        input_types={
            # What comes through this API is text, so its index holds texts.
            "search_document": "GENERIC_INDEX",
            "search_query": "TEXT_RETRIEVAL",
            "classification": "CLASSIFICATION",
            "clustering": "CLUSTERING",
            **{purpose: purpose for purpose in _NOVA_PURPOSES},
        },
        truncate=_START_END,
        normalize=(True,),
    ),
)


def family_of(model_id: str) -> EmbeddingFamily | None:
    """The family of a model id, a profile id or a foundation model's ARN; None for any other model."""
    bare = base_id(model_id.rpartition("/")[2])
    return next((family for family in FAMILIES if bare.startswith(family.begins)), None)
