"""The models the simulated account can call.

Ids, geographies and limits: the price table of litellm 1.109.1 (November 2026) and, for retired
models, AWS's model lifecycle page. Which models exist only as inference profiles: AWS's page
"Supported Regions and models for inference profiles". What a Claude generation accepts:
https://platform.claude.com/docs/en/models and calls other people measured in autumn 2026. The table
"Supported models and model features" of the Bedrock user guide says who takes tools, streamed tools,
system prompts, images and documents.
"""

from local.bedrock.models import Claude, Model, OpenAI

ACCOUNT = "123456789012"

_BUDGETED = ("enabled", "disabled")
_VERSIONS = ("bedrock-2023-05-31", "2026-10-21")

CLAUDE_3 = Claude("any", counts_tokens=False)
CLAUDE_2 = CLAUDE_3
CLAUDE_4 = Claude("any", _BUDGETED)
CLAUDE_4_5 = Claude("one", _BUDGETED, structured=True)
OPUS_4_5 = CLAUDE_4_5._replace(effort="beta")
CLAUDE_4_6 = Claude("one", (*_BUDGETED, "adaptive"), prefill=False, effort="yes", structured=True)
CLAUDE_4_7 = Claude(
    "default",
    ("adaptive", "disabled"),
    thinking_shown=False,
    prefill=False,
    effort="yes",
    versions=_VERSIONS,
    counts_tokens=False,
)
CLAUDE_4_8 = CLAUDE_4_7._replace(system_turns=True, structured=True)
CLAUDE_5 = CLAUDE_4_7._replace(system_turns=True, thinks_unasked=True)
FABLE_5 = CLAUDE_5._replace(thinking=("adaptive",))
FABLE_5_1 = FABLE_5._replace(forced_tool=False)
OPUS_5_5 = FABLE_5_1
SONNET_5_5 = CLAUDE_5._replace(thinking=("adaptive", "between_tools"), forced_tool=False)
HAIKU_5_5 = CLAUDE_5


_CHAT = frozenset({"chat", "system", "sampling"})
_TOOLS = frozenset({"tools", "streamed_tools", "tool_choice_any", "tool_choice_tool"})
_MEDIA = frozenset({"images", "documents"})
_US = ("us",)
_US_EU = ("us", "eu")
_US_EU_APAC = ("us", "eu", "apac")
_GLOBAL_US = ("global", "us")
_WORLD = ("global", "us", "eu", "apac", "jp", "au")
_WORLD_GOV = (*_WORLD, "us-gov")


def _claude(
    name: str,
    rules: Claude,
    geographies: tuple[str, ...],
    limits: tuple[int, int, int],
    *,
    on_demand: bool = False,
) -> Model:
    context, max_output, cache_minimum = limits
    features = _CHAT | _TOOLS | _MEDIA | {"reasoning"}
    if rules.structured:
        features |= {"structured"}
    return Model(
        f"anthropic.claude-{name}",
        "anthropic",
        geographies,
        on_demand,
        context,
        max_output,
        features,
        cache_minimum,
        rules,
    )


def _model(
    model_id: str,
    family: str,
    context: int,
    max_output: int,
    features: frozenset[str] = frozenset(),
    *,
    geographies: tuple[str, ...] = (),
    on_demand: bool = True,
    cache_minimum: int = 0,
) -> Model:
    return Model(
        model_id, family, geographies, on_demand, context, max_output, features, cache_minimum
    )


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

_NOVA = _CHAT | _TOOLS
_LLAMA = _CHAT | {"tools"}
_OPEN = _CHAT | _TOOLS | {"structured", "reasoning"}
_GPT = (_OPEN | {"images"}) - {"sampling"}

_CLAUDES = (
    _claude("opus-5-5", OPUS_5_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("sonnet-5-5", SONNET_5_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("haiku-5-5", HAIKU_5_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("fable-5-1", FABLE_5_1, ("global", "us", "eu", "us-gov"), (1_000_000, 128_000, 512)),
    _claude("fable-5", FABLE_5, ("global", "us", "eu", "apac", "au"), (1_000_000, 128_000, 512)),
    _claude("opus-5", CLAUDE_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("sonnet-5", CLAUDE_5, _WORLD_GOV, (1_000_000, 128_000, 1_024)),
    _claude("opus-4-8", CLAUDE_4_8, _WORLD_GOV, (1_000_000, 128_000, 1_024)),
    _claude("opus-4-7", CLAUDE_4_7, _WORLD, (1_000_000, 128_000, 4_096)),
    _claude("opus-4-6-v1", CLAUDE_4_6, ("global", "us", "eu", "au"), (1_000_000, 128_000, 4_096)),
    _claude("sonnet-4-6", CLAUDE_4_6, _WORLD, (1_000_000, 64_000, 1_024)),
    _claude("opus-4-5-20251101-v1:0", OPUS_4_5, ("global", "us", "eu"), (200_000, 64_000, 4_096)),
    _claude(
        "sonnet-4-5-20250929-v1:0",
        CLAUDE_4_5,
        ("global", "us", "eu", "jp", "au", "us-gov"),
        (200_000, 64_000, 1_024),
    ),
    _claude("haiku-4-5-20251001-v1:0", CLAUDE_4_5, _WORLD, (200_000, 64_000, 4_096)),
    _claude("opus-4-1-20250805-v1:0", CLAUDE_4, _US_EU, (200_000, 32_000, 1_024)),
    _claude(
        "sonnet-4-20250514-v1:0",
        CLAUDE_4,
        ("global", "us", "eu", "apac"),
        (200_000, 64_000, 1_024),
    ),
    _claude("3-7-sonnet-20250219-v1:0", CLAUDE_4, _US_EU_APAC, (200_000, 64_000, 1_024)),
    _claude("3-5-haiku-20241022-v1:0", CLAUDE_3, _US, (200_000, 8_192, 2_048), on_demand=True),
    _claude("3-5-sonnet-20241022-v2:0", CLAUDE_3, _US, (200_000, 8_192, 1_024)),
    _claude("3-5-sonnet-20240620-v1:0", CLAUDE_3, _US_EU_APAC, (200_000, 8_192, 0), on_demand=True),
    _claude("3-haiku-20240307-v1:0", CLAUDE_3, _US_EU_APAC, (200_000, 4_096, 0), on_demand=True),
    _claude("3-sonnet-20240229-v1:0", CLAUDE_3, _US_EU_APAC, (200_000, 4_096, 0), on_demand=True),
    _claude("v2:1", CLAUDE_2, (), (200_000, 4_096, 0), on_demand=True)._replace(
        features=_CHAT | {"documents"}
    ),
    _claude("v2", CLAUDE_2, (), (100_000, 4_096, 0), on_demand=True)._replace(
        features=_CHAT | {"documents"}
    ),
)

_AMAZON = (
    _model(
        "amazon.nova-micro-v1:0",
        "nova",
        128_000,
        10_000,
        _NOVA,
        geographies=_US_EU_APAC,
        cache_minimum=1_000,
    ),
    *(
        _model(
            f"amazon.nova-{size}-v1:0",
            "nova",
            300_000,
            10_000,
            _NOVA | _MEDIA,
            geographies=_US_EU_APAC,
            cache_minimum=1_000,
        )
        for size in ("lite", "pro")
    ),
    _model(
        "amazon.nova-premier-v1:0",
        "nova",
        1_000_000,
        10_000,
        _NOVA | _MEDIA,
        geographies=_US,
        on_demand=False,
    ),
    _model(
        "amazon.nova-2-lite-v1:0",
        "nova",
        1_000_000,
        64_000,
        _NOVA | _MEDIA | {"reasoning"},
        geographies=("global", "us", "eu", "apac", "jp"),
        on_demand=False,
        cache_minimum=1_000,
    ),
    # A recorded call shows Titan Text take two user turns in a row.
    *(
        _model(
            f"amazon.titan-text-{size}-v1",
            "titan-text",
            42_000,
            max_output,
            frozenset({"chat", "sampling", "documents", "merged_turns"}),
        )
        for size, max_output in (("express", 8_000), ("lite", 4_000))
    ),
    _model("amazon.titan-embed-text-v1", "titan-embed-v1", 8_192, 0),
    _model("amazon.titan-embed-text-v2:0", "titan-embed-v2", 8_192, 0),
    _model("amazon.nova-2-multimodal-embeddings-v1:0", "nova-embed", 8_172, 0),
)

_OTHERS = (
    *(
        _model(
            f"openai.gpt-oss-{size}-1:0",
            "openai-chat",
            128_000,
            16_384,
            _OPEN,
            geographies=("us-gov",),
        )._replace(openai=GPT_OSS)
        for size in ("20b", "120b")
    ),
    *(
        _model(
            f"openai.gpt-{name}",
            "openai-chat",
            context,
            max_output,
            _GPT,
            geographies=_GLOBAL_US,
            on_demand=False,
            cache_minimum=1_024,
        )._replace(openai=openai)
        for name, context, max_output, openai in (
            ("6.1-sol", 1_000_000, 131_072, ALWAYS_THINKING_GPT),
            ("6.1-terra", 922_000, 128_000, GPT),
            ("6-astra", 922_000, 128_000, ALWAYS_THINKING_GPT),
            ("6-sol", 922_000, 128_000, GPT),
            ("6-luna", 922_000, 128_000, GPT),
            ("5.6-sol", 922_000, 128_000, GPT),
            ("5.6-terra", 922_000, 128_000, GPT),
            ("5.6-luna", 922_000, 128_000, GPT),
        )
    ),
    *(
        _model(
            f"xai.grok-{version}",
            "openai-chat",
            context,
            context,
            (_OPEN | {"images"}) - {"sampling"},
            geographies=_GLOBAL_US,
            on_demand=False,
        )._replace(openai=GROK)
        for version, context in (("4.7", 524_288), ("4.6", 500_000))
    ),
    *(
        _model(
            f"meta.llama{name}",
            "llama",
            context,
            max_output,
            _LLAMA,
            geographies=geographies,
            on_demand=on_demand,
        )
        for name, context, max_output, geographies, on_demand in (
            ("4-maverick-17b-instruct-v1:0", 1_000_000, 8_192, _US, False),
            ("4-scout-17b-instruct-v1:0", 10_000_000, 8_192, _US, False),
            ("3-3-70b-instruct-v1:0", 128_000, 4_096, _US, False),
            ("3-1-70b-instruct-v1:0", 128_000, 4_096, _US, True),
            ("3-1-8b-instruct-v1:0", 128_000, 4_096, _US, True),
        )
    ),
    _model("meta.llama3-2-1b-instruct-v1:0", "llama", 128_000, 4_096, _CHAT, geographies=_US_EU),
    _model("meta.llama3-70b-instruct-v1:0", "llama", 8_192, 2_048, _CHAT),
    _model("meta.llama2-13b-chat-v1", "llama", 4_096, 2_048, _CHAT),
    _model(
        "mistral.mistral-large-3-675b-instruct",
        "openai-chat",
        256_000,
        32_000,
        (_OPEN | {"images"}) - {"reasoning"},
    )._replace(openai=OPEN),
    _model(
        "mistral.mistral-large-2402-v1:0",
        "mistral",
        32_000,
        8_192,
        _CHAT | {"tools", "tool_choice_any"},
    ),
    _model("mistral.mistral-7b-instruct-v0:2", "mistral", 32_000, 8_192, _CHAT - {"system"}),
    _model(
        "deepseek.v3.2",
        "openai-chat",
        163_840,
        163_840,
        _OPEN,
        geographies=_US_EU,
    )._replace(openai=OPEN),
    _model(
        "deepseek.r1-v1:0",
        "mistral",
        128_000,
        32_768,
        _CHAT | {"reasoning"},
        geographies=_US,
        on_demand=False,
    ),
    _model("qwen.qwen3-32b-v1:0", "openai-chat", 32_768, 8_192, _OPEN)._replace(openai=OPEN),
    _model(
        "moonshotai.kimi-k2.5",
        "openai-chat",
        256_000,
        16_000,
        (_OPEN | {"images"}) - {"sampling"},
    )._replace(openai=OPEN),
    _model("zai.glm-5", "openai-chat", 200_000, 128_000, _OPEN)._replace(openai=OPEN),
    _model("minimax.minimax-m2.5", "openai-chat", 196_000, 16_000, _OPEN)._replace(openai=OPEN),
    _model("cohere.command-r-v1:0", "cohere-chat", 128_000, 4_000, _CHAT | {"tools"}),
    _model("cohere.command-text-v14", "cohere-command", 4_096, 4_096),
    _model("cohere.command-light-text-v14", "cohere-command", 4_096, 4_096),
    _model("cohere.embed-v4:0", "cohere-embed-v4", 128_000, 0, geographies=("global", "us", "eu")),
    _model("cohere.embed-english-v3", "cohere-embed-v3", 512, 0),
    _model("cohere.embed-multilingual-v3", "cohere-embed-v3", 512, 0),
    _model("ai21.j2-mid-v1", "ai21-j2", 8_191, 8_191),
)

MODELS = {model.id: model for model in (*_CLAUDES, *_AMAZON, *_OTHERS)}

ENDPOINTS = {
    "arn:aws:sagemaker:us-east-1:767398002385:endpoint/endpoint-quick-start-idr7y": _model(
        "sagemaker.endpoint", "completion", 32_000, 4_096
    )
}
"""Deployments with an ARN of their own; the one here is known from a recorded call."""

APPLICATION_PROFILES = {
    "simteam00001": "global.anthropic.claude-sonnet-4-6",
    "simteam00002": "us.openai.gpt-6.1-sol",
}
"""Application inference profiles of the account, and the profile each stands for."""
