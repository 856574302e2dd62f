"""What a simulated Claude cites: the first passage of each source that a request lets it cite.

The forms are those of Anthropic's Python SDK 2.12
(https://platform.claude.com/docs/en/build-with-claude/citations): characters of a plain text, pages of a
PDF, blocks of a document made of blocks, and of a search result.
"""

from collections.abc import Callable, Iterator
from typing import Any

_LONGEST = 200

Block = dict[str, Any]


def citable(
    messages: list[dict[str, Any]], blocks: Callable[[Any], list[Block]]
) -> tuple[Block, ...]:
    """A citation of every source in a conversation that has ``citations`` enabled, in their order.

    Sources are counted through all messages and tool results, documents apart from search results.
    """
    found: list[Block] = []
    counts = {"document": 0, "search_result": 0}
    for source in _sources(messages, blocks):
        kind = source["type"]
        if (source.get("citations") or {}).get("enabled"):
            cite = _document if kind == "document" else _search_result
            found.append(cite(source, counts[kind], blocks))
        counts[kind] += 1
    return tuple(found)


def _sources(
    messages: list[dict[str, Any]], blocks: Callable[[Any], list[Block]]
) -> Iterator[Block]:
    for message in messages:
        for block in blocks(message["content"]):
            inner = blocks(block.get("content", [])) if block["type"] == "tool_result" else [block]
            yield from (part for part in inner if part["type"] in {"document", "search_result"})


def _document(block: Block, index: int, blocks: Callable[[Any], list[Block]]) -> Block:
    source = block["source"]
    told = {
        "document_index": index,
        "document_title": block.get("title"),
        "file_id": None,
    }
    if source["type"] == "text":
        text = _passage(source["data"])
        place = {"start_char_index": 0, "end_char_index": len(text)}
        return {"type": "char_location", "cited_text": text, **told, **place}
    if source["type"] == "content":
        text = _first(blocks(source["content"]))
        place = {"start_block_index": 0, "end_block_index": 1}
        return {"type": "content_block_location", "cited_text": text, **told, **place}
    place = {"start_page_number": 1, "end_page_number": 2}
    return {"type": "page_location", "cited_text": "The first page.", **told, **place}


def _search_result(block: Block, index: int, blocks: Callable[[Any], list[Block]]) -> Block:
    return {
        "type": "search_result_location",
        "cited_text": _first(blocks(block["content"])),
        "search_result_index": index,
        "source": block["source"],
        "title": block["title"],
        "start_block_index": 0,
        "end_block_index": 1,
    }


def _first(content: list[Block]) -> str:
    return next((str(part["text"]) for part in content if part["type"] == "text"), "")


def _passage(text: str) -> str:
    """The first sentence."""
    end = text.find(". ")
    return text[: end + 1 if 0 <= end < _LONGEST else _LONGEST]
