"""Embeddings: what each family takes, how long a text may be, and what the vectors are."""

import math
from typing import Any

import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import assert_refused, call

TITAN_1 = "amazon.titan-embed-text-v1"
TITAN_2 = "amazon.titan-embed-text-v2:0"
TITAN_IMAGE = "amazon.titan-embed-image-v1"
COHERE_3 = "cohere.embed-english-v3"
COHERE_4 = "cohere.embed-v4:0"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"
IMAGE = "data:image/png;base64,aGk="

Json = dict[str, Any]


def cohere(*texts: str, **fields: Any) -> Json:
    return {"texts": list(texts), "input_type": "search_document", **fields}


def nova(value: str = "Hello", mode: str | None = "NONE", **params: Any) -> Json:
    text = {"truncationMode": mode, "value": value}
    return novas(text={name: given for name, given in text.items() if given}, **params)


def novas(**params: Any) -> Json:
    return {
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {"embeddingPurpose": "GENERIC_INDEX", **params},
    }


def vectors(sim: Simulator, model: str, body: Json) -> list[list[float]]:
    answer = call(sim, "invoke", model, body)
    assert answer.status == 200, answer.json
    found = answer.json.get("embeddings") or [answer.json["embedding"]]
    return [item["embedding"] if isinstance(item, dict) else item for item in found]


def length(vector: list[float]) -> float:
    return math.sqrt(sum(value * value for value in vector))


SIZES: list[tuple[str, Json, int]] = [
    (TITAN_1, {"inputText": "Hello"}, 1536),
    (TITAN_2, {"inputText": "Hello"}, 1024),
    *((TITAN_2, {"inputText": "Hello", "dimensions": size}, size) for size in (256, 512, 1024)),
    (TITAN_IMAGE, {"inputText": "Hello"}, 1024),
    (TITAN_IMAGE, {"inputImage": "aGk=", "embeddingConfig": {"outputEmbeddingLength": 384}}, 384),
    (COHERE_3, cohere("Hello"), 1024),
    (COHERE_4, cohere("Hello"), 1536),
    *((COHERE_4, cohere("Hello", output_dimension=size), size) for size in (256, 512, 1024, 1536)),
    (NOVA, nova(), 3072),
    *((NOVA, nova(embeddingDimension=size), size) for size in (256, 384, 1024, 3072)),
]


@pytest.mark.parametrize(("model", "body", "size"), SIZES)
def test_a_vector_has_the_asked_size_and_length_one(
    sim: Simulator, model: str, body: Json, size: int
) -> None:
    [vector] = vectors(sim, model, body)
    assert len(vector) == size
    assert length(vector) == pytest.approx(1, abs=1e-5)
    assert vectors(sim, model, body) == [vector]


def test_only_a_vector_that_is_not_normalized_has_another_length(sim: Simulator) -> None:
    [long] = vectors(sim, TITAN_2, {"inputText": "Hello", "normalize": False})
    [unit] = vectors(sim, TITAN_2, {"inputText": "Hello", "normalize": True})
    assert length(long) > 2
    assert [value / length(long) for value in long] == pytest.approx(unit, abs=1e-6)


def test_a_titan_gives_each_type_it_is_asked_for(sim: Simulator) -> None:
    body = {"inputText": "Hello", "embeddingTypes": ["binary"]}
    answer = call(sim, "invoke", TITAN_2, body).json
    assert answer.keys() == {"embeddingsByType", "inputTextTokenCount"}
    assert set(answer["embeddingsByType"]["binary"]) == {0, 1}
    both = call(sim, "invoke", TITAN_2, {**body, "embeddingTypes": ["binary", "float"]}).json
    assert both["embedding"] == both["embeddingsByType"]["float"]


def test_texts_are_embedded_each_by_itself_and_in_order(sim: Simulator) -> None:
    both = vectors(sim, COHERE_4, cohere("one", "two"))
    assert both == [*vectors(sim, COHERE_4, cohere("one")), *vectors(sim, COHERE_4, cohere("two"))]


def test_as_many_texts_as_may_be_are_taken(sim: Simulator) -> None:
    for model in (COHERE_3, COHERE_4):
        assert len(vectors(sim, model, cohere(*["x" * 2048] * 96))) == 96


def test_content_that_is_no_text_is_embedded(sim: Simulator) -> None:
    part = [{"type": "text", "text": "A cat"}, {"type": "image_url", "image_url": IMAGE}]
    bodies = [
        (COHERE_3, {"images": [IMAGE], "input_type": "image"}),
        (COHERE_4, {"images": [IMAGE, IMAGE], "input_type": "search_document"}),
        (COHERE_4, {"inputs": [{"content": part}], "input_type": "search_document"}),
        (NOVA, novas(image={"format": "png", "source": {"bytes": "aGk="}})),
        (NOVA, novas(audio={"format": "wav", "source": {"s3Location": {"uri": "s3://b/k"}}})),
    ]
    for model, body in bodies:
        assert length(vectors(sim, model, body)[0]) == pytest.approx(1, abs=1e-5)


LONG = "word " * 7_000
"""More than 8,192 tokens and fewer than 50,000 characters."""


@pytest.mark.parametrize(
    ("model", "body", "kept"),
    [
        (NOVA, nova(LONG, "END"), nova(LONG[: 4 * 8_172])),
        (NOVA, nova(LONG, "START"), nova(LONG[-4 * 8_172 :])),
        (COHERE_4, cohere("abcdefghij", max_tokens=1, truncate="RIGHT"), cohere("abcd")),
        (COHERE_4, cohere("abcdefghij", max_tokens=1, truncate="LEFT"), cohere("ghij")),
        (COHERE_4, cohere("abcdefghij", max_tokens=1), cohere("abcd")),
    ],
)
def test_a_text_is_cut_as_asked(sim: Simulator, model: str, body: Json, kept: Json) -> None:
    assert vectors(sim, model, body) == vectors(sim, model, kept)


def test_nova_tells_how_much_it_kept(sim: Simulator) -> None:
    [whole] = call(sim, "invoke", NOVA, nova()).json["embeddings"]
    [cut] = call(sim, "invoke", NOVA, nova(LONG, "END")).json["embeddings"]
    assert whole.keys() == {"embeddingType", "embedding"}
    assert cut["truncatedCharLength"] == 4 * 8_172


REFUSED: dict[str, tuple[str, Json, str]] = {
    "too many tokens for a Titan": (
        TITAN_2,
        {"inputText": LONG},
        "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 8750",
    ),
    "too many characters for a Titan": (
        TITAN_1,
        {"inputText": "x" * 50_001},
        "Malformed input request: expected maxLength: 50000, actual: 50001, please reformat your input",
    ),
    "several texts for a Titan": (
        TITAN_2,
        {"inputText": ["a", "b"]},
        "#/inputText: expected type: String, found: JSONArray",
    ),
    "no text for a Titan": (
        TITAN_2,
        {"inputText": ""},
        "Malformed input request: expected minLength: 1",
    ),
    "a size of Titan 1": (
        TITAN_1,
        {"inputText": "x", "dimensions": 256},
        "extraneous key [dimensions]",
    ),
    "an image's size of a text": (
        TITAN_2,
        {"inputText": "x", "dimensions": 384},
        "384 is not a valid enum",
    ),
    "nothing for a multimodal Titan": (TITAN_IMAGE, {}, "#: required key [inputText] not found"),
    "a long text for a multimodal Titan": (
        TITAN_IMAGE,
        {"inputText": "x" * 1_025},
        "Max input tokens: 256, request input token count: 257",
    ),
    "97 texts": (
        COHERE_4,
        cohere(*"x" * 97),
        "#/texts: expected maximum item count: 96, found: 97",
    ),
    "long texts": (
        COHERE_3,
        cohere("x" * 2_049, "x", "x" * 3_000, truncate="END"),
        (
            "Malformed input request: #/texts/0: expected maxLength: 2048, actual: 2049#/texts/2: "
            "expected maxLength: 2048, actual: 3000, please reformat your input and try again."
        ),
    ),
    "no input type": (COHERE_3, {"texts": ["x"]}, "#: required key [input_type] not found"),
    "another input type": (
        COHERE_4,
        cohere("x", input_type="query"),
        "query is not a valid enum value",
    ),
    "images as a type of Cohere 4": (
        COHERE_4,
        cohere("x", input_type="image"),
        "not a valid enum value",
    ),
    "a size of Cohere 3": (COHERE_3, cohere("x", output_dimension=256), "[output_dimension]"),
    "another size": (COHERE_4, cohere("x", output_dimension=300), "300 is not a valid enum value"),
    "the other version's end": (
        COHERE_4,
        cohere("x", truncate="END"),
        "END is not a valid enum value",
    ),
    "the other version's right": (
        COHERE_3,
        cohere("x", truncate="RIGHT"),
        "RIGHT is not a valid enum",
    ),
    "a long text that is not to be cut": (
        COHERE_4,
        cohere("abcdefghij", max_tokens=2, truncate="NONE"),
        "Input is too long",
    ),
    "texts and images": (
        COHERE_4,
        cohere("x", images=[IMAGE]),
        "only one of [texts, images, inputs]",
    ),
    "images of no kind": (
        COHERE_3,
        {"images": [IMAGE], "input_type": "search_document"},
        "image goes with images",
    ),
    "an image elsewhere": (
        COHERE_4,
        {"images": ["https://example.com/a.png"], "input_type": "clustering"},
        "#/images/0: not a data URI",
    ),
    "a part without its content": (
        COHERE_4,
        {"inputs": [{"content": [{"type": "text"}]}], "input_type": "clustering"},
        "#/inputs/0/content/0: required key [text] not found",
    ),
    "a purpose of Nova's": (
        NOVA,
        nova(embeddingPurpose="search"),
        "search is not a valid enum value",
    ),
    "a size of Nova's": (NOVA, nova(embeddingDimension=512), "512 is not a valid enum value"),
    "no truncation for Nova": (NOVA, nova(mode=None), "required key [truncationMode] not found"),
    "a long text for Nova": (NOVA, nova(LONG), "Input is too long: 8750 tokens"),
    "nothing for Nova": (NOVA, novas(), "#/singleEmbeddingParams: required key [text] not found"),
    "several for Nova": (
        NOVA,
        nova(image={"format": "png", "source": {"bytes": "aGk="}}),
        "#/singleEmbeddingParams: only one of [text, image, audio, video] is permitted",
    ),
    "a source from nowhere": (
        NOVA,
        novas(image={"format": "png", "source": {}}),
        "[bytes] not found",
    ),
    "segments": (
        NOVA,
        {**nova(), "taskType": "SEGMENTED_EMBEDDING"},
        "SEGMENTED_EMBEDDING is not a valid enum value",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(sim: Simulator, case: str) -> None:
    model, body, message = REFUSED[case]
    assert_refused(call(sim, "invoke", model, body), "ValidationException", message)


@pytest.mark.parametrize(
    ("model", "body", "tokens"),
    [
        (TITAN_1, {"inputText": "x" * 40}, 10),
        (TITAN_2, {"inputText": "x" * 40}, 10),
        (COHERE_3, cohere("x" * 40, "x" * 8), 12),
        (COHERE_4, cohere("x" * 40, max_tokens=5), 5),
        (NOVA, nova("x" * 40), 10),
        (NOVA, nova(LONG, "END"), 8_172),
    ],
)
def test_tokens_are_told_in_a_header_and_billed(
    sim: Simulator, model: str, body: Json, tokens: int
) -> None:
    answer = call(sim, "invoke", model, body)
    assert answer.headers["x-amzn-bedrock-input-token-count"] == str(tokens)
    assert answer.json.get("inputTextTokenCount", tokens) == tokens
    [charge] = sim.bill.show()["calls"]
    assert (charge["usage"]["input"], charge["usage"]["output"]) == (tokens, 0)


def test_an_embedding_that_is_refused_costs_nothing(sim: Simulator) -> None:
    call(sim, "invoke", TITAN_2, {"inputText": LONG})
    assert sim.bill.show()["calls"] == []
