"""Reasoning: asking the model's family for it, and carrying it from turn to turn.

Claude: https://platform.claude.com/docs/en/build-with-claude/extended-thinking and
https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking.
Nova 2: https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html.
"""

import base64
import binascii
import json
from typing import NamedTuple

from catalog.families import nested

from router.dialects.checks import Json, invalid, text
from router.dialects.converse.draft import Draft

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""OpenAI's and Anthropic's names of efforts, least first."""

_RESTING = ("none", "minimal")
"""Efforts that are met by no reasoning at all where the model can do without."""

_BUDGETS = {"low": 2_048, "medium": 8_192, "high": 16_384, "xhigh": 24_576, "max": 24_576}
"""Tokens of reasoning for an effort. All stay below 32,000, the least that a Claude which takes
budgets can put out (Opus 4 and 4.1)."""

_SHARES = {"low": 20, "medium": 50, "high": 80, "xhigh": 80, "max": 80}
"""The most of `max_tokens` that reasoning may take at an effort, in percent. OpenAI's limit covers
reasoning and answer, so both have to find room in it."""

_LEAST_BUDGET = 1_024
_LARGEST_SHARE = 80

_SEAL = "bedrockrouter.1."


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

    Comes after sampling, tools and JSON output, for every request: it drops what does not go with
    reasoning, or the reasoning where the client insists on the other thing, each with a notice.
    """
    if asked.effort is not None and asked.effort not in EFFORTS:
        raise invalid(where, f"must be one of {', '.join(EFFORTS)}")
    _FORMS[draft.family.reasoning](draft, asked)


def _none(draft: Draft, asked: Reasoning) -> None:
    if _wants(asked):
        draft.changes.add("reasoning dropped")


def _always(draft: Draft, asked: Reasoning) -> None:
    if _rests(asked):
        draft.changes.add("reasoning kept, as this model always reasons")
    elif asked.effort is not None or asked.budget is not None:
        draft.changes.add("reasoning effort dropped")


def _by_effort(draft: Draft, asked: Reasoning) -> None:
    if (effort := _effort(draft, asked)) is None:
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
    draft.add_fields({"thinking": {"type": "enabled", "budget_tokens": budget}})
    _drop_sampling(draft)


def _adaptive(draft: Draft, asked: Reasoning) -> None:
    family = draft.family
    effort = _effort(draft, asked)
    resting = effort == "none"
    if effort is not None and not resting:
        draft.add_fields({"output_config": {"effort": effort}})
    thinks = not resting and (effort is not None or family.thinks_unasked)
    if thinks and (obstacle := _obstacle(draft)):
        draft.changes.add(f"reasoning dropped, as {obstacle}")
        thinks = False
    if thinks and (effort is not None or asked.shown):
        thinking = {"type": "adaptive"}
        if asked.shown and family.hides_reasoning:
            thinking["display"] = "summarized"
        draft.add_fields({"thinking": thinking})
    elif not thinks and family.thinks_unasked:
        draft.add_fields({"thinking": {"type": "disabled"}})
    if thinks:
        _drop_sampling(draft)


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
        for member, name in (("temperature", "temperature"), ("topP", "top_p")):
            if config.pop(member, None) is not None:
                draft.changes.add(f"{name} dropped")
    draft.add_fields({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}})


_FORMS = {
    "none": _none,
    "always": _always,
    "effort": _by_effort,
    "budget": _by_budget,
    "adaptive": _adaptive,
    "nova": _nova,
}


def _wants(asked: Reasoning) -> bool:
    return (asked.effort is not None or asked.budget is not None) and not _rests(asked)


def _rests(asked: Reasoning) -> bool:
    return asked.effort in _RESTING or asked.budget == 0


def _effort(draft: Draft, asked: Reasoning) -> str | None:
    """The effort to ask the family for; None when the client leaves it open."""
    effort = asked.effort
    if effort is None and asked.budget is not None:
        effort = _as_effort(asked.budget)
        draft.changes.add(f"reasoning budget translated to effort {effort}")
    return None if effort is None else nearest_effort(draft, effort)


def nearest_effort(draft: Draft, effort: str) -> str:
    """The family's own effort that is nearest to one of `EFFORTS`; a notice tells of another."""
    known = draft.family.efforts
    if effort in known:
        return effort
    if effort in _RESTING and "none" in known:
        return "none"
    wanted = EFFORTS.index(effort)
    nearest = min(known, key=lambda one: abs(EFFORTS.index(one) - wanted))
    bent = "raised" if EFFORTS.index(nearest) > wanted else "lowered"
    draft.changes.add(f"reasoning effort {bent} to {nearest}")
    return nearest


def _as_effort(budget: int) -> str:
    if budget == 0:
        return "none"
    return next((one for one in ("low", "medium") if budget <= _BUDGETS[one]), "high")


def _budget(draft: Draft, asked: Reasoning) -> int | None:
    """Tokens of reasoning that leave room for an answer; None when there is no room for both."""
    limit = draft.body.get("inferenceConfig", {}).get("maxTokens")
    effort = asked.effort or "high"
    share = _LARGEST_SHARE if asked.budget is not None else _SHARES[effort]
    budget = asked.budget if asked.budget is not None else _BUDGETS[effort]
    if limit is not None:
        if limit * _LARGEST_SHARE // 100 < _LEAST_BUDGET:
            return None
        fitting = limit * share // 100
        if asked.budget is not None and budget > fitting:
            draft.changes.add("reasoning budget lowered to fit max_tokens")
        budget = min(budget, fitting)
    if asked.budget is not None and asked.budget < _LEAST_BUDGET:
        draft.changes.add(f"reasoning budget raised to {_LEAST_BUDGET}")
    return max(budget, _LEAST_BUDGET)


def _obstacle(draft: Draft) -> str:
    """Why a Claude cannot think in this request; "" when nothing keeps it from it."""
    choice = draft.body.get("toolConfig", {}).get("toolChoice", {})
    if "any" in choice or "tool" in choice:
        return "a tool call is forced"
    messages = draft.body.get("messages", ())
    if messages and messages[-1]["role"] == "assistant":
        return "the answer is begun"
    return ""


def _lost_thinking(draft: Draft) -> str:
    """Claude refuses to think on after a tool call whose own thinking does not come back."""
    messages = draft.body.get("messages", ())
    if len(messages) < 2 or not any("toolResult" in block for block in messages[-1]["content"]):
        return ""
    return (
        "" if "reasoningContent" in messages[-2]["content"][0] else "earlier reasoning is missing"
    )


def _drop_sampling(draft: Draft) -> None:
    config = draft.body.get("inferenceConfig", {})
    if config.get("temperature", 1) != 1:
        del config["temperature"]
        draft.changes.add("temperature dropped")
    if config.get("topP", 1) < 0.95:
        del config["topP"]
        draft.changes.add("top_p dropped")
    if draft.body.get("additionalModelRequestFields", {}).pop("top_k", None) is not None:
        draft.changes.add("top_k dropped")
    if config == {}:
        draft.body.pop("inferenceConfig", None)


def details(block: Json, family: str, index: int) -> Json:
    """A `reasoningContent` block as an entry of Chat Completions' ``reasoning_details``.

    https://openrouter.ai/docs/use-cases/reasoning-tokens. `family` goes into its `format`, since only
    the family that wrote it can read its signature.
    """
    reasoning = block["reasoningContent"]
    place = {"format": _format(family), "index": index}
    if "redactedContent" in reasoning:
        return {"type": "reasoning.encrypted", "data": reasoning["redactedContent"], **place}
    return {"type": "reasoning.text", **reasoning["reasoningText"], **place}


def block_of(detail: object, draft: Draft, where: str) -> Json | None:
    """The block that `details` made `detail` of; None, with a notice, where it cannot be replayed."""
    if not isinstance(detail, dict):
        raise invalid(where, "must be an object")
    if detail.get("format") != _format(draft.family.name):
        draft.changes.add("reasoning of another model dropped")
        return None
    if detail.get("type") == "reasoning.encrypted":
        data = text(detail.get("data"), f"{where}.data")
        _check_base64(data, f"{where}.data")
        return {"reasoningContent": {"redactedContent": data}}
    if detail.get("type") != "reasoning.text":
        draft.changes.add("reasoning summary dropped")
        return None
    reasoning = {"text": text(detail.get("text"), f"{where}.text")}
    if detail.get("signature") is not None:
        reasoning["signature"] = text(detail["signature"], f"{where}.signature")
    elif draft.family.signs_reasoning:
        draft.changes.add("unsigned reasoning dropped")
        return None
    return {"reasoningContent": {"reasoningText": reasoning}}


def _format(family: str) -> str:
    return f"bedrock/{family}"


def _check_base64(data: str, where: str) -> None:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(where, "must be base64") from None


def seal(blocks: list[Json], family: str) -> str:
    """`reasoningContent` blocks as the `encrypted_content` of a Responses reasoning item.

    Not a secret: Bedrock's own signature is what keeps the text from being forged.
    """
    entries = [details(block, family, index) for index, block in enumerate(blocks)]
    return _SEAL + base64.b64encode(json.dumps(entries, separators=(",", ":")).encode()).decode()


def unseal(sealed: object, draft: Draft, where: str) -> list[Json]:
    """The blocks that `seal` was given; those that cannot be replayed are left out with a notice."""
    content = text(sealed, where)
    if not content.startswith(_SEAL):
        draft.changes.add("reasoning of another model dropped")
        return []
    try:
        entries = json.loads(base64.b64decode(content.removeprefix(_SEAL), validate=True))
    except (ValueError, RecursionError):
        raise invalid(where, "is damaged") from None
    if not isinstance(entries, list):
        raise invalid(where, "is damaged")
    found = [block_of(entry, draft, f"{where}[{i}]") for i, entry in enumerate(entries)]
    return [block for block in found if block is not None]


def reasoning_tokens(output_tokens: int, reasoning_bytes: int, all_bytes: int) -> int:
    """How many of the output tokens were reasoning, which Converse does not tell.

    An estimate: the share that visible reasoning has in the bytes of the answer.
    """
    if all_bytes <= 0:
        return 0
    return min(output_tokens, output_tokens * reasoning_bytes // all_bytes)
