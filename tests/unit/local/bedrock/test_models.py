"""Model ids: who can be called how, from where, and what is said to the others."""

from pathlib import Path

import pytest

from local.bedrock.directory import Directory
from local.bedrock.errors import ServiceError
from local.bedrock.inventory import MODELS
from local.bedrock.models import FEATURES, Model
from local.bedrock.rules.native import BODIES
from local.bedrock.service import Simulator
from tests.support import recordings
from tests.support.simulated_bedrock import CLAUDE, assert_refused, call, simulator, user

INVALID = "The provided model identifier is invalid."


@pytest.mark.parametrize("row", list(MODELS.values()), ids=list(MODELS))
def test_a_row_of_the_table_is_complete(row: Model) -> None:
    assert row.features <= FEATURES
    assert row.on_demand or row.geographies
    assert (row.claude is not None) == (row.family == "anthropic")
    assert row.claude is not None or row.family in BODIES
    assert row.context > 0
    assert row.chats <= (row.max_output > 0)


@pytest.mark.parametrize("model_id", sorted({row["model"] for row in recordings.index()}))
def test_every_recorded_model_is_known(model_id: str) -> None:
    directory = Directory("us-east-1")
    if model_id == "does-not-exist":
        with pytest.raises(ServiceError, match=INVALID):
            directory.resolve(model_id)
    else:
        assert directory.resolve(model_id).model


@pytest.mark.parametrize(
    "family",
    ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5", "claude-sonnet-5",
     "claude-opus-4-8", "claude-sonnet-4-6", "claude-opus-4-6-v1",
     "claude-sonnet-4-5-20250929-v1:0", "claude-haiku-4-5-20251001-v1:0"],
)  # fmt: skip
def test_current_claudes_have_profiles_here_and_everywhere(family: str) -> None:
    assert Directory("us-east-1").resolve(f"us.anthropic.{family}")
    assert Directory("eu-central-1").resolve(f"eu.anthropic.{family}")
    assert Directory("ap-south-1").resolve(f"global.anthropic.{family}")


def test_a_model_with_profiles_only_tells_how_to_call_it(sim: Simulator) -> None:
    answer = call(sim, "converse", "anthropic.claude-sonnet-4-6", {"messages": user("hi")})
    assert answer.exception == "ValidationException"
    assert answer.json["message"] == (
        "Invocation of model ID anthropic.claude-sonnet-4-6 with on-demand throughput isn't supported. "
        "Retry your request with the ID or ARN of an inference profile that contains this model."
    )


@pytest.mark.parametrize(
    "model_id",
    [
        "anthropic.claude-9",
        "eu.anthropic.claude-sonnet-4-6",
        "apac.anthropic.claude-opus-4-6-v1",
        f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/{CLAUDE}",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/unknown",
        "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghij12",
        "gpt-5",
    ],
)
def test_an_id_unknown_in_the_region_is_invalid(sim: Simulator, model_id: str) -> None:
    assert_refused(
        call(sim, "converse", model_id, {"messages": user("hi")}), "ValidationException", INVALID
    )


@pytest.mark.parametrize(
    "model_id",
    [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
        f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{CLAUDE}",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/simteam00001",
    ],
)
def test_an_arn_stands_for_its_model(sim: Simulator, model_id: str) -> None:
    assert call(sim, "converse", model_id, {"messages": user("hi")}).status == 200


def test_a_profile_is_of_the_regions_of_its_geography(tmp_path: Path) -> None:
    sim = simulator(tmp_path, region="eu-west-1")
    assert (
        call(sim, "converse", "eu.amazon.nova-micro-v1:0", {"messages": user("hi")}).status == 200
    )
    assert call(sim, "converse", CLAUDE, {"messages": user("hi")}).json["message"] == INVALID


COUNTED = {"input": {"converse": {"messages": user("hi")}}}


@pytest.mark.parametrize(
    ("model_id", "message"),
    [
        (CLAUDE, "The provided model doesn't support counting tokens."),
        ("anthropic.claude-opus-5-5", "The provided model doesn't support counting tokens."),
        ("amazon.nova-micro-v1:0", "The provided model doesn't support counting tokens."),
        ("anthropic.claude-9", INVALID),
    ],
)
def test_tokens_are_counted_for_foundation_models_up_to_claude_4_6(
    sim: Simulator, model_id: str, message: str
) -> None:
    assert_refused(call(sim, "count-tokens", model_id, COUNTED), "ValidationException", message)


def test_counting_checks_the_conversation_as_calling_does(sim: Simulator) -> None:
    body = {"input": {"converse": {"messages": user(" ")}}}
    answer = call(sim, "count-tokens", "anthropic.claude-sonnet-4-6", body)
    assert_refused(answer, "ValidationException", "is blank")


def test_an_embedding_is_not_streamed(sim: Simulator) -> None:
    model = "amazon.titan-embed-text-v2:0"
    answer = call(sim, "invoke-with-response-stream", model, {"inputText": "x"})
    assert_refused(answer, "ValidationException", "The model is unsupported for streaming.")
