"""A Responses request as a Converse request."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.families import Family

from router.dialects.checks import (
    Json,
    boolean,
    clipped,
    document,
    fields,
    flag,
    invalid,
    items,
    members,
    positive_integer,
    type_of,
)
from router.dialects.converse.caching import check_cache_points, mark_all
from router.dialects.converse.draft import Draft
from router.dialects.converse.guardrails import apply_guardrail
from router.dialects.converse.reasoning import EFFORTS, Reasoning, ask_reasoning
from router.dialects.converse.sampling import apply_sampling
from router.dialects.converse.structured import JsonForm, ask_json
from router.dialects.converse.tools import add_tools, allow_one_call
from router.dialects.openai import read_sampling, read_service_tier
from router.dialects.openai_parts import json_form
from router.dialects.openai_responses.answer import response_object
from router.dialects.openai_responses.items import read_input
from router.dialects.openai_responses.parameters import INCLUDABLE, PARAMETERS
from router.dialects.openai_responses.toolbook import Tool, ToolBook
from router.dialects.openai_responses.tools import Offer, told_tools, tool_choice, tool_specs
from router.dialects.parameters import check_parameters

FORMAT = fields("type")
JSON_SCHEMA = fields("type", "name", "description", "schema", "strict")
REASONING = fields("effort", "summary", "generate_summary", dropped=("context", "mode"))
STREAM_OPTIONS = fields("include_obfuscation")
TEXT = fields("format", "verbosity")

SUMMARIES = ("auto", "concise", "detailed")
VERBOSITIES = ("low", "medium", "high")

ALWAYS_OFFERED: Mapping[str, frozenset[str]] = {"codex": frozenset({"web_search"})}
"""How the header `originator` of a client begins → the tools of OpenAI's own that it offers whatever
the model is. It works as well without."""


class Translation(NamedTuple):
    """A translated request, and what its answer's translation needs to know of it."""

    draft: Draft
    stream: bool
    service_tier: str
    """Bedrock's name of the tier that the request asks for."""
    tools: Mapping[str, Tool]
    """The client's tools by their Bedrock names."""
    summary: bool
    """Whether reasoning is to be shown as a summary."""
    response: Json
    """What the response repeats of the request."""


def to_converse(
    body: Json, family: Family, headers: Mapping[str, str] | None = None
) -> Translation:
    """Translates any JSON object; raises `ApiError` for what Converse cannot be asked.

    `headers` are the request's, names in lower case.
    """
    headers = headers or {}
    draft = Draft(family)
    passed_on = check_parameters(PARAMETERS, body, draft.changes)
    _check_include(body.get("include"))
    _check_metadata(body.get("metadata"))
    stream = _streaming(body, draft.changes)
    book = ToolBook()
    conversation = read_input(draft, body, book)
    limit = body.get("max_output_tokens")
    limit = None if limit is None else positive_integer(limit, "max_output_tokens")
    apply_sampling(draft, read_sampling(body, limit))
    offers = [Offer([] if body.get("tools") is None else body["tools"], "tools")]
    withheld = withheld_tools(headers.get("originator", ""))
    specs = tool_specs(draft, offers + conversation.offers, book, withheld)
    choice = tool_choice(draft, body.get("tool_choice"), book, specs)
    add_tools(draft, specs, choice, conversation.called)
    form = _json_form(draft, body.get("text"))
    if form is not None:
        ask_json(draft, form, "text.format")
    asked = _reasoning(draft, body.get("reasoning"))
    ask_reasoning(draft, asked, "reasoning.effort")
    parallel = body.get("parallel_tool_calls")
    if parallel is not None and not boolean(parallel, "parallel_tool_calls"):
        allow_one_call(draft)
    tier = read_service_tier(draft, body.get("service_tier"))
    apply_guardrail(draft, headers)
    draft.add_fields(passed_on)
    mark_all(draft, body.get("cache_control"))
    check_cache_points(draft)
    response = response_object(body, told_tools(body.get("tools") or [], withheld))
    return Translation(draft, stream, tier, book.tools, asked.shown, response)


def _streaming(body: Json, changes: set[str]) -> bool:
    if body.get("stream_options") is not None:
        where = "stream_options"
        options = members(body[where], where, STREAM_OPTIONS, changes)
        if flag(options, "include_obfuscation", f"{where}.include_obfuscation"):
            changes.add("include_obfuscation dropped")
    return flag(body, "stream", "stream")


def withheld_tools(originator: str) -> frozenset[str]:
    """The types of tools that a client offers in vain, by what it says it is."""
    for beginning, tools in ALWAYS_OFFERED.items():
        if originator.lower().startswith(beginning):
            return tools
    return frozenset()


def _check_include(value: object) -> None:
    for index, wanted in enumerate([] if value is None else items(value, "include")):
        where = f"include[{index}]"
        if not isinstance(wanted, str) or wanted not in INCLUDABLE:
            raise invalid(where, f"must be one of {', '.join(INCLUDABLE)}")
        if not INCLUDABLE[wanted]:
            raise invalid(where, f"cannot be {wanted}, which models on Amazon Bedrock do not give")


def _check_metadata(value: object) -> None:
    # Repeated in the response and sent no further.
    if value is None:
        return
    for key, entry in document(value, "metadata").items():
        if not isinstance(entry, str):
            raise invalid("metadata", f"must hold strings only, unlike {clipped(key)}")


def _json_form(draft: Draft, value: object) -> JsonForm | None:
    """The form that the request's `text` wants of the answer; None for plain text."""
    if value is None:
        return None
    config = members(value, "text", TEXT, draft.changes)
    verbosity = config.get("verbosity")
    if verbosity is not None and verbosity not in VERBOSITIES:
        raise invalid("text.verbosity", f"must be one of {', '.join(VERBOSITIES)}")
    if verbosity not in (None, "medium"):
        draft.changes.add("verbosity dropped")
    where = "text.format"
    wanted = config.get("format")
    kind = type_of(wanted)
    if wanted is None:
        return None
    if kind in {"text", "json_object"}:
        members(wanted, where, FORMAT, draft.changes)
        return JsonForm() if kind == "json_object" else None
    if kind != "json_schema":
        raise invalid(f"{where}.type", "must be text, json_object or json_schema")
    given = members(wanted, where, JSON_SCHEMA, draft.changes)
    if given.get("schema") is None:
        raise invalid(f"{where}.schema", "must be given")
    return json_form(given, where)


def _reasoning(draft: Draft, value: object) -> Reasoning:
    if value is None:
        return Reasoning()
    asked = members(value, "reasoning", REASONING, draft.changes)
    effort = asked.get("effort")
    if effort is not None and effort not in EFFORTS:
        raise invalid("reasoning.effort", f"must be one of {', '.join(EFFORTS)}")
    summaries = {
        key: asked[key] for key in ("summary", "generate_summary") if asked.get(key) is not None
    }
    for key, summary in summaries.items():
        if summary not in SUMMARIES:
            raise invalid(f"reasoning.{key}", f"must be one of {', '.join(SUMMARIES)}")
        if summary != "auto":
            draft.changes.add("reasoning summary treated as auto")
    return Reasoning(effort=effort, shown=bool(summaries) and effort != "none")
