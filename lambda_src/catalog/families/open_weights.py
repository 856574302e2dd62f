"""Open weights that Bedrock has served since 2025.

They refuse stop sequences ("This model doesn't support the stopSequences field":
https://github.com/langchain-ai/langchain-aws/issues/664 for DeepSeek V3 and Qwen3,
https://github.com/langgenius/dify-official-plugins/issues/1767, bifrost for GLM). They take a forced
tool as ``any``, and by name not all of them heed it
(https://github.com/langchain-ai/langchain-aws/issues/1270). JSON Schema: the cards, litellm's
`supports_native_structured_output`, https://github.com/BerriAI/litellm/issues/35655 for GLM 5 and
DeepSeek V3.2, https://github.com/anomalyco/models.dev/pull/6822 for MiniMax.
"""

from catalog.families.family import ANY_CHOICE, SAMPLING, Family
from catalog.tokenizers import DEEPSEEK, GEMMA_3, QWEN_3, TEKKEN

_AUTO = frozenset({"auto"})
_AUTO_OR_ANY = frozenset({"auto", "any"})
_NUMBERS = SAMPLING - {"stop"}

_OPEN = Family("open", (), sampling=_NUMBERS, structured="native", tool_choices=_AUTO_OR_ANY)
# Efforts: https://github.com/aws-samples/sample-per-model-bedrock, live calls of August and October
# 2026. Converse takes ``reasoning_effort`` for DeepSeek V3.2, Qwen3, Kimi K2.5, GLM 5, Nemotron Super
# and MiniMax; below ``high`` none of them reasons, but for MiniMax, which always does.
_HIGH_EFFORT = _OPEN._replace(
    reasoning="effort",
    effort_path=("reasoning_effort",),
    efforts=("none", "high"),
)
_DEEPSEEK_V3 = _HIGH_EFFORT._replace(
    name="deepseek-v3",
    begins=("deepseek.v3",),
    tokenizer=DEEPSEEK,
    # Forced tools: https://github.com/langchain-ai/langchain-aws/pull/1261.
    reasons_beside=_AUTO,
    replays=frozenset({"text"}),
)
_KIMI_K2 = _OPEN._replace(
    name="kimi-k2-thinking",
    begins=("moonshot.kimi-", "moonshotai.kimi-"),
    reasoning="fixed",
    reasons_unasked=True,
    replays=frozenset({"text"}),
)
OPEN_WEIGHTS = (
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-deepseek.html; tools and
    # reasoning in its history are refused (https://github.com/aws-samples/bedrock-chat/pull/851).
    Family(
        "deepseek-r1",
        ("deepseek.r1",),
        reasoning="fixed",
        reasons_unasked=True,
        tools=False,
        structured="instructions",
        tokenizer=DEEPSEEK,
    ),
    _DEEPSEEK_V3,
    # V3.1 calls no tools while it reasons (langchain-aws#1261).
    _DEEPSEEK_V3._replace(
        name="deepseek-v3-1",
        begins=("deepseek.v3-", "deepseek.v3.1"),
        reasons_beside=frozenset(),
    ),
    # Images of Qwen's have up to 16,384: https://huggingface.co/Qwen/Qwen2-VL-7B-Instruct.
    _OPEN._replace(name="qwen3", begins=("qwen.",), tokenizer=QWEN_3, image_tokens=16_384),
    _HIGH_EFFORT._replace(name="qwen3-32b", begins=("qwen.qwen3-32b",), tokenizer=QWEN_3),
    _KIMI_K2,
    # Moonshot's own API: "invalid temperature: only 1 is allowed for this model"
    # (https://github.com/NousResearch/hermes-agent/issues/12404), and so for `top_p`.
    _HIGH_EFFORT._replace(
        name="kimi-k2-5",
        begins=("moonshotai.kimi-k2.5",),
        sampling=frozenset(),
        replays=frozenset({"text"}),
        structured="tool",
    ),
    # https://github.com/stdapi-ai/stdapi.ai/blob/main/stdapi/models/chat/kimi_k3.py and
    # https://platform.kimi.ai/docs/guide/use-reasoning-effort: low, high and max. It is served on
    # ``/openai/v1`` too (the samples above), where alone responses are stored.
    _KIMI_K2._replace(
        name="kimi-k3",
        begins=("moonshotai.kimi-k3",),
        sampling=frozenset(),
        least_tokens=16,
        reasoning="effort",
        effort_path=("reasoning", "effort"),
        efforts=("none", "low", "high", "max"),
        structured="tool",
        native=frozenset({"responses"}),
    ),
    _HIGH_EFFORT._replace(name="glm-4-7", begins=("zai.glm-",), structured="tool"),
    _HIGH_EFFORT._replace(name="glm-5", begins=("zai.glm-5",)),
    # As Kimi K3; "Unsupported value: 'reasoning_effort' does not support 'minimal'" (the samples).
    _OPEN._replace(
        name="glm-5-3",
        begins=("zai.glm-5.3",),
        reasoning="effort",
        effort_path=("reasoning_effort",),
        efforts=("none", "low", "medium", "high", "xhigh", "max"),
        reasons_unasked=True,
        tool_choices=ANY_CHOICE,
        native=frozenset({"responses"}),
    ),
    _OPEN._replace(
        name="minimax",
        begins=("minimax.",),
        reasoning="fixed",
        reasons_unasked=True,
        replays=frozenset({"text"}),
    ),
    _OPEN._replace(name="nemotron", begins=("nvidia.nemotron-",)),
    _HIGH_EFFORT._replace(
        name="nemotron-3", begins=("nvidia.nemotron-nano-3-", "nvidia.nemotron-super-3-")
    ),
    # Gemma 3 calls tools and cannot go on from their results:
    # https://github.com/anomalyco/models.dev/pull/6794.
    _OPEN._replace(name="gemma-3", begins=("google.gemma-",), tools=False, tokenizer=GEMMA_3),
    _OPEN._replace(
        name="gemma-3-4b",
        begins=("google.gemma-3-4b",),
        tokenizer=GEMMA_3,
        tools=False,
        structured="instructions",
    ),
    _OPEN._replace(name="mistral-3", begins=("mistral.",), tokenizer=TEKKEN),
    _OPEN._replace(
        name="magistral",
        begins=("mistral.magistral-",),
        tokenizer=TEKKEN,
        reasoning="fixed",
        reasons_unasked=True,
    ),
    _OPEN._replace(
        name="devstral", begins=("mistral.devstral-",), structured="tool", tokenizer=TEKKEN
    ),
)
