"""Content, a string or typed blocks, as Converse content blocks."""

from collections.abc import Callable, Collection

from router.dialects.anthropic_messages.sources import document_blocks, image_block
from router.dialects.checks import (
    Fields,
    Json,
    boolean,
    fields,
    invalid,
    is_blank,
    items,
    members,
    name,
    text,
    type_of,
)
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Draft
from router.dialects.converse.turns import FILLER, text_block

TEXT = fields("type", "text", "cache_control", "citations")
PLAIN_TEXT = fields("type", "text", dropped=("cache_control", "citations"))
IMAGE = fields("type", "source", "cache_control", dropped=("transformations",))
DOCUMENT = fields("type", "source", "cache_control", "citations", "context", "title")
SEARCH_RESULT = fields("type", "content", "source", "title", "cache_control", "citations")
TOOL_REFERENCE = fields("type", "tool_name", "cache_control")
CITATIONS = fields("enabled")

ONLY_TEXT = ("text",)
USERS = ("text", "image", "document", "search_result")
TOOL_RESULTS = (*USERS, "tool_reference")


class Content:
    """Reads the content of one request, and keeps what is said in it beside the blocks."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.document_titles: list[str | None] = []
        """The client's titles of the documents so far."""
        self.shown_tools: set[str] = set()
        """The client's names of the tools that a search found."""

    def blocks(self, content: object, kinds: Collection[str], where: str) -> list[Json]:
        """The blocks of content of those kinds; without blank text, which Bedrock refuses."""
        if isinstance(content, str):
            block = text_block(self.draft, content, where)
            return [] if block is None else [block]
        if not isinstance(content, list):
            raise invalid(where, "must be a string or a list of content blocks")
        return [
            found
            for index, value in enumerate(content)
            for found in self.block(value, kinds, f"{where}[{index}]")
        ]

    def block(self, value: object, kinds: Collection[str], where: str) -> list[Json]:
        """The blocks of one content block, a cache point behind them where it is marked."""
        kind = type_of(value)
        if kind not in kinds:
            raise invalid(f"{where}.type", f"must be {' or '.join(kinds)} here")
        known, read = _READERS[kind]
        found = members(value, where, known, self.draft.changes)
        return read(self, found, where) + mark(self.draft, found, where)

    def text(self, block: Json, where: str) -> list[Json]:
        if block.get("citations"):
            # Of an earlier answer. What they point to is in the conversation itself.
            items(block["citations"], f"{where}.citations")
            self.draft.changes.add("citations of earlier answers dropped")
        found = text_block(self.draft, block.get("text"), f"{where}.text")
        return [] if found is None else [found]

    def image(self, block: Json, where: str) -> list[Json]:
        return [image_block(self.draft, block.get("source"), f"{where}.source")]

    def document(self, block: Json, where: str) -> list[Json]:
        title = _optional_text(block, "title", where)
        context = _optional_text(block, "context", where)
        cited = self._cited(block, where)
        source, *beside = document_blocks(
            self.draft, block.get("source"), title or "", f"{where}.source", cited=cited
        )
        self.document_titles.append(title)
        if not context or is_blank(context):
            return [source, *beside]
        if self.draft.family.citations:
            source["document"]["context"] = context
            return [source, *beside]
        # Where documents are not cited Converse has no use for it, but the model may have.
        return [{"text": f"About the next document: {context}"}, source, *beside]

    def search_result(self, block: Json, where: str) -> list[Json]:
        source = text(block.get("source"), f"{where}.source")
        title = text(block.get("title"), f"{where}.title")
        here = f"{where}.content"
        found = [
            one
            for index, value in enumerate(items(block.get("content"), here))
            for one in self._plain_text(value, f"{here}[{index}]")
        ]
        cited = self._cited(block, where)
        if not self.draft.family.citations:
            words = "\n".join(one["text"] for one in found)
            return [{"text": f"Search result: {title}\nSource: {source}\n\n{words}"}]
        result: Json = {"source": source, "title": title, "content": found or [{"text": FILLER}]}
        if cited:
            result["citations"] = {"enabled": True}
        return [{"searchResult": result}]

    def tool_reference(self, block: Json, where: str) -> list[Json]:
        tool = name(block.get("tool_name"), f"{where}.tool_name")
        self.shown_tools.add(tool)
        return [{"text": f"The tool {tool} is available."}]

    def _plain_text(self, value: object, where: str) -> list[Json]:
        if type_of(value) != "text":
            raise invalid(f"{where}.type", "must be text")
        return self.text(members(value, where, PLAIN_TEXT, self.draft.changes), where)

    def _cited(self, block: Json, where: str) -> bool:
        """Whether the model is to cite it, and can."""
        if block.get("citations") is None:
            return False
        where = f"{where}.citations"
        enabled = members(block["citations"], where, CITATIONS, self.draft.changes).get("enabled")
        if enabled is None or not boolean(enabled, f"{where}.enabled"):
            return False
        if not self.draft.family.citations:
            self.draft.changes.add("citations dropped")
        return self.draft.family.citations


def mark(draft: Draft, block: Json, where: str) -> list[Json]:
    """The cache point behind what has a mark of its own."""
    if block.get("cache_control") is None:
        return []
    point = cache_point(draft, block["cache_control"], f"{where}.cache_control")
    return [] if point is None else [point]


def _optional_text(block: Json, member: str, where: str) -> str | None:
    value = block.get(member)
    return None if value is None else text(value, f"{where}.{member}")


_READERS: dict[str, tuple[Fields, Callable[[Content, Json, str], list[Json]]]] = {
    "document": (DOCUMENT, Content.document),
    "image": (IMAGE, Content.image),
    "search_result": (SEARCH_RESULT, Content.search_result),
    "text": (TEXT, Content.text),
    "tool_reference": (TOOL_REFERENCE, Content.tool_reference),
}
"""Block type → its members, and what reads it."""
