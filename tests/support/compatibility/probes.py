"""What docs/compatibility.md asks of every model, in each protocol: one request per feature.

A probe is the request's own members beside `model`, and what has to be true of the answer for the
feature to count as there. Prompts hold orders for the simulated model (``<<sim {…}>>``).
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.support.compatibility.answers import Answer

Json = dict[str, Any]

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
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


class Probe(NamedTuple):
    """One feature in one protocol."""

    feature: str
    body: Json
    there: Callable[[Answer], bool]
    """Whether the answer shows the feature."""
    headers: Mapping[str, str] = MappingProxyType({})


def _says(text: str) -> Callable[[Answer], bool]:
    return lambda answer: answer.text == text


def _json(answer: Answer) -> bool:
    return isinstance(json.loads(answer.text), dict)


def _city(answer: Answer) -> bool:
    return isinstance(json.loads(answer.text)["city"], str)


def _calls(answer: Answer) -> bool:
    return [name for name, _ in answer.calls] == ["get_weather"]


def _rome(answer: Answer) -> bool:
    return list(answer.calls) == [("get_weather", {"city": "Rome"})]


def _reasons(answer: Answer) -> bool:
    # A GPT gives its reasoning in a form that only it can read.
    return bool(answer.reasoning or answer.sealed)


def _answers(answer: Answer) -> bool:
    return bool(answer.text)


# --- Chat Completions -----------------------------------------------------------------------------

_CHAT_FUNCTION = {"name": "get_weather", "parameters": CITY}
_CHAT_TOOL = {"type": "function", "function": _CHAT_FUNCTION}
_CHAT_CALL = {
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


def _chat(feature: str, there: Callable[[Answer], bool], **body: Any) -> Probe:
    headers = body.pop("headers", {})
    return Probe(feature, {"messages": _user(), **body}, there, headers)


CHAT = (
    _chat("text", _says("Hello")),
    _chat("streamed text", _says("Hello"), stream=True),
    _chat(
        "system and developer messages",
        _says("Hello"),
        messages=[{"role": "developer", "content": "Be brief."}, *_user()],
    ),
    _chat("`temperature`", _says("Hello"), temperature=0.5),
    _chat("`top_p`", _says("Hello"), top_p=0.5),
    _chat("`stop`", _says("Hello"), stop=["END"]),
    _chat("`seed`", _says("Hello"), seed=7),
    _chat("`frequency_penalty`", _says("Hello"), frequency_penalty=0.5),
    _chat("`top_k`", _says("Hello"), top_k=20),
    _chat(
        "images",
        _says("Hello"),
        messages=_user({"type": "image_url", "image_url": {"url": PIXEL}}),
    ),
    _chat(
        "documents",
        _says("Hello"),
        messages=_user({"type": "file", "file": {"file_data": NOTES, "filename": "notes.md"}}),
    ),
    _chat(
        "audio input",
        _says("Hello"),
        messages=_user({"type": "input_audio", "input_audio": {"data": TONE, "format": "wav"}}),
    ),
    _chat("tool calls", _rome, messages=_user(text=CALL), tools=[_CHAT_TOOL]),
    _chat("streamed tool calls", _rome, messages=_user(text=CALL), tools=[_CHAT_TOOL], stream=True),
    _chat(
        "strict tools",
        _rome,
        messages=_user(text=CALL),
        tools=[{"type": "function", "function": {**_CHAT_FUNCTION, "strict": True}}],
    ),
    _chat(
        "`tool_choice` required",
        _calls,
        messages=_user(text=CALL),
        tools=[_CHAT_TOOL],
        tool_choice="required",
    ),
    _chat(
        "`tool_choice` of one tool",
        _calls,
        messages=_user(text=CALL),
        tools=[_CHAT_TOOL],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
    ),
    _chat("`tool_choice` none", _says("Hello"), tools=[_CHAT_TOOL], tool_choice="none"),
    _chat(
        "`parallel_tool_calls` false",
        _rome,
        messages=_user(text=CALL),
        tools=[_CHAT_TOOL],
        parallel_tool_calls=False,
    ),
    _chat(
        "parallel tool results",
        _answers,
        messages=[
            *_user(text="The weather, twice?"),
            _CHAT_CALL,
            {"role": "tool", "tool_call_id": "call_1", "content": "4 °C"},
            {"role": "tool", "tool_call_id": "call_2", "content": "5 °C"},
        ],
        tools=[_CHAT_TOOL],
    ),
    _chat(
        "tool history without `tools`",
        _answers,
        messages=[
            *_user(text="The weather, twice?"),
            _CHAT_CALL,
            {"role": "tool", "tool_call_id": "call_1", "content": "4 °C"},
            {"role": "tool", "tool_call_id": "call_2", "content": "5 °C"},
            *_user(),
        ],
    ),
    _chat(
        "`response_format` json_object",
        _json,
        messages=_user(text=CITIES),
        response_format={"type": "json_object"},
    ),
    _chat(
        "`response_format` json_schema",
        _city,
        messages=_user(text=CITIES),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": CITY, "strict": True},
        },
    ),
    _chat("`reasoning_effort`", _answers, messages=_user(text=THINK), reasoning_effort="high"),
    _chat(
        "reasoning in the answer",
        _reasons,
        messages=_user(text=THINK),
        reasoning={"effort": "high"},
    ),
    _chat(
        "`cache_control`",
        _says("Hello"),
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
    _chat("`service_tier` flex", _says("Hello"), service_tier="flex"),
    _chat(
        "Guardrail headers",
        _says("Hello"),
        headers={
            "x-amzn-bedrock-guardrailidentifier": "simguardrail",
            "x-amzn-bedrock-guardrailversion": "1",
        },
    ),
    _chat("`logprobs`", _says("Hello"), logprobs=True),
    _chat("`n` above 1", _says("Hello"), n=2),
    _chat(
        "audio output",
        _says("Hello"),
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
    ),
)

# --- Responses ------------------------------------------------------------------------------------

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


def _responses(feature: str, there: Callable[[Answer], bool], **body: Any) -> Probe:
    return Probe(feature, {"input": SAY, **body}, there)


RESPONSES = (
    _responses("text", _says("Hello")),
    _responses("streamed text", _says("Hello"), stream=True),
    _responses("`instructions`", _says("Hello"), instructions="Be brief."),
    _responses("`temperature`", _says("Hello"), temperature=0.5),
    _responses(
        "images",
        _says("Hello"),
        input=_item({"type": "input_image", "image_url": PIXEL, "detail": "auto"}),
    ),
    _responses(
        "documents",
        _says("Hello"),
        input=_item({"type": "input_file", "file_data": NOTES, "filename": "notes.md"}),
    ),
    _responses("function calls", _rome, input=CALL, tools=[_TOOL]),
    _responses("streamed function calls", _rome, input=CALL, tools=[_TOOL], stream=True),
    _responses("strict functions", _rome, input=CALL, tools=[_TOOL | {"strict": True}]),
    _responses("`tool_choice` required", _calls, input=CALL, tools=[_TOOL], tool_choice="required"),
    _responses("parallel results", _answers, input=_RESULTS, tools=[_TOOL]),
    _responses(
        "custom tools",
        lambda answer: list(answer.calls) == [("get_weather", "Rome")],
        input='Rome? <<sim {"tool": {"name": "get_weather", "input": {"input": "Rome"}}}>>',
        tools=[{"type": "custom", "name": "get_weather"}],
    ),
    _responses(
        "`text.format` json_schema",
        _city,
        input=CITIES,
        text={"format": {"type": "json_schema", "name": "city", "schema": CITY, "strict": True}},
    ),
    _responses("`reasoning.effort`", _answers, input=THINK, reasoning={"effort": "high"}),
    _responses(
        "`reasoning.summary`",
        _reasons,
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
    _responses("`service_tier` flex", _says("Hello"), service_tier="flex"),
    _responses("`store` true", _says("Hello"), store=True),
    _responses("`web_search` and other hosted tools", _answers, tools=[{"type": "web_search"}]),
    _responses("`background`", _answers, background=True),
)

# --- Embeddings -----------------------------------------------------------------------------------


def _vectors(count: int) -> Callable[[Answer], bool]:
    return lambda answer: len(answer.vectors) == count and all(answer.vectors)


def _embeddings(feature: str, there: Callable[[Answer], bool], **body: Any) -> Probe:
    return Probe(feature, {"input": "A text.", **body}, there)


EMBEDDINGS = (
    _embeddings("one text", _vectors(1)),
    _embeddings("many texts", _vectors(3), input=["a", "b", "c"]),
    _embeddings("`encoding_format` base64", _vectors(1), encoding_format="base64"),
    _embeddings("`encoding_format` float", _vectors(1), encoding_format="float"),
    _embeddings(
        "`dimensions` 256", lambda answer: [len(v) for v in answer.vectors] == [256], dimensions=256
    ),
    _embeddings("token ids", _vectors(1), input=[[1, 2, 3]]),
)
