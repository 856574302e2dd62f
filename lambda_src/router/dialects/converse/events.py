"""A whole Converse answer as the events it would have come in as a stream.

For clients that want a stream of a model that gives none: some do not while they are offered tools.
"""

from collections.abc import Iterable, Iterator

from router.dialects.checks import Json
from router.dialects.converse.tools import compact_json
from router.errors import ApiError

Event = tuple[str, Json]
"""The event's type and its payload."""

_BESIDE_MESSAGE = ("usage", "metrics", "trace", "performanceConfig", "serviceTier")


def content_of(answer: Json) -> tuple[list[Json], str]:
    """The content blocks and the stop reason of a whole answer. Raises `ApiError`."""
    try:
        return answer["output"]["message"]["content"], answer["stopReason"]
    except (KeyError, TypeError):
        raise ApiError("bad_upstream", "Bedrock's answer holds no message.") from None


def events_of(answer: Json) -> Iterator[Event]:
    """The events of a ConverseStream answer that says the same. Raises `ApiError`."""
    content, stop_reason = content_of(answer)
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(content):
        place = {"contentBlockIndex": index}
        if "toolUse" in block:
            start = {name: block["toolUse"][name] for name in ("toolUseId", "name")}
            yield "contentBlockStart", {**place, "start": {"toolUse": start}}
        for delta in _deltas(block):
            yield "contentBlockDelta", {**place, "delta": delta}
        yield "contentBlockStop", place
    told = ("additionalModelResponseFields",)
    yield "messageStop", {"stopReason": stop_reason, **_members(answer, told)}
    yield "metadata", _members(answer, _BESIDE_MESSAGE)


def _members(answer: Json, names: Iterable[str]) -> Json:
    return {name: answer[name] for name in names if name in answer}


def _deltas(block: Json) -> Iterator[Json]:
    if "text" in block:
        yield {"text": block["text"]}
    elif "toolUse" in block:
        yield {"toolUse": {"input": compact_json(block["toolUse"].get("input") or {})}}
    elif "reasoningContent" in block:
        reasoning = block["reasoningContent"]
        for name, value in reasoning.get("reasoningText", reasoning).items():
            yield {"reasoningContent": {name: value}}
    elif "citationsContent" in block:
        for generated in block["citationsContent"].get("content", ()):
            yield {"text": generated["text"]}
        for citation in block["citationsContent"].get("citations", ()):
            yield {"citation": citation}
