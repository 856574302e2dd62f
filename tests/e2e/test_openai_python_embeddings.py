"""What becomes of an embeddings request that takes many calls, and the models it can name."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from ledger.money import from_usd
from router.app import LANES

from tests.support.billing import billed_calls
from tests.support.stack import LocalStack

MODEL = "titan-embed-text-v2"


def order(text: str, **directive: Any) -> str:
    """A text that the simulated Bedrock obeys."""
    return f"{text} <<sim {json.dumps(directive)}>>"


@pytest.fixture
def key(stack: LocalStack) -> dict[str, Any]:
    return stack.new_key()


@pytest.fixture
def client(stack: LocalStack, key: dict[str, Any]) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{stack.proxy_url}/v1", api_key=key["key"], max_retries=0
    ) as client:
        yield client


def spent(stack: LocalStack, key: dict[str, Any]) -> int:
    """What the key was charged, in picodollars, once nothing is reserved any more."""
    return from_usd(stack.settled_account(key["id"])["spent_usd"])


def billed(calls: list[dict[str, Any]]) -> int:
    return sum(call["picodollars"] for call in calls)


def test_calls_are_made_side_by_side_and_cost_what_the_client_is_told(
    stack: LocalStack, client: openai.OpenAI, key: dict[str, Any]
) -> None:
    texts = [order(f"{n}", hold_last="embeddings") for n in range(LANES)]
    with billed_calls(stack) as calls, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.embeddings.create, model=MODEL, input=texts)
        for _ in range(300):
            if stack.bedrock_state()["in_flight"] == LANES:
                break
            time.sleep(0.02)
        else:
            raise AssertionError(stack.bedrock_state())
        stack.open_gate("embeddings")
        answer = asked.result()
    assert len(calls) == LANES
    assert answer.usage.model_extra is not None
    assert spent(stack, key) == billed(calls) == from_usd(answer.usage.model_extra["cost"])


def test_a_throttled_call_among_many_is_made_again(
    stack: LocalStack, client: openai.OpenAI, key: dict[str, Any]
) -> None:
    texts = [f"Text {n}." for n in range(10)]
    texts[4] = order("Text 4.", throttle=2, id="embeddings-throttled")
    with billed_calls(stack) as calls:
        answer = client.embeddings.create(model=MODEL, input=texts)
    assert [row.index for row in answer.data] == list(range(10))
    assert len(calls) == 10
    assert spent(stack, key) == billed(calls)


def test_what_was_embedded_before_a_call_failed_is_charged_and_no_more(
    stack: LocalStack, client: openai.OpenAI, key: dict[str, Any]
) -> None:
    texts = [f"Text {n}." for n in range(40)]
    texts[20] = order("Text 20.", status=400)
    with billed_calls(stack) as calls, pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=MODEL, input=texts)
    assert caught.value.param == "input[20]"
    assert 20 - LANES <= len(calls) < 40
    assert spent(stack, key) == billed(calls) > 0


def test_members_that_openai_does_not_have_reach_the_model(client: openai.OpenAI) -> None:
    def vector(**members: Any) -> list[float]:
        answer = client.embeddings.create(model="cohere-embed-v4", input="Hi", extra_body=members)
        return answer.data[0].embedding

    assert len(vector(input_type="search_query", truncate="END")) == 1536
    with pytest.raises(openai.BadRequestError) as caught:
        vector(input_type="image")
    assert caught.value.param == "input_type"


def test_a_user_is_dropped_and_told(client: openai.OpenAI) -> None:
    answer = client.embeddings.with_raw_response.create(model=MODEL, input="Hi", user="someone")
    assert answer.headers["x-bedrockrouter-changes"] == "user dropped"


def test_the_models_that_make_embeddings_can_be_looked_up(client: openai.OpenAI) -> None:
    listed = {model.id: model for model in client.models.list()}
    told = listed[MODEL].model_extra
    assert told is not None
    assert told["capabilities"] == ["embeddings"]
    assert told["pricing"]["input"] == "0.02"
    assert client.models.retrieve(MODEL) == listed[MODEL]


@pytest.mark.parametrize(
    "name",
    [
        "amazon.titan-embed-text-v2:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0",
    ],
)
def test_a_model_is_found_by_an_id_with_slashes_and_colons(
    client: openai.OpenAI, name: str
) -> None:
    found = client.models.retrieve(name)
    assert found.id == name
    assert found.model_extra is not None
    assert found.model_extra["aliases"] == [MODEL]


def test_a_model_that_is_not_there_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("no/such:model")
    assert "'no/such:model'" in caught.value.message
