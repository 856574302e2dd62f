"""Requests for embeddings become the InvokeModel bodies of the model's family, or a 400 that names."""

import json
from typing import Any

import pytest
from catalog import models
from router.dialects.openai_embeddings.families import FAMILIES, family_of
from router.dialects.openai_embeddings.request import MAX_TEXTS, PREFIX_TOKENS, Plan, plan
from router.errors import ApiError
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

CATALOG = models.load("us-east-1", {"text-embedding-3-small": "titan-embed-text-v2"})

TITAN_V1 = "titan-embed-text-v1"
TITAN_V2 = "titan-embed-text-v2"
TITAN_IMAGE = "titan-embed-image-v1"
COHERE_V3 = "cohere-embed-multilingual-v3"
COHERE_V4 = "cohere-embed-v4"
NOVA = "nova-2-multimodal-embeddings"


def planned(model: str = TITAN_V2, **members: Any) -> Plan:
    asked = {"model": model, "input": "Hi", **members}
    return plan(json.dumps(asked).encode(), CATALOG)


def bodies(made: Plan) -> list[Any]:
    return [json.loads(part.body) for part in made.parts]


def refusal(model: str = TITAN_V2, **members: Any) -> ApiError:
    with pytest.raises(ApiError) as raised:
        planned(model, **members)
    return raised.value


# --- bodies ---------------------------------------------------------------------------------------

GOLDEN: dict[str, tuple[str, dict[str, Any]]] = {
    "titan_v1": (TITAN_V1, {}),
    "titan_v1_with_all": (TITAN_V1, {"dimensions": 1536, "truncate": "NONE"}),
    "titan_v2": (TITAN_V2, {"input": ["Grüße", "a\nb"]}),
    "titan_v2_with_all": (TITAN_V2, {"dimensions": 256, "normalize": False}),
    "titan_image": (TITAN_IMAGE, {}),
    "titan_image_with_all": (TITAN_IMAGE, {"dimensions": 384}),
    "cohere_v3": (COHERE_V3, {"input": ["one", "two", "three"]}),
    "cohere_v3_with_all": (
        "cohere-embed-english-v3",
        {"dimensions": 1024, "input_type": "search_query", "truncate": "RIGHT"},
    ),
    "cohere_v4": (COHERE_V4, {"input": ["one", "two", "three"]}),
    "cohere_v4_with_all": (
        COHERE_V4,
        {"dimensions": 512, "input_type": "clustering", "truncate": "START"},
    ),
    "nova": (NOVA, {"input": ["one", "two"]}),
    "nova_with_all": (
        NOVA,
        {
            "dimensions": 384,
            "input_type": "search_query",
            "truncate": "LEFT",
            "normalize": True,
        },
    ),
    "nova_in_its_own_words": (NOVA, {"input_type": "DOCUMENT_RETRIEVAL", "truncate": "END"}),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_request_becomes_the_reviewed_bodies(name: str, snapshot: SnapshotAssertion) -> None:
    model, members = GOLDEN[name]
    made = planned(model, **members)
    assert {"path": made.call.path, "bodies": bodies(made)} == snapshot(
        extension_class=JSONSnapshotExtension
    )


@pytest.mark.parametrize(
    "model",
    [model for model in CATALOG.models if "embeddings" in model.capabilities],
    ids=lambda model: model.name,
)
def test_every_embedding_model_of_the_catalog_has_a_family(model: models.Model) -> None:
    assert all(family_of(model_id) is not None for model_id in model.ids)


@pytest.mark.parametrize(
    "model_id",
    [
        "amazon.titan-embed-text-v2:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0",
        "text-embedding-3-small",
    ],
)
def test_a_family_is_found_by_id_arn_and_owners_alias(model_id: str) -> None:
    assert planned(model_id).family.dimensions == (256, 512, 1024)


@pytest.mark.parametrize("geography", ["global", "us", "eu"])
def test_a_family_is_found_by_a_profiles_id(geography: str) -> None:
    assert planned(f"{geography}.cohere.embed-v4:0").family.texts_per_call == 96


def test_members_that_are_null_are_not_there() -> None:
    optional = ("dimensions", "encoding_format", "input_type", "normalize", "truncate", "user", "x")
    made = planned(**dict.fromkeys(optional))
    assert bodies(made) == [{"inputText": "Hi"}]
    assert (made.encoding, made.changes) == ("float", set())


def test_who_the_user_is_is_dropped_and_told() -> None:
    assert planned(user="someone").changes == {"user dropped"}


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_the_encoding_is_not_bedrocks_affair(encoding: str) -> None:
    made = planned(encoding_format=encoding)
    assert (made.encoding, bodies(made)) == (encoding, [{"inputText": "Hi"}])


# --- batches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [TITAN_V1, TITAN_V2, TITAN_IMAGE, NOVA])
def test_these_take_one_text_a_call(model: str) -> None:
    made = planned(model, input=["a", "b", "c"])
    assert [(part.where, part.texts) for part in made.parts] == [
        ("input[0]", 1),
        ("input[1]", 1),
        ("input[2]", 1),
    ]


@pytest.mark.parametrize("model", [COHERE_V3, COHERE_V4])
def test_cohere_takes_ninety_six_texts_a_call_in_their_order(model: str) -> None:
    texts = [f"text {n}" for n in range(193)]
    made = planned(model, input=texts)
    assert [(part.where, part.texts) for part in made.parts] == [
        ("input", 96),
        ("input", 96),
        ("input[192]", 1),
    ]
    assert [text for body in bodies(made) for text in body["texts"]] == texts


@pytest.mark.parametrize("model", [TITAN_V2, COHERE_V4])
def test_as_many_texts_as_openai_takes_are_taken(model: str) -> None:
    assert sum(part.texts for part in planned(model, input=["a"] * MAX_TEXTS).parts) == MAX_TEXTS
    assert refusal(model, input=["a"] * (MAX_TEXTS + 1)).param == "input"


# --- the most it can use --------------------------------------------------------------------------


def test_a_part_has_at_most_as_many_tokens_as_bytes() -> None:
    (part,) = planned(input="né" * 500).parts
    assert part.prompt_tokens == len(part.body) + PREFIX_TOKENS
    assert 1500 < part.prompt_tokens < 1600


def test_a_request_can_use_what_its_parts_can_use_and_no_output() -> None:
    made = planned(input=["a" * 10, "b" * 1000])
    assert made.call.prompt_tokens == sum(part.prompt_tokens for part in made.parts)
    assert made.call.output_tokens == 0


# --- refusals -------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no input": (TITAN_V2, {"input": None}, "input", "must be a string or a list"),
    "input of another type": (TITAN_V2, {"input": {"text": "Hi"}}, "input", "must be a string"),
    "empty text": (TITAN_V2, {"input": ""}, "input", "must not be empty"),
    "no texts": (TITAN_V2, {"input": []}, "input", "must not be empty"),
    "empty text among others": (COHERE_V4, {"input": ["a", ""]}, "input[1]", "must not be empty"),
    "text of another type": (TITAN_V2, {"input": ["a", True]}, "input[1]", "must be a string"),
    "number among texts": (TITAN_V2, {"input": ["a", 1]}, "input[1]", "must be a string"),
    "half a surrogate pair": (TITAN_V2, {"input": ["\ud800"]}, "input[0]", "surrogate"),
    "token ids": (TITAN_V2, {"input": [1, 2]}, "input", "check_embedding_ctx_length=False"),
    "lists of token ids": (
        COHERE_V4,
        {"input": [[1, 2], [3]]},
        "input",
        "check_embedding_ctx_length=False",
    ),
    "more token ids than texts are taken": (
        TITAN_V2,
        {"input": [1] * (MAX_TEXTS + 1)},
        "input",
        "check_embedding_ctx_length=False",
    ),
    "text above Titan's limit": (TITAN_V1, {"input": "a" * 50_001}, "input", "at most 50000"),
    "text above Cohere's limit": (
        COHERE_V3,
        {"input": ["a", "a" * 2049]},
        "input[1]",
        "at most 2048 characters",
    ),
    "text above Nova's limit": (NOVA, {"input": "a" * 50_001}, "input", "at most 50000"),
    "dimensions of Titan v1": (TITAN_V1, {"dimensions": 1024}, "dimensions", "must be 1536 with"),
    "dimensions of Titan v2": (
        TITAN_V2,
        {"dimensions": 1536},
        "dimensions",
        "must be 256, 512 or 1024 with",
    ),
    "dimensions of Cohere v3": (COHERE_V3, {"dimensions": 512}, "dimensions", "must be 1024 with"),
    "dimensions of Cohere v4": (COHERE_V4, {"dimensions": 384}, "dimensions", "must be 256, 512"),
    "dimensions of Nova": (NOVA, {"dimensions": 512}, "dimensions", "must be 256, 384, 1024"),
    "dimensions as text": (TITAN_V2, {"dimensions": "256"}, "dimensions", "must be 256"),
    "dimensions as a fraction": (TITAN_V2, {"dimensions": 256.0}, "dimensions", "must be 256"),
    "unknown encoding": (
        TITAN_V2,
        {"encoding_format": "hex"},
        "encoding_format",
        "float or base64",
    ),
    "encoding of another type": (
        TITAN_V2,
        {"encoding_format": ["float"]},
        "encoding_format",
        "float or base64",
    ),
    "input type for Titan": (
        TITAN_V2,
        {"input_type": "search_query"},
        "input_type",
        "is not supported by this model",
    ),
    "unknown input type": (COHERE_V4, {"input_type": "image"}, "input_type", "must be search_doc"),
    "input type of another type": (COHERE_V4, {"input_type": {}}, "input_type", "must be search_"),
    "cutting for Titan": (TITAN_V2, {"truncate": "END"}, "truncate", "must be NONE with"),
    "unknown cutting": (COHERE_V3, {"truncate": "end"}, "truncate", "must be NONE, START, END"),
    "cutting for Titan image": (
        TITAN_IMAGE,
        {"truncate": "NONE"},
        "truncate",
        "is not supported by this model",
    ),
    "normalize for Cohere": (
        COHERE_V4,
        {"normalize": True},
        "normalize",
        "is not supported by this model",
    ),
    "vectors of any length from Nova": (NOVA, {"normalize": False}, "normalize", "must be true"),
    "normalize of another type": (TITAN_V2, {"normalize": 1}, "normalize", "must be true or false"),
    "user of another type": (TITAN_V2, {"user": 1}, "user", "must be a string"),
    "unknown member": (TITAN_V2, {"embedding_types": ["int8"]}, "embedding_types", "not supported"),
    "unknown member with a long name": (TITAN_V2, {"x" * 99: 1}, f"{'x' * 64}…", "not supported"),
    "no model": (None, {}, "model", "must be a string"),
    "empty model": ("", {}, "model", "must not be empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_model_cannot_be_asked_is_refused_by_name(name: str) -> None:
    model, members, param, told = REFUSED[name]
    error = refusal(model, **members)
    assert (error.kind, error.param) == ("invalid_request", param)
    assert told in error.message
    assert error.message.startswith(param)


def test_a_chat_model_is_refused_with_the_models_that_make_embeddings() -> None:
    error = refusal("claude-opus-5-5")
    assert (error.kind, error.param) == ("invalid_request", "model")
    assert "'claude-opus-5-5' is no embedding model" in error.message
    assert TITAN_V2 in error.message


def test_an_unknown_model_is_one_that_is_not_there() -> None:
    error = refusal("text-embedding-ada-002")
    assert (error.kind, error.param) == ("unknown_model", "model")
    assert "'text-embedding-ada-002'" in error.message


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"model":NaN}', b"\xff", b"[" * 100_000],
    ids=["nothing", "cut off", "a list", "NaN", "no text", "nested too deep"],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError) as raised:
        plan(body, CATALOG)
    assert raised.value.kind == "invalid_request"


def test_no_two_families_are_found_by_one_id() -> None:
    beginnings = [begins for family in FAMILIES for begins in family.begins]
    for begins in beginnings:
        assert [other for other in beginnings if begins.startswith(other)] == [begins]
