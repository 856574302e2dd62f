"""The models of the simulated account that take a chat API of OpenAI's form.

Ids and limits: the price table of litellm 1.109.1 (November 2026). Open weights, GPT and Grok refuse stop
sequences on Converse (https://github.com/langchain-ai/langchain-aws/issues/664). Who keeps to a JSON Schema
and has strict tools there: https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html. How
they reason there: `local.bedrock.rules.model_fields`. Voxtral and audio: the table "Supported models and
model features" of the Bedrock user guide.
"""

from local.bedrock.models import CHAT, TOOLS, Model, OpenAI, Reasoning

OPEN = OpenAI()
GPT_OSS = OpenAI(default_effort="medium", always_reasons=True, reasoning="inline", logit_bias=False)
GPT = OpenAI(
    responses=True,
    efforts=("none", "low", "medium", "high", "xhigh", "max"),
    default_effort="medium",
    reasoning="hidden",
    max_tokens=False,
    stop=False,
    sampling_while_reasoning=False,
    tools_while_reasoning=False,
    schemas=True,
    tiers=("auto", "default"),
    positional_call_ids=True,
)
ALWAYS_THINKING_GPT = GPT._replace(efforts=GPT.efforts[1:])
GROK = OpenAI(
    responses=True,
    efforts=("low", "medium", "high", "xhigh"),
    default_effort="high",
    always_reasons=True,
    reasoning="hidden",
    stop=False,
    penalties=False,
    schemas=True,
    positional_call_ids=True,
    temperature=0.7,
    top_p=0.95,
)

_TEXT = frozenset({"text"})
_EFFORTS = ("none", "low", "medium", "high")
# What the Bedrock console sends, and what the models' own API has.
_CONSOLE = Reasoning(("reasoning_config", "reasoning_effort"), _EFFORTS)
_DEEPSEEK_V3 = Reasoning(("reasoning_effort",), _EFFORTS, replays=_TEXT)
_KIMI_K2 = _CONSOLE._replace(replays=_TEXT)
_UNASKED = Reasoning(replays=_TEXT)
_GPT_OSS = Reasoning(("reasoning_effort",), ("low", "medium", "high"), replays=_TEXT)
_HIDDEN = Reasoning(told="redacted", replays=frozenset({"redacted"}))

_STRICT = frozenset({"structured", "strict_tools"})
_OPEN = (CHAT | TOOLS | {"reasoning"}) - {"stops"}
_GPT = (_OPEN | {"images", "structured"}) - {"sampling"}
_GROK = (_OPEN | {"images"}) - {"sampling"}
_GLOBAL_US = ("global", "us")


def _weights(
    model_id: str,
    limits: tuple[int, int],
    features: frozenset[str] = _OPEN,
    reasoning: Reasoning | None = None,
    *,
    geographies: tuple[str, ...] = (),
    openai: OpenAI = OPEN,
) -> Model:
    """A model with open weights."""
    return Model(
        model_id,
        "openai-chat",
        geographies,
        True,
        *limits,
        features,
        openai=openai,
        reasoning=reasoning,
    )


def _closed(
    model_id: str,
    limits: tuple[int, int],
    features: frozenset[str],
    openai: OpenAI,
    *,
    cache_minimum: int = 0,
) -> Model:
    """A model that Responses serves too: called through a profile only, its reasoning kept to itself."""
    fields = ("reasoning",) if "structured" in features else ()
    return Model(
        model_id,
        "openai-chat",
        _GLOBAL_US,
        False,
        *limits,
        features,
        cache_minimum,
        openai=openai,
        reasoning=_HIDDEN._replace(fields=fields, efforts=openai.efforts),
        least_output=16,
    )


CHAT_MODELS = (
    *(
        _weights(
            f"openai.gpt-oss-{size}-1:0",
            (128_000, 16_384),
            _OPEN | {"structured"},
            _GPT_OSS,
            geographies=("us-gov",),
            openai=GPT_OSS,
        )
        for size in ("20b", "120b")
    ),
    *(
        _closed(f"openai.gpt-{name}", limits, _GPT, openai, cache_minimum=1_024)
        for name, limits, openai in (
            ("6.1-sol", (1_000_000, 131_072), ALWAYS_THINKING_GPT),
            ("6.1-terra", (922_000, 128_000), GPT),
            ("6-astra", (922_000, 128_000), ALWAYS_THINKING_GPT),
            ("6-sol", (922_000, 128_000), GPT),
            ("6-luna", (922_000, 128_000), GPT),
            ("5.6-sol", (922_000, 128_000), GPT),
            ("5.6-terra", (922_000, 128_000), GPT),
            ("5.6-luna", (922_000, 128_000), GPT),
        )
    ),
    _closed("xai.grok-4.7", (524_288, 524_288), _GROK, GROK),
    _closed("xai.grok-4.6", (500_000, 500_000), _GROK, GROK),
    _weights(
        "mistral.mistral-large-3-675b-instruct",
        (256_000, 32_000),
        (_OPEN | _STRICT | {"images"}) - {"reasoning"},
    ),
    *(
        _weights(
            f"mistral.voxtral-{name}-2507",
            (32_768, 8_192),
            (_OPEN | {"audio", "structured"}) - {"reasoning"},
        )
        for name in ("small-24b", "mini-3b")
    ),
    _weights(
        "deepseek.v3.2",
        (163_840, 163_840),
        _OPEN | _STRICT,
        _DEEPSEEK_V3,
        geographies=("us", "eu"),
    ),
    _weights("qwen.qwen3-32b-v1:0", (32_768, 8_192), _OPEN | _STRICT, _CONSOLE),
    _weights(
        "moonshotai.kimi-k2.5", (256_000, 16_000), (_OPEN | {"images"}) - {"sampling"}, _KIMI_K2
    ),
    _weights("zai.glm-5", (200_000, 128_000), _OPEN | {"structured"}, _CONSOLE),
    _weights("minimax.minimax-m2.5", (196_000, 16_000), _OPEN | {"structured"}, _UNASKED),
)
