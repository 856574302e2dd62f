"""A Chat Completions request as a Converse request."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.families import Family

from router.dialects.checks import Json, boolean, fields, invalid, members
from router.dialects.converse.caching import cache_point, check_cache_points
from router.dialects.converse.draft import Draft
from router.dialects.converse.guardrails import apply_guardrail
from router.dialects.converse.reasoning import ask_reasoning
from router.dialects.converse.sampling import apply_sampling
from router.dialects.converse.structured import ask_json
from router.dialects.converse.tools import ToolNames, add_tools, allow_one_call
from router.dialects.openai_chat.messages import read_messages
from router.dialects.openai_chat.parameters import check_parameters
from router.dialects.openai_chat.reasoning import read_reasoning
from router.dialects.openai_chat.response_format import read_response_format
from router.dialects.openai_chat.sampling import read_sampling
from router.dialects.openai_chat.tools import read_tools

STREAM_OPTIONS = fields("include_usage", "include_obfuscation")

SERVICE_TIERS = {
    "auto": "default",
    "default": "default",
    "fast": "priority",
    "flex": "flex",
    "priority": "priority",
}
"""OpenAI's service tiers and Bedrock's. ``fast`` is OpenAI's newer name of ``priority``."""


class Translation(NamedTuple):
    """A translated request, and what its answer's translation needs to know of it."""

    draft: Draft
    stream: bool
    include_usage: bool
    """Whether a stream ends with a chunk of usage."""
    tool_names: dict[str, str]
    """The client's tool name by Bedrock's, for those that differ."""
    custom_tools: frozenset[str]
    """The Bedrock names of custom tools."""
    legacy: bool
    """Whether calls are answered in the form before tools, as a `function_call`."""
    hides_reasoning: bool
    """Whether the client wants to see no reasoning."""
    service_tier: str
    """Bedrock's name of the tier that the request asks for."""


def to_converse(
    body: Json, family: Family, headers: Mapping[str, str] | None = None
) -> Translation:
    """Translates any JSON object; raises `ApiError` for what Converse cannot be asked.

    `headers` are the request's, names in lower case.
    """
    draft = Draft(family)
    passed_on = check_parameters(body, draft.changes)
    stream, include_usage = _streaming(body, draft.changes)
    names = ToolNames()
    called = read_messages(draft, body, names)
    apply_sampling(draft, read_sampling(body, draft.changes))
    offer = read_tools(draft, body, names)
    add_tools(draft, offer.tools, offer.choice, called)
    form = read_response_format(draft, body.get("response_format"))
    if form is not None:
        ask_json(draft, form, "response_format")
    asked = read_reasoning(draft, body)
    ask_reasoning(draft, asked.reasoning, asked.where)
    _limit_calls(draft, body, legacy=offer.legacy)
    tier = _service_tier(draft, body.get("service_tier"))
    apply_guardrail(draft, headers or {})
    draft.add_fields(passed_on)
    _mark_all(draft, body.get("cache_control"))
    check_cache_points(draft)
    return Translation(
        draft,
        stream,
        include_usage,
        names.replaced,
        offer.custom,
        offer.legacy,
        asked.excluded,
        tier,
    )


def _streaming(body: Json, changes: set[str]) -> tuple[bool, bool]:
    options: Json = {}
    if body.get("stream_options") is not None:
        options = members(body["stream_options"], "stream_options", STREAM_OPTIONS, changes)
    if _flag(options, "include_obfuscation", "stream_options.include_obfuscation"):
        changes.add("include_obfuscation dropped")
    include_usage = _flag(options, "include_usage", "stream_options.include_usage")
    return _flag(body, "stream", "stream"), include_usage


def _flag(values: Json, key: str, where: str) -> bool:
    value = values.get(key)
    return value is not None and boolean(value, where)


def _limit_calls(draft: Draft, body: Json, *, legacy: bool) -> None:
    parallel = body.get("parallel_tool_calls")
    if parallel is not None and not boolean(parallel, "parallel_tool_calls"):
        allow_one_call(draft)
    elif legacy and draft.family.one_tool_call:
        # A `function_call` has room for one.
        allow_one_call(draft)


def _service_tier(draft: Draft, value: object) -> str:
    if value is None:
        return "default"
    if not isinstance(value, str) or value not in SERVICE_TIERS:
        raise invalid("service_tier", f"must be one of {', '.join(SERVICE_TIERS)}")
    tier = SERVICE_TIERS[value]
    if tier != "default":
        draft.body["serviceTier"] = {"type": tier}
    return tier


def _mark_all(draft: Draft, value: object) -> None:
    """A mark on the request itself asks to cache all of it."""
    if value is None:
        return
    point = cache_point(draft, value, "cache_control")
    if point is not None:
        draft.body["messages"][-1]["content"].append(point)
