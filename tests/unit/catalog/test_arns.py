import re

import pytest
from botocore.session import Session
from catalog.arns import foundation_model, is_application_profile, named_model

ACCOUNT_ARN = "arn:aws:bedrock:us-east-1:123456789012"
PROFILE = f"{ACCOUNT_ARN}:application-inference-profile/p7aksl2pa6w7"


@pytest.mark.parametrize(
    ("text", "model_id"),
    [
        (f"{ACCOUNT_ARN}:inference-profile/us.acme.opus-1", "us.acme.opus-1"),
        ("arn:aws:bedrock:us-east-1::foundation-model/acme.nova%3A0", "acme.nova:0"),
        ("us.acme.opus-1", "us.acme.opus-1"),
        (PROFILE, PROFILE),
        (
            f"{ACCOUNT_ARN}:provisioned-model/us.acme.opus-1",
            f"{ACCOUNT_ARN}:provisioned-model/us.acme.opus-1",
        ),
        ("", ""),
    ],
)
def test_some_arns_name_their_model(text: str, model_id: str) -> None:
    assert named_model(text) == model_id


@pytest.mark.parametrize(
    "arn",
    [
        PROFILE,
        f"{ACCOUNT_ARN}:application-inference-profile/{'a' * 64}",
        f"{ACCOUNT_ARN}:application-inference-profile/a-b:c.D9",
        *(
            PROFILE.replace("arn:aws:", f"arn:aws{rest}:")
            for rest in ("-cn", "-iso", "-iso-b", "-us-gov")
        ),
    ],
)
def test_the_arns_of_application_profiles_are_those_that_bedrock_takes(arn: str) -> None:
    assert is_application_profile(arn, "us-east-1")
    bedrock = Session().get_service_model("bedrock")
    assert re.fullmatch(bedrock.shape_for("InferenceProfileArn").metadata["pattern"], arn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p7aksl2pa6w7",
        PROFILE.removesuffix("p7aksl2pa6w7"),
        f"{ACCOUNT_ARN}:application-inference-profile/{'a' * 65}",
        f"{PROFILE}/more",
        f"{PROFILE}?x=1",
        f"{PROFILE}%2F..",
        f"{PROFILE} ",
        f"{PROFILE}\n",
        f"{PROFILE}é",
        PROFILE.replace("123456789012", "12345678901"),
        PROFILE.replace("123456789012", "12345678901²"),
        PROFILE.replace("123456789012", ""),
        PROFILE.replace("us-east-1", "us-west-2"),
        PROFILE.replace("us-east-1", ""),
        PROFILE.replace("arn:aws:", "arn:aws-elsewhere:"),
        PROFILE.replace("arn:aws:", "arn::"),
        PROFILE.replace(":bedrock:", ":sagemaker:"),
        PROFILE.replace("application-inference-profile", "inference-profile"),
        PROFILE.replace("application-inference-profile", "provisioned-model"),
        f"x{PROFILE}",
        "arn:aws:bedrock:us-east-1",
        PROFILE + "a" * 6_000_000,
    ],
    ids=range(23),
)
def test_nothing_else_is_an_application_profile_of_the_region(text: str) -> None:
    assert not is_application_profile(text, "us-east-1")


@pytest.mark.parametrize(
    ("arn", "found"),
    [
        (
            "arn:aws:bedrock:us-west-2::foundation-model/acme.nova-v1:0",
            ("us-west-2", "acme.nova-v1:0"),
        ),
        ("arn:aws:bedrock:::foundation-model/acme.opus-1", ("", "acme.opus-1")),
        (f"{ACCOUNT_ARN}:inference-profile/us.acme.opus-1", None),
        ("arn:aws:bedrock:us-west-2::foundation-model/", None),
        ("a:b:c:d:e:foundation-model/acme.opus-1", None),
        ("foundation-model/acme.opus-1", None),
        ("", None),
    ],
)
def test_a_foundation_models_arn_is_read(arn: str, found: tuple[str, str] | None) -> None:
    assert foundation_model(arn) == found
