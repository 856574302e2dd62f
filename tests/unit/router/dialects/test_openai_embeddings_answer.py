"""InvokeModel's answers become what OpenAI's SDK reads."""

import base64
import json
import struct
from array import array
from typing import Any

import pytest
from catalog.pricing import Usage
from router.dialects.openai_embeddings.answer import body, pack_vectors, reported_usage
from router.dialects.openai_embeddings.families import EmbeddingFamily, family_of
from router.errors import ApiError

from tests.support.openai_sdk import client_hearing

TITAN = "amazon.titan-embed-text-v2:0"
COHERE_V3 = "cohere.embed-english-v3"
COHERE_V4 = "cohere.embed-v4:0"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"

VECTOR = [0.1, -0.2512345678, 1, 0.0]

ANSWERS: dict[str, tuple[str, Any]] = {
    "titan": (
        TITAN,
        {"embedding": VECTOR, "embeddingsByType": {"float": VECTOR}, "inputTextTokenCount": 2},
    ),
    "cohere": (
        COHERE_V3,
        {"embeddings": [VECTOR], "id": "a", "response_type": "embeddings_floats", "texts": ["hi"]},
    ),
    "cohere by type": (
        COHERE_V4,
        {"embeddings": {"float": [VECTOR]}, "id": "a", "response_type": "embeddings_by_type"},
    ),
    "nova": (NOVA, {"embeddings": [{"embeddingType": "TEXT", "embedding": VECTOR}]}),
}
"""The forms in AWS's pages on these models, which `router.dialects.openai_embeddings.families` names."""


def family(model: str) -> EmbeddingFamily:
    found = family_of(model)
    assert found is not None
    return found


def packed(model: str, answer: Any, encoding: str = "float", texts: int = 1) -> list[bytes]:
    said = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return pack_vectors(said, family(model), encoding, texts)


def whole(vectors: list[bytes], encoding: str = "float", cost: int = 0) -> bytes:
    return b"".join(body("some-model", vectors, encoding, Usage(input=7), cost))


@pytest.mark.parametrize("name", ANSWERS)
def test_numbers_come_as_bedrock_gave_them(name: str) -> None:
    found = json.loads(whole(packed(*ANSWERS[name])))
    assert found["data"] == [{"object": "embedding", "index": 0, "embedding": VECTOR}]


@pytest.mark.parametrize("name", ANSWERS)
def test_base64_holds_little_endian_32_bit_floats(name: str) -> None:
    found = json.loads(whole(packed(*ANSWERS[name], encoding="base64"), "base64"))
    assert found["data"][0]["embedding"] == base64.b64encode(struct.pack("<4f", *VECTOR)).decode()


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_the_openai_sdk_reads_the_vectors_in_their_order(encoding: Any) -> None:
    answer = {"embeddings": [[float(n), 0.5] for n in range(3)]}
    said = whole(packed(COHERE_V3, answer, encoding, texts=3), encoding, cost=1_400)
    with client_hearing(said, content_type="application/json") as client:
        found = client.embeddings.create(model="some-model", input="Hi", encoding_format=encoding)
    vectors = [
        list(array("f", base64.b64decode(entry.embedding)))
        if encoding == "base64"
        else entry.embedding
        for entry in found.data
    ]
    assert vectors == answer["embeddings"]
    assert [entry.index for entry in found.data] == [0, 1, 2]
    assert (found.object, found.model) == ("list", "some-model")
    assert (found.usage.prompt_tokens, found.usage.total_tokens) == (7, 7)
    assert found.usage.model_extra == {"cost": "0.0000000014"}


def test_the_openai_sdk_asks_for_base64_by_itself_and_unpacks_it() -> None:
    said = whole(packed(*ANSWERS["titan"], encoding="base64"), "base64")
    with client_hearing(said, content_type="application/json") as client:
        found = client.embeddings.create(model="some-model", input="Hi")
    assert found.data[0].embedding == pytest.approx(VECTOR, rel=1e-6)


def test_a_body_comes_in_a_piece_per_vector() -> None:
    vectors = packed(COHERE_V3, {"embeddings": [VECTOR] * 3}, texts=3)
    pieces = list(body("some-model", vectors, "float", Usage(input=7), 0))
    assert [piece.count(b'"index"') for piece in pieces] == [1, 1, 1]
    assert json.loads(b"".join(pieces))["usage"]["cost"] == "0"


def test_a_models_name_is_written_as_json() -> None:
    vectors = packed(*ANSWERS["titan"])
    said = b"".join(body('a"\\ü', vectors, "float", Usage(), 0))
    assert json.loads(said)["model"] == 'a"\\ü'


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        (TITAN, b"{"),
        pytest.param(TITAN, b"[" * 100_000, id="nested too deep"),
        (TITAN, b"null"),
        (TITAN, []),
        (TITAN, {}),
        (TITAN, {"embedding": None}),
        (TITAN, {"embedding": ["a"]}),
        (TITAN, {"embedding": [[0.1]]}),
        (TITAN, {"embedding": {"float": 1}}),
        (TITAN, {"embedding": [1e39]}),
        (TITAN, {"embedding": [10**400]}),
        (COHERE_V3, {"embeddings": {"int8": [[1]]}}),
        (COHERE_V3, {"embeddings": [0.1]}),
        (COHERE_V3, {"embeddings": []}),
        (COHERE_V3, {"embeddings": [[0.1], [0.2]]}),
        (NOVA, {"embeddings": [{"embeddingType": "TEXT"}]}),
        (NOVA, {"embeddings": "none"}),
    ],
    ids=str,
)
def test_an_answer_without_all_vectors_is_an_error_of_bedrocks(model: str, answer: Any) -> None:
    with pytest.raises(ApiError) as raised:
        packed(model, answer, "base64")
    assert raised.value.kind == "bad_upstream"


# --- usage ----------------------------------------------------------------------------------------

HEADERS = [("x-amzn-bedrock-input-token-count", "5"), ("x-amzn-bedrock-output-token-count", "0")]


@pytest.mark.parametrize(
    ("headers", "said", "used"),
    [
        (HEADERS, {"embeddings": []}, Usage(input=5)),
        (HEADERS, {"inputTextTokenCount": 9}, Usage(input=5)),
        ([], {"inputTextTokenCount": 9}, Usage(input=9)),
        ([], {"inputTextTokenCount": "many"}, None),
        ([], {"inputTextTokenCount": None}, None),
        ([], {}, None),
        ([], [], None),
    ],
)
def test_tokens_are_those_of_the_headers_else_those_that_titan_counts(
    headers: list[tuple[str, str]], said: Any, used: Usage | None
) -> None:
    assert reported_usage(headers, json.dumps(said).encode()) == used


def test_an_answer_that_is_no_json_reports_nothing() -> None:
    assert reported_usage([], b"<html>") is None
