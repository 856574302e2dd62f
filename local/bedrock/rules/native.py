"""What the other families refuse in the body of InvokeModel.

A body that does not fit is answered as a JSON-schema validator words it: "Malformed input request: #:
extraneous key [x] is not permitted, please reformat your input and try again."
"""

from typing import Any

from local.bedrock import shapes
from local.bedrock.errors import ModelRefusal, invalid
from local.bedrock.models import Model
from local.bedrock.openai.wording import deserializing
from local.bedrock.rules import converse
from local.bedrock.rules.embedding_bodies import problem_with
from local.bedrock.rules.native_bodies import BODIES
from local.bedrock.schemas import check, in_schema_words

_LIMITS = {
    "nova": ("inferenceConfig", ("max_new_tokens", "maxTokens")),
    "titan-text": ("textGenerationConfig", ("maxTokenCount",)),
    "llama": ("", ("max_gen_len",)),
    "mistral": ("", ("max_tokens",)),
    "cohere-command": ("", ("max_tokens",)),
    "cohere-chat": ("", ("max_tokens",)),
    "ai21-j2": ("", ("maxTokens",)),
    "openai-chat": ("", ("max_completion_tokens", "max_tokens")),
    "completion": ("", ("max_tokens",)),
}
"""Where a body of the family says how long the answer may be: the object it is in, the names."""


def output_limit(model: Model, body: dict[str, Any]) -> int:
    """The most tokens the answer may have: the model's limit when the body sets none."""
    where, names = _LIMITS[model.family]
    settings = (body.get(where) or {}) if where else body
    return next((settings[name] for name in names if settings.get(name)), model.max_output)


def check_body(model: Model, body: dict[str, Any]) -> None:
    """Raises the refusal of an InvokeModel body of a model that is no Claude."""
    if model.family == "openai-chat":
        for violation in check(body, BODIES[model.family]):
            raise ModelRefusal(deserializing(violation))
    if problem := _problem(model, body):
        raise malformed(problem)
    if model.family in _LIMITS and output_limit(model, body) > model.max_output:
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {model.max_output}"
        )
    if model.family == "nova":
        _check_nova(model, body)


def _problem(model: Model, body: dict[str, Any]) -> str:
    """What is wrong with a body; "" for nothing."""
    found = list(check(body, BODIES[model.family]))
    words = [in_schema_words(violation) for violation in found]
    if found and all(violation.problem in {"string-low", "string-high"} for violation in found):
        # https://github.com/autogluon/autogluon-rag/issues/50; of a Titan's only text it does not say
        # where it is (https://github.com/alphagov/govuk-chat/pull/220).
        together = "".join(words)
        titan = model.family.startswith("titan-embed")
        return together.partition(": ")[2] if titan else together
    if len(words) > 1:
        return f"{len(words)} schema violations found"
    return words[0] if words else problem_with(model.family, body)


def malformed(problem: str) -> Exception:
    """The refusal of a body that is not what the model takes."""
    return invalid(f"Malformed input request: {problem}, please reformat your input and try again.")


def _check_nova(model: Model, body: dict[str, Any]) -> None:
    """Nova's native messages, system blocks and tools have the shapes Converse has."""
    if "reasoningConfig" in body and model.reasoning is None:
        raise malformed("#: extraneous key [reasoningConfig] is not permitted")
    shapes.check_member("Messages", body["messages"], ("messages",))
    shapes.check_member("SystemContentBlocks", body.get("system", []), ("system",))
    if "toolConfig" in body:
        shapes.check_member("ToolConfiguration", body["toolConfig"], ("toolConfig",))
    parts: dict[str, Any] = {
        name: body[name] for name in ("messages", "system", "toolConfig") if name in body
    }
    converse.check_request(model, parts, streamed=False)
