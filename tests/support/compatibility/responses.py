"""What docs/compatibility.md asks of every model in Responses: one request per feature."""

from typing import Any

from tests.support.compatibility.probes import (
    CALL,
    CITIES,
    CITY,
    NOTES,
    SAY,
    THINK,
    Json,
    Probe,
    There,
    answers,
    calls_for_rome,
    calls_once,
    has_city,
    reasons,
    says,
)
from tests.support.media import PNG_URL

_TOOL = {"type": "function", "name": "get_weather", "parameters": CITY, "strict": False}
_RESULTS = [
    {"role": "user", "content": "The weather, twice?"},
    *(
        {
            "type": "function_call",
            "call_id": f"call_{number}",
            "name": "get_weather",
            "arguments": '{"city":"Rome"}',
        }
        for number in (1, 2)
    ),
    {"type": "function_call_output", "call_id": "call_1", "output": "4 °C"},
    {"type": "function_call_output", "call_id": "call_2", "output": "5 °C"},
]


def _item(*parts: Json) -> list[Json]:
    return [{"role": "user", "content": [{"type": "input_text", "text": SAY}, *parts]}]


def _responses(feature: str, there: There, *, refusal: tuple[str, ...] = (), **body: Any) -> Probe:
    return Probe(feature, {"input": SAY, **body}, there, refusal=refusal)


RESPONSES = (
    _responses("text", says("Hello")),
    _responses("streamed text", says("Hello"), stream=True),
    _responses("`instructions`", says("Hello"), instructions="Be brief."),
    _responses("`temperature`", says("Hello"), temperature=0.5),
    _responses(
        "images",
        says("Hello"),
        refusal=("image",),
        input=_item({"type": "input_image", "image_url": PNG_URL, "detail": "auto"}),
    ),
    _responses(
        "documents",
        says("Hello"),
        refusal=("document",),
        input=_item({"type": "input_file", "file_data": NOTES, "filename": "notes.md"}),
    ),
    _responses("function calls", calls_for_rome, input=CALL, tools=[_TOOL]),
    _responses("streamed function calls", calls_for_rome, input=CALL, tools=[_TOOL], stream=True),
    _responses("strict functions", calls_for_rome, input=CALL, tools=[_TOOL | {"strict": True}]),
    _responses(
        "`tool_choice` required", calls_once, input=CALL, tools=[_TOOL], tool_choice="required"
    ),
    _responses("parallel results", answers, input=_RESULTS, tools=[_TOOL]),
    _responses(
        "custom tools",
        lambda answer: list(answer.calls) == [("get_weather", "Rome")],
        input='Rome? <<sim {"tool": {"name": "get_weather", "input": {"input": "Rome"}}}>>',
        tools=[{"type": "custom", "name": "get_weather"}],
    ),
    _responses(
        "`text.format` json_schema",
        has_city,
        input=CITIES,
        text={"format": {"type": "json_schema", "name": "city", "schema": CITY, "strict": True}},
    ),
    _responses("`reasoning.effort`", answers, input=THINK, reasoning={"effort": "high"}),
    _responses(
        "`reasoning.summary`",
        reasons,
        input=THINK,
        reasoning={"effort": "high", "summary": "auto"},
    ),
    _responses(
        "`reasoning.encrypted_content`",
        lambda answer: bool(answer.sealed),
        input=THINK,
        reasoning={"effort": "high"},
        include=["reasoning.encrypted_content"],
        store=False,
    ),
    _responses("`service_tier` flex", says("Hello"), refusal=("tier",), service_tier="flex"),
    _responses("`store` true", says("Hello"), store=True),
    _responses("`web_search` and other hosted tools", answers, tools=[{"type": "web_search"}]),
    _responses("`background`", answers, background=True),
)
