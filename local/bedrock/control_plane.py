"""The ``bedrock`` control plane: which models and inference profiles there are.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from local.bedrock import shapes
from local.bedrock.application_profiles import ApplicationProfile
from local.bedrock.directory import Directory
from local.bedrock.encoders.embeddings import embeds
from local.bedrock.errors import ServiceError, invalid
from local.bedrock.inventory import ACCOUNT, MODELS
from local.bedrock.messages import Reply, Request, json_reply
from local.bedrock.models import Model
from local.bedrock.parsing import parse

_SINCE = "2026-01-01T00:00:00Z"
_PAGE = 100
_PROFILES = "/inference-profiles"
_APPLICATION = "application-inference-profile"
_SYSTEM = "inference-profile"

_OPERATIONS = {
    ("GET", "/foundation-models"): "ListFoundationModels",
    ("GET", _PROFILES): "ListInferenceProfiles",
    ("POST", _PROFILES): "CreateInferenceProfile",
    ("GET", f"{_PROFILES}/*"): "GetInferenceProfile",
    ("DELETE", f"{_PROFILES}/*"): "DeleteInferenceProfile",
}
"""By method and path, in which a ``*`` stands for an id or an ARN."""

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


class Asked(NamedTuple):
    """A request of the control plane."""

    operation: str
    identifier: str
    """The id or the ARN in the path; "" in those of an operation on all."""
    request: Request

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the query."""
        return dict(parse_qsl(self.request.query, keep_blank_values=True))


def asked(request: Request) -> Asked | None:
    """What a request asks of the control plane; None for what there is not."""
    pattern, identifier = request.path, request.path.removeprefix(f"{_PROFILES}/")
    if identifier in {"", pattern} or "/" in identifier:
        identifier = ""
    else:
        pattern = f"{_PROFILES}/*"
    operation = _OPERATIONS.get((request.method, pattern))
    return Asked(operation, unquote(identifier), request) if operation else None


class ControlPlane:
    """The models and profiles of one Region."""

    def __init__(self, directory: Directory, clock: Callable[[], float]) -> None:
        self._directory = directory
        self._region = directory.region
        self._profiles = directory.application_profiles
        self._clock = clock
        self._operations: dict[str, Callable[[Asked], Reply]] = {
            "CreateInferenceProfile": self._create_inference_profile,
            "DeleteInferenceProfile": self._delete_inference_profile,
            "GetInferenceProfile": lambda asked: json_reply(self._inference_profile(asked)),
            "ListFoundationModels": lambda asked: json_reply(
                self._list_foundation_models(asked.query)
            ),
            "ListInferenceProfiles": lambda asked: json_reply(
                self._list_inference_profiles(asked.query)
            ),
        }

    def serve(self, asked: Asked) -> Reply:
        """Answers a request, or raises the refusal of it."""
        return self._operations[asked.operation](asked)

    def _create_inference_profile(self, asked: Asked) -> Reply:
        body = parse(asked.request.body)
        problems: list[str] = []
        shapes.body("bedrock", asked.operation)(body, (), problems)
        shapes.raise_problems(problems)
        profile = self._profiles.create(
            body["inferenceProfileName"],
            body.get("description", ""),
            self._directory.resolve(body["modelSource"]["copyFrom"]).priced_as,
            self._clock(),
        )
        made = {"inferenceProfileArn": self._arn(_APPLICATION, profile.id), "status": "ACTIVE"}
        return json_reply(made, status=201)

    def _delete_inference_profile(self, asked: Asked) -> Reply:
        found = self._inference_profile(asked)
        if found["type"] != "APPLICATION":
            raise invalid("System-defined inference profiles cannot be deleted.")
        self._profiles.delete(found["inferenceProfileId"])
        return json_reply({})

    def _inference_profile(self, asked: Asked) -> dict[str, Any]:
        """The profile that the path names; raises the refusal of one that there is not."""
        problems: list[str] = []
        (check,) = shapes.located("bedrock", asked.operation, "uri").values()
        check(asked.identifier, ("inferenceProfileIdentifier",), problems)
        shapes.raise_problems(problems)
        for profile in self._all_profiles():
            if asked.identifier in {profile["inferenceProfileArn"], profile["inferenceProfileId"]}:
                return profile
        raise ServiceError(
            "ResourceNotFoundException",
            f"Inference profile with identifier {asked.identifier} could not be found.",
        )

    def _list_inference_profiles(self, query: Mapping[str, str]) -> dict[str, Any]:
        _check_query("ListInferenceProfiles", query)
        wanted = query.get("type")
        found = [profile for profile in self._all_profiles() if wanted in {None, profile["type"]}]
        start = int(query.get("nextToken", "0")) if query.get("nextToken", "0").isdigit() else 0
        end = start + int(query.get("maxResults", _PAGE))
        page: dict[str, Any] = {"inferenceProfileSummaries": found[start:end]}
        return {**page, "nextToken": str(end)} if end < len(found) else page

    def _all_profiles(self) -> list[dict[str, Any]]:
        system = [self._system_profile(profile_id) for profile_id in self._directory.profiles]
        return [*system, *map(self._application_profile, self._profiles.all())]

    def _system_profile(self, profile_id: str) -> dict[str, Any]:
        return {
            "inferenceProfileName": profile_id,
            "inferenceProfileId": profile_id,
            "inferenceProfileArn": self._arn(_SYSTEM, profile_id),
            "models": self._models(profile_id),
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
            "createdAt": _SINCE,
            "updatedAt": _SINCE,
        }

    def _application_profile(self, profile: ApplicationProfile) -> dict[str, Any]:
        made = datetime.fromtimestamp(profile.created_at, UTC).isoformat()
        described = {"description": profile.description} if profile.description else {}
        return {
            "inferenceProfileName": profile.name,
            "inferenceProfileId": profile.id,
            "inferenceProfileArn": self._arn(_APPLICATION, profile.id),
            "models": self._models(profile.source),
            "status": "ACTIVE",
            "type": "APPLICATION",
            "createdAt": made,
            "updatedAt": made,
            **described,
        }

    def _models(self, model_id: str) -> list[dict[str, str]]:
        return [{"modelArn": arn} for arn in self._directory.model_arns(model_id)]

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:bedrock:{self._region}:{ACCOUNT}:{kind}/{name}"

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
            "modelArn": self._directory.model_arns(model.id)[0],
            "modelName": model.id.partition(".")[2],
            "providerName": _PROVIDERS[model.provider],
            "inputModalities": ["TEXT", "IMAGE"] if images else ["TEXT"],
            "outputModalities": ["EMBEDDING" if embeds(model) else "TEXT"],
            "responseStreamingSupported": not embeds(model),
            "customizationsSupported": [],
            "inferenceTypesSupported": ["ON_DEMAND" if model.on_demand else "INFERENCE_PROFILE"],
            "modelLifecycle": {"status": "ACTIVE"},
        }


def _matches(value: Any, wanted: str) -> bool:
    if isinstance(value, list):
        return wanted in value
    return str(value).lower() == wanted.lower()


def _check_query(operation: str, query: Mapping[str, str]) -> None:
    checks = shapes.located("bedrock", operation, "querystring")
    problems: list[str] = []
    for name, value in query.items():
        if name in checks:
            number = int(value) if name == "maxResults" and value.isdigit() else value
            checks[name](number, (name,), problems)
    shapes.raise_problems(problems)
