"""What every client is made to ask of every kind of model: a task of several steps, and a typed answer.

The simulated model does what the last turn tells it, so the first tool result makes it call the tool once
more and the second one makes it answer.
"""

from typing import Any

from tests.support.simulated_bedrock import order

MODELS = {
    "claude-sonnet-5-5": "us.anthropic.claude-sonnet-5-5",
    "claude-haiku-4-5": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "nova-pro": "us.amazon.nova-pro-v1:0",
    "gpt-oss-120b": "openai.gpt-oss-120b-1:0",
    "gpt-6.1-sol": "us.openai.gpt-6.1-sol",
    "llama-3.3-70b": "us.meta.llama3-3-70b-instruct-v1:0",
}
"""A model of each kind that clients meet, by the router's name for it, and the id that is billed: a
Claude that cannot be made to call a tool, one that can, a Nova, two of OpenAI's, and one that streams
no tools."""


def _call(city: str) -> dict[str, Any]:
    return {"name": "get_weather", "input": {"city": city}}


CITIES = ["Rome", "Oslo"]
ANSWER = "Rome is the warmer one."
QUESTION = f"Which is warmer, Rome or Oslo? {order(tool=_call('Rome'))}"
WEATHER = {
    "Rome": f"18 degrees and sunny. {order(tool=_call('Oslo'))}",
    "Oslo": f"4 degrees and rain. {order(say=ANSWER)}",
}
"""What the tool ``get_weather`` answers for a city."""

CALLS = len(CITIES) + 1
"""How often the model is called until it answers."""

_FENCED_FORECAST = '```json\n{"city": "Rome", "degrees": 18}\n```'
_UNFORCED = ("claude-sonnet-5-5", "llama-3.3-70b")
FORECAST_QUESTIONS = dict.fromkeys(MODELS, "The weather in Rome?") | dict.fromkeys(
    _UNFORCED, f"The weather in Rome? {order(say=_FENCED_FORECAST)}"
)
"""What to ask each model for a forecast in JSON. One that can be held to no schema is told what to say,
and says it in a fence of Markdown, as such models do."""
