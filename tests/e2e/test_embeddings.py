"""Embeddings through OpenAI's own Python SDK, against the local stack."""

from typing import Any

import openai
import pytest

from tests.support.billing import billed_calls, billed_tokens
from tests.support.stack import LocalStack

LENGTHS = {
    "titan-embed-text-v2": 1024,
    "amazon.titan-embed-text-v1": 1536,
    "cohere-embed-v4": 1536,
    "cohere-embed-multilingual-v3": 1024,
    "nova-2-multimodal-embeddings": 3072,
}
"""How long each model's vectors are unless asked otherwise."""


@pytest.mark.parametrize("model", LENGTHS)
def test_texts_are_embedded_in_order_in_either_encoding(
    stack: LocalStack, client: openai.OpenAI, model: str
) -> None:
    texts = [f"Text number {number}." for number in range(7)]
    with billed_calls(stack) as calls:
        packed = client.embeddings.create(model=model, input=texts)
    plain = client.embeddings.create(model=model, input=texts[::-1], encoding_format="float")
    assert [row.index for row in packed.data] == list(range(len(texts)))
    assert {len(row.embedding) for row in packed.data} == {LENGTHS[model]}
    for one, other in zip(packed.data, reversed(plain.data), strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert packed.model == model
    assert (packed.usage.prompt_tokens, 0) == billed_tokens(calls)


@pytest.mark.parametrize(
    "model", ["titan-embed-text-v2", "cohere-embed-v4", "nova-2-multimodal-embeddings"]
)
def test_vectors_are_as_long_as_asked(client: openai.OpenAI, model: str) -> None:
    answer = client.embeddings.create(model=model, input="Hello", dimensions=256)
    assert len(answer.data[0].embedding) == 256


@pytest.mark.parametrize("model", ["titan-embed-text-v2", "cohere-embed-v4"])
def test_more_texts_than_one_call_takes_are_embedded(client: openai.OpenAI, model: str) -> None:
    texts = [f"Text number {number}." for number in range(200)]
    answer = client.embeddings.create(model=model, input=texts)
    alone = client.embeddings.create(model=model, input=texts[150])
    assert len(answer.data) == len(texts)
    assert answer.data[150].embedding == pytest.approx(alone.data[0].embedding, abs=1e-6)


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"input": [[1, 2, 3]]}, "input"),
        ({"input": []}, "input"),
        ({"input": "Hello", "dimensions": 77}, "dimensions"),
    ],
)
def test_what_cannot_be_embedded_is_refused_by_name(
    stack: LocalStack, client: openai.OpenAI, asked: dict[str, Any], param: str
) -> None:
    before = stack.bedrock_state()["requests"]
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model="titan-embed-text-v2", **asked)
    assert caught.value.param
    assert caught.value.param.startswith(param)
    assert stack.bedrock_state()["requests"] == before


def test_token_ids_are_refused_with_the_setting_that_turns_them_off(
    client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.BadRequestError, match="check_embedding_ctx_length"):
        client.embeddings.create(model="titan-embed-text-v2", input=[[15339, 1917]])
