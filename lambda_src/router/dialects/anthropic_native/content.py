"""Messages and their content blocks as InvokeModel takes them.

Only what differs between Anthropic's API and Bedrock's is looked at. All else is Bedrock's to judge, in
the words that clients know; a block of a kind that is not known here passes as it is.
"""

from collections.abc import Callable, Mapping

from router.dialects.anthropic_native.draft import InvokeDraft
from router.dialects.anthropic_native.gates import COMPACTION
from router.dialects.checks import Json, invalid, is_blank, items, text, type_of
from router.dialects.converse import media
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Remote
from router.dialects.converse.replay import is_sealed
from router.fetching import Fetched

_HOSTED = frozenset(
    {
        "advisor_tool_result",
        "bash_code_execution_tool_result",
        "code_execution_tool_result",
        "fallback",
        "mcp_tool_listing",
        "mcp_tool_result",
        "mcp_tool_use",
        "server_tool_use",
        "text_editor_code_execution_tool_result",
        "web_fetch_tool_result",
        "web_search_tool_result",
    }
)
"""What services of Anthropic's own left in a conversation, which Bedrock does not read."""

_BY_MEMBER = {"clear_at": "messages.clear_at", "output_config": "messages.output_config"}
"""What of `catalog.betas.GATED` a member of a message is."""

_TOOL_SEARCH = "tool_search_tool"
"""How the names of the one kind of hosted tool begin that Bedrock has."""

Fit = Callable[[InvokeDraft, Json, str], Json | None]
"""What a block becomes, which stands at a place; None for nothing. Raises `ApiError`."""

_NO_FILES = "refers to Anthropic's Files API, which Amazon Bedrock has not: send it as base64"


def fit_messages(draft: InvokeDraft, value: object) -> list[Json]:
    """The messages with blocks that Bedrock takes. Raises `ApiError`."""
    messages = items(value, "messages")
    fitted: list[Json] = []
    for i, message in enumerate(messages):
        if not isinstance(message, dict):
            raise invalid(f"messages[{i}]", "must be an object")
        for name in _BY_MEMBER.keys() & message.keys():
            if message[name] is None:
                del message[name]
            else:
                draft.used.add(_BY_MEMBER[name])
        content = message.get("content")
        if isinstance(content, list) and content:
            message["content"] = _fit_blocks(draft, content, f"messages[{i}].content", _IN_TURNS)
            if not message["content"]:
                # Nothing that Bedrock takes is left of it.
                continue
        fitted.append(message)
    return fitted


def fit_system(draft: InvokeDraft, blocks: list[Json]) -> list[Json]:
    """The blocks of a system prompt. Raises `ApiError`."""
    return _fit_blocks(draft, blocks, "system", {})


def _fit_blocks(
    draft: InvokeDraft, blocks: list[Json], where: str, fits: Mapping[str, Fit]
) -> list[Json]:
    """The blocks of one list that Bedrock takes; `fits` by their types. Raises `ApiError`."""
    fitted: list[Json] = []
    for i, block in enumerate(blocks):
        if not isinstance(block, dict):
            raise invalid(f"{where}[{i}]", "must be an object")
        fit = fits.get(type_of(block))
        found = block if fit is None else fit(draft, block, f"{where}[{i}]")
        if found is None:
            continue
        if found.get("cache_control") is not None:
            fit_mark(draft, found, f"{where}[{i}]")
        fitted.append(found)
    return fitted


def fit_mark(draft: InvokeDraft, holder: Json, where: str) -> None:
    """Makes an object's `cache_control` one that the model takes, or takes it out."""
    mark = mark_of(draft, holder.pop("cache_control"), f"{where}.cache_control")
    if mark is not None:
        holder["cache_control"] = mark


def mark_of(draft: InvokeDraft, value: object, where: str) -> Json | None:
    """A `cache_control` without `scope` and with a TTL that the model has; None where it has none."""
    point = cache_point(draft, value, where)
    return None if point is None else {**point["cachePoint"], "type": "ephemeral"}


def _image(draft: InvokeDraft, block: Json, where: str) -> Json:
    source = block.get("source")

    def complete(found: Fetched) -> None:
        form, data = media.fetched_image(found, where)
        block["source"] = {"type": "base64", "media_type": f"image/{form}", "data": data}

    _fetch(draft, source, where, complete)
    return block


def _document(draft: InvokeDraft, block: Json, where: str) -> Json:
    source = block.get("source")
    if isinstance(source, dict) and isinstance(source.get("content"), list):
        inner = source["content"]
        source["content"] = _fit_blocks(draft, inner, f"{where}.source.content", _IN_DOCUMENTS)

    def complete(found: Fetched) -> None:
        block["source"] = _fetched_document(found, where)

    _fetch(draft, source, where, complete)
    return block


def _fetch(
    draft: InvokeDraft, source: object, where: str, complete: Callable[[Fetched], None]
) -> None:
    """Has a source fetched that is only named by its URL, as Bedrock takes none."""
    kind = type_of(source)
    if kind == "file":
        raise invalid(f"{where}.source", _NO_FILES)
    if kind == "url" and isinstance(source, dict):
        url = text(source.get("url"), f"{where}.source.url")
        if not media.is_https(url):
            raise invalid(f"{where}.source.url", "must be an https URL")
        draft.remote.append(Remote(url, f"{where}.source.url", complete))


def _fetched_document(found: Fetched, where: str) -> Json:
    form = media.fetched_document_format(found, "", where)
    if form == "pdf":
        data = media.base64_of(found)
        return {"type": "base64", "media_type": "application/pdf", "data": data}
    if form in media.TEXT_FORMATS:
        content = found.content.decode("utf-8", "replace")
        return {"type": "text", "media_type": "text/plain", "data": content}
    raise invalid(f"{where}.source.url", "must lead to a PDF or to text")


def _thinking(draft: InvokeDraft, block: Json, where: str) -> Json | None:
    """Thinking that Claude has signed, byte for byte; other as text, as Claude would refuse it."""
    signature = block.get("signature")
    if signature and not (isinstance(signature, str) and is_sealed(signature)):
        return block
    thought = text(block.get("thinking") or "", f"{where}.thinking")
    if is_blank(thought):
        return None
    # An aborted stream leaves it unsigned, and another model's signature says nothing to Claude.
    draft.changes.add("unsigned thinking turned to text")
    return {"type": "text", "text": thought}


def _redacted(draft: InvokeDraft, block: Json, where: str) -> Json | None:  # noqa: ARG001 (as the others)
    data = block.get("data")
    if not (isinstance(data, str) and is_sealed(data)):
        return block
    draft.changes.add("reasoning of another model dropped")
    return None


def _tool_result(draft: InvokeDraft, block: Json, where: str) -> Json:
    content = block.get("content")
    if isinstance(content, list):
        block["content"] = _fit_blocks(draft, content, f"{where}.content", _IN_RESULTS)
    return block


def _tool_use(draft: InvokeDraft, block: Json, where: str) -> Json:  # noqa: ARG001 (as the others)
    """A call of a tool, whoever made it: Bedrock knows none by code that runs at Anthropic's."""
    if "caller" in block and type_of(block["caller"]) != "direct":
        del block["caller"]
        draft.changes.add("caller dropped")
    return block


def _text(draft: InvokeDraft, block: Json, where: str) -> Json:  # noqa: ARG001 (as the others)
    """Text without citations of web searches, whose results do not come back either."""
    citations = block.get("citations")
    if isinstance(citations, list):
        kept = [one for one in citations if type_of(one) != "web_search_result_location"]
        if len(kept) < len(citations):
            draft.changes.add("web citations dropped")
            block["citations"] = kept
            if not kept:
                del block["citations"]
    return block


def _hosted(draft: InvokeDraft, block: Json, where: str) -> Json | None:  # noqa: ARG001 (as the others)
    name = block.get("name")
    if isinstance(name, str) and name.startswith(_TOOL_SEARCH):
        draft.used.add("tool_search")
        return block
    draft.changes.add(f"{type_of(block)} dropped")
    return None


def _gated(word: str) -> Callable[[InvokeDraft, Json, str], Json]:
    """For a block that a request may have with a beta only, which the word stands for."""

    def note(draft: InvokeDraft, block: Json, where: str) -> Json:  # noqa: ARG001 (as the others)
        draft.used.add(word)
        return block

    return note


def _refuse_upload(draft: InvokeDraft, block: Json, where: str) -> Json:  # noqa: ARG001 (as the others)
    raise invalid(where, _NO_FILES)


_IN_DOCUMENTS: Mapping[str, Fit] = {"image": _image}
_IN_RESULTS: Mapping[str, Fit] = {
    "document": _document,
    "image": _image,
    "tool_reference": _gated("tool_search"),
}
_IN_TURNS: Mapping[str, Fit] = {
    "compaction": _gated(COMPACTION),
    "container_upload": _refuse_upload,
    "document": _document,
    "image": _image,
    "redacted_thinking": _redacted,
    "text": _text,
    "thinking": _thinking,
    "tool_addition": _gated("messages.tool_changes"),
    "tool_removal": _gated("messages.tool_changes"),
    "tool_result": _tool_result,
    "tool_search_tool_result": _gated("tool_search"),
    "tool_use": _tool_use,
    **dict.fromkeys(_HOSTED, _hosted),
}
