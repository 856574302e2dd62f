"""What each generation of Claude accepts, through InvokeModel and Converse alike.

Sources: https://platform.claude.com/docs (extended thinking, effort, "What's new in Claude Opus
5.5"), and messages of the live service quoted in public bug reports and code of 2025 and 2026. The
accepted beta flags are AWS's documented list
(https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html)
and those that litellm 1.109.1 and Claude Code 2.1.330 send to Bedrock.
"""

from typing import Any, NamedTuple

from local.bedrock.errors import ModelRefusal
from local.bedrock.models import Claude, Model
from local.bedrock.schemas import Field, check, in_claude_words
from local.bedrock.seals import is_genuine

BETAS = frozenset(
    {
        "compact-2026-01-12",
        "compact-2026-09-04",
        "computer-use-2024-10-22",
        "computer-use-2025-01-24",
        "computer-use-2025-11-24",
        "context-1m-2025-08-07",
        "context-management-2025-06-27",
        "dangerous-tool-use-2026-09-03",
        "dev-full-thinking-2025-05-14",
        "effort-2025-11-24",
        "fine-grained-tool-streaming-2025-05-14",
        "inline-tools-2026-09-15",
        "interleaved-thinking-2025-05-14",
        "Interleaved-thinking-2025-05-14",
        "mid-conversation-output-config-2026-07-01",
        "mid-conversation-tool-changes-2026-07-01",
        "output-128k-2025-02-19",
        "thinking-binding-controls-2026-08-01",
        "thinking-display-updates-2026-08-18",
        "thinking-token-count-2026-05-13",
        "token-efficient-tools-2025-02-19",
        "tool-examples-2025-10-29",
        "tool-search-tool-2025-10-19",
    }
)

_ADVICE = (
    'is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to '
    "control thinking behavior."
)
_DOCS = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
_DISPLAY = Field("string", choices=("summarized", "omitted", "updates"))

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
            members={"type": Field(), "display": _DISPLAY, "block_binding": Field("object")},
        ),
        "between_tools": Field("object", members={"type": Field(), "display": _DISPLAY}),
    },
)

OUTPUT_CONFIG = Field(
    "object",
    members={
        "effort": Field("string", choices=("low", "medium", "high", "xhigh", "max")),
        "format": Field(
            "object",
            members={
                "type": Field("string", required=True, choices=("json_schema",)),
                "schema": Field("object", required=True),
            },
        ),
    },
)


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
    strict_tools: bool = False
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


def check_settings(model: Model, settings: Settings) -> None:
    """Raises the model's refusal of settings its generation does not accept."""
    rules = model.claude
    if rules is None:
        return
    if any(beta not in BETAS for beta in settings.betas):
        raise ModelRefusal("invalid beta flag")
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
    for violation in check(config, OUTPUT_CONFIG, ("output_config",)):
        raise ModelRefusal(in_claude_words(violation))
    by_beta = rules.effort == "beta" and "effort-2025-11-24" in settings.betas
    if "effort" in config and rules.effort != "yes" and not by_beta:
        raise ModelRefusal("This model does not support the effort parameter.")
    if "format" in config and not rules.structured:
        raise ModelRefusal("output_config.format: Extra inputs are not permitted")
    if settings.strict_tools and not rules.strict_tools:
        raise ModelRefusal("tools.0.custom.strict: Extra inputs are not permitted")


def check_signature(text: str, signature: str, place: str) -> None:
    """Raises the model's refusal of a thinking block it did not write; `text` may be left out."""
    if not is_genuine(signature, text):
        raise ModelRefusal(f"{place}: Invalid `signature` in `thinking` block")


def expected_thinking(place: str, found: str) -> ModelRefusal:
    """The refusal of a tool-using turn that lost its thinking while ``thinking`` is enabled."""
    return ModelRefusal(
        f"{place}.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. When "
        "`thinking` is enabled, a final `assistant` message must start with a thinking block "
        "(preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you "
        "include thinking blocks from previous turns. To avoid this requirement, disable "
        f"`thinking`. Please consult our documentation at {_DOCS}"
    )
