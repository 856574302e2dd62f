"""The items of a response's output: what each sends while it is written, and what it becomes.

The order of events is that of OpenAI's API:
https://platform.openai.com/docs/api-reference/responses-streaming.
"""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

from router.dialects.checks import Json
from router.dialects.converse.custom_input import CustomInput
from router.dialects.converse.reasoning import seal
from router.dialects.openai import url_citation
from router.dialects.openai_responses.toolbook import Tool
from router.sse import named_event

_encode = json.JSONEncoder(separators=(",", ":")).encode

Delta = tuple[bytes, bytes, bytes]
"""The event of a delta, but for its sequence number and its text."""


class Events:
    """Writes events and numbers them."""

    def __init__(self) -> None:
        self._count = 0

    def event(self, kind: str, members: Json) -> bytes:
        content = {"type": kind, "sequence_number": self._count, **members}
        self._count += 1
        return named_event(kind, content)

    def delta(self, delta: Delta, text: str) -> bytes:
        head, middle, tail = delta
        written = b"%b%d%b%b%b" % (head, self._count, middle, _encode(text).encode("ascii"), tail)
        self._count += 1
        return written


def delta_of(kind: str, place: Json, more: Mapping[str, object]) -> Delta:
    """A delta's event, made once for all deltas of a text: they come one for every few tokens."""
    head = f'event: {kind}\ndata: {{"type":"{kind}","sequence_number":'
    middle = f',{_encode(place)[1:-1]},"delta":'
    tail = f",{_encode(more)[1:-1]}}}\n\n" if more else "}\n\n"
    return head.encode(), middle.encode(), tail.encode()


class PartKind(NamedTuple):
    """How a part of one kind is streamed."""

    empty: Json
    """The part without text."""
    place: str
    """The member that tells where in its item a part stands."""
    added: str
    delta: str
    told: str
    """The event that repeats the whole text."""
    done: str
    more: Mapping[str, object] = {}
    """What the events of texts have besides."""


OUTPUT_TEXT = PartKind(
    {"type": "output_text", "annotations": [], "logprobs": [], "text": ""},
    "content_index",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    {"logprobs": []},
)
REASONING_TEXT = PartKind(
    {"type": "reasoning_text", "text": ""},
    "content_index",
    "response.content_part.added",
    "response.reasoning_text.delta",
    "response.reasoning_text.done",
    "response.content_part.done",
)
SUMMARY_TEXT = PartKind(
    {"type": "summary_text", "text": ""},
    "summary_index",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
)


class Place(NamedTuple):
    """Where an item stands."""

    events: Events
    ids: str
    """What all ids of the response have in common."""
    output_index: int


class Item:
    """One item: it is opened, written in deltas of Converse's, and closed."""

    prefix: str
    """How its id begins."""

    def __init__(self, place: Place, item: Json) -> None:
        self.item = {"id": f"{self.prefix}_{place.ids}_{place.output_index}", **item}
        self.texts: list[str] = []
        """What the model wrote, as it came."""
        self.stopped = False
        """Whether Bedrock has ended its content block."""
        self._events = place.events
        self._index = place.output_index
        self._place: Json = {"item_id": self.item["id"], "output_index": place.output_index}

    def open(self) -> bytes:
        return self._tell("added")

    @abstractmethod
    def write(self, delta: Json) -> bytes:
        """The events for one delta of the item's content block."""

    @abstractmethod
    def close(self, status: str) -> bytes:
        """The events that end it; `status` is ``completed`` or ``incomplete``."""

    def _tell(self, when: str) -> bytes:
        members = {"output_index": self._index, "item": self.item}
        return self._events.event(f"response.output_item.{when}", members)


class _TextItem(Item):
    """An item with one part of text, once there is any."""

    def __init__(self, place: Place, item: Json, kind: PartKind) -> None:
        super().__init__(place, item)
        self._kind = kind
        self._place[kind.place] = 0
        self._delta = delta_of(kind.delta, self._place, kind.more)

    def _write(self, text: str) -> bytes:
        begun = b""
        if not self.texts:
            members = {**self._place, "part": self._kind.empty}
            begun = self._events.event(self._kind.added, members)
        self.texts.append(text)
        return begun + self._events.delta(self._delta, text)

    def _end(self, found: Json) -> tuple[bytes, list[Json]]:
        """The last events of the part, and the item's parts; `found` is in the part besides text."""
        if not self.texts:
            return b"", []
        kind, text = self._kind, "".join(self.texts)
        part = {**kind.empty, **found, "text": text}
        told = self._events.event(kind.told, {**self._place, "text": text, **kind.more})
        return told + self._events.event(kind.done, {**self._place, "part": part}), [part]


class Message(_TextItem):
    """What the model says, in one content block or in several that follow each other."""

    prefix = "msg"

    def __init__(self, place: Place) -> None:
        item = {"type": "message", "status": "in_progress", "role": "assistant", "content": []}
        super().__init__(place, item, OUTPUT_TEXT)
        self._annotations: list[Json] = []
        self._length = 0
        self._block_from = 0

    def go_on(self) -> None:
        """Begins another content block."""
        self.stopped = False
        self._block_from = self._length

    def write(self, delta: Json) -> bytes:
        if text := delta.get("text"):
            self._length += len(text)
            return self._write(text)
        return self._cite(delta["citation"]) if "citation" in delta else b""

    def close(self, status: str) -> bytes:
        ended, parts = self._end({"annotations": self._annotations})
        self.item |= {"status": status, "content": parts}
        return ended + self._tell("done")

    def _cite(self, citation: Json) -> bytes:
        source = url_citation(citation, self._block_from, self._length)
        if source is None:
            return b""
        annotation = {"type": "url_citation", **source}
        index = len(self._annotations)
        self._annotations.append(annotation)
        members = {**self._place, "annotation_index": index, "annotation": annotation}
        return self._events.event("response.output_text.annotation.added", members)


class Reasoning(_TextItem):
    """One reasoning block of the model's, which `encrypted_content` holds as Bedrock gave it."""

    prefix = "rs"

    def __init__(self, place: Place, family: str, *, summary: bool) -> None:
        kind = SUMMARY_TEXT if summary else REASONING_TEXT
        super().__init__(place, {"type": "reasoning", "summary": []}, kind)
        self._shown_as = "summary" if summary else "content"
        self._family = family
        self._signature = ""
        self._redacted = ""

    def write(self, delta: Json) -> bytes:
        reasoning = delta.get("reasoningContent", {})
        self._signature += reasoning.get("signature", "")
        self._redacted += reasoning.get("redactedContent", "")
        text = reasoning.get("text")
        return self._write(text) if text else b""

    def close(self, status: str) -> bytes:  # noqa: ARG002 (OpenAI's have none)
        ended, parts = self._end({})
        self.item |= {
            self._shown_as: parts,
            "encrypted_content": seal([self._block()], self._family),
        }
        return ended + self._tell("done")

    def _block(self) -> Json:
        if self._redacted:
            return {"reasoningContent": {"redactedContent": self._redacted}}
        reasoning = {"text": "".join(self.texts)}
        if self._signature:
            reasoning["signature"] = self._signature
        return {"reasoningContent": {"reasoningText": reasoning}}


class FunctionCall(Item):
    """A call of a function, whose arguments are JSON."""

    prefix = "fc"
    kind = "function_call"
    member = "arguments"
    event = "response.function_call_arguments"

    def __init__(self, place: Place, call_id: str, tool: Tool) -> None:
        item = {"type": self.kind, "status": "in_progress", self.member: ""}
        item |= {"call_id": call_id, "name": tool.name}
        if tool.namespace is not None:
            item["namespace"] = tool.namespace
        super().__init__(place, item)
        self._delta = delta_of(f"{self.event}.delta", self._place, {})

    def write(self, delta: Json) -> bytes:
        return self._write(delta["toolUse"]["input"]) if "toolUse" in delta else b""

    def close(self, status: str) -> bytes:
        rest = self._rest()
        whole = "".join(self.texts)
        self.item |= {"status": status, self.member: whole}
        told = self._events.event(f"{self.event}.done", {**self._place, self.member: whole})
        return rest + told + self._tell("done")

    def _write(self, text: str) -> bytes:
        if not text:
            return b""
        self.texts.append(text)
        return self._events.delta(self._delta, text)

    def _rest(self) -> bytes:
        # Clients parse arguments as JSON, which nothing at all is not.
        return b"" if self.texts else self._write("{}")


class CustomToolCall(FunctionCall):
    """A call of a custom tool, whose input is text."""

    prefix = "ctc"
    kind = "custom_tool_call"
    member = "input"
    event = "response.custom_tool_call_input"

    def __init__(self, place: Place, call_id: str, tool: Tool) -> None:
        super().__init__(place, call_id, tool)
        self._input = CustomInput()

    def write(self, delta: Json) -> bytes:
        return (
            self._write(self._input.feed(delta["toolUse"]["input"])) if "toolUse" in delta else b""
        )

    def _rest(self) -> bytes:
        return self._write(self._input.finish())
