"""Sources of an answer: Converse's citations as Anthropic's.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationLocation.html and
https://platform.claude.com/docs/en/build-with-claude/citations. Their numbers count alike, as
Converse's are those that Claude gave.
"""

from collections.abc import Sequence
from typing import NamedTuple

from router.dialects.checks import Json


class _Kind(NamedTuple):
    """How a kind of place in a document is told."""

    type: str
    start: str
    end: str


_IN_DOCUMENTS = {
    "documentChar": _Kind("char_location", "start_char_index", "end_char_index"),
    "documentPage": _Kind("page_location", "start_page_number", "end_page_number"),
    "documentChunk": _Kind("content_block_location", "start_block_index", "end_block_index"),
}


def citation_of(citation: Json, titles: Sequence[str | None]) -> Json | None:
    """Anthropic's citation; None for one that does not say where, as happens with Converse
    (https://github.com/aws/aws-sdk-js-v3/issues/7497).

    `titles` are the client's own of its documents, which Bedrock knows by others.
    """
    cited = "".join(part.get("text", "") for part in citation.get("sourceContent") or ())
    title = citation.get("title")
    for member, place in (citation.get("location") or {}).items():
        if member in _IN_DOCUMENTS:
            return {
                "cited_text": cited,
                **_in_document(_IN_DOCUMENTS[member], place, title, titles),
            }
        if member == "searchResultLocation":
            return {
                "type": "search_result_location",
                "cited_text": cited,
                "search_result_index": place.get("searchResultIndex", 0),
                "source": citation.get("source", ""),
                "title": title,
                "start_block_index": place.get("start", 0),
                "end_block_index": place.get("end", 0),
            }
        if member == "web" and place.get("url"):
            return {
                "type": "web_search_result_location",
                "cited_text": cited,
                # Anthropic's reference to a search of its own, of which there was none.
                "encrypted_index": "",
                "title": title,
                "url": place["url"],
            }
    return None


def _in_document(kind: _Kind, place: Json, title: str | None, titles: Sequence[str | None]) -> Json:
    index = place.get("documentIndex", 0)
    return {
        "type": kind.type,
        "document_index": index,
        "document_title": titles[index] if index < len(titles) else title,
        kind.start: place.get("start", 0),
        kind.end: place.get("end", 0),
    }
