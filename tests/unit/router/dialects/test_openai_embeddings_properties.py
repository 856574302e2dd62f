"""Whatever a client sends is either refused with a 400 that names a field, or is what Bedrock takes."""

import json
from typing import Any

import pytest
from catalog import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from router.dialects.openai_embeddings.answer import body, pack_vectors, reported_usage
from router.dialects.openai_embeddings.families import FAMILIES
from router.dialects.openai_embeddings.request import Plan, plan
from router.errors import ApiError

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import call, simulator

CATALOG = models.load("us-east-1")

MODELS = [
    "titan-embed-text-v1",
    "titan-embed-text-v2",
    "cohere-embed-english-v3",
    "cohere-embed-v4",
    "nova-2-multimodal-embeddings",
]

WORDS = sorted({word for family in FAMILIES for word in (*family.input_types, *family.truncate)})

CHARACTERS = st.characters(codec=None)
"""All of Unicode, halves of surrogate pairs too, as JSON's escapes can spell them."""

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS, max_size=5)

ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner)
    ),
    max_leaves=6,
)

TEXTS = st.text(CHARACTERS, max_size=9) | st.just("a" * 2049)

MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "model": st.sampled_from([*MODELS, "claude-opus-5-5", "text-embedding-3-small"]),
    "input": TEXTS | st.lists(TEXTS, max_size=3) | st.lists(st.integers(), max_size=3),
    "dimensions": st.sampled_from([256, 384, 512, 1024, 1536, 3072, 7]),
    "encoding_format": st.sampled_from(["float", "base64"]),
    "input_type": st.sampled_from(WORDS),
    "truncate": st.sampled_from(WORDS),
    "normalize": st.booleans(),
    "user": TEXTS,
}

LIKELY = st.fixed_dictionaries(
    {"model": st.sampled_from(MODELS), "input": MEMBERS["input"]},
    optional={name: values for name, values in MEMBERS.items() if name not in ("model", "input")},
)

ODD = st.fixed_dictionaries(
    {}, optional={name: values | ANY_JSON for name, values in MEMBERS.items()}
).flatmap(
    lambda asked: st.dictionaries(st.text(CHARACTERS, max_size=9), ANY_JSON, max_size=2).map(
        lambda more: {**asked, **more}
    )
)

UNHURRIED = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    return simulator(tmp_path_factory.mktemp("bedrock"))


def planned(asked: Any) -> Plan | None:
    """What becomes of the request; None when it is refused, which must name a field."""
    try:
        return plan(json.dumps(asked).encode(), CATALOG)
    except ApiError as error:
        refused = error
    assert refused.kind in ("invalid_request", "unknown_model")
    assert refused.param is not None or not isinstance(asked, dict) or "JSON" in refused.message
    return None


@UNHURRIED
@given(asked=LIKELY)
def test_what_is_not_refused_is_accepted_by_bedrock_and_comes_back_whole(
    asked: dict[str, Any], sim: Simulator
) -> None:
    made = planned(asked)
    if made is None:
        return
    vectors, used = [], []
    for part in made.parts:
        said = call(sim, "invoke", made.call.target.model_id, part.body)
        assert said.status == 200, (said.json, part.body)
        content = json.dumps(said.json).encode()
        vectors += pack_vectors(content, made.family, made.encoding, part.texts)
        used.append(reported_usage(list(said.headers.items()), content))
        assert used[-1] is not None
        assert used[-1].input <= part.prompt_tokens
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    whole = b"".join(body("m", vectors, made.encoding, used[0], 0))
    assert [entry["index"] for entry in json.loads(whole)["data"]] == list(range(len(texts)))
    if (wanted := asked.get("dimensions")) is not None:
        size = 8 if made.encoding == "float" else 4
        assert {len(vector) // size for vector in vectors} == {wanted}


@UNHURRIED
@given(asked=ODD | ANY_JSON)
def test_any_json_is_a_request_or_a_400_that_names_a_field(asked: Any) -> None:
    planned(asked)


@given(content=st.binary(max_size=30))
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    with pytest.raises(ApiError):
        plan(content, CATALOG)


@UNHURRIED
@given(
    answer=ANY_JSON, family=st.sampled_from(FAMILIES), encoding=st.sampled_from(["float", "base64"])
)
def test_any_answer_is_vectors_or_an_error_of_bedrocks(
    answer: Any, family: Any, encoding: str
) -> None:
    said = json.dumps(answer).encode()
    reported_usage([], said)
    try:
        made: object = len(pack_vectors(said, family, encoding, texts=1))
    except ApiError as error:
        made = error.kind
    assert made in (1, "bad_upstream")
