"""Reading an answer that `structured.py` asked for: whole, and event by event.

Either way, what comes out is an answer whose text is the JSON, as if the model could do it by itself.
"""

import json

from router.dialects.checks import Json
from router.dialects.converse.fences import Unfencer

Event = tuple[str, Json]
"""The type and the payload of a stream's event."""

AS_TEXT = "json as text"
"""In place of a tool's name, and fit for none: the answer is text that may come in a fence."""

MEMBER = "value"
WRAPPER = "json_answer_in_value"
"""How the names of the tools begin whose input holds the answer as its one member, `MEMBER`."""

_MALFORMED = "malformed_model_output"
"""The stop reason of a model whose output Bedrock could not read either."""


def unwrap_answer(answer: Json, tool: str) -> Json:
    """A whole Converse answer with the call of `tool` turned into text."""
    message, stop = answer["output"]["message"], answer["stopReason"]
    if tool == AS_TEXT:
        content = [_unfenced(block) for block in message["content"]]
    else:
        content, stop = _answered(message["content"], tool, stop)
    message = {**message, "content": content}
    return {**answer, "stopReason": stop, "output": {**answer["output"], "message": message}}


def _answered(blocks: list[Json], tool: str, stop: str) -> tuple[list[Json], str]:
    """The content and the stop reason of an answer that may call `tool`."""
    names = [block["toolUse"]["name"] for block in blocks if "toolUse" in block]
    if not names:
        return [_unfenced(block) for block in blocks], stop
    if tool not in names:
        return blocks, stop
    content: list[Json] = []
    answered = False
    others = any(name != tool for name in names)
    stop = _stop_reason(stop, others=others)
    for block in blocks:
        if "text" in block and (answered or names[0] == tool):
            continue
        if not _calls(block, tool):
            content.append(block)
        elif not answered:
            answered = True
            given = block["toolUse"].get("input", {})
            if not tool.startswith(WRAPPER):
                content.append({"text": _compact(given)})
            elif MEMBER in given:
                content.append({"text": _compact(given[MEMBER])})
            elif stop == "end_turn":
                stop = _MALFORMED
    return content, stop


class Unwrapper:
    """Does to the events of a stream what `unwrap_answer` does to a whole answer.

    The answer is passed on piece by piece. What may turn out to be no part of it is held back: text
    before the call of the tool, and text before a fence.
    """

    def __init__(self, tool: str) -> None:
        self._events = _TextEvents() if tool == AS_TEXT else _ToolEvents(tool)

    def feed(self, event_type: str, payload: Json) -> list[Event]:
        """The events to pass on for one event, ``(event type, payload)`` each."""
        return self._events.feed(event_type, payload)


class _TextEvents:
    """The events of an answer whose text may come in a fence."""

    def __init__(self) -> None:
        self._open: dict[int, Unfencer] = {}
        """By the index of the text's content block."""

    def feed(self, event_type: str, payload: Json) -> list[Event]:
        """As `Unwrapper.feed`."""
        index = payload.get("contentBlockIndex", 0)
        if event_type == "contentBlockDelta" and "text" in payload["delta"]:
            unfencer = self._open.setdefault(index, Unfencer())
            return _text(index, unfencer.feed(payload["delta"]["text"]))
        if event_type == "contentBlockStop" and index in self._open:
            return [*_text(index, self._open.pop(index).finish()), (event_type, payload)]
        return [(event_type, payload)]


class _ToolEvents:
    """The events of an answer that is the input of a tool."""

    def __init__(self, tool: str) -> None:
        self._tool = tool
        self._member = _MemberReader() if tool.startswith(WRAPPER) else None
        self._answer: int | None = None
        """The content block that calls the tool."""
        self._empty = True
        """Nothing of the answer has come yet."""
        self._others = False
        """Another tool is called."""
        self._held: list[Event] = []
        self._dropped: set[int] = set()
        """Content blocks to be left out: further calls of the tool, and text behind the first."""

    def feed(self, event_type: str, payload: Json) -> list[Event]:
        """As `Unwrapper.feed`."""
        if event_type == "contentBlockStart" and "toolUse" in payload["start"]:
            return self._tool_start(payload)
        if event_type in {"contentBlockDelta", "contentBlockStop"}:
            return self._content(event_type, payload)
        if event_type == "messageStop":
            return self._message_stop(payload)
        return [(event_type, payload)]

    def _tool_start(self, payload: Json) -> list[Event]:
        index = payload["contentBlockIndex"]
        if payload["start"]["toolUse"]["name"] != self._tool:
            self._others = True
            return [*self._release(), ("contentBlockStart", payload)]
        if self._answer is None:
            self._answer = index
            self._held = []
        else:
            self._dropped.add(index)
        return []

    def _content(self, event_type: str, payload: Json) -> list[Event]:
        index = payload["contentBlockIndex"]
        if index == self._answer:
            return self._answer_part(event_type, payload)
        if self._answer is not None and "text" in payload.get("delta", {}):
            self._dropped.add(index)
        if index in self._dropped:
            return []
        if self._answer is None and not self._others and self._is_text(index, payload):
            self._held.append((event_type, payload))
            return []
        return [(event_type, payload)]

    def _is_text(self, index: int, payload: Json) -> bool:
        ends_held = bool(self._held) and self._held[-1][1]["contentBlockIndex"] == index
        return ends_held or "text" in payload.get("delta", {})

    def _answer_part(self, event_type: str, payload: Json) -> list[Event]:
        index = payload["contentBlockIndex"]
        if event_type == "contentBlockStop":
            no_input = self._empty and self._member is None
            return [*_text(index, "{}" if no_input else ""), (event_type, payload)]
        piece = payload["delta"].get("toolUse", {}).get("input", "")
        if self._member is not None:
            piece = self._member.feed(piece)
        self._empty = self._empty and not piece
        return _text(index, piece)

    def _message_stop(self, payload: Json) -> list[Event]:
        if self._answer is not None:
            stop = _stop_reason(payload["stopReason"], others=self._others)
            if self._empty and self._member is not None and stop == "end_turn":
                stop = _MALFORMED
            return [*self._release(), ("messageStop", {**payload, "stopReason": stop})]
        # Without any call the answer is in the text after all.
        texts = _TextEvents()
        held = [event for one in self._release() for event in texts.feed(*one)]
        return [*held, ("messageStop", payload)]

    def _release(self) -> list[Event]:
        released, self._held = self._held, []
        return released


class _MemberReader:
    """Takes in the text of a JSON object in pieces and gives out that of its `MEMBER`."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._key = ""
        self._in_value = False

    def feed(self, piece: str) -> str:
        """What the piece holds of the member's own text."""
        return "".join(char for char in piece if self._belongs(char))

    def _belongs(self, char: str) -> bool:
        if self._in_string:
            self._in_string = self._escaped or char != '"'
            self._escaped = char == "\\" and not self._escaped
        elif self._moves_on(char):
            return False
        if self._in_value:
            return self._key.strip() == f'"{MEMBER}"'
        self._key += char
        return False

    def _moves_on(self, char: str) -> bool:
        """Whether a character outside strings is the object's own: brace, colon or comma."""
        if char == '"':
            self._in_string = True
        elif char in "{[":
            self._depth += 1
            return self._depth == 1
        elif char in "}]":
            self._depth -= 1
            return self._depth < 1
        elif self._depth == 1 and char in ":,":
            self._in_value = char == ":"
            self._key = self._key if self._in_value else ""
            return True
        return False


def _unfenced(block: Json) -> Json:
    if "text" not in block:
        return block
    unfencer = Unfencer()
    return {"text": unfencer.feed(block["text"]) + unfencer.finish()}


def _calls(block: Json, tool: str) -> bool:
    return "toolUse" in block and block["toolUse"]["name"] == tool


def _stop_reason(stop: str, *, others: bool) -> str:
    return "end_turn" if stop == "tool_use" and not others else stop


def _text(index: int, text: str) -> list[Event]:
    delta = {"contentBlockIndex": index, "delta": {"text": text}}
    return [("contentBlockDelta", delta)] if text else []


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
