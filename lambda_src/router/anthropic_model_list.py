"""The models a key may use, as Anthropic's API lists them: those that Messages can be sent to.

https://platform.claude.com/docs/en/api/models/list, and `ModelInfo` of anthropic 2.12.0 for the
members that are newer than that page.
"""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from catalog.betas import GATED, bedrock_betas
from catalog.families import Family, family_of
from catalog.models import Catalog, Model

from router.dialects.checks import invalid
from router.model_list import Found, Patterns, find, find_all

MOST = 1000
"""How many models a page holds at most."""
USUAL = 20
"""How many it holds when the client does not say."""

LINES = ("haiku", "sonnet", "opus", "fable", "mythos")
"""What Anthropic calls the lines of its models."""

_STAGES = frozenset({"active", "deprecated", "retired"})

_NO_DATE = "1970-01-01T00:00:00Z"
"""What the API has for a model whose release date is not known."""

_SPELLED = {
    "deepseek": "DeepSeek",
    "glm": "GLM",
    "gpt": "GPT",
    "minimax": "MiniMax",
    "oss": "OSS",
}
"""The words of names that are not written with one capital letter."""

_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_FIRST_EFFORTS = ("low", "medium", "high")
"""Those of the one model whose effort is not how it thinks, Opus 4.5
(https://platform.claude.com/docs/en/build-with-claude/effort)."""

_THINKING = ("adaptive", "between_tools", "disabled", "enabled")

_EDITS = ("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112")


def page(catalog: Catalog, allowed: Patterns, query: str) -> dict[str, Any]:
    """The part of the list that a query asks for. Raises `ApiError`."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    limit = _limit(asked.get("limit", str(USUAL)))
    after, before = asked.get("after_id"), asked.get("before_id")
    if after is not None and before is not None:
        raise invalid("before_id", "cannot be combined with after_id")
    listed = [entry for entry in find_all(catalog, allowed) if _takes_messages(entry)]
    if "active" not in _stages(query):
        listed = []
    ids = [entry.requested for entry in listed]
    if before is not None:
        end = _place(ids, before, "before_id")
        start = max(0, end - limit)
        has_more = start > 0
    else:
        start = _place(ids, after, "after_id") + 1 if after is not None else 0
        end = start + limit
        has_more = end < len(ids)
    return {
        "data": [_info(entry) for entry in listed[start:end]],
        "has_more": has_more,
        "first_id": next(iter(ids[start:end]), None),
        "last_id": next(reversed(ids[start:end]), None),
    }


def row(catalog: Catalog, requested: str, allowed: Patterns) -> dict[str, Any] | None:
    """The model behind any name or id; None where there is none that the key may send Messages to."""
    found = find(catalog, requested, allowed)
    return None if found is None or not _takes_messages(found) else _info(found)


def _limit(told: str) -> int:
    limit = int(told) if told.isascii() and told.isdigit() and len(told) <= len(str(MOST)) else 0
    if not 1 <= limit <= MOST:
        raise invalid("limit", f"must be a whole number from 1 to {MOST}")
    return limit


def _stages(query: str) -> set[str]:
    """The stages of life that a query asks for. Of no model it is known that it is to be retired."""
    found = {
        value
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name in ("lifecycle", "lifecycle[]")
    }
    if found - _STAGES:
        raise invalid("lifecycle", f"must be one of {', '.join(sorted(_STAGES))}")
    return found or {"active"}


def _place(ids: list[str], cursor: str, where: str) -> int:
    if cursor not in ids:
        raise invalid(where, "must be the id of a model in this list")
    return ids.index(cursor)


def _takes_messages(entry: Found) -> bool:
    return entry.model is None or "chat" in entry.model.capabilities


def _info(entry: Found) -> dict[str, Any]:
    requested, target, model, is_owners = entry
    name = requested if model is None or is_owners else _legible(model.name)
    family = family_of(target.runs)
    return {
        "type": "model",
        "id": requested,
        "display_name": name,
        "created_at": _created_at(target.listed_as or ""),
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": _line(model.name) if model is not None else None,
        "max_input_tokens": target.context_window,
        "max_tokens": target.max_output_tokens or None,
        "capabilities": _capabilities(model, family) if model and family.messages else None,
    }


def _legible(name: str) -> str:
    """A name of the catalog's as people write it: "Claude Opus 4.6" for claude-opus-4-6."""
    words: list[str] = []
    for part in name.split("-"):
        if part.isdigit() and words and words[-1].isdigit():
            words[-1] += f".{part}"
        elif part[0].isdigit():
            words.append(part.upper())
        else:
            words.append(_SPELLED.get(part, part.capitalize()))
    return " ".join(words)


def _line(name: str) -> str | None:
    words = name.split("-")
    return next((line for line in LINES if line in words), None) if "claude" in words else None


def _created_at(model_id: str) -> str:
    """The day that an id names, as claude-sonnet-4-5-20250929-v1:0 does."""
    for part in model_id.split("-"):
        if part.isdigit() and len(part) == len("20250929"):
            return f"{part[:4]}-{part[4:6]}-{part[6:]}T00:00:00Z"
    return _NO_DATE


def _capabilities(model: Model, family: Family) -> dict[str, Any]:
    """What a Claude can do on Bedrock, which has neither Anthropic's batches nor its own tools."""
    closed = bedrock_betas((), family, GATED).closed
    efforts: tuple[str, ...] = ()
    if "output_config.effort" not in closed:
        efforts = family.efforts or _FIRST_EFFORTS
    edits = [edit for edit in _EDITS if f"context_management.{edit}" not in closed]
    return {
        "batch": _supported(False),
        "citations": _supported(family.citations),
        "code_execution": _supported(False),
        "context_management": _one_of(_EDITS, edits),
        "effort": _one_of(_EFFORTS, efforts),
        "image_input": _supported("vision" in model.capabilities),
        "pdf_input": _supported("documents" in model.capabilities),
        "server_tools": _one_of(("code_execution", "web_search"), ()),
        "structured_outputs": _supported(family.structured == "native"),
        "thinking": {
            **_supported(bool(family.thinking)),
            # What does not think at all can be told not to.
            "types": _each(_THINKING, family.thinking or {"disabled"}),
        },
    }


def _supported(whether: bool) -> dict[str, Any]:
    return {"supported": whether}


def _one_of(names: Collection[str], supported: Collection[str]) -> dict[str, Any]:
    """A capability that is there when any of its parts is."""
    return {**_supported(bool(supported)), **_each(names, supported)}


def _each(names: Collection[str], supported: Collection[str]) -> dict[str, Any]:
    return {name: _supported(name in supported) for name in names}
