"""The content blocks of a streamed message, as the events that open, fill and close each."""

import json
from abc import abstractmethod

from router.dialects.anthropic_messages.reply import Reply, tool_name
from router.dialects.anthropic_messages.thinking import SHOWN, redacted_block, signature
from router.dialects.checks import Json
from router.sse import named_event

_quoted = json.JSONEncoder().encode


class Block:
    """One block. A type of them adds `empty`, and what takes in Converse's deltas."""

    def __init__(self, index: int, reply: Reply) -> None:
        self.index = index
        self.reply = reply

    def open(self) -> bytes:
        """The event that opens it."""
        return self._event("content_block_start", content_block=self.empty())

    @abstractmethod
    def empty(self) -> Json:
        """The block as it begins."""

    def close(self) -> bytes:
        """The event that closes it, behind what is still to be told."""
        return self._event("content_block_stop")

    def delta(self, kind: str, **members: object) -> bytes:
        """An event that adds to it."""
        return self._event("content_block_delta", delta={"type": kind, **members})

    def _event(self, kind: str, **members: object) -> bytes:
        return named_event(kind, {"type": kind, "index": self.index, **members})


class Text(Block):
    """Words, and citations of their sources."""

    def __init__(self, index: int, reply: Reply) -> None:
        super().__init__(index, reply)
        # Most events are of this kind, so their JSON is made once, but for the words.
        before, after = self.delta("text_delta", text="").decode().split('""')
        self._before, self._after = before, after

    def empty(self) -> Json:
        return {"type": "text", "text": ""}

    def write(self, piece: str) -> bytes:
        """What to send for more words."""
        return (self._before + _quoted(piece) + self._after).encode("ascii")

    def cite(self, citation: Json) -> bytes:
        """What to send for a source."""
        return self.delta("citations_delta", citation=citation)


class ToolUse(Block):
    """A tool call; its pieces put together are JSON, or nothing where the answer broke off."""

    def __init__(self, index: int, reply: Reply, tool_use: Json) -> None:
        super().__init__(index, reply)
        self._tool_use = tool_use
        self._silent = True

    def empty(self) -> Json:
        name = tool_name(self.reply, self._tool_use["name"])
        return {"type": "tool_use", "id": self._tool_use["toolUseId"], "name": name, "input": {}}

    def write(self, piece: str) -> bytes:
        """What to send for more of the input's JSON."""
        self._silent = False
        return self.delta("input_json_delta", partial_json=piece)

    def close(self) -> bytes:
        return (self.write("{}") if self._silent else b"") + super().close()


class Thinking(Block):
    """Reasoning. All of the signature comes in one event, as clients keep the last one they get."""

    def __init__(self, index: int, reply: Reply) -> None:
        super().__init__(index, reply)
        self._texts: list[str] = []
        self._signatures: list[str] = []

    def empty(self) -> Json:
        return {"type": "thinking", "thinking": "", "signature": ""}

    def write(self, piece: Json) -> bytes:
        """What to send for a piece with `text` or `signature`."""
        self._signatures.append(piece.get("signature", ""))
        thinking = piece.get("text", "")
        self._texts.append(thinking)
        if not thinking or self.reply.thinking != SHOWN:
            return b""
        return self.delta("thinking_delta", thinking=thinking)

    def close(self) -> bytes:
        signed = signature(
            "".join(self._texts),
            "".join(self._signatures),
            self.reply.family,
            self.reply.thinking,
        )
        return self.delta("signature_delta", signature=signed) + super().close()


class Redacted(Block):
    """Reasoning that the client is not to read, which is told at once."""

    def __init__(self, index: int, reply: Reply, data: str) -> None:
        super().__init__(index, reply)
        self._data = data

    def empty(self) -> Json:
        return redacted_block(self._data, self.reply.family)
