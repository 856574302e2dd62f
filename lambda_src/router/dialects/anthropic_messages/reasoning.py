"""What a Messages request asks of the model's thinking, and of the form of its answer.

https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking,
https://platform.claude.com/docs/en/build-with-claude/effort and
https://platform.claude.com/docs/en/build-with-claude/structured-outputs
"""

from typing import NamedTuple

from router.dialects.checks import (
    MAX_INTEGER,
    Fields,
    Json,
    document,
    fields,
    integer,
    invalid,
    members,
    type_of,
)
from router.dialects.converse.draft import Draft
from router.dialects.converse.reasoning import Reasoning, nearest_effort
from router.dialects.converse.structured import JsonForm

EFFORTS = ("low", "medium", "high", "xhigh", "max")
DISPLAYS = ("summarized", "omitted", "updates")

_THINKING: dict[str, Fields] = {
    "adaptive": fields("type", "display", dropped=("block_binding",)),
    "between_tools": fields("type"),
    "disabled": fields("type"),
    "enabled": fields("type", "budget_tokens", "display", dropped=("block_binding",)),
}
OUTPUT_CONFIG = fields("effort", "format", dropped=("task_budget",))
FORMAT = fields("type", "schema", "name")

_LEAST_BUDGET = 1_024

_DEFAULT_EFFORT = "high"
"""That of thinking which sizes itself, where none is given."""


_THINKS_AT = ("xhigh", "max")
"""Efforts at which Opus 5 cannot go without thinking
(https://platform.claude.com/docs/en/about-claude/models/whats-new-opus-5)."""


class Asked(NamedTuple):
    """What `thinking` and `output_config` ask for."""

    reasoning: Reasoning
    form: JsonForm | None
    """The form of the answer; None for plain text."""
    form_where: str


def read_asked(draft: Draft, body: Json, turn_effort: str | None) -> Asked:
    """What the request asks for; `turn_effort` is that of its last system message that has one."""
    config: Json = {}
    if body.get("output_config") is not None:
        config = members(body["output_config"], "output_config", OUTPUT_CONFIG, draft.changes)
    effort = turn_effort or read_effort(config.get("effort"), "output_config.effort")
    wanted, where = config.get("format"), "output_config.format"
    if wanted is None:
        # What it was called while it was a beta.
        wanted, where = body.get("output_format"), "output_format"
    form = None if wanted is None else _form(draft, wanted, where)
    return Asked(_reasoning(draft, body.get("thinking"), effort), form, where)


def read_effort(value: object, where: str) -> str | None:
    """An effort by its name; None where it is left open."""
    if value is None:
        return None
    if not isinstance(value, str) or value not in EFFORTS:
        raise invalid(where, f"must be one of {', '.join(EFFORTS)}")
    return value


def _form(draft: Draft, value: object, where: str) -> JsonForm:
    format_ = members(value, where, FORMAT, draft.changes)
    if format_.get("type") != "json_schema":
        raise invalid(f"{where}.type", "must be json_schema")
    return JsonForm(schema=document(format_.get("schema"), f"{where}.schema"), strict=True)


def _reasoning(draft: Draft, value: object, effort: str | None) -> Reasoning:
    if value is None and (draft.family.reasons_unasked or not draft.family.messages):
        return Reasoning(effort=effort)
    if value is None:
        _write_with(draft, effort)
        return Reasoning()
    kind = type_of(value)
    if kind not in _THINKING:
        raise invalid("thinking.type", f"must be one of {', '.join(_THINKING)}")
    thinking = members(value, "thinking", _THINKING[kind], draft.changes)
    if kind in {"disabled", "between_tools"}:
        # Between tool calls only is as little as a model has that knows it.
        if effort in _THINKS_AT and draft.family.messages:
            draft.changes.add("effort lowered to high, as thinking is off")
            effort = "high"
        _write_with(draft, effort)
        return Reasoning(effort="none")
    shown = _is_shown(draft, thinking.get("display"))
    if kind == "enabled":
        where = "thinking.budget_tokens"
        budget = integer(thinking.get("budget_tokens"), where, _LEAST_BUDGET, MAX_INTEGER)
        return Reasoning(budget=budget, shown=shown)
    if effort is None and not draft.family.reasons_unasked:
        effort = _DEFAULT_EFFORT
    return Reasoning(effort=effort, shown=shown)


def _write_with(draft: Draft, effort: str | None) -> None:
    """Has the model write its answer with that effort, without thinking, which Claude alone can."""
    if effort is None or not draft.family.messages:
        return
    if draft.family.reasoning == "adaptive":
        draft.add_fields({"output_config": {"effort": nearest_effort(draft, effort)}})
    else:
        draft.changes.add("effort dropped")


def _is_shown(draft: Draft, display: object) -> bool:
    if display is None:
        return not draft.family.hides_reasoning
    if display not in DISPLAYS:
        raise invalid("thinking.display", f"must be one of {', '.join(DISPLAYS)}")
    return display != "omitted"
