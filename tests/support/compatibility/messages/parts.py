"""What requests of the Messages probes are made of."""

from collections.abc import Mapping
from typing import Any

from tests.support.compatibility.probes import CITY, NO_HEADERS, SAY, Json, Probe, There

MARK: Json = {"type": "ephemeral"}
WEATHER: Json = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "input_schema": CITY,
}


def text(words: str, **members: Any) -> Json:
    """A text block."""
    return {"type": "text", "text": words, **members}


def user(*content: Json | str) -> Json:
    """A user's turn; words stand for a block of them."""
    return {"role": "user", "content": [text(x) if isinstance(x, str) else x for x in content]}


def assistant(*content: Json) -> Json:
    """A turn of the model's."""
    return {"role": "assistant", "content": list(content)}


def use(number: int = 1, name: str = "get_weather") -> Json:
    """A tool call."""
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {"city": "Rome"}}


def result(content: Any, number: int = 1, **members: Any) -> Json:
    """What a tool answered."""
    return {
        "type": "tool_result",
        "tool_use_id": f"toolu_{number}",
        "content": content,
        **members,
    }


def request(*messages: Json, **body: Any) -> Json:
    """A request's members beside `model`."""
    return {"max_tokens": 4000, "messages": list(messages) or [user(SAY)], **body}


def probe(
    feature: str,
    there: There,
    *messages: Json,
    reaches: tuple[str, ...] = (),
    refusal: tuple[str, ...] = (),
    headers: Mapping[str, str] = NO_HEADERS,
    **body: Any,
) -> Probe:
    """The probe of one request; see `Probe` for `reaches` and `refusal`."""
    asked = request(*messages, **body)
    return Probe(feature, asked, there, headers, reaches=reaches, refusal=refusal)
