"""A Messages request as a Converse request."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.families import Family

from router.dialects.anthropic_messages.messages import read_messages
from router.dialects.anthropic_messages.parameters import check_body
from router.dialects.anthropic_messages.reasoning import read_asked
from router.dialects.anthropic_messages.sampling import read_sampling
from router.dialects.anthropic_messages.tools import read_tools
from router.dialects.anthropic_parameters import read_service_tier
from router.dialects.checks import Json, flag
from router.dialects.converse.caching import check_cache_points, mark_all
from router.dialects.converse.draft import Draft
from router.dialects.converse.guardrails import apply_guardrail
from router.dialects.converse.reasoning import ask_reasoning
from router.dialects.converse.sampling import apply_sampling
from router.dialects.converse.structured import ask_json
from router.dialects.converse.tools import ToolNames, add_tools, allow_one_call

_STOPPED_BY = ("/stop_sequence", "/delta/stop_sequence")
"""Where Claude tells which stop sequence it met, in a whole answer and in a stream."""


class Translation(NamedTuple):
    """A translated request, and what its answer's translation needs to know of it."""

    draft: Draft
    stream: bool
    tool_names: dict[str, str]
    """The client's tool name by Bedrock's, for those that differ."""
    thinking_shown: bool
    """Whether thinking blocks come with their text; without it they hold a signature alone."""
    document_titles: tuple[str | None, ...]
    """The client's titles of the documents, in the order in which citations count them."""
    service_tier: str
    """Bedrock's name of the tier that the request asks for."""


def to_converse(
    body: Json, family: Family, headers: Mapping[str, str] | None = None
) -> Translation:
    """Translates any JSON object; raises `ApiError` for what Converse cannot be asked.

    `headers` are the request's, names in lower case.
    """
    draft = Draft(family)
    check_body(body, draft.changes)
    names = ToolNames()
    conversation = read_messages(draft, body, names)
    apply_sampling(draft, read_sampling(body))
    offer = read_tools(draft, body, names, conversation.book)
    add_tools(draft, offer.tools, offer.choice, conversation.called)
    asked = read_asked(draft, body, conversation.effort)
    if asked.form is not None:
        ask_json(draft, asked.form, asked.form_where)
    ask_reasoning(draft, asked.reasoning, "output_config.effort")
    if offer.one_call:
        allow_one_call(draft, "disable_parallel_tool_use")
    tier = read_service_tier(body.get("service_tier"))
    if tier != "default":
        draft.body["serviceTier"] = {"type": tier}
    apply_guardrail(draft, headers or {})
    _ask_for_stop_sequence(draft)
    mark_all(draft, body.get("cache_control"))
    check_cache_points(draft)
    return Translation(
        draft,
        stream=flag(body, "stream", "stream"),
        tool_names=names.replaced,
        thinking_shown=asked.reasoning.shown,
        document_titles=conversation.document_titles,
        service_tier=tier,
    )


def _ask_for_stop_sequence(draft: Draft) -> None:
    """Has a Claude tell which of the stop sequences it met, which Converse itself does not."""
    stops = draft.body.get("inferenceConfig", {}).get("stopSequences")
    if stops and draft.family.messages:
        # The path of a field the answer lacks does no harm.
        draft.body.setdefault("additionalModelResponseFieldPaths", []).extend(_STOPPED_BY)
