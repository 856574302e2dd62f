"""A ConverseStream answer as chat completion chunks."""

from router.dialects.checks import Json
from router.dialects.converse.custom_input import CustomInput
from router.dialects.converse.reasoning import details, told_reasoning_tokens
from router.dialects.openai import TRACE
from router.dialects.openai_chat.reply import (
    Reply,
    Thought,
    annotation_of,
    closing,
    finish_reason,
)
from router.errors import ApiError


class ChunkStream:
    """Turns the events of one answer into chunks, one by one.

    Converse numbers content blocks of every kind; OpenAI numbers tool calls alone, and so are entries
    of ``reasoning_details``: each from zero and without gaps.
    """

    def __init__(self, reply: Reply) -> None:
        self.fault: ApiError | None = ApiError(
            "bad_upstream", "Bedrock's answer ended before it was complete."
        )
        """What is wrong with the answer as far as it has come; None when it is whole."""
        self._reply = reply
        self._calls: dict[int, _Call] = {}
        """The tool calls by their content blocks."""
        self._reasoning: dict[int, int] = {}
        """Content block → index of the entry in ``reasoning_details``."""
        self._starts: dict[int, int] = {}
        """Content block → where in the text of the answer its own begins."""
        self._length = 0
        self._annotations: list[Json] = []
        self._thought = Thought()
        self._envelope: Json = {
            "id": reply.completion_id,
            "object": "chat.completion.chunk",
            "created": reply.created,
            "model": reply.model,
        }

    def feed(self, event_type: str, payload: Json) -> list[Json]:
        """The chunks that one event makes; none for an event that says nothing to the client."""
        reader = _EVENTS.get(event_type)
        return [] if reader is None else reader(self, payload)

    def message_start(self, payload: Json) -> list[Json]:
        # Not "", as OpenAI has it before text: whether text comes is not known yet, and Vercel's SDK
        # makes an empty text part of it before a tool call.
        return [self._chunk({"role": payload["role"], "content": None, "refusal": None})]

    def block_start(self, payload: Json) -> list[Json]:
        tool_use = payload["start"].get("toolUse")
        if tool_use is None:
            return []
        call = _Call(len(self._calls), tool_use, self._reply)
        self._calls[payload["contentBlockIndex"]] = call
        return self._call_chunks(call.opening())

    def block_delta(self, payload: Json) -> list[Json]:
        delta = payload["delta"]
        block = payload["contentBlockIndex"]
        if text := delta.get("text"):
            self._thought.add(text)
            self._starts.setdefault(block, self._length)
            self._length += len(text)
            return [self._chunk({"content": text})]
        if "toolUse" in delta and (arguments := delta["toolUse"]["input"]):
            self._thought.add(arguments)
            return self._call_chunks(self._calls[block].piece(arguments))
        if "reasoningContent" in delta:
            return self._reasoning_chunks(block, delta["reasoningContent"])
        if "citation" in delta:
            start = self._starts.get(block, self._length)
            annotation = annotation_of(delta["citation"], start, self._length)
            self._annotations += [] if annotation is None else [annotation]
        return []

    def block_stop(self, payload: Json) -> list[Json]:
        call = self._calls.get(payload["contentBlockIndex"])
        return [] if call is None else self._call_chunks(call.ending())

    def message_stop(self, payload: Json) -> list[Json]:
        try:
            reason = finish_reason(payload["stopReason"], legacy=self._reply.legacy)
        except ApiError as malformed:
            self.fault = malformed
            return []
        self.fault = None
        self._thought.told = told_reasoning_tokens(payload.get("additionalModelResponseFields"))
        # All at once: OpenAI's SDK cannot put lists together whose entries have no index.
        cited = [self._chunk({"annotations": self._annotations})] if self._annotations else []
        return [*cited, self._chunk({}, reason)]

    def metadata(self, payload: Json) -> list[Json]:
        if self.fault is not None:
            return []
        found = closing(self._reply, payload, self._thought)
        if not self._reply.include_usage:
            if TRACE not in found:
                return []
            del found["usage"]
        return [{**self._envelope, "choices": [], **found}]

    def _reasoning_chunks(self, block: int, reasoning: Json) -> list[Json]:
        """A piece of reasoning. Only the entry's first piece tells its `format`, as clients that put
        pieces together add up all strings."""
        text = reasoning.get("text")
        if text:
            self._thought.add_thinking(text)
        if self._reply.hides_reasoning or not any(reasoning.values()):
            return []
        begins = block not in self._reasoning
        index = self._reasoning.setdefault(block, len(self._reasoning))
        if "redactedContent" in reasoning:
            piece = details({"reasoningContent": reasoning}, self._reply.family, index)
        elif begins:
            whole = {"reasoningText": {"text": "", **reasoning}}
            piece = details({"reasoningContent": whole}, self._reply.family, index)
        else:
            piece = {"type": "reasoning.text", "index": index, **reasoning}
        delta: Json = {"reasoning_content": text} if text else {}
        return [self._chunk({**delta, "reasoning_details": [piece]})]

    def _call_chunks(self, piece: Json | None) -> list[Json]:
        if piece is None:
            return []
        if not self._reply.legacy:
            return [self._chunk({"tool_calls": [piece]})]
        # A `function_call` has room for one call.
        return [] if piece["index"] else [self._chunk({"function_call": piece["function"]})]

    def _chunk(self, delta: Json, reason: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        chunk = {**self._envelope, "choices": [choice]}
        if self._reply.include_usage:
            chunk["usage"] = None
        return chunk


class _Call:
    """One tool call as it comes; its pieces are members of a delta's `tool_calls`."""

    def __init__(self, index: int, tool_use: Json, reply: Reply) -> None:
        name = tool_use["name"]
        self._index = index
        self._id = tool_use["toolUseId"]
        self._name = reply.tool_names.get(name, name)
        self._silent = True
        self._custom = CustomInput() if name in reply.custom_tools else None

    def opening(self) -> Json:
        place = {"index": self._index, "id": self._id}
        if self._custom is not None:
            return {**place, "type": "custom", "custom": {"name": self._name, "input": ""}}
        return {**place, "type": "function", "function": {"name": self._name, "arguments": ""}}

    def piece(self, arguments: str) -> Json | None:
        self._silent = False
        if self._custom is not None:
            return self._custom_piece(self._custom.feed(arguments))
        return {"index": self._index, "function": {"arguments": arguments}}

    def ending(self) -> Json | None:
        if self._custom is not None:
            return self._custom_piece(self._custom.finish())
        # Clients parse a call's arguments as JSON, which nothing at all is not.
        return self.piece("{}") if self._silent else None

    def _custom_piece(self, text: str) -> Json | None:
        return {"index": self._index, "custom": {"input": text}} if text else None


_EVENTS = {
    "messageStart": ChunkStream.message_start,
    "contentBlockStart": ChunkStream.block_start,
    "contentBlockDelta": ChunkStream.block_delta,
    "contentBlockStop": ChunkStream.block_stop,
    "messageStop": ChunkStream.message_stop,
    "metadata": ChunkStream.metadata,
}
