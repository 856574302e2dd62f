"""Which model an id stands for, in a Region."""

from typing import NamedTuple

from local.bedrock.application_profiles import ApplicationProfiles
from local.bedrock.errors import invalid
from local.bedrock.inventory import ENDPOINTS, MODELS
from local.bedrock.models import Model

INVALID_IDENTIFIER = "The provided model identifier is invalid."

_GEOGRAPHY_REGIONS = {
    "us": ("us-east-", "us-west-", "ca-"),
    "us-gov": ("us-gov-",),
    "eu": ("eu-",),
    "apac": ("ap-",),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "au": ("ap-southeast-2", "ap-southeast-4"),
    "global": ("us-east-", "us-west-", "ca-", "eu-", "ap-", "sa-", "me-", "af-", "il-", "mx-"),
}
"""The Regions, by prefix, in which the profiles of a geography can be called."""

_DESTINATIONS = {
    "us": ("us-east-1", "us-east-2", "us-west-2"),
    "us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "eu": ("eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"),
    "apac": (
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
    ),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "au": ("ap-southeast-2", "ap-southeast-4"),
    "global": ("",),
}
"""The Regions that run the calls of a geography's profiles; "" is what a global profile has in place of
all Regions, and a Region that is no destination lists itself too. So seen in answers of
ListInferenceProfiles from 2025 and 2026, though botocore's model knows of no ARN without a Region and of
no more than five."""


class Target(NamedTuple):
    """The model a request is for, and the id it is priced under."""

    model: Model
    priced_as: str


def profiles(region: str) -> dict[str, Model]:
    """The system-defined inference profiles that can be called from a Region, by id."""
    return {
        f"{geography}.{model.id}": model
        for model in MODELS.values()
        for geography in model.geographies
        if region.startswith(_GEOGRAPHY_REGIONS[geography])
    }


class Directory:
    """The model ids of one Region."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.profiles = profiles(region)
        self.application_profiles = ApplicationProfiles()

    def resolve(self, model_id: str) -> Target:
        """The model a ``modelId`` stands for; raises the service's refusal when there is none."""
        if model_id in ENDPOINTS:
            return Target(ENDPOINTS[model_id], model_id)
        if model_id.startswith("arn:"):
            model_id = self._named_by_arn(model_id)
        if model_id in self.profiles:
            return Target(self.profiles[model_id], model_id)
        model = MODELS.get(model_id)
        if model is None:
            raise invalid(INVALID_IDENTIFIER)
        if not model.on_demand:
            raise invalid(
                f"Invocation of model ID {model_id} with on-demand throughput isn't supported. "
                "Retry your request with the ID or ARN of an inference profile that contains this "
                "model."
            )
        return Target(model, model_id)

    def model_arns(self, model_id: str) -> list[str]:
        """The ARNs of a foundation model, or of a system-defined profile's in all that run it."""
        regions = [self.region]
        if model_id in self.profiles:
            geography, _, model_id = model_id.partition(".")
            regions = sorted({*_DESTINATIONS[geography], self.region})
        return [f"arn:aws:bedrock:{region}::foundation-model/{model_id}" for region in regions]

    def countable(self, model_id: str) -> Model:
        """The model whose tokens are to be counted: a foundation model's id, profiles are refused."""
        name = self._named_by_arn(model_id) if model_id.startswith("arn:") else model_id
        model = MODELS.get(name)
        if model is None and name not in self.profiles:
            raise invalid(INVALID_IDENTIFIER)
        if model is None or model.claude is None or not model.claude.counts_tokens:
            raise invalid("The provided model doesn't support counting tokens.")
        return model

    def _named_by_arn(self, arn: str) -> str:
        parts = arn.split(":", 5)
        kind, _, name = parts[-1].partition("/")
        if len(parts) == 6 and parts[2] == "bedrock" and parts[3] == self.region:
            if kind in {"foundation-model", "inference-profile"}:
                return name
            if kind == "application-inference-profile":
                profile = self.application_profiles.get(name)
                return profile.source if profile else name
        raise invalid(INVALID_IDENTIFIER)
