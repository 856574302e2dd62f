"""A Chat Completions request as a Converse request."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.families import Family

from router.dialects.checks import Json, boolean, fields, flag, members
from router.dialects.converse.caching import check_cache_points, mark_all
from router.dialects.converse.draft import Draft
from router.dialects.converse.guardrails import apply_guardrail
from router.dialects.converse.reasoning import ask_reasoning
from router.dialects.converse.sampling import apply_sampling
from router.dialects.converse.structured import ask_json
from router.dialects.converse.tools import ToolNames, add_tools, allow_one_call
from router.dialects.openai import read_service_tier
from router.dialects.openai_chat.messages import read_messages
from router.dialects.openai_chat.parameters import PARAMETERS
from router.dialects.openai_chat.reasoning import read_reasoning
from router.dialects.openai_chat.response_format import read_response_format
from router.dialects.openai_chat.sampling import read_sampling
from router.dialects.openai_chat.tools import read_tools
from router.dialects.parameters import check_parameters

STREAM_OPTIONS = fields("include_usage", "include_obfuscation")


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
    passed_on = check_parameters(PARAMETERS, body, draft.changes)
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
    tier = read_service_tier(draft, body.get("service_tier"))
    apply_guardrail(draft, headers or {})
    draft.add_fields(passed_on)
    mark_all(draft, body.get("cache_control"))
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
    if flag(options, "include_obfuscation", "stream_options.include_obfuscation"):
        changes.add("include_obfuscation dropped")
    include_usage = flag(options, "include_usage", "stream_options.include_usage")
    return flag(body, "stream", "stream"), include_usage


def _limit_calls(draft: Draft, body: Json, *, legacy: bool) -> None:
    parallel = body.get("parallel_tool_calls")
    if parallel is not None and not boolean(parallel, "parallel_tool_calls"):
        allow_one_call(draft)
    elif legacy and draft.family.one_tool_call:
        # A `function_call` has room for one.
        allow_one_call(draft)
