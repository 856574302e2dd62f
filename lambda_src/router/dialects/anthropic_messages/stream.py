"""A ConverseStream answer as the events of a message."""

from router.dialects.anthropic_messages.blocks import Block, Redacted, Text, Thinking, ToolUse
from router.dialects.anthropic_messages.citations import citation_of
from router.dialects.anthropic_messages.reply import (
    Reply,
    message,
    stopped,
    usage_object,
    used,
)
from router.dialects.anthropic_messages.thinking import LEFT_OUT
from router.dialects.checks import Json
from router.errors import ApiError
from router.sse import named_event

MESSAGE_STOP = named_event("message_stop", {"type": "message_stop"})


class MessageStream:
    """Turns the events of one answer into server-sent events, one by one.

    Anthropic's content blocks are numbered without gaps, are opened before anything is said of them,
    and come one after the other. Converse opens tool calls alone and may mix blocks, so what comes of
    a block while another one is open is held until that one ends.
    """

    def __init__(self, reply: Reply) -> None:
        self.fault: ApiError | None = ApiError(
            "bad_upstream", "Bedrock's answer ended before it was complete."
        )
        """What is wrong with the answer as far as it has come; None when it is whole."""
        self._reply = reply
        self._count = 0
        """Of blocks so far."""
        self._open: Block | None = None
        self._speaker: int | None = None
        """The content block of Converse's that is passed on as it comes."""
        self._held: dict[int, list[tuple[str, Json]]] = {}
        """What has come of others meanwhile."""
        self._stop: Json = {}
        self._ending: Json = {}
        """Why the model stopped, once it has."""

    def feed(self, event_type: str, payload: Json) -> bytes:
        """What to send for one event; nothing for one that says nothing to the client."""
        if "contentBlockIndex" in payload:
            return self._in_turn(event_type, payload)
        reader = _EVENTS.get(event_type)
        return b"" if reader is None else reader(self, payload)

    def message_start(self, payload: Json) -> bytes:  # noqa: ARG002
        reply = self._reply
        usage = usage_object(reply.expected, reply.service_tier)
        told = {"stop_reason": None, "stop_sequence": None, "usage": usage}
        start = {"type": "message_start", "message": message(reply, [], told)}
        return named_event("message_start", start)

    def message_stop(self, payload: Json) -> bytes:
        told = [self._close()]
        while self._held:
            told += [self._next_speaker(), self._close()]
        self._stop = payload
        try:
            self._ending = stopped(self._reply, payload)
        except ApiError as malformed:
            self.fault = malformed
        return b"".join(told)

    def metadata(self, payload: Json) -> bytes:
        if not self._ending:
            return b""
        self.fault = None
        told = used(self._reply, payload, self._stop)
        content = {"type": "message_delta", "delta": self._ending, **told}
        return named_event("message_delta", content)

    def _in_turn(self, event_type: str, payload: Json) -> bytes:
        index = payload["contentBlockIndex"]
        if self._speaker is None:
            self._speaker = index
        elif index != self._speaker:
            self._held.setdefault(index, []).append((event_type, payload))
            return b""
        told = self._speak(event_type, payload)
        while self._speaker is None and self._held:
            told += self._next_speaker()
        return told

    def _next_speaker(self) -> bytes:
        """Passes on what is held of the block that came first."""
        self._speaker = next(iter(self._held))
        return b"".join([self._speak(*event) for event in self._held.pop(self._speaker)])

    def _speak(self, event_type: str, payload: Json) -> bytes:
        if event_type == "contentBlockDelta":
            return self._delta(payload["delta"])
        if event_type == "contentBlockStop":
            self._speaker = None
            return self._close()
        tool_use = payload.get("start", {}).get("toolUse")
        if tool_use is None:
            return b""
        return self._begin(ToolUse(self._count, self._reply, tool_use))

    def _delta(self, delta: Json) -> bytes:
        block = self._open
        if text := delta.get("text"):
            if type(block) is Text:
                return block.write(text)
            block = Text(self._count, self._reply)
            return self._begin(block) + block.write(text)
        if "toolUse" in delta and type(block) is ToolUse:
            arguments = delta["toolUse"]["input"]
            return block.write(arguments) if arguments else b""
        if "reasoningContent" in delta:
            return self._reasoning(delta["reasoningContent"])
        return self._citation(delta["citation"]) if "citation" in delta else b""

    def _reasoning(self, reasoning: Json) -> bytes:
        block = self._open
        if self._reply.thinking == LEFT_OUT or not any(reasoning.values()):
            return b""
        if "redactedContent" in reasoning:
            return self._begin(Redacted(self._count, self._reply, reasoning["redactedContent"]))
        if type(block) is Thinking:
            return block.write(reasoning)
        block = Thinking(self._count, self._reply)
        return self._begin(block) + block.write(reasoning)

    def _citation(self, citation: Json) -> bytes:
        block = self._open
        source = citation_of(citation, self._reply.titles)
        if source is None:
            return b""
        if type(block) is Text:
            return block.cite(source)
        block = Text(self._count, self._reply)
        return self._begin(block) + block.cite(source)

    def _begin(self, block: Block) -> bytes:
        before = self._close()
        self._open = block
        self._count += 1
        return before + block.open()

    def _close(self) -> bytes:
        block, self._open = self._open, None
        return b"" if block is None else block.close()


_EVENTS = {
    "messageStart": MessageStream.message_start,
    "messageStop": MessageStream.message_stop,
    "metadata": MessageStream.metadata,
}
