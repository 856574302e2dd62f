"""What each generation of Claude accepts, through InvokeModel and Converse alike.

Sources: https://platform.claude.com/docs (extended thinking, effort, "What's new in Claude Opus
5.5"), and messages of the live service quoted in public bug reports and code of 2025 and 2026. Thinking
blocks and what they are bound to:
https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-block-binding.html.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from local.bedrock.claude_features import BINDING, DANGEROUS, UPDATES
from local.bedrock.errors import ModelRefusal
from local.bedrock.models import Claude, Model
from local.bedrock.schemas import Field, check, in_claude_words

_ADVICE = (
    'is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to '
    "control thinking behavior."
)
_DOCS = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
_DISPLAY = Field("string", choices=("summarized", "omitted", "updates"))
# Anthropic's own API calls it ``prefix_mismatch_behavior``: https://github.com/vercel/ai/pull/20728.
_BINDING = Field(
    "object", members={"mismatch_behavior": Field("string", choices=("drop_block", "error"))}
)

THINKING = Field(
    "tagged",
    tags={
        "enabled": Field(
            "object",
            members={
                "type": Field(),
                "budget_tokens": Field("integer", required=True, least=1024),
                "display": _DISPLAY,
            },
        ),
        "disabled": Field("object", members={"type": Field()}),
        "adaptive": Field(
            "object",
            members={"type": Field(), "display": _DISPLAY, "block_binding": _BINDING},
        ),
        "between_tools": Field("object", members={"type": Field()}),
    },
)


def _output_config(efforts: tuple[str, ...]) -> Field:
    structure = {
        "type": Field("string", required=True, choices=("json_schema",)),
        "schema": Field("object", required=True),
    }
    return Field(
        "object",
        members={
            "effort": Field("string", choices=efforts),
            "format": Field("object", members=structure),
        },
    )


OUTPUT_CONFIG = _output_config(("low", "medium", "high", "xhigh", "max"))


class Settings(NamedTuple):
    """The settings of a request that depend on the generation, whichever API it came through."""

    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    thinking: dict[str, Any] | None = None
    forced_tool: bool = False
    betas: tuple[str, ...] = ()
    output_config: dict[str, Any] | None = None
    strict_tool: int | None = None
    """The first tool that is strict."""
    stops: tuple[str, ...] = ()
    safeguards: bool = False
    prefilled: bool = False
    """The conversation ends with an assistant turn."""
    version: str = "bedrock-2023-05-31"

    @property
    def thinking_type(self) -> str:
        """The ``thinking.type`` asked for, "" when none is."""
        return str((self.thinking or {}).get("type", ""))


def thinks(rules: Claude, thinking: dict[str, Any] | None) -> bool:
    """Whether the model thinks before it answers."""
    if thinking is None:
        return rules.thinks_unasked
    return thinking.get("type") != "disabled"


def shows_thinking(rules: Claude, thinking: dict[str, Any] | None) -> bool:
    """Whether its thinking blocks hold their text."""
    display = (thinking or {}).get("display")
    return rules.thinking_shown if display is None else display != "omitted"


def check_betas(rules: Claude, betas: Iterable[str]) -> None:
    """Raises the refusal of a beta flag that the model does not know."""
    if not rules.betas.issuperset(betas):
        raise ModelRefusal("invalid beta flag")


def check_settings(model: Model, settings: Settings) -> None:
    """Raises the model's refusal of settings its generation does not accept."""
    rules = model.claude
    if rules is None:
        return
    check_betas(rules, settings.betas)
    if settings.safeguards and DANGEROUS not in settings.betas:
        raise ModelRefusal("safeguards: Extra inputs are not permitted")
    # https://github.com/BerriAI/litellm/issues/3286
    if any(not stop.strip() for stop in settings.stops):
        raise ModelRefusal("stop_sequences: each stop sequence must contain non-whitespace")
    _check_thinking(model, rules, settings)
    _check_sampling(rules, settings)
    if settings.forced_tool and not rules.forced_tool:
        raise ModelRefusal('tool_choice: type "tool" and "any" are not supported for this model.')
    _check_output_config(rules, settings)
    if settings.prefilled and not rules.prefill:
        raise ModelRefusal(
            "This model does not support assistant message prefill. The conversation must end with "
            "a user message."
        )


def _check_thinking(model: Model, rules: Claude, settings: Settings) -> None:
    if settings.thinking is None:
        return
    kind = settings.thinking_type
    if kind not in rules.thinking:
        if not rules.thinking:
            raise ModelRefusal(f"'{model.short_name}' does not support thinking.")
        if kind == "adaptive":
            raise ModelRefusal("adaptive thinking is not supported on this model")
        raise ModelRefusal(f'"thinking.type.{kind}" {_ADVICE}')
    if "block_binding" in settings.thinking and BINDING not in settings.betas:
        raise ModelRefusal(f"thinking.{kind}.block_binding: Extra inputs are not permitted")
    if settings.thinking.get("display") == "updates" and UPDATES not in settings.betas:
        raise ModelRefusal(f"thinking.{kind}.display: Input should be 'summarized' or 'omitted'")
    if kind == "disabled":
        return
    budget = settings.thinking.get("budget_tokens", 0)
    interleaved = any("interleaved-thinking" in beta.lower() for beta in settings.betas)
    if kind == "enabled" and budget >= settings.max_tokens and not interleaved:
        raise ModelRefusal(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
            f"documentation at {_DOCS}#max-tokens-and-context-window-size"
        )
    if settings.forced_tool:
        raise ModelRefusal("Thinking may not be enabled when tool_choice forces tool use.")


def _check_sampling(rules: Claude, settings: Settings) -> None:
    given = {
        name: value
        for name in ("temperature", "top_p", "top_k")
        if (value := getattr(settings, name)) is not None
    }
    if settings.version == "2026-10-21":
        for name in given:
            raise ModelRefusal(f"{name}: Extra inputs are not permitted")
    if rules.sampling == "default":
        for name, value in given.items():
            if name == "top_k" or value != 1:
                raise ModelRefusal(f"`{name}` is deprecated for this model.")
    if settings.thinking_type in {"enabled", "adaptive"}:
        _check_sampling_while_thinking(settings)
    if rules.sampling == "one" and {"temperature", "top_p"} <= given.keys():
        raise ModelRefusal(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )


def _check_sampling_while_thinking(settings: Settings) -> None:
    if settings.temperature not in {None, 1}:
        raise ModelRefusal(
            "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. "
            f"Please consult our documentation at {_DOCS}#important-considerations-when-using-"
            "extended-thinking"
        )
    if settings.top_p is not None and settings.top_p < 0.95:
        raise ModelRefusal(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled."
        )
    if settings.top_k is not None:
        raise ModelRefusal("`top_k` must be unset when thinking is enabled.")


def _check_output_config(rules: Claude, settings: Settings) -> None:
    config = settings.output_config or {}
    for violation in check(config, _output_config(rules.efforts), ("output_config",)):
        raise ModelRefusal(in_claude_words(violation))
    by_beta = rules.effort == "beta" and "effort-2025-11-24" in settings.betas
    if "effort" in config and rules.effort != "yes" and not by_beta:
        raise ModelRefusal("This model does not support the effort parameter.")
    effort = config.get("effort", "")
    if settings.thinking_type == "disabled" and effort in rules.always_thinks_at:
        # How the service words it was not found.
        raise ModelRefusal(
            f'"thinking.type.disabled" is not supported for this model at effort "{effort}".'
        )
    if "format" in config and not rules.structured:
        raise ModelRefusal("output_config.format: Extra inputs are not permitted")
    if settings.strict_tool is not None and not rules.strict_tools:
        where = f"tools.{settings.strict_tool}.custom.strict"
        raise ModelRefusal(f"{where}: Extra inputs are not permitted")
