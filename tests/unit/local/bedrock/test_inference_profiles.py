"""Inference profiles as the control plane tells of them, made, called and deleted through boto3."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from botocore.session import Session

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import (
    CLAUDE,
    NOVA,
    assert_refused,
    boto_client,
    call,
    get,
    simulator,
    user,
)

ACCOUNT_ARN = "arn:aws:bedrock:us-east-1:123456789012"
ON_DEMAND = f"arn:aws:bedrock:us-east-1::foundation-model/{NOVA}"
SYSTEM = f"{ACCOUNT_ARN}:inference-profile/{CLAUDE}"


@pytest.fixture
def bedrock(url: str) -> Iterator[Any]:
    """boto3's ``bedrock`` client of `sim`."""
    with boto_client(url, "bedrock") as client:
        yield client


def made(bedrock: Any, source: str) -> str:
    """The ARN of a new profile."""
    answer = bedrock.create_inference_profile(
        inferenceProfileName="Team 1", description="Ours", modelSource={"copyFrom": source}
    )
    assert (answer["status"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("ACTIVE", 201)
    return str(answer["inferenceProfileArn"])


@pytest.mark.parametrize(
    ("source", "regions", "model_id"),
    [
        (ON_DEMAND, ["us-east-1"], NOVA),
        (SYSTEM, ["us-east-1", "us-east-2", "us-west-2"], CLAUDE.removeprefix("us.")),
    ],
)
def test_a_new_profile_tells_what_it_runs_where(
    bedrock: Any, source: str, regions: list[str], model_id: str
) -> None:
    arn = made(bedrock, source)
    for identifier in (arn, arn.rpartition("/")[2]):
        told = bedrock.get_inference_profile(inferenceProfileIdentifier=identifier)
        assert told["inferenceProfileArn"] == arn
        assert (told["type"], told["status"]) == ("APPLICATION", "ACTIVE")
        assert (told["inferenceProfileName"], told["description"]) == ("Team 1", "Ours")
        assert told["models"] == [
            {"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{model_id}"}
            for region in regions
        ]
        assert told["createdAt"] == told["updatedAt"]


def test_what_is_told_of_a_profile_is_as_botocores_model_has_it(bedrock: Any) -> None:
    told = bedrock.get_inference_profile(inferenceProfileIdentifier=made(bedrock, SYSTEM))
    del told["ResponseMetadata"]
    model = Session().get_service_model("bedrock")
    shape: Any = model.shape_for("GetInferenceProfileResponse")
    assert set(shape.required_members) <= told.keys() <= set(shape.members)
    for name in ("inferenceProfileName", "inferenceProfileArn", "inferenceProfileId"):
        assert re.fullmatch(shape.members[name].metadata["pattern"], told[name])
    pattern = model.shape_for("FoundationModelArn").metadata["pattern"]
    assert all(re.fullmatch(pattern, listed["modelArn"]) for listed in told["models"])


@pytest.mark.parametrize(
    ("region", "profile_id", "regions"),
    [
        ("us-east-1", "global.anthropic.claude-sonnet-4-6", ["", "us-east-1"]),
        ("sa-east-1", "global.anthropic.claude-sonnet-4-6", ["", "sa-east-1"]),
        (
            "ca-central-1",
            "us.amazon.nova-2-lite-v1:0",
            ["ca-central-1", "us-east-1", "us-east-2", "us-west-2"],
        ),
        (
            "ap-northeast-1",
            "apac.amazon.nova-micro-v1:0",
            [
                *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
                *("ap-south-1", "ap-southeast-1", "ap-southeast-2"),
            ],
        ),
        ("ap-northeast-3", "jp.anthropic.claude-sonnet-4-6", ["ap-northeast-1", "ap-northeast-3"]),
        ("ap-southeast-2", "au.anthropic.claude-sonnet-4-6", ["ap-southeast-2", "ap-southeast-4"]),
    ],
)
def test_a_cross_region_profile_lists_its_model_in_each_region(
    tmp_path: Path, region: str, profile_id: str, regions: list[str]
) -> None:
    sim = simulator(tmp_path, region=region)
    told = get(sim, f"/inference-profiles/{quote(profile_id, safe='')}")
    _, _, model_id = profile_id.partition(".")
    assert told.json["models"] == [
        {"modelArn": f"arn:aws:bedrock:{place}::foundation-model/{model_id}"} for place in regions
    ]


@pytest.mark.parametrize(("source", "priced_as"), [(ON_DEMAND, NOVA), (SYSTEM, CLAUDE)])
def test_a_call_by_a_profile_is_billed_as_its_source(
    sim: Simulator, bedrock: Any, boto: Any, source: str, priced_as: str
) -> None:
    boto.converse(modelId=made(bedrock, source), messages=user("hi"))
    boto.converse(modelId=source, messages=user("hi"))
    by_profile, by_source = sim.bill.show()["calls"]
    assert by_profile["model"] == by_source["model"] == priced_as
    assert by_profile["picodollars"] == by_source["picodollars"] > 0


def test_a_profile_that_was_deleted_is_gone(bedrock: Any, boto: Any) -> None:
    arn = made(bedrock, SYSTEM)
    listed = bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]
    assert arn in [profile["inferenceProfileArn"] for profile in listed]
    bedrock.delete_inference_profile(inferenceProfileIdentifier=arn)
    with pytest.raises(bedrock.exceptions.ResourceNotFoundException):
        bedrock.get_inference_profile(inferenceProfileIdentifier=arn)
    with pytest.raises(bedrock.exceptions.ResourceNotFoundException):
        bedrock.delete_inference_profile(inferenceProfileIdentifier=arn)
    with pytest.raises(boto.exceptions.ValidationException):
        boto.converse(modelId=arn, messages=user("hi"))


def test_a_profile_of_the_services_own_cannot_be_deleted(bedrock: Any) -> None:
    with pytest.raises(bedrock.exceptions.ValidationException):
        bedrock.delete_inference_profile(inferenceProfileIdentifier=CLAUDE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (f"{ACCOUNT_ARN}:application-inference-profile/simteam00001", "regular expression pattern"),
        (CLAUDE, "regular expression pattern"),
        (ON_DEMAND.replace(NOVA, "amazon.no-such-model"), "model identifier is invalid"),
        (ON_DEMAND.replace("us-east-1", "us-west-2"), "model identifier is invalid"),
        (ON_DEMAND.replace(NOVA, CLAUDE.removeprefix("us.")), "on-demand throughput"),
        (SYSTEM.replace("us.", "eu."), "model identifier is invalid"),
    ],
)
def test_a_profile_is_made_of_what_can_be_called(bedrock: Any, source: str, message: str) -> None:
    with pytest.raises(bedrock.exceptions.ValidationException, match=message):
        made(bedrock, source)


@pytest.mark.parametrize(
    ("identifier", "status", "exception", "message"),
    [
        ("unknown", 404, "ResourceNotFoundException", "could not be found"),
        (
            f"{ACCOUNT_ARN}:application-inference-profile/unknown",
            404,
            "ResourceNotFoundException",
            "could not be found",
        ),
        (
            f"{ACCOUNT_ARN.replace('1234', '4321')}:application-inference-profile/simteam00001",
            404,
            "ResourceNotFoundException",
            "could not be found",
        ),
        ("a b", 400, "ValidationException", "regular expression pattern"),
        (ON_DEMAND, 400, "ValidationException", "regular expression pattern"),
        ("a" * 2049, 400, "ValidationException", "less than or equal to 2048"),
    ],
    ids=["id", "ARN", "account", "pattern", "kind", "length"],
)
def test_a_profile_that_there_is_not_is_refused(
    sim: Simulator, identifier: str, status: int, exception: str, message: str
) -> None:
    answer = get(sim, f"/inference-profiles/{quote(identifier, safe='')}")
    assert_refused(answer, exception, message, status)


@pytest.mark.parametrize("path", ["/inference-profiles/", "/inference-profiles/a/b"])
def test_no_operation_has_another_path(sim: Simulator, path: str) -> None:
    assert "UnknownOperationException" in str(get(sim, path).json)


def test_the_traffic_tells_which_profile_was_asked_for(sim: Simulator) -> None:
    arn = f"{ACCOUNT_ARN}:application-inference-profile/simteam00001"
    get(sim, f"/inference-profiles/{quote(arn, safe='')}")
    call(sim, "converse", arn, {"messages": user("hi")})
    assert get(sim, "/_sim/state").json["seen"] == [
        {"operation": "GetInferenceProfile", "model": arn, "status": 200},
        {"operation": "Converse", "model": arn, "status": 200},
    ]
