"""A ConverseStream answer as chat completion chunks, and chunks as server-sent events."""

import json
from collections.abc import Mapping

from router.dialects.checks import Json
from router.dialects.openai_chat.answer import finish_reason, usage_object
from router.errors import ApiError

DONE = b"data: [DONE]\n\n"

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment, which every parser of server-sent events passes over."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


def sse(content: Json) -> bytes:
    """A chunk, or an error's envelope, as one server-sent event."""
    return b"data: %b\n\n" % _encode(content).encode("ascii")


class ChunkStream:
    """Turns the events of one answer into chunks, one by one.

    Converse numbers content blocks of every kind; OpenAI numbers tool calls alone, from zero and
    without gaps.
    """

    def __init__(
        self,
        *,
        completion_id: str,
        created: int,
        model: str,
        tool_names: Mapping[str, str],
        include_usage: bool,
    ) -> None:
        self.fault: ApiError | None = ApiError(
            "bad_upstream", "Bedrock's answer ended before it was complete."
        )
        """What is wrong with the answer as far as it has come; None when it is whole."""
        self._tool_names = tool_names
        self._include_usage = include_usage
        self._calls: dict[int, int] = {}
        """Content block index → tool call index."""
        self._silent: set[int] = set()
        """The content blocks that are tool calls without arguments so far."""
        self._envelope: Json = {
            "id": completion_id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
        }

    def feed(self, event_type: str, payload: Json) -> list[Json]:
        """The chunks that one event makes; none for an event that says nothing to the client."""
        reader = _EVENTS.get(event_type)
        return [] if reader is None else reader(self, payload)

    def message_start(self, payload: Json) -> list[Json]:
        return [self._chunk({"role": payload["role"], "content": "", "refusal": None})]

    def block_start(self, payload: Json) -> list[Json]:
        tool_use = payload["start"].get("toolUse")
        if tool_use is None:
            return []
        block = payload["contentBlockIndex"]
        self._silent.add(block)
        index = self._calls[block] = len(self._calls)
        name = tool_use["name"]
        return [
            self._chunk(
                {
                    "tool_calls": [
                        {
                            "index": index,
                            "id": tool_use["toolUseId"],
                            "type": "function",
                            "function": {
                                "name": self._tool_names.get(name, name),
                                "arguments": "",
                            },
                        }
                    ]
                }
            )
        ]

    def block_delta(self, payload: Json) -> list[Json]:
        delta = payload["delta"]
        if text := delta.get("text"):
            return [self._chunk({"content": text})]
        if "toolUse" in delta and (arguments := delta["toolUse"]["input"]):
            return [self._arguments(payload["contentBlockIndex"], arguments)]
        if "reasoningContent" in delta and (text := delta["reasoningContent"].get("text")):
            return [self._chunk({"reasoning_content": text})]
        return []

    def block_stop(self, payload: Json) -> list[Json]:
        # Clients parse a call's arguments as JSON, which nothing at all is not.
        block = payload["contentBlockIndex"]
        return [self._arguments(block, "{}")] if block in self._silent else []

    def message_stop(self, payload: Json) -> list[Json]:
        try:
            reason = finish_reason(payload["stopReason"])
        except ApiError as malformed:
            self.fault = malformed
            return []
        self.fault = None
        return [self._chunk({}, reason)]

    def metadata(self, payload: Json) -> list[Json]:
        if self.fault is not None or not self._include_usage:
            return []
        return [{**self._envelope, "choices": [], "usage": usage_object(payload.get("usage"))}]

    def _arguments(self, block: int, arguments: str) -> Json:
        self._silent.discard(block)
        call = {"index": self._calls[block], "function": {"arguments": arguments}}
        return self._chunk({"tool_calls": [call]})

    def _chunk(self, delta: Json, reason: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        chunk = {**self._envelope, "choices": [choice]}
        if self._include_usage:
            chunk["usage"] = None
        return chunk


_EVENTS = {
    "messageStart": ChunkStream.message_start,
    "contentBlockStart": ChunkStream.block_start,
    "contentBlockDelta": ChunkStream.block_delta,
    "contentBlockStop": ChunkStream.block_stop,
    "messageStop": ChunkStream.message_stop,
    "metadata": ChunkStream.metadata,
}
