"""What the other families refuse in the body of InvokeModel.

Fields: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html, one page for each
family; which further ones they let through is known from recorded calls. A body that does not fit is
answered as a JSON-schema validator words it: "Malformed input request: #: extraneous key [x] is not
permitted, please reformat your input and try again."
"""

from typing import Any

from local.bedrock import shapes
from local.bedrock.errors import ModelRefusal, invalid
from local.bedrock.models import Model
from local.bedrock.openai.chat_shape import OPEN_BODY
from local.bedrock.openai.wording import deserializing
from local.bedrock.rules import converse
from local.bedrock.schemas import Field, check, in_schema_words

_TEXT = Field("string")
_PROMPT = Field("string", required=True, least=1)
_SHARE = Field("number", least=0, most=1)
_COUNT = Field("integer", least=1)
_STOPS = Field("array", items=_TEXT)
_FLAG = Field("boolean")
_EMBEDDING_TYPES = Field(
    "array", items=Field("string", choices=("float", "int8", "uint8", "binary", "ubinary"))
)
_COHERE_INPUT = Field(
    "string",
    required=True,
    choices=("search_document", "search_query", "classification", "clustering", "image"),
)


def _object(**members: Field) -> Field:
    return Field("object", members=members)


_NOVA_INFERENCE = _object(
    max_new_tokens=_COUNT,
    maxTokens=_COUNT,
    temperature=_SHARE,
    top_p=_SHARE,
    topP=_SHARE,
    top_k=_COUNT,
    topK=_COUNT,
    stopSequences=_STOPS,
)

_OPENAI_CHAT = OPEN_BODY._replace(members={**(OPEN_BODY.members or {}), "model": _TEXT})

_COHERE_EMBED_V3 = _object(
    texts=Field("array", required=True, least=1, most=96, items=Field("string", most=2048)),
    input_type=_COHERE_INPUT,
    truncate=Field("string", choices=("NONE", "START", "END")),
    embedding_types=_EMBEDDING_TYPES,
)

BODIES = {
    "nova": _object(
        schemaVersion=Field("string", choices=("messages-v1",)),
        messages=Field("array", required=True, least=1),
        system=Field("array"),
        inferenceConfig=_NOVA_INFERENCE,
        toolConfig=Field("object"),
        reasoningConfig=Field("object"),
    ),
    "titan-text": _object(
        inputText=_PROMPT,
        textGenerationConfig=_object(
            maxTokenCount=_COUNT, temperature=_SHARE, topP=_SHARE, stopSequences=_STOPS
        ),
    ),
    "llama": _object(
        prompt=_PROMPT,
        max_gen_len=_COUNT,
        temperature=_SHARE,
        top_p=_SHARE,
        images=Field("array"),
    ),
    "mistral": _object(
        prompt=_PROMPT,
        max_tokens=_COUNT,
        temperature=_SHARE,
        top_p=_SHARE,
        top_k=_COUNT,
        stop=_STOPS,
    ),
    "completion": _object(
        prompt=_PROMPT,
        max_tokens=_COUNT,
        temperature=_SHARE,
        topP=Field("number"),
        top_p=Field("number"),
    ),
    "cohere-command": _object(
        prompt=_PROMPT,
        max_tokens=_COUNT,
        temperature=Field("number", least=0, most=5),
        p=_SHARE,
        k=Field("integer", least=0),
        stop_sequences=_STOPS,
        stream=_FLAG,
        num_generations=_COUNT,
        return_likelihoods=_TEXT,
        truncate=_TEXT,
    ),
    "cohere-chat": _object(
        message=_PROMPT,
        chat_history=Field("array"),
        preamble=_TEXT,
        documents=Field("array"),
        max_tokens=_COUNT,
        temperature=_SHARE,
        p=_SHARE,
        k=Field("integer", least=0),
        stop_sequences=_STOPS,
        tools=Field("array"),
        tool_results=Field("array"),
        seed=Field("integer"),
        frequency_penalty=_SHARE,
        presence_penalty=_SHARE,
    ),
    "ai21-j2": _object(
        prompt=_PROMPT,
        maxTokens=_COUNT,
        temperature=_SHARE,
        topP=_SHARE,
        stopSequences=_STOPS,
        countPenalty=Field("object"),
        presencePenalty=Field("object"),
        frequencyPenalty=Field("object"),
    ),
    "openai-chat": _OPENAI_CHAT,
    "titan-embed-v1": _object(inputText=_PROMPT),
    "titan-embed-v2": _object(
        inputText=_PROMPT,
        dimensions=Field("integer", choices=(256, 512, 1024)),
        normalize=_FLAG,
        embeddingTypes=Field("array", items=Field("string", choices=("float", "binary"))),
    ),
    "cohere-embed-v3": _COHERE_EMBED_V3,
    "cohere-embed-v4": _object(
        input_type=_COHERE_INPUT,
        texts=Field("array", least=1, most=96, items=_TEXT),
        images=Field("array", least=1, most=96, items=_TEXT),
        inputs=Field("array", least=1, most=96, items=Field("object")),
        embedding_types=_EMBEDDING_TYPES,
        output_dimension=Field("integer", choices=(256, 512, 1024, 1536)),
        max_tokens=_COUNT,
        truncate=Field("string", choices=("NONE", "LEFT", "RIGHT")),
    ),
    "nova-embed": _object(
        schemaVersion=Field("string", choices=("nova-multimodal-embed-v1",)),
        taskType=Field("string", required=True, choices=("SINGLE_EMBEDDING",)),
        singleEmbeddingParams=Field(
            "object",
            required=True,
            members={
                "embeddingPurpose": _PROMPT,
                "embeddingDimension": Field("integer", choices=(256, 384, 1024, 3072)),
                "text": Field(
                    "object",
                    required=True,
                    members={
                        "truncationMode": Field("string", choices=("START", "END", "NONE")),
                        "value": _PROMPT,
                    },
                ),
            },
        ),
    ),
}
"""By family of `local.bedrock.models.Model`."""

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
        for violation in check(body, _OPENAI_CHAT):
            raise ModelRefusal(deserializing(violation))
    violations = [in_schema_words(found) for found in check(body, BODIES[model.family])]
    if len(violations) > 1:
        raise malformed(f"{len(violations)} schema violations found")
    if violations:
        raise malformed(violations[0])
    if model.family in _LIMITS and output_limit(model, body) > model.max_output:
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {model.max_output}"
        )
    if model.family == "nova":
        _check_nova(model, body)
    if model.family == "cohere-embed-v4" and not {"texts", "images", "inputs"} & body.keys():
        raise malformed("#: required key [texts] not found")


def malformed(problem: str) -> Exception:
    """The refusal of a body that is not what the model takes."""
    return invalid(f"Malformed input request: {problem}, please reformat your input and try again.")


def _check_nova(model: Model, body: dict[str, Any]) -> None:
    """Nova's native messages, system blocks and tools have the shapes Converse has."""
    shapes.check_member("Messages", body["messages"], ("messages",))
    shapes.check_member("SystemContentBlocks", body.get("system", []), ("system",))
    if "toolConfig" in body:
        shapes.check_member("ToolConfiguration", body["toolConfig"], ("toolConfig",))
    parts: dict[str, Any] = {
        name: body[name] for name in ("messages", "system", "toolConfig") if name in body
    }
    converse.check_request(model, parts, streamed=False)
