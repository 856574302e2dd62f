"""Asking the model's family for reasoning; what came of it goes from turn to turn by `replay.py`.

Claude: https://platform.claude.com/docs/en/build-with-claude/extended-thinking and
https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking.
Nova 2: https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html.
"""

from typing import NamedTuple

from catalog.families import nested

from router.dialects.checks import Json, invalid
from router.dialects.converse.draft import Draft
from router.dialects.converse.replay import block_of, details, seal, unseal

__all__ = [
    "EFFORTS",
    "Reasoning",
    "ask_reasoning",
    "block_of",
    "details",
    "nearest_effort",
    "reasoning_tokens",
    "seal",
    "told_reasoning_tokens",
    "unseal",
]

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""OpenAI's and Anthropic's names of efforts, least first."""

_RESTING = ("none", "minimal")
"""Efforts that are met by no reasoning at all where the model can do without."""

BUDGETS = {"low": 2_048, "medium": 8_192, "high": 16_384, "xhigh": 24_576, "max": 24_576}
"""Tokens of reasoning for an effort of a model that takes budgets."""

_SHARES = {"low": 20, "medium": 50}
"""The most of `maxTokens` that reasoning may take at an effort, in percent: OpenAI's limit covers
reasoning and answer, so both have to find room in it."""

LARGEST_SHARE = 80
LEAST_BUDGET = 1_024

_TOLD_TOKENS = "/usage/output_tokens_details"


class Reasoning(NamedTuple):
    """What a client asks for; None leaves it to the model."""

    effort: str | None = None
    """One of `EFFORTS`."""
    budget: int | None = None
    """The most tokens of reasoning."""
    shown: bool = False
    """Whether the client asks to see it."""


def ask_reasoning(draft: Draft, asked: Reasoning, where: str) -> None:
    """Writes the family's own fields for `asked`, which stands at `where`.

    Comes after sampling, tools and JSON output, for every request. Of two things that do not go
    together it drops the one whose loss breaks less, with a notice: sampling parameters rather than
    the reasoning, the reasoning rather than a forced tool call or the limit on tokens.
    """
    if asked.effort is not None and asked.effort not in EFFORTS:
        raise invalid(where, f"must be one of {', '.join(EFFORTS)}")
    FORMS[draft.family.reasoning](draft, asked)


def _none(draft: Draft, asked: Reasoning) -> None:
    if _wants(asked):
        draft.changes.add("reasoning dropped")


def _fixed(draft: Draft, asked: Reasoning) -> None:
    if asked.effort is not None or asked.budget is not None:
        draft.changes.add("reasoning effort dropped")


def _by_effort(draft: Draft, asked: Reasoning) -> None:
    if _wants(asked) and (obstacle := _obstacle(draft)):
        draft.changes.add(f"reasoning dropped, as {obstacle}")
        return
    effort = _effort(draft, asked)
    if effort is None or (effort == "none" and not draft.family.reasons_unasked):
        return
    draft.add_fields(nested(draft.family.effort_path, effort))


def _by_budget(draft: Draft, asked: Reasoning) -> None:
    if not _wants(asked):
        return
    if obstacle := _obstacle(draft) or _lost_thinking(draft):
        draft.changes.add(f"reasoning dropped, as {obstacle}")
        return
    if (budget := _budget(draft, asked)) is None:
        draft.changes.add("reasoning dropped, as max_tokens leaves no room")
        return
    _think(draft, {"type": "enabled", "budget_tokens": budget})


def _adaptive(draft: Draft, asked: Reasoning) -> None:
    family = draft.family
    effort = _effort(draft, asked)
    if effort == "none":
        if family.reasons_unasked:
            draft.add_fields({"thinking": {"type": family.rests_as}})
        return
    if effort is not None:
        draft.add_fields({"output_config": {"effort": effort}})
    if effort is None and not (family.reasons_unasked and asked.shown):
        return
    if obstacle := _obstacle(draft):
        # A model that thinks unasked does so beside a forced tool as well, as long as nothing is
        # said of it.
        lost = "reasoning not shown" if family.reasons_unasked else "reasoning dropped"
        if asked.shown or not family.reasons_unasked:
            draft.changes.add(f"{lost}, as {obstacle}")
        return
    thinking: Json = {"type": "adaptive"}
    if asked.shown and family.hides_reasoning:
        # Only then: to write the summary takes the model time.
        thinking["display"] = "summarized"
    _think(draft, thinking)


def _nova(draft: Draft, asked: Reasoning) -> None:
    effort = _effort(draft, asked)
    if effort is None or effort == "none":
        return
    config = draft.body.get("inferenceConfig", {})
    if effort == "high" and "maxTokens" in config:
        # Nova takes no limit together with this effort, and a limit is a promise on costs.
        draft.changes.add("reasoning effort lowered to medium, as max_tokens is set")
        effort = "medium"
    if effort == "high":
        _drop_member(draft, "temperature", "temperature")
        _drop_member(draft, "topP", "top_p")
        _drop_top_k(draft)
    draft.add_fields({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}})


FORMS = {
    "none": _none,
    "fixed": _fixed,
    "effort": _by_effort,
    "budget": _by_budget,
    "adaptive": _adaptive,
    "nova": _nova,
}
"""By `Family.reasoning`."""


def _wants(asked: Reasoning) -> bool:
    rests = asked.effort in _RESTING or asked.budget == 0
    return (asked.effort is not None or asked.budget is not None) and not rests


def _effort(draft: Draft, asked: Reasoning) -> str | None:
    """The effort to ask the family for; None when the client leaves it open."""
    if asked.effort is not None:
        return nearest_effort(draft, asked.effort)
    if asked.budget is None:
        return None
    effort = nearest_effort(draft, effort_of(asked.budget))
    draft.changes.add(f"reasoning budget translated to effort {effort}")
    return effort


def effort_of(budget: int) -> str:
    if budget == 0:
        return "none"
    return next((one for one in ("low", "medium") if budget <= BUDGETS[one]), "high")


def nearest_effort(draft: Draft, effort: str) -> str:
    """The family's own effort that is nearest to one of `EFFORTS`; a notice tells of another."""
    known = draft.family.efforts
    if effort in known:
        return effort
    if effort in _RESTING and "none" in known:
        return "none"
    wanted = EFFORTS.index(effort)
    efforts = [one for one in known if one != "none"]
    nearest = min(efforts, key=lambda one: abs(EFFORTS.index(one) - wanted))
    bent = "raised" if EFFORTS.index(nearest) > wanted else "lowered"
    draft.changes.add(f"reasoning effort {bent} to {nearest}")
    return nearest


def _budget(draft: Draft, asked: Reasoning) -> int | None:
    """Tokens of reasoning that leave room for an answer; None when there is no room for both."""
    limit: int = draft.body.get("inferenceConfig", {}).get("maxTokens", 0)
    most = limit * LARGEST_SHARE // 100
    if most < LEAST_BUDGET:
        return None
    if asked.effort is not None:
        share = limit * _SHARES.get(asked.effort, LARGEST_SHARE) // 100
        return max(LEAST_BUDGET, min(BUDGETS[asked.effort], share))
    budget = asked.budget or 0
    fitting = max(LEAST_BUDGET, min(budget, most))
    if fitting != budget:
        bent = "raised" if fitting > budget else "lowered"
        draft.changes.add(f"reasoning budget {bent} to {fitting}")
    return fitting


def _obstacle(draft: Draft) -> str:
    """Why the model cannot reason in this request; "" when nothing keeps it from it."""
    config = draft.body.get("toolConfig")
    if config is None:
        return ""
    (choice,) = config.get("toolChoice", {"auto": {}})
    if choice in draft.family.reasons_beside:
        return ""
    return "tools are offered" if choice == "auto" else "a tool call is forced"


def _lost_thinking(draft: Draft) -> str:
    """Claude refuses to think on after a tool call whose own thinking does not come back."""
    messages = draft.body.get("messages", [])
    if len(messages) < 2 or not any("toolResult" in block for block in messages[-1]["content"]):
        return ""
    return (
        "" if "reasoningContent" in messages[-2]["content"][0] else "earlier reasoning is missing"
    )


def _think(draft: Draft, thinking: Json) -> None:
    """Has a Claude think, and drops the sampling parameters that do not go with it."""
    draft.add_fields({"thinking": thinking})
    # The path of a field the answer lacks does no harm.
    draft.body["additionalModelResponseFieldPaths"] = [_TOLD_TOKENS]
    config = draft.body.get("inferenceConfig", {})
    if config.get("temperature") != 1:
        _drop_member(draft, "temperature", "temperature")
    if config.get("topP", 1) < 0.95:
        _drop_member(draft, "topP", "top_p")
    _drop_top_k(draft)


def _drop_member(draft: Draft, member: str, name: str) -> None:
    if draft.body.get("inferenceConfig", {}).pop(member, None) is not None:
        draft.changes.add(f"{name} dropped")


def _drop_top_k(draft: Draft) -> None:
    fields = draft.body.get("additionalModelRequestFields", {})
    *outer, last = draft.family.extra.get("top_k", ("top_k",))
    for key in outer:
        fields = fields.get(key, {})
    if fields.pop(last, None) is not None:
        draft.changes.add("top_k dropped")


def reasoning_tokens(output_tokens: int, reasoning: int, whole: int) -> int:
    """How many of the output tokens were reasoning, where the model does not tell.

    An estimate: the share that visible reasoning has in the characters of the whole answer.
    """
    if whole <= 0:
        return 0
    return min(output_tokens, output_tokens * reasoning // whole)


def told_reasoning_tokens(additional_fields: object) -> int | None:
    """What a model tells of it in `additionalModelResponseFields`, as `ask_reasoning` asked it to.

    They come with a whole answer, or with a stream's ``messageStop``. Only a Claude has them; it may
    hide its reasoning, of which there is then nothing to estimate by.
    """
    found = additional_fields
    for key in ("usage", "output_tokens_details", "thinking_tokens"):
        found = found.get(key) if isinstance(found, dict) else None
    return int(found) if isinstance(found, int | float) else None
