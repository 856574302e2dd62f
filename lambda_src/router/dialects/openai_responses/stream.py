"""A Converse answer, event by event, as the events of a response. A whole answer is read so, too."""

from collections.abc import Mapping
from typing import NamedTuple

from router.dialects.checks import Json
from router.dialects.converse.structured import Unwrapper
from router.dialects.openai import check_stop_reason
from router.dialects.openai_responses.answer import INCOMPLETE, Ending, Price, failed, finished
from router.dialects.openai_responses.output import (
    CustomToolCall,
    Events,
    FunctionCall,
    Item,
    Message,
    Place,
    Reasoning,
)
from router.dialects.openai_responses.toolbook import Tool
from router.errors import ApiError


class Wanted(NamedTuple):
    """What the translation of an answer needs to know of its request."""

    response: Json
    """The response as it begins."""
    ids: str
    """What all ids of the response have in common."""
    tools: Mapping[str, Tool]
    """The client's tools by their Bedrock names."""
    family: str
    """Of the model; its reasoning can be replayed to no other."""
    summary: bool
    """Whether reasoning is shown as a summary."""
    answer_tool: str | None
    """`Draft.answer_tool`."""
    price: Price


class ResponseStream:
    """Writes one response.

    A content block becomes an item of the output; only texts that follow each other become one
    message. An item is closed when the next one opens or the answer stops: not before then is it known
    whether it is whole.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.fault: ApiError | None = ApiError(
            "bad_upstream", "Bedrock's answer ended before it was complete."
        )
        """What is wrong with the answer as far as it has come; None when it is whole."""
        self._wanted = wanted
        self._unwrapper = None if wanted.answer_tool is None else Unwrapper(wanted.answer_tool)
        self._events = Events()
        self._begun = False
        self._items: list[Item] = []
        self._open: dict[int, Item] = {}
        """Content block index → the item that is not closed yet."""
        self._stop: Json = {"stopReason": ""}
        self._metadata: Json = {}

    def feed(self, event_type: str, payload: Json) -> bytes:
        """What to send for one event."""
        if self._unwrapper is None:
            return self._read(event_type, payload)
        events = self._unwrapper.feed(event_type, payload)
        return b"".join([self._read(kind, inner) for kind, inner in events])

    def finish(self) -> tuple[bytes, Json]:
        """What ends an answer that is whole, and the response it made."""
        ending = Ending(self._items, self._stop, self._metadata)
        response = finished(self._wanted.response, ending, self._wanted.price)
        return self._events.event(
            f"response.{response['status']}", {"response": response}
        ), response

    def fail(self, error: ApiError) -> bytes:
        """What ends an answer that went wrong.

        OpenAI's SDKs raise at the event ``error``, which its API sends with the members inside `error`
        and documents without; other clients go by ``response.failed`` alone.
        """
        told = {"code": error.wire.openai_code, "message": error.message, "param": error.param}
        inner = {**told, "type": error.wire.openai_type}
        closed = [item for item in self._items if item not in self._open.values()]
        response = failed(self._wanted.response, closed, error)
        return (
            self._begin()
            + self._events.event("error", {**told, "error": inner})
            + self._events.event("response.failed", {"response": response})
        )

    def _read(self, event_type: str, payload: Json) -> bytes:
        reader = _EVENTS.get(event_type)
        return b"" if reader is None else reader(self, payload)

    def _begin(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        members = {"response": self._wanted.response}
        created = self._events.event("response.created", members)
        return created + self._events.event("response.in_progress", members)

    def message_start(self, payload: Json) -> bytes:  # noqa: ARG002
        return self._begin()

    def block_start(self, payload: Json) -> bytes:
        tool_use = payload["start"].get("toolUse")
        if tool_use is None:
            return b""
        name = tool_use["name"]
        tool = self._wanted.tools.get(name) or Tool("function", name)
        kind = CustomToolCall if tool.kind == "custom" else FunctionCall
        item = kind(self._place(), tool_use["toolUseId"], tool)
        return self._opened(payload["contentBlockIndex"], item)

    def block_delta(self, payload: Json) -> bytes:
        index, delta = payload["contentBlockIndex"], payload["delta"]
        item = self._open.get(index)
        if item is not None:
            return item.write(delta)
        if delta.get("text"):
            message = self._resumed(index)
            if message is not None:
                return message.write(delta)
            item = Message(self._place())
        elif "reasoningContent" in delta:
            item = Reasoning(self._place(), self._wanted.family, summary=self._wanted.summary)
        else:
            return b""
        return self._opened(index, item) + item.write(delta)

    def block_stop(self, payload: Json) -> bytes:
        item = self._open.get(payload["contentBlockIndex"])
        if item is not None:
            item.stopped = True
        return b""

    def message_stop(self, payload: Json) -> bytes:
        self._stop = payload
        reason = payload["stopReason"]
        try:
            check_stop_reason(reason)
        except ApiError as malformed:
            self.fault = malformed
            return b""
        self.fault = None
        last, self._open = self._open, {}
        status = "incomplete" if reason in INCOMPLETE else "completed"
        return b"".join([item.close(status) for item in last.values()])

    def metadata(self, payload: Json) -> bytes:
        self._metadata = payload
        return b""

    def _resumed(self, index: int) -> Item | None:
        """The message of the block just before, if the block at `index` can go on in it."""
        for block, item in self._open.items():
            if item is self._items[-1] and isinstance(item, Message):
                self._open[index] = self._open.pop(block)
                item.go_on()
                return item
        return None

    def _place(self) -> Place:
        return Place(self._events, self._wanted.ids, len(self._items))

    def _opened(self, block: int, item: Item) -> bytes:
        """Opens an item, once those are closed that it shows to be whole."""
        whole = [index for index, other in self._open.items() if other.stopped]
        closed = [self._open.pop(index).close("completed") for index in whole]
        self._open[block] = item
        self._items.append(item)
        return b"".join([*closed, item.open()])


_EVENTS = {
    "messageStart": ResponseStream.message_start,
    "contentBlockStart": ResponseStream.block_start,
    "contentBlockDelta": ResponseStream.block_delta,
    "contentBlockStop": ResponseStream.block_stop,
    "messageStop": ResponseStream.message_stop,
    "metadata": ResponseStream.metadata,
}
