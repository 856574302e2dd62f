"""What a probe of docs/compatibility.md is, and what those of several protocols share.

    chat.py, responses.py, embeddings.py    the probes of each of OpenAI's protocols
    messages/                               those of Anthropic's, by groups

Prompts hold orders for the simulated model (``<<sim {…}>>``).
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from local.bedrock.guardrails import GUARDRAILS
from tests.support.compatibility.answers import Answer

Json = dict[str, Any]

There = Callable[[Answer], bool]
"""Whether an answer shows a feature."""

NOTES = "data:text/markdown;base64,IyBOb3Rlcw=="
TONE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

CITY: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
CALL = 'Rome? <<sim {"tool": {"name": "get_weather", "input": {"city": "Rome"}}}>>'
SAY = 'Hi <<sim {"say": "Hello"}>>'
CITIES = 'A city, in JSON. <<sim {"say": "{\\"city\\": \\"Rome\\"}"}>>'
THINK = '17 times 23? <<sim {"say": "391", "reasoning": "Multiply."}>>'

_GUARDRAIL = GUARDRAILS["simguardrail1"]
GUARDRAIL = {
    "x-amzn-bedrock-guardrailidentifier": _GUARDRAIL.id,
    "x-amzn-bedrock-guardrailversion": "1",
}
"""Headers."""
GUARDED = f"A {_GUARDRAIL.word}? {SAY}"
"""What that guardrail blocks."""
BLOCKED = _GUARDRAIL.for_input


NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Probe(NamedTuple):
    """One feature in one protocol."""

    feature: str
    body: Json
    """The request's members beside `model`."""
    there: There
    headers: Mapping[str, str] = NO_HEADERS
    reaches: tuple[str, ...] = ()
    """Bedrock has to be sent one of these, in a header or the body, where they are any."""
    refusal: tuple[str, ...] = ()
    """A refusal that has no `param` has to say one of these."""
    path: str = ""
    """Behind the protocol's own."""
    counts: bool = False
    """Asks for a count of tokens, which may be an estimate."""
    then: Callable[[list[Json]], Json] | None = None
    """Makes the body of a second request, which is then the one that counts, of the answer's content."""


def says(text: str) -> There:
    return lambda answer: answer.text == text


def is_json(answer: Answer) -> bool:
    return isinstance(json.loads(answer.text), dict)


def has_city(answer: Answer) -> bool:
    return isinstance(json.loads(answer.text)["city"], str)


def calls_once(answer: Answer) -> bool:
    return [name for name, _ in answer.calls] == ["get_weather"]


def calls_for_rome(answer: Answer) -> bool:
    return list(answer.calls) == [("get_weather", {"city": "Rome"})]


def reasons(answer: Answer) -> bool:
    # A GPT gives its reasoning in a form that only it can read.
    return bool(answer.reasoning or answer.sealed)


def answers(answer: Answer) -> bool:
    return bool(answer.text)
