"""Thinking, effort and the form of the answer."""

from typing import Any

from router.dialects.converse.replay import seal as sealed

from local.bedrock.seals import redact
from tests.support.compatibility.answers import Answer
from tests.support.compatibility.messages.parts import (
    WEATHER,
    assistant,
    probe,
    request,
    result,
    text,
    user,
)
from tests.support.compatibility.probes import (
    CITIES,
    CITY,
    SAY,
    THINK,
    Json,
    Probe,
    answers,
    calls_once,
    has_city,
    says,
)

_BUDGETED: Json = {"type": "enabled", "budget_tokens": 1024}
_ADAPTIVE: Json = {"type": "adaptive"}
_SHOWN: Json = {"type": "adaptive", "display": "summarized"}
_CALL = (
    'Rome? <<sim {"reasoning": "Multiply.",'
    ' "tool": {"name": "get_weather", "input": {"city": "Rome"}}}>>'
)
_OF_ANOTHER = sealed([{"reasoningContent": {"reasoningText": {"text": ""}}}], "magistral")
_FORM: Json = {"type": "json_schema", "schema": CITY}
_IN_FORM = ("additionalProperties",)
"""What only the schema of that form has of all that such a request holds."""
_NOW: Json = {"name": "now", "description": "The time.", "input_schema": {"type": "object"}}


def _thinks(feature: str, there: Any, thinking: Json, **body: Any) -> Probe:
    return probe(
        feature, there, user(THINK), thinking=thinking, refusal=("thinking", "reason"), **body
    )


def _thinks_first(answer: Answer) -> bool:
    """Whether it has cost more than the one token of its text: some show no thinking unless asked to."""
    return answer.text == "391" and answer.usage["output_tokens"] > 1


def _shows(answer: Answer) -> bool:
    # GPT and Grok give theirs in a form that only they can read.
    return bool(answer.reasoning or answer.redacted)


def _hidden(answer: Answer) -> bool:
    return _thinks_first(answer) and not answer.reasoning


def _answers_at_once(answer: Answer) -> bool:
    return answer.text == "Hello" and answer.usage["output_tokens"] == 1


def _replayed(content: list[Json]) -> Json:
    """The request after a tool call, whose thinking goes back with it."""
    (call,) = (block for block in content if block["type"] == "tool_use")
    rain = result("It rains.") | {"tool_use_id": call["id"]}
    messages = (user(_CALL), assistant(*content), user(rain, SAY))
    return request(*messages, thinking=_SHOWN, tools=[WEATHER])


def _earlier(feature: str, block: Json, *reaches: str) -> Probe:
    """The probe of a block of thinking in the conversation that is not from this model."""
    messages = (user("Hi"), assistant(block, text("Hello.")), user(SAY))
    return probe(feature, says("Hello"), *messages, reaches=reaches)


THINKING = (
    _thinks("`thinking` enabled", _thinks_first, _BUDGETED),
    _thinks("`thinking` adaptive", _thinks_first, _ADAPTIVE),
    probe("`thinking` disabled", _answers_at_once, thinking={"type": "disabled"}),
    _thinks("`display` summarized", _shows, _SHOWN),
    _thinks("streamed thinking", _shows, _SHOWN, stream=True),
    _thinks("`display` omitted", _hidden, {"type": "adaptive", "display": "omitted"}),
    Probe(
        "thinking replayed after a tool call",
        request(user(_CALL), thinking=_SHOWN, tools=[WEATHER]),
        says("Hello"),
        refusal=("tool",),
        # In the order to the simulated model its quotes are escaped.
        reaches=(':"Multiply."', '"redactedContent":"'),
        then=_replayed,
    ),
    probe(
        "`thinking` beside a forced tool",
        lambda answer: calls_once(answer) and _shows(answer),
        user(_CALL),
        thinking=_SHOWN,
        tools=[WEATHER],
        tool_choice={"type": "any"},
        refusal=("tool",),
    ),
    _earlier(
        "a Claude's `redacted_thinking`",
        {"type": "redacted_thinking", "data": redact("Hm.")},
        redact("Hm."),
    ),
    _earlier(
        "thinking of another model",
        {"type": "thinking", "thinking": "It may rain.", "signature": _OF_ANOTHER},
        "It may rain.",
    ),
    _earlier(
        "thinking without a signature",
        {"type": "thinking", "thinking": "It may rain.", "signature": ""},
        "It may rain.",
    ),
    probe(
        "`output_config.effort`",
        answers,
        user(THINK),
        output_config={"effort": "high"},
        reaches=('"high"',),
    ),
    probe(
        "`output_config.format`",
        has_city,
        user(CITIES),
        output_config={"format": _FORM},
        reaches=_IN_FORM,
    ),
    probe(
        "`output_config.format`, streamed",
        has_city,
        user(CITIES),
        output_config={"format": _FORM},
        reaches=_IN_FORM,
        stream=True,
    ),
    probe(
        "`output_config.format` beside tools",
        has_city,
        user(CITIES),
        output_config={"format": _FORM},
        reaches=_IN_FORM,
        tools=[_NOW],
        refusal=("tool",),
    ),
    probe("`output_format`", has_city, user(CITIES), output_format=_FORM, reaches=_IN_FORM),
    probe(
        "`output_config.task_budget`",
        answers,
        output_config={"task_budget": {"type": "tokens", "total": 20_000}},
        reaches=("task_budget",),
    ),
)
