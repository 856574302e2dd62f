"""A Messages request as InvokeModel takes it."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.betas import bedrock_betas
from catalog.families import family_of
from catalog.models import Target
from catalog.names import LONG_WINDOW_BETA, asks_long_window

from router import usage
from router.dialects.anthropic import (
    asked_betas,
    content_blocks,
    field_required,
    fit_metadata,
    system_blocks,
)
from router.dialects.anthropic_native import fitting, gates
from router.dialects.anthropic_native.content import fit_messages, fit_system, mark_of
from router.dialects.anthropic_native.draft import InvokeDraft
from router.dialects.anthropic_native.tools import fit_tools
from router.dialects.anthropic_native.turns import fold_system_turns
from router.dialects.anthropic_parameters import PARAMETERS, check_fields, read_service_tier
from router.dialects.checks import Json, boolean, positive_integer, type_of
from router.dialects.choosing import Untaken
from router.dialects.converse.caching import DROPPED
from router.dialects.converse.guardrails import IDENTIFIER, passed_on
from router.http import Headers

VERSION = "anthropic-version"

MAX_MARKS = 4

_NEVER_MARKED = frozenset({"redacted_thinking", "thinking"})


class Translation(NamedTuple):
    """A request for InvokeModel."""

    draft: InvokeDraft
    stream: bool
    headers: Headers
    """Beside the content type."""
    service_tier: str


def to_invoke(asked: Json, target: Target, headers: Mapping[str, str]) -> Translation:
    """Fits any JSON object, which is taken over; raises `ApiError` for what Bedrock has not.

    `headers` are the request's, names in lower case.
    """
    draft = InvokeDraft(family_of(target.runs))
    draft.betas = asked_betas(headers, asked)
    if asks_long_window(target.requested):
        draft.betas.append(LONG_WINDOW_BETA)
    check_fields(PARAMETERS, asked, draft.changes)
    body = draft.body = _taken(asked)
    stream = boolean(body.pop("stream", False), "stream")
    if "max_tokens" not in body:
        raise field_required("max_tokens")
    positive_integer(body["max_tokens"], "max_tokens")
    del body["model"]
    tier = read_service_tier(body.pop("service_tier", None))
    if passed_on(headers):
        # Converse tells what a guardrail did and what it cost, InvokeModel's stream neither.
        raise Untaken(IDENTIFIER)
    sent = [] if tier == "default" else [(usage.TIER_HEADER, tier)]
    body["anthropic_version"] = _version(draft, headers, body.pop("anthropic_version", None))
    fit_metadata(draft, body)
    _fit_conversation(draft)
    fit_tools(draft)
    _mark_all(draft)
    fitting.fit_limit(draft, target)
    fitting.fit_thinking(draft)
    fitting.fit_output(draft)
    fitting.fit_sampling(draft)
    _fit_betas(draft)
    return Translation(draft, stream, sent, tier)


def _taken(asked: Json) -> Json:
    """What is given of the fields that Bedrock takes, or that become others."""
    return {
        key: value
        for key, value in asked.items()
        if value is not None and PARAMETERS[key].translated
    }


def _version(draft: InvokeDraft, headers: Mapping[str, str], in_body: object) -> str:
    """The version of the API for Bedrock: the one asked for where the model knows it."""
    known = draft.family.anthropic_versions
    asked = in_body if isinstance(in_body, str) else headers.get(VERSION, "")
    return asked if asked in known else known[0]


def _fit_conversation(draft: InvokeDraft) -> None:
    body = draft.body
    if "messages" not in body:
        raise field_required("messages")
    system = system_blocks(draft, body)
    messages = fit_messages(draft, body["messages"])
    if not draft.family.system_turns and any(one.get("role") == "system" for one in messages):
        opening, messages = fold_system_turns(messages)
        system += opening
        draft.changes.add("system messages moved")
    body["messages"] = messages
    if system:
        body["system"] = fit_system(draft, system)
    else:
        body.pop("system", None)


def _mark_all(draft: InvokeDraft) -> None:
    """A request's own `cache_control`, which Bedrock has not, asks to cache all of it."""
    body = draft.body
    if "cache_control" not in body:
        return
    mark = mark_of(draft, body.pop("cache_control"), "cache_control")
    content = content_blocks(body["messages"][-1].get("content")) if body["messages"] else []
    if mark is None or not content:
        return
    if _marks(body) >= MAX_MARKS or type_of(content[-1]) in _NEVER_MARKED:
        draft.changes.add(DROPPED)
        return
    content[-1].setdefault("cache_control", mark)
    body["messages"][-1]["content"] = content


def _marks(body: Json) -> int:
    """How many blocks of the request have a cache mark of their own."""
    lists = [
        body.get("system"),
        body.get("tools"),
        *(one.get("content") for one in body["messages"]),
    ]
    return sum(
        "cache_control" in block for blocks in lists if isinstance(blocks, list) for block in blocks
    )


def _fit_betas(draft: InvokeDraft) -> None:
    gates.note_settings(draft)
    fitting.fit_edits(draft)
    found = bedrock_betas(draft.betas, draft.family, draft.used)
    draft.changes.update(f"beta {beta} dropped" for beta in found.dropped)
    for word in sorted(found.closed):
        gates.close(draft, word)
    if found.kept:
        draft.body["anthropic_beta"] = found.kept
