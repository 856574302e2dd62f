"""The Responses API through OpenAI's own Python SDK, against the local stack."""

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel

from tests.support.agent_task import (
    ANSWER,
    CALLS,
    CITIES,
    FORECAST_QUESTIONS,
    MODELS,
    QUESTION,
    WEATHER,
)
from tests.support.billing import billed_calls, billed_tokens
from tests.support.media import PDF_URL, PNG_URL
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack

MODEL = "claude-sonnet-5-5"
NATIVE = "gpt-6.1-sol"

TOOL: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
STATELESS: dict[str, Any] = {"store": False, "include": ["reasoning.encrypted_content"]}

Respond = Callable[..., Response]
"""The arguments of ``responses.create`` → the response, waited for or streamed."""


class Forecast(BaseModel):
    city: str
    degrees: int


@pytest.fixture(params=["waited for", "streamed"])
def respond(client: openai.OpenAI, request: pytest.FixtureRequest) -> Respond:
    def stream(**asked: Any) -> Response:
        with client.responses.stream(**asked) as stream:
            return stream.get_final_response()

    return stream if request.param == "streamed" else client.responses.create


def test_a_response_has_text_usage_and_the_model_asked_for(
    respond: Respond, stack: LocalStack
) -> None:
    with billed_calls(stack) as calls:
        response = respond(
            model=MODEL,
            instructions="Be brief.",
            input=f"Hi {order(say='Hello there')}",
            max_output_tokens=100,
        )
    assert response.output_text == "Hello there"
    assert response.status == "completed"
    assert response.model == MODEL
    assert response.usage
    assert (response.usage.input_tokens, response.usage.output_tokens) == billed_tokens(calls)


def test_a_response_cut_by_its_limit_is_incomplete(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "input": f"Hi {order(words=50)}"}
    response = client.responses.create(**asked, max_output_tokens=16)
    assert response.status == "incomplete"
    assert response.incomplete_details
    assert response.incomplete_details.reason == "max_output_tokens"
    *_, last = client.responses.create(**asked, max_output_tokens=16, stream=True)
    assert last.type == "response.incomplete"
    assert last.response.incomplete_details == response.incomplete_details
    assert last.response.output_text == response.output_text


def test_the_events_of_a_stream_are_numbered_and_in_order(client: openai.OpenAI) -> None:
    events = list(
        client.responses.create(model=MODEL, input=f"Hi {order(say='one two three')}", stream=True)
    )
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        *["response.output_text.delta"] * 3,
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))


@pytest.mark.parametrize("model", MODELS)
def test_an_agent_takes_every_step_of_a_task(
    respond: Respond, stack: LocalStack, model: str
) -> None:
    conversation: list[Any] = [{"role": "user", "content": QUESTION}]
    asked: list[str] = []
    with billed_calls(stack) as calls:
        while True:
            response = respond(model=model, input=conversation, tools=[TOOL], **STATELESS)
            conversation += response.output
            tool_calls = [item for item in response.output if item.type == "function_call"]
            if not tool_calls:
                break
            for call in tool_calls:
                city = json.loads(call.arguments)["city"]
                asked.append(city)
                conversation.append(
                    {
                        "type": "function_call_output",
                        "call_id": call.call_id,
                        "output": WEATHER[city],
                    }
                )
    assert response.output_text == ANSWER
    assert asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS


@pytest.mark.parametrize("model", MODELS)
def test_parallel_calls_are_told_apart_and_answered_together(respond: Respond, model: str) -> None:
    terms = {"model": model, "tools": [TOOL, {**TOOL, "name": "get_time"}], **STATELESS}
    question = {"role": "user", "content": "Use get_weather and call get_time."}
    output = respond(input=[question], **terms).output
    calls = [item for item in output if item.type == "function_call"]
    assert [call.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.call_id for call in calls}) == 2
    results = [
        {
            "type": "function_call_output",
            "call_id": call.call_id,
            "output": f"{call.name} says so",
        }
        for call in calls
    ]
    second = respond(input=[question, *output, *results], **terms)
    assert "get_weather says so get_time says so" in second.output_text


@pytest.mark.parametrize("model", MODELS)
def test_an_answer_is_parsed_into_a_type(client: openai.OpenAI, model: str) -> None:
    response = client.responses.parse(
        model=model, input=FORECAST_QUESTIONS[model], text_format=Forecast
    )
    assert isinstance(response.output_parsed, Forecast)


@pytest.mark.parametrize("model", MODELS)
def test_a_streamed_answer_is_parsed_into_a_type(client: openai.OpenAI, model: str) -> None:
    with client.responses.stream(
        model=model, input=FORECAST_QUESTIONS[model], text_format=Forecast
    ) as stream:
        response = stream.get_final_response()
    assert isinstance(response.output_parsed, Forecast)


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-sonnet-4-5", "gpt-oss-120b"])
def test_reasoning_is_told_and_taken_back(stack: LocalStack, respond: Respond, model: str) -> None:
    terms = {"model": model, "reasoning": {"effort": "high", "summary": "auto"}, **STATELESS}
    question = {"role": "user", "content": f"Why? {order(reasoning='Because of', say='Because.')}"}
    first = respond(input=[question], **terms)
    reasoning, message = first.output
    assert reasoning.type == "reasoning"
    assert reasoning.encrypted_content
    assert "".join(part.text for part in reasoning.summary) == "Because of"
    assert message.type == "message"
    said = {"role": "user", "content": f"Sure? {order(say='Yes.')}"}
    with billed_calls(stack) as calls:
        second = respond(input=[question, reasoning, message, said], **terms)
        respond(input=[question, message, said], **terms)
    assert second.output_text == "Yes."
    assert calls[0]["usage"]["input"] > calls[1]["usage"]["input"]


def test_a_custom_tool_takes_plain_text(respond: Respond) -> None:
    patch = "*** Begin Patch\n+hello"
    tool = {"type": "custom", "name": "apply_patch", "description": "Changes files"}
    question = {
        "role": "user",
        "content": f"Go {order(tool={'name': 'apply_patch', 'input': {'input': patch}})}",
    }
    first = respond(model=MODEL, input=[question], tools=[tool])
    (call,) = (item for item in first.output if item.type == "custom_tool_call")
    assert call.input == patch
    output = {
        "type": "custom_tool_call_output",
        "call_id": call.call_id,
        "output": f"Done. {order(say='Patched.')}",
    }
    second = respond(model=MODEL, input=[question, *first.output, output], tools=[tool])
    assert second.output_text == "Patched."


def test_an_image_and_a_file_are_read(respond: Respond) -> None:
    content = [
        {"type": "input_text", "text": f"What is this? {order(say='A pixel and a page.')}"},
        {"type": "input_image", "image_url": PNG_URL, "detail": "auto"},
        {"type": "input_file", "filename": "page.pdf", "file_data": PDF_URL},
    ]
    response = respond(model=MODEL, input=[{"role": "user", "content": content}])
    assert response.output_text == "A pixel and a page."


def test_a_conversation_goes_on_from_a_response_that_bedrock_keeps(
    client: openai.OpenAI, respond: Respond
) -> None:
    first = respond(model=NATIVE, input=f"Hi {order(say='Hello.')}", store=True)
    again = f"And? {order(say='Hello again.')}"
    second = respond(model=NATIVE, input=again, store=True, previous_response_id=first.id)
    assert second.output_text == "Hello again."
    assert client.responses.retrieve(first.id).output_text == "Hello."
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}, "tools[0].type"),
        ({"background": True}, "background"),
    ],
)
def test_what_a_stateless_router_cannot_do_is_refused_by_name(
    client: openai.OpenAI, stack: LocalStack, asked: dict[str, Any], param: str
) -> None:
    before = stack.bedrock_state()["requests"]
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input="Hi", **asked)
    assert caught.value.param == param
    assert stack.bedrock_state()["requests"] == before


@pytest.mark.parametrize(
    "directive",
    [
        {"words": 20, "exception": "throttlingException", "after": 5},
        {"words": 20, "cut_after": 5},
    ],
)
def test_a_fault_after_the_first_token_is_an_error_in_the_stream(
    client: openai.OpenAI, directive: dict[str, Any]
) -> None:
    stream = client.responses.create(model=MODEL, input=f"Hi {order(**directive)}", stream=True)
    heard: list[ResponseStreamEvent] = []
    with pytest.raises(openai.APIError):
        heard.extend(stream)
    deltas = [event.delta for event in heard if event.type == "response.output_text.delta"]
    assert "".join(deltas).startswith("word1 word2")
