"""Answers of bedrock-runtime's own OpenAI API: relayed with the client's name for the model and the cost.

Only what holds one of the two is written anew; the other events of a stream pass as they came. The
model is called by its id in every chunk of a chat completion, and in a response where it is repeated.
"""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from catalog.pricing import Usage
from ledger.money import to_usd

from router import usage
from router.dialects import shapes
from router.dialects.checks import Json, upstream_object
from router.dialects.openai_responses.answer import failed
from router.errors import ApiError
from router.http import Headers
from router.sse import KEEP_ALIVE, STREAM_HEADERS, SseEvent, data_event, named_event

_DONE = b"[DONE]"

_FINAL = frozenset({"response.completed", "response.incomplete", "response.failed"})

_POSITION = "call_"

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Reply(NamedTuple):
    """What relaying an answer takes to know of its request."""

    model: str
    """The client's own name for it."""
    cost: Callable[[Usage, str | None], int]
    """Picodollars for what was used in a service tier."""
    ids: str
    """What all ids that the router makes for it have in common."""
    include_usage: bool = False
    """A stream of chunks tells its usage."""


def whole(body: bytes, reply: Reply) -> Json:
    """A chat completion or a response that came whole. Raises `ApiError` for what is neither."""
    content = upstream_object(body)
    _tell(content, reply)
    for choice in _objects(content.get("choices")):
        message = choice.get("message")
        if isinstance(message, dict):
            _name_calls(message.get("tool_calls"), reply.ids)
    return content


def _tell(content: Json, reply: Reply) -> None:
    """Puts the client's name for the model and the cost in their places."""
    if "model" in content:
        content["model"] = reply.model
    used, tier = usage.from_openai(content)
    if used is not None:
        content["usage"]["cost"] = to_usd(reply.cost(used, tier))


def _objects(values: Any) -> Iterable[Json]:
    return [value for value in values or () if isinstance(value, dict)]


def _name_calls(calls: Any, ids: str) -> None:
    """Gives tool calls that are only numbered an id that no other turn's call has.

    Clients find a call's result by its id (seen of Grok 4.6 and 4.7 and GPT-5.6 by litellm).
    """
    for index, call in enumerate(_objects(calls)):
        call_id = call.get("id")
        if isinstance(call_id, str) and call_id.removeprefix(_POSITION).isdecimal():
            call["id"] = f"{_POSITION}{ids}{call.get('index', index)}"


class Relay:
    """Passes an answer's events on; see `router.dialects.dialect.Translator`."""

    def __init__(self, reply: Reply, headers: Headers) -> None:
        self.headers: Headers = [*STREAM_HEADERS, *headers]
        self._reply = reply
        self._complete = False
        self._told = False
        """Bedrock itself has told the client what went wrong."""

    def translate(self, events: list[SseEvent]) -> bytes:
        return b"".join([self._relay(event) if event.data else event.raw for event in events])

    def silence(self) -> bytes:
        return KEEP_ALIVE

    def end(self) -> bytes:
        if not self._complete:
            raise ApiError("bad_upstream", "Bedrock's answer ended before it was complete.")
        return b""

    def fail(self, error: ApiError) -> bytes:
        return b"" if self._told else self._failure(error)

    @abstractmethod
    def _relay(self, event: SseEvent) -> bytes:
        """What to send for an event that is no comment."""

    @abstractmethod
    def _failure(self, error: ApiError) -> bytes:
        """What ends a stream of whose fault Bedrock has said nothing."""


class ChunkRelay(Relay):
    """The chunks of a chat completion."""

    def _relay(self, event: SseEvent) -> bytes:
        if event.data == _DONE:
            self._complete = True
            return event.raw
        chunk = upstream_object(event.data)
        if "error" in chunk:
            self._told = True
            return event.raw
        _tell(chunk, self._reply)
        if not self._reply.include_usage and chunk.pop("usage", None) and not chunk.get("choices"):
            return b""
        for choice in _objects(chunk.get("choices")):
            delta = choice.get("delta")
            if isinstance(delta, dict):
                _name_calls(delta.get("tool_calls"), self._reply.ids)
        return _rewritten(event, chunk)

    def _failure(self, error: ApiError) -> bytes:
        return data_event(shapes.openai_error(error))


class ResponseRelay(Relay):
    """The events of a response."""

    def __init__(self, reply: Reply, headers: Headers) -> None:
        super().__init__(reply, headers)
        self._last: Json = {}
        self._response: Json = {}

    def _relay(self, event: SseEvent) -> bytes:
        if event.data == _DONE:
            return event.raw
        content = upstream_object(event.data)
        kind = content.get("type")
        if kind == "error":
            # Left to `fail`, which tells it in a way that more clients hear.
            return b""
        self._last = content
        found = content.get("response")
        if not isinstance(found, dict):
            return event.raw
        _tell(found, self._reply)
        self._response = found
        self._complete = self._complete or kind in _FINAL
        self._told = self._told or kind == "response.failed"
        return _rewritten(event, content)

    def _failure(self, error: ApiError) -> bytes:
        """Told as `router.dialects.openai_responses.stream.ResponseStream.fail` does, and why."""
        told = {"code": error.wire.openai_code, "message": error.message, "param": error.param}
        inner = {**told, "type": error.wire.openai_type}
        number = self._next_number()
        place = {"type": "error", "sequence_number": number}
        events = named_event("error", {**place, **told, "error": inner})
        if self._response:
            place = {"type": "response.failed", "sequence_number": number + 1}
            ending = failed(self._response, [], error)
            events += named_event("response.failed", {**place, "response": ending})
        return events

    def _next_number(self) -> int:
        number = self._last.get("sequence_number")
        return number + 1 if isinstance(number, int) else 0


def _rewritten(event: SseEvent, content: Json) -> bytes:
    # In ASCII, as a chunk may end between the halves of a surrogate pair.
    return event.raw.replace(event.data, _encode(content).encode("ascii"))
