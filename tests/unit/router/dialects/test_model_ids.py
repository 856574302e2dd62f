"""What is passed on as a model's id is what botocore's model of Bedrock allows as one."""

import re

import pytest
from catalog import models
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.model_ids import is_model_id, read_model
from router.errors import ApiError

from local.bedrock import shapes

CATALOG = models.load("us-east-1", {})

MODEL_ID = (
    shapes.service("bedrock-runtime").operation_model("Converse").input_shape.members["modelId"]
)
PATTERN = MODEL_ID.metadata["pattern"]


def is_allowed(text: str) -> bool:
    length = MODEL_ID.metadata["min"] <= len(text) <= MODEL_ID.metadata["max"]
    return length and re.fullmatch(PATTERN, text) is not None


@given(st.from_regex(PATTERN, fullmatch=True))
def test_every_id_that_bedrock_takes_is_one(model_id: str) -> None:
    assert is_model_id(model_id) == is_allowed(model_id)


@given(st.from_regex(PATTERN, fullmatch=True), st.data())
def test_an_id_with_a_change_is_one_where_bedrock_takes_it(
    model_id: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(model_id)))
    length = data.draw(st.integers(0, 2))
    changed = model_id[:place] + data.draw(st.text("a0_-.:/ é\n", max_size=2))
    changed += model_id[place + length :]
    assert is_model_id(changed) == is_allowed(changed)


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0",
        "arn:aws-cn:bedrock:cn-north-1:123456789012:custom-model/a.b/123456789012",
        "arn:aws:bedrock:us-east-1:123456789012:imported-model/123456789012",
        "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/123456789012",
        "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/123456789012",
        "arn:aws:bedrock:us-east-1:123456789012:prompt/1234567890:12",
        "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/x:1",
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/x",
        "arn:aws:bedrock:us-east-1:12345:inference-profile/x",
        "arn:aws:bedrock:us-east-1::foundation-model/nova",
        "us.amazon.nova-lite-v1:0",
        "a_b",
        "a_b.c",
        "a__b",
        "bedrock/us.amazon.nova-lite-v1:0",
        "",
        "a" * 2048,
        "a" * 2049,
        "_" * 2000,
    ],
)
def test_a_form_is_one_of_bedrocks_where_botocore_says_so(text: str) -> None:
    assert is_model_id(text) == is_allowed(text)


@pytest.mark.parametrize("requested", ["openai/gpt-5", "bedrock/us.acme.nova-lite-v1:0", "né"])
def test_what_can_be_no_id_is_no_model(requested: str) -> None:
    with pytest.raises(ApiError) as refusal:
        read_model({"model": requested}, CATALOG)
    assert (refusal.value.kind, refusal.value.param) == ("unknown_model", "model")
    assert f"'{requested}'" in refusal.value.message


@pytest.mark.parametrize("requested", ["nova-lite", "no.such-model"])
def test_other_names_and_ids_are_passed_on(requested: str) -> None:
    assert read_model({"model": requested}, CATALOG) == CATALOG.resolve(requested)
