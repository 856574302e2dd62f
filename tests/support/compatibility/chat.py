"""What docs/compatibility.md asks of every model in Chat Completions: one request per feature."""

from collections.abc import Mapping
from typing import Any

from tests.support.compatibility.probes import (
    BLOCKED,
    CALL,
    CITIES,
    CITY,
    GUARDED,
    GUARDRAIL,
    NO_HEADERS,
    NOTES,
    SAY,
    THINK,
    TONE,
    Json,
    Probe,
    There,
    answers,
    calls_for_rome,
    calls_once,
    has_city,
    is_json,
    reasons,
    says,
)
from tests.support.media import PNG_URL

_FUNCTION = {"name": "get_weather", "parameters": CITY}
_TOOL = {"type": "function", "function": _FUNCTION}
_CALLS = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'},
        }
        for number in (1, 2)
    ],
}


def _user(*parts: Json, text: str = SAY) -> list[Json]:
    content: Any = [{"type": "text", "text": text}, *parts] if parts else text
    return [{"role": "user", "content": content}]


def _chat(
    feature: str,
    there: There,
    *,
    headers: Mapping[str, str] = NO_HEADERS,
    refusal: tuple[str, ...] = (),
    **body: Any,
) -> Probe:
    return Probe(feature, {"messages": _user(), **body}, there, headers, refusal=refusal)


CHAT = (
    _chat("text", says("Hello")),
    _chat("streamed text", says("Hello"), stream=True),
    _chat(
        "system and developer messages",
        says("Hello"),
        messages=[{"role": "developer", "content": "Be brief."}, *_user()],
    ),
    _chat("`temperature`", says("Hello"), temperature=0.5),
    _chat("`top_p`", says("Hello"), top_p=0.5),
    _chat("`stop`", says("Hello"), stop=["END"]),
    _chat("`seed`", says("Hello"), seed=7),
    _chat("`frequency_penalty`", says("Hello"), frequency_penalty=0.5),
    _chat("`top_k`", says("Hello"), top_k=20),
    _chat(
        "images",
        says("Hello"),
        refusal=("image",),
        messages=_user({"type": "image_url", "image_url": {"url": PNG_URL}}),
    ),
    _chat(
        "documents",
        says("Hello"),
        refusal=("document",),
        messages=_user({"type": "file", "file": {"file_data": NOTES, "filename": "notes.md"}}),
    ),
    _chat(
        "audio input",
        says("Hello"),
        refusal=("audio",),
        messages=_user({"type": "input_audio", "input_audio": {"data": TONE, "format": "wav"}}),
    ),
    _chat("tool calls", calls_for_rome, messages=_user(text=CALL), tools=[_TOOL]),
    _chat(
        "streamed tool calls", calls_for_rome, messages=_user(text=CALL), tools=[_TOOL], stream=True
    ),
    _chat(
        "strict tools",
        calls_for_rome,
        messages=_user(text=CALL),
        tools=[{"type": "function", "function": {**_FUNCTION, "strict": True}}],
    ),
    _chat(
        "`tool_choice` required",
        calls_once,
        messages=_user(text=CALL),
        tools=[_TOOL],
        tool_choice="required",
    ),
    _chat(
        "`tool_choice` of one tool",
        calls_once,
        messages=_user(text=CALL),
        tools=[_TOOL],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
    ),
    _chat("`tool_choice` none", says("Hello"), tools=[_TOOL], tool_choice="none"),
    _chat(
        "`parallel_tool_calls` false",
        calls_for_rome,
        messages=_user(text=CALL),
        tools=[_TOOL],
        parallel_tool_calls=False,
    ),
    _chat(
        "parallel tool results",
        answers,
        messages=[
            *_user(text="The weather, twice?"),
            _CALLS,
            {"role": "tool", "tool_call_id": "call_1", "content": "4 °C"},
            {"role": "tool", "tool_call_id": "call_2", "content": "5 °C"},
        ],
        tools=[_TOOL],
    ),
    _chat(
        "tool history without `tools`",
        answers,
        messages=[
            *_user(text="The weather, twice?"),
            _CALLS,
            {"role": "tool", "tool_call_id": "call_1", "content": "4 °C"},
            {"role": "tool", "tool_call_id": "call_2", "content": "5 °C"},
            *_user(),
        ],
    ),
    _chat(
        "`response_format` json_object",
        is_json,
        messages=_user(text=CITIES),
        response_format={"type": "json_object"},
    ),
    _chat(
        "`response_format` json_schema",
        has_city,
        messages=_user(text=CITIES),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": CITY, "strict": True},
        },
    ),
    _chat("`reasoning_effort`", answers, messages=_user(text=THINK), reasoning_effort="high"),
    _chat(
        "reasoning in the answer",
        reasons,
        messages=_user(text=THINK),
        reasoning={"effort": "high"},
    ),
    _chat(
        "`cache_control`",
        says("Hello"),
        messages=[
            {
                "role": "system",
                "content": [
                    {
                        "type": "text",
                        "text": "Be brief.",
                        "cache_control": {"type": "ephemeral"},
                    }
                ],
            },
            *_user(),
        ],
    ),
    _chat("`service_tier` flex", says("Hello"), refusal=("tier",), service_tier="flex"),
    _chat(
        "Guardrail headers",
        says(BLOCKED),
        messages=_user(text=GUARDED),
        headers=GUARDRAIL,
    ),
    _chat("`logprobs`", says("Hello"), logprobs=True),
    _chat("`n` above 1", says("Hello"), n=2),
    _chat(
        "audio output",
        says("Hello"),
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
    ),
)
