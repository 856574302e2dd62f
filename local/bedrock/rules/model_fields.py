"""``additionalModelRequestFields`` of the models that are no Claude, and reasoning given back to them.

Converse adds the fields to the body that the model itself takes, so that a field it does not know is
refused in the model's own words. Which field asks for reasoning: AWS's notebooks of August to October 2026
(https://github.com/aws-samples/sample-per-model-bedrock), a recorded call for Qwen, and litellm 1.109.1.
Which reasoning can go back: langchain-aws 1.9.1 and litellm, as their maintainers found when they tried.
"""

from typing import Any

from local.bedrock.errors import ModelRefusal, unsupported
from local.bedrock.models import Model, Reasoning
from local.bedrock.openai.chat_shape import OPEN_BODY
from local.bedrock.openai.errors import listed
from local.bedrock.openai.responses_shape import BODY as RESPONSES_BODY
from local.bedrock.openai.wording import deserializing, in_openai_words
from local.bedrock.rules.native_bodies import BODIES, NOVA_REASONING
from local.bedrock.rules.thoughts import check_redacted, check_thought
from local.bedrock.schemas import Field, check, in_schema_words
from local.bedrock.seals import is_genuine

Fields = dict[str, Any]

_EFFORT = Field("string", choices=("none", "minimal", "low", "medium", "high", "xhigh", "max"))
_NOVA = {"inferenceConfig": Field("object", members={"topK": Field("integer", least=0, most=128)})}
_CONVERSED = ("messages", "model", "stream", "stream_options", "n")
"""What Converse itself says to a model behind a chat API."""

_OPEN = {
    name: field for name, field in (OPEN_BODY.members or {}).items() if name not in _CONVERSED
} | {"reasoning_effort": _EFFORT}

_RESPONDED = (
    "include", "max_tool_calls", "metadata", "parallel_tool_calls", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "safety_identifier", "text", "truncation", "user",
)  # fmt: skip
_GPT = {name: (RESPONSES_BODY.members or {})[name] for name in _RESPONDED}


def own_fields(request: dict[str, Any]) -> Fields:
    """``additionalModelRequestFields``, when it is an object."""
    fields = request.get("additionalModelRequestFields")
    return fields if isinstance(fields, dict) else {}


def effort(model: Model, fields: Fields) -> str | None:
    """The effort a request asks for; None when it does not ask."""
    reasoning = model.reasoning
    if reasoning is None:
        return None
    for name in reasoning.fields:
        value = fields.get(name)
        if isinstance(value, dict):
            if value.get("type") == "disabled":
                return "none"
            value = value.get("effort") or value.get("maxReasoningEffort") or value.get("type")
        if isinstance(value, str):
            return value
    return None


def check_model_fields(model: Model, request: dict[str, Any]) -> None:
    """Raises the model's refusal of fields it does not take."""
    fields = own_fields(request)
    if model.family == "nova":
        _check_nova(model, fields, request)
    elif model.family != "openai-chat":
        _check_schema(fields, BODIES[model.family].members or {})
    elif model.openai is not None and model.openai.reasoning == "hidden":
        _check_gpt(model, fields)
    else:
        _check_open(model, fields)


def _check_schema(fields: Fields, members: Any) -> None:
    """Raises the refusal of models whose bodies are described by a JSON schema."""
    known = {name: field._replace(required=False) for name, field in members.items()}
    for violation in check(fields, Field("object", members=known)):
        raise ModelRefusal(
            f"Malformed input request: {in_schema_words(violation)}, please reformat your input and "
            "try again."
        )


def _check_nova(model: Model, fields: Fields, request: dict[str, Any]) -> None:
    reasons = model.reasoning is not None
    _check_schema(fields, {**_NOVA, "reasoningConfig": NOVA_REASONING} if reasons else _NOVA)
    if effort(model, fields) != "high":
        return
    # https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
    config = request.get("inferenceConfig") or {}
    for name in ("maxTokens", "temperature", "topP"):
        if config.get(name) is not None:
            raise ModelRefusal(
                f"{name} must be unset when maxReasoningEffort is high. Remove {name} and try again."
            )
    if fields.get("inferenceConfig", {}).get("topK") is not None:
        raise ModelRefusal("topK must be unset when maxReasoningEffort is high.")


def _check_gpt(model: Model, fields: Fields) -> None:
    members = dict(_GPT)
    if model.reasoning is not None and "reasoning" in model.reasoning.fields:
        members["reasoning"] = (RESPONSES_BODY.members or {})["reasoning"]
    for violation in check(fields, Field("object", members=members)):
        raise ModelRefusal(in_openai_words(violation).message)
    _check_effort(model.reasoning, "reasoning.effort", effort(model, fields), model.id)


def _check_open(model: Model, fields: Fields) -> None:
    members = dict(_OPEN)
    for name in model.reasoning.fields if model.reasoning else ():
        members.setdefault(name, _EFFORT)
    if model.reasoning is None or "reasoning_effort" not in model.reasoning.fields:
        members.pop("reasoning_effort")
    for violation in check(fields, Field("object", members=members)):
        raise ModelRefusal(deserializing(violation))
    _check_effort(model.reasoning, "reasoning_effort", effort(model, fields), "")


def _check_effort(reasoning: Reasoning | None, name: str, value: str | None, model_id: str) -> None:
    if reasoning is None or value is None or value in reasoning.efforts:
        return
    problem = (
        f"'{value}' is not supported with the '{model_id}' model"
        if model_id
        else f"'{name}' does not support '{value}' with this model"
    )
    raise ModelRefusal(
        f"Unsupported value: {problem}. Supported values are: {listed(reasoning.efforts)}."
    )


def check_replayed(model: Model, place: str, content: dict[str, Any], *, latest: bool) -> None:
    """Raises the refusal of reasoning given back to a model that did not write it, or takes none.

    `latest` is whether it is in the last turn of the assistant.
    """
    text, redacted = content.get("reasoningText"), content.get("redactedContent")
    if model.claude is not None:
        if text is not None:
            check_thought(text["text"], text.get("signature"), place, latest=latest)
        if redacted is not None:
            check_redacted(redacted, place)
        return
    replays = model.reasoning.replays if model.reasoning else frozenset()
    if text is not None and text.get("signature") is not None:
        raise unsupported("reasoningContent.reasoningText.signature")
    if text is not None and "text" not in replays:
        raise unsupported("reasoningContent.reasoningText")
    if redacted is not None and "redacted" not in replays:
        raise unsupported("reasoningContent.redactedContent")
    if redacted is not None and not is_genuine(redacted):
        raise ModelRefusal("The encrypted content could not be verified.")
