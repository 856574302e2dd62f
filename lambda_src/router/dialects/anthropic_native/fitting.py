"""Limits, sampling, thinking and effort of a Messages body, by the model family's row.

A request that is right for one generation of Claude is wrong for another: what the model refuses, and
the client can do without, is dropped or bent with a notice.
https://platform.claude.com/docs/en/about-claude/models/migration-guide
"""

from catalog.models import Target

from router.dialects.anthropic import content_blocks, lower_limit
from router.dialects.anthropic_native.draft import InvokeDraft
from router.dialects.anthropic_native.gates import close
from router.dialects.checks import MAX_INTEGER, Json, integer, is_blank, type_of
from router.dialects.choosing import Untaken
from router.dialects.converse.reasoning import (
    BUDGETS,
    LARGEST_SHARE,
    LEAST_BUDGET,
    effort_of,
    nearest_effort,
)
from router.dialects.converse.sampling import tell_dropped
from router.dialects.lowering import lower_invoke

_THINKS = frozenset({"adaptive", "enabled"})

_EFFORTS = tuple(BUDGETS)
"""Those of Anthropic's API."""

_THOUGHTS = frozenset({"redacted_thinking", "thinking"})


def fit_limit(draft: InvokeDraft, target: Target) -> None:
    """Lowers `max_tokens` to the most that the model puts out, where that is known."""
    if notice := lower_limit(draft.body, target):
        draft.limit_lowered = True
        draft.changes.add(notice)


def lower(draft: InvokeDraft, tokens: int) -> bytes:
    """The body with its limit lowered to so many tokens, once all else is fitted."""
    lower_invoke(draft, tokens)
    fit_edits(draft)
    return draft.encode()


def fit_thinking(draft: InvokeDraft) -> None:
    """Makes `thinking` one of the forms that the model has, and goes before what depends on it."""
    thinking = draft.body.get("thinking")
    if not isinstance(thinking, dict):
        return
    kind = type_of(thinking)
    known = draft.family.thinking
    if kind not in known and kind in _INSTEAD:
        del draft.body["thinking"]
        found = _INSTEAD[kind](draft, thinking)
        if found is not None:
            draft.body["thinking"] = found
    _fit_budget(draft)
    binding = thinking.get("block_binding")
    if isinstance(binding, dict) and "prefix_mismatch_behavior" in binding:
        # Bedrock's name for it: https://github.com/vercel/ai/issues/20728.
        binding["mismatch_behavior"] = binding.pop("prefix_mismatch_behavior")


def _fit_budget(draft: InvokeDraft) -> None:
    """Sees to what a budget of thinking has to go together with."""
    thinking, limit = draft.body.get("thinking"), draft.body["max_tokens"]
    if type_of(thinking) != "enabled" or not isinstance(thinking, dict):
        return
    if _lost_thinking(draft.body["messages"]):
        del draft.body["thinking"]
        draft.changes.add("thinking dropped, as earlier thinking is missing")
        return
    budget = thinking.get("budget_tokens")
    if draft.limit_lowered and isinstance(budget, int) and budget >= limit:
        thinking["budget_tokens"] = limit * LARGEST_SHARE // 100
        draft.changes.add(f"thinking.budget_tokens lowered to {thinking['budget_tokens']}")


def _lost_thinking(messages: list[Json]) -> bool:
    """Whether a tool's result comes back without the thinking from before its call.

    Claude refuses to think on from there. A client loses what is unsigned, or another model's.
    """
    calls = list(content_blocks(messages[-1].get("content"))) if messages else []
    if not any(type_of(block) == "tool_result" for block in calls):
        return False
    asked: list[Json] = []
    for message in reversed(messages[:-1]):
        if message.get("role") == "assistant":
            asked = content_blocks(message.get("content")) + asked
        elif asked:
            break
    return bool(asked) and type_of(asked[0]) not in _THOUGHTS


def _instead_of_budget(draft: InvokeDraft, thinking: Json) -> Json | None:
    if "adaptive" not in draft.family.thinking:
        draft.changes.add("thinking dropped")
        return None
    budget = integer(
        thinking.get("budget_tokens"), "thinking.budget_tokens", LEAST_BUDGET, MAX_INTEGER
    )
    config = draft.body.get("output_config") or {}
    if isinstance(config, dict) and config.get("effort") is None:
        effort = nearest_effort(draft, effort_of(budget))
        draft.body["output_config"] = {**config, "effort": effort}
        draft.changes.add(f"thinking.budget_tokens translated to effort {effort}")
    else:
        draft.changes.add("thinking.budget_tokens dropped")
    adaptive = {**_beside_budget(thinking), "type": "adaptive"}
    if draft.family.hides_reasoning and adaptive.get("display") is None:
        # The models that take budgets show their thinking unasked.
        adaptive["display"] = "summarized"
    return adaptive


def _instead_of_adaptive(draft: InvokeDraft, thinking: Json) -> Json | None:
    if "enabled" not in draft.family.thinking:
        draft.changes.add("thinking dropped")
        return None
    limit = draft.body.get("max_tokens")
    most = limit * LARGEST_SHARE // 100 if isinstance(limit, int) else 0
    if most < LEAST_BUDGET:
        draft.changes.add("thinking dropped, as max_tokens leaves no room")
        return None
    config = draft.body.get("output_config")
    effort = config.get("effort") if isinstance(config, dict) else None
    budget = min(most, BUDGETS[effort if effort in _EFFORTS else "high"])
    draft.changes.add(f"adaptive thinking translated to a budget of {budget}")
    return {**_beside_budget(thinking), "type": "enabled", "budget_tokens": budget}


def _instead_of_rest(draft: InvokeDraft, thinking: Json) -> Json | None:
    """For ``disabled`` and ``between_tools``, of which a model has one or none."""
    rests = [kind for kind in ("disabled", "between_tools") if kind in draft.family.thinking]
    if draft.family.thinking:
        kind = type_of(thinking)
        became = f"sent as {rests[0]}" if rests else "dropped"
        draft.changes.add(f"thinking {kind} {became}")
    return {"type": rests[0]} if rests else None


_INSTEAD = {
    "adaptive": _instead_of_adaptive,
    "between_tools": _instead_of_rest,
    "disabled": _instead_of_rest,
    "enabled": _instead_of_budget,
}


def _beside_budget(thinking: Json) -> Json:
    return {key: value for key, value in thinking.items() if key != "budget_tokens"}


def fit_output(draft: InvokeDraft) -> None:
    """Makes `output_config` one that the model takes. Raises `ApiError` for a form it has not."""
    body, family = draft.body, draft.family
    older = body.pop("output_format", None)
    config = body.get("output_config")
    if older is not None:
        config = {"format": older, **(config if isinstance(config, dict) else {})}
        body["output_config"] = config
    if not isinstance(config, dict):
        return
    if config.get("format") is not None and family.structured != "native":
        raise Untaken("output_config.format")
    effort = config.get("effort")
    if effort in _EFFORTS and family.efforts and effort not in family.efforts:
        config["effort"] = nearest_effort(draft, effort)


def fit_sampling(draft: InvokeDraft) -> None:
    """Leaves out the sampling parameters that the model does not take, or not while it thinks."""
    body, family = draft.body, draft.family
    taken = {*family.sampling, *family.extra}
    for name in ("temperature", "top_p", "top_k"):
        if name in body and name not in taken:
            tell_dropped(draft, name, body.pop(name))
    if type_of(body.get("thinking")) in _THINKS:
        _fit_to_thinking(draft)
    if family.one_sampling and "temperature" in body and "top_p" in body:
        name = "temperature" if body["temperature"] == 1 else "top_p"
        tell_dropped(draft, name, body.pop(name))
    _fit_stops(draft)


def _fit_to_thinking(draft: InvokeDraft) -> None:
    body = draft.body
    top_p = body.get("top_p")
    if body.get("temperature", 1) != 1:
        tell_dropped(draft, "temperature", body.pop("temperature"))
    if isinstance(top_p, int | float) and top_p < _LEAST_TOP_P:
        tell_dropped(draft, "top_p", body.pop("top_p"))
    if "top_k" in body:
        tell_dropped(draft, "top_k", body.pop("top_k"))


_LEAST_TOP_P = 0.95
"""While it thinks: https://platform.claude.com/docs/en/build-with-claude/extended-thinking."""


def _fit_stops(draft: InvokeDraft) -> None:
    stops = draft.body.get("stop_sequences")
    if draft.family.blank_stops or not isinstance(stops, list):
        return
    kept = [stop for stop in stops if not (isinstance(stop, str) and is_blank(stop))]
    if len(kept) < len(stops):
        draft.changes.add("blank stop dropped")
        draft.body["stop_sequences"] = kept


def fit_edits(draft: InvokeDraft) -> None:
    """Leaves out what edits nothing, and the edits that need thinking where there is none."""
    management = draft.body.get("context_management")
    if isinstance(management, dict) and not management.get("edits"):
        del draft.body["context_management"]
    if _CLEAR_THINKING not in draft.used:
        return
    kind = type_of(draft.body.get("thinking"))
    if kind not in _THINKS and (kind or not draft.family.reasons_unasked):
        draft.used.remove(_CLEAR_THINKING)
        close(draft, _CLEAR_THINKING)


_CLEAR_THINKING = "context_management.clear_thinking_20251015"
