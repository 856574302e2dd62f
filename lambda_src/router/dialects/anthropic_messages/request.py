"""A Messages request as a Converse request."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.families import Family

from router.dialects.anthropic_messages.messages import read_messages
from router.dialects.anthropic_messages.parameters import check_body
from router.dialects.anthropic_messages.sampling import read_sampling
from router.dialects.checks import Json
from router.dialects.converse.caching import check_cache_points
from router.dialects.converse.draft import Draft
from router.dialects.converse.guardrails import apply_guardrail
from router.dialects.converse.sampling import apply_sampling
from router.dialects.converse.tools import ToolNames
from router.dialects.openai import flag, mark_all


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
    read_messages(draft, body)
    apply_sampling(draft, read_sampling(body))
    apply_guardrail(draft, headers or {})
    mark_all(draft, body.get("cache_control"))
    check_cache_points(draft)
    return Translation(
        draft,
        flag(body, "stream", "stream"),
        names.replaced,
        thinking_shown=True,
        document_titles=(),
        service_tier="default",
    )
