"""What tools that Anthropic's own API runs left in a conversation, told in words.

No model behind Converse knows their blocks, and what they found is what the conversation goes on from.
"""

from router.dialects.checks import Json, document, type_of
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import compact_json

KINDS = frozenset(
    {
        "advisor_tool_result",
        "bash_code_execution_tool_result",
        "code_execution_tool_result",
        "mcp_tool_result",
        "mcp_tool_use",
        "server_tool_use",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "web_fetch_tool_result",
        "web_search_tool_result",
    }
)
"""The types of their blocks."""

_UNREADABLE = frozenset({"cache_control", "caller", "id", "tool_use_id", "type"})
"""Members of a block that say nothing to a model."""

_ENCRYPTED = "encrypted_"


def told_in_words(draft: Draft, value: object, where: str) -> list[Json]:
    """The text block that tells of such a block."""
    block = document(value, where)
    kind = type_of(block)
    draft.changes.add(f"{kind} turned to text")
    told = {key: inner for key, inner in block.items() if key not in _UNREADABLE}
    return [{"text": f"{kind}: {compact_json(_readable(told))}"}]


def _readable(value: object) -> object:
    """A value without what is encrypted for Anthropic alone, and without files in base64."""
    if isinstance(value, list):
        return [_readable(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    is_file = value.get("type") == "base64"
    return {
        key: _readable(inner)
        for key, inner in value.items()
        if not key.startswith(_ENCRYPTED) and not (is_file and key == "data")
    }
