"""Holding an answer to fewer tokens than were asked for, where a key's credit pays for no more.

The limit that a request names is lowered, or the one named that it left out. What does not go together
with the lower limit is fitted to it, each with a notice. After it `router.bounds` finds no more tokens
in the body than there are to be.
"""

from router.bounds import MODEL_FIELDS, OUTPUT_LIMITS, answers, is_limit, limit_sections
from router.dialects.checks import Json
from router.dialects.converse.draft import Draft
from router.dialects.converse.reasoning import LARGEST_SHARE, LEAST_BUDGET


def has_converse_limit(body: Json) -> bool:
    """Whether a client's own Converse body has a limit that can be lowered, or room for one.

    What else it may hold in that place is left to Bedrock to refuse.
    """
    config, fields = body.get("inferenceConfig") or {}, body.get(MODEL_FIELDS) or {}
    if not isinstance(config, dict) or not isinstance(fields, dict):
        return False
    limit = config.get("maxTokens")
    return (limit is None or is_limit(limit)) and _can_be_held(fields)


def lower_converse(draft: Draft, tokens: int) -> None:
    """Lowers the limit of a Converse body to so many tokens."""
    draft.body["inferenceConfig"] = {
        **(draft.body.get("inferenceConfig") or {}),
        "maxTokens": tokens,
    }
    fields = draft.body.get(MODEL_FIELDS) or {}
    _lower_named(fields, tokens)
    _fit_budget(draft, fields, tokens)
    _fit_effort(draft, fields)
    _tell_limit(draft, tokens)


def has_invoke_limit(body: Json) -> bool:
    """Whether a client's own InvokeModel body names a limit, as each family has its own name for it."""
    return bool(_named_in(body)) and _can_be_held(body)


def lower_invoke(draft: Draft, tokens: int) -> None:
    """Lowers every limit that an InvokeModel body names to so many tokens."""
    _lower_named(draft.body, tokens)
    _fit_budget(draft, draft.body, tokens)
    _tell_limit(draft, tokens)


def lower_openai(draft: Draft, key: str, tokens: int) -> None:
    """Lowers the limit under that key, which OpenAI's own API has for both reasoning and answer."""
    draft.body[key] = tokens
    _tell_limit(draft, tokens)


def _named_in(fields: Json) -> list[object]:
    """The limits that a model's own fields name."""
    limits = [section.get(name) for section in limit_sections(fields) for name in OUTPUT_LIMITS]
    return [limit for limit in limits if limit is not None]


def _can_be_held(fields: Json) -> bool:
    """Whether lowering the limits that a model's own fields name bounds all that they ask for."""
    return answers(fields) == 1 and all(map(is_limit, _named_in(fields)))


def _lower_named(fields: Json, tokens: int) -> None:
    for section in limit_sections(fields):
        for name in OUTPUT_LIMITS:
            if is_limit(section.get(name)):
                section[name] = min(section[name], tokens)


def _fit_budget(draft: Draft, holder: Json, limit: int) -> None:
    """Leaves a Claude's budget of thinking the largest share of the limit, or takes thinking out."""
    thinking = holder.get("thinking")
    if not isinstance(thinking, dict):
        return
    budget, most = thinking.get("budget_tokens"), limit * LARGEST_SHARE // 100
    if not isinstance(budget, int) or budget <= most:
        return
    if most < LEAST_BUDGET:
        del holder["thinking"]
        draft.changes.add("thinking dropped, as max_tokens leaves no room")
    else:
        thinking["budget_tokens"] = most
        _tell(draft, "thinking.budget_tokens lowered to", str(most))


def _fit_effort(draft: Draft, fields: Json) -> None:
    """Nova 2 takes no limit together with high effort."""
    config = fields.get("reasoningConfig")
    if isinstance(config, dict) and config.get("maxReasoningEffort") == "high":
        config["maxReasoningEffort"] = "medium"
        draft.changes.add("reasoning effort lowered to medium, as max_tokens is set")


def _tell_limit(draft: Draft, tokens: int) -> None:
    _tell(draft, "max_tokens lowered to", f"{tokens}, as credit is short")


def _tell(draft: Draft, what: str, became: str) -> None:
    """Notes what something became, in place of what it had become before."""
    draft.changes -= {change for change in draft.changes if change.startswith(f"{what} ")}
    draft.changes.add(f"{what} {became}")
