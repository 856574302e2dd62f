"""The models the simulated account can call.

Ids, geographies and limits: the price table of litellm 1.109.1 (November 2026) and, for retired
models, AWS's model lifecycle page. Which models exist only as inference profiles: AWS's page
"Supported Regions and models for inference profiles". The table "Supported models and model features"
of the Bedrock user guide says who takes tools, streamed tools, system prompts, images and documents.
"""

from local.bedrock.chat_models import CHAT_MODELS
from local.bedrock.claudes import CLAUDES
from local.bedrock.models import CHAT, MEDIA, TOOLS, Model, Reasoning

ACCOUNT = "123456789012"

_NOVA = CHAT | TOOLS
# https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
_NOVA_2 = Reasoning(("reasoningConfig",), ("none", "low", "medium", "high"), told="masked")
_LLAMA = CHAT | {"tools"}
_US = ("us",)
_US_EU = ("us", "eu")
_US_EU_APAC = ("us", "eu", "apac")


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
            _NOVA | MEDIA,
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
        _NOVA | MEDIA,
        geographies=_US,
        on_demand=False,
        cache_minimum=1_000,
    ),
    _model(
        "amazon.nova-2-lite-v1:0",
        "nova",
        1_000_000,
        64_000,
        _NOVA | MEDIA | {"reasoning"},
        geographies=("global", "us", "eu", "apac", "jp"),
        on_demand=False,
        cache_minimum=1_000,
    )._replace(reasoning=_NOVA_2),
    # A recorded call shows Titan Text take two user turns in a row.
    *(
        _model(
            f"amazon.titan-text-{size}-v1",
            "titan-text",
            42_000,
            max_output,
            (CHAT | {"documents", "merged_turns"}) - {"system"},
        )
        for size, max_output in (("express", 8_000), ("lite", 4_000))
    ),
    _model("amazon.titan-embed-text-v1", "titan-embed-v1", 8_192, 0),
    _model("amazon.titan-embed-text-v2:0", "titan-embed-v2", 8_192, 0),
    _model("amazon.titan-embed-image-v1", "titan-embed-image", 256, 0),
    _model("amazon.nova-2-multimodal-embeddings-v1:0", "nova-embed", 8_172, 0),
)

_OTHERS = (
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
    _model("meta.llama3-2-1b-instruct-v1:0", "llama", 128_000, 4_096, CHAT, geographies=_US_EU),
    _model("meta.llama3-70b-instruct-v1:0", "llama", 8_192, 2_048, CHAT),
    _model("meta.llama2-13b-chat-v1", "llama", 4_096, 2_048, CHAT),
    _model(
        "mistral.mistral-large-2402-v1:0",
        "mistral",
        32_000,
        8_192,
        CHAT | {"tools", "tool_choice_any"},
    ),
    _model("mistral.mistral-7b-instruct-v0:2", "mistral", 32_000, 8_192, CHAT - {"system"}),
    _model(
        "deepseek.r1-v1:0",
        "mistral",
        128_000,
        32_768,
        CHAT | {"reasoning"},
        geographies=_US,
        on_demand=False,
    ),
    _model("cohere.command-r-v1:0", "cohere-chat", 128_000, 4_000, CHAT | {"tools"}),
    _model("cohere.command-text-v14", "cohere-command", 4_096, 4_096),
    _model("cohere.command-light-text-v14", "cohere-command", 4_096, 4_096),
    _model("cohere.embed-v4:0", "cohere-embed-v4", 128_000, 0, geographies=("global", "us", "eu")),
    _model("cohere.embed-english-v3", "cohere-embed-v3", 512, 0),
    _model("cohere.embed-multilingual-v3", "cohere-embed-v3", 512, 0),
    _model("ai21.j2-mid-v1", "ai21-j2", 8_191, 8_191),
)

MODELS = {model.id: model for model in (*CLAUDES, *_AMAZON, *CHAT_MODELS, *_OTHERS)}

ENDPOINTS = {
    "arn:aws:sagemaker:us-east-1:767398002385:endpoint/endpoint-quick-start-idr7y": _model(
        "sagemaker.endpoint", "completion", 32_000, 4_096
    )
}
"""Deployments with an ARN of their own; the one here is known from a recorded call."""

APPLICATION_PROFILES = {
    "simteam00001": "global.anthropic.claude-sonnet-4-6",
    "simteam00002": "us.openai.gpt-6.1-sol",
    "simteam00003": "us.anthropic.claude-sonnet-4-6",
    "simteam00004": "amazon.nova-micro-v1:0",
    "simteam00005": "us.cohere.embed-v4:0",
}
"""Application inference profiles of the account, and the profile or foundation model each is made of."""
