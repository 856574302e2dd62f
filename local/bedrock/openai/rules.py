"""What Chat Completions and Responses refuse alike: models, settings, schemas and places of media."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from local.bedrock.directory import Directory, Target
from local.bedrock.errors import ServiceError
from local.bedrock.inventory import ACCOUNT
from local.bedrock.models import Model, OpenAI
from local.bedrock.openai.errors import (
    OpenAIError,
    from_service,
    invalid_value,
    unsupported_parameter,
    unsupported_value,
)

ALL_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_TIERS = ("auto", "default", "flex", "priority")
_NO_SUCH_MODEL = OpenAIError(
    "The model doesn't exist or doesn't support this API. Retry your request with a different model ID.",
    code="model_not_found",
    kind="not_found_error",
    status=404,
)
_JSON = "json"


class Served(NamedTuple):
    """The model a request is for, as it named it."""

    asked: str
    target: Target
    openai: OpenAI

    @property
    def model(self) -> Model:
        return self.target.model


def served(directory: Directory, model_id: str, route: str) -> Served:
    """The model of a request; raises the refusal of one that does not serve `route`.

    Claude, Nova, Llama and the other models that OpenAI's APIs do not reach are said not to exist.
    """
    if ":application-inference-profile/" in model_id:
        raise OpenAIError("Application inference profiles are not supported on this API.")
    try:
        target = directory.resolve(model_id)
    except ServiceError as error:
        raise from_service(error) from None
    openai = target.model.openai
    if openai is None:
        raise _NO_SUCH_MODEL
    if route == "responses" and not openai.responses:
        raise OpenAIError(f"The model '{model_id}' does not support the '/openai/v1/responses' API")
    return Served(model_id, target, openai)


def check_project(headers: Mapping[str, str], region: str) -> None:
    """Raises the refusal of any project but the default one."""
    project = headers.get("openai-project", "default")
    if project not in {"default", f"arn:aws:bedrock:{region}:{ACCOUNT}:project/default"}:
        raise OpenAIError(f"The project '{project}' is not supported. Use the default project.")


def check_effort(served: Served, name: str, effort: str | None) -> None:
    """Raises the refusal of an effort that the model does not take; `name` is the parameter's."""
    if effort is None or effort in served.openai.efforts:
        return
    if effort not in ALL_EFFORTS:
        raise invalid_value(name, effort, ALL_EFFORTS)
    raise unsupported_value(name, effort, served.asked, served.openai.efforts)


def reasons(openai: OpenAI, effort: str | None) -> bool:
    """Whether the model reasons before it answers."""
    return (effort or openai.default_effort or "none") != "none"


def check_sampling(openai: OpenAI, body: Mapping[str, Any], effort: str | None) -> None:
    """Raises the refusal of sampling by a model that takes none while it reasons."""
    if openai.sampling_while_reasoning or not reasons(openai, effort):
        return
    if body.get("temperature", 1) != 1:
        raise unsupported_parameter("temperature")
    for name in ("top_p", "frequency_penalty", "presence_penalty", "top_logprobs"):
        if name in body:
            raise unsupported_parameter(name)


def check_tier(openai: OpenAI, tier: str | None) -> None:
    """Raises the refusal of a tier that there is not, or not for the model."""
    if tier is None or tier in openai.tiers:
        return
    if tier not in _TIERS:
        raise invalid_value("service_tier", tier, _TIERS)
    raise OpenAIError(
        f"'{tier}' is not supported for 'service_tier' on this model", param="service_tier"
    )


def used_tier(tier: str | None) -> str:
    """The tier that serves a request."""
    return "default" if tier in {None, "auto"} else str(tier)


def check_tool_names(names: list[str], where: str) -> None:
    """Raises the refusal of two tools with one name."""
    for name in names:
        if names.count(name) > 1:
            raise OpenAIError(
                f"Invalid '{where}': duplicate tool name '{name}'.",
                code="invalid_value",
                param=where,
            )


def check_strict_schema(schema: Any, what: str, code: str, param: str) -> None:
    """Raises the refusal of a schema that is to be kept to, but leaves things open.

    Every object in it must list all its properties as required and allow no others.
    """
    for context, inner in _objects(schema, ()):
        place = f"In context={context!r}, "
        if inner.get("additionalProperties") is not False:
            problem = "'additionalProperties' is required to be supplied and to be false."
        elif missing := _optional(inner):
            problem = (
                "'required' is required to be supplied and to be an array including every key in "
                f"properties. Missing '{missing[0]}'."
            )
        else:
            continue
        raise OpenAIError(f"Invalid schema for {what}: {place}{problem}", code=code, param=param)


def _optional(schema: dict[str, Any]) -> list[str]:
    """The properties that an object may leave out."""
    properties, required = schema.get("properties"), schema.get("required")
    named = required if isinstance(required, list) else []
    return [
        name for name in (properties if isinstance(properties, dict) else ()) if name not in named
    ]


def _objects(schema: Any, context: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(context, schema) of every object in a schema."""
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        yield context, schema
    for holder in ("properties", "$defs", "definitions"):
        inner = schema.get(holder)
        if isinstance(inner, dict):
            for name, value in inner.items():
                yield from _objects(value, (*context, holder, name))
    yield from _objects(schema.get("items"), (*context, "items"))
    for holder in ("anyOf", "oneOf", "allOf"):
        inner = schema.get(holder)
        if isinstance(inner, list):
            for index, value in enumerate(inner):
                yield from _objects(value, (*context, holder, str(index)))


def check_media(model: Model, kind: str, feature: str) -> None:
    """Raises the refusal of media that the model cannot read."""
    if feature not in model.features:
        raise OpenAIError(f"Model does not support {kind} modality")


def check_url(url: str, where: str) -> None:
    """Raises the refusal of a URL that the service would have to fetch from the internet."""
    if not url.startswith(("data:", "s3://")):
        raise OpenAIError(
            f"Invalid '{where}': only data: and s3:// URLs are supported.",
            code="invalid_value",
            param=where,
        )


def mentions_json(texts: list[str]) -> bool:
    """Whether a prompt speaks of JSON, as the mode without a schema demands."""
    return any(_JSON in text.lower() for text in texts)
