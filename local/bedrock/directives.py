"""The order a prompt may hold for the simulated model: ``<<sim {"say": "hello"}>>``.

Anything in it that cannot be obeyed is refused, so that no test passes by a slip of the pen.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from local.bedrock.errors import MESSAGES, STATUSES, invalid

_OPENING = "<<sim "
_CLOSING = ">>"

STATUS_EXCEPTIONS = {
    STATUSES[name]: name for name in MESSAGES if name != "ModelStreamErrorException"
}
"""The exception that stands for a status."""


class Directive(NamedTuple):
    """What a prompt asks of the simulated model; a field that is None or 0 asks for nothing."""

    say: str | None = None
    words: int | None = None
    tool: dict[str, Any] | list[dict[str, Any]] | None = None
    """``{"name", "input"}``, or several; a call is answered when the tool is among the offered ones."""
    reasoning: str | None = None
    redacted: str | None = None
    """Reasoning that only the model can read again."""
    refusal: str | None = None
    """A Claude refuses: the category of the reason, "" for none."""
    stop_reason: str | None = None
    """Why a Claude says it stopped, be it known to anybody or not."""
    deltas: list[dict[str, Any]] | None = None
    """Deltas in the first block of a Claude's stream, whatever they are."""
    events: list[dict[str, Any]] | None = None
    """Events near the end of a Claude's stream, whatever they are."""
    hold_last: str | None = None
    """A gate: the last token of a stream, or a whole answer, waits until it opens."""
    delay_ms: float = 0
    """Between tokens."""
    silence_s: float = 0
    """A pause after `after` tokens."""
    throttle: int = 0
    """The first so many calls with this `id` are throttled."""
    id: str = ""
    status: int | None = None
    exception: str | None = None
    """An exception in the stream after `after` tokens; the answer itself to a call without stream."""
    after: int = 0
    cut_after: int | None = None
    """The connection breaks after so many tokens."""
    corrupt_after: int | None = None
    """The frame after so many tokens arrives damaged."""
    replay: str | None = None
    """The id of a recorded call, whose answer is given."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None


_TEXTS = {
    "say",
    "reasoning",
    "redacted",
    "refusal",
    "stop_reason",
    "hold_last",
    "id",
    "exception",
    "replay",
}
_NUMBERS = {"delay_ms", "silence_s"}
_MOST_WORDS = 100_000
_IN_STREAM = {
    "internalServerException",
    "modelStreamErrorException",
    "validationException",
    "throttlingException",
    "serviceUnavailableException",
    "modelTimeoutException",
}

NONE = Directive()

OF_CLAUDES = ("redacted", "refusal")
"""The orders that only a Claude follows."""
OF_MESSAGES = ("stop_reason", "deltas", "events")
"""Those it follows only where it answers in its own format."""
OF_STREAMS = ("deltas", "events")
"""Those it follows only in a stream."""


def find(texts: list[str]) -> tuple[Directive, list[str]]:
    """The last directive in the texts of a turn, and the texts without it."""
    for index in range(len(texts) - 1, -1, -1):
        start = texts[index].rfind(_OPENING)
        if start < 0:
            continue
        text = texts[index]
        try:
            order, end = json.JSONDecoder().raw_decode(text, start + len(_OPENING))
        except ValueError:
            raise _refusal("it is not JSON") from None
        if not text.startswith(_CLOSING, end):
            raise _refusal(f"{_CLOSING} is missing after the JSON")
        rest = text[:start] + text[end + len(_CLOSING) :]
        return _parse(order), [*texts[:index], rest, *texts[index + 1 :]]
    return NONE, texts


def check_followed(directive: Directive, words: Iterable[str], who: str) -> None:
    """Raises the refusal of an order that `who` does not follow."""
    for word in words:
        if getattr(directive, word) is not None:
            raise _refusal(f"{word!r} is nothing for {who}")


def _refusal(problem: str) -> Exception:
    return invalid(f"The directive to the simulated model cannot be followed: {problem}.")


def _parse(order: Any) -> Directive:
    if not isinstance(order, dict):
        raise _refusal("it is not an object")
    for name, value in order.items():
        if name not in Directive._fields:
            raise _refusal(f"{name!r} is none of its words")
        if not _fits(name, value):
            raise _refusal(f"{name!r} has the wrong value")
    return Directive(**order)


def _fits(name: str, value: Any) -> bool:
    if name == "tool":
        calls = value if isinstance(value, list) else [value]
        return bool(calls) and all(map(_is_call, calls))
    if name in OF_STREAMS:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)
    if name in _TEXTS:
        return isinstance(value, str) and (name != "exception" or value in _IN_STREAM)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if name in _NUMBERS:
        return 0 <= value < 10**6
    if name == "status":
        return value in STATUS_EXCEPTIONS
    if name == "words":
        return isinstance(value, int) and 0 < value <= _MOST_WORDS
    return isinstance(value, int) and 0 <= value < 10**12


def _is_call(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"name", "input"}
        and isinstance(value.get("name"), str)
        and isinstance(value.get("input", {}), dict)
    )
