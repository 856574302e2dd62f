"""The bodies that embedding models take from InvokeModel, and what is wrong with one beyond its form.

Sources: those of `local.bedrock.encoders.embeddings`.
"""

from collections.abc import Callable
from typing import Any

from local.bedrock.schemas import Field

_TEXT = Field("string")
_TITAN_TEXT = Field("string", least=1, most=50_000)
_EMBEDDING_TYPES = Field(
    "array", items=Field("string", choices=("float", "int8", "uint8", "binary", "ubinary"))
)
_PURPOSES = ("search_document", "search_query", "classification", "clustering")
_IMAGES = Field("array", least=1, most=96, items=_TEXT)


def _object(**members: Field) -> Field:
    return Field("object", members=members)


_CONTENT = Field(
    "array",
    required=True,
    least=1,
    items=_object(
        type=Field("string", required=True, choices=("text", "image_url")),
        text=_TEXT,
        image_url=_TEXT,
    ),
)
_SOURCE = Field(
    "object",
    required=True,
    members={
        "bytes": Field("string", least=1),
        "s3Location": _object(uri=Field("string", required=True), bucketOwner=_TEXT),
    },
)
_NOVA_PARAMS = Field(
    "object",
    required=True,
    members={
        "embeddingPurpose": Field(
            "string",
            required=True,
            choices=(
                "GENERIC_INDEX",
                "GENERIC_RETRIEVAL",
                "TEXT_RETRIEVAL",
                "IMAGE_RETRIEVAL",
                "VIDEO_RETRIEVAL",
                "DOCUMENT_RETRIEVAL",
                "AUDIO_RETRIEVAL",
                "CLASSIFICATION",
                "CLUSTERING",
            ),
        ),
        "embeddingDimension": Field("integer", choices=(256, 384, 1024, 3072)),
        "text": _object(
            truncationMode=Field("string", required=True, choices=("START", "END", "NONE")),
            value=Field("string", required=True, least=1, most=50_000),
        ),
        "image": _object(
            detailLevel=Field("string", choices=("STANDARD_IMAGE", "DOCUMENT_IMAGE")),
            format=Field("string", required=True, choices=("png", "jpeg", "gif", "webp")),
            source=_SOURCE,
        ),
        "audio": _object(
            format=Field("string", required=True, choices=("mp3", "wav", "ogg")), source=_SOURCE
        ),
        "video": _object(
            format=Field(
                "string",
                required=True,
                choices=("mp4", "mov", "mkv", "webm", "flv", "mpeg", "mpg", "wmv", "3gp"),
            ),
            source=_SOURCE,
            embeddingMode=Field(
                "string",
                required=True,
                choices=("AUDIO_VIDEO_COMBINED", "AUDIO_VIDEO_SEPARATE"),
            ),
        ),
    },
)

EMBEDDING_BODIES = {
    "titan-embed-v1": _object(inputText=_TITAN_TEXT._replace(required=True)),
    "titan-embed-v2": _object(
        inputText=_TITAN_TEXT._replace(required=True),
        dimensions=Field("integer", choices=(256, 512, 1024)),
        normalize=Field("boolean"),
        embeddingTypes=Field("array", items=Field("string", choices=("float", "binary"))),
    ),
    "titan-embed-image": _object(
        inputText=Field("string", least=1),
        inputImage=Field("string", least=1),
        embeddingConfig=_object(
            outputEmbeddingLength=Field("integer", required=True, choices=(256, 384, 1024))
        ),
    ),
    "cohere-embed-v3": _object(
        texts=Field("array", least=1, most=96, items=Field("string", most=2048)),
        images=_IMAGES._replace(most=1),
        input_type=Field("string", required=True, choices=(*_PURPOSES, "image")),
        truncate=Field("string", choices=("NONE", "START", "END")),
        embedding_types=_EMBEDDING_TYPES,
    ),
    "cohere-embed-v4": _object(
        input_type=Field("string", required=True, choices=_PURPOSES),
        texts=_IMAGES,
        images=_IMAGES,
        inputs=Field("array", least=1, most=96, items=_object(content=_CONTENT)),
        embedding_types=_EMBEDDING_TYPES,
        output_dimension=Field("integer", choices=(256, 512, 1024, 1536)),
        max_tokens=Field("integer", least=1, most=128_000),
        truncate=Field("string", choices=("NONE", "LEFT", "RIGHT")),
    ),
    "nova-embed": _object(
        schemaVersion=Field("string", choices=("nova-multimodal-embed-v1",)),
        taskType=Field("string", required=True, choices=("SINGLE_EMBEDDING",)),
        singleEmbeddingParams=_NOVA_PARAMS,
    ),
}
"""By family of `local.bedrock.models.Model`."""


def problem_with(family: str, body: dict[str, Any]) -> str:
    """What is wrong with an embedding model's body of the right form; "" for nothing."""
    check = _CHECKS.get(family)
    return check(body) if check else ""


def _titan_multimodal(body: dict[str, Any]) -> str:
    given = {"inputText", "inputImage"} & body.keys()
    return "" if given else "#: required key [inputText] not found"


def _cohere_v3(body: dict[str, Any]) -> str:
    if problem := _one_of(body, ("texts", "images")):
        return problem
    if ("images" in body) != (body["input_type"] == "image"):
        return "#/input_type: image goes with images, and with nothing else"
    return _images(body)


def _cohere_v4(body: dict[str, Any]) -> str:
    if problem := _one_of(body, ("texts", "images", "inputs")):
        return problem
    for index, item in enumerate(body.get("inputs", ())):
        for position, part in enumerate(item["content"]):
            if part["type"] not in part:
                place = f"#/inputs/{index}/content/{position}"
                return f"{place}: required key [{part['type']}] not found"
    return _images(body)


def _one_of(body: dict[str, Any], names: tuple[str, ...]) -> str:
    given = [name for name in names if name in body]
    if not given:
        return f"#: required key [{names[0]}] not found"
    return "" if len(given) == 1 else f"#: only one of [{', '.join(names)}] is permitted"


def _images(body: dict[str, Any]) -> str:
    for index, image in enumerate(body.get("images", ())):
        if not image.startswith("data:image/"):
            return f"#/images/{index}: not a data URI"
    return ""


def _nova(body: dict[str, Any]) -> str:
    params = body["singleEmbeddingParams"]
    kinds = ("text", "image", "audio", "video")
    if problem := _one_of(params, kinds):
        return problem.replace("#", "#/singleEmbeddingParams", 1)
    source = next((params[kind]["source"] for kind in kinds[1:] if kind in params), None)
    if source is None:
        return ""
    return _one_of(source, ("bytes", "s3Location")).replace(
        "#", "#/singleEmbeddingParams/source", 1
    )


_CHECKS: dict[str, Callable[[dict[str, Any]], str]] = {
    "titan-embed-image": _titan_multimodal,
    "cohere-embed-v3": _cohere_v3,
    "cohere-embed-v4": _cohere_v4,
    "nova-embed": _nova,
}
