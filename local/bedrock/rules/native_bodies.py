"""The bodies that the families beside Claude take from InvokeModel.

Fields: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html, one page for each
family; which further ones they let through is known from recorded calls.
"""

from local.bedrock.openai.chat_shape import OPEN_BODY
from local.bedrock.rules.embedding_bodies import EMBEDDING_BODIES
from local.bedrock.schemas import Field

_TEXT = Field("string")
_PROMPT = Field("string", required=True, least=1)
_SHARE = Field("number", least=0, most=1)
_COUNT = Field("integer", least=1)
_STOPS = Field("array", items=_TEXT)
_FLAG = Field("boolean")


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

NOVA_REASONING = _object(
    type=Field("string", required=True, choices=("enabled", "disabled")),
    maxReasoningEffort=Field("string", choices=("low", "medium", "high")),
)
"""``reasoningConfig`` of Nova 2."""

_OPENAI_CHAT = OPEN_BODY._replace(members={**(OPEN_BODY.members or {}), "model": _TEXT})

BODIES = {
    "nova": _object(
        schemaVersion=Field("string", choices=("messages-v1",)),
        messages=Field("array", required=True, least=1),
        system=Field("array"),
        inferenceConfig=_NOVA_INFERENCE,
        toolConfig=Field("object"),
        reasoningConfig=NOVA_REASONING,
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
    **EMBEDDING_BODIES,
}
"""By family of `local.bedrock.models.Model`."""
