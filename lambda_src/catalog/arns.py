"""The models that ARNs name, and the ARNs that name none.

The forms that `modelId` takes: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
"""

import string
from urllib.parse import unquote

_NAMING = (":foundation-model/", ":inference-profile/")

_PARTITIONS = frozenset({"aws", "aws-cn", "aws-iso", "aws-iso-b", "aws-us-gov"})

_ID_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-:.")

_LONGEST_ID = 64

_LONGEST_PROFILE = 256


def named_model(model_id: str) -> str:
    """The id inside a foundation model's or an inference profile's ARN; other text unchanged.

    The ARN of an application inference profile, of provisioned throughput, of a custom or imported model, of
    a prompt or a prompt router does not say which model it runs.
    """
    if model_id.startswith("arn:") and any(kind in model_id for kind in _NAMING):
        return unquote(model_id.rpartition("/")[2])
    return model_id


def is_application_profile(text: str, region: str) -> bool:
    """Whether it is the ARN of an application inference profile in a Region, of whatever account.

    In the form of https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html,
    and no longer than the ids that Bedrock gives.
    """
    if not text.startswith("arn:") or len(text) > _LONGEST_PROFILE or text.count(":") < 5:
        return False
    _, partition, service, place, account, resource = text.split(":", 5)
    kind, _, profile_id = resource.partition("/")
    return (
        partition in _PARTITIONS
        and (service, place, kind) == ("bedrock", region, "application-inference-profile")
        and len(account) == 12
        and account.isascii()
        and account.isdecimal()
        and 0 < len(profile_id) <= _LONGEST_ID
        and _ID_CHARACTERS.issuperset(profile_id)
    )


def is_stored_prompt(model_id: str) -> bool:
    """Whether it is the ARN of a prompt, which brings text, tools and limits that no request shows."""
    return model_id.startswith("arn:") and ":prompt/" in model_id


def foundation_model(arn: str) -> tuple[str, str] | None:
    """The Region and the model's id of a foundation model's ARN; None for any other text.

    The Region is "" in what a global profile lists.
    """
    parts = arn.split(":", 5)
    kind, _, model_id = parts[-1].partition("/")
    if len(parts) < 6 or parts[0] != "arn" or kind != "foundation-model" or not model_id:
        return None
    return parts[3], model_id
