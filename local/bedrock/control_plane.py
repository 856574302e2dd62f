"""The ``bedrock`` control plane: which models and inference profiles there are.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from local.bedrock import shapes
from local.bedrock.directory import Directory
from local.bedrock.encoders.embeddings import embeds
from local.bedrock.inventory import ACCOUNT, APPLICATION_PROFILES, MODELS
from local.bedrock.models import Model

_SINCE = "2026-01-01T00:00:00Z"
_PAGE = 100
_PROVIDERS = {
    "ai21": "AI21 Labs",
    "amazon": "Amazon",
    "anthropic": "Anthropic",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "meta": "Meta",
    "minimax": "MiniMax",
    "mistral": "Mistral AI",
    "moonshotai": "Moonshot AI",
    "openai": "OpenAI",
    "qwen": "Qwen",
    "xai": "xAI",
    "zai": "Z.AI",
}


class ControlPlane:
    """The listings of one Region."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._region = directory.region
        self.operations: dict[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
            "/inference-profiles": self._list_inference_profiles,
            "/foundation-models": self._list_foundation_models,
        }

    def _list_inference_profiles(self, query: Mapping[str, str]) -> dict[str, Any]:
        _check_query("ListInferenceProfiles", query)
        wanted = query.get("type")
        found = [
            profile
            for profile in (*self._system_profiles(), *self._application_profiles())
            if wanted in {None, profile["type"]}
        ]
        start = int(query.get("nextToken", "0")) if query.get("nextToken", "0").isdigit() else 0
        end = start + int(query.get("maxResults", _PAGE))
        page: dict[str, Any] = {"inferenceProfileSummaries": found[start:end]}
        return {**page, "nextToken": str(end)} if end < len(found) else page

    def _system_profiles(self) -> list[dict[str, Any]]:
        return [
            self._profile(profile_id, f"inference-profile/{profile_id}", "SYSTEM_DEFINED", model)
            for profile_id, model in self._directory.profiles.items()
        ]

    def _application_profiles(self) -> list[dict[str, Any]]:
        return [
            self._profile(
                profile_id,
                f"application-inference-profile/{profile_id}",
                "APPLICATION",
                self._directory.profiles[target],
            )
            for profile_id, target in APPLICATION_PROFILES.items()
            if target in self._directory.profiles
        ]

    def _profile(self, profile_id: str, resource: str, kind: str, model: Model) -> dict[str, Any]:
        return {
            "inferenceProfileName": profile_id,
            "inferenceProfileId": profile_id,
            "inferenceProfileArn": f"arn:aws:bedrock:{self._region}:{ACCOUNT}:{resource}",
            "models": [{"modelArn": self._model_arn(model)}],
            "status": "ACTIVE",
            "type": kind,
            "createdAt": _SINCE,
            "updatedAt": _SINCE,
        }

    def _list_foundation_models(self, query: Mapping[str, str]) -> dict[str, Any]:
        _check_query("ListFoundationModels", query)
        wanted = {
            "providerName": query.get("byProvider"),
            "outputModalities": query.get("byOutputModality"),
            "inferenceTypesSupported": query.get("byInferenceType"),
            "customizationsSupported": query.get("byCustomizationType"),
        }
        return {
            "modelSummaries": [
                summary
                for summary in map(self._summary, MODELS.values())
                if all(value is None or _matches(summary[k], value) for k, value in wanted.items())
            ]
        }

    def _summary(self, model: Model) -> dict[str, Any]:
        images = "images" in model.features
        return {
            "modelId": model.id,
            "modelArn": self._model_arn(model),
            "modelName": model.id.partition(".")[2],
            "providerName": _PROVIDERS[model.provider],
            "inputModalities": ["TEXT", "IMAGE"] if images else ["TEXT"],
            "outputModalities": ["EMBEDDING" if embeds(model) else "TEXT"],
            "responseStreamingSupported": not embeds(model),
            "customizationsSupported": [],
            "inferenceTypesSupported": ["ON_DEMAND" if model.on_demand else "INFERENCE_PROFILE"],
            "modelLifecycle": {"status": "ACTIVE"},
        }

    def _model_arn(self, model: Model) -> str:
        return f"arn:aws:bedrock:{self._region}::foundation-model/{model.id}"


def _matches(value: Any, wanted: str) -> bool:
    if isinstance(value, list):
        return wanted in value
    return str(value).lower() == wanted.lower()


def _check_query(operation: str, query: Mapping[str, str]) -> None:
    checks = shapes.query("bedrock", operation)
    problems: list[str] = []
    for name, value in query.items():
        if name in checks:
            number = int(value) if name == "maxResults" and value.isdigit() else value
            checks[name](number, (name,), problems)
    shapes.raise_problems(problems)
