"""The Claude models of the simulated account.

Ids, geographies and limits: the price table of litellm 1.109.1 (November 2026) and, for retired
models, AWS's model lifecycle page. What a generation accepts:
https://platform.claude.com/docs/en/models and calls other people measured in autumn 2026. Strict
tools, one call at a time and the cache of an hour through Converse:
https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html and prompt-caching.html.
"""

from local.bedrock import claude_features as features
from local.bedrock.models import CHAT, MEDIA, TOOLS, Claude, Model

_BUDGETED = ("enabled", "disabled")
# Of Opus 4.6 and earlier the later one is refused:
# https://platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock-legacy.
_VERSIONS = ("bedrock-2023-05-31", "2026-10-21")

CLAUDE_3 = Claude("any", counts_tokens=False)
CLAUDE_2 = CLAUDE_3
SONNET_3_5 = CLAUDE_3._replace(betas=features.BETAS_3_5, tools=features.TOOLS_3_5)
SONNET_3_7 = Claude("any", _BUDGETED, betas=features.BETAS_3_7, tools=features.TOOLS_3_7)
CLAUDE_4 = SONNET_3_7._replace(betas=features.BETAS_4, tools=features.TOOLS_4)
SONNET_4 = CLAUDE_4._replace(long_context=True)
OPUS_4_1 = CLAUDE_4._replace(sampling="one")
CLAUDE_4_5 = Claude(
    "one",
    _BUDGETED,
    structured=True,
    strict_tools=True,
    one_call=True,
    long_cache=True,
    betas=features.BETAS_4_5,
    tools=features.TOOLS_4_5,
)
SONNET_4_5 = CLAUDE_4_5._replace(long_context=True)
HAIKU_4_5 = CLAUDE_4_5._replace(betas=features.HAIKU_BETAS_4_5)
OPUS_4_5 = CLAUDE_4_5._replace(
    effort="beta",
    efforts=("low", "medium", "high"),
    betas=features.OPUS_BETAS_4_5,
    tools=features.OPUS_TOOLS_4_5,
)
CLAUDE_4_6 = CLAUDE_4_5._replace(
    thinking=(*_BUDGETED, "adaptive"),
    prefill=False,
    effort="yes",
    efforts=("low", "medium", "high", "max"),
    betas=features.BETAS_4_6,
    tools=features.TOOLS_4_6,
)
CLAUDE_4_7 = Claude(
    "default",
    ("adaptive", "disabled"),
    thinking_shown=False,
    prefill=False,
    effort="yes",
    one_call=True,
    long_cache=True,
    versions=_VERSIONS,
    counts_tokens=False,
    betas=features.BETAS_4_7,
    tools=features.TOOLS_4_6,
)
CLAUDE_4_8 = CLAUDE_4_7._replace(system_turns=True, betas=features.BETAS_4_8)
CLAUDE_5 = CLAUDE_4_7._replace(system_turns=True, thinks_unasked=True, betas=features.BETAS_5)
OPUS_5 = CLAUDE_5._replace(always_thinks_at=frozenset({"xhigh", "max"}))
FABLE_5 = CLAUDE_5._replace(thinking=("adaptive",))
FABLE_5_1 = FABLE_5._replace(forced_tool=False, binds_thinking="yes")
OPUS_5_5 = FABLE_5_1._replace(
    binds_thinking="asked", turn_settings=True, betas=features.OPUS_BETAS_5_5
)
SONNET_5_5 = OPUS_5_5._replace(thinking=("adaptive", "between_tools"), betas=features.BETAS_5)
HAIKU_5_5 = CLAUDE_5

_US = ("us",)
_US_EU = ("us", "eu")
_US_EU_APAC = ("us", "eu", "apac")
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
    features = CHAT | TOOLS | MEDIA | {"reasoning"}
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


CLAUDES = (
    _claude("opus-5-5", OPUS_5_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("sonnet-5-5", SONNET_5_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("haiku-5-5", HAIKU_5_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("fable-5-1", FABLE_5_1, ("global", "us", "eu", "us-gov"), (1_000_000, 128_000, 512)),
    _claude("fable-5", FABLE_5, ("global", "us", "eu", "apac", "au"), (1_000_000, 128_000, 512)),
    _claude("opus-5", OPUS_5, _WORLD_GOV, (1_000_000, 128_000, 512)),
    _claude("sonnet-5", CLAUDE_5, _WORLD_GOV, (1_000_000, 128_000, 1_024)),
    _claude("opus-4-8", CLAUDE_4_8, _WORLD_GOV, (1_000_000, 128_000, 1_024)),
    _claude("opus-4-7", CLAUDE_4_7, _WORLD, (1_000_000, 128_000, 4_096)),
    _claude("opus-4-6-v1", CLAUDE_4_6, ("global", "us", "eu", "au"), (1_000_000, 128_000, 4_096)),
    _claude("sonnet-4-6", CLAUDE_4_6, _WORLD, (1_000_000, 64_000, 1_024)),
    _claude("opus-4-5-20251101-v1:0", OPUS_4_5, ("global", "us", "eu"), (200_000, 64_000, 4_096)),
    _claude(
        "sonnet-4-5-20250929-v1:0",
        SONNET_4_5,
        ("global", "us", "eu", "jp", "au", "us-gov"),
        (200_000, 64_000, 1_024),
    ),
    _claude("haiku-4-5-20251001-v1:0", HAIKU_4_5, _WORLD, (200_000, 64_000, 4_096)),
    _claude("opus-4-1-20250805-v1:0", OPUS_4_1, _US_EU, (200_000, 32_000, 1_024)),
    _claude(
        "sonnet-4-20250514-v1:0",
        SONNET_4,
        ("global", "us", "eu", "apac"),
        (200_000, 64_000, 1_024),
    ),
    _claude("3-7-sonnet-20250219-v1:0", SONNET_3_7, _US_EU_APAC, (200_000, 64_000, 1_024)),
    _claude("3-5-haiku-20241022-v1:0", CLAUDE_3, _US, (200_000, 8_192, 2_048), on_demand=True),
    _claude("3-5-sonnet-20241022-v2:0", SONNET_3_5, _US, (200_000, 8_192, 1_024)),
    _claude("3-5-sonnet-20240620-v1:0", CLAUDE_3, _US_EU_APAC, (200_000, 8_192, 0), on_demand=True),
    _claude("3-haiku-20240307-v1:0", CLAUDE_3, _US_EU_APAC, (200_000, 4_096, 0), on_demand=True),
    _claude("3-sonnet-20240229-v1:0", CLAUDE_3, _US_EU_APAC, (200_000, 4_096, 0), on_demand=True),
    _claude("v2:1", CLAUDE_2, (), (200_000, 4_096, 0), on_demand=True)._replace(
        features=CHAT | {"documents"}
    ),
    _claude("v2", CLAUDE_2, (), (100_000, 4_096, 0), on_demand=True)._replace(
        features=CHAT | {"documents"}
    ),
)
